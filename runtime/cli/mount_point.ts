/**
 * Directories that can be mounted on, and FUSE mounts that are there.
 *
 * @module
 */
import { messageOf, OmnifsError } from "../base/errors.ts";
import { type Clock, sleep } from "../base/clock.ts";
import { absolute } from "./daemons.ts";

/** The type that omnifs mounts have in `/proc/self/mountinfo`. */
const OMNIFS_TYPE = "fuse.omnifs";

/** Milliseconds for which a mount may keep silent before it counts as hung. */
const PROBE_DEADLINE = 2_000;

/**
 * `word` as a directory to mount on: absolute, without symbolic links, made where it is missing.
 *
 * @throws {OmnifsError} `invalid` where it is none or holds something, `unavailable` where a dead mount is in the way
 */
export async function prepareMountPoint(word: string): Promise<string> {
  const dir = absolute(word);
  if ((await omnifsMounts()).includes(dir)) throw await occupied(dir);
  try {
    await Deno.mkdir(dir, { recursive: true });
    const real = await Deno.realPath(dir);
    for await (const { name } of Deno.readDir(real)) throw notEmpty(dir, name);
    return real;
  } catch (error) {
    if (error instanceof OmnifsError) throw error;
    throw new OmnifsError("invalid", `cannot mount on ${dir}: ${reasonOf(error)}`, {
      path: dir,
      cause: error,
    });
  }
}

/** Directories with a mount of omnifs, alive or not. */
export async function omnifsMounts(): Promise<string[]> {
  const lines = (await Deno.readTextFile("/proc/self/mountinfo")).split("\n");
  return lines.flatMap((line) => {
    const [head = "", tail = ""] = line.split(" - ");
    const dir = head.split(" ")[4];
    return dir !== undefined && tail.split(" ")[0] === OMNIFS_TYPE ? [unescaped(dir)] : [];
  });
}

/** Whether the mount at `dir` answers; `silent` where it does not within two seconds. */
export async function probe(dir: string, clock: Clock): Promise<"alive" | "dead" | "silent"> {
  const over = new AbortController();
  const late = sleep(clock, PROBE_DEADLINE, over.signal).then(
    () => "silent" as const,
    () => "silent" as const,
  );
  // A name that nobody can have looked up before, or the kernel would answer for a server that is gone.
  const answer = Deno.lstat(`${dir}/.${crypto.randomUUID()}`).then(
    () => "alive" as const,
    (error) => isDisconnected(error) ? "dead" as const : "alive" as const,
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    over.abort();
  }
}

/** Errno of a mount whose server is gone, `asm-generic/errno.h`. */
const ENOTCONN = 107;

function isDisconnected(error: unknown): boolean {
  return messageOf(error).includes(`os error ${ENOTCONN}`);
}

async function occupied(dir: string): Promise<OmnifsError> {
  const dead = await Deno.lstat(dir).then(() => false, isDisconnected);
  return dead
    ? new OmnifsError("unavailable", `cannot mount on ${dir}: a dead mount is in the way`, {
      path: dir,
      mend: `omnifs unmount --force ${dir}`,
    })
    : new OmnifsError("conflict", `an omnifs is mounted on ${dir} already`, {
      path: dir,
      mend: `omnifs status ${dir}, or omnifs unmount ${dir}`,
    });
}

function notEmpty(dir: string, name: string): OmnifsError {
  return new OmnifsError("invalid", `cannot mount on ${dir}: it is not empty (it holds ${name})`, {
    path: dir,
    mend: "choose an empty directory, or one that does not exist yet",
  });
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotADirectory || error instanceof Deno.errors.AlreadyExists) {
    return "it is not a directory";
  }
  if (error instanceof Deno.errors.PermissionDenied) return "it may not be made or read by you";
  return messageOf(error);
}

/** Space, tab, newline and backslash are three octal digits in mountinfo (`proc_pid_mountinfo(5)`). */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
