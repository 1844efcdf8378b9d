/**
 * How long to wait before something that failed is tried again.
 *
 * @module
 */

/** Doubles from one wait to the next, up to a longest one. */
export class Backoff {
  readonly #first: number;
  readonly #longest: number;
  #next: number;

  /** Begins at `first` milliseconds and never exceeds `longest`. */
  constructor(first: number, longest: number) {
    this.#first = first;
    this.#longest = longest;
    this.#next = first;
  }

  /** Milliseconds to wait this time. */
  next(): number {
    const wait = this.#next;
    this.#next = Math.min(this.#longest, wait * 2);
    return wait;
  }

  /** It worked: the next wait is a first one. */
  reset(): void {
    this.#next = this.#first;
  }
}
