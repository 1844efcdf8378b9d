/**
 * What a pace means for the calls of a provider.
 *
 * @module
 */
import { deepStrictEqual, equal } from "node:assert/strict";
import { LANE_PLACES } from "../../runtime/egress/pace.ts";
import { DEFAULT_LIMITS, pacedLimits } from "../../runtime/provider/limits.ts";

const need = { target: "a.test", write: false, why: "a test" };

Deno.test("a provider without a pace keeps its limits", () => {
  equal(pacedLimits(DEFAULT_LIMITS, [need]), DEFAULT_LIMITS);
});

Deno.test("a call of a paced provider outlives a full lane, and no more calls wait than a lane has places", () => {
  const limits = pacedLimits(DEFAULT_LIMITS, [need, { ...need, pace: 3_000 }, { ...need, pace: 1_000 }]);
  deepStrictEqual(limits, {
    ...DEFAULT_LIMITS,
    deadlineMilliseconds: 30_000 + LANE_PLACES * 3_000,
    waiting: LANE_PLACES,
  });
  equal(pacedLimits({ ...DEFAULT_LIMITS, waiting: 2 }, [{ ...need, pace: 1 }]).waiting, 2);
});
