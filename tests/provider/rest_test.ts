/**
 * Threads of providers that nobody asks for anything: none before the first call, none a while after the last one.
 *
 * @module
 */
import assert from "node:assert/strict";
import { bundledProviders } from "../../runtime/provider/bundled.ts";
import { inspectProvider } from "../../runtime/provider/inspect.ts";
import { DEFAULT_LIMITS } from "../../runtime/provider/limits.ts";
import { plainThread, type StartThread } from "../../runtime/provider/mod.ts";
import { ManualClock } from "../base/manual_clock.ts";
import { ensureBuilt, TEST_CACHE } from "../support/build.ts";
import { until } from "../support/deadline.ts";
import { mountProbe, ok } from "./harness.ts";

await ensureBuilt();

/** Counts the threads that are started. */
function counting(): { readonly startThread: StartThread; started(): number } {
  let count = 0;
  const startThread: StartThread = (start) => {
    count++;
    return plainThread(start);
  };
  return { startThread, started: () => count };
}

const HELLO = { mount: "hello", source: { kind: "bundled", name: "hello" } } as const;

Deno.test("a bundled provider without settings is run with the first call, and not to be described", async () => {
  const { startThread, started } = counting();
  using hello = await mountProbe({ ...HELLO, startThread });
  assert.equal(hello.provider.manifest.name, "hello");
  assert.equal(started(), 0);
  const [first, second] = await Promise.all([
    hello.provider.lookupChild("", "greeting"),
    hello.provider.lookupChild("", "languages"),
  ]);
  assert.deepEqual([first?.id, second?.id, started()], ["greeting", "languages", 1]);
});

Deno.test("what a component says of itself when it is run is what was kept when it was built", async () => {
  const kept = await bundledProviders();
  assert.ok(kept.size >= 7);
  for (const [name, manifest] of kept) {
    const run = await inspectProvider(name, { kind: "bundled", name }, {}, TEST_CACHE);
    assert.deepEqual(manifest, JSON.parse(JSON.stringify(run.manifest)), name);
  }
});

Deno.test("a thread ends two minutes after the last call, and the next call has another", async () => {
  const clock = new ManualClock();
  const { startThread, started } = counting();
  using hello = await mountProbe({ ...HELLO, clock, startThread });
  await hello.provider.lookupChild("", "greeting");
  clock.pass(DEFAULT_LIMITS.idleMilliseconds - 1);
  await hello.provider.lookupChild("", "greeting");
  clock.pass(DEFAULT_LIMITS.idleMilliseconds - 1);
  await hello.provider.lookupChild("", "greeting");
  assert.equal(started(), 1);
  clock.pass(DEFAULT_LIMITS.idleMilliseconds);
  assert.equal((await hello.provider.lookupChild("", "greeting"))?.id, "greeting");
  assert.equal(started(), 2);
});

Deno.test("a thread stays for as long as somebody waits for its events", async () => {
  const clock = new ManualClock();
  const { startThread, started } = counting();
  using hello = await mountProbe({ ...HELLO, clock, startThread });
  let isAwaited = true;
  hello.provider.stayWhile(() => isAwaited);
  await hello.provider.lookupChild("", "greeting");
  for (let round = 0; round < 3; round++) clock.pass(DEFAULT_LIMITS.idleMilliseconds);
  await hello.provider.lookupChild("", "greeting");
  assert.equal(started(), 1);
  isAwaited = false;
  clock.pass(DEFAULT_LIMITS.idleMilliseconds);
  await hello.provider.lookupChild("", "greeting");
  assert.equal(started(), 2);
});

Deno.test("a call that is given up before it began does not keep its thread from rest", async () => {
  const clock = new ManualClock();
  const { startThread, started } = counting();
  using probe = await mountProbe({ clock, startThread, limits: { instances: 1 } });
  const { provider, gate } = probe;
  const open = Promise.withResolvers<void>();
  gate.answer = async () => {
    await open.promise;
    return ok("x");
  };
  const begun = provider.lookupChild("", "twice=a");
  await until(() => gate.callouts.length === 1, 10_000, "the first callout");
  const before = started();
  const abort = new AbortController();
  const waiting = provider.lookupChild("", "twice=b", abort.signal);
  abort.abort();
  await assert.rejects(waiting);
  open.resolve();
  await begun;
  await provider.lookupChild("", "absent");
  clock.pass(DEFAULT_LIMITS.idleMilliseconds);
  await provider.lookupChild("", "absent");
  assert.equal(started(), before + 1);
});
