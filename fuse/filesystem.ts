/**
 * What a file system answers, one method for each thing that the kernel asks.
 *
 * Every method answers at once or later: a value that is there is returned as it is, without a promise,
 * because that is the path on which speed is decided. A failure is a positive errno of `errno.ts`.
 *
 * @module
 */

/** A positive error number of `asm-generic/errno.h`; 0 where there is nothing to say but "done". */
export type Errno = number;

/** A value or an errno, now or later. */
export type Answer<Value> = Value | Errno | Promise<Value | Errno>;

/** Who asks. */
export interface Request {
  /** The user's id. */
  readonly uid: number;
  /** The group's id. */
  readonly gid: number;
  /** The thread's id; 0 where it lives in another pid namespace. */
  readonly pid: number;
  /**
   * Aborted when the caller was interrupted. It is made when first asked for: do not ask on a fast path.
   * The kernel tells of interrupted walks and listings; it reads files ahead in the background, so that a
   * reader may leave without anybody being told.
   */
  readonly signal: AbortSignal;
}

/** What `stat` shows. */
export interface Attributes {
  /** The inode number that users see, below 2^53; it need not be the `nodeid`. */
  readonly ino: number;
  /** Bytes. */
  readonly size: number;
  /** Last change in milliseconds since the Unix epoch; stands for atime, mtime and ctime. */
  readonly mtime: number;
  /** Type and permission bits, as `S_IFDIR | 0o555`. */
  readonly mode: number;
  /** How many names it has. */
  readonly nlink: number;
  /** The owner's id. */
  readonly uid: number;
  /** The owning group's id. */
  readonly gid: number;
}

/**
 * A name that leads to a node. Each one that the kernel gets counts as one lookup of the node, until
 * {@linkcode FileSystem.forget} takes it back.
 */
export interface Entry {
  /** The kernel's handle on the node; 1 is the root; 0 says that the name is known to be absent. */
  readonly nodeid: number;
  /** What the node is. Ignored where `nodeid` is 0. */
  readonly attributes: Attributes;
  /** Seconds for which the kernel need not look the name up again; `Infinity` is allowed. */
  readonly entryTimeout: number;
  /** Seconds for which the kernel need not ask for the attributes again. */
  readonly attributeTimeout: number;
}

/** The answer to {@linkcode FileSystem.getattr}. */
export interface Status {
  /** What the node is. */
  readonly attributes: Attributes;
  /** Seconds for which the kernel need not ask again. */
  readonly attributeTimeout: number;
}

/** A line of a directory. */
export interface DirectoryLine {
  /** The name, without a slash. */
  readonly name: string;
  /** The inode number that users see. */
  readonly ino: number;
  /** True for a directory, false for a regular file or a symbolic link. */
  readonly directory: boolean;
  /** The offset that continues after this line: never 0, stable while the directory changes. */
  readonly cookie: number;
}

/** Collects the lines of one read of a directory. */
export interface DirectorySink {
  /** True where the kernel also takes an {@linkcode Entry} with each line (READDIRPLUS). */
  readonly plus: boolean;
  /**
   * Adds a line. False, and nothing added, where it does not fit: then stop. With `entry` the kernel counts a
   * lookup of its node, so count it exactly when this answers true; without it the kernel looks up by itself.
   * `.` and `..` never take one.
   *
   * @throws {TypeError} for a name that no directory can hold; the listing then fails with EIO
   */
  add(line: DirectoryLine, entry?: Entry): boolean;
}

/** The answer to `statfs(2)`. */
export interface VolumeStatus {
  /** Bytes a block. */
  readonly blockSize: number;
  /** Blocks in all. */
  readonly blocks: number;
  /** Nodes in all. */
  readonly files: number;
  /** Longest name in bytes. */
  readonly nameMax: number;
}

/** What `setattr` is to set; what is undefined stays. Owner, mode and times are not offered: they stay. */
export interface AttributeChange {
  /** Bytes: the file is cut, or filled with zeros. */
  readonly size: number | undefined;
}

/** Flags of `renameat2(2)`, from `linux/fs.h`. */
export const RENAME = {
  /** `RENAME_NOREPLACE`: EEXIST where the new name is taken. */
  NOREPLACE: 1 << 0,
  /** `RENAME_EXCHANGE`: swap both. */
  EXCHANGE: 1 << 1,
} as const;

/** Where something is to be named. */
export interface Target {
  /** The directory. */
  readonly parent: number;
  /** The name in it. */
  readonly name: string;
}

/** What changes a tree. There are no opens, so every call stands for itself. */
export interface Changes {
  /** `truncate(2)`, `chmod(2)`, `utimensat(2)`, and the truncation of an `open(2)` with O_TRUNC. */
  setattr(nodeid: number, change: AttributeChange, request: Request): Answer<Status>;
  /** `write(2)`: answers how many bytes were taken. `data` is the callee's own. */
  write(
    nodeid: number,
    offset: number,
    data: Uint8Array,
    request: Request,
  ): Answer<{ readonly size: number }>;
  /** `mknod(2)` of a regular file, and `open(2)` with O_CREAT. */
  create(target: Target, request: Request): Answer<Entry>;
  /** `mkdir(2)`. */
  mkdir(target: Target, request: Request): Answer<Entry>;
  /** `unlink(2)`. */
  unlink(target: Target, request: Request): Answer<Errno>;
  /** `rmdir(2)`. */
  rmdir(target: Target, request: Request): Answer<Errno>;
  /** `renameat2(2)`; `flags` are of {@linkcode RENAME}. */
  rename(from: Target, to: Target, flags: number, request: Request): Answer<Errno>;
  /**
   * What a node, or what a directory is to hold, answers to every other change: extended attributes, links, files that are
   * not regular, space for bytes. Tools go on after EOPNOTSUPP.
   */
  refusal(nodeid: number): Errno;
}

/**
 * A tree. One without `changes` is read-only: whatever would change it is answered with EROFS by the session.
 *
 * `nodeid` is always one that the kernel was given and has not forgotten when it asks; an answer that comes
 * later may find it forgotten, since the kernel no longer holds it for a caller who was interrupted.
 */
export interface FileSystem {
  /** `open(2)`, `stat(2)` and every walk over a name that the kernel does not know. */
  lookup(parent: number, name: string, request: Request): Answer<Entry>;
  /** The kernel drops `count` lookups of a node. It has no answer. */
  forget(nodeid: number, count: number): void;
  /** `stat(2)` of a node whose attributes have timed out, and the end of a file while it is read. */
  getattr(nodeid: number, request: Request): Answer<Status>;
  /** `read(2)`: at most `size` bytes from `offset`; fewer only at the end of the file. */
  read(nodeid: number, offset: number, size: number, request: Request): Answer<Uint8Array>;
  /** `getdents(2)`: the lines after `cookie` (0 for the start), as many as `sink` takes. */
  readdir(nodeid: number, cookie: number, sink: DirectorySink, request: Request): Answer<Errno>;
  /** `statfs(2)`. */
  statfs(nodeid: number, request: Request): Answer<VolumeStatus>;
  /** `access(2)`; `mask` is of R_OK 4, W_OK 2, X_OK 1. */
  access(nodeid: number, mask: number, request: Request): Answer<Errno>;
  /** `readlink(2)`: where a symbolic link leads, in bytes of UTF-8; a tree without it has none. */
  readlink?(nodeid: number, request: Request): Answer<{ readonly target: string }>;
  /** What changes the tree. */
  readonly changes?: Changes;
  /** The mount ends. */
  destroy(): void;
}
