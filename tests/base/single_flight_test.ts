/**
 * One load for many, and what becomes of it when it is overtaken, left or fails.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { SingleFlight } from "../../runtime/base/single_flight.ts";
import { Loads, ofKind, settle } from "../support/loads.ts";
import { checkProperty } from "../support/property.ts";

const flightOf = <Value>() =>
  new SingleFlight<Value, undefined>({ tracker: { begin: () => undefined, end: () => {} } });

Deno.test("many callers of one key share one load, and another key has its own", async () => {
  const flight = flightOf<string>();
  const [a, b] = [new Loads<string>(), new Loads<string>()];
  const many = Array.from({ length: 50 }, () => flight.run("a", a.load));
  const other = flight.run("b", b.load);
  assert.deepEqual([a.started.length, b.started.length, flight.size], [1, 1, 2]);
  b.at(0).resolve("of b");
  assert.equal(await other, "of b");
  a.at(0).resolve("of a");
  assert.deepEqual(new Set(await Promise.all(many)), new Set(["of a"]));
  assert.equal(flight.size, 0);
  assert.deepEqual(flight.counts, { started: 2, joined: 49, overtaken: 0 });
});

Deno.test("a finished load is not remembered: the next caller loads anew", async () => {
  const flight = flightOf<number>();
  let loads = 0;
  const load = () => Promise.resolve(++loads);
  assert.equal(await flight.run("a", load), 1);
  assert.equal(await flight.run("a", load), 2);
});

Deno.test("land is called once a load, before anybody has the value", async () => {
  const flight = flightOf<string>();
  const loads = new Loads<string>();
  const order: string[] = [];
  const land = (value: string) => void order.push(`land ${value}`);
  const waiters = [1, 2, 3].map(async (each) => {
    order.push(`${each} has ${await flight.run("a", loads.load, undefined, land)}`);
  });
  loads.at(0).resolve("x");
  await Promise.all(waiters);
  assert.deepEqual(order, ["land x", "1 has x", "2 has x", "3 has x"]);
});

Deno.test("a load that has a value tells so before it lands, disowned or not, and may overtake another", async () => {
  const told: string[] = [];
  const flight: SingleFlight<string, undefined> = new SingleFlight({
    tracker: { begin: () => undefined, end: () => {} },
    again: false,
    loaded: (key, wanted) => {
      told.push(`${key} ${wanted}`);
      flight.disownAll((other) => other !== key);
    },
  });
  const [a, b] = [new Loads<string>(), new Loads<string>()];
  const land = (value: string) => void told.push(`land ${value}`);
  const both = [flight.run("a", a.load, undefined, land), flight.run("b", b.load, undefined, land)];
  a.at(0).resolve("of a");
  assert.equal(await both[0], "of a");
  b.at(0).resolve("of b");
  assert.equal(await both[1], "of b");
  assert.deepEqual(told, ["a true", "land of a", "b false"]);
});

Deno.test("an overtaken load answers nobody: its waiters get the fresh one, and only that lands", async () => {
  const flight = flightOf<string>();
  const loads = new Loads<string>();
  const landed: string[] = [];
  const land = (value: string) => void landed.push(value);
  const before = [flight.run("a", loads.load, undefined, land), flight.run("a", loads.load, undefined, land)];
  flight.disown("a");
  const after = flight.run("a", loads.load, undefined, land);
  assert.equal(loads.started.length, 2, "who comes after the invalidation must not join the overtaken load");
  loads.at(0).resolve("overtaken");
  await settle();
  assert.deepEqual(landed, []);
  loads.at(1).resolve("fresh");
  assert.deepEqual(await Promise.all([...before, after]), ["fresh", "fresh", "fresh"]);
  assert.deepEqual(landed, ["fresh"]);
  assert.equal(loads.started.length, 2);
  assert.deepEqual(flight.counts, { started: 2, joined: 3, overtaken: 1 });
});

Deno.test("an overtaken load whose fresh one was finished in between loads once more", async () => {
  const flight = flightOf<string>();
  const loads = new Loads<string>();
  const before = flight.run("a", loads.load);
  flight.disown("a");
  const after = flight.run("a", loads.load);
  loads.at(1).resolve("second");
  assert.equal(await after, "second");
  loads.at(0).resolve("overtaken");
  await settle();
  loads.at(2).resolve("third");
  assert.equal(await before, "third");
});

Deno.test("a failure of an overtaken load is nobody's failure", async () => {
  const flight = flightOf<string>();
  const loads = new Loads<string>();
  const before = flight.run("a", loads.load);
  flight.disownAll();
  loads.at(0).reject(new Error("of the old state"));
  await settle();
  loads.at(1).resolve("fresh");
  assert.equal(await before, "fresh");
});

Deno.test("a load that fails, fails for all who wait, lands nothing and is tried again by the next", async () => {
  const flight = flightOf<string>();
  const loads = new Loads<string>();
  const landed: string[] = [];
  const waiters = [1, 2].map(() =>
    flight.run("a", loads.load, undefined, (value) => void landed.push(value))
  );
  const failure = new Error("no");
  loads.at(0).reject(failure);
  const outcomes = await Promise.allSettled(waiters);
  assert.deepEqual(outcomes.map((each) => each.status === "rejected" && each.reason), [failure, failure]);
  assert.deepEqual([landed.length, flight.size], [0, 0]);
  const next = flight.run("a", loads.load);
  loads.at(1).resolve("yes");
  assert.equal(await next, "yes");
});

Deno.test("an interrupted waiter leaves alone: the load goes on for the others", async () => {
  const flight = flightOf<string>();
  const loads = new Loads<string>();
  const leaver = new AbortController();
  const left = flight.run("a", loads.load, leaver.signal);
  const stays = flight.run("a", loads.load, new AbortController().signal);
  leaver.abort();
  await assert.rejects(left, ofKind("interrupted"));
  assert.equal(loads.at(0).signal.aborted, false);
  loads.at(0).resolve("x");
  assert.equal(await stays, "x");
});

Deno.test("the last waiter who leaves aborts the load, and the next caller gets one of their own", async () => {
  const flight = flightOf<string>();
  const loads = new Loads<string>();
  const leavers = [new AbortController(), new AbortController()];
  const left = leavers.map(({ signal }) => flight.run("a", loads.load, signal));
  for (const leaver of leavers) leaver.abort();
  for (const each of left) await assert.rejects(each, ofKind("interrupted"));
  assert.equal(loads.at(0).signal.aborted, true);
  assert.equal(flight.size, 0);
  const next = flight.run("a", loads.load);
  loads.at(0).reject(new Error("aborted, unheard"));
  loads.at(1).resolve("fresh");
  assert.equal(await next, "fresh");
});

Deno.test("an overtaken load that everybody left is aborted too", async () => {
  const flight = flightOf<string>();
  const loads = new Loads<string>();
  const leaver = new AbortController();
  const left = flight.run("a", loads.load, leaver.signal);
  flight.disown("a");
  leaver.abort();
  await assert.rejects(left, ofKind("interrupted"));
  assert.equal(loads.at(0).signal.aborted, true);
});

Deno.test("a load that has ended is never aborted", async () => {
  const flight = flightOf<string>();
  const loads = new Loads<string>();
  const waiter = flight.run("a", loads.load);
  loads.at(0).resolve("x");
  await waiter;
  await settle();
  assert.equal(loads.at(0).signal.aborted, false);
});

Deno.test("whoever gave up before asking costs no load", async () => {
  const flight = flightOf<string>();
  const loads = new Loads<string>();
  await assert.rejects(flight.run("a", loads.load, AbortSignal.abort()), ofKind("interrupted"));
  assert.equal(loads.started.length, 0);
});

Deno.test("whoever gave up while their load was overtaken costs no second load", async () => {
  const flight = flightOf<string>();
  const loads = new Loads<string>();
  const leaver = new AbortController();
  const left = flight.run("a", loads.load, leaver.signal);
  flight.disown("a");
  loads.at(0).resolve("overtaken");
  leaver.abort();
  await assert.rejects(left, ofKind("interrupted"));
  assert.equal(loads.started.length, 1);
});

Deno.test("a load that lands too late answers nobody, and its caller's next load knows how many there were", async () => {
  const flight = flightOf<string>();
  const loads = new Loads<string>();
  const tries: number[] = [];
  const land = (value: string, _mark: undefined, tried: number) => {
    tries.push(tried);
    return value !== "old";
  };
  const waiting = [1, 2].map(() => flight.run("a", loads.load, undefined, land));
  for (const [index, value] of ["old", "old", "fresh"].entries()) {
    loads.at(index).resolve(value);
    await settle();
  }
  assert.deepEqual(await Promise.all(waiting), ["fresh", "fresh"]);
  assert.deepEqual([tries, flight.counts.overtaken, flight.size], [[0, 1, 2], 2, 0]);
});

Deno.test("where callers look by themselves, an overtaken load answers those who waited, and nobody who comes later", async () => {
  const tracker = { begin: () => undefined, end: () => {} };
  const flight = new SingleFlight<string, undefined>({ tracker, again: false });
  const loads = new Loads<string>();
  const landed: string[] = [];
  const land = (value: string) => void landed.push(value);
  const [before, failing] = ["a", "b"].map((key) => flight.run(key, loads.load, undefined, land));
  flight.disownAll((key) => key !== "c");
  const after = flight.run("a", loads.load, undefined, land);
  loads.at(0).resolve("old");
  loads.at(1).reject(new Error("gone"));
  loads.at(2).resolve("fresh");
  assert.deepEqual([await before, await after, landed], ["old", "fresh", ["fresh"]]);
  await assert.rejects(failing ?? Promise.resolve(), /gone/);
});

Deno.test("each load is tracked from before it begins until after it has landed, whatever becomes of it", async () => {
  const log: string[] = [];
  let marks = 0;
  const tracker = {
    begin: (key: string) => (log.push(`begin ${key} ${++marks}`), marks),
    end: (mark: number) => void log.push(`end ${mark}`),
  };
  const flight = new SingleFlight<string, number>({ tracker });
  const loads = new Loads<string>();
  const land = (_value: string, mark: number) => void log.push(`land ${mark}`);
  const good = flight.run("a", loads.load, undefined, land);
  const bad = flight.run("b", loads.load, undefined, land);
  loads.at(0).resolve("x");
  loads.at(1).reject(new Error("no"));
  await good;
  await assert.rejects(bad, /no/);
  await settle();
  assert.deepEqual(log, ["begin a 1", "begin b 2", "land 1", "end 1", "end 2"]);
});

Deno.test("whatever the order of asking, invalidating and loading, nobody gets what was overtaken", async () => {
  // A step asks, changes the upstream and invalidates, or lets the oldest load under way read and end.
  const step = fc.constantFrom("ask", "change", "end");
  await checkProperty(fc.asyncProperty(fc.array(step, { maxLength: 25, size: "max" }), async (steps) => {
    const flight = flightOf<number>();
    let [upstream, kept] = [0, -1];
    const ends: (() => void)[] = [];
    const load = () => {
      const seen = upstream;
      return new Promise<number>((resolve) => ends.push(() => resolve(seen)));
    };
    const answers: Promise<void>[] = [];
    for (const each of steps) {
      if (each === "change") {
        upstream++;
        kept = -1;
        flight.disown("a");
      } else if (each === "end") {
        ends.shift()?.();
        await settle();
      } else {
        const asked = upstream;
        answers.push(
          flight.run("a", load, undefined, (value) => void (kept = value)).then((value) => {
            assert.equal(value, upstream, `asked at ${asked}, got ${value}, upstream is ${upstream}`);
          }),
        );
      }
      assert(kept === -1 || kept === upstream, "an overtaken value was kept");
    }
    while (flight.size > 0 || ends.length > 0) {
      ends.shift()?.();
      await settle();
    }
    await Promise.all(answers);
  }));
});
