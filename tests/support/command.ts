/**
 * Runs programs to their end, with a deadline and without a terminal.
 *
 * @module
 */
import { DeadlineError, withDeadline } from "./deadline.ts";

/** How to run a program. */
export interface RunOptions {
  /** Milliseconds after which it is killed; 20,000 unless told. */
  readonly deadline?: number;
  /** Where it runs. */
  readonly cwd?: string;
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads; nothing unless told. */
  readonly input?: string | Uint8Array;
}

/** What became of a program. */
export interface Ran {
  /** Its exit code; 128 and the signal's number where it was killed. */
  readonly code: number;
  /** What it printed, as it came. */
  readonly bytes: Uint8Array;
  /** The same as text. */
  readonly stdout: string;
  /** What it printed on standard error. */
  readonly stderr: string;
}

/** How long a killed program gets to be gone, in milliseconds. One in a hung system call never is. */
const GRACE = 2_000;

/**
 * Runs `name` with `args`.
 *
 * @throws {DeadlineError} where it does not end in time; it has been killed by then
 */
export async function run(name: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { deadline = 20_000, cwd, env, input } = options;
  const child = new Deno.Command(name, {
    args: [...args],
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env: { ...env } }),
  }).spawn();
  const whole = Promise.all([
    child.status,
    new Response(child.stdout).bytes(),
    new Response(child.stderr).text(),
    input === undefined ? null : feed(child, input),
  ]);
  try {
    const [{ code }, bytes, stderr] = await withDeadline(whole, deadline, [name, ...args].join(" "));
    return { code, bytes, stdout: new TextDecoder().decode(bytes), stderr };
  } catch (error) {
    if (error instanceof DeadlineError) await kill(child, whole);
    throw error;
  }
}

/** Runs a line of `sh`. */
export function sh(script: string, options: RunOptions = {}): Promise<Ran> {
  return run("sh", ["-c", script], options);
}

/** True where `name` is a program that can be run. */
export async function has(name: string): Promise<boolean> {
  return (await sh(`command -v ${name}`)).code === 0;
}

async function feed(child: Deno.ChildProcess, input: string | Uint8Array): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(typeof input === "string" ? new TextEncoder().encode(input) : input);
    await writer.close();
  } catch {
    // It ended without reading all of it, which is its right.
  }
}

async function kill(child: Deno.ChildProcess, whole: Promise<unknown>): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has just ended by itself.
  }
  await withDeadline(whole, GRACE, "the end of a killed program").catch(() => {});
}
