/**
 * Threads as the kernel sees them: found, measured, and set behind others.
 *
 * @module
 */
import assert from "node:assert/strict";
import { run } from "../support/command.ts";

Deno.test("a thread that was just started is found, measured until its end, and gives way", async () => {
  // In a process of its own, since threads of other tests would be threads like this one.
  const script = new URL("./threads_script.ts", import.meta.url).pathname;
  const { stdout, stderr } = await run(Deno.execPath(), ["run", "-A", script], { deadline: 150_000 });
  assert.notEqual(stdout, "", stderr);
  const { threads, computed, nices, none, others } = JSON.parse(stdout);
  assert(threads >= 1 && computed > 50, stdout);
  assert.equal(nices.filter((nice: number) => nice === Math.max(...nices)).length, threads, stdout);
  assert.equal(Math.max(...nices) > 0, true, stdout);
  assert.deepEqual([none, others], [0, 0]);
});
