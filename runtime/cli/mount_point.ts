/**
 * Directories that can be mounted on.
 *
 * @module
 */
import { messageOf, OmnifsError } from "../base/errors.ts";
import { type Clock, sleep } from "../base/clock.ts";
import type { Context } from "./command.ts";
import { absolute } from "./daemons.ts";
import { detach } from "./detach.ts";
import { omnifsMounts } from "./mount_table.ts";

/** Milliseconds for which a mount may keep silent before it counts as hung. */
const PROBE_DEADLINE = 2_000;

/** A directory that can be mounted on. */
export interface MountPoint {
  /** Absolute, without symbolic links. */
  readonly dir: string;
  /** True where a dead mount was in the way, and is gone now. */
  readonly replaced: boolean;
}

/**
 * `word` as a directory to mount on, made where it is missing. A dead mount on it, which an omnifs left that was
 * killed, is taken away.
 *
 * @throws {OmnifsError} `invalid` where it is none or holds something, `conflict` where a mount on it is alive
 */
export async function prepareMountPoint(word: string, clock: Clock): Promise<MountPoint> {
  const path = await parentResolved(absolute(word));
  const replaced = (await omnifsMounts()).includes(path);
  if (replaced) {
    if (await probe(path, clock) !== "dead") throw occupied(path);
    await detach(path);
  }
  try {
    await Deno.mkdir(path, { recursive: true });
    const dir = await Deno.realPath(path);
    for await (const { name } of Deno.readDir(dir)) throw notEmpty(dir, name);
    return { dir, replaced };
  } catch (error) {
    if (error instanceof OmnifsError) throw error;
    throw new OmnifsError("invalid", `cannot mount on ${path}: ${reasonOf(error)}`, {
      path,
      cause: error,
    });
  }
}

/** {@linkcode prepareMountPoint}, which says on standard error what it took away. */
export async function readyPoint(
  { clock, format, err }: Pick<Context, "clock" | "format" | "err">,
  word: string,
): Promise<string> {
  const { dir, replaced } = await prepareMountPoint(word, clock);
  if (replaced && format === "human") err.line(`${dir}: a dead mount was in the way, and is gone now`);
  return dir;
}

/** `dir` with its parent resolved, but itself untouched, since it may be a mount that does not answer. */
export async function parentResolved(dir: string): Promise<string> {
  const cut = dir.lastIndexOf("/");
  const parent = dir.slice(0, cut) || "/";
  const real = await Deno.realPath(parent).catch(() => parent);
  return `${real === "/" ? "" : real}${dir.slice(cut)}`;
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

function occupied(dir: string): OmnifsError {
  return new OmnifsError("conflict", `an omnifs is mounted on ${dir} already`, {
    path: dir,
    mend: `omnifs status ${dir}, or omnifs unmount ${dir}; where it hangs: omnifs unmount --force ${dir}`,
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
