/**
 * The executable that tests run, compiled once in a process, or why there is none.
 *
 * @module
 */
import { join } from "node:path";
import { ensureBuilt } from "../support/build.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { ROOT } from "../support/mount.ts";
import type { Program } from "./bundle.ts";
import { compile } from "./compile.ts";
import { npmDeno, whyNoNpmDeno } from "./npm_deno.ts";

/** Where tests compile to; each has a name of its own, so that tests may run beside each other. */
const FOLDER = join(ROOT, ".build", "tests");

/** Why no executable can be made here, such as npm out of reach; undefined where one can. */
export async function whyNoExecutable(): Promise<string | undefined> {
  const why = whyNoNpmDeno();
  if (why !== undefined) return why;
  return await npmDeno().then(() => undefined, (error) => `npm cannot be reached: ${error.message}`);
}

/** The same for tests that mount it; the reason is told on standard error, too. */
export async function whyNoMountOfExecutable(): Promise<string | undefined> {
  const why = await whyNoExecutable() ?? (await fuseIsThere() ? undefined : "no mount can be made here");
  if (why !== undefined) console.warn(`tests/compiled: ${why}`);
  return why;
}

/** An executable of a test: `await using executable = await compiled()`. */
export interface Executable extends AsyncDisposable {
  /** Its path. */
  readonly path: string;
}

/** Compiles omnifs, or `program`, as it is now, for this machine or `target`; it is removed in the end. */
export async function compiled(program?: Program, target?: string): Promise<Executable> {
  await ensureBuilt();
  const path = join(FOLDER, crypto.randomUUID(), "omnifs");
  const of = program === undefined ? {} : { program };
  await compile({ output: path, compiler: await npmDeno(target), target, ...of });
  return {
    path,
    async [Symbol.asyncDispose]() {
      await Deno.remove(join(path, ".."), { recursive: true });
    },
  };
}
