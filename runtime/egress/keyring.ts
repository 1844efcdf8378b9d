/**
 * The key of the credential store, in a keyring: the desktop's by `secret-tool` (libsecret), or the kernel's by
 * `keyctl` (keyutils). Only the key is there; the store's file holds what it seals.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { type ProgramHost, runProgram } from "./program.ts";

/** Names of keyrings, in the order in which they are tried. The kernel's forgets at the next start of the machine. */
export const KEYRING_NAMES = ["desktop", "kernel"] as const;

/** One of {@linkcode KEYRING_NAMES}. */
export type KeyringName = typeof KEYRING_NAMES[number];

/** Says which keyring to use; one of {@linkcode KEYRING_NAMES}, or `none`. */
const CHOICE = "OMNIFS_KEYRING";

/** Bytes of a key of AES-256. */
const KEY_BYTES = 32;

/** Milliseconds between a question and giving a keyring up. */
const DEADLINE = 30_000;

const LABEL = "omnifs credential store";
const ATTRIBUTES = ["application", "omnifs", "purpose", "credential-store"];

/** How a keyring's program is spoken to. Each answers undefined where the program, or the key, is not there. */
interface Tool {
  read(host: ProgramHost): Promise<string | undefined>;
  write(host: ProgramHost, key: string): Promise<void>;
}

const TOOLS: Readonly<Record<KeyringName, Tool>> = {
  desktop: {
    read: (host) => printed(host, "secret-tool", ["lookup", ...ATTRIBUTES]),
    async write(host, key) {
      await printed(host, "secret-tool", ["store", `--label=${LABEL}`, ...ATTRIBUTES], key);
    },
  },
  kernel: {
    async read(host) {
      const id = await printed(host, "keyctl", ["search", "@u", "user", LABEL]);
      return id === undefined ? undefined : await printed(host, "keyctl", ["pipe", id]);
    },
    async write(host, key) {
      await printed(host, "keyctl", ["padd", "user", LABEL, "@u"], key);
    },
  },
};

/** Finds the store's key. */
export class Keyrings {
  readonly #host: ProgramHost;

  /** Runs the programs by `host`; nothing is run yet. */
  constructor(host: ProgramHost) {
    this.#host = { deadline: DEADLINE, ...host };
  }

  /** The key that is in the keyring `name`; undefined where there is none. */
  async key(name: KeyringName): Promise<CryptoKey | undefined> {
    return await imported(await this.#quietly(() => TOOLS[name].read(this.#host)));
  }

  /** A keyring that holds a key, which is put there where it is missing; undefined where no keyring keeps one. */
  async open(): Promise<{ readonly name: KeyringName; readonly key: CryptoKey } | undefined> {
    const choice = this.#host.environment(CHOICE);
    for (const name of KEYRING_NAMES.filter((each) => choice === undefined || choice === each)) {
      const key = await this.key(name) ?? await this.#make(name);
      if (key !== undefined) return { name, key };
    }
    return undefined;
  }

  /** Puts a new key in, and takes it out again to see that it was kept. */
  async #make(name: KeyringName): Promise<CryptoKey | undefined> {
    const key = Buffer.from(crypto.getRandomValues(new Uint8Array(KEY_BYTES))).toString("base64");
    await this.#quietly(() => TOOLS[name].write(this.#host, key));
    return await this.key(name);
  }

  /** A keyring that cannot be asked is one that is not there. */
  async #quietly<Value>(ask: () => Promise<Value>): Promise<Value | undefined> {
    try {
      return await ask();
    } catch {
      return undefined;
    }
  }
}

async function printed(
  host: ProgramHost,
  program: string,
  args: readonly string[],
  input?: string,
): Promise<string | undefined> {
  const answer = await runProgram(host, program, args, input);
  return answer?.code === 0 ? answer.text.trim() || undefined : undefined;
}

async function imported(text: string | undefined): Promise<CryptoKey | undefined> {
  const bytes = new Uint8Array(Buffer.from(text ?? "", "base64"));
  if (bytes.length !== KEY_BYTES) return undefined;
  return await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}
