/**
 * A small number that stands for the facts of a tree: two looks with the same mark saw the same, so that the packer
 * knows at its start whether anybody changed the workspace while it was not there.
 *
 * It is no digest: nobody is kept from making two trees with the same mark on purpose, and nothing depends on it but
 * whether a generation's number is used again.
 *
 * @module
 */
import type { Fingerprint } from "./facts.ts";

/** FNV-1a, 32 bits: offset basis and prime (draft-eastlake-fnv, section 5). */
const BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** The mark of a text. */
export function markOfText(text: string): number {
  let mark = BASIS;
  for (let at = 0; at < text.length; at++) mark = Math.imul(mark ^ text.charCodeAt(at), PRIME);
  return mark >>> 0;
}

/** The mark of a file: not of its `ctime`, which a rename changes. */
export function markOfFile({ size, mtime, ino }: Fingerprint): number {
  return markOfNumbers([size, mtime, ino]);
}

/** The mark of numbers in this order. */
function markOfNumbers(numbers: readonly number[]): number {
  let mark = BASIS;
  for (const number of numbers) {
    mark = Math.imul(mark ^ (number % 2 ** 32), PRIME);
    mark = Math.imul(mark ^ Math.floor(number / 2 ** 32), PRIME);
  }
  return mark >>> 0;
}

/** The mark of something that has both: a name and what it stands for. */
export function markOfNamed(name: string, mark: number): number {
  return markOfNumbers([markOfText(name), mark]);
}

/** The mark of several things in any order. */
export function markOfAll(marks: Iterable<number>): number {
  let sum = 0;
  for (const mark of marks) sum = (sum + mark) >>> 0;
  return sum;
}
