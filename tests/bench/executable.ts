/**
 * The compiled executable: its size, how long its commands take to begin, how long a mount takes, how much memory a
 * daemon holds while nobody asks for anything.
 *
 * @module
 */
import { DEFAULT_LIMITS } from "../../runtime/provider/limits.ts";
import { compiled } from "../compiled/executable.ts";
import { run } from "../support/command.ts";
import { tempDir } from "../support/temp.ts";
import type { Volume } from "./rows.ts";
import { type FigureResult, figureResult, figureTable, median } from "./table.ts";

/** How long one command may take, in milliseconds. */
const DEADLINE = 60_000;

/** Milliseconds after which a provider's thread that has nothing to do is ended, and some more until it has. */
const REST = DEFAULT_LIMITS.idleMilliseconds + 30_000;

/** Runs commands of the executable, in folders of its own. */
type Run = (...args: readonly string[]) => Promise<string>;

/** Measures it; `wait` to see the memory once every thread is at rest, which takes two minutes. */
export async function executable(
  volume: Volume,
  wait: boolean,
  say: (line: string) => void,
): Promise<FigureResult[]> {
  say("the executable: compiling it");
  await using omnifs = await compiled();
  await using home = await tempDir();
  const { size } = await Deno.stat(omnifs.path);
  const command: Run = (...args) => output(omnifs.path, args, home.path);
  const starts: number[] = [];
  for (let round = 0; round < volume.rounds; round++) starts.push(await timed(() => command("version")));
  say("the executable: mounting every provider");
  const dir = `${home.path}/mnt`;
  const mounts: number[] = [];
  for (let round = 0; round < volume.rounds; round++) {
    mounts.push(await timed(() => command("mount", dir, "--allow-net", "--no-prompt")));
    await command("unmount", dir);
  }
  return [
    figureResult("size", "MB", size / 1e6),
    figureResult("omnifs version", "ms", median(starts)),
    figureResult("start to mounted, six providers", "ms", median(mounts), 300),
    ...await memory(command, dir, wait),
  ];
}

/**
 * Settings under which each provider is run to be described, when it is mounted: with servers that nobody asks and that
 * are not there, so that no request leaves this machine.
 */
const NOWHERE = [
  "github.api_url=http://127.0.0.1:9",
  "linear.endpoint=http://127.0.0.1:9/graphql",
  "arxiv.api_url=http://127.0.0.1:9/api",
  "dns.resolver=127.0.0.1",
  "docker.socket=/nonexistent/docker.sock",
];

/** What the daemon holds before its providers have been asked for anything, while they work, and after that. */
async function memory(command: Run, dir: string, wait: boolean): Promise<FigureResult[]> {
  const title = "idle memory, six providers, none asked yet";
  const idle = figureResult(title, "MB", await mounted(command, dir, [], residentOf), 250);
  const others = await mounted(command, dir, NOWHERE.map((each) => `--set=${each}`), async (pid) => {
    await Deno.readTextFile(`${dir}/hello/greeting`);
    const figures = [figureResult("  the thread of each running", "MB", await residentOf(pid))];
    if (!wait) return figures;
    await new Promise((resolve) => setTimeout(resolve, REST));
    return [...figures, figureResult("  two minutes after the last call", "MB", await residentOf(pid), 250)];
  });
  return [idle, ...others];
}

/** What `look` sees of a daemon while it is mounted. */
async function mounted<Value>(
  command: Run,
  dir: string,
  args: readonly string[],
  look: (pid: number) => Promise<Value>,
): Promise<Value> {
  await command("mount", dir, "--allow-net", "--no-prompt", ...args);
  try {
    const { mounts }: { mounts: { pid: number }[] } = JSON.parse(await command("status", "--output", "json"));
    return await look(mounts[0]?.pid ?? 0);
  } finally {
    await command("unmount", dir);
  }
}

/** `VmRSS` of proc_pid_status(5), in megabytes. */
async function residentOf(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024 / 1e6;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

async function output(program: string, args: readonly string[], home: string): Promise<string> {
  const env = { HOME: home, OMNIFS_RUNTIME_DIR: `${home}/run` };
  const { code, stdout, stderr } = await run(program, args, { deadline: DEADLINE, env });
  if (code !== 0) throw new Error(`omnifs ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** The table: a line for each figure. */
export function executableTable(results: readonly FigureResult[]): string {
  return figureTable("the executable", results);
}
