/**
 * Reading a provider's tree by its own operations, without a mount.
 *
 * @module
 */
import type { Listing, Node, Projection } from "../../runtime/provider/mod.ts";

/** The node at a path, by look-ups alone. */
export async function walk(projection: Projection, path: string): Promise<Node | undefined> {
  let node: Node | undefined;
  for (const name of path.split("/")) {
    node = await projection.lookupChild(node?.id ?? "", name);
    if (node === undefined) return undefined;
  }
  return node;
}

/** Every page of a directory. */
export async function pages(projection: Projection, id: string): Promise<Listing[]> {
  const found = [await projection.listChildren(id, undefined)];
  for (let next = found[0]?.next; next !== undefined; next = found.at(-1)?.next) {
    found.push(await projection.listChildren(id, next));
  }
  return found;
}

/** The bytes of a file, wherever they are. */
export async function bytesOf(projection: Projection, node: Node): Promise<Uint8Array> {
  if (node.content.tag === "inline") return node.content.bytes;
  if (node.content.tag === "upstream") return await projection.download(node.content, undefined);
  return await projection.readFile(node.id, 0, 64 * 1024 * 1024);
}

/** The text of the file at a path; undefined where there is none. */
export async function textAt(projection: Projection, path: string): Promise<string | undefined> {
  const node = await walk(projection, path);
  return node && new TextDecoder().decode(await bytesOf(projection, node));
}
