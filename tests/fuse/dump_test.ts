/**
 * That a crash leaves nothing of the memory behind.
 *
 * @module
 */
import assert from "node:assert/strict";
import { sh } from "../support/command.ts";
import { tempDir } from "../support/temp.ts";

/** Where the kernel writes core files; a relative name is one in the folder that the process is in. */
const pattern = (await Deno.readTextFile("/proc/sys/kernel/core_pattern")).trim();

/** True where a core file would be written into the folder of the process that crashes. */
const written = /^core\b/.test(pattern) && (await sh("ulimit -Hc")).stdout.trim() !== "0";

/** Crashes with `words`, and answers what lies in its folder then. */
async function leftBy(words: string): Promise<string[]> {
  await using dir = await tempDir();
  const script = new URL("./dump_script.ts", import.meta.url).pathname;
  // A core file is cut off after 64 KiB, in units of 512 or 1,024 bytes: there is one, but not all of it.
  const line =
    `ulimit -c 64 2>/dev/null; cd '${dir.path}'; '${Deno.execPath()}' run -A '${script}' ${words}; echo $?`;
  const { stdout } = await sh(line);
  assert.match(stdout, /^134\n$/, "it ended by SIGABRT");
  return (await Array.fromAsync(Deno.readDir(dir.path))).map(({ name }) => name);
}

Deno.test("a process that forbade it leaves no core file when it crashes", async () => {
  assert.deepEqual(await leftBy("forbid"), []);
});

Deno.test("one that did not leaves its memory", { ignore: !written }, async () => {
  const left = await leftBy("");
  assert.equal(left.length, 1, `${left}`);
});
