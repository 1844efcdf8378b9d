/**
 * The one table from kinds of failure to error numbers.
 *
 * @module
 */
import { ERRNO } from "../../fuse/mod.ts";
import type { ErrorKind, OmnifsError } from "../base/errors.ts";

/** The errno that a reader sees for each kind of failure. */
export const ERRNO_OF: Readonly<Record<ErrorKind, number>> = {
  "not-found": ERRNO.ENOENT,
  "not-a-directory": ERRNO.ENOTDIR,
  "is-a-directory": ERRNO.EISDIR,
  "invalid": ERRNO.EINVAL,
  "unauthorized": ERRNO.EACCES,
  "denied": ERRNO.EPERM,
  "conflict": ERRNO.ESTALE,
  "rate-limited": ERRNO.EAGAIN,
  "busy": ERRNO.EAGAIN,
  "too-large": ERRNO.EFBIG,
  "unavailable": ERRNO.EIO,
  "internal": ERRNO.EIO,
  "interrupted": ERRNO.EINTR,
  "read-only": ERRNO.EROFS,
  "unsupported": ERRNO.ENOSYS,
};

/** The errno that somebody sees who writes: a disk of ours that is full is told from one that fails. */
export function errnoOfWrite({ kind, cause }: OmnifsError): number {
  const isFull = cause instanceof Error && "code" in cause && cause.code === "ENOSPC";
  return isFull ? ERRNO.ENOSPC : ERRNO_OF[kind];
}
