/**
 * Providers' threads behind everybody else's: one that computes for as long as it is let slows its own provider, and
 * neither what the daemon serves meanwhile nor the user's programs.
 *
 * @module
 */
import { threadsOf } from "../fuse/mod.ts";
import { messageOf } from "./base/errors.ts";
import type { Log } from "./base/log.ts";
import { plainThread, type StartThread } from "./provider/mod.ts";

/**
 * The nice value of a provider's thread above everybody else's: beside one of those that computes it gets a tenth of a
 * processor (sched(7): one part of 1.25 to the power of 10), and alone all of it.
 */
const BEHIND = 10;

/** What Deno calls the threads of its workers. */
const isWorker = (name: string) => name.startsWith("worker-");

/** Starts threads like that; where the system does not let it, as any other, and says so in `log`. */
export function behind(log: Log): StartThread {
  return (start) => {
    let worker: Worker | undefined;
    try {
      const { value, threads } = threadsOf(() => worker = start(), isWorker);
      for (const thread of threads) thread.lower(BEHIND);
      const [thread] = threads;
      return { worker: value, thread };
    } catch (error) {
      if (worker === undefined) return plainThread(start);
      log.warn(`a provider's thread runs at the same priority as all others: ${messageOf(error)}`);
      return { worker, thread: undefined };
    }
  };
}
