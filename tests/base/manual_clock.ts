/**
 * A clock that stands still until a test moves it.
 *
 * @module
 */
import type { Cancel, Clock } from "../../runtime/base/clock.ts";

/** Time by hand. */
export class ManualClock implements Clock {
  #time: number;
  readonly #timers = new Map<() => void, number>();

  /** Begins at `time`, in milliseconds since the Unix epoch. */
  constructor(time = 0) {
    this.#time = time;
  }

  /** See {@linkcode Clock}. */
  now(): number {
    return this.#time;
  }

  /** See {@linkcode Clock}. */
  monotonic(): number {
    return this.#time;
  }

  /** See {@linkcode Clock}. */
  after(milliseconds: number, fire: () => void): Cancel {
    const timer = () => fire();
    this.#timers.set(timer, this.#time + milliseconds);
    return () => void this.#timers.delete(timer);
  }

  /** Timers that have neither fired nor been cancelled. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** When the next timer is due; undefined where there is none. */
  get due(): number | undefined {
    return this.#timers.size === 0 ? undefined : Math.min(...this.#timers.values());
  }

  /** Lets `milliseconds` pass. */
  pass(milliseconds: number): void {
    this.#time += milliseconds;
    for (const [timer, at] of [...this.#timers]) {
      if (at <= this.#time && this.#timers.delete(timer)) timer();
    }
  }
}
