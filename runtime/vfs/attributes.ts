/**
 * What the kernel is told of a node.
 *
 * @module
 */
import { type Attributes, S_IFDIR, S_IFREG } from "../../fuse/mod.ts";
import type { Node } from "../provider/node.ts";
import type { Inode } from "../tree/inodes.ts";
import { sizeOf } from "./node_rules.ts";

/** Whose the files are, and since when the tree stands. */
export interface Ownership {
  /** The user who mounted. */
  readonly uid: number;
  /** Their group. */
  readonly gid: number;
  /** Milliseconds since the Unix epoch: the mtime of what has none upstream. */
  readonly since: number;
}

/**
 * Tells a later time of the directory `inode` than ever before, and none before `least` (milliseconds since the Unix
 * epoch): the kernel keeps lines for as long as the directory has the time under which they came
 * (`fuse_readdir_cached`).
 */
export function moveOn(inode: Inode, least = -Infinity): void {
  const { toldTime, linesChanged = -Infinity } = inode;
  if (toldTime !== undefined) inode.linesChanged = Math.max(least, linesChanged, toldTime + TICK);
}

/** The least by which a time that is told moves on, in milliseconds: a microsecond survives the way to the kernel. */
export const TICK = 0.001;

/** Permissions of a directory and of a file: the live tree takes no writes. */
const DIRECTORY_MODE = S_IFDIR | 0o555;
const FILE_MODE = S_IFREG | 0o444;

/**
 * The attributes of `node` under the inode number `ino`; its length has to be known. `linesChanged` is when the lines of
 * a directory last changed upstream, in milliseconds since the Unix epoch.
 */
export function attributesOf(
  node: Node,
  ino: number,
  ownership: Ownership,
  linesChanged: number = -Infinity,
): Attributes {
  return {
    ino,
    size: sizeOf(node) ?? 0,
    mtime: Math.max(node.modified ?? ownership.since, linesChanged),
    mode: node.directory ? DIRECTORY_MODE : FILE_MODE,
    nlink: node.directory ? 2 : 1,
    uid: ownership.uid,
    gid: ownership.gid,
  };
}
