/**
 * The only home of secrets. A credential comes in, is attached to a request, and never comes out again: there
 * is no method that answers one, and printing the object shows `[redacted]`.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { OmnifsError } from "../base/errors.ts";
import type { Need } from "./callout.ts";

/** What stands in a text where a secret stood. */
const REDACTED = "[redacted]";

/** Secrets shorter than this are not looked for in bodies, where they would match by chance. */
const LEAST_MASKED = 8;

/** How many secrets that were replaced are still looked for: an answer to an older request may hold one. */
const RETIRED_KEPT = 8;

/** How a credential stands in `authorization`; by its name. Everything else is a bearer token (RFC 6750, 2.1). */
const SCHEMES: Readonly<Record<string, (secret: string) => string>> = {
  // An API key of Linear stands bare, and its OAuth tokens do not (https://linear.app/developers/graphql).
  LINEAR_API_KEY: (secret) => secret.startsWith("lin_oauth_") ? `Bearer ${secret}` : secret,
};

/** What is known of the service behind a bundled provider. */
export interface Service {
  /** The one credential that the bundled provider may have without being told. */
  readonly credential: string;
  /** Where its API is unless a setting says otherwise. */
  readonly api: string;
  /** The name of the secret by which it signs what it delivers to the webhook receiver. */
  readonly webhook: string;
}

/** By the name of the bundled provider. */
export const SERVICES: Readonly<Record<string, Service>> = {
  github: {
    credential: "GITHUB_TOKEN",
    api: "https://api.github.com",
    webhook: "GITHUB_WEBHOOK_SECRET",
  },
  linear: {
    credential: "LINEAR_API_KEY",
    api: "https://api.linear.app",
    webhook: "LINEAR_WEBHOOK_SECRET",
  },
};

/** The name of the secret of any other provider's webhook. */
export const WEBHOOK_SECRET = "WEBHOOK_SECRET";

/** Where a credential is wanted: two mounts, or two targets of one, may each have a secret of their own. */
export interface Wanted {
  /** The mount name of the provider whose requests it is for. */
  readonly mount: string;
  /** Its name, as the manifest has it: `GITHUB_TOKEN`. */
  readonly name: string;
  /** The target of the need that names it, as the manifest has it: `api.github.com`. */
  readonly target: string;
}

const ASTERISK = 0x2a;

/** Holds secrets by mount, name and target. */
export class Credentials {
  readonly #secrets = new Map<string, string>();
  readonly #serials = new Map<string, number>();
  readonly #webhooks = new Map<string, readonly string[]>();
  #retired: string[] = [];

  /**
   * Takes a secret in, in place of an earlier one; white space around it is dropped, and an empty one is none.
   * True where it differs from what was there.
   *
   * @throws OmnifsError `invalid` where it cannot stand in a header; the message does not hold it.
   */
  store(wanted: Wanted, secret: string): boolean {
    const bare = sendable(wanted.name, secret);
    const key = keyOf(wanted);
    const before = this.#secrets.get(key);
    if (before === (bare === "" ? undefined : bare)) return false;
    if (before !== undefined) this.#retired = [...this.#retired, before].slice(-RETIRED_KEPT);
    if (bare === "") this.#secrets.delete(key);
    else this.#secrets.set(key, bare);
    return true;
  }

  /** Takes in the secrets by which deliveries to `mount` may be signed, in place of those before. */
  storeWebhook(mount: string, secrets: readonly string[]): void {
    this.#webhooks.set(mount, secrets.filter((secret) => secret !== ""));
  }

  /** True where deliveries to `mount` can be verified. */
  hasWebhook(mount: string): boolean {
    return (this.#webhooks.get(mount) ?? []).length > 0;
  }

  /** True where `signature` is the HMAC-SHA256 of `body` under a secret of the webhook of `mount`; takes equally long for any. */
  vouches(mount: string, body: Uint8Array, signature: Uint8Array): boolean {
    let right = false;
    for (const secret of this.#webhooks.get(mount) ?? []) {
      const own = createHmac("sha256", secret).update(body).digest();
      if (own.length === signature.length && timingSafeEqual(own, signature)) right = true;
    }
    return right;
  }

  /** `body` signed as the upstream of `mount` would, in hexadecimal; undefined where there is no secret. */
  signature(mount: string, body: Uint8Array): string | undefined {
    const [secret] = this.#webhooks.get(mount) ?? [];
    return secret === undefined ? undefined : createHmac("sha256", secret).update(body).digest("hex");
  }

  /** True where there is one. */
  has(wanted: Wanted): boolean {
    return this.#secrets.has(keyOf(wanted));
  }

  /**
   * Puts the credential that `need` of `mount` names into `headers`. Answers a number that stands for the secret,
   * another one for each, so that rate limits can be kept apart; undefined where there is none to attach.
   */
  attach(headers: Headers, mount: string, need: Need): number | undefined {
    const { credential: name, target } = need;
    const secret = name === undefined ? undefined : this.#secrets.get(keyOf({ mount, name, target }));
    if (name === undefined || secret === undefined) return undefined;
    const scheme = SCHEMES[name] ?? ((token: string) => `Bearer ${token}`);
    headers.set("authorization", scheme(secret));
    return this.#serialOf(secret);
  }

  /** `text` with `[redacted]` wherever a secret stood: as it is or percent-encoded, in either case (as in a host). */
  readonly redact = (text: string): string => {
    let clean = text;
    for (const secret of this.#known()) {
      for (const spelled of new Set([secret, encodeURIComponent(secret)])) {
        clean = clean.replace(new RegExp(RegExp.escape(spelled), "gi"), REDACTED);
      }
    }
    return clean;
  };

  /** Overwrites every secret in `bytes` with asterisks, in place: a body keeps its length. */
  mask(bytes: Uint8Array): void {
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const secret of this.#known()) {
      if (secret.length < LEAST_MASKED) continue;
      for (let at = view.indexOf(secret, 0, "latin1"); at >= 0; at = view.indexOf(secret, at, "latin1")) {
        view.fill(ASTERISK, at, at + secret.length);
      }
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#secrets.clear();
    this.#serials.clear();
    this.#webhooks.clear();
    this.#retired = [];
  }

  /** What printing shows. */
  toString(): string {
    return REDACTED;
  }

  /** What `JSON.stringify` shows. */
  toJSON(): string {
    return REDACTED;
  }

  /** What `console.log` shows. */
  [Symbol.for("Deno.customInspect")](): string {
    return REDACTED;
  }

  /** What `node:util` shows. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return REDACTED;
  }

  #known(): Set<string> {
    return new Set([...this.#secrets.values(), ...[...this.#webhooks.values()].flat(), ...this.#retired]);
  }

  #serialOf(secret: string): number {
    const known = this.#serials.get(secret) ?? this.#serials.size + 1;
    this.#serials.set(secret, known);
    return known;
  }
}

/**
 * `secret` without the white space around it.
 *
 * @throws OmnifsError `invalid` where it cannot stand in a header; the message holds its name alone
 */
export function sendable(name: string, secret: string): string {
  const bare = secret.trim();
  if (/^[\x20-\x7e]*$/.test(bare)) return bare;
  throw new OmnifsError("invalid", `${name}: holds a line break or a character outside ASCII`, {
    mend: `set ${name} to the token alone`,
  });
}

function keyOf({ mount, name, target }: Wanted): string {
  return JSON.stringify([mount, name, target]);
}
