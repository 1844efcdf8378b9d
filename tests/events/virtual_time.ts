/**
 * Time that passes from timer to timer, as fast as the machine can: everything that waits for nothing but its turn has
 * had it before the next timer fires.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import { ManualClock } from "../base/manual_clock.ts";

/** Lets everything happen that waits for nothing but its turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A clock that a test lets run. */
export class VirtualTime extends ManualClock {
  /** Lets `milliseconds` pass, from timer to timer. */
  async run(milliseconds: number): Promise<void> {
    const end = this.now() + milliseconds;
    await turn();
    for (let due = this.due; due !== undefined && due <= end; due = this.due) {
      this.pass(Math.max(0, due - this.now()));
      await turn();
    }
    this.pass(end - this.now());
    await turn();
  }

  /** Resolves after `milliseconds`. */
  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.after(milliseconds, resolve));
  }
}

/** Chance that is the same for the same seed (mulberry32). */
export class Chance {
  #state: number;

  /** The chance of `seed`. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 to less than 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** True so often in a hundred times. */
  percent(often: number): boolean {
    return this.below(100) < often;
  }

  /** One of `all`. */
  of<Value>(all: readonly Value[]): Value {
    const value = all[this.below(all.length)];
    if (value === undefined) throw new Error("nothing to choose from");
    return value;
  }
}
