/**
 * A daemon without `net`, and then a guest whose glue breaks its thread and does not let itself be stopped. Prints as
 * JSON which threads run at which nice value, and what became of each call.
 *
 * @module
 */
import { libc } from "../../fuse/libc.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import { messageOf } from "../../runtime/base/errors.ts";
import { Log } from "../../runtime/base/log.ts";
import { startDaemon } from "../../runtime/daemon.ts";
import { behind } from "../../runtime/daemon_threads.ts";
import { Guest } from "../../runtime/provider/guest.ts";
import { DEFAULT_LIMITS } from "../../runtime/provider/mod.ts";
import { until } from "../support/deadline.ts";
import { daemonOptions } from "./main_thread.ts";

const home = Deno.args[0] ?? "";

/** Ends its thread by saying too much, computes for 0.3 s or more without a word of wasm, or answers. */
const GLUE = `
return async (modules, imports) => ({ provider: {
  shout: () => { for (let i = 0; i < 50; i++) imports["omnifs:provider/http"].fetch({}); return new Promise(() => {}); },
  spin: () => { let x = 1; for (let i = 0; i < 5e8; i++) x = Math.imul(x, 31) + i | 0; return x; },
  answer: () => "here",
} });`;

/** The nice value of this thread. */
const own = niceIn(libc().readText("/proc/self/stat"));

/** How much further behind than this one each worker's thread is, by its name. */
function workers(): Record<string, number> {
  const found: Record<string, number> = {};
  for (const id of libc().readNames("/proc/self/task")) {
    const stat = libc().readText(`/proc/self/task/${id}/stat`);
    const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    const nice = niceIn(stat) - own;
    if (name.startsWith("worker-")) found[name] = Math.max(nice, found[name] ?? 0);
  }
  return found;
}

/** Field 19 of proc_pid_stat(5). */
function niceIn(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]);
}

const daemon = await startDaemon(daemonOptions(home));
// Its provider has a thread once it has been asked for something.
for await (const _ of daemon.backend.read("/hello/greeting", new AbortController().signal)) {
  /* all of it */
}
const served = workers();
const guest = new Guest({
  mount: "forged",
  artifact: { script: GLUE, modules: {}, imports: [], exports: [] },
  settings: "{}",
  limits: { ...DEFAULT_LIMITS, guestMilliseconds: 50 },
  clock: systemClock,
  startThread: behind(new Log(systemClock, (line) => console.error(line))),
  host: {
    callout: () => new Promise(() => {}),
    log: () => {},
    dropped: () => {},
    failure: () => {
      throw new Error("no call fails in a case of the contract");
    },
  },
});
const call = (name: string) =>
  guest.call(name, { interface: "provider", function: name, args: [] }).catch(messageOf);
const first = [await call("answer"), workers()];
const broken = [await call("shout"), await call("answer"), workers()];
const lost = [await call("spin"), await call("answer"), workers()];
// It does end, and then there may be another one.
const again = await until(
  async () => {
    const outcome = await call("answer");
    return outcome === "here" && outcome;
  },
  120_000,
  "the end of the thread that could not be stopped",
);
console.log(JSON.stringify({ own, served, first, broken, lost, again }));
guest.close();
await daemon.close();
Deno.exit();
