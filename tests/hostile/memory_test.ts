/**
 * What components that do harm leave behind in the memory of the daemon: nothing.
 *
 * @module
 */
import assert from "node:assert/strict";
import { run } from "../support/command.ts";
import { type Account, MARGIN } from "./memory_main.ts";

const MAIN = new URL("memory_main.ts", import.meta.url).pathname;

async function account(...words: string[]): Promise<Account> {
  const args = ["run", "-A", "--no-check", "--v8-flags=--expose-gc", MAIN, ...words];
  const { code, stdout, stderr } = await run(Deno.execPath(), args, {
    deadline: 300_000,
    env: { MALLOC_ARENA_MAX: "1" },
  });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

function told({ before, most, after, kept }: Account): string {
  const [start, peak, end, own] = [before, most, after, kept].map((bytes) =>
    `${Math.round(bytes / 2 ** 20)} MiB`
  );
  return `${start} before, ${peak} at most, ${end} at the end, ${own} of it kept on purpose`;
}

Deno.test("memory returns to within 10 % of where it was", async () => {
  const found = await account();
  assert(found.after <= found.before * MARGIN, told(found));
});

Deno.test("what a few of them left behind would be noticed", async () => {
  const found = await account("leak");
  assert(found.after > found.before * MARGIN, told(found));
});
