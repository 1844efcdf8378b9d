/**
 * Durations: quantiles by nearest rank, over the latest ones alone.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { DURATION_BOUNDS, Durations, DURATIONS_KEPT } from "../../runtime/base/durations.ts";

Deno.test("quantiles of a hundred are what they are called", () => {
  const durations = new Durations();
  assert.equal(durations.quantile(0.5), undefined);
  for (let milliseconds = 100; milliseconds >= 1; milliseconds--) durations.add(milliseconds);
  assert.deepEqual([0, 0.5, 0.99, 1].map((share) => durations.quantile(share)), [1, 50, 99, 100]);
  assert.deepEqual([durations.count, durations.sum], [100, 5_050]);
  assert.deepEqual(durations.buckets, DURATION_BOUNDS.map((bound) => Math.min(bound, 100)));
});

Deno.test("quantiles are of the latest; count, sum and buckets of all", () => {
  const durations = new Durations();
  for (let index = 0; index < 10; index++) durations.add(9_999);
  for (let index = 0; index < DURATIONS_KEPT; index++) durations.add(3);
  assert.equal(durations.quantile(1), 3);
  assert.equal(durations.count, DURATIONS_KEPT + 10);
  assert.deepEqual([durations.buckets[1], durations.buckets[2]], [0, DURATIONS_KEPT]);
});

Deno.test("no duration lies above the last quantile, and a share of them at or below each", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(6_000), { minLength: 1, maxLength: 50 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (all, share) => {
        const durations = new Durations();
        for (const milliseconds of all) durations.add(milliseconds);
        const quantile = durations.quantile(share);
        assert.ok(quantile !== undefined && all.includes(quantile));
        assert.ok(all.filter((each) => each <= quantile).length >= share * all.length);
        assert.equal(durations.quantile(1), Math.max(...all));
      },
    ),
  );
});
