/**
 * Deliveries: in order, never lost between two polls, and a reason to poll less often while they prove to come.
 *
 * @module
 */
import assert from "node:assert/strict";
import { OmnifsError } from "../../runtime/base/errors.ts";
import type { Polled, Source } from "../../runtime/provider/events.ts";
import { ofKind, settle } from "../support/loads.ts";
import { NOTHING_NEW, Scene } from "./fake_upstream.ts";

const MINUTE = 60_000;

const SOURCES: readonly Source[] = [
  { tag: "webhook", verification: "hub-signature256" },
  { tag: "poll", milliseconds: MINUTE },
];

function delivering(): Scene {
  const scene = new Scene();
  scene.events.onSources = () => SOURCES;
  scene.events.onEvents = (text) => [{ tag: "heard", watch: "w" }, { tag: "node", id: text }];
  return scene;
}

Deno.test("a delivery is applied, and told how much it said and when the kernel knew", async () => {
  await using scene = delivering();
  await scene.start();
  const outcome = await scene.deliver("issue");
  assert.deepEqual(outcome, { invalidations: 1, milliseconds: 0 });
  assert.deepEqual(scene.applied, [{ tag: "node", id: "issue" }]);
  assert.deepEqual(scene.words.map(({ source, cause }) => [source, cause]), [["webhook", "webhook issue"]]);
});

Deno.test("a delivery for which nothing is cached asks nobody upstream", async () => {
  await using scene = delivering();
  await scene.deliver("issue");
  await scene.pass(60 * MINUTE);
  assert.deepEqual([scene.events.asked, scene.events.polls.length, scene.events.subscriptions], [0, 0, 0]);
});

Deno.test("a webhook that is heard of makes polls ten times as seldom, until it was silent for long", async () => {
  await using scene = delivering();
  await scene.start();
  await scene.pass(MINUTE);
  await scene.deliver("issue");
  const at = () => scene.events.polls.map((poll) => (poll.at - 1_000_000) / MINUTE);
  assert.deepEqual(at(), [1]);
  await scene.pass(10 * MINUTE);
  assert.deepEqual(at(), [1, 11]);
  // Heard last at minute 1: from minute 16 on nobody knows whether it still delivers.
  await scene.pass(7 * MINUTE);
  assert.deepEqual(at(), [1, 11, 16, 17, 18]);
  await scene.deliver("again");
  await scene.pass(10 * MINUTE);
  assert.deepEqual(at(), [1, 11, 16, 17, 18, 28]);
});

Deno.test("what is heard of one watch makes no other one less urgent", async () => {
  await using scene = delivering();
  await scene.start("w");
  await scene.start("other");
  await scene.pass(MINUTE);
  await scene.deliver("issue");
  await scene.pass(5 * MINUTE);
  assert.deepEqual(scene.events.polls.map(({ watch }) => watch), [
    "w",
    "other",
    "other",
    "other",
    "other",
    "other",
    "other",
  ]);
});

Deno.test("a delivery that arrives while a poll runs is applied at once, and the poll's answer after it", async () => {
  await using scene = delivering();
  let answer: (polled: Polled) => void = () => {};
  scene.events.onPoll = () => new Promise((resolve) => answer = resolve);
  await scene.start();
  await scene.pass(MINUTE);
  assert.equal(scene.events.polling, 1);
  await scene.deliver("during");
  assert.deepEqual(scene.applied, [{ tag: "node", id: "during" }]);
  answer({ ...NOTHING_NEW, invalidations: [{ tag: "node", id: "polled" }] });
  await settle();
  assert.deepEqual(scene.applied.map((each) => "id" in each && each.id), ["during", "polled"]);
});

Deno.test("a delivery that nobody told of is in the answer of the next poll", async () => {
  await using scene = delivering();
  const upstream: string[] = [];
  scene.events.onPoll = ({ cursor }) => ({
    invalidations: upstream.slice(Number(cursor ?? 0)).map((id) => ({ tag: "node", id })),
    cursor: String(upstream.length),
    wait: undefined,
  });
  await scene.start();
  await scene.pass(MINUTE);
  upstream.push("dropped on the way");
  await scene.pass(MINUTE);
  assert.deepEqual(scene.applied, [{ tag: "node", id: "dropped on the way" }]);
});

Deno.test("a delivery that the provider cannot read makes every watch that is told of by webhooks poll", async () => {
  await using scene = delivering();
  await scene.start("w");
  await scene.start("v");
  scene.events.onSources = () => [{ tag: "poll", milliseconds: MINUTE }];
  await scene.start("polled");
  await scene.pass(MINUTE);
  const before = scene.events.polls.length;
  scene.events.onEvents = () => Promise.reject(new OmnifsError("unavailable", "no answer"));
  await assert.rejects(scene.deliver("garbled"), ofKind("unavailable", /no answer/));
  await scene.pass(1_000);
  assert.deepEqual(scene.events.polls.slice(before).map(({ watch }) => watch).toSorted(), ["v", "w"]);
  assert.ok(scene.events.polls.slice(before).every(({ cursor }) => cursor === "c"));
});

Deno.test("webhooks alone keep a watch, where deliveries can arrive", async () => {
  await using scene = delivering();
  scene.events.onSources = () => [{ tag: "webhook", verification: "linear-signature" }];
  await scene.start();
  await scene.pass(60 * MINUTE);
  assert.deepEqual([scene.watching.isLost("w"), scene.events.polls.length], [false, 0]);
  await scene.deliver("issue");
  assert.deepEqual(scene.applied, [{ tag: "node", id: "issue" }]);
});

Deno.test("after the end nothing is delivered", async () => {
  const scene = delivering();
  await scene.start();
  await scene.watching.close();
  assert.deepEqual(await scene.deliver("late"), { invalidations: 0, milliseconds: undefined });
  assert.deepEqual([scene.applied, scene.events.events, scene.clock.waiting], [[], [], 0]);
});
