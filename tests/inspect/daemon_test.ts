/**
 * What a daemon notes for somebody who looks, second by second, and over the control socket.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Bus } from "../../runtime/base/bus.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import { OmnifsError } from "../../runtime/base/errors.ts";
import { Log } from "../../runtime/base/log.ts";
import { ControlClient } from "../../runtime/control/client.ts";
import type { InspectDocument } from "../../runtime/control/inspect_documents.ts";
import type { ProviderDocument, StatusDocument } from "../../runtime/control/protocol.ts";
import { serveControl } from "../../runtime/control/server.ts";
import { DaemonInspection } from "../../runtime/daemon_inspect.ts";
import { Operations } from "../../runtime/vfs/operations.ts";
import { ManualClock } from "../base/manual_clock.ts";
import { fakeBackend, fakeStatus } from "../control/fake_backend.ts";
import { tempDir } from "../support/temp.ts";
import { until } from "../support/deadline.ts";

const COUNTS = {
  lookups: 0,
  lists: 0,
  reads: 0,
  polls: 0,
  events: 0,
  callouts: 0,
  revalidated: 0,
  rateLimited: 0,
  failures: 0,
};

function provider(mount: string): ProviderDocument {
  return {
    mount,
    name: mount,
    version: "1",
    summary: "",
    source: "bundled",
    state: "ready",
    needs: [],
    counts: COUNTS,
  };
}

/** A daemon of which a test says what happens. */
function scene() {
  const clock = new ManualClock(1_000);
  const bus = new Bus(clock);
  const operations = new Operations(clock);
  const state = { status: fakeStatus({ providers: [provider("github"), provider("dns")] }), bytes: 0 };
  const look = () =>
    new DaemonInspection({
      bus,
      clock,
      operations,
      status: () => state.status,
      bytesOf: (mount) => mount === "github" ? state.bytes : 0,
      countsOf: (mount) => mount === "github" ? { underway: 2, waiting: 3 } : undefined,
    });
  const callout = (outcome: number | string, milliseconds: number) =>
    bus.publish("callout.done", { mount: "github", method: "get", url: "https://x/", outcome, milliseconds });
  /** An operation that takes so long. */
  const waits = async (path: string, milliseconds: number, error?: OmnifsError) => {
    const work = Promise.withResolvers<void>();
    const measured = operations.measure("read", () => path, work.promise).catch(() => {});
    clock.pass(milliseconds);
    if (error === undefined) work.resolve();
    else work.reject(error);
    await measured;
  };
  const set = (changes: Partial<StatusDocument>) => void (state.status = { ...state.status, ...changes });
  return { clock, bus, operations, state, look, callout, waits, set };
}

Deno.test("each document counts what happened since the one before, by provider and together", async () => {
  const { clock, look, callout, waits, set, state } = scene();
  const looking = look();
  const first = looking.take();
  assert.deepEqual([first.seconds, first.operations.count, first.callouts.count], [0, 0, 0]);
  await waits("/github/acme", 10);
  await waits("/github/acme/x", 30, new OmnifsError("rate-limited", "wait"));
  await waits("/dns/a", 20, new OmnifsError("not-found", "none"));
  callout(200, 5);
  callout(404, 6);
  callout("timeout", 7);
  state.bytes = 1_000;
  set({
    fuse: { messages: { LOOKUP: 20, READ: 5 }, notifications: 15 },
    cache: { ...state.status.cache, hits: 8, misses: 3 },
  });
  clock.pass(1_940);
  const next = looking.take();
  assert.equal(next.seconds, 2);
  assert.deepEqual(next.kernel, { messages: 14, notifications: 3 });
  assert.deepEqual(next.answers, { hits: 7, misses: 1 });
  assert.equal(next.operations.count, 3);
  assert.equal(next.operations.failures, 1);
  assert.deepEqual(next.operations.latency, { p50: 20, p99: 30, max: 30 });
  assert.deepEqual(
    next.operations.latest.map(({ path, milliseconds, failure }) => [path, milliseconds, failure]),
    [
      ["/github/acme", 10, null],
      ["/github/acme/x", 30, "rate-limited"],
      ["/dns/a", 20, "not-found"],
    ],
  );
  const [github, dns] = next.mounts;
  assert.deepEqual([github?.operations.count, github?.operations.failures, github?.waiting], [2, 1, 3]);
  assert.deepEqual(github?.callouts, {
    count: 3,
    failures: 2,
    latency: { p50: 6, p99: 7, max: 7 },
    statuses: { "2xx": 1, "4xx": 1, timeout: 1 },
    bytes: 1_000,
    underway: 2,
  });
  assert.deepEqual([dns?.operations.count, dns?.operations.failures, dns?.callouts.count], [1, 0, 0]);
  assert.deepEqual([next.callouts.bytes, next.callouts.underway], [1_000, 2]);
  const last = looking.take();
  assert.deepEqual([last.operations.count, last.callouts.count, last.callouts.bytes], [0, 0, 0]);
  assert.deepEqual([last.operations.latest, last.callouts.latest, last.kernel.messages], [[], [], 0]);
  looking.close();
});

