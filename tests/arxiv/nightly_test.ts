/**
 * When arXiv has news, and what a look on behalf of a watch says of it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { eventsOf } from "../../providers/arxiv/events.ts";
import { latestNews, nextNews } from "../../providers/arxiv/nightly.ts";

const at = (date: string) => Date.parse(date);
const told = (time: number) => new Date(time).toISOString();

Deno.test("news come half an hour after midnight in New York, in winter and in summer", () => {
  assert.equal(told(latestNews(at("2026-01-15T05:29:59Z"))), "2026-01-14T05:30:00.000Z");
  assert.equal(told(latestNews(at("2026-01-15T05:30:00Z"))), "2026-01-15T05:30:00.000Z");
  assert.equal(told(latestNews(at("2026-07-15T04:29:59Z"))), "2026-07-14T04:30:00.000Z");
  assert.equal(told(latestNews(at("2026-07-15T04:30:00Z"))), "2026-07-15T04:30:00.000Z");
});

Deno.test("the nights of both switches are neither skipped nor told twice", () => {
  // Summer time of 2026: 8 March to 1 November.
  for (const [from, to] of [["2026-03-05", "2026-03-12"], ["2026-10-29", "2026-11-05"]] as const) {
    const nights = new Set<string>();
    for (let now = at(`${from}T00:00:00Z`); now < at(`${to}T00:00:00Z`); now += 600_000) {
      assert(latestNews(now) <= now, told(now));
      assert(nextNews(now) > now, told(now));
      assert(nextNews(now) - now <= 25 * 3_600_000, told(now));
      assert.equal(latestNews(nextNews(now)), nextNews(now), told(now));
      nights.add(told(latestNews(now)).slice(0, 10));
    }
    assert.equal(nights.size, 8);
  }
});

Deno.test("a watch is dropped once after each night's news, and asks nobody", () => {
  let now = at("2026-01-15T12:00:00Z");
  const events = eventsOf(() => now);
  assert.deepEqual(events.sources("arxiv:cs.CL"), [{ tag: "poll", val: 86_400_000 }]);
  const first = events.poll("arxiv:cs.CL", undefined, now - 1_000);
  assert.deepEqual(first.invalidations, []);
  assert.equal(told(now + (first.wait ?? 0)), "2026-01-16T05:30:00.000Z");
  now += first.wait ?? 0;
  const second = events.poll("arxiv:cs.CL", first.cursor, 0);
  assert.deepEqual(second.invalidations, [{ tag: "watch", val: "arxiv:cs.CL" }]);
  assert.deepEqual(events.poll("arxiv:cs.CL", second.cursor, 0).invalidations, []);
});

Deno.test("what was loaded before the night's news, and looked at after them, is dropped", () => {
  const now = at("2026-01-15T06:00:00Z");
  const { invalidations } = eventsOf(() => now).poll("arxiv:2511.00001", undefined, now - 3_600_000);
  assert.deepEqual(invalidations, [{ tag: "watch", val: "arxiv:2511.00001" }]);
});
