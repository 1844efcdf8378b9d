/**
 * What an event changed, noted for those who watch the mount: in the middle of a change, so only noted.
 *
 * @module
 */
import type { Node } from "../provider/node.ts";
import type { Place } from "../tree/place.ts";
import type { Directory } from "./directory.ts";

/** Hears what changed in the tree, and what was known before. */
export interface Witness {
  /** The node `key` changed, or (where it is not `sure`) may have; it was `before`, where that is known. */
  state(key: string, before: Node | undefined, sure: boolean): void;
  /** A line of the directory `key`, or (undefined) none, is another one now, or none. */
  line(key: string, before: Place | undefined, after: Place | undefined): void;
  /** Any line of the directory `key` may have changed; they were those of `before`, where that is known. */
  lines(key: string, before: Directory | undefined): void;
}

/** Notes nothing. */
export const NO_WITNESS: Witness = { state() {}, line() {}, lines() {} };