Deno.test("the first document tells what happened before, as far as the bus keeps it", () => {
  const { bus, look, callout } = scene();
  callout(200, 5);
  bus.publish("provider.ready", { mount: "github", version: "1" });
  const looking = look();
  const { events, callouts } = looking.take();
  assert.deepEqual(events.map(({ type }) => type), ["provider.ready"]);
  assert.deepEqual([callouts.latest.length, callouts.count], [1, 0]);
  looking.close();
});

Deno.test("a document is bounded, however much happens", async () => {
  const { look, callout, bus, waits } = scene();
  const looking = look();
  looking.take();
  for (let index = 0; index < 5_000; index++) {
    callout(200 + index % 300, 1);
    bus.publish("cache.invalidated", { mount: "github", what: `/github/${index}`, cause: "a test" });
  }
  for (let index = 0; index < 1_500; index++) await waits(`/made-up-${index}/x`, 0);
  const document = looking.take();
  assert.deepEqual([document.callouts.count, document.operations.count], [5_000, 1_500]);
  for (const list of [document.callouts.latest, document.operations.latest, document.events]) {
    assert.equal(list.length, 50);
  }
  assert.equal(document.operations.latest.at(-1)?.path, "/made-up-1499/x");
  assert.ok(JSON.stringify(document).length < 64 * 1024);
  looking.close();
});

Deno.test("two who look are told the same, each in their own time", () => {
  const { look, callout } = scene();
  const [one, other] = [look(), look()];
  one.take();
  other.take();
  callout(200, 5);
  assert.equal(one.take().callouts.count, 1);
  callout(200, 5);
  assert.equal(one.take().callouts.count, 1);
  assert.equal(other.take().callouts.count, 2);
  one.close();
  other.close();
});

Deno.test("while nobody looks nothing is measured, and once they look away nothing is noted", () => {
  const { operations, look, callout } = scene();
  const work = Promise.resolve();
  assert.equal(operations.measure("read", () => "/x", work), work);
  const looking = look();
  assert.notEqual(operations.measure("read", () => "/x", work), work);
  looking.take();
  looking.close();
  assert.equal(operations.measure("read", () => "/x", work), work);
  callout(200, 5);
  assert.equal(looking.take().callouts.count, 0);
});

Deno.test("over the control socket: one document at once, then one a second, until the asker goes away", async () => {
  await using dir = await tempDir();
  const socketPath = `${dir.path}/run/x.sock`;
  const backend = fakeBackend({ providers: [provider("github")] });
  let looking = 0;
  const watched = {
    ...backend,
    inspect: () => {
      const inspection = backend.inspect();
      looking++;
      return {
        take: () => inspection.take(),
        close: () => {
          looking--;
          inspection.close();
        },
      };
    },
  };
  const log = new Log(systemClock, () => {}, "error");
  const server = await serveControl(watched, { socketPath, clock: systemClock, log });
  try {
    const seen: InspectDocument[] = [];
    for await (const document of new ControlClient(socketPath).inspect()) {
      seen.push(document);
      assert.equal(looking, 1);
      if (seen.length === 1) {
        backend.bus.publish("callout.done", {
          mount: "github",
          method: "get",
          url: "https://x/",
          outcome: 200,
          milliseconds: 1,
        });
      }
      if (document.callouts.count > 0) break;
    }
    assert.equal(seen[0]?.seconds, 0);
    assert.deepEqual(seen.at(-1)?.callouts.latest.map(({ outcome }) => outcome), [200]);
    for (const { seconds } of seen.slice(1)) assert.ok(seconds >= 0.99, String(seconds));
    await until(() => looking === 0, 10_000, "the end of looking");
  } finally {
    await server.close();
  }
});
