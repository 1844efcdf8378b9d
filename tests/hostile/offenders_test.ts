/**
 * Every component that does harm, beside one that does not: it fails alone, in the right way, and serves again.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fails, type Mounted, mountProbe } from "../provider/harness.ts";
import { CHATTERBOX, type Offender, OFFENDERS } from "./offenders.ts";
import { limitsOf, mountDeviant, provoke, servingMeanwhile } from "./scene.ts";

Deno.test("a component that does harm fails alone", async (t) => {
  using neighbour = await mountProbe({ mount: "neighbour" });
  for (const [what, offender] of Object.entries(OFFENDERS)) {
    await t.step(`one that ${what}`, async () => {
      const harm = offender.operation === "mount" ? mountFails(offender) : operationFails(offender);
      assert(await servingMeanwhile(neighbour.provider, harm) > 0);
      await harm;
    });
  }
  assert.equal(neighbour.provider.counts.failures, 0);
  assert.deepEqual(neighbour.events.filter(({ type }) => type === "provider.poisoned"), []);
});

async function mountFails(offender: Offender): Promise<void> {
  await assert.rejects(
    mountDeviant(offender.deviation, limitsOf(offender)),
    fails(offender.kind, offender.words),
  );
}

async function operationFails(offender: Offender): Promise<void> {
  const { deviation, operation, kind, words } = offender;
  using hostile = await mountDeviant(deviation, limitsOf(offender));
  await assert.rejects(provoke(hostile.provider, operation), fails(kind, words));
  await stillServes(hostile, operation);
}

/** What it does not misbehave in is answered, by the same instance or by the one in its place. */
async function stillServes({ provider }: Mounted, operation: string): Promise<void> {
  if (operation === "lookup") assert.deepEqual((await provider.listChildren("", undefined)).entries, []);
  else assert.equal(await provider.lookupChild("", "x"), undefined);
}

Deno.test("a log flood is cut off, by whatever instance it comes, and the rest is told as a number", async () => {
  using hostile = await mountDeviant(CHATTERBOX);
  for (const _ of [1, 2, 3]) await assert.rejects(hostile.provider.lookupChild("", "x"), fails("internal"));
  assert(hostile.lines.length > 10, "some lines are logged");
  assert(hostile.lines.length < 100, `${hostile.lines.length} lines`);
});
