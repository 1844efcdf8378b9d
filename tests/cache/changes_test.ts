/**
 * What was said while loads were under way, and how new what is gone was.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Changes } from "../../runtime/cache/changes.ts";
import { Latest } from "../../runtime/cache/latest.ts";
import { ManualClock } from "../base/manual_clock.ts";

Deno.test("a load is overtaken by what was said after it began, and by nothing before", () => {
  const changes = new Changes<string>(new ManualClock());
  const first = changes.begin("m/a");
  changes.note("state", "m/x");
  changes.say("m/d", "one");
  const second = changes.begin("m/a");
  changes.say("m/d", "two");
  assert.deepEqual([first, second].map((load) => changes.noted("state", "m/x", load)), [true, false]);
  assert.equal(changes.noted("lines", "m/x", first), false);
  assert.deepEqual([first, second].map((load) => changes.said("m/d", load)), [["one", "two"], ["two"]]);
  changes.kept("m/y", first.tick);
  assert.deepEqual([changes.keptAfter("m/y", first), changes.keptAfter("m/y", second)], [false, false]);
  changes.kept("m/y");
  assert.equal(changes.keptAfter("m/y", second), true);
  changes.noteEverything();
  assert.equal(changes.noted("watch", "m/w", second), true);
});

Deno.test("the oldest load of a mount says since when something may be missing", () => {
  const clock = new ManualClock(1_000);
  const changes = new Changes<string>(clock);
  const load = changes.begin("m/a");
  clock.pass(500);
  const other = changes.begin("n/a");
  clock.pass(500);
  assert.deepEqual(["m", "n", "o"].map((mount) => changes.since(mount)), [1_000, 1_500, 2_000]);
  changes.end(load);
  changes.end(other);
  assert.equal(changes.since("m"), 2_000);
});

Deno.test("the log is empty when no load is under way, and bounded by the oldest one while loads go on for ever", () => {
  const changes = new Changes<string>(new ManualClock());
  let load = changes.begin("m/a");
  for (let i = 0; i < 100_000; i++) {
    changes.note("state", `m/${i}`);
    changes.say("m/d", `${i}`);
    if (i % 100 !== 0) continue;
    const next = changes.begin("m/a");
    changes.end(load);
    load = next;
  }
  assert.equal(changes.noted("state", "m/99999", load), true);
  assert(changes.size < 20_000, `${changes.size} entries are kept`);
  changes.end(load);
  assert.deepEqual([changes.size, changes.underway], [0, 0]);
});

Deno.test("of a key that is not remembered any more, the latest of all that were forgotten counts", () => {
  const latest = new Latest(2);
  assert.equal(latest.of("a"), -Infinity);
  latest.note("a", 5);
  latest.note("a", 3);
  assert.equal(latest.of("a"), 5);
  latest.note("b", 7);
  latest.note("c", 1);
  assert.deepEqual(["a", "b", "c", "d"].map((key) => latest.of(key)), [5, 7, 1, 5]);
});
