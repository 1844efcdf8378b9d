/**
 * Answers that came before anybody asked: what a change of ours made of the children of a directory of which nothing is
 * known yet. Whoever looks one up gets it as the answer to a look that began when it came, so whatever was said since
 * counts against it as against any other.
 *
 * @module
 */
import type { Cancel, Clock } from "../base/clock.ts";
import type { Changes, Underway } from "../cache/changes.ts";
import type { DirEntry, Node } from "../provider/node.ts";
import type { ChildWord } from "./knowledge.ts";

/** Milliseconds for which an answer waits to be asked for: whoever has applied something looks at it soon, or never. */
export const EARLY_FOR = 60_000;

/** Most batches of answers that wait; the oldest goes first. */
const MOST_BATCHES = 16;

/** One child of a directory. */
export interface EarlyAnswer {
  /** The key of the directory. */
  readonly directory: string;
  /** The child. */
  readonly entry: DirEntry;
}

/** What came with one answer of an upstream. */
interface Batch {
  readonly load: Underway;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly cancel: Cancel;
}

/** Answers that wait to be asked for. */
export class EarlyAnswers {
  readonly #changes: Changes<ChildWord>;
  readonly #clock: Clock;
  /** The latest first. */
  #batches: Batch[] = [];

  /** What is said meanwhile is in `changes`. */
  constructor(changes: Changes<ChildWord>, clock: Clock) {
    this.#changes = changes;
    this.#clock = clock;
  }

  /** Keeps `answers` of the provider at `mount`, which came just now. */
  keep(mount: string, answers: readonly EarlyAnswer[]): void {
    if (answers.length === 0) return;
    // As a load of one thing, so that what readers are shown meanwhile is remembered, and counts against it.
    const load = this.#changes.begin(`${mount}/`);
    const nodes = new Map(
      answers.map(({ directory, entry }) => [`${directory}\0${entry.name}`, entry.node]),
    );
    const cancel = this.#clock.after(EARLY_FOR, () => this.#drop(load));
    this.#batches.unshift({ load, nodes, cancel });
    const oldest = this.#batches[MOST_BATCHES];
    if (oldest !== undefined) this.#drop(oldest.load);
  }

  /** The child `name` of the directory `directory`, and the look that told it. */
  find(directory: string, name: string): { readonly node: Node; readonly load: Underway } | undefined {
    for (const { load, nodes } of this.#batches) {
      const node = nodes.get(`${directory}\0${name}`);
      if (node !== undefined) return { node, load };
    }
    return undefined;
  }

  /** Nobody will ask any more. */
  clear(): void {
    for (const { load } of this.#batches) this.#drop(load);
  }

  #drop(load: Underway): void {
    for (const batch of this.#batches) if (batch.load === load) batch.cancel();
    this.#batches = this.#batches.filter((batch) => batch.load !== load);
    this.#changes.end(load);
  }
}
