/**
 * The executable for the other kind of machine, run by an emulator: a real mount by a real program, if slowly.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { has, run } from "../support/command.ts";
import { mountOmnifs } from "../support/mount.ts";
import { tempDir } from "../support/temp.ts";
import { compiled, whyNoMountOfExecutable } from "./executable.ts";

const TARGET = "aarch64-unknown-linux-gnu";

const EMULATOR = "qemu-aarch64-static";

/** Where Debian's packages for cross-compiling put that machine's C library. */
const LIBRARIES = "/usr/aarch64-linux-gnu/lib";

/** How long one program may take in the emulator, in milliseconds. */
const DEADLINE = 240_000;

const ignore = await whyNoMountOfExecutable() !== undefined || await noEmulator();

async function noEmulator(): Promise<boolean> {
  const there = await has(EMULATOR) && await Deno.stat(LIBRARIES).then(() => true, () => false);
  if (!there) console.warn(`tests/compiled: there is no ${EMULATOR}, or no ${LIBRARIES}`);
  return !there;
}

/** A script that runs `program` with a root in which the C library is where that machine has it. */
async function emulated(program: string, folder: string): Promise<string> {
  const root = join(folder, "root");
  await Deno.mkdir(root);
  await run("cp", ["-a", LIBRARIES, join(root, "lib")]);
  await Deno.symlink(".", join(root, "lib", "aarch64-linux-gnu"));
  const path = join(folder, "omnifs");
  await Deno.writeTextFile(path, `#!/bin/sh\nexec ${EMULATOR} -L '${root}' '${program}' "$@"\n`);
  await Deno.chmod(path, 0o755);
  return path;
}

Deno.test({
  name: "an executable for arm64 tells its machine, mounts, and is read through the kernel",
  ignore,
  fn: async () => {
    await using program = await compiled(undefined, TARGET);
    await using folder = await tempDir();
    const executable = await emulated(program.path, folder.path);
    const { stdout } = await run(executable, ["version"], { deadline: DEADLINE });
    assert.match(stdout, /^omnifs \S+ \(deno 2\.7\.11, aarch64-unknown-linux-gnu\)\n$/);
    await using mounted = await mountOmnifs(["--provider=hello"], { executable, readyWithin: DEADLINE });
    const read = await run("cat", [`${mounted.dir}/hello/greeting`], { deadline: DEADLINE });
    assert.equal(read.stdout, "Hello from a WebAssembly component that was asked for a file.\n");
  },
});
