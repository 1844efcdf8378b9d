/**
 * The kernel's FUSE protocol over `/dev/fuse`, without native code of our own.
 *
 * Implement {@linkcode FileSystem} and hand it to {@linkcode mount}.
 *
 * @module
 */
export { listMounts, mount, SUBTYPE } from "./mount.ts";
export type { Mount, MountOptions } from "./mount.ts";
export { forceUnmount } from "./attach.ts";
export { forbidDump } from "./dump.ts";
export { type Peer, peersAt } from "./peers.ts";
export { Thread, threadsOf } from "./threads.ts";
export { MountError } from "./mount_error.ts";
export type { MountErrorKind } from "./mount_error.ts";
export type { Ending } from "./connection.ts";
export type { MountInfo } from "./mountinfo.ts";
export { Announcer } from "./announcer.ts";
export type { Where } from "./announcer.ts";
export type { Change, Name } from "./scene.ts";
export type { Watched } from "./watchers.ts";
export { Notifier } from "./notify.ts";
export type { NotificationFrame, NotificationWriter } from "./notify.ts";
export { ERRNO, errnoName } from "./errno.ts";
export type { ErrnoName } from "./errno.ts";
export { leaderOf, sessionOf } from "./process.ts";
export { R_OK, ROOT_ID, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, W_OK, X_OK } from "./constants.ts";
export { LIBC_CANDIDATES } from "./libc_symbols.ts";
export { OPERATION_NAMES, Session } from "./session.ts";
export type { SessionOptions } from "./session.ts";
export { RENAME } from "./filesystem.ts";
export type {
  Answer,
  AttributeChange,
  Attributes,
  Changes,
  DirectoryLine,
  DirectorySink,
  Entry,
  Errno,
  FileSystem,
  Request,
  Status,
  Target,
  VolumeStatus,
} from "./filesystem.ts";
