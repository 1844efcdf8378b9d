/**
 * What can go wrong when mounting and unmounting, in words for people.
 *
 * @module
 */

/** Why a mount could not be made or taken away. */
export type MountErrorKind =
  | "no-device"
  | "no-permission"
  | "no-fusermount"
  | "not-a-directory"
  | "already-mounted"
  | "stale"
  | "busy"
  | "failed";

/** A failure to mount or unmount, in words for people, with what to do about it. */
export class MountError extends Error {
  /** Which of the known reasons. */
  readonly kind: MountErrorKind;
  /** What to run or change next. */
  readonly mend: string | undefined;

  /** A failure of `kind`, told as `message`. */
  constructor(kind: MountErrorKind, message: string, mend?: string) {
    super(message);
    this.name = "MountError";
    this.kind = kind;
    this.mend = mend;
  }
}
