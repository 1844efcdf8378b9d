/**
 * What a poll remembers of a list that is asked for from a date on, so that the next one tells what is new in it.
 *
 * The list is asked for with the same `since` for as long as nothing changes, because only then an upstream can answer
 * that it did not. So what changed at the end of the last poll is listed again, and is known by its mark.
 *
 * @module
 */
import { markOf } from "./events.ts";

/** How long after a change a list may still come without it, in milliseconds: upstreams read from replicas. */
const LATE = 30_000;

/** Most marks that are kept of one list, so that a cursor stays within a few thousand characters. */
const MOST_MARKS = 40;

/** What is remembered. */
export interface Marks {
  /** The date from which on the list is asked for, as the upstream writes dates. */
  readonly since: string;
  /** The state of each item that was there already, by its key. */
  readonly seen: Readonly<Record<string, string>>;
}

/** One item of the list. */
export interface Listed<Item> {
  /** What identifies it. */
  readonly key: number | string;
  /** When it changed, as the upstream writes dates. */
  readonly updated: string;
  /** All that is shown of it, as text. */
  readonly shown: string;
  /** The item itself. */
  readonly item: Item;
}

/** A date as an upstream with milliseconds writes it. */
export function precise(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** A date as an upstream with whole seconds writes it. */
export function inSeconds(milliseconds: number): string {
  return precise(milliseconds).replace(/\.\d+Z$/, "Z");
}

/** Nothing yet, but from `milliseconds` on. */
export function marksFrom(milliseconds: number, dateText: (milliseconds: number) => string): Marks {
  return { since: dateText(milliseconds), seen: {} };
}

/**
 * Which items of the list are in another state than `before`, and what to remember of it now: `now` is the time by the
 * upstream's clock, in milliseconds since the Unix epoch.
 */
export function compare<Item>(
  before: Marks,
  listed: readonly Listed<Item>[],
  dateText: (milliseconds: number) => string,
  now: number,
): { readonly changed: Item[]; readonly after: Marks } {
  const marked = listed.filter(({ updated }) => updated >= before.since)
    .map((one) => ({ ...one, mark: markOf(one.shown) }))
    .sort((a, b) => a.updated < b.updated ? -1 : 1);
  const changed = marked.filter(({ key, mark }) => before.seen[key] !== mark).map(({ item }) => item);
  const newest = marked.at(-1)?.updated ?? before.since;
  const kept = marked.slice(-MOST_MARKS);
  const oldest = kept.length < marked.length ? kept[0]?.updated ?? "" : "";
  // Long after the last change nothing can come late any more: the memory is of that change alone.
  const late = now - Date.parse(newest) > 2 * LATE ? 0 : LATE;
  const [since = newest] = [dateText(Date.parse(newest) - late), before.since, oldest].sort().reverse();
  const seen = kept.filter(({ updated }) => updated >= since).map(({ key, mark }) => [key, mark]);
  return { changed, after: { since, seen: Object.fromEntries(seen) } };
}

/** Marks out of a cursor; undefined where they are none. */
export function marksIn(value: unknown): Marks | undefined {
  if (typeof value !== "object" || value === null || !("since" in value && "seen" in value)) return undefined;
  const { since, seen } = value;
  if (typeof since !== "string" || Number.isNaN(Date.parse(since))) return undefined;
  if (typeof seen !== "object" || seen === null) return undefined;
  const marks = Object.entries(seen).filter((pair): pair is [string, string] => typeof pair[1] === "string");
  return { since, seen: Object.fromEntries(marks) };
}
