/**
 * What the kernel tells of the threads that ask.
 *
 * @module
 */
import { libc } from "./libc.ts";

/**
 * The id of the terminal session that the thread `pid` belongs to: field 6 of `/proc/PID/stat` (proc_pid_stat(5)),
 * counted from behind the name of the program, which may hold anything. Undefined where the thread is gone, or lives
 * in another pid namespace (0).
 */
export function sessionOf(pid: number): number | undefined {
  if (pid <= 0) return undefined;
  let stat: string;
  try {
    stat = libc().readText(`/proc/${pid}/stat`);
  } catch {
    return undefined;
  }
  const session = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3]);
  return Number.isSafeInteger(session) && session > 0 ? session : undefined;
}
