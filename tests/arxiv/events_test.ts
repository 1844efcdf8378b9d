/**
 * When the arXiv provider takes what it knows for old: the nights of announcement, and no request ever.
 *
 * @module
 */
import { deepStrictEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { lastNews, nextNews } from "../../providers/arxiv/announcements.ts";
import { pollAt } from "../../providers/arxiv/events.ts";
import { GuestEvents } from "../support/guest_events.ts";
import { checkProperty } from "../support/property.ts";
import { withComponent } from "./mounted.ts";

const EASTERN = new Intl.DateTimeFormat("en-US", {
  timeZone: "America/New_York",
  weekday: "short",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

const ANNOUNCED = ["Sun 20:15", "Mon 20:15", "Tue 20:15", "Wed 20:15", "Thu 20:15"];
const IN_THE_API = ["Mon 00:15", "Tue 00:15", "Wed 00:15", "Thu 00:15", "Fri 00:15"];

/** `Thu 20:15` in New York, by the time zone data of the system. */
function inNewYork(moment: number): string {
  const parts = new Map(EASTERN.formatToParts(moment).map(({ type, value }) => [type, value]));
  return `${parts.get("weekday")} ${parts.get("hour")}:${parts.get("minute")}`;
}

Deno.test("news is at a quarter past eight and past midnight in New York, summer and winter", () =>
  checkProperty(
    fc.property(fc.integer({ min: Date.UTC(2008, 0), max: Date.UTC(2060, 0) }), (moment) => {
      const [last, next] = [lastNews(moment), nextNews(moment)];
      ok(last <= moment && moment < next);
      for (const time of [last, next]) {
        ok([...ANNOUNCED, ...IN_THE_API].includes(inNewYork(time)), inNewYork(time));
      }
      // None between the two, and never more than a weekend without any.
      equal(nextNews(last), next);
      ok(next - last <= 3 * 86_400_000);
    }),
  ));

Deno.test("a week has ten times of news, the two on which the clocks are changed too", () => {
  for (const monday of ["2026-03-02", "2026-03-09", "2026-10-26", "2026-11-02", "2026-06-01"]) {
    const start = Date.parse(`${monday}T12:00:00Z`);
    const times = [];
    for (let time = nextNews(start); times.length < 10; time = nextNews(time)) times.push(inNewYork(time));
    deepStrictEqual([...times].sort(), [...ANNOUNCED, ...IN_THE_API].sort(), monday);
  }
});

Deno.test("what was loaded before the news is dropped by the first look after it, and by no other", () => {
  const watch = "arxiv:2201.13452";
  // Wednesday, 14 January 2026, 20:15 in New York.
  const news = Date.UTC(2026, 0, 15, 1, 15);
  equal(lastNews(news), news);
  const early = pollAt(watch, undefined, news - 2_000, news - 1_000);
  deepStrictEqual(early, { invalidations: [], cursor: String(news - 1_000), wait: 1_000 });
  const due = pollAt(watch, early.cursor, news - 2_000, news);
  deepStrictEqual(due.invalidations, [{ tag: "watch", val: watch }]);
  equal(due.wait, 4 * 3_600_000);
  deepStrictEqual(pollAt(watch, due.cursor, news - 2_000, news + 1).invalidations, []);
  deepStrictEqual(pollAt(watch, undefined, news - 1, news + 1).invalidations.length, 1);
  deepStrictEqual(pollAt(watch, undefined, news + 1, news + 2).invalidations, []);
});

Deno.test("a look asks nobody", () =>
  withComponent(async ({ arxiv, gate }) => {
    using events = await GuestEvents.start("arxiv", arxiv.settings, gate);
    deepStrictEqual((await events.sources("arxiv:cs.CL")).map(({ tag }) => tag), ["poll"]);
    const weekAgo = Date.now() - 7 * 86_400_000;
    const { invalidations, cursor, wait = 0 } = await events.poll("arxiv:cs.CL", undefined, weekAgo);
    deepStrictEqual(invalidations, [{ tag: "watch", val: "arxiv:cs.CL" }]);
    ok(wait > 0 && wait <= 3 * 86_400_000);
    ok(Number(cursor) > weekAgo);
    deepStrictEqual(arxiv.requests, []);
  }));
