/**
 * What has changed, noted until it is announced: with what was known before the first of several changes, which is what
 * those who watch know.
 *
 * @module
 */
import type { Node } from "../provider/node.ts";
import type { Place } from "../tree/place.ts";
import type { Directory } from "./directory.ts";

/** What may be announced at once; the oldest beyond that is not. */
const MOST_NOTED = 4_096;

/** Changed files that nobody holds, of which it is found out whether their directory is watched. */
const MOST_UNHELD = 1_024;

/** A node that changed. */
export interface NotedState {
  /** What kind of change it is. */
  readonly tag: "state";
  /** The identity of the node. */
  readonly key: string;
  /** What was known of it. */
  readonly before: Node | undefined;
  /** True where the upstream said that it changed, and not only that it may have. */
  readonly sure: boolean;
}

/** A directory whose lines changed. */
export interface NotedLines {
  /** What kind of change it is. */
  readonly tag: "lines";
  /** The identity of the directory. */
  readonly key: string;
  /** All that was known of it; undefined where not every line was. */
  readonly before: Directory | undefined;
}

/** A line of a directory that is gone, new, or has another name. */
export interface NotedLine {
  /** What kind of change it is. */
  readonly tag: "line";
  /** The identity of the directory. */
  readonly key: string;
  /** The line that was there, if one was. */
  readonly before: Place | undefined;
  /** The line that is there, if one is. */
  readonly after: Place | undefined;
}

/** What was noted. */
export type Noted = NotedState | NotedLines | NotedLine;

/** All that was noted and not taken yet. */
export class Notes {
  #held: Noted[] = [];
  /** Files that nobody holds, by key: they are many, and most of them in directories that nobody watches. */
  #unheld = new Map<string, NotedState>();

  /** How many there are. */
  get size(): number {
    return this.#held.length + this.#unheld.size;
  }

  /** Notes what somebody holds. */
  hold(noted: Noted): void {
    const at = noted.tag === "line"
      ? -1
      : this.#held.findIndex(({ tag, key }) => tag === noted.tag && key === noted.key);
    const known = this.#held[at];
    if (known === undefined) this.#held.push(noted);
    else this.#held[at] = both(known, noted);
    if (this.#held.length > MOST_NOTED) this.#held.shift();
  }

  /** Notes a file that nobody holds; false where nobody can tell whether it is another one now. */
  leave(noted: NotedState): boolean {
    const { key, before, sure } = noted;
    // A watch holds a directory and not the files in it. That one is there is known where its state was.
    if (!sure || before === undefined || before.directory) return false;
    if (this.#unheld.size < MOST_UNHELD && !this.#unheld.has(key)) this.#unheld.set(key, noted);
    return true;
  }

  /**
   * Takes all of it. Where a file is that nobody holds is told by lines, which are loaded where they changed: so those files
   * come last.
   */
  take(): Noted[] {
    const all = [...this.#held, ...this.#unheld.values()];
    this.#held = [];
    this.#unheld.clear();
    return all;
  }

  /** Notes the files `rest` that nobody holds once more, where lines were noted meanwhile that may tell where they are. */
  again(rest: readonly NotedState[]): void {
    if (!this.#held.some(({ tag }) => tag === "lines")) return;
    for (const each of rest) this.#unheld.set(each.key, each);
  }
}

/** One note of two about the same. */
function both(first: Noted, second: Noted): Noted {
  if (first.tag === "state" && second.tag === "state") {
    return { ...first, sure: first.sure || second.sure };
  }
  if (first.tag === "lines" && second.tag === "lines") return first.before === undefined ? second : first;
  return first;
}
