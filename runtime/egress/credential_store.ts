/**
 * Credentials that outlive a command: one file that only its owner can read, in a folder that only its owner can
 * enter. Each secret is sealed (AES-256-GCM) where a keyring keeps a key for it, and stands plain otherwise.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Clock } from "../base/clock.ts";
import { messageOf, OmnifsError } from "../base/errors.ts";
import { withFileLock } from "../base/file_lock.ts";
import type { Wanted } from "./credentials.ts";
import { parsePattern, patternText } from "./pattern.ts";
import { KEYRING_NAMES, type KeyringName, type Keyrings } from "./keyring.ts";

/** What is known of a stored credential; all but its secret. */
export interface StoredCredential extends Wanted {
  /** The address of the API that says whose it is. */
  readonly api?: string;
  /** Whose it is, as the upstream said when it was stored; undefined where it was not asked. */
  readonly account?: string;
  /** What it may do, in the upstream's words; undefined where the upstream did not say. */
  readonly scopes?: readonly string[];
  /** Milliseconds since the Unix epoch. */
  readonly storedAt: number;
  /** The keyring that keeps the key of its seal; undefined where it stands plain. */
  readonly keyring?: KeyringName;
}

type Secret = { readonly plain: string } | { readonly iv: string; readonly sealed: string };

interface Entry extends StoredCredential {
  readonly secret: Secret;
}

/** What a store stands on. */
export interface StoreParts {
  /** Its folder; made where it is missing. */
  readonly dir: string;
  /** Where keys are. */
  readonly keyrings: Keyrings;
  /** The time. */
  readonly clock: Clock;
}

/** Counts up with every change of the file's format. */
const VERSION = 1;

/** Bytes of the nonce of AES-GCM (NIST SP 800-38D, 5.2.1.1). */
const NONCE_BYTES = 12;

/** The file store. Every method rejects with `denied` where somebody else could read the file. */
export class CredentialStore {
  readonly #parts: StoreParts;
  readonly #path: string;

