/**
 * Work that must not run side by side, in the order in which it was asked for.
 *
 * @module
 */

/** One lane for each key. */
export class Lanes {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs `work` after everything that was asked for under `key` before, whatever that came to. */
  run<Value>(key: string, work: () => Promise<Value>): Promise<Value> {
    const turn = (this.#last.get(key) ?? Promise.resolve()).then(work, work);
    const settled = turn.catch(() => {}).then(() => {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    });
    this.#last.set(key, settled);
    return turn;
  }
}
