/**
 * Watches: `arxiv:cs.CL` over a category, `arxiv:2511.00001` over a paper's latest version, `arxiv:_search` over searches.
 * No request tells what is new; what is known is asked for anew after each night's news.
 *
 * @module
 */
import type { EventsDefinition, Invalidation, Polled, Source } from "../sdk/mod.ts";
import { latestNews, nextNews } from "./nightly.ts";

/** Milliseconds between two looks where the provider does not say: a day. It always says. */
const PACE = 86_400_000;

/** The provider's events; `now` tells milliseconds since the Unix epoch. */
export function eventsOf(now: () => number): EventsDefinition {
  return {
    sources: (watch): Source[] => watch.startsWith("arxiv:") ? [{ tag: "poll", val: PACE }] : [],
    poll: (watch, cursor, since) => pollWatch(watch, cursor, since, now()),
    onEvent: () => [],
  };
}

/** The cursor is the time of the news that was seen last. */
function pollWatch(watch: string, cursor: string | undefined, since: number, now: number): Polled {
  const seen = cursor === undefined ? since : Number(cursor);
  const latest = latestNews(now);
  const changed: Invalidation[] = seen < latest || Number.isNaN(seen) ? [{ tag: "watch", val: watch }] : [];
  return { invalidations: changed, cursor: String(latest), wait: nextNews(now) - now };
}
