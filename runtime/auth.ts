/**
 * Logging in, and what is known of credentials, for the command line.
 *
 * @module
 */
import { systemClock } from "./base/clock.ts";
import { messageOf, OmnifsError } from "./base/errors.ts";
import type {
  Auth,
  AuthOptions,
  CredentialWords,
  KnownCredential,
  StoreOptions,
  TokenOrigin,
} from "./control/auth.ts";
import {
  accountOf,
  askHelper,
  CredentialStore,
  deviceToken,
  Keyrings,
  OwnClient,
  sendable,
  serviceOf,
  SERVICES,
  type StoredCredential,
  targetOf,
} from "./egress/mod.ts";

/** A credential's place, and where to ask about it. */
interface Place {
  readonly mount: string;
  readonly name: string;
  readonly target: string;
  readonly api?: string;
}

/** Opens the credentials of this user; nothing is read yet. */
export function openAuth(options: AuthOptions): Auth {
  return new Accounts(options);
}

class Accounts implements Auth {
  readonly #environment: AuthOptions["environment"];
  readonly #store: CredentialStore;
  readonly #client = new OwnClient(systemClock);

  constructor({ environment, credentialDir: dir }: AuthOptions) {
    this.#environment = environment;
    const keyrings = new Keyrings({ environment, clock: systemClock });
    this.#store = new CredentialStore({ dir, keyrings, clock: systemClock });
  }

  async login(
    words: CredentialWords,
    origin: TokenOrigin,
    { check, signal }: StoreOptions,
  ): Promise<KnownCredential> {
    const place = placeOf(words);
    const { name, api } = place;
    const secret = sendable(name, await this.#token(origin, place, signal));
    if (secret === "") throw new OmnifsError("invalid", `no ${name} was given: it is empty`);
    const asked = check && api !== undefined;
    const account = asked ? await accountOf(this.#client, api, { name, secret }, signal) : undefined;
    return known(await this.#store.save({ ...place, ...account }, secret));
  }

  async logout(mount: string | undefined, credential: string | undefined): Promise<KnownCredential[]> {
    const removed = await this.#store.remove((each) =>
      (mount === undefined || each.mount === mount) && (credential === undefined || each.name === credential)
    );
    return removed.map(known);
  }

  async status(check: boolean, signal: AbortSignal): Promise<KnownCredential[]> {
    const stored = (await this.#store.list()).map(known);
    const all = [...Object.keys(SERVICES).flatMap((mount) => this.#fromEnvironment(mount)), ...stored];
    return check ? await Promise.all(all.map((each) => this.#checked(each, signal))) : all;
  }

  close(): void {
    this.#client.close();
  }

  #fromEnvironment(mount: string): KnownCredential[] {
    const place = placeOf({ mount, credential: undefined, url: undefined, host: undefined });
    return this.#environment(place.name)?.trim() ? [{ ...place, source: "environment" }] : [];
  }

  async #checked(each: KnownCredential, signal: AbortSignal): Promise<KnownCredential> {
    const { name, api } = each;
    try {
      const secret = each.source === "store" ? await this.#store.find(each) : this.#environment(name)?.trim();
      if (api === undefined || secret === undefined) return each;
      return { ...each, ...await accountOf(this.#client, api, { name, secret }, signal) };
    } catch (error) {
      if (signal.aborted) throw error;
      return { ...each, problem: messageOf(error) };
    }
  }

  async #token(origin: TokenOrigin, place: Place, signal: AbortSignal): Promise<string> {
    switch (origin.kind) {
      case "token":
        return origin.token;
      case "environment":
        return this.#environment(origin.name) ?? "";
      case "file":
        return (await contents(origin.path)).split("\n", 1)[0] ?? "";
      case "command": {
        const host = { environment: this.#environment, clock: systemClock };
        return await askHelper(host, origin.command ?? ghCommand(place), place.target) ?? "";
      }
      case "device":
        return await deviceToken(this.#client, systemClock, { ...origin, web: webOf(place), signal });
    }
  }
}

/** @throws {OmnifsError} `invalid` where the words do not say enough */
function placeOf({ mount, credential, url, host }: CredentialWords): Place {
  const service = Object.hasOwn(SERVICES, mount) ? SERVICES[mount] : undefined;
  const name = credential ?? service?.credential;
  if (name === undefined) {
    throw new OmnifsError("invalid", `which credential is it that ${mount} asks for?`, {
      mend: `--credential NAME, as the provider calls it (omnifs provider inspect, or omnifs status)`,
    });
  }
  const api = url ?? (service?.credential === name && host === undefined ? service.api : undefined);
  const target = host ?? (api === undefined ? undefined : targetOf(api));
  if (target !== undefined) return { mount, name, target, ...(api === undefined ? {} : { api }) };
  throw new OmnifsError("invalid", `where may ${name} of ${mount} be sent?`, {
    mend: "--url ADDRESS-OF-THE-API, or --host HOST as the provider asks for it",
  });
}

/** The website that belongs to an API: GitHub's own, or the host of an Enterprise Server (or of a stand-in). */
function webOf({ api, name }: Place): string {
  if (api === undefined || serviceOf(name) !== "github") {
    throw new OmnifsError("unsupported", `there is no device flow for ${name}`, {
      mend: "omnifs auth login",
    });
  }
  const { origin } = new URL(api);
  return origin === SERVICES["github"]?.api ? "https://github.com" : origin;
}

/** What prints GitHub's token where GitHub's own command line is there. */
function ghCommand({ api, name }: Place): string {
  if (serviceOf(name) !== "github") {
    throw new OmnifsError("invalid", `where is ${name}?`, { mend: "--command, --env or --file" });
  }
  const host = api === undefined || api === SERVICES["github"]?.api ? "" : ` --hostname ${targetOf(api)}`;
  return `gh auth token${host}`;
}

async function contents(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new OmnifsError("invalid", `no token could be read from ${path}: ${messageOf(error)}`, { path });
  }
}

function known({ keyring, ...stored }: StoredCredential): KnownCredential {
  return { ...stored, source: "store", kept: keyring === undefined ? "plain" : "sealed" };
}
