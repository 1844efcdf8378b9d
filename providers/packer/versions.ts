/**
 * Marks of what a file or a directory of an asset holds.
 *
 * @module
 */
import type { PackerEntry } from "../sdk/mod.ts";

/** The mark of `entry`: the digest of a file, where it is known. */
export function versionOf(entry: PackerEntry): string {
  return entry.digest ?? factsOf(entry);
}

/** True where `entry` is what it was when its mark was `version`; its digest may have become known since. */
export function isStill(entry: PackerEntry, version: string): boolean {
  return version === entry.digest || version === factsOf(entry);
}

/** Where no digest is known, size and time are all there is to tell two states apart; of a directory, those of its files. */
function factsOf({ size, modified }: PackerEntry): string {
  return `${size}-${modified}`;
}
