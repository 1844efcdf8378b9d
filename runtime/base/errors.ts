/**
 * The closed set of ways in which an operation of omnifs fails.
 *
 * Each kind has one errno (`runtime/vfs/errno.ts`) and one exit code; there is no error without a kind.
 *
 * @module
 */

/** Every kind of failure, each with its one-line meaning. */
export const ERROR_KINDS = {
  "not-found": "the object does not exist",
  "not-a-directory": "a directory was needed",
  "is-a-directory": "a file was needed",
  "invalid": "the name or the value makes no sense",
  "unauthorized": "no credential, or the upstream refused it",
  "denied": "the user did not grant it",
  "conflict": "the upstream no longer holds what was expected",
  "rate-limited": "the upstream asks to wait",
  "busy": "too many calls wait already",
  "too-large": "larger than a limit allows",
  "unavailable": "the upstream did not answer, or answered 5xx",
  "internal": "a fault of omnifs or of a provider",
  "interrupted": "the caller gave up",
  "read-only": "the live tree takes no writes",
  "unsupported": "there is no such operation here",
} as const;

/** One of {@linkcode ERROR_KINDS}. */
export type ErrorKind = keyof typeof ERROR_KINDS;

/** What {@linkcode OmnifsError} knows beside its kind and message. */
export interface ErrorDetails {
  /** The operation that failed, such as `lookup` or `callout`. */
  readonly op?: string;
  /** What it was done to: a path, a URL, a flag. */
  readonly path?: string;
  /** What to run or change next, in words for people. */
  readonly mend?: string;
  /** Milliseconds until it makes sense to try again. */
  readonly retryAfter?: number;
  /** The error underneath. */
  readonly cause?: unknown;
}

/** A failure with a kind; the message is for people and holds no secret. */
export class OmnifsError extends Error {
  /** Its kind. */
  readonly kind: ErrorKind;
  /** The operation that failed. */
  readonly op: string | undefined;
  /** What it was done to. */
  readonly path: string | undefined;
  /** What to do next. */
  readonly mend: string | undefined;
  /** Milliseconds until a new try makes sense. */
  readonly retryAfter: number | undefined;

  /** A failure of `kind`, told as `message`. */
  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "OmnifsError";
    this.kind = kind;
    this.op = details.op;
    this.path = details.path;
    this.mend = details.mend;
    this.retryAfter = details.retryAfter;
  }
}

/** `error` itself where it has a kind already, otherwise an `internal` one around it. */
export function asOmnifsError(error: unknown, op?: string): OmnifsError {
  if (error instanceof OmnifsError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new OmnifsError("internal", message, op === undefined ? { cause: error } : { cause: error, op });
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
