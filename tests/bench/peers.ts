/**
 * Who omnifs is measured beside: tmpfs itself, and two FUSE file systems in C that pass it through.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { has, run, sh } from "../support/command.ts";
import { until, withDeadline } from "../support/deadline.ts";
import { endMount, mountAt } from "../support/kernel.ts";
import { ROOT } from "../support/mount.ts";
import { blob, HUGE_BYTES } from "../mounted/files/tree.ts";
import { mirror } from "../mounted/mirror.ts";

/** Where compiled programs are kept between runs; git ignores it. */
const BUILT = join(ROOT, ".bench");

/** Where Debian's libfuse3-dev keeps the example; packed or not, by version. */
const PASSTHROUGH = "/usr/share/doc/libfuse3-dev/examples/passthrough_ll.c";

/** How long a mount may take, in milliseconds. */
const MOUNT_DEADLINE = 10_000;

/** A folder with `many/` and `huge.bin` in it, ready to be measured. */
export interface Contender extends AsyncDisposable {
  /** Absolute. */
  readonly folder: string;
  /** Makes the server forget what it holds of its files. A peer holds nothing that the kernel does not. */
  readonly forget?: () => Promise<void>;
}

/** The client, compiled. @throws {Error} where there is no compiler */
export async function buildClient(): Promise<string> {
  if (!await has("gcc")) {
    throw new Error(
      "the benchmark's client is written in C, for a slower one would measure itself: install gcc",
    );
  }
  return await compiled(await Deno.readTextFile(join(ROOT, "tests", "bench", "client.c")), "client", []);
}

/** `passthrough_ll`, compiled from Debian's source, or why it cannot be. */
export async function buildPassthrough(): Promise<{ readonly program: string } | { readonly why: string }> {
  const { code, stdout: source } = await sh(`zcat -f ${PASSTHROUGH}.gz 2>/dev/null || cat ${PASSTHROUGH}`);
  if (code !== 0) return { why: `${PASSTHROUGH} is missing (Debian's libfuse3-dev has it)` };
  const flags = await run("pkg-config", ["--cflags", "--libs", "fuse3"]).catch(() => null);
  if (flags?.code !== 0) return { why: "pkg-config does not know fuse3 (Debian: pkg-config libfuse3-dev)" };
  const helpers = `-I${PASSTHROUGH.slice(0, PASSTHROUGH.lastIndexOf("/"))}`;
  return {
    program: await compiled(source, "passthrough_ll", [helpers, ...flags.stdout.trim().split(/\s+/)]),
  };
}

/** Compiles `source` where that has not been done before. */
async function compiled(source: string, name: string, flags: readonly string[]): Promise<string> {
  const digest = createHash("sha256").update(source).update(flags.join(" ")).digest("hex").slice(0, 12);
  const program = join(BUILT, `${name}-${digest}`);
  if (await Deno.stat(program).then(() => true, () => false)) return program;
  await Deno.mkdir(BUILT, { recursive: true });
  const part = `${program}.tmp`;
  const ran = await run("gcc", ["-O2", "-x", "c", "-o", part, "-", "-x", "none", ...flags], {
    input: source,
  });
  if (ran.code !== 0) throw new Error(`cannot compile ${name}: ${ran.stderr}`);
  await Deno.rename(part, program);
  return program;
}

/** The files on a tmpfs. @throws {Error} where `/dev/shm` is none */
export async function tmpfs(): Promise<Contender> {
  const { stdout } = await run("stat", ["-f", "-c", "%T", "/dev/shm"]);
  if (stdout.trim() !== "tmpfs") throw new Error("the benchmark needs a tmpfs at /dev/shm");
  const folder = await Deno.makeTempDir({ dir: "/dev/shm", prefix: "omnifs-bench-" });
  await mirror("bench/many", join(folder, "many"));
  using huge = await Deno.open(join(folder, "huge.bin"), { write: true, createNew: true });
  const writer = huge.writable.getWriter();
  for (let at = 0; at < HUGE_BYTES; at += 2 ** 20) await writer.write(blob(at, 2 ** 20));
  writer.releaseLock();
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

/** `source` through `passthrough_ll -o cache=always`, as the goals name it. */
export function passthrough(program: string, source: string): Promise<Contender> {
  return mounted(program, (dir) => ["-f", "-o", `source=${source}`, "-o", "cache=always", dir]);
}

/** `source` through bindfs as it is by default. */
export function bindfs(source: string): Promise<Contender> {
  return mounted("bindfs", (dir) => ["-f", source, dir]);
}

async function mounted(program: string, args: (dir: string) => string[]): Promise<Contender> {
  const folder = await Deno.makeTempDir({ prefix: "omnifs-bench-" });
  const child = new Deno.Command(program, {
    args: args(folder),
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const contender = {
    folder,
    async [Symbol.asyncDispose]() {
      await endMount(folder);
      await withDeadline(child.status, MOUNT_DEADLINE, `the end of ${program}`);
      await Deno.remove(folder);
    },
  };
  try {
    await until(() => mountAt(folder), MOUNT_DEADLINE, `${program} mounts`);
    return contender;
  } catch (error) {
    child.kill("SIGKILL");
    await contender[Symbol.asyncDispose]();
    throw error;
  }
}
