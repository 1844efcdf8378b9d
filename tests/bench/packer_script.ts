/**
 * Opens the workspace that it is told, in a process of its own, and prints what that took as JSON.
 *
 * Arguments: the workspace, how many edits to time.
 *
 * @module
 */
import { Bus } from "../../runtime/base/bus.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import { Packer } from "../../runtime/packer/mod.ts";
import { withDeadline } from "../support/deadline.ts";

const [workspace = "", edits = "1"] = Deno.args;

/** How long an edit may take to be noticed before the run fails, in milliseconds. */
const DEADLINE = 60_000;

const bus = new Bus(systemClock);
const began = performance.now();
const packer = await Packer.open({ workspace, bus, clock: systemClock, program: "the bench" });
const open = performance.now() - began;
await packer.digested();
const digested = performance.now() - began;
const peak = Number(/VmHWM:\s+(\d+) kB/.exec(await Deno.readTextFile("/proc/self/status"))?.[1]) * 1024;

const noticed: number[] = [];
using reader = packer.reader();
const assets = reader.assets();
for (let edit = 0; edit < Number(edits); edit++) {
  const { root } = assets[Math.floor(assets.length * edit / Number(edits))] ?? { root: "" };
  const told = Promise.withResolvers<number>();
  const unsubscribe = bus.subscribe(({ type, data }) => {
    if (type === "packer.state" && "state" in data && data.state === "stale") told.resolve(performance.now());
  });
  const written = performance.now();
  await Deno.writeTextFile(`${workspace}/assets/${root}/file-1`, `edit ${edit}\n`);
  noticed.push(await withDeadline(told.promise, DEADLINE, "the edit") - written);
  unsubscribe();
  while (packer.status().state !== "clean") await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Reads that are timed together. */
const TOGETHER = 100;
const reads: number[] = [];
for (let round = 0; round < 100; round++) {
  const start = performance.now();
  for (let count = 0; count < TOGETHER; count++) {
    using each = packer.reader();
    const { id } = assets[(round * TOGETHER + count) % assets.length] ?? { id: 1 };
    each.asset(id);
    each.files(id);
  }
  reads.push((performance.now() - start) / TOGETHER);
}

const { count } = packer.status().files;
console.log(JSON.stringify({ assets: assets.length, files: count, open, digested, peak, noticed, reads }));
await packer.close();
