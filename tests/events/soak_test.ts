/**
 * An hour of changes, readers and faults at high speed in one world: what is held stays within bounds, and in the end the
 * tree is the upstream's.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Chance } from "./virtual_time.ts";
import { act, ACTIONS, LASTING, SOURCES } from "./schedule.ts";
import { World } from "./world.ts";

/** Steps; `deno task soak` does an hour's worth of one in 20 ms. */
const STEPS = Number(Deno.env.get("OMNIFS_SOAK_STEPS") ?? 3_000);

/** Looks at the memory. */
const LOOKS = 6;

const SEED = Number(Deno.env.get("OMNIFS_TEST_SEED") ?? Math.floor(Math.random() * 2 ** 31));

/** Bytes that are in use, where the engine can be asked to tidy up first (`--v8-flags=--expose-gc`). */
function heap(): number | undefined {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) return undefined;
  gc();
  return Deno.memoryUsage().heapUsed;
}

/** Schedules in which a reader once was shown an older text after a newer one: two loads of one file overtook each other. */
const ONCE_WRONG = [149, 110, 352905383, 1372048922];

/** More worlds, each with a manner of its own; `deno task soak` tries a thousand. */
const WORLDS = Number(Deno.env.get("OMNIFS_SOAK_WORLDS") ?? 10);

/** Lives through `steps` steps in the world of `seed`; `look` is called now and then, when everything is at rest. */
async function soak(seed: number, steps: number, look: () => void = () => {}): Promise<void> {
  const chance = new Chance(seed);
  await using world = new World(
    {
      sources: chance.of(SOURCES),
      tells: chance.of(["placed", "dropped", "mixed"]),
      version: chance.of(["exact", "time", "none"]),
      body: chance.of(["inline", "ask"]),
      lost: chance.of([0, 5, 50]),
      repeated: 5,
      slowest: chance.of([50, 500, 5_000]),
    },
    seed,
    64 * 1024,
  );
  const interval = Math.ceil(steps / LOOKS);
  for (let step = 0; step < steps; step++) {
    await world.time.run(20);
    // A fault that lasts, for seconds, comes every twenty seconds or so.
    const fault = chance.below(1_000) === 0;
    if (fault) act(world, chance.of(LASTING), chance.below(3));
    else act(world, chance.of(ACTIONS), chance.below(2 ** 16));
    if (step % interval === interval - 1) {
      await world.forgetPast();
      look();
    }
  }
  const states = world.states();
  assert.ok(states.length <= 2, `${states.length} watches of two repos`);
  await world.calm();
  assert.deepEqual(world.witness.faults, [], `seed ${seed}`);
  assert.deepEqual(await world.differences(), [], `seed ${seed}`);
  assert.ok(world.bytes <= 64 * 1024, `${world.bytes} bytes are cached`);
  assert.ok(world.upstream.tracker.sequence > steps / 10, "the upstream changed");
}

Deno.test("an hour of changes and faults leaves nothing behind, and the tree as it is upstream", async () => {
  console.log(`seed ${SEED} (repeat with OMNIFS_TEST_SEED=${SEED})`);
  const heaps: number[] = [];
  await soak(SEED, STEPS, () => {
    const used = heap();
    if (used !== undefined) heaps.push(used);
  });
  // The first look comes after everything has been compiled and filled once.
  const [first = 0, ...later] = heaps;
  const grown = Math.max(0, ...later) - first;
  assert.ok(grown < 4 * 2 ** 20, `the heap grew by ${grown} bytes: ${heaps}`);
});

Deno.test("no reader goes back in a world of any manner, nor in those where one once did", async () => {
  const seeds = Array.from({ length: WORLDS }, (_, world) => world);
  for (const seed of [...ONCE_WRONG, ...seeds]) await soak(seed, 3_000);
});
