/**
 * Whether a directory can be mounted on, found out without touching a mount that may not answer.
 *
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import { ERRNO } from "./errno.ts";
import { libc } from "./libc.ts";
import { MountError } from "./mount_error.ts";
import { isFuse, mountAt, type MountInfo } from "./mountinfo.ts";

/**
 * Whether something can be mounted at `dir`.
 *
 * @returns the absolute path without symbolic links
 * @throws {MountError} `not-a-directory`, `already-mounted` (a living FUSE mount) or `stale` (one whose
 * server is gone)
 */
export async function checkTarget(dir: string): Promise<string> {
  const known = mountAt(await parentResolved(dir));
  if (known !== undefined && isFuse(known)) throw await occupied(known);
  let real: string;
  try {
    real = await Deno.realPath(dir);
    if (!(await Deno.stat(real)).isDirectory) {
      throw new MountError("not-a-directory", `${dir}: is not a directory`);
    }
  } catch (error) {
    if (error instanceof MountError) throw error;
    if (error instanceof Deno.errors.NotFound) {
      throw new MountError("not-a-directory", `${dir}: does not exist`, `mkdir -p ${dir}`);
    }
    throw new MountError("no-permission", `${dir}: ${error instanceof Error ? error.message : error}`);
  }
  const mounted = mountAt(real);
  if (mounted !== undefined && isFuse(mounted)) throw await occupied(mounted);
  return real;
}

/** `dir` with its parent resolved, but itself untouched, since it may be a mount that does not answer. */
export async function parentResolved(dir: string): Promise<string> {
  const absolute = resolve(dir);
  const parent = dirname(absolute);
  return join(await Deno.realPath(parent).catch(() => parent), basename(absolute));
}

/** The error for a FUSE mount that is in the way. */
async function occupied({ dir, type, connection }: MountInfo): Promise<MountError> {
  if (await probe(dir) === "gone") {
    const mend = `fusermount3 -u ${dir}, or as root: umount ${dir}`;
    return new MountError(
      "stale",
      `${dir}: Transport endpoint is not connected: the server of a ${type} mount is gone`,
      mend,
    );
  }
  const mend = `unmount it first; if it hangs: echo 1 > /sys/fs/fuse/connections/${connection}/abort`;
  return new MountError("already-mounted", `${dir}: a ${type} is mounted there`, mend);
}

/** How long a mount may take to show that it lives, in milliseconds. */
const PROBE_DEADLINE = 2000;
/** Milliseconds between two looks at whether it did. */
const PROBE_STEP = 50;

/** Looks up a name that nobody can have cached; a server that is gone cannot say that it is absent. */
async function probe(dir: string): Promise<"alive" | "gone" | "silent"> {
  let answer: "alive" | "gone" | undefined;
  const asked = Deno.lstat(join(dir, `.${crypto.randomUUID()}`)).then(
    () => answer = "alive",
    (error) => answer = isDisconnected(error) ? "gone" : "alive",
  );
  for (let waited = 0; waited < PROBE_DEADLINE && answer === undefined; waited += PROBE_STEP) {
    await Promise.race([asked, libc().sleep(PROBE_STEP)]);
  }
  return answer ?? "silent";
}

function isDisconnected(error: unknown): boolean {
  return error instanceof Error && error.message.includes(`os error ${ERRNO.ENOTCONN}`);
}
