/**
 * What is noted of several changes, and how much of it.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Node } from "../../runtime/provider/node.ts";
import type { Directory } from "../../runtime/vfs/directory.ts";
import { Notes } from "../../runtime/vfs/notes.ts";

const file = { directory: false } as Node;
const listed = {} as Directory;

const state = (key: string, sure: boolean, before: Node | undefined = file) => ({
  tag: "state" as const,
  key,
  before,
  sure,
});
const lines = (key: string, before?: Directory) => ({ tag: "lines" as const, key, before });
const line = (key: string) => ({ tag: "line" as const, key, before: undefined, after: undefined });

Deno.test("of several changes the first tells what was known, and each may be the one that is sure", () => {
  const notes = new Notes();
  const other = { ...file };
  notes.hold(state("a", false));
  notes.hold(state("a", true, other));
  notes.hold(lines("d"));
  notes.hold(lines("d", listed));
  notes.hold(lines("d", {} as Directory));
  assert.equal(notes.size, 2);
  const [first, second] = notes.take();
  assert.deepEqual(first, state("a", true));
  assert.equal(first?.before, file);
  assert.equal(second?.before, listed);
  assert.equal(notes.size, 0);
});

Deno.test("each line is noted, and of a file that nobody holds only what is sure", () => {
  const notes = new Notes();
  assert.equal(notes.leave(state("c", false)), false);
  assert.equal(notes.leave(state("c", true, { directory: true } as Node)), false);
  assert.equal(notes.leave({ ...state("c", true), before: undefined }), false);
  assert.equal(notes.leave(state("c", true)), true);
  notes.hold(line("d"));
  notes.hold(line("d"));
  assert.deepEqual(notes.take().map(({ tag }) => tag), ["line", "line", "state"]);
});

Deno.test("files that nobody holds are noted again where lines were noted since", () => {
  const notes = new Notes();
  notes.again([state("c", true)]);
  assert.equal(notes.size, 0);
  notes.hold(lines("d"));
  notes.leave(state("c", true, { ...file }));
  notes.again([state("c", true)]);
  assert.equal(notes.take()[1]?.before, file);
});

Deno.test("4,096 changes are noted, the newest, and 1,024 files that nobody holds, the oldest", () => {
  const notes = new Notes();
  for (let n = 0; n < 4_100; n++) notes.hold(line(`${n}`));
  for (let n = 0; n < 1_030; n++) notes.leave(state(`${n}`, true));
  assert.equal(notes.size, 4_096 + 1_024);
  const all = notes.take();
  assert.deepEqual([all[0]?.key, all[4_095]?.key, all.at(-1)?.key], ["4", "4099", "1023"]);
});
