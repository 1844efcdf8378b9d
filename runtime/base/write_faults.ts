/**
 * Why the system did not let something be written, in words and with what mends it.
 *
 * @module
 */
import { type ErrorKind, OmnifsError } from "./errors.ts";

interface WriteFault {
  readonly kind: ErrorKind;
  readonly why: string;
  readonly mend: string;
}

const PERMISSION: WriteFault = {
  kind: "unauthorized",
  why: "permission denied",
  mend: "let whoever runs omnifs write there (chmod u+rwx)",
};

const NO_FOLDER: WriteFault = {
  kind: "invalid",
  why: "it is no directory",
  mend: "choose another folder",
};

/** By the system's name of the error. */
const FAULTS: Readonly<Record<string, WriteFault>> = {
  EACCES: PERMISSION,
  EPERM: PERMISSION,
  EEXIST: NO_FOLDER,
  ENOTDIR: NO_FOLDER,
  ENOSPC: { kind: "unavailable", why: "no space is left on the device", mend: "make room on that disk" },
  EDQUOT: { kind: "unavailable", why: "the disk quota is used up", mend: "make room on that disk" },
  EROFS: { kind: "read-only", why: "it is on a read-only file system", mend: "make that disk writable" },
};

/** `error` itself unless it is the system's; then what `told` makes of why it happened, with what mends it. */
export function writeError(error: unknown, path: string, told: (why: string) => string): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const fault = typeof code === "string" ? FAULTS[code] : undefined;
  if (fault === undefined || error instanceof OmnifsError) return error;
  const { kind, why, mend } = fault;
  return new OmnifsError(kind, told(why), { path, mend, cause: error });
}
