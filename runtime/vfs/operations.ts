/**
 * What readers wait for, told to whoever looks. While nobody does, nothing is measured.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import { asOmnifsError, type ErrorKind } from "../base/errors.ts";

/** Something that a reader waited for. */
export interface Operation {
  /** When it ended, in milliseconds since the Unix epoch. */
  readonly time: number;
  /** Such as `lookup`. */
  readonly op: string;
  /** From the root of the tree, with a leading slash. */
  readonly path: string;
  /** How long the reader waited. */
  readonly milliseconds: number;
  /** Why it failed; null where it was answered. */
  readonly failure: ErrorKind | null;
}

/** Measures operations for those who look. */
export class Operations {
  readonly #clock: Clock;
  readonly #lookers = new Set<(operation: Operation) => void>();

  /** Nobody looks. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Tells `looker` each operation that begins from now on, when it ends, until the returned function is called. */
  watch(looker: (operation: Operation) => void): () => void {
    this.#lookers.add(looker);
    return () => void this.#lookers.delete(looker);
  }

  /** `work`, measured where somebody looks; `path` is asked for at its end. */
  measure<Value>(op: string, path: () => string, work: Promise<Value>): Promise<Value> {
    return this.#lookers.size === 0 ? work : this.#measured(op, path, work);
  }

  async #measured<Value>(op: string, path: () => string, work: Promise<Value>): Promise<Value> {
    const began = this.#clock.monotonic();
    let failure: ErrorKind | null = null;
    try {
      return await work;
    } catch (error) {
      failure = asOmnifsError(error, op).kind;
      throw error;
    } finally {
      const milliseconds = this.#clock.monotonic() - began;
      const operation = { time: this.#clock.now(), op, path: path(), milliseconds, failure };
      for (const looker of [...this.#lookers]) looker(operation);
    }
  }
}
