/**
 * Runs omnifs as a person would, in a process of its own and with folders of its own.
 *
 * @module
 */
import { endMount } from "../support/kernel.ts";
import { type Ran, run, type RunOptions } from "../support/command.ts";
import { tempDir } from "../support/temp.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

/** A place of its own: nothing that runs elsewhere is seen from it. */
export interface Place extends AsyncDisposable {
  /** A folder for the test's own files. */
  readonly dir: string;
  /** Where the control sockets are. */
  readonly runtimeDir: string;
  /** The variables that make it. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs `omnifs` with `args` to its end. */
  omnifs(...args: string[]): Promise<Ran>;
  /** The same with more variables, or something to read. */
  omnifsWith(options: Pick<RunOptions, "env" | "input">, ...args: string[]): Promise<Ran>;
}

/** How long one command may take, in milliseconds: much more than it needs on a machine that is busy. */
export const DEADLINE = 60_000;

/** The program and the words that start `omnifs`. */
export function omnifsCommand(args: readonly string[]): [string, string[]] {
  return [Deno.execPath(), ["run", "-A", "--no-prompt", MAIN, ...args]];
}

/** Makes a place. Whatever still runs or is mounted in it at its end is ended. */
export async function place(): Promise<Place> {
  const temp = await tempDir();
  const dir = temp.path;
  const env = {
    HOME: dir,
    TMPDIR: dir,
    OMNIFS_RUNTIME_DIR: `${dir}/run`,
    XDG_CONFIG_HOME: `${dir}/config`,
    XDG_STATE_HOME: `${dir}/state`,
    XDG_CACHE_HOME: `${dir}/cache`,
    // Deno keeps what it compiled below HOME unless told; a test must not compile everything anew.
    DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME") ?? "/root"}/.cache/deno`,
  };
  const omnifsWith: Place["omnifsWith"] = (options, ...args) => {
    const [program, words] = omnifsCommand(args);
    return run(program, words, { ...options, env: { ...env, ...options.env }, deadline: DEADLINE });
  };
  const omnifs = (...args: string[]) => omnifsWith({}, ...args);
  return {
    dir,
    runtimeDir: env.OMNIFS_RUNTIME_DIR,
    env,
    omnifs,
    omnifsWith,
    async [Symbol.asyncDispose]() {
      const { code, stdout } = await omnifs("status", "--output", "json");
      if (code === 0) await Promise.all(mountsOf(stdout).map(end));
      await temp[Symbol.asyncDispose]();
    },
  };
}

async function end({ pid, dir }: Mounted): Promise<void> {
  if (dir !== null) await endMount(dir);
  try {
    Deno.kill(pid, "SIGTERM");
  } catch {
    // It ended with its mount.
  }
}

interface Mounted {
  readonly pid: number;
  readonly dir: string | null;
}

/** Process and mount point of each daemon in what `status --output json` printed. */
export function mountsOf(json: string): Mounted[] {
  const { mounts }: { mounts: Mounted[] } = JSON.parse(json);
  return mounts;
}
