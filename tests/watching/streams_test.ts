/**
 * Streams: held open while they are needed, opened again when they break, and the gap in between filled by a poll.
 *
 * @module
 */
import assert from "node:assert/strict";
import { OmnifsError } from "../../runtime/base/errors.ts";
import type { Polled, Source } from "../../runtime/provider/events.ts";
import { settle } from "../support/loads.ts";
import { NOTHING_NEW, Scene } from "./fake_upstream.ts";

const MINUTE = 60_000;

const STREAM: Source = { tag: "subscribe", url: "https://up.test/events" };
const POLL: Source = { tag: "poll", milliseconds: MINUTE };

/** A scene in which `w` is told of by `sources`, and whose polls leave `c1`, `c2`, … */
function streaming(...sources: Source[]): Scene {
  const scene = new Scene();
  let count = 0;
  scene.events.onSources = () => sources;
  scene.events.onPoll = () => ({ ...NOTHING_NEW, cursor: `c${++count}` });
  scene.onApply = ([first]) => {
    if (first?.tag === "watch") scene.watching.stopped(first.watch);
  };
  scene.events.onEvents = (text) => [{ tag: "node", id: text }];
  return scene;
}

const state = (scene: Scene) => scene.watching.watches().map((each) => each.state).join();
const down = () => Promise.reject(new OmnifsError("unavailable", "down"));

Deno.test("a stream is opened on the first node and ended after the last, and a poll fills what was before it", async () => {
  await using scene = streaming(STREAM);
  assert.equal(scene.events.subscriptions, 0);
  await scene.start("w", 42);
  assert.deepEqual(scene.events.streams.map(({ url }) => url), ["https://up.test/events"]);
  assert.deepEqual(scene.events.polls, []);
  scene.events.stream.open();
  await scene.pass(0);
  assert.deepEqual(scene.events.polls.map(({ cursor, since }) => [cursor, since]), [[undefined, 42]]);
  assert.equal(state(scene), "kept");

  scene.watching.stopped("w");
  await scene.pass(1_999);
  assert.equal(scene.events.streams.length, 1);
  await scene.pass(1);
  assert.deepEqual(scene.events.streams, []);
  await scene.pass(60 * MINUTE);
  assert.deepEqual([scene.events.subscriptions, scene.events.polls.length], [1, 1]);
});

