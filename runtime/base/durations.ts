/**
 * How long something took, over and over: how often, how long in all, and how the latest were spread.
 *
 * @module
 */

/** How many of the latest are kept for {@linkcode Durations.quantile}. */
export const DURATIONS_KEPT = 1_024;

/** Upper bounds of {@linkcode Durations.buckets}, in milliseconds. */
export const DURATION_BOUNDS: readonly number[] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000];

/** Counts durations in milliseconds. */
export class Durations {
  readonly #latest: number[] = [];
  readonly #buckets: number[] = DURATION_BOUNDS.map(() => 0);
  #count = 0;
  #sum = 0;

  /** How many there were. */
  get count(): number {
    return this.#count;
  }

  /** How long they took together. */
  get sum(): number {
    return this.#sum;
  }

  /** How many took at most as long as each of {@linkcode DURATION_BOUNDS}. */
  get buckets(): readonly number[] {
    return [...this.#buckets];
  }

  /** One more. */
  add(milliseconds: number): void {
    this.#latest[this.#count % DURATIONS_KEPT] = milliseconds;
    this.#count++;
    this.#sum += milliseconds;
    DURATION_BOUNDS.forEach((bound, index) => {
      if (milliseconds <= bound) this.#buckets[index] = (this.#buckets[index] ?? 0) + 1;
    });
  }

  /**
   * The shortest time within which `share` (from 0 to 1) of the latest {@linkcode DURATIONS_KEPT} were over (nearest
   * rank); undefined where there was none.
   */
  quantile(share: number): number | undefined {
    const sorted = this.#latest.toSorted((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  }
}
