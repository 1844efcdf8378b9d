/**
 * What the `omnifs auth` commands share.
 *
 * @module
 */
import { messageOf } from "../base/errors.ts";
import type { Auth, CredentialWords, KnownCredential, OpenAuth } from "../control/auth.ts";
import { ControlClient } from "../control/client.ts";
import { credentialDir, findDaemons } from "../control/places.ts";
import { type ArgumentSpec, type Context, flag, type OptionSpec, text } from "./command.ts";
import { titleOf } from "./daemons.ts";
import { printable } from "./output.ts";

/** Values of {@linkcode PLACE_OPTIONS}. */
export interface PlaceValues {
  /** The credential's name. */
  readonly credential: string | undefined;
  /** The address of the API. */
  readonly url: string | undefined;
  /** Where it may be sent. */
  readonly host: string | undefined;
  /** True to store it without asking whose it is. */
  readonly unchecked: boolean;
}

/** Options of every command that stores a credential. */
export const PLACE_OPTIONS: { readonly [Key in keyof PlaceValues]: OptionSpec<PlaceValues[Key]> } = {
  credential: text("--credential <name>", "its name, for a provider that is not bundled"),
  url: text("--url <address>", "the API's address, such as https://ghe.example.com/api/v3"),
  host: text(
    "--host <host>",
    "where it may be sent, as the provider asks for it; the API's host where not given",
  ),
  unchecked: flag("--unchecked", "store it without asking whose it is"),
};

/** The argument that says whose credential it is. */
export const MOUNT_ARGUMENT: ArgumentSpec = {
  form: "[mount]",
  summary: "the mount name of the provider; github where it is missing",
  values: "mount",
};

/** Which credential the words mean. */
export function wordsOf({ words }: Context, { credential, url, host }: PlaceValues): CredentialWords {
  return { mount: words[0] ?? "github", credential, url, host };
}

/** Does `work` with the credentials of this user. */
export async function withAuth<Value>(
  context: Context,
  work: (auth: Auth) => Promise<Value>,
): Promise<Value> {
  const { openAuth }: { openAuth: OpenAuth } = await import("../auth.ts");
  const { environment } = context;
  const auth = openAuth({ environment, credentialDir: credentialDir(environment) });
  try {
    return await work(auth);
  } finally {
    auth.close();
  }
}

/** Has every daemon ask for its credentials anew; none crosses the socket. */
export async function tellDaemons(context: Context): Promise<void> {
  for (const daemon of await findDaemons(context.environment)) {
    try {
      await new ControlClient(daemon.socketPath).reloadCredentials(context.signal);
    } catch (error) {
      context.err.line(
        `omnifs: ${printable(titleOf(daemon))} goes on with what it has: ${printable(messageOf(error))}`,
      );
    }
  }
}

/** Prints what was stored. */
export function announce({ out, format }: Context, stored: KnownCredential): void {
  if (format === "json") return out.document(stored);
  if (format === "jsonl") return out.line(JSON.stringify(stored));
  const { account, scopes, kept } = stored;
  const whose = account === undefined ? "stored, unasked whose it is" : `logged in as ${printable(account)}`;
  out.line(`${whose}: ${titled(stored)}${scopes === undefined ? "" : `, may ${scopesText(scopes)}`}`);
  if (kept === "plain") {
    out.line("  no keyring is here to seal it: it is kept in a file that only you can read");
  }
}

/** `GITHUB_TOKEN for /github at api.github.com`. */
export function titled({ name, mount, target }: KnownCredential): string {
  return printable(`${name} for /${mount} at ${target}`);
}

/** What a token may do, for people. */
export function scopesText(scopes: readonly string[]): string {
  return scopes.length === 0 ? "read what is public" : printable(scopes.join(", "));
}
