/**
 * Identifiers that look like digests, and are the same in each run.
 *
 * @module
 */

/** `length` hexadecimal digits that are always the same for the same number. */
export function digits(seed: number, length: number): string {
  let found = "";
  for (let state = seed; found.length < length;) {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) >>> 0;
    state = (state + 0x9e3779b9) >>> 0;
    found += state.toString(16).padStart(8, "0");
  }
  return found.slice(0, length);
}
