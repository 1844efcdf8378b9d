/**
 * What the kernel tells of the threads that ask.
 *
 * @module
 */
import { libc } from "./libc.ts";

/** Fields of `/proc/PID/stat` (proc_pid_stat(5)), counted from 0 behind the name of the program: `session`, `starttime`. */
const SESSION = 3;
const STARTED = 19;

/** Tells this start of the machine from every other one (random(4)). */
const BOOT_ID = "/proc/sys/kernel/random/boot_id";

/**
 * The id of the terminal session that the thread `pid` belongs to. In a container that was begun without one, its leader is
 * outside and the kernel says 0: then it is 1, that of the first process, which all the others end with
 * (pid_namespaces(7)). Undefined where the thread is gone, or lives in another pid namespace itself.
 */
export function sessionOf(pid: number): number | undefined {
  const session = Number(statOf(pid)?.[SESSION]);
  return Number.isSafeInteger(session) ? Math.max(session, 1) : undefined;
}

/**
 * What tells the leader of the terminal session `session` from every other process that ever has its id: when it was
 * started, and in which run of the machine. Undefined where it has ended.
 */
export function leaderOf(session: number): string | undefined {
  const stat = statOf(session);
  if (stat === undefined || Number(stat[SESSION]) !== session) return undefined;
  return `${libc().readText(BOOT_ID).trim()}/${stat[STARTED]}`;
}

/** The fields behind the name of the program, which may hold anything. */
function statOf(pid: number): string[] | undefined {
  if (pid <= 0) return undefined;
  try {
    const stat = libc().readText(`/proc/${pid}/stat`);
    return stat.slice(stat.lastIndexOf(")") + 2).trim().split(" ");
  } catch {
    return undefined;
  }
}
