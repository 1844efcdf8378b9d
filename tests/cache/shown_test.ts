/**
 * What readers were shown while a load was on its way, and what that makes of its answer.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Changes } from "../../runtime/cache/changes.ts";
import { Shown } from "../../runtime/cache/shown.ts";
import { ManualClock } from "../base/manual_clock.ts";

function scene() {
  const changes = new Changes<string>(new ManualClock());
  return { changes, shown: new Shown<string>(changes) };
}

Deno.test("a name that was shown after a load began overtakes what the load tells otherwise", () => {
  const { changes, shown } = scene();
  const [late, other] = [changes.begin("m/d\0a"), changes.begin("m/d\0a")];
  shown.name("m/d", "a", undefined);
  assert.equal(shown.otherwise("m/d", "a", "1", late.tick), true);
  assert.equal(shown.otherwise("m/d", "a", undefined, late.tick), false);
  assert.equal(shown.otherwise("m/d", "b", "2", late.tick), false);
  const after = changes.begin("m/d\0a");
  assert.equal(shown.otherwise("m/d", "a", "1", after.tick), false);
  for (const load of [late, other, after]) changes.end(load);
});

Deno.test("a directory that was shown as a whole shows which names are absent", () => {
  const { changes, shown } = scene();
  const [late, other] = [changes.begin("m/d\0a"), changes.begin("m/d\0")];
  shown.whole("m/d", [["a", "1"], ["b", "2"]]);
  assert.equal(shown.otherwise("m/d", "a", "1", late.tick), false);
  assert.equal(shown.otherwise("m/d", "a", "3", late.tick), true);
  assert.equal(shown.otherwise("m/d", "c", "3", late.tick), true);
  assert.equal(shown.otherwise("m/d", "c", undefined, late.tick), false);
  assert.equal(shown.more("m/d", new Set(["a"]), late.tick), true);
  assert.equal(shown.more("m/d", new Set(["a", "b", "c"]), late.tick), false);
  // Shown later, one by one.
  shown.name("m/d", "b", undefined);
  shown.name("m/d", "c", "3");
  assert.equal(shown.otherwise("m/d", "c", "3", late.tick), false);
  assert.equal(shown.more("m/d", new Set(["a", "c"]), late.tick), false);
  for (const load of [late, other]) changes.end(load);
});

Deno.test("a state that was shown is told to whoever began before, and to nobody else", () => {
  const { changes, shown } = scene();
  const [late, other] = [changes.begin("m/d\0a"), changes.begin("m/d\0b")];
  shown.state("m/1", "new");
  assert.equal(shown.stateAfter("m/1", late.tick), "new");
  assert.equal(shown.stateAfter("m/1", changes.moment()), undefined);
  for (const load of [late, other]) changes.end(load);
});

Deno.test("with nobody else under way nothing is remembered; a look at the whole tree is nobody", () => {
  const { changes, shown } = scene();
  const [look, late, only] = [changes.begin("m"), changes.begin("m/d\0a"), changes.begin("m/d\0b")];
  shown.name("m/d", "a", "1");
  assert.equal(shown.otherwise("m/d", "a", "2", late.tick), true);
  changes.end(only);
  shown.name("m/d", "b", "1");
  assert.equal(shown.otherwise("m/d", "a", "2", late.tick), false);
  assert.equal(shown.otherwise("m/d", "b", "2", late.tick), false);
  changes.end(late);
  changes.end(look);
});

Deno.test("what no load can miss any more is forgotten, however much there is", () => {
  const { changes, shown } = scene();
  const first = changes.begin("m/d\0a");
  for (let i = 0; i < 20_000; i++) {
    const next = changes.begin(`m/d\0${i}`);
    shown.state(`m/${i}`, "old");
    shown.name("m/d", `${i}`, "1");
    changes.end(next);
  }
  // The oldest load may still arrive.
  assert.equal(shown.stateAfter("m/0", first.tick), "old");
  const [second, third] = [changes.begin("m/d\0b"), changes.begin("m/d\0c")];
  changes.end(first);
  for (let i = 0; i < 60_000; i++) shown.state(`m/n${i}`, "new");
  assert.equal(shown.stateAfter("m/0", first.tick), undefined);
  assert.equal(shown.otherwise("m/d", "0", "2", first.tick), false);
  assert.equal(shown.stateAfter("m/n0", second.tick), "new");
  for (const load of [second, third]) changes.end(load);
});
