/**
 * What the `omnifs auth` commands ask of the runtime: plain data, so that the command line need not load it to say it.
 *
 * @module
 */
import type { Environment } from "./places.ts";

/** Which credential, as the words on the command line have it. */
export interface CredentialWords {
  /** The mount name, or that of a bundled provider. */
  readonly mount: string;
  /** Its name; the one that the bundled provider is known for where it is missing. */
  readonly credential: string | undefined;
  /** The address of the API; that of the bundled provider's service where it is missing. */
  readonly url: string | undefined;
  /** Where it may be sent, as the provider asks for it; the host of the API where it is missing. */
  readonly host: string | undefined;
}

/** Where a token comes from. */
export type TokenOrigin =
  /** It is here. */
  | { readonly kind: "token"; readonly token: string }
  /** A command prints it; for GitHub `gh auth token` where the command is missing. */
  | { readonly kind: "command"; readonly command: string | undefined }
  /** A variable holds it. */
  | { readonly kind: "environment"; readonly name: string }
  /** The first line of a file is it. */
  | { readonly kind: "file"; readonly path: string }
  /** The device flow brings it. */
  | {
    readonly kind: "device";
    readonly clientId: string;
    readonly scopes: readonly string[];
    readonly show: (prompt: { readonly userCode: string; readonly verificationUri: string }) => void;
  };

/** A credential that is known, without its secret. */
export interface KnownCredential {
  /** The mount that it is for. */
  readonly mount: string;
  /** Its name, such as `GITHUB_TOKEN`. */
  readonly name: string;
  /** Where it may be sent. */
  readonly target: string;
  /** The address of the API that says whose it is; unknown where it is missing. */
  readonly api?: string;
  /** Where it is. */
  readonly source: "environment" | "store";
  /** How the store keeps it: by the key in a keyring, or as it is in a file that only its owner can read. */
  readonly kept?: "sealed" | "plain";
  /** Whose it is, as the upstream said. */
  readonly account?: string;
  /** What it may do, as the upstream said. */
  readonly scopes?: readonly string[];
  /** Milliseconds since the Unix epoch. */
  readonly storedAt?: number;
  /** What is wrong with it. */
  readonly problem?: string;
}

/** How to store. */
export interface StoreOptions {
  /** True to ask the upstream whose it is before it is stored. */
  readonly check: boolean;
  /** Gives up. */
  readonly signal: AbortSignal;
}

/** The credentials of this user. Every method rejects with an `OmnifsError`. */
export interface Auth {
  /** Gets a token, asks whose it is, and stores it. */
  login(words: CredentialWords, origin: TokenOrigin, options: StoreOptions): Promise<KnownCredential>;
  /** Removes what is stored under a mount name, or all of it; answers what that was. */
  logout(mount: string | undefined, credential: string | undefined): Promise<KnownCredential[]>;
  /** Every credential that the environment or the store has; with `check`, asked whose it is. */
  status(check: boolean, signal: AbortSignal): Promise<KnownCredential[]>;
  /** Closes every connection. */
  close(): void;
}

/** What {@linkcode Auth} stands on. */
export interface AuthOptions {
  /** The environment. */
  readonly environment: Environment;
  /** The folder of the store. */
  readonly credentialDir: string;
}

/** What `runtime/auth.ts` exports. */
export type OpenAuth = (options: AuthOptions) => Auth;
