/**
 * Polls: when they begin, from where, how often, and what becomes of a watch whose polls fail.
 *
 * @module
 */
import assert from "node:assert/strict";
import { OmnifsError } from "../../runtime/base/errors.ts";
import type { Polled } from "../../runtime/provider/events.ts";
import { settle } from "../support/loads.ts";
import { NOTHING_NEW, Scene } from "./fake_upstream.ts";

const MINUTE = 60_000;

const down = () => Promise.reject(new OmnifsError("unavailable", "down"));

Deno.test("nothing is asked before the cache keeps something, and nothing after it keeps nothing", async () => {
  await using scene = new Scene();
  await scene.pass(60 * MINUTE);
  assert.deepEqual([scene.events.asked, scene.events.polls.length], [0, 0]);

  await scene.start();
  await scene.pass(3 * MINUTE);
  assert.equal(scene.events.polls.length, 3);

  scene.watching.stopped("w");
  await scene.pass(60 * MINUTE);
  assert.equal(scene.events.polls.length, 3);
  assert.deepEqual(scene.taken(), ["started w: poll", "stopped w"]);
  assert.deepEqual(scene.watching.watches(), []);
});

Deno.test("the first poll gets the time when the first load began, and each one after it the cursor before", async () => {
  await using scene = new Scene();
  let count = 0;
  scene.events.onPoll = () => ({ ...NOTHING_NEW, cursor: `c${++count}` });
  await scene.start("w", 999_000);
  await scene.pass(3 * MINUTE);
  assert.deepEqual(scene.events.polls.map(({ cursor, since }) => [cursor, since]), [
    [undefined, 999_000],
    ["c1", 1_000_000 + MINUTE],
    ["c2", 1_000_000 + 2 * MINUTE],
  ]);
});

Deno.test("a poll without a cursor is followed by one from the time when it began", async () => {
  await using scene = new Scene();
  scene.events.onPoll = () => ({ ...NOTHING_NEW, cursor: undefined });
  await scene.start("w", 5);
  await scene.pass(2 * MINUTE);
  assert.deepEqual(scene.events.polls.map(({ cursor, since }) => [cursor, since]), [
    [undefined, 5],
    [undefined, 1_000_000 + MINUTE],
  ]);
});

Deno.test("what a poll finds is applied, with the time when it was asked", async () => {
  await using scene = new Scene();
  scene.events.onPoll = () => ({ ...NOTHING_NEW, invalidations: [{ tag: "node", id: "n" }] });
  await scene.start();
  await scene.pass(MINUTE);
  assert.deepEqual(scene.applied, [{ tag: "node", id: "n" }]);
  assert.deepEqual(scene.words, [
    { source: "poll", watch: "w", cause: "poll of w", receivedAt: 1_000_000 + MINUTE },
  ]);
});

Deno.test("the upstream's own pace replaces the source's, within bounds", async () => {
  await using scene = new Scene();
  const waits = [5_000, 0, 2 ** 52, undefined];
  scene.events.onPoll = () => ({ ...NOTHING_NEW, wait: waits[scene.events.polls.length - 1] });
  await scene.start();
  await scene.pass(66_000 + 86_400_000 + 60_000);
  const at = scene.events.polls.map((poll) => poll.at - 1_000_000);
  // A wait of 0 is the shortest pace, one of ages the longest.
  assert.deepEqual(at.slice(0, 4), [60_000, 65_000, 66_000, 66_000 + 86_400_000]);
  assert.equal(at[4], 66_000 + 86_400_000 + 60_000);
});

Deno.test("polls of one watch never overlap, however late an answer is", async () => {
  await using scene = new Scene();
  const answers: ((polled: Polled) => void)[] = [];
  scene.events.onPoll = () => new Promise((resolve) => answers.push(resolve));
  await scene.start();
  await scene.pass(30 * MINUTE);
  assert.equal(scene.events.polls.length, 1);
  answers[0]?.(NOTHING_NEW);
  await settle();
  await scene.pass(1_000);
  assert.equal(scene.events.mostPolling, 1);
  assert.equal(scene.events.polls.length, 2);
  answers[1]?.(NOTHING_NEW);
  await settle();
});

Deno.test("only a few watches are asked about at once, and each gets its turn", async () => {
  await using scene = new Scene();
  const answers: ((polled: Polled) => void)[] = [];
  scene.events.onPoll = () => new Promise((resolve) => answers.push(resolve));
  for (let i = 0; i < 10; i++) await scene.start(`w${i}`);
  await scene.pass(MINUTE);
  for (let i = 0; i < 10; i++) {
    answers[i]?.(NOTHING_NEW);
    await settle();
  }
  assert.equal(scene.events.polls.length, 10);
  assert.equal(scene.events.mostPolling, 2);
});

Deno.test("a watch that is needed again soon goes on as if nothing had been", async () => {
  await using scene = new Scene();
  await scene.start();
  await scene.pass(MINUTE);
  scene.watching.stopped("w");
  await scene.pass(1_000);
  await scene.start();
  await scene.pass(MINUTE - 1_000);
  assert.equal(scene.events.asked, 1);
  assert.deepEqual(scene.events.polls.map(({ at }) => at - 1_000_000), [MINUTE, 2 * MINUTE]);
});

