/**
 * What somebody who runs omnifs in a folder of their own leaves there: processes and files.
 *
 * @module
 */
import { join } from "node:path";
import { until } from "../support/deadline.ts";

/** The command lines of the processes that know `dir` by their words or by their environment; not this one. */
export async function processesOf(dir: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === Deno.pid) continue;
    const [words, environment] = await Promise.all(
      ["cmdline", "environ"].map((file) => Deno.readTextFile(`/proc/${name}/${file}`).catch(() => "")),
    );
    if (words?.includes(dir) || environment?.includes(dir)) {
      found.push(`${name}: ${words?.replaceAll("\0", " ")}`);
    }
  }
  return found;
}

/** Waits until there are no more processes than `wanted` that know `dir`: one that has done its work may still be ending. */
export async function untilNone(dir: string, wanted: readonly string[] = []): Promise<void> {
  await until(
    async () => (await processesOf(dir)).every((each) => wanted.includes(each)),
    30_000,
    `the end of every process of ${dir}`,
  );
}

/** Every file below `dir` that is no directory, sorted, by its path in there. */
export async function filesBelow(dir: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (below: string) => {
    for await (const { name, isDirectory } of Deno.readDir(join(dir, below))) {
      if (isDirectory) await walk(join(below, name));
      else found.push(join(below, name));
    }
  };
  await walk("");
  return found.sort();
}
