/**
 * Taking turns at an upstream with a pace: never too close, never two at once, in order, and bounded.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Need } from "../../runtime/egress/callout.ts";
import { Refusal } from "../../runtime/egress/checkpoint.ts";
import { LANE_PLACES, Paces, type Turn } from "../../runtime/egress/pace.ts";
import { until } from "../support/deadline.ts";
import { Bench, ManualClock, Upstream } from "./fixture.ts";

const PACE = 3_000;
const FOREVER = new AbortController().signal;

function paced(target: string, pace = PACE): Need {
  return { target, write: false, why: "a test", pace };
}

/** Lanes with a clock, and the names of who has had a turn. */
class Line {
  readonly clock = new ManualClock();
  readonly went: string[] = [];
  readonly turns = new Map<string, Turn>();
  readonly paces: Paces;

  constructor(needs: readonly Need[], quiet = false) {
    this.paces = new Paces(this.clock, quiet);
    this.paces.admit(needs);
  }

  /** Asks for a turn; `name` has it once it is among those that went. */
  ask(name: string, need: Need, signal = FOREVER): Promise<void> {
    return this.paces.turn(need, signal).then((turn) => {
      this.went.push(name);
      if (turn !== undefined) this.turns.set(name, turn);
    });
  }

  /** Answers the request of `name`, and reads it to its end. */
  finish(name: string): void {
    this.turns.get(name)?.answered();
    this.turns.get(name)?.end();
  }

  /** Lets `milliseconds` pass, and whoever may go then. */
  async pass(milliseconds: number): Promise<string[]> {
    this.clock.advance(milliseconds);
    await new Promise((resolve) => setTimeout(resolve, 0));
    return this.went;
  }
}

Deno.test("the first request goes at once, and each later one a whole pace after the answer before it", async () => {
  const need = paced("slow.test");
  const line = new Line([need]);
  for (const name of ["a", "b", "c"]) void line.ask(name, need);
  assert.deepEqual(await line.pass(0), ["a"]);
  await line.pass(500);
  line.finish("a");
  assert.deepEqual(await line.pass(PACE - 1), ["a"]);
  assert.deepEqual(await line.pass(1), ["a", "b"]);
  line.finish("b");
  assert.deepEqual(await line.pass(PACE), ["a", "b", "c"]);
  line.finish("c");
  assert.equal(line.clock.pending, 0);
});

Deno.test("there is one request at a time, however long its body takes", async () => {
  const need = paced("slow.test");
  const line = new Line([need]);
  void line.ask("a", need);
  void line.ask("b", need);
  await line.pass(0);
  line.turns.get("a")?.answered();
  assert.deepEqual(await line.pass(10 * PACE), ["a"]);
  line.turns.get("a")?.end();
  line.turns.get("a")?.end();
  assert.deepEqual(await line.pass(0), ["a", "b"]);
});

Deno.test("the targets of one manifest share a lane, and so do two mounts that name the same target", async () => {
  const [api, site] = [paced("export.slow.test"), paced("slow.test")];
  const line = new Line([api, site]);
  const other = paced("SLOW.test");
  line.paces.admit([other]);
  void line.ask("api", api);
  void line.ask("site", site);
  void line.ask("other mount", other);
  assert.deepEqual(await line.pass(0), ["api"]);
  line.finish("api");
  assert.deepEqual(await line.pass(PACE), ["api", "site"]);
  line.finish("site");
  assert.deepEqual(await line.pass(PACE), ["api", "site", "other mount"]);
});

Deno.test("other targets, and needs without a pace, wait for nobody", async () => {
  const need = paced("slow.test");
  const line = new Line([need]);
  const other = paced("other.test");
  line.paces.admit([other]);
  void line.ask("slow", need);
  void line.ask("slow again", need);
  void line.ask("other", other);
  void line.ask("free", { target: "free.test", write: false, why: "" });
  assert.deepEqual(new Set(await line.pass(0)), new Set(["slow", "other", "free"]));
});

