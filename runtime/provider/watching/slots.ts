/**
 * A few at a time, first come, first served.
 *
 * @module
 */

/** Lets at most so many pieces of work run at once. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** As many as `slots` run at once. */
  constructor(slots: number) {
    this.#free = slots;
  }

  /** What `work` comes to, once it is its turn. @throws the reason of `signal` where it is aborted before */
  async run<Value>(work: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
    await this.#enter();
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      this.#leave();
    }
  }

  #enter(): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
