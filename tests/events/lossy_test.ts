/**
 * Whatever is lost, late, repeated, swapped, cut or failing: once the upstream is quiet and a source is back, every path
 * reads as the upstream says, and no read ever goes back to an older state after a newer one.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { checkProperty } from "../support/property.ts";
import { play, type Schedule, schedules } from "./schedule.ts";
import { World } from "./world.ts";

/** How many schedules; `deno task soak` tries 10,000. */
const SCHEDULES = Number(Deno.env.get("OMNIFS_SCHEDULES") ?? 150);

async function check({ manner, seed, cacheBytes, steps }: Schedule): Promise<void> {
  await using world = new World(manner, seed, cacheBytes);
  await play(world, steps);
  await world.calm();
  assert.deepEqual(world.witness.faults, [], "no read goes back");
  assert.deepEqual(await world.differences(), [], "every path reads as the upstream says");
}

Deno.test("whatever the schedule, a quiet upstream is read as it is, and no read goes back", async () => {
  await checkProperty(fc.asyncProperty(schedules(160), check), SCHEDULES);
});
