/**
 * Reads a secret: from a terminal without showing it, and otherwise from whatever standard input is.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { Output } from "./output.ts";

/** Most bytes that are read: far more than any token has. */
const LIMIT = 64 * 1024;

/** Standard input, as far as it is needed here. */
export interface SecretInput {
  /** Reads some bytes into `into`; null at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** True where a person types. */
  isTerminal(): boolean;
  /** Turns the terminal's own echo and line editing off or on. */
  setRaw(raw: boolean): void;
}

const [INTERRUPT, END, BACKSPACE, LINE, RETURN, KILL, DELETE] = [0x03, 0x04, 0x08, 0x0a, 0x0d, 0x15, 0x7f];

/**
 * The secret, without a line break at its end. A person is asked for it by `question`, on `err`.
 *
 * @throws {OmnifsError} `interrupted` by Ctrl-C, `invalid` where more than 64 KiB come
 */
export async function readSecret(input: SecretInput, err: Output, question: string): Promise<string> {
  if (!input.isTerminal()) return decoded(await readAll(input)).trim();
  err.text(question);
  await err.flush();
  input.setRaw(true);
  try {
    return await readTyped(input);
  } finally {
    input.setRaw(false);
    err.line();
  }
}

async function readAll(input: SecretInput): Promise<number[]> {
  const bytes: number[] = [];
  const chunk = new Uint8Array(4096);
  for (let count = await input.read(chunk); count !== null; count = await input.read(chunk)) {
    bytes.push(...chunk.subarray(0, count));
    if (bytes.length > LIMIT) throw new OmnifsError("invalid", "standard input holds more than a token");
  }
  return bytes;
}

/** What is typed up to the end of the line, with the keys that a terminal would see to itself. */
async function readTyped(input: SecretInput): Promise<string> {
  const typed: number[] = [];
  const chunk = new Uint8Array(4096);
  for (let count = await input.read(chunk); count !== null; count = await input.read(chunk)) {
    for (const byte of chunk.subarray(0, count)) {
      if (byte === LINE || byte === RETURN || byte === END) return decoded(typed);
      if (byte === INTERRUPT) throw new OmnifsError("interrupted", "interrupted");
      if (byte === BACKSPACE || byte === DELETE) typed.pop();
      else if (byte === KILL) typed.length = 0;
      else typed.push(byte);
      if (typed.length > LIMIT) throw new OmnifsError("invalid", "that is more than a token");
    }
  }
  return decoded(typed);
}

function decoded(bytes: readonly number[]): string {
  return new TextDecoder().decode(new Uint8Array(bytes));
}
