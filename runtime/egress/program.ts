/**
 * Runs a program of the user's that holds or hands out secrets: with a deadline, without a terminal, and with no
 * more of the environment than it needs, so that no token of one service reaches the helper of another.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import { OmnifsError } from "../base/errors.ts";

/** What a helper may see of the environment: who and where the user is, and how to reach their keyring. */
const PASSED = [
  "DBUS_SESSION_BUS_ADDRESS",
  "DISPLAY",
  "DOCKER_CONFIG",
  "GH_CONFIG_DIR",
  "GH_HOST",
  "GNUPGHOME",
  "HOME",
  "LANG",
  "LC_ALL",
  "LOGNAME",
  "PASSWORD_STORE_DIR",
  "PATH",
  "SSH_AUTH_SOCK",
  "TMPDIR",
  "USER",
  "WAYLAND_DISPLAY",
  "XDG_CONFIG_HOME",
  "XDG_DATA_HOME",
  "XDG_RUNTIME_DIR",
];

/** Most bytes that are taken of what a program prints. A token has hundreds at most. */
const OUTPUT_LIMIT = 64 * 1024;

/** Milliseconds that a program gets; a keyring may ask its user to unlock it. */
const DEADLINE = 60_000;

/** What every program is run with. */
export interface ProgramHost {
  /** The environment of this process. */
  readonly environment: (name: string) => string | undefined;
  /** The time. */
  readonly clock: Clock;
  /** Milliseconds that a program gets; a minute unless told. */
  readonly deadline?: number;
}

/** What a program came to. */
export interface Printed {
  /** Its exit code. */
  readonly code: number;
  /** What it printed on standard output. Its standard error is not kept: it may hold anything. */
  readonly text: string;
}

/**
 * Runs `program` to its end; undefined where there is none of that name.
 *
 * @throws {OmnifsError} `unavailable` where it takes too long or prints too much
 */
export async function runProgram(
  host: ProgramHost,
  program: string,
  args: readonly string[],
  input = "",
): Promise<Printed | undefined> {
  const child = await isThere(host, program) ? spawn(host, ...await bound(program, args)) : undefined;
  if (child === undefined) return undefined;
  const reader = child.stdout.getReader();
  const late = Promise.withResolvers<never>();
  const cancel = host.clock.after(
    host.deadline ?? DEADLINE,
    () => late.reject(failure(program, "took too long")),
  );
  try {
    const all = Promise.all([child.status, collected(reader, program), fed(child.stdin, input)]);
    const [{ code }, text] = await Promise.race([all, late.promise]);
    return { code, text };
  } catch (error) {
    await reader.cancel().catch(() => {});
    end(child);
    await child.status;
    throw error;
  } finally {
    cancel();
  }
}

/** The variables that a helper gets. */
export function helperEnvironment(environment: ProgramHost["environment"]): Record<string, string> {
  return Object.fromEntries(PASSED.flatMap((name) => {
    const value = environment(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

type Child = Deno.ChildProcess;

/** Gives a program the signal KILL when the thread that started it ends: setpriv(1) of util-linux, prctl(2). */
const BOUND: readonly string[] = ["--pdeathsig", "KILL", "--"];

let binds: Promise<boolean> | undefined;

/** `program` so that it does not outlive this process, where the system can do that: this one may be killed. */
async function bound(program: string, args: readonly string[]): Promise<[string, readonly string[]]> {
  binds ??= new Deno.Command("setpriv", {
    args: [...BOUND, "true"],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output().then(({ success }) => success, () => false);
  return await binds ? ["setpriv", [...BOUND, program, ...args]] : [program, args];
}

/** True where `program` is a file, or the name of one in the folders of PATH. */
async function isThere({ environment }: ProgramHost, program: string): Promise<boolean> {
  const isFile = (path: string) => Deno.stat(path).then((info) => info.isFile, () => false);
  if (program.includes("/")) return await isFile(program);
  const dirs = (environment("PATH") ?? "").split(":");
  return (await Promise.all(dirs.map((dir) => isFile(`${dir}/${program}`)))).includes(true);
}

function spawn(host: ProgramHost, program: string, args: readonly string[]): Child | undefined {
  try {
    return new Deno.Command(program, {
      args: [...args],
      clearEnv: true,
      env: helperEnvironment(host.environment),
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function collected(reader: ReadableStreamDefaultReader<Uint8Array>, program: string): Promise<string> {
  const decoder = new TextDecoder();
  let [text, length] = ["", 0];
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    length += next.value.byteLength;
    if (length > OUTPUT_LIMIT) throw failure(program, "printed more than a credential");
    text += decoder.decode(next.value, { stream: true });
  }
  return text + decoder.decode();
}

async function fed(stdin: WritableStream<Uint8Array>, input: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  } catch {
    // It ended without reading, which is its right.
  }
}

function end(child: Child): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}

function failure(program: string, what: string): OmnifsError {
  return new OmnifsError("unavailable", `${program} ${what}`, { mend: `run ${program} yourself to see why` });
}