Deno.test("a watch that is needed again much later goes on from its cursor, at once", async () => {
  await using scene = new Scene();
  scene.events.onPoll = () => ({ ...NOTHING_NEW, cursor: "saved" });
  await scene.start();
  await scene.pass(MINUTE);
  scene.watching.stopped("w");
  await scene.pass(10 * MINUTE);
  await scene.start();
  await scene.pass(0);
  const last = scene.events.polls.at(-1);
  assert.deepEqual([last?.cursor, last?.at], ["saved", scene.clock.now()]);
});

Deno.test("only so many ended watches are remembered", async () => {
  await using scene = new Scene({ remembered: 2 });
  for (const watch of ["a", "b", "c"]) {
    await scene.start(watch);
    await scene.pass(MINUTE);
    scene.watching.stopped(watch);
    await scene.pass(MINUTE);
  }
  for (const watch of ["a", "b", "c"]) await scene.start(watch, 7);
  await scene.pass(MINUTE);
  const first = (name: string) => scene.events.polls.slice(3).find(({ watch }) => watch === name)?.cursor;
  assert.deepEqual(["a", "b", "c"].map(first), [undefined, "c", "c"]);
});

Deno.test("a poll that fails is tried again soon, and the gap is filled from the same cursor", async () => {
  await using scene = new Scene();
  scene.events.onPoll = ({ cursor }) => {
    const { length } = scene.events.polls;
    if (length >= 2 && length <= 4) return down();
    return { ...NOTHING_NEW, cursor: `${cursor ?? ""}+`, invalidations: [{ tag: "node", id: `${length}` }] };
  };
  await scene.start();
  await scene.pass(2 * MINUTE + 10_000);
  const [, ...rest] = scene.events.polls;
  assert.deepEqual(rest.map(({ at }) => at - 1_000_000 - 2 * MINUTE), [0, 250, 750, 1_750]);
  assert.ok(rest.every(({ cursor }) => cursor === "+"));
  assert.deepEqual(scene.applied.at(-1), { tag: "node", id: "5" });
  assert.deepEqual(scene.taken(), ["started w: poll"]);
  // Back to the pace, counted from the poll that succeeded.
  await scene.pass(MINUTE);
  assert.equal(scene.events.polls.at(-1)?.at, 1_000_000 + 3 * MINUTE + 1_750);
});

Deno.test("a poll that fails past its budget loses the watch, and what it guarded", async () => {
  await using scene = new Scene();
  scene.events.onPoll = () => scene.events.polls.length === 1 ? NOTHING_NEW : down();
  await scene.start();
  await scene.pass(2 * MINUTE + 29_999);
  assert.equal(scene.watching.isLost("w"), false);
  assert.equal(scene.watching.watches()[0]?.state, "troubled");
  await scene.pass(1);
  assert.equal(scene.watching.isLost("w"), true);
  assert.deepEqual(scene.taken(), ["started w: poll", "lost w: down"]);
  assert.deepEqual(scene.watching.watches()[0]?.trouble, "down");
});

Deno.test("a lost watch asks nothing until somebody wants it, and is back once a poll from the cursor succeeded", async () => {
  await using scene = new Scene();
  scene.onApply = ([first]) => {
    if (first?.tag === "watch") scene.watching.stopped(first.watch);
  };
  let up = true;
  scene.events.onPoll = () => up ? { ...NOTHING_NEW, cursor: `at ${scene.clock.now()}` } : down();
  await scene.start();
  await scene.pass(MINUTE);
  up = false;
  await scene.pass(2 * MINUTE);
  assert.equal(scene.watching.isLost("w"), true);
  const before = scene.events.polls.length;
  await scene.pass(600 * MINUTE);
  assert.equal(scene.events.polls.length, before);

  // The upstream is still down: one try for all that want it, and no more by itself.
  scene.watching.wanted("w");
  scene.watching.wanted("w");
  await scene.pass(MINUTE);
  assert.equal(scene.events.polls.length, before + 1);
  assert.equal(scene.watching.isLost("w"), true);

  up = true;
  scene.events.onPoll = () => ({ ...NOTHING_NEW, invalidations: [{ tag: "node", id: "gap" }] });
  scene.watching.wanted("w");
  await scene.pass(1_000);
  assert.equal(scene.watching.isLost("w"), false);
  assert.equal(scene.events.polls.at(-1)?.cursor, `at ${1_000_000 + MINUTE}`);
  assert.deepEqual(scene.applied, [{ tag: "node", id: "gap" }]);
  assert.deepEqual(scene.taken().slice(-1), ["regained w"]);

  // Whoever wanted it kept nothing after all.
  await scene.pass(600 * MINUTE);
  assert.equal(scene.events.polls.length, before + 2);
  assert.deepEqual(scene.taken(), ["stopped w"]);
});

