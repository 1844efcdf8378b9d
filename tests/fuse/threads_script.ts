/**
 * Starts a thread that computes, and prints as JSON what is known of it: how many threads are told, how much it has
 * computed, its nice value, and what becomes of it at its end.
 *
 * @module
 */
import { Thread, threadsOf } from "../../fuse/mod.ts";
import { until } from "../support/deadline.ts";

const named = (name: string) => name.startsWith("worker-");
const work =
  "onmessage = ({ data }) => { let x = 1; for (let i = 0; i < data; i++) x = Math.imul(x, 31) + i | 0; self.x = x; }";
const source = `data:text/javascript,${encodeURIComponent(work)}`;
const start = () => new Worker(source, { type: "module" });
const earlier = start();
const { value: worker, threads } = threadsOf(start, named);
const [thread = new Thread(0)] = threads;
for (const each of threads) each.lower(7);
// A tenth of a second of work on the fastest of machines.
worker.postMessage(3e8);
const computed = await until(
  () => (thread.computed() ?? 0) > 50 && thread.computed(),
  60_000,
  "50 ms of work",
);
const niceOf = (path: string) => {
  const stat = Deno.readTextFileSync(`${path}/stat`);
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]);
};
const own = niceOf("/proc/self");
const nices = Array.from(
  Deno.readDirSync("/proc/self/task"),
  ({ name }) => niceOf(`/proc/self/task/${name}`) - own,
);
worker.terminate();
await until(() => thread.computed() === undefined, 60_000, "the end of the thread");
const none = threadsOf(() => {}, named).threads.length;
const others = threadsOf(start, () => false).threads.length;
console.log(JSON.stringify({ threads: threads.length, computed, nices, none, others }));
earlier.terminate();
Deno.exit();
