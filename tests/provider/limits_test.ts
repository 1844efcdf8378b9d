/**
 * How much a provider may take, and what becomes of the others when it takes more: instances, time, memory, places in
 * the queue, lines in the log.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ManualClock } from "../base/manual_clock.ts";
import { until } from "../support/deadline.ts";
import { fails, FakeGate, mountProbe, ok } from "./harness.ts";

const decoder = new TextDecoder();

Deno.test("four calls are in the upstream at once, and no fifth", async () => {
  using probe = await mountProbe();
  const { provider, gate } = probe;
  let under = 0;
  let most = 0;
  const open = Promise.withResolvers<void>();
  gate.answer = async () => {
    most = Math.max(most, ++under);
    await open.promise;
    under--;
    return ok("x");
  };
  const calls = Array.from({ length: 12 }, (_, i) => provider.lookupChild("", `twice=${i}`));
  await until(() => under === 4, 10_000, "four callouts");
  assert.equal(provider.counts.waiting, 8);
  open.resolve();
  assert.equal((await Promise.all(calls)).every((node) => node?.size === 3), true);
  assert.equal(most, 4);
  assert.equal(provider.counts.callouts, 24);
});

Deno.test("a guest that loops is stopped, its neighbours are not, and the next call is answered", async () => {
  using probe = await mountProbe({ limits: { guestMilliseconds: 400 } });
  const { provider, gate } = probe;
  const held = Promise.withResolvers<void>();
  gate.answer = async (callout) => {
    if (callout.url.endsWith("before")) return ok("x");
    await held.promise;
    return ok("kept");
  };
  const neighbour = provider.lookupChild("", "twice=n");
  await until(() => gate.callouts.length === 1, 10_000, "the neighbour's callout");
  for (const order of ["loop", "loop-after-get=", "fan"]) {
    await assert.rejects(
      provider.lookupChild("", order),
      fails("internal", "broke down in lookup-child"),
      order,
    );
  }
  held.resolve();
  const kept = await neighbour;
  assert(kept?.content.tag === "inline");
  assert.equal(decoder.decode(kept.content.bytes), "keptkept\n");
  assert.equal(await provider.lookupChild("", "absent"), undefined);
  assert.equal(probe.events.filter(({ type }) => type === "provider.poisoned").length, 3);
});

Deno.test("a guest that wants more memory than it may have fails alone", async () => {
  using probe = await mountProbe({ limits: { memoryPages: 512 } });
  await assert.rejects(probe.provider.lookupChild("", "memory"), fails("internal"));
  await assert.rejects(probe.provider.lookupChild("", "deep"), fails("internal"));
  assert.equal(await probe.provider.lookupChild("", "absent"), undefined);
});

Deno.test("a provider that loops while it is described is stopped too, and one that asks gets nothing", async () => {
  const limits = { guestMilliseconds: 400 };
  const gate = new FakeGate();
  await assert.rejects(
    mountProbe({ limits, settings: { host: "loops.test" } }, gate),
    fails("internal", "broke down in describe: it computed for too long"),
  );
  await assert.rejects(mountProbe({ settings: { host: "asks.test" } }, gate), fails("internal"));
  assert.deepEqual(gate.callouts, []);
  assert.equal(gate.admitted.size, 0);
});

Deno.test("a call that takes too long is unavailable, and its callout is given up", async () => {
  const clock = new ManualClock();
  using probe = await mountProbe({ clock });
  const { provider, gate } = probe;
  const given = Promise.withResolvers<AbortSignal | undefined>();
  gate.answer = (_, signal) => {
    given.resolve(signal);
    return new Promise((resolve) =>
      signal?.addEventListener("abort", () => resolve({ ok: false, failure: { tag: "timeout" } }))
    );
  };
  const call = provider.lookupChild("", "twice=slow");
  const signal = await given.promise;
  clock.pass(29_000);
  assert.equal(signal?.aborted, false);
  clock.pass(1_000);
  await assert.rejects(call, fails("unavailable", "no answer after 30 s"));
  assert.equal(signal?.aborted, true);
  gate.answer = () => Promise.resolve(ok("x"));
  assert.equal((await provider.lookupChild("", "twice=fast"))?.size, 3);
});

Deno.test("a caller who gives up gets its answer at once, whether its call has begun or not", async () => {
  using probe = await mountProbe({ limits: { instances: 1 } });
  const { provider, gate } = probe;
  const abort = new AbortController();
  gate.answer = (_, signal) =>
    new Promise((resolve) =>
      signal?.addEventListener("abort", () => resolve({ ok: false, failure: { tag: "timeout" } }))
    );
  const begun = provider.lookupChild("", "twice=a", abort.signal);
  const waiting = provider.lookupChild("", "twice=b", abort.signal);
  await until(() => gate.callouts.length === 1, 10_000, "the first callout");
  abort.abort();
  await assert.rejects(begun, fails("interrupted"));
  await assert.rejects(waiting, fails("interrupted"));
  await assert.rejects(provider.lookupChild("", "absent", abort.signal), fails("interrupted"));
  assert.equal(await provider.lookupChild("", "absent"), undefined);
  assert.equal(gate.callouts.length, 1, "the call that had not begun never began");
});

Deno.test("calls beyond the queue are turned away", async () => {
  using probe = await mountProbe({ limits: { instances: 1, waiting: 2 } });
  const { provider, gate } = probe;
  const open = Promise.withResolvers<void>();
  gate.answer = async () => {
    await open.promise;
    return ok("x");
  };
  const calls = [1, 2, 3].map((i) => provider.lookupChild("", `twice=${i}`));
  await assert.rejects(provider.lookupChild("", "twice=4"), fails("busy"));
  open.resolve();
  await Promise.all(calls);
});

Deno.test("a closed provider fails every call, those under way too", async () => {
  const probe = await mountProbe();
  probe.gate.answer = () => new Promise(() => {});
  const call = probe.provider.lookupChild("", "twice=x");
  await until(() => probe.gate.callouts.length === 1, 10_000, "the callout");
  probe.provider.close();
  await assert.rejects(call, fails("unavailable", "unmounted"));
  await assert.rejects(probe.provider.lookupChild("", "absent"), fails("unavailable"));
});

Deno.test("a provider's words reach the log under its mount, and cannot flood it", async () => {
  using probe = await mountProbe();
  await probe.provider.lookupChild("", "log");
  const said = probe.lines.map((line) => line.replace(/^\S+ /, ""));
  assert.deepEqual(said, ['info  probe: one {"two":2} Error: three', "debug probe: four\\nfive"]);
  await probe.provider.lookupChild("", "chatter");
  assert(probe.lines.length < 100, `${probe.lines.length} lines`);
});
