/**
 * What a mount needs of the machine: the kernel, room, limits, the time, programs beside it.
 *
 * @module
 */
import { statfs } from "node:fs/promises";
import type { Clock } from "../base/clock.ts";
import type { Outcome } from "./checks.ts";
import { formatSize, formatTime } from "./units.ts";

/** The first Linux whose FUSE is spoken here: 4.20 brought protocol 7.28 (`FUSE_MAX_PAGES`). */
const OLDEST_LINUX = [4, 20] as const;

/** Whether Linux of this release, as `uname -r` tells it, is new enough. */
export function kernelOf(release: string): Outcome {
  const [major = 0, minor = 0] = release.split(".").map((part) => parseInt(part, 10));
  const [least, lesser] = OLDEST_LINUX;
  const ok = major > least || (major === least && minor >= lesser);
  const found = `Linux ${release.trim()}`;
  return ok ? { ok, found } : { ok, found, mend: `boot Linux ${OLDEST_LINUX.join(".")} or newer` };
}

/** The kernel's release. */
export async function kernel(): Promise<Outcome> {
  return kernelOf(await Deno.readTextFile("/proc/sys/kernel/osrelease"));
}

/** Bytes below which a file system is as good as full: drafts, logs and transpiled components need some. */
const LEAST_ROOM = 64 * 1024 * 1024;

/** Whether there is room where `dir` is, or will be. */
export async function room(dir: string): Promise<Outcome> {
  const { bavail, bsize, files, ffree } = await statfs(await existing(dir));
  const free = bavail * bsize;
  if (files > 0 && ffree === 0) {
    return { ok: false, found: `${dir}: no file can be made, there are ${files}`, mend: `df -i ${dir}` };
  }
  const found = `${formatSize(free)} free at ${dir}`;
  return free >= LEAST_ROOM ? { ok: true, found } : { ok: false, found, mend: `make room: df -h ${dir}` };
}

async function existing(dir: string): Promise<string> {
  for (let at = dir; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
    if (await Deno.stat(at).then(() => true, () => false)) return at;
  }
  return "/";
}

/** What `inotify(7)` calls its limits, and how many of each a workspace and a program that watches it need. */
const INOTIFY = [["max_user_watches", 8_192], ["max_user_instances", 128]] as const;

/** Whether `limit` tells limits of inotify that are large enough. */
export async function inotifyOf(limit: (name: string) => Promise<number>): Promise<Outcome> {
  const limits = await Promise.all(
    INOTIFY.map(async ([name, least]) => ({ name, least, is: await limit(name) })),
  );
  const found = limits.map(({ name, is }) => `${name} ${is}`).join(", ");
  const small = limits.filter(({ is, least }) => is < least);
  if (small.length === 0) return { ok: true, found };
  const mend = small.map(({ name, least }) => `sysctl -w fs.inotify.${name}=${least}`).join("; ");
  return { ok: false, found, mend };
}

/** The kernel's limits of inotify. */
export function inotify(): Promise<Outcome> {
  return inotifyOf(async (name) => Number(await Deno.readTextFile(`/proc/sys/fs/inotify/${name}`)));
}

/** Milliseconds by which a clock may be behind the file that was written last: file systems round. */
const SLACK = 5_000;

/**
 * Whether the clock is right, as far as this machine can tell by itself: it is behind where a file of omnifs was written
 * later than now. A clock that is wrong makes certificates invalid, and signed deliveries too old.
 *
 * @param files absolute paths that were written at some time before now
 */
export async function clockOf(clock: Clock, files: readonly string[]): Promise<Outcome> {
  const times = await Promise.all(
    files.map((path) => Deno.stat(path).then(({ mtime }) => mtime?.getTime() ?? 0, () => 0)),
  );
  const latest = Math.max(0, ...times);
  const now = clock.now();
  if (now + SLACK >= latest) return { ok: true, found: formatTime(now) };
  const found = `${formatTime(now)}, which is before ${formatTime(latest)}, when omnifs was last written`;
  return { ok: false, found, mend: "timedatectl set-ntp true" };
}

/** The programs by which a keyring is asked, and the Debian packages that bring them. */
const KEYRING_PROGRAMS = [["secret-tool", "libsecret-tools"], ["keyctl", "keyutils"]] as const;

/** Whether there is a keyring for the key of the credential store. */
export async function keyring(): Promise<Outcome> {
  const there = await Promise.all(KEYRING_PROGRAMS.map(([program]) => programPath(program)));
  const found = there.filter((path) => path !== undefined);
  if (found.length > 0) return { ok: true, found: found.join(", ") };
  const mend = KEYRING_PROGRAMS.map(([, debian]) => `apt-get install ${debian}`).join(", or ");
  return { ok: false, found: "none: what omnifs auth login keeps is not encrypted", mend };
}

/** Whether each of the commands that print credentials is there. */
export async function helpers(commands: readonly string[]): Promise<Outcome> {
  if (commands.length === 0) return { ok: true, found: "none is asked" };
  const programs = commands.map((command) => command.trim().split(/\s+/)[0] ?? "");
  const missing: string[] = [];
  for (const program of programs) {
    // What a shell understands beyond a name is the shell's to judge.
    if (!/^[\w./+-]+$/.test(program)) continue;
    if (await programPath(program) === undefined) missing.push(program);
  }
  if (missing.length === 0) return { ok: true, found: programs.join(", ") };
  const mend = `install ${missing.join(", ")}, or keep the token: omnifs auth login`;
  return { ok: false, found: `not found: ${missing.join(", ")}`, mend };
}

/** The absolute path of a program: itself where it has a slash, otherwise the first one on the PATH. */
export async function programPath(program: string): Promise<string | undefined> {
  const isFile = (path: string) => Deno.stat(path).then((info) => info.isFile, () => false);
  if (program.includes("/")) return await isFile(program) ? program : undefined;
  for (const dir of (Deno.env.get("PATH") ?? "").split(":")) {
    if (await isFile(`${dir}/${program}`)) return `${dir}/${program}`;
  }
  return undefined;
}
