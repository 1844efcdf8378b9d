/**
 * How new the states were that readers were shown of what is no longer kept, and when it was said that they changed: an
 * event that comes late must not take a reader back to before that.
 *
 * @module
 */

/** Most keys that are remembered one by one. */
const MOST = 16_384;

/** Remembers the latest time of each key. */
export class Latest {
  readonly #times = new Map<string, number>();
  readonly #most: number;
  #forgotten = -Infinity;

  /** Remembers at most `most` keys one by one, those that were noted last. */
  constructor(most: number = MOST) {
    this.#most = most;
  }

  /** Something of `key` has the time `time`, in milliseconds since the Unix epoch. */
  note(key: string, time: number): void {
    const latest = Math.max(time, this.#times.get(key) ?? -Infinity);
    this.#times.delete(key);
    this.#times.set(key, latest);
    if (this.#times.size <= this.#most) return;
    const [oldest] = this.#times;
    if (oldest === undefined) return;
    this.#times.delete(oldest[0]);
    this.#forgotten = Math.max(this.#forgotten, oldest[1]);
  }

  /** The latest time of `key`; of one that is not remembered, the latest of all that were forgotten. */
  of(key: string): number {
    return this.#times.get(key) ?? this.#forgotten;
  }
}
