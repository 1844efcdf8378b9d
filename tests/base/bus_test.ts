/**
 * The bus and the log: what listeners and operators get.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Bus, type BusEvent, KEPT_EVENTS } from "../../runtime/base/bus.ts";
import { type Level, LEVELS, Log } from "../../runtime/base/log.ts";
import { settle } from "../support/loads.ts";
import { checkProperty } from "../support/property.ts";
import { ManualClock } from "./manual_clock.ts";

const said = (what: string) => ({ mount: "m", what, cause: "test" });

Deno.test("every listener gets every event after it subscribed, in order, with number and time", () => {
  const clock = new ManualClock(1_000);
  const bus = new Bus(clock);
  const [early, late]: [BusEvent[], BusEvent[]] = [[], []];
  bus.subscribe((event) => early.push(event));
  bus.publish("cache.invalidated", said("a"));
  clock.pass(5);
  const leave = bus.subscribe((event) => late.push(event));
  bus.publish("provider.ready", { mount: "m", version: "1" });
  leave();
  bus.publish("cache.invalidated", said("c"));
  assert.deepEqual(early.map(({ sequence, time, type }) => [sequence, time, type]), [
    [1, 1_000, "cache.invalidated"],
    [2, 1_005, "provider.ready"],
    [3, 1_005, "cache.invalidated"],
  ]);
  assert.deepEqual(late, [early[1]]);
});

Deno.test("a listener that throws is reported, and keeps the event from nobody", async () => {
  const bus = new Bus(new ManualClock());
  const [got, reported]: [number[], unknown[]] = [[], []];
  const report = (event: ErrorEvent) => {
    reported.push(event.error);
    event.preventDefault();
  };
  globalThis.addEventListener("error", report);
  try {
    const failure = new Error("listener");
    bus.subscribe(() => {
      throw failure;
    });
    bus.subscribe(({ sequence }) => void got.push(sequence));
    bus.publish("cache.invalidated", said("a"));
    bus.publish("cache.invalidated", said("b"));
    await settle();
    assert.deepEqual(got, [1, 2]);
    assert.deepEqual(reported, [failure, failure]);
  } finally {
    globalThis.removeEventListener("error", report);
  }
});

Deno.test("a listener that leaves while it is told, takes the event from nobody", () => {
  const bus = new Bus(new ManualClock());
  const got: string[] = [];
  const leave = bus.subscribe(() => {
    got.push("first");
    leave();
  });
  bus.subscribe(() => void got.push("second"));
  bus.publish("cache.invalidated", said("a"));
  bus.publish("cache.invalidated", said("b"));
  assert.deepEqual(got, ["first", "second", "second"]);
});

Deno.test("the bus tells the latest events again, and keeps no more than it says", () => {
  const bus = new Bus(new ManualClock());
  for (let i = 1; i <= KEPT_EVENTS + 250; i++) bus.publish("cache.invalidated", said(`${i}`));
  const all = bus.since(0).map(({ sequence }) => sequence);
  assert.deepEqual(all, Array.from({ length: KEPT_EVENTS }, (_, i) => i + 251));
  assert.deepEqual(bus.since(KEPT_EVENTS + 248).map(({ sequence }) => sequence), [1_249, 1_250]);
  assert.deepEqual(bus.since(KEPT_EVENTS + 250), []);
});

function logged(write: (log: Log) => void, least?: Level): string[] {
  const lines: string[] = [];
  write(new Log(new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5)), (line) => lines.push(line), least, "github"));
  return lines;
}

Deno.test("an entry is one line: time, level, scope, message, facts; a fact that is undefined is left out", () => {
  const lines = logged((log) =>
    log.warn("it failed", { path: "/a b", status: 404, gone: undefined, ok: false })
  );
  assert.deepEqual(lines, [
    `2026-01-02T03:04:05.000Z warn  github: it failed path="/a b" status=404 ok=false`,
  ]);
});

Deno.test("what is below the least level is not written, and a scoped log keeps the level", () => {
  for (const [index, least] of LEVELS.entries()) {
    const lines = logged((log) => {
      for (const level of LEVELS) log.scoped("dns").write(level, level);
    }, least);
    assert.deepEqual(lines.map((line) => line.split(" ").at(-1)), LEVELS.slice(index));
    assert(lines.every((line) => line.includes(" dns: ")));
  }
});

Deno.test("whatever a provider says, it cannot forge an entry, nor move the operator's cursor", async () => {
  const forged = "x\n2026-01-02T03:04:05.000Z error omnifs: forged\r\u001b[2J\u0085\u009b31m\u2028y\u007f";
  const nasty = fc.oneof(
    fc.constant(forged),
    fc.string({ unit: "binary" }),
    fc.string({
      unit: fc.constantFrom("\n", "\r", "\u001b", "\u0085", "\u009b", "\u2028", "\u2029", "a", '"', " ", "="),
    }),
  );
  await checkProperty(
    fc.property(nasty, nasty, (message, value) => {
      const [line, ...more] = logged((log) => log.info(message, { fact: value }));
      assert.deepEqual(more, []);
      assert(line !== undefined);
      // deno-lint-ignore no-control-regex -- control characters are what is looked for
      assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
      assert(line.startsWith("2026-01-02T03:04:05.000Z info  github: "));
    }),
    1_000,
  );
});
