/**
 * Looks at the disk without waiting: meant for a thread of its own, where a synchronous call costs a quarter of
 * one that waits (100,000 files: 0.7 s to look at, 1 to 2 s to read).
 *
 * @module
 */
import { createHash } from "node:crypto";
import { messageOf } from "../base/errors.ts";
import { type Facts, type Kind, sameFingerprint } from "./facts.ts";
import { CONTROL, DECLARATION, DECLARATION_LIMIT } from "./paths.ts";

/** The few calls with which the disk is looked at. Paths are absolute; the methods throw what Deno throws. */
export interface LookDisk {
  /** The names in a directory, and which of them are directories themselves. */
  list(path: string): Iterable<{ readonly name: string; readonly isDirectory: boolean }>;
  /** What is there, links not followed; undefined where nothing is. */
  look(path: string): Facts | undefined;
  /** Sees that a file may be read, and reads nothing. */
  probe(path: string): void;
  /** A file's bytes. */
  read(path: string): Uint8Array;
  /** A file's bytes in pieces, each of which is gone when the next one is asked for. */
  pieces(path: string): Iterable<Uint8Array>;
}

/** Largest file that is read in one go, in bytes; larger ones are read in pieces. */
export const WHOLE_LIMIT = 1024 * 1024;

/** An `asset.json` as it was found. */
export type FoundDeclaration =
  /** Its text, and the facts and digest of the same bytes. */
  | { readonly text: string; readonly facts: Facts; readonly digest: string }
  /** Why it cannot be read. */
  | { readonly trouble: string };

/**
 * Files and folders below a root, column by column: cheap to send from thread to thread. Parents come before their
 * children; a folder's path ends in a slash.
 */
export interface Columns {
  /** Relative to the root. */
  readonly paths: readonly string[];
  /** {@linkcode COLUMN_COUNT} numbers for each: size, mtime, ctime, ino. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** What is no file and no folder: told, and not taken. */
  readonly skipped: readonly Skipped[];
  /** What could not be read or looked at, and may belong to it; the empty path is the root itself. */
  readonly unread: readonly Skipped[];
}

/** Something below a root that is not taken, or not known whole. */
export interface Skipped {
  /** Relative to the root. */
  readonly path: string;
  /** Why. */
  readonly why: string;
}

/** How many numbers {@linkcode Columns} has for each path. */
export const COLUMN_COUNT = 4;

/** A directory that holds an asset, or ought to. */
export interface Place {
  /** Relative to `assets/`. */
  readonly root: string;
  /** Its `asset.json`; undefined where it has none. */
  readonly declaration: FoundDeclaration | undefined;
  /** What lies in it; undefined where it is not registered, so that nobody asked. */
  readonly columns: Columns | undefined;
}

/**
 * Every place at and below `from` in `assets` (absolute), where `isRegistered` tells whose files are wanted. An asset
 * in an asset is a folder of it, unless `leadsOn` says that a registered one is to be found there.
 */
export function* places(
  disk: LookDisk,
  assets: string,
  from: string,
  isRegistered: (root: string) => boolean,
  leadsOn: (path: string) => boolean,
): Generator<Place> {
  if (from === "") yield* placesBelow("");
  else if (kindAt(disk, `${assets}/${from}`) === "folder") yield* placesFrom(from);

  function* placesBelow(path: string): Generator<Place> {
    for (const name of folders(disk, path === "" ? assets : `${assets}/${path}`)) {
      if (path === "" && name === CONTROL) continue;
      yield* placesFrom(path === "" ? name : `${path}/${name}`);
    }
  }

  function* placesFrom(path: string): Generator<Place> {
    const place = placeAt(disk, assets, path, isRegistered(path));
    if (place !== undefined) yield place;
    if (place === undefined || leadsOn(path)) {
      yield* placesBelow(path);
    }
  }
}

/** The directories in `folder`; none where it is gone, or closed to us: then nothing in it can be an asset. */
function folders(disk: LookDisk, folder: string): string[] {
  const names: string[] = [];
  attempt(() => {
    for (const { name, isDirectory } of disk.list(folder)) if (isDirectory) names.push(name);
    return undefined;
  });
  return names;
}

/** The place at the directory `root`; undefined where it is neither registered nor has an `asset.json`. */
function placeAt(
  disk: LookDisk,
  assets: string,
  root: string,
  isRegistered: boolean,
): Place | undefined {
  const folder = `${assets}/${root}`;
  const declaration = declarationAt(disk, folder);
  if (declaration === undefined && !isRegistered) return undefined;
  // It was looked at already: of 100,000 files in 10,000 assets that is every tenth.
  const known = declaration !== undefined && "facts" in declaration ? declaration.facts : undefined;
  return { root, declaration, columns: isRegistered ? columnsOf(disk, folder, known) : undefined };
}

