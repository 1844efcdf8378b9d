/**
 * A root that holds the executable, the C library that it is linked against, `busybox`, and nothing else: no Deno, no
 * Node, no fusermount3, no certificates.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Ran, run } from "../support/command.ts";
import { tempDir } from "../support/temp.ts";

/** Such a root. */
export interface BareRoot extends AsyncDisposable {
  /** Where it is, seen from outside. */
  readonly path: string;
  /** Runs a script of `sh` in it, as process 1 of a PID namespace of its own: what it leaves running ends with it. */
  sh(script: string, env: Readonly<Record<string, string>>): Promise<Ran>;
}

/** How long a script may take, in milliseconds. */
const DEADLINE = 120_000;

const BUSYBOX = "/bin/busybox";

/** What busybox is called in there: what a newcomer types. */
const APPLETS = ["sh", "cat", "ls", "grep", "head", "wc", "mkdir", "mount", "env"];

/** Why there can be none here; undefined where there can. */
export async function whyNoBareRoot(): Promise<string | undefined> {
  if (Deno.uid() !== 0) return "a root of its own takes root";
  if (await Deno.stat(BUSYBOX).then(() => false, () => true)) return "there is no busybox";
  const { code, stderr } = await run("unshare", ["--mount", "--pid", "--fork", "true"]);
  return code === 0 ? undefined : `no namespaces can be made here: ${stderr.trim()}`;
}

/** Makes the root around `executable`. */
export async function bareRoot(executable: string): Promise<BareRoot> {
  const temp = await tempDir();
  const root = temp.path;
  for (const folder of ["bin", "dev", "proc", "tmp", "root"]) await Deno.mkdir(join(root, folder));
  await install(executable, join(root, "bin/omnifs"));
  await install(BUSYBOX, join(root, BUSYBOX));
  for (const name of APPLETS) await Deno.symlink("busybox", join(root, "bin", name));
  for (const library of await librariesOf(executable)) await install(library, join(root, library));
  for (const device of ["fuse", "null", "urandom"]) await Deno.writeTextFile(join(root, "dev", device), "");
  return {
    path: root,
    sh: (script, env) => inside(root, script, env),
    [Symbol.asyncDispose]: () => temp[Symbol.asyncDispose](),
  };
}

async function install(from: string, to: string): Promise<void> {
  await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
  await Deno.copyFile(from, to);
}

/** The shared libraries of `program`, the loader among them; nothing is one where `ldd` names no file. */
async function librariesOf(program: string): Promise<string[]> {
  const { code, stdout, stderr } = await run("ldd", [program]);
  assert.equal(code, 0, stderr);
  return stdout.split("\n").flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}

/** What a root of its own cannot do without: devices of the host's kernel, and its processes. */
const SET_UP = `set -e
for device in fuse null urandom; do mount --bind /dev/$device "$root/dev/$device"; done
mount -t proc proc "$root/proc"
exec env -i "$@" chroot "$root" /bin/sh -c "$script"`;

/** Mounts live in a namespace of their own: none of them is seen from outside, and none outlives the script. */
async function inside(root: string, script: string, env: Readonly<Record<string, string>>): Promise<Ran> {
  const words = Object.entries({ PATH: "/bin:/usr/sbin:/sbin", HOME: "/root", ...env }).map((each) =>
    each.join("=")
  );
  const args = ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", SET_UP, "sh", ...words];
  return await run("unshare", args, { deadline: DEADLINE, env: { root, script } });
}
