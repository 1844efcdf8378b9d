/**
 * Watches: `arxiv:2201.13452` over which version of a paper is the latest, `arxiv:cs.CL` over a category, `arxiv:_search`
 * over every search.
 *
 * arXiv tells nobody when something changes, but it changes once a day. To ask for each paper that is kept would take
 * three seconds each, at a time when people read; so what may have changed is dropped, and asked for by whoever reads it.
 *
 * @module
 */
import { type EventsDefinition, lost, type Polled } from "../sdk/mod.ts";
import { lastNews, nextNews } from "./announcements.ts";

/** Milliseconds until the next look, where it does not say itself. */
const PACE = 3_600_000;

/** The provider's events; `now` tells milliseconds since the Unix epoch. */
export function eventsOf(now: () => number): EventsDefinition {
  return {
    sources: () => [{ tag: "poll", val: PACE }],
    poll: (watch, cursor, since) => pollAt(watch, cursor, since, now()),
    onEvent: () => [],
  };
}

/** A look at the time `now`; the cursor is the time of the last one. Nobody is asked. */
export function pollAt(watch: string, cursor: string | undefined, since: number, now: number): Polled {
  const last = /^\d+$/.test(cursor ?? "") ? Number(cursor) : since;
  return {
    invalidations: lastNews(now) > last ? [lost(watch)] : [],
    cursor: String(Math.floor(now)),
    wait: Math.ceil(nextNews(now) - now),
  };
}
