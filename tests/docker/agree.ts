/**
 * The checks that hold for every tree: look-up, list and read agree, and a node is one wherever it is found.
 *
 * @module
 */
import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { nameFault } from "../../runtime/base/path.ts";
import type { Node, Projection } from "../../runtime/provider/mod.ts";
import { bytesOf } from "../support/projection.ts";

/** Checks everything below the root; answers every node by its path. */
export async function checkTree(projection: Projection): Promise<Map<string, Node>> {
  const [seen, byId] = [new Map<string, Node>(), new Map<string, Node>()];
  const below = async (id: string, path: string): Promise<void> => {
    const { entries, next } = await projection.listChildren(id, undefined);
    equal(next, undefined, `${path}: a second page`);
    equal(new Set(entries.map(({ name }) => name)).size, entries.length, `${path}: a name comes twice`);
    for (const { name, node } of entries) {
      const at = `${path}/${name}`;
      equal(nameFault(name), undefined, at);
      deepStrictEqual(await projection.lookupChild(id, name), node, `${at}: look-up and list`);
      seen.set(at, node);
      const elsewhere = byId.get(node.id);
      byId.set(node.id, node);
      if (elsewhere !== undefined) {
        deepStrictEqual(node, elsewhere, `${at}: the same node elsewhere`);
        continue;
      }
      await (node.directory ? below(node.id, at) : checkFile(projection, node, at));
    }
    equal(await projection.lookupChild(id, "no such name"), undefined, path);
  };
  await below("", "");
  await checkAlso(projection, seen);
  return seen;
}

/** What a listing tells of other directories is what those tell themselves. */
async function checkAlso(projection: Projection, seen: ReadonlyMap<string, Node>): Promise<void> {
  const own = new Map(
    [...seen].map(([path, node]) => [`${seen.get(pathAbove(path))?.id} ${nameOf(path)}`, node]),
  );
  for (const [path, node] of seen) {
    if (!node.directory) continue;
    for (const { parent, entry } of (await projection.listChildren(node.id, undefined)).also) {
      deepStrictEqual(
        entry.node,
        own.get(`${parent} ${entry.name}`),
        `${path} tells of ${parent} ${entry.name}`,
      );
    }
  }
}

const pathAbove = (path: string) => path.slice(0, path.lastIndexOf("/"));
const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);

/** Text ends in one newline; JSON is well-formed and indented; a length that is told is right. */
async function checkFile(projection: Projection, node: Node, path: string): Promise<void> {
  const bytes = await bytesOf(projection, node);
  if (node.size !== undefined) equal(bytes.length, node.size, `${path}: its size`);
  if (path.endsWith("/log")) return;
  const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  ok(text === "" || /[^\n]\n$/.test(text), `${path}: ${JSON.stringify(text.slice(-20))}`);
  if (!path.endsWith(".json") || text === "") return;
  equal(readable(text), `${JSON.stringify(JSON.parse(readable(text)), null, 2)}\n`, path);
}

/** `json` without what JavaScript cannot write again: integers past 2^53, and Go's escapes of `&`, `<` and `>`. */
function readable(json: string): string {
  return json.replace(/\b\d{16,}\b/g, "0")
    .replace(/\\u00(26|3c|3e)/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}
