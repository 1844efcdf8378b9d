/**
 * The interface `events` of a component: what crosses, and what does not get in.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { StreamEnd, Subscription } from "../../runtime/egress/callout.ts";
import { OmnifsError } from "../../runtime/base/errors.ts";
import { fails, FakeGate, mountProbe } from "./harness.ts";

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("sources, polls and events cross in both directions", async () => {
  using mounted = await mountProbe();
  const { events } = mounted.provider;
  assert.deepEqual(await events.sources("w"), [
    { tag: "webhook", verification: "hub-signature256" },
    { tag: "subscribe", url: "https://example.test/events" },
    { tag: "poll", milliseconds: 60_000 },
  ]);
  assert.deepEqual(await events.sources("none"), []);

  const { invalidations, cursor, wait } = await events.poll("w", undefined, 1_700_000_000_123.9);
  assert.deepEqual([cursor, wait], ["+", 5_000]);
  const [node, placed, removed] = invalidations;
  assert.deepEqual(node, { tag: "node", id: "none 1700000000123" });
  assert.ok(placed?.tag === "placed" && placed.parent === "p" && placed.entry.name === "n");
  assert.deepEqual([placed.entry.node.id, placed.entry.node.modified, placed.entry.node.size], ["n", 5, 4]);
  assert.deepEqual(removed, { tag: "removed", parent: "p", id: "gone" });
  const again = await events.poll("w", cursor, 0);
  assert.deepEqual([again.invalidations[0], again.cursor], [{ tag: "node", id: "+ 0" }, "++"]);

  assert.deepEqual(await events.onEvent({ tag: "line", line: encode("a line") }), [
    { tag: "children", id: "a line" },
    { tag: "watch", watch: "w" },
  ]);
  const delivery = { tag: "webhook", headers: [["x-event", "issues"]], body: encode("12345") } as const;
  assert.deepEqual(await events.onEvent(delivery), [{ tag: "heard", watch: "x-event issues 5" }]);
  assert.deepEqual([mounted.provider.counts.polls, mounted.provider.counts.events], [2, 2]);
});

const WRONG: Readonly<Record<string, RegExp>> = {
  "watch-key": /a watch key is longer than 256 bytes/,
  "heard-key": /a watch key is longer than 256 bytes/,
  "node-id": /a node id is longer than 1024 bytes/,
  "parent-id": /a node id is longer than 1024 bytes/,
  "placed-name": /an entry is called "a\/b"/,
  "placed-node": /a node id is longer than 1024 bytes/,
  "many": /the invalidations are 10001, more than 10000/,
};

Deno.test("an answer about events that breaks a rule is the provider's fault, and nothing of it gets in", async () => {
  using mounted = await mountProbe();
  const { events } = mounted.provider;
  for (const [order, words] of Object.entries(WRONG)) {
    await assert.rejects(events.poll(order, undefined, 0), fails("internal", words), order);
    await assert.rejects(
      events.onEvent({ tag: "line", line: encode(order) }),
      fails("internal", words),
      order,
    );
  }
  assert.equal(mounted.provider.counts.failures, 2 * Object.keys(WRONG).length);
});

Deno.test("too many sources, a URL or a cursor that is too long are refused", async () => {
  using mounted = await mountProbe();
  const { events } = mounted.provider;
  await assert.rejects(events.sources("many"), fails("internal", /the sources are 9, more than 8/));
  await assert.rejects(events.sources("long"), fails("internal", /the URL of a stream is longer than 8192/));
  await assert.rejects(
    events.poll("cursor", undefined, 0),
    fails("internal", /the cursor is longer than 65536/),
  );
});

Deno.test("what a poll or an event fails with is typed, and a trap poisons no neighbour", async () => {
  using mounted = await mountProbe();
  const { events } = mounted.provider;
  await assert.rejects(events.poll("limited", undefined, 0), (error) => {
    assert.ok(error instanceof OmnifsError);
    assert.deepEqual([error.kind, error.op, error.retryAfter], ["rate-limited", "poll", 1_500]);
    return true;
  });
  await assert.rejects(events.onEvent({ tag: "line", line: encode("boom") }), fails("internal", "boom"));
  await assert.rejects(events.sources("trap"), fails("internal"));
  assert.equal((await events.sources("w")).length, 3);
});

Deno.test("a poll asks through the gate like any call, and can be given up", async () => {
  const gate = new FakeGate();
  using mounted = await mountProbe({}, gate);
  await mounted.provider.events.poll("get", undefined, 0);
  assert.deepEqual(gate.callouts.map(({ url }) => url), ["https://example.test/changes"]);
  const abort = new AbortController();
  gate.answer = () => {
    abort.abort();
    return Promise.resolve({ ok: false, failure: { tag: "timeout" } });
  };
  await assert.rejects(mounted.provider.events.poll("get", undefined, 0, abort.signal), fails("interrupted"));
});

Deno.test("a stream goes through the provider's own gate, and is counted", async () => {
  const gate = new FakeGate();
  using mounted = await mountProbe({}, gate);
  const seen: Subscription[] = [];
  gate.stream = async (subscription, listener): Promise<StreamEnd> => {
    seen.push(subscription);
    listener.opened();
    await listener.line(encode("one"));
    return { tag: "closed" };
  };
  const lines: string[] = [];
  const end = await mounted.provider.events.subscribe("https://example.test/events", {
    opened: () => void lines.push("opened"),
    line: (line) => {
      lines.push(new TextDecoder().decode(line));
      return Promise.resolve();
    },
  }, new AbortController().signal);
  assert.deepEqual([end, lines], [{ tag: "closed" }, ["opened", "one"]]);
  assert.deepEqual(seen, [{ mount: "probe", url: "https://example.test/events" }]);
  assert.equal(mounted.provider.counts.callouts, 1);
});
