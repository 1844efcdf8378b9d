/**
 * The made-up tree on a local disk, to compare a mount with.
 *
 * @module
 */
import { blob, find, type Folder, isFolder, type Item, modifiedAt } from "./files/tree.ts";

/** Writes what the tree holds at `path` to the new folder `target`, with the modes and times that a mount shows. */
export async function mirror(path: string, target: string): Promise<void> {
  const item = find(path);
  if (item === undefined || !isFolder(item)) throw new Error(`no folder of the tree: ${path}`);
  await writeFolder(path, item, target);
}

async function writeFolder(path: string, folder: Folder, target: string): Promise<void> {
  await Deno.mkdir(target);
  for (const [name, child] of folder.children()) {
    const [from, to] = [`${path}/${name}`, `${target}/${name}`];
    if (isFolder(child)) await writeFolder(from, child, to);
    else await writeFile(from, child, to);
  }
  // Last: a new child would change the time of its directory.
  await settle(path, target, 0o555);
}

async function writeFile(path: string, item: Exclude<Item, Folder>, target: string): Promise<void> {
  const bytes = "size" in item ? blob(0, item.size) : new TextEncoder().encode(item.text);
  await Deno.writeFile(target, bytes);
  await settle(path, target, 0o444);
}

async function settle(path: string, target: string, mode: number): Promise<void> {
  const modified = new Date(modifiedAt(path));
  await Deno.utime(target, modified, modified);
  await Deno.chmod(target, mode);
}
