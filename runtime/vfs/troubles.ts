/**
 * The latest failures that a reader saw, so that `omnifs status` can say what an errno cannot.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import type { OmnifsError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";

/** How many failures are kept. */
export const KEPT_TROUBLES = 50;

/** One failure, as the reader met it. */
export interface Trouble {
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** The operation, such as `lookup`. */
  readonly op: string;
  /** The path from the root of the tree. */
  readonly path: string;
  /** What went wrong. */
  readonly error: OmnifsError;
}

/** Kinds that are an answer rather than a failure: they are neither kept nor logged. */
const ANSWERS = new Set<OmnifsError["kind"]>([
  "not-found",
  "interrupted",
  "not-a-directory",
  "is-a-directory",
]);

/** Keeps the latest {@linkcode KEPT_TROUBLES} and writes each to the log. */
export class Troubles {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #kept: Trouble[] = [];

  /** None so far. */
  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Notes that `op` on `path` failed. */
  note(op: string, path: string, error: OmnifsError): void {
    if (ANSWERS.has(error.kind)) return;
    this.#kept.unshift({ time: this.#clock.now(), op, path, error });
    if (this.#kept.length > KEPT_TROUBLES) this.#kept.pop();
    this.#log.warn(`${op} failed: ${error.message}`, { path, kind: error.kind, mend: error.mend });
  }

  /** The latest first. */
  latest(): readonly Trouble[] {
    return this.#kept;
  }
}