  /** The store in a folder; nothing is read yet. */
  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.#path = `${parts.dir}/credentials.json`;
  }

  /** Every credential, without its secret. */
  async list(): Promise<StoredCredential[]> {
    return (await this.#read()).map(described);
  }

  /**
   * The secret for `wanted`: the one stored under its mount, or under `alias`. It has to have been stored for the very
   * same target, so a setting that moves a provider to another server does not take the secret along.
   *
   * @throws {OmnifsError} `unavailable` where it is sealed and its key is gone
   */
  async find(wanted: Wanted, alias?: string): Promise<string | undefined> {
    const entries = await this.#read();
    const entry = entries.find((each) => isFor(each, wanted)) ??
      (alias === undefined ? undefined : entries.find((each) => isFor(each, { ...wanted, mount: alias })));
    return entry === undefined ? undefined : await this.#opened(entry);
  }

  /** Stores a secret in place of an earlier one for the same. */
  async save(
    known: Omit<StoredCredential, "storedAt" | "keyring">,
    secret: string,
  ): Promise<StoredCredential> {
    const entry = await this.#sealed({ ...known, storedAt: this.#parts.clock.now() }, secret);
    await this.#change((entries) => [...entries.filter((each) => !isFor(each, known)), entry]);
    return described(entry);
  }

  /** Removes what `chosen` chooses, and answers it. */
  async remove(chosen: (stored: StoredCredential) => boolean): Promise<StoredCredential[]> {
    let removed: Entry[] = [];
    await this.#change((entries) => {
      removed = entries.filter(chosen);
      return entries.filter((entry) => !removed.includes(entry));
    });
    return removed.map(described);
  }

  async #sealed(stored: StoredCredential, secret: string): Promise<Entry> {
    const keyring = await this.#parts.keyrings.open();
    if (keyring === undefined) return { ...stored, secret: { plain: secret } };
    const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const bytes = new TextEncoder().encode(secret);
    const sealed = await crypto.subtle.encrypt(sealOf(iv, stored), keyring.key, bytes);
    return { ...stored, keyring: keyring.name, secret: { iv: encoded(iv), sealed: encoded(sealed) } };
  }

  async #opened(entry: Entry): Promise<string> {
    const { secret, keyring } = entry;
    if ("plain" in secret) return secret.plain;
    const key = keyring === undefined ? undefined : await this.#parts.keyrings.key(keyring);
    try {
      if (key === undefined) throw new Error(`its key is not in the ${keyring} keyring any more`);
      const plain = await crypto.subtle.decrypt(
        sealOf(decoded(secret.iv), entry),
        key,
        decoded(secret.sealed),
      );
      return new TextDecoder().decode(plain);
    } catch (error) {
      // A failed decryption says nothing in its message: the key is another, or the file was changed.
      const why = messageOf(error) || "its seal is broken";
      throw new OmnifsError("unavailable", `the stored ${entry.name} cannot be opened: ${why}`, {
        mend: `omnifs auth login ${entry.mount}`,
      });
    }
  }

  async #change(change: (entries: Entry[]) => Entry[]): Promise<void> {
    await Deno.mkdir(this.#parts.dir, { recursive: true, mode: 0o700 });
    await withFileLock(`${this.#path}.lock`, async () => {
      const entries = change(await this.#read());
      const path = `${this.#path}.new`;
      await Deno.remove(path).catch(() => {});
      const text = JSON.stringify({ version: VERSION, entries }, null, 2);
      await Deno.writeTextFile(path, `${text}\n`, { createNew: true, mode: 0o600 });
      await Deno.rename(path, this.#path);
    });
  }

  async #read(): Promise<Entry[]> {
    const text = await this.#text();
    if (text === undefined) return [];
    try {
      const document: unknown = JSON.parse(text);
      if (isRecord(document) && document["version"] === VERSION && Array.isArray(document["entries"])) {
        return document["entries"].filter(isEntry);
      }
    } catch {
      // The parser's message would quote the text.
    }
    throw new OmnifsError("invalid", "the credential store is of another version, or is damaged", {
      path: this.#path,
      mend: `rm ${this.#path}, then omnifs auth login`,
    });
  }

  /** The file's text, where nobody else could have read or written it; undefined where there is no file. */
  async #text(): Promise<string | undefined> {
    try {
      const { dir } = this.#parts;
      refuse(dir, 0o700, await Deno.lstat(dir), "directory");
      const link = await Deno.lstat(this.#path);
      using file = await Deno.open(this.#path);
      // Both: what the name is, which may be a link, and what was opened.
      for (const info of [link, await file.stat()]) refuse(this.#path, 0o600, info, "file");
      return await new Response(file.readable).text();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }
}

/** @throws {OmnifsError} `denied` where `info` is of another kind or owner, or open to others */
function refuse(path: string, mode: number, info: Deno.FileInfo, kind: "file" | "directory"): void {
  const right = kind === "file" ? info.isFile : info.isDirectory;
  const why = !right
    ? `it is no ${kind}`
    : info.uid !== Deno.uid()
    ? "it belongs to another user"
    : ((info.mode ?? 0) & 0o077) !== 0
    ? "others may open it"
    : undefined;
  if (why === undefined) return;
  throw new OmnifsError("denied", `the credential store is not used: ${path}: ${why}`, {
    path,
    mend: why === "others may open it"
      ? `chmod ${mode.toString(8)} ${path}; what is in it may have been read`
      : `move ${path} away`,
  });
}

/** Bound to what it is for, so that an entry that was moved to another host does not open. */
function sealOf(iv: Uint8Array<ArrayBuffer>, { mount, name, target }: Wanted): AesGcmParams {
  const additionalData = new TextEncoder().encode(JSON.stringify([mount, name, target]));
  return { name: "AES-GCM", iv, additionalData };
}

function isFor(entry: Wanted, { mount, name, target }: Wanted): boolean {
  return entry.mount === mount && entry.name === name && normal(entry.target) === normal(target);
}

/** Two spellings of a host are one host. */
function normal(target: string): string {
  const pattern = parsePattern(target);
  return pattern.kind === "wrong" ? target : patternText(pattern);
}

function described({ secret: _, ...stored }: Entry): StoredCredential {
  return stored;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEntry(value: unknown): value is Entry {
  if (!isRecord(value) || !isRecord(value["secret"])) return false;
  const { mount, name, target, api, storedAt, keyring, account, scopes, secret } = value;
  return [mount, name, target].every((text) => typeof text === "string") && typeof storedAt === "number" &&
    (api === undefined || typeof api === "string") &&
    (account === undefined || typeof account === "string") &&
    (scopes === undefined || Array.isArray(scopes)) &&
    (keyring === undefined || KEYRING_NAMES.some((known) => known === keyring)) &&
    (typeof secret["plain"] === "string" ||
      (typeof secret["iv"] === "string" && typeof secret["sealed"] === "string"));
}

function encoded(bytes: ArrayBuffer | Uint8Array): string {
  return Buffer.from(new Uint8Array(bytes)).toString("base64");
}

function decoded(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, "base64"));
}
