/**
 * What components that do harm leave behind in the memory of the daemon: nothing.
 *
 * @module
 */
import assert from "node:assert/strict";
import { run } from "../support/command.ts";
import { type Account, MARGIN } from "./memory_main.ts";

const MAIN = new URL("memory_main.ts", import.meta.url).pathname;

Deno.test("memory returns to within 10 % of where it was", async () => {
  const args = ["run", "-A", "--no-check", "--v8-flags=--expose-gc", MAIN];
  const { code, stdout, stderr } = await run(Deno.execPath(), args, { deadline: 180_000 });
  assert.equal(code, 0, stderr);
  const { before, most, after }: Account = JSON.parse(stdout);
  const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
  assert(after <= before * MARGIN, `${mib(before)} before, ${mib(most)} at most, ${mib(after)} at the end`);
});
