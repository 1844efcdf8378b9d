/**
 * Putting an answer right by what was said while it was on its way.
 *
 * @module
 */
import type { Underway } from "../cache/changes.ts";
import type { DirEntry } from "../provider/node.ts";
import type { ChildWord } from "./knowledge.ts";
import { order } from "./node_rules.ts";

/** An answer that was put right. */
export interface Righted {
  /** The children. */
  readonly entries: readonly DirEntry[];
  /** False where nobody can tell whether the answer or the word is newer: then it is no answer to keep. */
  readonly sure: boolean;
  /** True where a child is not there any more, so that what was the first of the next page may be the last of this one. */
  readonly shorter: boolean;
}

/**
 * `entries`, children of one directory by an answer of `load`, put right by `words` that were said of the same
 * directory after it began. Where what is kept of it was put right already (`kept`), no child is added that is not in
 * the answer.
 */
export function putRight(
  entries: readonly DirEntry[],
  words: readonly ChildWord[],
  load: Underway,
  kept: boolean,
): Righted {
  if (words.length === 0) return { entries, sure: true, shorter: false };
  const last = new Map(words.map((word) => [word.id, word]));
  const names = new Map(entries.map(({ name, node }) => [node.id, name]));
  const shorter = words.some(({ id, entry }) =>
    entry === undefined || (names.get(id) ?? entry.name) !== entry.name
  );
  const righted = entries.flatMap((entry) => latest(entry, last.get(entry.node.id)));
  if (kept) return { entries: righted, sure: true, shorter };
  const added = [...last.values()].flatMap(({ id, entry }) =>
    names.has(id) || entry === undefined ? [] : [entry]
  );
  const news = added.filter(({ node }) => (node.modified ?? -Infinity) > load.since);
  const back = words.some(({ id, entry }) => entry === undefined && last.get(id)?.entry !== undefined);
  return {
    entries: [...righted, ...news],
    sure: news.length === added.length && !back,
    shorter,
  };
}

/** What is true of a child of which both an answer and a word tell. */
function latest(entry: DirEntry, word: ChildWord | undefined): DirEntry[] {
  if (word === undefined) return [entry];
  if (word.entry === undefined) return [];
  return [order(entry.node, word.entry.node) === "newer" ? entry : word.entry];
}
