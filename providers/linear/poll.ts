/**
 * What the looks at a team and at the workspace have in common.
 *
 * @module
 */
import { type Listed, type Marks, marksFrom, marksIn, precise } from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import { connection, type Json, needed, number, text } from "./json.ts";
import { isWhole, pagesOf, type Swept, sweptIn, sweptOf } from "./sweep.ts";

/** How much the reading of two clocks may be apart, in milliseconds: one has whole seconds. */
const MARGIN = 5_000;

/**
 * How long after the first load a first look still counts as taken at once, in milliseconds. What no date tells of (a
 * comment deleted, a state renamed) is only seen from the first look on, so a later one drops everything.
 */
const AT_ONCE = 30_000;

/** Milliseconds between two sweeps for what is gone. */
const SWEEP = 900_000;

/** What a look begins with. */
export interface Look {
  /** The API. */
  readonly api: Api;
  /** What the cursor holds; undefined for the first look. */
  readonly before: Json | undefined;
  /** From when on lists are compared of which nothing is remembered, in milliseconds since the Unix epoch. */
  readonly from: number;
  /** The time of the look. */
  readonly now: number;
  /** True where what changed before this look may have been missed. */
  readonly late: boolean;
}

/**
 * A look at the time `now`, from `cursor` on; `since` is when the first load began. It goes by Linear's clock where that
 * was heard before.
 */
export function lookOf(
  api: Api,
  before: Json | undefined,
  cursor: string | undefined,
  since: number,
  now: number,
): Look {
  const late = before === undefined && (cursor !== undefined || now - since > AT_ONCE);
  return { api, before, from: (before === undefined ? since : now) - api.ahead - MARGIN, now, late };
}

/** The time of a look by Linear's clock. */
export function timeOf({ api, now }: Look): number {
  return now - api.ahead;
}

/** What to remember where a look gives up: everything since a little before it is still to be seen. */
export function marksNow(look: Look): Marks {
  return marksFrom(timeOf(look) - MARGIN, precise);
}

/** What is remembered under `key`. */
export function marksOf(look: Look, key: string): Marks {
  return marksIn(look.before?.[key]) ?? marksFrom(look.from, precise);
}

/** What a list of changes tells. */
export interface Changes {
  /** Its items. */
  readonly items: Listed<Json>[];
  /** True where there are more than it holds. */
  readonly more: boolean;
}

/** The items of a list of changes, by their dates; one that was archived changed then, too. */
export function changesIn(answer: Json, field: string): Changes {
  const { nodes, more } = connection(answer, field);
  const items = nodes.map((item) => {
    const dates = [text(item, "updatedAt") ?? "", text(item, "archivedAt") ?? ""].sort();
    const shown = JSON.stringify([dates, item["trashed"]]);
    return { key: needed(item, "id"), updated: dates[1] ?? "", shown, item };
  });
  return { items, more };
}

/** A list that is swept now and then. */
export interface Sweeping {
  /** The query, with `$before`. */
  readonly query: string;
  /** Its field. */
  readonly field: string;
  /** Its other variables. */
  readonly variables: Json;
}

/** The lists swept where that is due: whether something is gone from one of them, and what is to be remembered. */
export function sweep(
  api: Api,
  before: Json | undefined,
  now: number,
  lists: readonly Sweeping[],
): { readonly gone: boolean; readonly after: Json } {
  const time = number(before, "swept");
  if (time !== undefined && now - time < SWEEP) {
    return { gone: false, after: { swept: time, lists: before?.["lists"] } };
  }
  const known: unknown[] = Array.isArray(before?.["lists"]) ? before["lists"] : [];
  let gone = false;
  const after = lists.map(({ query, field, variables }, i): Swept => {
    const pages = pagesOf(api, query, field, variables);
    const was = sweptIn(known[i]);
    gone ||= was !== undefined && !isWhole(was, pages);
    return sweptOf(pages);
  });
  return { gone, after: { swept: now, lists: after } };
}
