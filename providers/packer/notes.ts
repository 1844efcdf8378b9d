/**
 * The notes of a step: JSON, and behind it the bytes that it writes, as they are.
 *
 * @module
 */
import type { PackerCommand } from "../sdk/mod.ts";
import { decode, encode } from "../sdk/utf8.ts";

/** One commit of one project; kept in the host's journal. */
export interface Work {
  /** The project. */
  readonly project: string;
  /** When it was planned, in the packer's words. */
  readonly since: string;
  /** What is done. */
  readonly forward: readonly PackerCommand[];
  /** What takes it back; undefined where nothing does. */
  readonly back: readonly PackerCommand[] | undefined;
}

/** Most bytes of one plan's notes, less than the host takes: `NOTES_LIMIT` in `runtime/provider/mutation_answers.ts`. */
export const NOTES_LIMIT = 15 * 1_048_576;

/** Stands in the JSON for bytes behind it, by their number. */
const MARK = "#";

/** Bytes before the JSON: its length, the lowest byte first. */
const HEAD = 4;

/** `work` as notes. The same bytes are noted once, however often they are used. */
export function packed(work: Work): Uint8Array {
  const parts: Uint8Array[] = [];
  const numbers = new Map<Uint8Array, number>();
  const json = JSON.stringify(work, (_, value: unknown) => {
    if (!(value instanceof Uint8Array)) return value;
    const number = numbers.get(value) ?? parts.push(value) - 1;
    numbers.set(value, number);
    return { [MARK]: number };
  });
  const text = encode(JSON.stringify({ json, sizes: parts.map(({ length }) => length) }));
  const notes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, HEAD + text.length));
  new DataView(notes.buffer).setUint32(0, text.length, true);
  let at = HEAD;
  for (const part of [text, ...parts]) {
    notes.set(part, at);
    at += part.length;
  }
  return notes;
}

/** What {@linkcode packed} noted. */
export function unpacked(notes: Uint8Array): Work {
  const length = new DataView(notes.buffer, notes.byteOffset).getUint32(0, true);
  const { json, sizes }: { json: string; sizes: number[] } = JSON.parse(
    decode(notes.slice(HEAD, HEAD + length)),
  );
  let at = HEAD + length;
  const parts = sizes.map((size) => notes.slice(at, at += size));
  return JSON.parse(json, (_, value: unknown) => {
    if (typeof value !== "object" || value === null || !(MARK in value)) return value;
    return parts[Number(value[MARK])] ?? new Uint8Array();
  });
}

/** The bytes that {@linkcode packed} would note of `commands`, each once. */
export function sizeOf(...commands: readonly (readonly PackerCommand[])[]): number {
  const seen = new Set<Uint8Array>();
  JSON.stringify(commands, (_, value: unknown) => {
    if (!(value instanceof Uint8Array)) return value;
    seen.add(value);
    return undefined;
  });
  return [...seen].reduce((sum, { length }) => sum + length, 0);
}
