/**
 * What follows from a node: how long it may be kept, what it weighs, whether its length is known.
 *
 * @module
 */
import type { DirEntry, Node } from "../provider/node.ts";

/** Bytes that a node takes beside its texts. Measured, rounded up. */
const NODE_BYTES = 200;

/** True where somebody has promised to say when it changes. */
export function isKept(node: Node): boolean {
  return node.freshness.tag !== "volatile";
}

/** The watch that guards it, where one does. */
export function watchOf(node: Node): string | undefined {
  return node.freshness.tag === "watched" ? node.freshness.watch : undefined;
}

/** Estimated bytes that it takes in the cache. */
export function weightOf(node: Node): number {
  const inline = node.content.tag === "inline" ? node.content.bytes.length : 0;
  return NODE_BYTES + inline + 2 * (node.id.length + (node.version?.length ?? 0));
}

/** The exact bytes that `stat` shows, or undefined where they have to be found out first. */
export function sizeOf(node: Node): number | undefined {
  if (node.directory) return 0;
  return node.content.tag === "inline" ? node.content.bytes.length : node.size;
}

/** True where both tell the same state of one object. */
export function sameState(a: Node, b: Node): boolean {
  return a.version === b.version && a.modified === b.modified && a.directory === b.directory &&
    (sizeOf(a) === sizeOf(b) || sizeOf(a) === undefined || sizeOf(b) === undefined);
}

/** How one state of an object stands to another one. */
export type Order = "newer" | "older" | "same" | "unsure";

/** What `a` is beside `b`, by the upstream's own time of each; `unsure` where that does not tell two states apart. */
export function order(a: Node, b: Node): Order {
  if (a.modified !== undefined && b.modified !== undefined && a.modified !== b.modified) {
    return a.modified > b.modified ? "newer" : "older";
  }
  return sameState(a, b) && sameContent(a, b) ? "same" : "unsure";
}

/**
 * True where both surely have the same bytes. The mark of a state may be a time in whole seconds, and so that of the next
 * state as well: only bytes that are at hand can tell.
 */
export function sameContent(a: Node, b: Node): boolean {
  if (a.directory && b.directory) return true;
  if (a.content.tag !== "inline" || b.content.tag !== "inline") return false;
  const [one, other] = [a.content.bytes, b.content.bytes];
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/**
 * The node at the root of a provider's tree. No provider tells it: it is there for as long as the mount is,
 * and its listing may be kept for as long as all of its children may.
 */
export const ROOT_NODE: Node = {
  id: "",
  directory: true,
  size: undefined,
  modified: undefined,
  version: undefined,
  freshness: { tag: "immutable" },
  content: { tag: "ask" },
  listFirst: false,
  writable: false,
};

/**
 * True where the listing of `directory`, a page of which told `entries`, may be kept. Whoever promises to say when the
 * directory changes has promised it for its names, whatever they lead to: a child that may not be kept is asked for
 * each time, by its name. Nobody promises anything for the root of a provider's tree, so there each child has to.
 */
export function isListingKept(directory: Node, entries: readonly DirEntry[]): boolean {
  return directory === ROOT_NODE ? entries.every(({ node }) => isKept(node)) : isKept(directory);
}