Deno.test("each line is understood before the next one is looked at, and applied in order", async () => {
  await using scene = streaming(STREAM);
  await scene.start();
  scene.events.stream.open();
  await scene.pass(0);
  const release: (() => void)[] = [];
  scene.events.onEvents = async (text) => {
    await new Promise<void>((resolve) => release.push(resolve));
    return [{ tag: "node", id: text }];
  };
  const lines = ["a", "b", "c"].map((text) => scene.events.stream.line(text));
  const delivered = scene.deliver("d");
  for (const expected of [["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]]) {
    await settle();
    assert.deepEqual(scene.events.events, expected);
    release.shift()?.();
  }
  await Promise.all([...lines, delivered]);
  assert.deepEqual(scene.applied, ["a", "b", "c", "d"].map((id) => ({ tag: "node", id })));
  assert.deepEqual(scene.words.map(({ source }) => source), ["stream", "stream", "stream", "webhook"]);
});

Deno.test("a stream that breaks is opened again, and the poll from the saved cursor tells what it missed", async () => {
  await using scene = streaming(STREAM);
  await scene.start();
  scene.events.stream.open();
  await scene.pass(6_000);
  await scene.events.stream.line("seen");
  scene.events.stream.end({ tag: "connection", reason: "reset" });
  await settle();
  assert.equal(state(scene), "troubled");
  await scene.pass(250);
  assert.equal(scene.events.streams.length, 1);
  scene.events.onPoll = () => ({ ...NOTHING_NEW, invalidations: [{ tag: "node", id: "missed" }] });
  scene.events.stream.open();
  await scene.pass(0);
  assert.equal(scene.events.polls.at(-1)?.cursor, "c1");
  assert.deepEqual(scene.applied.map((each) => "id" in each && each.id), ["seen", "missed"]);
  assert.equal(state(scene), "kept");
  assert.deepEqual(scene.taken(), ["started w: subscribe"]);
});

Deno.test("a poll that began before the stream was open again does not fill its gap", async () => {
  await using scene = streaming(STREAM, POLL);
  await scene.start();
  scene.events.stream.open();
  await scene.pass(6_000);
  let answer: (polled: Polled) => void = () => {};
  scene.events.onPoll = () => new Promise((resolve) => answer = resolve);
  scene.events.stream.end();
  // The poll source takes over: its poll is under way when the stream comes back.
  await scene.pass(MINUTE);
  const polls = scene.events.polls.length;
  scene.events.stream.open();
  await scene.pass(1_000);
  assert.equal(scene.events.polls.length, polls);
  scene.events.onPoll = () => NOTHING_NEW;
  answer(NOTHING_NEW);
  await settle();
  assert.equal(scene.watching.watches()[0]?.sources[0]?.up, false);
  await scene.pass(0);
  assert.equal(scene.events.polls.length, polls + 1);
  assert.equal(scene.watching.watches()[0]?.sources[0]?.up, true);
});

Deno.test("a stream that stays broken loses its watch, which comes back with the stream and a poll", async () => {
  await using scene = streaming(STREAM);
  await scene.start();
  scene.events.stream.open();
  await scene.pass(6_000);
  for (let waited = 0; waited < 10_100; waited += 100) {
    for (const stream of [...scene.events.streams]) stream.end({ tag: "refused", status: 503 });
    await scene.pass(100);
  }
  assert.equal(scene.watching.isLost("w"), true);
  assert.match(scene.taken().at(-1) ?? "", /^lost w: the stream https:\/\/up\.test\/events: 503$/);
  const opened = scene.events.subscriptions;
  await scene.pass(60 * MINUTE);
  assert.equal(scene.events.subscriptions, opened);

  scene.watching.wanted("w");
  await scene.pass(0);
  assert.equal(scene.events.subscriptions, opened + 1);
  assert.equal(scene.watching.isLost("w"), true);
  scene.events.stream.open();
  await settle();
  assert.equal(scene.watching.isLost("w"), true);
  await scene.pass(250);
  assert.equal(scene.watching.isLost("w"), false);
  assert.equal(scene.events.polls.at(-1)?.cursor, "c1");
  // What is loaded now is kept, under the stream that is open already.
  await scene.start();
  assert.equal(scene.events.subscriptions, opened + 1);
  await scene.events.stream.line("new");
  assert.deepEqual(scene.applied.at(-1), { tag: "node", id: "new" });
});

Deno.test("a stream that never opens loses its watch", async () => {
  await using scene = streaming(STREAM);
  await scene.start();
  await scene.pass(30_000);
  assert.equal(scene.watching.isLost("w"), true);
  assert.deepEqual(scene.events.streams, []);
});

Deno.test("while a stream is broken, polls at their usual pace keep the promise", async () => {
  await using scene = streaming(STREAM, POLL);
  await scene.start();
  scene.events.stream.open();
  await scene.pass(0);
  // While it is open, polls are a backstop.
  await scene.pass(9 * MINUTE);
  assert.equal(scene.events.polls.length, 1);
  await scene.pass(2 * MINUTE);
  assert.equal(scene.events.polls.length, 2);

  const broken = scene.clock.now();
  scene.events.stream.end({ tag: "connection", reason: "reset" });
  for (let i = 0; i < 60; i++) {
    for (const stream of [...scene.events.streams]) stream.end({ tag: "refused", status: 503 });
    await scene.pass(10_000);
  }
  assert.equal(scene.watching.isLost("w"), false);
  const polls = scene.events.polls.filter(({ at }) => at > broken).length;
  assert.ok(polls >= 9 && polls <= 10, `${polls} polls in ten minutes`);

  scene.events.onPoll = down;
  for (let i = 0; i < 12; i++) {
    for (const stream of [...scene.events.streams]) stream.end({ tag: "refused", status: 503 });
    await scene.pass(10_000);
  }
  assert.equal(scene.watching.isLost("w"), true);
});

Deno.test("polls that fail do no harm while a stream without a gap is open", async () => {
  await using scene = streaming(STREAM, POLL);
  await scene.start();
  scene.events.stream.open();
  await scene.pass(0);
  scene.events.onPoll = down;
  await scene.pass(60 * MINUTE);
  assert.ok(scene.events.polls.length > 10);
  assert.equal(state(scene), "kept");
});

Deno.test("a stream whose gap cannot be filled keeps no promise", async () => {
  await using scene = streaming(STREAM);
  scene.events.onPoll = down;
  await scene.start();
  scene.events.stream.open();
  await scene.pass(29_999);
  assert.equal(state(scene), "troubled");
  await scene.pass(1);
  assert.equal(scene.watching.isLost("w"), true);
});

Deno.test("a line that the provider cannot read is as good as lost: a poll tells what it said", async () => {
  await using scene = streaming(STREAM);
  await scene.start();
  scene.events.stream.open();
  await scene.pass(MINUTE);
  scene.events.onEvents = () => Promise.reject(new OmnifsError("internal", "trap"));
  scene.events.onPoll = () => ({ ...NOTHING_NEW, invalidations: [{ tag: "node", id: "told" }] });
  await scene.events.stream.line("garbled");
  assert.equal(state(scene), "troubled");
  await scene.pass(0);
  assert.deepEqual(scene.applied, [{ tag: "node", id: "told" }]);
  assert.equal(scene.events.polls.at(-1)?.cursor, "c1");
  assert.equal(state(scene), "kept");
});

Deno.test("watches that name the same stream share it", async () => {
  await using scene = streaming(STREAM);
  await scene.start("a");
  await scene.start("b");
  assert.equal(scene.events.subscriptions, 1);
  scene.events.stream.open();
  await scene.pass(0);
  assert.deepEqual(scene.events.polls.map(({ watch }) => watch).toSorted(), ["a", "b"]);
  // One that comes later has a gap of its own.
  await scene.start("c");
  await scene.pass(0);
  assert.deepEqual(scene.events.polls.map(({ watch }) => watch), ["a", "b", "c"]);
  scene.watching.stopped("a");
  scene.watching.stopped("b");
  await scene.pass(MINUTE);
  assert.equal(scene.events.streams.length, 1);
  scene.watching.stopped("c");
  await scene.pass(MINUTE);
  assert.deepEqual(scene.events.streams, []);
});

Deno.test("a stream that breaks as soon as it is open is not opened over and over", async () => {
  await using scene = streaming(STREAM, POLL);
  await scene.start();
  for (let i = 0; i < 600; i++) {
    for (const stream of [...scene.events.streams]) {
      stream.open();
      stream.end();
    }
    await scene.pass(1_000);
  }
  assert.ok(scene.events.subscriptions < 25, `${scene.events.subscriptions} in ten minutes`);
});

Deno.test("a stream that is refused for good does not end a watch that polls keep", async () => {
  await using scene = streaming(STREAM, POLL);
  await scene.start();
  scene.events.stream.end({
    tag: "denied",
    target: "up.test",
    flag: "--allow-net=up.test",
    reason: "not granted",
  });
  await scene.pass(MINUTE);
  assert.equal(state(scene), "kept");
  assert.equal(scene.watching.isLost("w"), false);
});

Deno.test("closing ends a stream, and a line that waits is not understood any more", async () => {
  const scene = streaming(STREAM);
  await scene.start();
  scene.events.stream.open();
  await scene.pass(0);
  const release = Promise.withResolvers<void>();
  scene.events.onEvents = async (text) => {
    await release.promise;
    return [{ tag: "node", id: text }];
  };
  const line = scene.events.stream.line("late");
  await settle();
  const closed = scene.watching.close();
  release.resolve();
  await Promise.all([line, closed]);
  assert.deepEqual([scene.applied, scene.events.streams, scene.clock.waiting], [[], [], 0]);
});
