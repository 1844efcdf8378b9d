/**
 * Serves the tree of `tree.ts`: small files travel with their nodes, blobs are asked for, long directories come in
 * pages. Nothing of it ever changes.
 *
 * @module
 */
import {
  askFile,
  defineProvider,
  directory,
  type DirEntry,
  immutable,
  type Node,
  notADirectory,
  notFound,
  textFile,
} from "../../../providers/sdk/mod.ts";
import { blob, find, type Folder, isFolder, type Item, modifiedAt } from "./tree.ts";

/** Children a page. */
const PAGE = 1_000;

function nodeOf(id: string, item: Item): Node {
  const options = { freshness: immutable, modified: modifiedAt(id) };
  if (isFolder(item)) return directory(id, { ...options, listFirst: true });
  if ("size" in item) return askFile(id, { ...options, size: item.size });
  // Not `textFile`: it would end every text in a newline, and these are exact.
  const content: Node["content"] = { tag: "inline", val: { tag: "text", val: item.text } };
  return { ...textFile(id, "", options), content };
}

function folderAt(id: string): Folder {
  const item = find(id);
  if (item === undefined) throw notFound();
  if (!isFolder(item)) throw notADirectory();
  return item;
}

function childId(parent: string, name: string): string {
  return parent === "" ? name : `${parent}/${name}`;
}

export const { manifest, provider, events } = defineProvider({
  manifest: { name: "files", version: "1.0.0", summary: "A made-up tree for tests and measurements" },

  lookupChild(parent, name) {
    const item = folderAt(parent).children().get(name);
    return item === undefined ? undefined : nodeOf(childId(parent, name), item);
  },

  listChildren(parent, cursor) {
    const children = [...folderAt(parent).children()];
    const begin = Number(cursor ?? 0);
    const entries = children.slice(begin, begin + PAGE).map(([name, item]): DirEntry => ({
      name,
      node: nodeOf(childId(parent, name), item),
    }));
    const end = begin + entries.length;
    return { entries, exhaustive: true, next: end < children.length ? String(end) : undefined };
  },

  readFile(id, offset, length) {
    const item = find(id);
    if (item === undefined || !("size" in item)) throw notFound();
    return blob(offset, Math.max(0, Math.min(length, item.size - offset)));
  },
});