Deno.test("who gives up leaves the queue, and whoever is behind moves up", async () => {
  const need = paced("slow.test");
  const line = new Line([need]);
  const controller = new AbortController();
  void line.ask("a", need);
  const gone = line.ask("b", need, controller.signal);
  void line.ask("c", need);
  await line.pass(0);
  line.finish("a");
  controller.abort(new Error("gave up"));
  await assert.rejects(gone, /gave up/);
  assert.deepEqual(await line.pass(PACE), ["a", "c"]);
  line.finish("c");
  await assert.rejects(line.ask("d", need, controller.signal), /gave up/);
  assert.equal(line.clock.pending, 0);
});

Deno.test("a full lane refuses at once, and says how long it will be full", async () => {
  const need = paced("slow.test");
  const line = new Line([need]);
  for (let i = 0; i <= LANE_PLACES; i++) void line.ask(String(i), need);
  await assert.rejects(line.ask("one too many", need), (error) => {
    assert(error instanceof Refusal);
    assert.deepEqual(error.failure, { tag: "rate-limited", milliseconds: LANE_PLACES * PACE });
    return true;
  });
  await line.pass(0);
  line.finish("0");
  await line.pass(PACE);
  void line.ask("now", need);
  for (let i = 1; i <= LANE_PLACES; i++) {
    line.finish(String(i));
    await line.pass(PACE);
  }
  assert.equal(line.went.at(-1), "now");
});

Deno.test("a thread that took another's place begins with a whole pace", async () => {
  const need = paced("slow.test");
  const line = new Line([need], true);
  void line.ask("a", need);
  assert.deepEqual(await line.pass(PACE - 1), []);
  assert.deepEqual(await line.pass(1), ["a"]);
});

Deno.test("the gate sends the requests of two mounts one by one, and waiting costs none of their 30 s", async () => {
  const arrivals: number[] = [];
  await using upstream = new Upstream(() => {
    arrivals.push(bench.clock.monotonic());
    return new Response("ok");
  });
  await using bench: Bench = new Bench({ allow: [upstream.target], needs: [paced(upstream.target, 20_000)] });
  await bench.gate.admit("n", [paced(upstream.target, 20_000)]);
  const answers = ["m", "n", "m", "n"].map((mount) => bench.answer(upstream.url(), { mount }));
  for (const [index, answer] of answers.entries()) {
    await until(() => arrivals.length === index + 1, 10_000, "a request");
    await answer;
    // The next one waits now: its timer is set, and nothing else happens until the clock moves.
    if (index < answers.length - 1) await until(() => bench.clock.pending === 1, 10_000, "the wait");
    bench.clock.advance(20_000);
  }
  assert.deepEqual(arrivals.map((time) => time - (arrivals[0] ?? 0)), [0, 20_000, 40_000, 60_000]);
  assert.equal(bench.clock.pending, 0);
});

Deno.test("a redirect is a request of its own, and takes a turn of its own", async () => {
  await using upstream: Upstream = new Upstream(({ url }) =>
    url.endsWith("/there") ? new Response("there") : Response.redirect(upstream.url("/there"))
  );
  await using bench = new Bench({ allow: [upstream.target], needs: [paced(upstream.target)] });
  const answer = bench.answer(upstream.url());
  await until(() => upstream.requests.length === 1 && bench.clock.pending === 1, 10_000, "the wait");
  bench.clock.advance(PACE);
  assert.equal((await answer).body, "there");
  assert.equal(upstream.requests.length, 2);
});

Deno.test("a failed request counts as one, and one that a rate limit forbids does not", async () => {
  let status = 500;
  await using upstream = new Upstream(() => new Response("no", { status, headers: { "retry-after": "9" } }));
  await using bench = new Bench({ allow: [upstream.target], needs: [paced(upstream.target)] });
  assert.equal((await bench.answer(upstream.url())).status, 500);
  status = 429;
  const [limited, refused] = [bench.answer(upstream.url()), bench.failure(upstream.url())];
  await until(() => bench.clock.pending === 1, 10_000, "the wait");
  bench.clock.advance(PACE);
  assert.equal((await limited).status, 429);
  await until(() => bench.clock.pending === 1, 10_000, "the wait");
  bench.clock.advance(PACE);
  assert.deepEqual(await refused, { tag: "rate-limited", milliseconds: 6_000 });
  assert.equal(upstream.requests.length, 2);
});
