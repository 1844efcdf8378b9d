/**
 * What a poll remembers of one list, so that the next one tells what is new in it.
 *
 * A list is asked for with the same `since` for as long as nothing changes, because only then GitHub can answer that
 * it did not. So what changed at the end of the last poll is listed again, and is known by its mark.
 *
 * @module
 */
import { markOf } from "../sdk/mod.ts";
import { isObject, text } from "./json.ts";

/** How long after a change a list may still come without it, in milliseconds: GitHub reads from replicas. */
const LATE = 30_000;

/** Most marks that are kept of one list, so that a cursor stays within a few thousand characters. */
const MOST_MARKS = 40;

/** What is remembered. */
export interface Marks {
  /** The date from which on the list is asked for, as GitHub writes dates. */
  readonly since: string;
  /** The state of each item that was there already, by its number or id. */
  readonly seen: Readonly<Record<string, string>>;
}

/** One item of the list. */
export interface Listed<Item> {
  /** Its number or id. */
  readonly key: number;
  /** When it changed, as GitHub writes dates. */
  readonly updated: string;
  /** All that is shown of it, as text. */
  readonly shown: string;
  /** The item itself. */
  readonly item: Item;
}

/** A date as GitHub writes it: whole seconds. */
function dateText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}

/** Nothing yet, but from `milliseconds` on. */
export function marksFrom(milliseconds: number): Marks {
  return { since: dateText(milliseconds), seen: {} };
}

/** Which items of the list are in another state than `before`, and what to remember of it now. */
export function compare<Item>(
  before: Marks,
  listed: readonly Listed<Item>[],
): { readonly changed: Item[]; readonly after: Marks } {
  const marked = listed.filter(({ updated }) => updated >= before.since)
    .map((one) => ({ ...one, mark: markOf(one.shown) }))
    .sort((a, b) => a.updated < b.updated ? -1 : 1);
  const changed = marked.filter(({ key, mark }) => before.seen[key] !== mark).map(({ item }) => item);
  const newest = marked.at(-1)?.updated ?? before.since;
  const kept = marked.slice(-MOST_MARKS);
  const oldest = kept.length < marked.length ? kept[0]?.updated ?? "" : "";
  const [since = newest] = [dateText(Date.parse(newest) - LATE), before.since, oldest].sort().reverse();
  const seen = kept.filter(({ updated }) => updated >= since).map(({ key, mark }) => [key, mark]);
  return { changed, after: { since, seen: Object.fromEntries(seen) } };
}

/** Marks out of a cursor; undefined where they are none. */
export function marksIn(value: unknown): Marks | undefined {
  const since = text(value, "since");
  const seen = isObject(value) ? value["seen"] : undefined;
  if (since === undefined || Number.isNaN(Date.parse(since)) || !isObject(seen)) return undefined;
  const marks = Object.entries(seen).filter((pair): pair is [string, string] => typeof pair[1] === "string");
  return { since, seen: Object.fromEntries(marks) };
}
