/**
 * A model of a disk that loses its power: bytes survive where their file was synced, names where their directory was,
 * and nothing else does. A rename survives whole or not at all, as in every journal. Harder than any real file system,
 * which keeps more.
 *
 * @module
 */
import { type Disk, type OpenFile, type Opening, systemDisk } from "../../runtime/packer/disk.ts";

/** One call that changes something or makes it durable. Paths are absolute. */
type Change =
  | { readonly do: "create" | "mkdir" | "remove" | "sync"; readonly path: string }
  | { readonly do: "write"; readonly path: string; readonly bytes: Uint8Array }
  | { readonly do: "chmod"; readonly path: string; readonly mode: number }
  | { readonly do: "rename" | "link"; readonly path: string; readonly to: string };

/** Does what it is told, and writes it down. */
export class RecordingDisk implements Disk {
  /** What was done. */
  readonly changes: Change[] = [];

  look = (path: string) => systemDisk.look(path);
  list = (path: string) => systemDisk.list(path);
  mkdir = (path: string) => this.#done({ do: "mkdir", path }, systemDisk.mkdir(path));
  rename = (path: string, to: string) => this.#done({ do: "rename", path, to }, systemDisk.rename(path, to));
  link = (path: string, to: string) => this.#done({ do: "link", path, to }, systemDisk.link(path, to));
  remove = (path: string) => this.#done({ do: "remove", path }, systemDisk.remove(path));
  chmod = (path: string, mode: number) =>
    this.#done({ do: "chmod", path, mode }, systemDisk.chmod(path, mode));

  async open(path: string, opening: Opening, mode?: number): Promise<OpenFile> {
    const file = await systemDisk.open(path, opening, mode);
    if (opening === "new") this.changes.push({ do: "create", path });
    return {
      read: (into, offset) => file.read(into, offset),
      facts: () => file.facts(),
      close: () => file.close(),
      sync: () => this.#done({ do: "sync", path }, file.sync()),
      write: async (bytes) => {
        const length = await file.write(bytes);
        this.changes.push({ do: "write", path, bytes: bytes.slice(0, length) });
        return length;
      },
    };
  }

  async #done(change: Change, work: Promise<void>): Promise<void> {
    await work;
    this.changes.push(change);
  }
}

interface FileNode {
  readonly kind: "file";
  bytes: Uint8Array;
  durable: Uint8Array;
  mode: number;
  readonly time: number | undefined;
}

interface FolderNode {
  readonly kind: "folder";
  entries: Map<string, FileNode | FolderNode>;
  durable: Map<string, FileNode | FolderNode>;
  /** Renames out of it or into it that no sync has made durable yet. */
  renames: {
    readonly from: FolderNode;
    readonly name: string;
    readonly to: FolderNode;
    readonly newName: string;
  }[];
}

/** The tree at `path`, all of it durable. */
export async function treeOf(path: string): Promise<FolderNode> {
  const entries = new Map<string, FileNode | FolderNode>();
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    const inner = `${path}/${name}`;
    if (isDirectory) entries.set(name, await treeOf(inner));
    else {
      const [bytes, { mode, mtime }] = [await Deno.readFile(inner), await Deno.lstat(inner)];
      entries.set(name, {
        kind: "file",
        bytes,
        durable: bytes,
        mode: (mode ?? 0) & 0o777,
        time: mtime?.getTime(),
      });
    }
  }
  return { kind: "folder", entries, durable: new Map(entries), renames: [] };
}

/** Applies `change` to `tree`, which stands at the absolute path `root`. */
export function apply(tree: FolderNode, root: string, change: Change): void {
  const [parent, name] = placeOf(tree, root, change.path);
  switch (change.do) {
    case "create":
      parent.entries.set(name, {
        kind: "file",
        bytes: new Uint8Array(),
        durable: new Uint8Array(),
        mode: 0o600,
        time: undefined,
      });
      return;
    case "mkdir":
      parent.entries.set(name, { kind: "folder", entries: new Map(), durable: new Map(), renames: [] });
      return;
    case "remove":
      parent.entries.delete(name);
      return;
    case "sync":
      return sync(name === "" ? tree : nodeIn(parent, name));
    case "write": {
      const file = nodeIn(parent, name);
      if (file.kind === "file") file.bytes = new Uint8Array([...file.bytes, ...change.bytes]);
      return;
    }
    case "chmod": {
      const file = nodeIn(parent, name);
      if (file.kind === "file") file.mode = change.mode;
      return;
    }
    case "rename":
    case "link": {
      const [target, newName] = placeOf(tree, root, change.to);
      target.entries.set(newName, nodeIn(parent, name));
      if (change.do === "link") return;
      parent.entries.delete(name);
      const rename = { from: parent, name, to: target, newName };
      parent.renames.push(rename);
      target.renames.push(rename);
    }
  }
}

function sync(node: FileNode | FolderNode): void {
  if (node.kind === "file") {
    node.durable = node.bytes;
    return;
  }
  for (const { from, name, to, newName } of node.renames) {
    const moved = to.entries.get(newName);
    if (moved !== undefined) to.durable.set(newName, moved);
    if (!from.entries.has(name)) from.durable.delete(name);
  }
  node.renames = [];
  node.durable = new Map(node.entries);
}

function placeOf(tree: FolderNode, root: string, path: string): [FolderNode, string] {
  const names = path.slice(root.length + 1).split("/");
  let folder = tree;
  for (const name of names.slice(0, -1)) {
    const next = nodeIn(folder, name);
    if (next.kind === "folder") folder = next;
  }
  return [folder, names.at(-1) ?? ""];
}

function nodeIn({ entries }: FolderNode, name: string): FileNode | FolderNode {
  const node = entries.get(name);
  if (node === undefined) throw new Error(`the model has no ${name}`);
  return node;
}

/** Writes what survives of `tree` to the existing directory `path`. */
export async function survive({ durable }: FolderNode, path: string): Promise<void> {
  for (const [name, node] of durable) {
    const inner = `${path}/${name}`;
    if (node.kind === "folder") {
      await Deno.mkdir(inner);
      await survive(node, inner);
      continue;
    }
    await Deno.writeFile(inner, node.durable);
    await Deno.chmod(inner, node.mode);
    if (node.time !== undefined) await Deno.utime(inner, node.time / 1_000, node.time / 1_000);
  }
}
