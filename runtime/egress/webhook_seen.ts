/**
 * Which deliveries were taken already, so that none is taken twice.
 *
 * GitHub's delivery id is no part of what is signed, so who replays a captured delivery can make one up: the signature
 * itself, which is the digest of the body, is remembered beside it.
 *
 * @module
 */

/** How many marks are kept, the latest ones: half as many deliveries, and about 2 MiB. Only a signed delivery leaves any. */
export const MARKS_KEPT = 16_384;

/** The marks of deliveries that were taken. */
export class Seen {
  readonly #marks = new Set<string>();

  /** Every mark, the oldest first. */
  get marks(): readonly string[] {
    return [...this.#marks];
  }

  /** True where one of `marks` is known. */
  has(marks: readonly string[]): boolean {
    return marks.some((mark) => this.#marks.has(mark));
  }

  /** Takes `marks` in, and lets the oldest go. */
  add(marks: readonly string[]): void {
    for (const mark of marks) this.#marks.add(mark);
    for (const oldest of this.#marks) {
      if (this.#marks.size <= MARKS_KEPT) return;
      this.#marks.delete(oldest);
    }
  }
}
