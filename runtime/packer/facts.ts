/**
 * What the file system says of one path without its bytes.
 *
 * @module
 */

/** What a path is. Links and special files are looked at and never followed, read or packed. */
export type Kind = "file" | "folder" | "link" | "other";

/** How a path stood when it was looked at. */
export interface Facts {
  /** What it is. */
  readonly kind: Kind;
  /** Bytes. */
  readonly size: number;
  /** Last change of the bytes, in milliseconds since the Unix epoch. */
  readonly mtime: number;
  /** Last change of anything about it, which no program can set. Deno gives it in whole seconds. */
  readonly ctime: number;
  /** Inode number. */
  readonly ino: number;
  /** Permission bits. */
  readonly mode: number;
}

/** The facts in what Deno tells of a path. */
export function factsOf(info: Deno.FileInfo): Facts {
  return {
    kind: info.isFile ? "file" : info.isDirectory ? "folder" : info.isSymlink ? "link" : "other",
    size: info.size,
    mtime: info.mtime?.getTime() ?? 0,
    ctime: info.ctime?.getTime() ?? 0,
    ino: info.ino ?? 0,
    mode: (info.mode ?? 0) & 0o7777,
  };
}

/** What has to be the same for a file to be taken as the same bytes without reading it. */
export type Fingerprint = Pick<Facts, "size" | "mtime" | "ctime" | "ino">;

/** True where nothing tells that the bytes differ. */
export function sameFingerprint(a: Fingerprint, b: Fingerprint): boolean {
  return a.size === b.size && a.mtime === b.mtime && a.ino === b.ino && a.ctime === b.ctime;
}

/** The same where a rename or a link may lie in between: those change `ctime` and not the bytes. */
export function sameBytes(a: Fingerprint, b: Fingerprint): boolean {
  return a.size === b.size && a.mtime === b.mtime && a.ino === b.ino;
}
