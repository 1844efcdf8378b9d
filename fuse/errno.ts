/**
 * The error numbers that a file system answers with.
 *
 * Source: `asm-generic/errno-base.h` and `asm-generic/errno.h`, which x86-64 and aarch64 share.
 *
 * @module
 */

/** Every errno that this binding or a file system on it has a use for, each with what a person reads. */
export const ERRNO = {
  /** Operation not permitted. */
  EPERM: 1,
  /** No such file or directory. */
  ENOENT: 2,
  /** Interrupted system call. */
  EINTR: 4,
  /** Input/output error. */
  EIO: 5,
  /** Bad file descriptor. */
  EBADF: 9,
  /** Resource temporarily unavailable. */
  EAGAIN: 11,
  /** Cannot allocate memory. */
  ENOMEM: 12,
  /** Permission denied. */
  EACCES: 13,
  /** Device or resource busy. */
  EBUSY: 16,
  /** File exists. */
  EEXIST: 17,
  /** Invalid cross-device link. */
  EXDEV: 18,
  /** No such device: the mount has ended. */
  ENODEV: 19,
  /** Not a directory. */
  ENOTDIR: 20,
  /** Is a directory. */
  EISDIR: 21,
  /** Invalid argument. */
  EINVAL: 22,
  /** Inappropriate ioctl for device. */
  ENOTTY: 25,
  /** File too large. */
  EFBIG: 27,
  /** No space left on device. */
  ENOSPC: 28,
  /** Read-only file system. */
  EROFS: 30,
  /** File name too long. */
  ENAMETOOLONG: 36,
  /** Function not implemented; for some operations "do not ask again". */
  ENOSYS: 38,
  /** Directory not empty. */
  ENOTEMPTY: 39,
  /** No data available: no such extended attribute. */
  ENODATA: 61,
  /** Protocol error. */
  EPROTO: 71,
  /** Value too large for defined data type. */
  EOVERFLOW: 75,
  /** Operation not supported. */
  EOPNOTSUPP: 95,
  /** Software caused connection abort: the connection was aborted through its control file. */
  ECONNABORTED: 103,
  /** Transport endpoint is not connected: the server of the mount is gone. */
  ENOTCONN: 107,
  /** Connection timed out. */
  ETIMEDOUT: 110,
  /** Stale file handle. */
  ESTALE: 116,
  /** Remote I/O error. */
  EREMOTEIO: 121,
  /** Disk quota exceeded. */
  EDQUOT: 122,
} as const;

/** The name of one of {@linkcode ERRNO}. */
export type ErrnoName = keyof typeof ERRNO;

const NAMES = new Map<number, string>(Object.entries(ERRNO).map(([name, number]) => [number, name]));

/** The name of an errno, as `ENOENT`; `errno 200` for one that is not in the table. */
export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? `errno ${errno}`;
}
