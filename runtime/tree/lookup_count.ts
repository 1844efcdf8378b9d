/**
 * How often the kernel was given a node and has not forgotten it.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";

/** A count that never goes below zero: to take back what was not given is a fault, never a silent no-op. */
export class LookupCount {
  #value = 0;

  /** How many lookups the kernel still holds. */
  get value(): number {
    return this.#value;
  }

  /** The kernel was given the node once more. */
  increment(): void {
    this.#value++;
  }

  /**
   * The kernel takes back `count` lookups.
   *
   * @returns true where none is left
   * @throws {OmnifsError} `internal` where the kernel was given fewer; the count is then zero
   */
  decrement(count: number): boolean {
    const left = this.#value - count;
    this.#value = Math.max(0, left);
    if (left < 0) {
      throw new OmnifsError("internal", `forget of ${count} lookups where ${left + count} were given`);
    }
    return left === 0;
  }
}
