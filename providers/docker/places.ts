/**
 * Directories: what each answers to a look-up and to a listing.
 *
 * @module
 */
import {
  type DirEntry,
  encodeName,
  findName,
  immutable,
  type ListingDefinition,
  markOf,
  type Node,
  type NodeOptions,
  textFile,
  watched,
  whole,
} from "../sdk/mod.ts";
import { WATCH } from "./ids.ts";

/** One directory of the tree. The Engine has no pages: each is told whole. */
export interface Place {
  /** The child called `name`. */
  lookup(name: string): Node | undefined;
  /** All children. */
  list(): ListingDefinition;
}

/** What everything is that the Engine tells of when it changes. */
export const told: NodeOptions = { freshness: watched(WATCH) };

/** What everything is that is there whatever the Engine says. */
export const always: NodeOptions = { freshness: immutable };

/** A directory whose children are known without asking anybody. */
export function fixed(entries: DirEntry[]): Place {
  return { lookup: (name) => childOf(entries, name), list: () => whole(entries) };
}

/** The child called `name` among `entries`. */
export function childOf(entries: readonly DirEntry[], name: string): Node | undefined {
  return entries.find((child) => child.name === name)?.node;
}

/** A file of text, marked such that another text is another state; drafts may write a `writable` one. */
export function markedFile(id: string, text: string, modified: number | undefined, writable = false): Node {
  return textFile(id, text, { ...told, modified, version: markOf(text), writable });
}

/** An object under one of its names. */
export type Named<Item> = readonly [name: string, item: Item];

/** The one of `items` that the path segment `segment` names. */
export function findNamed<Item>(segment: string, items: readonly Named<Item>[]): Item | undefined {
  return findName(segment, items, ([name]) => name)?.[1];
}

/**
 * `items` such that no two have one name: those that share one get the start of their identity behind it. They come in
 * the order of the names, because the Engine lists networks and volumes in another order each time.
 */
export function distinct<Item>(
  items: readonly Named<Item>[],
  idOf: (item: Item) => string,
): Named<Item>[] {
  const counts = Map.groupBy(items, ([name]) => encodeName(name));
  const named = items.map(([name, item]): Named<Item> =>
    (counts.get(encodeName(name))?.length ?? 0) > 1
      ? [`${name}@${idOf(item).slice(0, 12)}`, item]
      : [name, item]
  );
  return named.toSorted(([a], [b]) => a < b ? -1 : 1);
}
