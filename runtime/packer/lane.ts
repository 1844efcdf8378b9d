/**
 * The write lane: whatever changes a project waits here for what came before it.
 *
 * @module
 */

/** Runs one task after the other, in the order in which they came. */
export class Lane {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `task` when its turn comes. A task that fails holds nobody up. */
  run<Value>(task: () => Promise<Value>): Promise<Value> {
    const mine = this.#last.then(task);
    this.#last = mine.catch(() => {});
    return mine;
  }

  /** Resolves once everything that is in line by now is done. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
