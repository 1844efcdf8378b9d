/**
 * The time of a shadow directory, as one kernel is told it.
 *
 * The kernel keeps the lines that it was given for as long as the directory has the time that it was told before it asked
 * for them (`fuse_readdir_cached`), whatever the timeouts are. So the time is another one where they may have changed.
 *
 * @module
 */
import { TICK } from "../attributes.ts";

/** What a directory is like now. */
export interface Dated {
  /** Its time by what is known of it, in milliseconds since the Unix epoch. */
  readonly modified: number;
  /** Its lines; another word for others. Undefined where nobody knows whether they are what they were. */
  readonly lines: string | undefined;
}

/** What one kernel was told of one directory. */
export class ToldTime {
  /** The latest time of all that were told. */
  #latest = -Infinity;
  /** Before this nothing is told any more. */
  #least = -Infinity;
  /** The lines that were given since the time last moved; none where there is no such word, several where undefined. */
  #given: { readonly lines: string | undefined } | undefined;

  /** Notes that `lines` were given. */
  give(lines: string | undefined): void {
    const same = this.#given === undefined || this.#given.lines === lines;
    this.#given = { lines: same ? lines : undefined };
  }

  /**
   * The time to tell, in milliseconds since the Unix epoch: `modified`, or a later one where what was given under the
   * times until now may be no longer true. `now` is the time of this look.
   */
  tell({ modified, lines }: Dated, now: number): number {
    if (this.#given !== undefined && (lines === undefined || lines !== this.#given.lines)) {
      this.#given = undefined;
      // Where nobody knows of a change the time is hardly another one: tools that compare times would see one.
      const since = lines === undefined || modified > this.#latest ? modified : now;
      this.#least = Math.max(this.#latest + TICK, since);
    }
    const told = Math.max(modified, this.#least);
    this.#latest = Math.max(this.#latest, told);
    return told;
  }
}