Deno.test("a watch that is lost after the last thing that it guarded is gone stays lost", async () => {
  await using scene = new Scene();
  scene.events.onPoll = down;
  await scene.start();
  await scene.pass(MINUTE + 29_000);
  scene.watching.stopped("w");
  await scene.pass(10 * MINUTE);
  assert.deepEqual(scene.taken(), ["started w: poll", "lost w: down"]);
  assert.equal(scene.watching.isLost("w"), true);
  scene.events.onPoll = () => NOTHING_NEW;
  scene.watching.wanted("w");
  await scene.pass(MINUTE);
  assert.deepEqual(scene.taken(), ["regained w", "stopped w"]);
});

Deno.test("tries of a lost watch come more and more seldom while it stays lost", async () => {
  await using scene = new Scene();
  scene.events.onPoll = down;
  await scene.start();
  await scene.pass(2 * MINUTE);
  assert.equal(scene.watching.isLost("w"), true);
  const before = scene.events.polls.length;
  for (let i = 0; i < 600; i++) {
    scene.watching.wanted("w");
    await scene.pass(1_000);
  }
  const tries = scene.events.polls.slice(before);
  assert.ok(tries.length >= 10 && tries.length <= 20, `${tries.length} tries in ten minutes`);
});

for (const kind of ["not-found", "unauthorized", "denied"] as const) {
  Deno.test(`a poll that fails with ${kind} loses the watch at once`, async () => {
    await using scene = new Scene();
    scene.events.onPoll = () => Promise.reject(new OmnifsError(kind, "no"));
    await scene.start();
    await scene.pass(MINUTE);
    assert.deepEqual(scene.taken(), ["started w: poll", "lost w: no"]);
  });
}

Deno.test("a rate limit holds polls back, status tells how old the promise is, and past a bound the watch is lost", async () => {
  await using scene = new Scene();
  scene.events.onPoll = () =>
    scene.events.polls.length === 1
      ? NOTHING_NEW
      : Promise.reject(new OmnifsError("rate-limited", "wait", { retryAfter: 240_000 }));
  await scene.start();
  await scene.pass(2 * MINUTE);
  assert.equal(scene.events.polls.length, 2);
  await scene.pass(239_999);
  assert.equal(scene.events.polls.length, 2);
  await scene.pass(1);
  assert.equal(scene.events.polls.length, 3);
  const [status] = scene.watching.watches();
  assert.deepEqual([status?.state, status?.confirmedAt], ["troubled", 1_000_000 + MINUTE]);
  // A quarter of an hour after the first refusal.
  await scene.pass(900_000 - 240_000 - 1);
  assert.equal(scene.watching.isLost("w"), false);
  await scene.pass(1);
  assert.equal(scene.watching.isLost("w"), true);
});

Deno.test("a watch of which nobody tells is lost at once", async () => {
  await using scene = new Scene();
  scene.events.onSources = () => [];
  await scene.start();
  assert.deepEqual(scene.taken(), ["started w: ", "lost w: m names no source of change for w"]);
});

Deno.test("sources that are told by webhook alone are none where no delivery can arrive", async () => {
  await using scene = new Scene();
  scene.delivers = false;
  scene.events.onSources = () => [{ tag: "webhook", verification: "hub-signature256" }];
  await scene.start();
  assert.equal(scene.watching.isLost("w"), true);
});

Deno.test("sources that cannot be told are asked for again, and past the budget the watch is lost", async () => {
  await using scene = new Scene();
  scene.events.onSources = () => Promise.reject(new OmnifsError("busy", "later"));
  await scene.start();
  await scene.pass(10_000);
  assert.ok(scene.events.asked > 3);
  assert.equal(scene.watching.isLost("w"), false);
  await scene.pass(20_000);
  assert.equal(scene.watching.isLost("w"), true);
});

Deno.test("a watch whose sources nobody tells in time is lost, whatever keeps them from being told", async () => {
  await using scene = new Scene();
  const { promise, resolve } = Promise.withResolvers<[]>();
  scene.events.onSources = () => promise;
  // Two hold both turns, and the third never gets one.
  for (const watch of ["a", "b", "c"]) await scene.start(watch);
  await scene.pass(29_999);
  assert.deepEqual(scene.taken(), []);
  await scene.pass(1);
  assert.deepEqual(scene.taken().map((note) => note.split(":")[0]), ["lost a", "lost b", "lost c"]);
  resolve([]);
});

Deno.test("closing ends a poll that is under way, and nothing is applied after it", async () => {
  const scene = new Scene();
  let answer: (polled: Polled) => void = () => {};
  scene.events.onPoll = () => new Promise((resolve) => answer = resolve);
  await scene.start();
  await scene.pass(MINUTE);
  const closed = scene.watching.close();
  answer({ ...NOTHING_NEW, invalidations: [{ tag: "node", id: "late" }] });
  await closed;
  assert.deepEqual(scene.applied, []);
  assert.equal(scene.clock.waiting, 0);
});
