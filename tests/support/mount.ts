/**
 * A real mount in a process of its own, with folders of its own, that is gone when the test is over.
 *
 * @module
 */
import { join } from "node:path";
import { ControlClient } from "../../runtime/control/client.ts";
import { nameOfDir, socketPathOf } from "../../runtime/control/places.ts";
import type { StatusDocument } from "../../runtime/control/protocol.ts";
import { type Ran, run, type RunOptions } from "./command.ts";
import { until, withDeadline } from "./deadline.ts";
import { endMount, mountAt } from "./kernel.ts";
import { tempDir } from "./temp.ts";

/** The top of the checkout. */
export const ROOT: string = join(import.meta.dirname ?? ".", "..", "..");

/** How long a mount may take to be ready, in milliseconds; a provider that is not bundled is transpiled in it. */
const READY_WITHIN = 30_000;

/** How long a daemon may take to end, in milliseconds. */
const GONE_WITHIN = 10_000;

/** A mounted omnifs: `await using mounted = await mountOmnifs([…])`. */
export interface Mounted extends AsyncDisposable {
  /** The mount point, absolute. */
  readonly dir: string;
  /** The daemon's process id. */
  readonly pid: number;
  /** What makes another omnifs find this one's folders. */
  readonly env: Readonly<Record<string, string>>;
  /** What the daemon has printed so far. */
  readonly output: () => string;
  /** Resolves when the daemon has ended, by whatever cause. */
  readonly ended: Promise<Deno.CommandStatus>;
  /** The daemon's control socket, which serves the same tree without the kernel. */
  readonly client: ControlClient;
  /** The daemon's own account. */
  status(): Promise<StatusDocument>;
  /** Makes the daemon forget what it holds at and below `path` of the tree, or all of it. */
  drop(path?: string): Promise<void>;
  /** Runs a command of omnifs beside this mount. */
  omnifs(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Sends the daemon a signal. */
  signal(name: Deno.Signal): void;
}

/** What a mount can be given beside the arguments. */
export interface MountOptions {
  /** The folder to work in, which outlives the mount: the same one again finds its cache. A new one unless told. */
  readonly home?: string;
  /** Variables of the daemon. */
  readonly env?: Readonly<Record<string, string>>;
  /** The compiled executable to run in place of the checkout's. */
  readonly executable?: string | undefined;
  /** How long it may take to be ready, in milliseconds. */
  readonly readyWithin?: number;
}

/** Runs `omnifs mount -f DIR ARGS…` and returns when the tree answers. */
export function mountOmnifs(args: readonly string[], options: MountOptions = {}): Promise<Mounted> {
  return mountBy("mount", args, options);
}

/** The same with `omnifs demo`: every provider, on sample data. */
export function mountDemo(options: MountOptions = {}): Promise<Mounted> {
  return mountBy("demo", [], options);
}

async function mountBy(command: string, args: readonly string[], options: MountOptions): Promise<Mounted> {
  await using cleanup = new AsyncDisposableStack();
  const home = options.home ?? cleanup.use(await tempDir()).path;
  const dir = join(home, "mnt");
  await Deno.mkdir(dir, { recursive: true });
  const env = { ...folders(home), ...options.env };
  const { readyWithin = READY_WITHIN } = options;

  const [program, words] = commandOf(options.executable);
  const child = spawnOmnifs(program, [...words, command, "-f", dir, ...args], env);
  const output = collect(child);
  // In reverse: the daemon ends, then what it still had to say is read.
  cleanup.defer(() => output.done);
  cleanup.defer(() => end(child, dir));
  await until(
    async () => await mountAt(dir) !== undefined || await hasEnded(child, output),
    readyWithin,
    `a mount at ${dir}`,
  );

  const client = new ControlClient(await socketPathOf(await nameOfDir(dir), (name) => env[name]));
  await until(
    () => client.status().catch(() => undefined),
    readyWithin,
    `status of ${dir}: ${output.text()}`,
  );
  const kept = cleanup.move();
  return {
    dir,
    pid: child.pid,
    env,
    output: output.text,
    ended: child.status,
    client,
    status: () => client.status(),
    drop: async (path) => void await client.drop(path),
    omnifs: (args, options = {}) =>
      run(program, [...words, ...args], { ...options, env: { ...env, ...options.env } }),
    signal: (name) => child.kill(name),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The program and the words that come before those of omnifs. */
function commandOf(executable: string | undefined): [string, string[]] {
  if (executable !== undefined) return [executable, []];
  return [Deno.execPath(), ["run", "-A", join(ROOT, "main.ts")]];
}

/** The folders of a user of their own, all below `home`. */
function folders(home: string): Record<string, string> {
  return {
    HOME: home,
    XDG_CONFIG_HOME: join(home, "config"),
    XDG_STATE_HOME: join(home, "state"),
    XDG_CACHE_HOME: join(home, "cache"),
    OMNIFS_RUNTIME_DIR: join(home, "run"),
    // Deno keeps what it compiled below HOME unless told; a test must not compile everything anew.
    DENO_DIR: Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "/root", ".cache", "deno"),
  };
}

function spawnOmnifs(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
): Deno.ChildProcess {
  return new Deno.Command(program, {
    args: [...args],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** The output of `child`, read as it comes. */
function collect(child: Deno.ChildProcess): { text(): string; readonly done: Promise<void> } {
  let text = "";
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) text += chunk;
  };
  const done = Promise.all([read(child.stdout), read(child.stderr)]).then(() => {});
  return { text: () => text, done };
}

/** False while `child` runs. @throws {Error} with its output where it has ended */
async function hasEnded(child: Deno.ChildProcess, output: { text(): string }): Promise<false> {
  const status = await Promise.race([child.status, Promise.resolve(undefined)]);
  if (status === undefined) return false;
  throw new Error(`omnifs mount ended with ${status.code} before it was ready:\n${output.text()}`);
}

/** Asks `child` to end, then makes it; nothing stays mounted at `dir`. */
async function end(child: Deno.ChildProcess, dir: string): Promise<void> {
  const signal = (name: Deno.Signal) => {
    try {
      child.kill(name);
    } catch {
      // It has ended already.
    }
  };
  signal("SIGTERM");
  try {
    await withDeadline(child.status, GONE_WITHIN, "the end of omnifs after SIGTERM");
  } catch {
    signal("SIGKILL");
    await endMount(dir);
    await withDeadline(child.status, GONE_WITHIN, "the end of omnifs after SIGKILL");
  }
  await endMount(dir);
}
