/**
 * The setuid program `fusermount3`, by which a user who is not root mounts and unmounts.
 *
 * @module
 */
import { MountError, type MountErrorKind } from "./mount_error.ts";

/** Runs `fusermount3`; `started` is called as soon as it runs, or could not be run. */
export async function fusermount(
  args: string[],
  env: Record<string, string>,
  started = () => {},
): Promise<void> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command("fusermount3", { args, env, stdin: "null", stdout: "null", stderr: "piped" })
      .spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new MountError("no-fusermount", "fusermount3: not found", "install fuse3, or run as root");
  } finally {
    started();
  }
  const { success, stderr } = await child.output();
  if (success) return;
  const said = new TextDecoder().decode(stderr).trim().replace(/^(\S*fusermount3: )+/, "");
  throw new MountError(
    kindOf(said),
    `fusermount3: ${said === "" ? "failed without a word" : said}`,
    mendOf(said),
  );
}

/** What `fusermount3` says (`util/fusermount.c` of libfuse), by its words. */
const SAYINGS: readonly [said: RegExp, kind: MountErrorKind, mend: string | undefined][] = [
  [/failed to open \/dev\/fuse: Permission/, "no-permission", "as root: chmod 666 /dev/fuse"],
  [/user_allow_other/, "no-permission", "add the line user_allow_other to /etc/fuse.conf"],
  [/busy/i, "busy", "close what uses it, or force it"],
  [
    /not permitted|permission denied|no write access|user has no/i,
    "no-permission",
    "mount on a directory of your own",
  ],
  [/device not found|modprobe/i, "no-device", "modprobe fuse, or give the container --device /dev/fuse"],
];

function kindOf(said: string): MountErrorKind {
  return SAYINGS.find(([words]) => words.test(said))?.[1] ?? "failed";
}

function mendOf(said: string): string | undefined {
  return SAYINGS.find(([words]) => words.test(said))?.[2];
}
