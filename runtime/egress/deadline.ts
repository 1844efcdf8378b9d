/**
 * A deadline that stands still while nothing is asked of the upstream.
 *
 * @module
 */
import type { Cancel, Clock } from "../base/clock.ts";

/** Aborts its signal after so many milliseconds that were not spent waiting. */
export class Deadline {
  readonly #clock: Clock;
  readonly #controller = new AbortController();
  #left: number;
  #since = 0;
  #cancel: Cancel | undefined;

  /** Runs from now. */
  constructor(clock: Clock, milliseconds: number) {
    this.#clock = clock;
    this.#left = milliseconds;
    this.#run();
  }

  /** Aborted when the time is over. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What `wait` answers; the time until then does not count. */
  async without<Value>(wait: () => Promise<Value>): Promise<Value> {
    this.end();
    this.#left -= this.#clock.monotonic() - this.#since;
    try {
      return await wait();
    } finally {
      this.#run();
    }
  }

  /** It is of no use any more. */
  end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #run(): void {
    this.#since = this.#clock.monotonic();
    this.#cancel = this.#clock.after(Math.max(this.#left, 0), () => this.#controller.abort());
  }
}
