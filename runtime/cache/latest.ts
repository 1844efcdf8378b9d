/**
 * How new the states were that readers were shown of what is no longer kept: an event that comes late must not take a
 * reader back to before that.
 *
 * @module
 */

/** Most identities that are remembered one by one. */
const MOST_LATEST = 16_384;

/** Remembers, for each identity that was kept, the upstream's time of its latest state. */
export class Latest {
  readonly #times = new Map<string, number>();
  readonly #most: number;
  #forgotten = -Infinity;

  /** Remembers at most `most` identities one by one, those that went last. */
  constructor(most: number = MOST_LATEST) {
    this.#most = most;
  }

  /** What was kept of `key` goes; its state was that of `modified`, in milliseconds since the Unix epoch by the upstream's clock. */
  note(key: string, modified: number): void {
    const time = Math.max(modified, this.#times.get(key) ?? -Infinity);
    this.#times.delete(key);
    this.#times.set(key, time);
    if (this.#times.size <= this.#most) return;
    const [oldest] = this.#times;
    if (oldest === undefined) return;
    this.#times.delete(oldest[0]);
    this.#forgotten = Math.max(this.#forgotten, oldest[1]);
  }

  /**
   * The state of which nobody was shown a newer one of `key`: one of an identity that is not remembered may be any that
   * was forgotten.
   */
  of(key: string): number {
    return this.#times.get(key) ?? this.#forgotten;
  }
}
