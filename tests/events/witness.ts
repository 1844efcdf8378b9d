/**
 * What readers were shown, held against what was true: no read goes back to a state that is older than one which an
 * earlier read of the same thing has shown.
 *
 * @module
 */
import type { Box, Tracker } from "./tracker.ts";

/** A read that is under way. */
export interface Reading {
  /** Where it stands in the order of all beginnings and ends. */
  readonly began: number;
}

/** An earlier read of one thing. */
interface Shown {
  /** Where it ended in the order of all beginnings and ends. */
  readonly ended: number;
  /** The earliest moment whose state it can have shown, as a number of changes. */
  readonly moment: number;
}

/** Takes note of every read. Each thing that is read has a history of its own: a name in a box, an item. */
export class Witness {
  readonly #tracker: Tracker;
  readonly #shown = new Map<string, Shown[]>();
  #order = 0;
  /** What was seen that must not be, in words. */
  readonly faults: string[] = [];
  /** How many reads showed something. */
  reads = 0;

  /** Of readers of `tracker`. */
  constructor(tracker: Tracker) {
    this.#tracker = tracker;
  }

  /** Forgets what was shown: reads from now on are held against each other alone. */
  forgetPast(): void {
    this.#shown.clear();
  }

  /** A read begins. */
  begin(): Reading {
    return { began: ++this.#order };
  }

  /** It showed that `name` in a box leads to `id`; undefined where it leads to nothing. */
  sawName(reading: Reading, repo: string, box: Box, name: string, id: string | undefined): void {
    this.#saw(
      reading,
      `${repo}/${box}/${name}`,
      id ?? "nothing",
      (from) => this.#tracker.momentOfName(repo, box, name, id, from),
    );
  }

  /** It showed an item at a version. */
  sawVersion(reading: Reading, id: string, version: number): void {
    this.#saw(reading, id, `version ${version}`, (from) => this.#tracker.momentOfVersion(id, version, from));
  }

  #saw(
    { began }: Reading,
    what: string,
    value: string,
    momentFrom: (from: number) => number | undefined,
  ): void {
    this.reads++;
    const before = this.#shown.get(what) ?? [];
    const from = before.reduce(
      (least, { ended, moment }) => ended < began ? Math.max(least, moment) : least,
      0,
    );
    const moment = momentFrom(from);
    if (moment === undefined) {
      this.faults.push(
        `${what} was shown as ${value}, and that was before change ${from}, which was shown already`,
      );
      return;
    }
    this.#shown.set(what, [...before.slice(-32), { ended: ++this.#order, moment }]);
  }
}
