/**
 * The files of one asset as a tree that is never changed: a change makes the folders on its way anew and shares
 * all others, so a reader of an older generation keeps its own.
 *
 * @module
 */
import type { Fingerprint } from "./facts.ts";
import { markOfAll, markOfFile, markOfNamed } from "./mark.ts";

/** One file of an asset. */
export interface FileRecord extends Fingerprint {
  /** What it is. */
  readonly kind: "file";
  /** SHA-256 of these bytes in lower-case hexadecimal; undefined until they were read. */
  digest: string | undefined;
}

/** One folder of an asset. */
export interface Folder {
  /** What it is. */
  readonly kind: "folder";
  /** What it holds, by name. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** Files in it and below. */
  readonly files: number;
  /** Their bytes. */
  readonly bytes: number;
  /** The latest change of one of them, in milliseconds since the Unix epoch; 0 where there is none. */
  readonly newest: number;
  /** Stands for the facts of all of it, see `mark.ts`. */
  readonly mark: number;
}

/** A file or a folder. */
export type Entry = FileRecord | Folder;

/** A folder of `entries`. */
export function folderOf(entries: ReadonlyMap<string, Entry>): Folder {
  let [files, bytes, newest] = [0, 0, 0];
  const marks: number[] = [];
  for (const [name, entry] of entries) {
    marks.push(markOfNamed(name, entry.kind === "file" ? markOfFile(entry) : entry.mark));
    files += entry.kind === "file" ? 1 : entry.files;
    bytes += entry.kind === "file" ? entry.size : entry.bytes;
    newest = Math.max(newest, entry.kind === "file" ? entry.mtime : entry.newest);
  }
  return { kind: "folder", entries, files, bytes, newest, mark: markOfAll(marks) };
}

/** A folder without entries. */
export const EMPTY_FOLDER: Folder = folderOf(new Map());

/** What lies at `path` below `folder`; the folder itself for the empty path. */
export function entryAt(folder: Folder, path: string): Entry | undefined {
  let entry: Entry | undefined = folder;
  if (path === "") return entry;
  for (const name of path.split("/")) entry = entry?.kind === "folder" ? entry.entries.get(name) : undefined;
  return entry;
}

/** `folder` with `entry` at `path`, or without what lies there; folders on the way are made. */
export function withEntry(folder: Folder, path: string, entry: Entry | undefined): Folder {
  const slash = path.indexOf("/");
  const name = slash === -1 ? path : path.slice(0, slash);
  const before = folder.entries.get(name);
  let after = entry;
  if (slash !== -1) {
    const inner = before?.kind === "folder" ? before : EMPTY_FOLDER;
    after = entry === undefined && before?.kind !== "folder"
      ? before
      : withEntry(inner, path.slice(slash + 1), entry);
  }
  if (after === before) return folder;
  const entries = new Map(folder.entries);
  if (after === undefined) entries.delete(name);
  else entries.set(name, after);
  return folderOf(entries);
}

/** Every file of `folder` with its path, in no order. */
export function* recordsOf(folder: Folder, prefix = ""): Generator<readonly [string, FileRecord]> {
  for (const [name, entry] of folder.entries) {
    if (entry.kind === "file") yield [prefix + name, entry];
    else yield* recordsOf(entry, `${prefix}${name}/`);
  }
}
