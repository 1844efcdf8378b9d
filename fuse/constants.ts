/**
 * The numbers of the kernel's protocol.
 *
 * Source, unless another is named: `include/uapi/linux/fuse.h`, protocol 7.38.
 *
 * @module
 */

/** `FUSE_KERNEL_VERSION`: the one major version there is. */
export const PROTOCOL_MAJOR = 7;
/** `FUSE_KERNEL_MINOR_VERSION` of the header that this binding was written from. */
export const PROTOCOL_MINOR = 38;
/** The oldest minor version that is served: 7.28 (Linux 4.20) brought `FUSE_MAX_PAGES`. */
export const OLDEST_MINOR = 28;
/** `FUSE_ROOT_ID`. */
export const ROOT_ID = 1;

/** `sizeof(struct fuse_in_header)`. */
export const IN_HEADER = 40;
/** `sizeof(struct fuse_out_header)`. */
export const OUT_HEADER = 16;
/** `sizeof(struct fuse_entry_out)`. */
export const ENTRY_SIZE = 128;
/** `sizeof(struct fuse_attr_out)`. */
export const STATUS_SIZE = 104;
/** `sizeof(struct fuse_init_out)` since 7.23. */
export const INIT_OUT_SIZE = 64;
/** `sizeof(struct fuse_write_out)`. */
export const WRITE_OUT_SIZE = 8;
/** `sizeof(struct fuse_statfs_out)`. */
export const STATFS_SIZE = 80;
/** `FUSE_NAME_OFFSET`: bytes of a `struct fuse_dirent` before its name. */
export const DIRENT_HEAD = 24;

/** Most bytes of one READ, WRITE or READDIR: 256 pages of 4 KiB (`FUSE_MAX_MAX_PAGES` in `fs/fuse/fuse_i.h`). */
export const MAX_TRANSFER = 1 << 20;
/** {@linkcode MAX_TRANSFER} in pages of 4 KiB. */
export const MAX_PAGES = 256;
/**
 * Bytes of a buffer for requests. The kernel refuses to fill one smaller than the largest WRITE with its
 * headers (`fuse_dev_do_read` in `fs/fuse/dev.c`); a page more holds them.
 */
export const REQUEST_BUFFER: number = MAX_TRANSFER + 4096;

/** Flags of INIT that are of use here; bits 32 and above travel in `flags2`. */
export const INIT = {
  /** Several reads of one file may be under way at once. */
  ASYNC_READ: 1 << 0,
  /** Writes may be larger than a page. */
  BIG_WRITES: 1 << 5,
  /** A changed size or mtime drops the cached pages. */
  AUTO_INVAL_DATA: 1 << 12,
  /** READDIRPLUS is understood. */
  DO_READDIRPLUS: 1 << 13,
  /** The kernel chooses between READDIR and READDIRPLUS by what the reader did with the last lines. */
  READDIRPLUS_AUTO: 1 << 14,
  /** Direct reads may be split and sent at once. */
  ASYNC_DIO: 1 << 15,
  /** ENOSYS to OPEN means: never ask again. */
  NO_OPEN_SUPPORT: 1 << 17,
  /** Lookups and listings of one directory may be under way at once. */
  PARALLEL_DIROPS: 1 << 18,
  /** Reading the device after an abort says ECONNABORTED, not ENODEV. */
  ABORT_ERROR: 1 << 21,
  /** `max_pages` of the answer counts. */
  MAX_PAGES: 1 << 22,
  /** ENOSYS to OPENDIR means: never ask again, and cache listings. */
  NO_OPENDIR_SUPPORT: 1 << 24,
} as const;

/**
 * What this binding asks for. Left out with a reason: ATOMIC_O_TRUNC (an open without a message could not
 * carry it, so truncation must come as SETATTR), EXPORT_SUPPORT (nodes are not found again after FORGET),
 * CACHE_SYMLINKS (a link may lead each caller elsewhere), WRITEBACK_CACHE (writes must be judged at once).
 */
export const WANTED_FLAGS: number = Object.values(INIT).reduce((flags, bit) => flags | bit, 0);

/** Flags of the answer to OPEN and OPENDIR. */
export const FOPEN = {
  /** Keep the pages of earlier opens. */
  KEEP_CACHE: 1 << 1,
  /** Keep the listing. */
  CACHE_DIR: 1 << 3,
} as const;

/** `FATTR_SIZE`: the size of a SETATTR counts. */
export const FATTR_SIZE = 1 << 3;

/** `enum fuse_notify_code`. */
export const NOTIFY = {
  /** `FUSE_NOTIFY_INVAL_INODE`. */
  INVAL_INODE: 2,
  /** `FUSE_NOTIFY_INVAL_ENTRY`. */
  INVAL_ENTRY: 3,
  /** `FUSE_NOTIFY_DELETE`. */
  DELETE: 6,
} as const;

/** `FUSE_EXPIRE_ONLY`: the name is looked up again, but open files and mounts below it stay. */
export const EXPIRE_ONLY = 1 << 0;

/** `S_IFMT` of `linux/stat.h`: the bits of a mode that hold the type. */
export const S_IFMT = 0o170000;
/** `S_IFDIR` of `linux/stat.h`. */
export const S_IFDIR = 0o040000;
/** `S_IFREG` of `linux/stat.h`. */
export const S_IFREG = 0o100000;
/** `S_IFLNK` of `linux/stat.h`. */
export const S_IFLNK = 0o120000;

/** `R_OK` of `access(2)`. */
export const R_OK = 4;
/** `W_OK` of `access(2)`. */
export const W_OK = 2;
/** `X_OK` of `access(2)`. */
export const X_OK = 1;

/** `DT_DIR` of `dirent.h`. */
export const DT_DIR = 4;
/** `DT_REG` of `dirent.h`. */
export const DT_REG = 8;