/** The `asset.json` in the directory `folder` (absolute); undefined where it has none. */
export function declarationAt(disk: LookDisk, folder: string): FoundDeclaration | undefined {
  const path = `${folder}/${DECLARATION}`;
  try {
    const facts = disk.look(path);
    if (facts === undefined) return undefined;
    if (facts.kind !== "file") return { trouble: `it is a ${facts.kind}, not a file` };
    if (facts.size > DECLARATION_LIMIT) return { trouble: `it is larger than ${DECLARATION_LIMIT} bytes` };
    const bytes = disk.read(path);
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return { text, facts, digest: sha256(bytes) };
  } catch (error) {
    return { trouble: error instanceof TypeError ? "it is not UTF-8" : troubleOf(error) };
  }
}

/** Everything below the directory `folder` (absolute); `declared` are the facts of its `asset.json`, where they are known. */
export function columnsOf(disk: LookDisk, folder: string, declared?: Facts): Columns {
  const paths: string[] = [];
  const numbers: number[] = [];
  const skipped: Skipped[] = [];
  const unread: Skipped[] = [];
  const told = (path: string, action: () => string | void) => {
    const why = attempt(action);
    if (why !== undefined) unread.push({ path, why });
  };
  const visit = (path: string) => {
    const prefix = path === "" ? "" : `${path}/`;
    for (const { name } of disk.list(path === "" ? folder : `${folder}/${path}`)) {
      told(prefix + name, () => take(prefix + name));
    }
  };
  const take = (path: string): string | void => {
    const facts = (path === DECLARATION ? declared : undefined) ?? disk.look(`${folder}/${path}`);
    if (facts === undefined) return path.includes(MANGLED) ? NOT_UTF8 : undefined;
    const { kind, size, mtime, ctime, ino } = facts;
    if (kind !== "file" && kind !== "folder") {
      return void skipped.push({ path, why: `it is a ${kind}, which is not followed` });
    }
    paths.push(kind === "folder" ? `${path}/` : path);
    numbers.push(size, mtime, ctime, ino);
    if (kind === "folder") visit(path);
    // What everybody may read need not be opened.
    else if ((facts.mode & READABLE) !== READABLE) disk.probe(`${folder}/${path}`);
  };
  told("", () => visit(""));
  return { paths, numbers: new Float64Array(numbers), skipped, unread };
}

/** Why something in a directory cannot be looked at, where its name is to blame. */
export const NOT_UTF8 = "its name is not UTF-8";

/** Why something cannot be looked at or read, where its permissions are to blame. */
export const DENIED = "permission denied";

/** What stands in a name for bytes that are no UTF-8: by such a name nothing is found. */
const MANGLED = "\ufffd";

/** The permission bits of a file that everybody may read. */
const READABLE = 0o444;

/** What is at `path` (absolute); undefined where nothing is, or nobody lets us look. */
export function kindAt(disk: LookDisk, path: string): Kind | undefined {
  try {
    return disk.look(path)?.kind;
  } catch {
    return undefined;
  }
}

/** What `action` says, or why it could not be done. */
function attempt(action: () => string | undefined | void): string | undefined {
  try {
    return action() ?? undefined;
  } catch (error) {
    return isGone(error) ? undefined : troubleOf(error);
  }
}

/** The trouble of a file that changed while it was read: it is to be read again. */
export const BEING_WRITTEN = "it is being written";

/** What one look at a file's bytes gave. */
export type Digested =
  /** The bytes with this digest had these facts before and after they were read. */
  | { readonly facts: Facts; readonly digest: string }
  /** Nothing is there. */
  | { readonly absent: true }
  /** It is no file, or it was written meanwhile. */
  | { readonly trouble: string }
  /** Why it cannot be read, with what is known of it nevertheless. */
  | { readonly unread: string; readonly facts: Facts | undefined };

/**
 * The digest of the file at `path` (absolute), with the facts of the same bytes. Stops after every piece of a large
 * file, so that whoever drives it can do something else in between.
 */
export function* digesting(disk: LookDisk, path: string): Generator<void, Digested> {
  let before: Facts | undefined;
  try {
    before = disk.look(path);
    if (before === undefined) return { absent: true };
    if (before.kind !== "file") return { trouble: `it is a ${before.kind}, not a file` };
    const hash = createHash("sha256");
    if (before.size <= WHOLE_LIMIT) hash.update(disk.read(path));
    else {
      for (const piece of disk.pieces(path)) {
        hash.update(piece);
        yield;
      }
    }
    const after = disk.look(path);
    if (after === undefined) return { absent: true };
    if (!sameFingerprint(before, after)) return { trouble: BEING_WRITTEN };
    return { facts: after, digest: hash.digest("hex") };
  } catch (error) {
    return isGone(error) ? { absent: true } : { unread: troubleOf(error), facts: before };
  }
}

/** SHA-256 in lower-case hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}

/** Why something could not be looked at or read. */
export function troubleOf(error: unknown): string {
  return error instanceof Deno.errors.PermissionDenied ? DENIED : messageOf(error);
}
