/**
 * The only home of secrets. A credential comes in, is attached to a request, and never comes out again: there
 * is no method that answers one, and printing the object shows `[redacted]`.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { OmnifsError } from "../base/errors.ts";
import type { Need } from "./callout.ts";

/** What stands in a text where a secret stood. */
const REDACTED = "[redacted]";

/** Secrets shorter than this are not looked for in bodies, where they would match by chance. */
const LEAST_MASKED = 8;

/** How a credential stands in `authorization`; by its name. Everything else is a bearer token (RFC 6750, 2.1). */
const SCHEMES: Readonly<Record<string, (secret: string) => string>> = {
  // An API key of Linear stands bare; its OAuth tokens would be Bearer (https://linear.app/developers/graphql).
  LINEAR_API_KEY: (secret) => secret,
};

const ASTERISK = 0x2a;

/** Holds secrets by name. */
export class Credentials {
  readonly #secrets = new Map<string, string>();

  /**
   * Takes a secret in, in place of an earlier one; white space around it is dropped, and an empty one is none.
   *
   * @throws OmnifsError `invalid` where it cannot stand in a header; the message does not hold it.
   */
  store(name: string, secret: string): void {
    const bare = secret.trim();
    if (!/^[\x20-\x7e]*$/.test(bare)) {
      throw new OmnifsError("invalid", `${name}: holds a line break or a character outside ASCII`, {
        mend: `set ${name} to the token alone`,
      });
    }
    if (bare === "") this.#secrets.delete(name);
    else this.#secrets.set(name, bare);
  }

  /** True where there is one of that name. */
  has(name: string): boolean {
    return this.#secrets.has(name);
  }

  /** Puts the credential that `need` names into `headers`; false where it names none, or there is none. */
  attach(headers: Headers, need: Need): boolean {
    const secret = need.credential === undefined ? undefined : this.#secrets.get(need.credential);
    if (need.credential === undefined || secret === undefined) return false;
    const scheme = SCHEMES[need.credential] ?? ((token: string) => `Bearer ${token}`);
    headers.set("authorization", scheme(secret));
    return true;
  }

  /** `text` with `[redacted]` wherever a secret stood: as it is or percent-encoded, in either case (as in a host). */
  readonly redact = (text: string): string => {
    let clean = text;
    for (const secret of this.#secrets.values()) {
      for (const spelled of new Set([secret, encodeURIComponent(secret)])) {
        clean = clean.replace(new RegExp(RegExp.escape(spelled), "gi"), REDACTED);
      }
    }
    return clean;
  };

  /** Overwrites every secret in `bytes` with asterisks, in place: a body keeps its length. */
  mask(bytes: Uint8Array): void {
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const secret of this.#secrets.values()) {
      if (secret.length < LEAST_MASKED) continue;
      for (let at = view.indexOf(secret, 0, "latin1"); at >= 0; at = view.indexOf(secret, at, "latin1")) {
        view.fill(ASTERISK, at, at + secret.length);
      }
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#secrets.clear();
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
}
