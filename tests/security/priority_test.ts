/**
 * A provider's thread gives way to everything else in the process, a thread in the place of another one too, and one
 * that cannot be stopped has no successor while it computes.
 *
 * @module
 */
import assert from "node:assert/strict";
import { run } from "../support/command.ts";
import { ROOT } from "../support/mount.ts";
import { tempDir } from "../support/temp.ts";

const newest = (workers: Record<string, number>) => Object.values(workers).at(-1);

Deno.test("threads of providers are behind all others, and a thread that cannot be stopped has no successor", async () => {
  await using home = await tempDir();
  const words = ["run", "-A", `${import.meta.dirname}/priority_main.ts`, home.path];
  const { stdout, stderr } = await run(Deno.execPath(), words, { cwd: ROOT, deadline: 180_000 });
  assert.notEqual(stdout, "", stderr);
  assert.equal(stderr, "");
  const { own, served, first, broken, lost, again } = JSON.parse(stdout);
  // The tests themselves may run behind others, and 19 is the end.
  const behind = Math.min(10, 19 - own);
  // The egress thread, the spare, the provider.
  assert.deepEqual(Object.values(served), [0, 0, behind]);
  assert.deepEqual([first[0], newest(first[1])], ["here", behind]);
  assert.match(broken[0], /callouts under way/);
  assert.deepEqual([broken[1], newest(broken[2])], ["here", behind]);
  assert.match(lost[0], /computed for too long and could not be stopped/);
  assert.match(lost[1], /computes on and cannot be stopped/);
  assert.equal(newest(lost[2]), behind);
  assert.equal(again, "here");
});
