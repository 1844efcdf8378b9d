/**
 * Whatever is lost, late, repeated, swapped, cut or failing: once the upstream is quiet and a source is back, every path
 * reads as the upstream says, and no read ever goes back to an older state after a newer one.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { checkProperty } from "../support/property.ts";
import { REPOS } from "./lossy_upstream.ts";
import { play, type Schedule, schedules } from "./schedule.ts";
import { World } from "./world.ts";

/** How many schedules; `deno task soak` tries 10,000. */
const SCHEDULES = Number(Deno.env.get("OMNIFS_SCHEDULES") ?? 150);

const MINUTE = 60_000;

/** Bytes of a cache from which nothing has to make room here. */
const AMPLE = 2 ** 20;

async function check({ manner, seed, cacheBytes, steps }: Schedule): Promise<void> {
  await using world = new World(manner, seed, cacheBytes);
  await play(world, steps);
  await world.calm();
  assert.deepEqual(world.witness.faults, [], "no read goes back");
  assert.deepEqual(await world.differences(), [], "every path reads as the upstream says");
  if (cacheBytes >= AMPLE) await checkKept(world);
  await checkIdle(world);
}

/** Whatever was lost is regained, since a source is back: what is read is kept, and a second read asks nobody. */
async function checkKept(world: World): Promise<void> {
  await world.time.run(MINUTE);
  assert.deepEqual(await world.differences(), []);
  const { loads } = world.upstream;
  assert.deepEqual(await world.differences(), []);
  assert.equal(world.upstream.loads, loads, "a second read asks nobody");
  assert.ok(world.states().every((state) => state.endsWith("kept")), `${world.states()}`);
}

/** With an empty cache nothing is sent upstream. */
async function checkIdle(world: World): Promise<void> {
  for (const repo of REPOS) world.drop(repo);
  await world.time.run(MINUTE);
  const { asked, loads } = world.upstream;
  await world.time.run(60 * MINUTE);
  assert.deepEqual([world.upstream.asked, world.upstream.loads], [asked, loads], "an idle mount asks nobody");
}

Deno.test("whatever the schedule, a quiet upstream is read as it is, and no read goes back", async () => {
  await checkProperty(fc.asyncProperty(schedules(160), check), SCHEDULES);
});
