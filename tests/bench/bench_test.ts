/**
 * The benchmark measures what it says, in small, and its verdicts are arithmetic that can be wrong.
 *
 * @module
 */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { has, run } from "../support/command.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { tempDir } from "../support/temp.ts";
import { bench } from "./bench.ts";
import { misbehaviourTable, resultOf as besideOf } from "./misbehaviour.ts";
import { packerTable } from "./packer.ts";
import { eventLines, resultOf as eventsOf } from "./events.ts";
import { buildClient } from "./peers.ts";
import { type Contestant, type Row, ROWS } from "./rows.ts";
import { median, resultOf, tableOf } from "./table.ts";

const canCompile = await has("gcc");
const canMeasure = canCompile && await fuseIsThere() &&
  (await Deno.stat("/dev/shm").catch(() => null)) !== null;

const row = (better: Row["better"], goals: Row["goals"]): Row => ({
  title: "a row",
  unit: "ms",
  better,
  cold: false,
  client: () => [],
  amount: () => 0,
  goals,
});

function verdict(better: Row["better"], ratio: number, ours: number, theirs: number) {
  const figures = new Map<Contestant, number[]>([["omnifs", [ours]], ["tmpfs", [theirs]]]);
  return resultOf(row(better, [{ peer: "tmpfs", ratio }]), figures).verdicts[0];
}

Deno.test("the median is the middle figure, or between the two in the middle", () => {
  deepStrictEqual([median([3]), median([9, 1, 2]), median([4, 1, 3, 2])], [3, 2, 2.5]);
  ok(Number.isNaN(median([])));
});

Deno.test("a goal is met at its ratio, and missed by what is lacking", () => {
  deepStrictEqual(verdict("more", 2, 20, 10), {
    goal: "≥ 2 × tmpfs",
    ratio: 2,
    met: true,
    text: "met (2.00)",
  });
  deepStrictEqual(verdict("more", 2, 15, 10)?.text, "missed by 25 % (1.50)");
  deepStrictEqual(verdict("less", 1, 10, 10)?.text, "met (1.00)");
  deepStrictEqual(verdict("less", 1, 12, 10)?.text, "missed by 20 % (1.20)");
});

Deno.test("who was not measured is neither met nor missed", () => {
  const { medians, verdicts } = resultOf(
    row("more", [{ peer: "bindfs", ratio: 1 }]),
    new Map([["omnifs", [1]]]),
  );
  strictEqual(medians.bindfs, null);
  deepStrictEqual(verdicts, [{ goal: "≥ 1 × bindfs", ratio: null, met: null, text: "not measured" }]);
});

Deno.test("the table has a line for each goal, with thousands apart", () => {
  const goals = [{ peer: "tmpfs", ratio: 1 }, { peer: "bindfs", ratio: 1 }] as const;
  const figures = new Map<Contestant, number[]>([["omnifs", [1_234_567]], ["tmpfs", [1.234]]]);
  const lines = tableOf([resultOf(row("more", goals), figures)]).split("\n");
  strictEqual(lines.length, 3);
  match(lines[1] ?? "", /^a row \(ms\) +1,234,567 +1\.23 +– +– +≥ 1 × tmpfs +met/);
  match(lines[2] ?? "", /^ +≥ 1 × bindfs +not measured$/);
});

Deno.test("a neighbour may be slowed by a fifth, and a program that is no provider is held to nothing", () => {
  const fast = besideOf("one that waits", { alone: [120, 119, 1], beside: [100, 101, 500] });
  deepStrictEqual([fast.ratio.toFixed(3), fast.met], ["1.178", true]);
  const slow = besideOf("one that loops", { alone: [150], beside: [100] });
  const lines = misbehaviourTable([fast, slow, { ...slow, other: "a program", met: null }]).split("\n");
  match(lines[1] ?? "", /^one that waits +119 +101 +≤ 1\.2 × alone +met \(1\.18\)$/);
  match(lines[2] ?? "", /^one that loops +150 +100 +≤ 1\.2 × alone +missed by 25 % \(1\.50\)$/);
  match(lines[3] ?? "", /^a program +150 +100 +\(1\.50\)$/);
});

Deno.test("99 of 100 changes have to be seen in time, whatever the slowest one took", () => {
  const times = Array.from({ length: 100 }, (_, i) => i === 99 ? 500 : i / 10);
  const { p50, p99, met } = eventsOf("a row", times);
  deepStrictEqual([p50, p99, met], [4.9, 9.8, true]);
  const { met: missed } = eventsOf("a row", [...times, 30, 40]);
  strictEqual(missed, false);
  match(
    eventLines([eventsOf("a row", times)]),
    /^a row: p50 4\.9 ms, p99 9\.8 ms of 100 \(p99 ≤ 10 ms: met\)$/,
  );
});

Deno.test({
  name: "the client counts bytes and names, and fails where a file is missing",
  ignore: !canCompile,
  async fn() {
    await using folder = await tempDir();
    const client = await buildClient();
    for (const n of [0, 1, 2]) await Deno.writeTextFile(join(folder.path, `f0000${n}`), "x".repeat(n));
    const amounts = async (...args: string[]) => (await run(client, args)).stdout.trim().split(" ")[1];
    strictEqual(await amounts("open", folder.path, "f", "0", "3"), "3");
    strictEqual(await amounts("list", folder.path), "3");
    strictEqual(await amounts("read", join(folder.path, "f00002")), "2");
    strictEqual((await run(client, ["open", folder.path, "f", "0", "4"])).code, 1);
  },
});

Deno.test({
  name: "a small run measures omnifs and every peer that is here, in every row",
  ignore: !canMeasure,
  async fn() {
    const { results, misbehaviour, packer, executable, events, notes } = await bench(
      { files: 50, rounds: 1 },
      { notes: 20, changes: 10 },
      () => {},
    );
    for (const { changes, p50, p99, title } of events) ok(changes === 10 && 0 < p50 && p50 <= p99, title);
    strictEqual(events.length, 2);
    deepStrictEqual(results.map(({ title }) => title), ROWS.map(({ title }) => title));
    const cold = Deno.uid() === 0;
    for (const [index, { title, figures, verdicts }] of results.entries()) {
      if (ROWS[index]?.cold && !cold) continue;
      for (const who of ["omnifs", "tmpfs"]) ok((figures[who]?.[0] ?? 0) > 0, `${title}: ${who}`);
      for (const { met, goal } of verdicts) {
        ok(
          met !== null || notes.some((note) => note.startsWith(goal.split(" × ")[1] ?? "?")),
          `${title}: ${goal}`,
        );
      }
    }
    deepStrictEqual(packer.map(({ unit }) => unit), ["ms", "ms", "MB", "ms", "ms"]);
    for (const { title, figure } of packer) ok(figure > 0, title);
    match(
      packerTable(packer).split("\n")[1] ?? "",
      /^open 100 assets, 1,000 files \(ms\) +\d+ +≤ 5,000 +(met|missed)/,
    );
    const made = !notes.some((note) => note.startsWith("the executable: "));
    deepStrictEqual(executable.map(({ unit }) => unit), made ? ["MB", "ms", "ms", "MB", "MB"] : []);
    for (const { title, figure } of executable) ok(figure > 0, title);
    strictEqual(misbehaviour.length, 9);
    for (const { other, alone, beside } of misbehaviour) {
      ok([...alone, ...beside].every((figure) => figure > 0) && alone.length === beside.length, other);
    }
  },
});
