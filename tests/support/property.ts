/**
 * Properties, by chance and repeatable.
 *
 * @module
 */
import fc from "fast-check";

/** The seed of this run; `OMNIFS_TEST_SEED` repeats an earlier one. */
const SEED = Number(Deno.env.get("OMNIFS_TEST_SEED") ?? Math.floor(Math.random() * 2 ** 31));

let told = false;

/** Checks `property` for `runs` random cases; a failure names the seed and the smallest case. */
export async function checkProperty<Case>(
  property: fc.IRawProperty<Case>,
  runs = 200,
): Promise<void> {
  if (!told) console.log(`seed ${SEED} (repeat with OMNIFS_TEST_SEED=${SEED})`);
  told = true;
  await fc.assert(property, { seed: SEED, numRuns: runs });
}
