/**
 * Ways to directories: kept for as long as anything beyond them is held.
 *
 * @module
 */
import assert from "node:assert/strict";
import { wayKey, Ways } from "../../runtime/tree/ways.ts";

Deno.test("a way is the same one for as long as it, or one that goes on from it, is held", () => {
  const ways = new Ways();
  const hold = (above: typeof ways.root, identity: string) => ways.hold(wayKey(above, identity), above);
  const outer = hold(ways.root, "a");
  const inner = hold(outer, "b");
  ways.release(outer);
  assert.equal(hold(ways.root, "a"), outer);
  assert.equal(hold(outer, "b"), inner);
  ways.release(outer);
  ways.release(inner);
  assert.equal(ways.size, 2);
  ways.release(inner);
  assert.equal(ways.size, 0);
  const fresh = hold(ways.root, "a");
  assert.notEqual(fresh.id, outer.id);
  // Somebody kept the one that has ended, goes on from there, and ends it once more.
  ways.release(hold(outer, "b"));
  assert.equal(hold(ways.root, "a"), fresh);
  const below = hold(fresh, "c");
  ways.release(below);
  ways.release(hold(below, "d"));
  ways.release(fresh);
  assert.equal(hold(ways.root, "a"), fresh, "it was held twice, and let go of once");
});
