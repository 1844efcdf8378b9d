/**
 * Starts this very program once more, as a daemon in the background, and waits until it is ready.
 *
 * @module
 */
import type { ChildProcess } from "node:child_process";
import { sleep } from "../base/clock.ts";
import { OmnifsError } from "../base/errors.ts";
import { logPathOf } from "../control/places.ts";
import type { Context } from "./command.ts";
import { listenForReady, LOG_VARIABLE, READY_VARIABLE, type ReadyDocument } from "./handshake.ts";
import { selfCommand } from "./self.ts";

/** Milliseconds until a daemon that says nothing is given up. */
const START_TIMEOUT = 120_000;

/** Milliseconds that it then has to end by itself. */
const END_TIMEOUT = 10_000;

/**
 * What Deno's telemetry leaves out unless the user says otherwise, where they want it at all (`OTEL_DENO=true`): the
 * addresses of requests, a header of its own in each of them, and what goes to the log.
 */
const TELEMETRY: Readonly<Record<string, string>> = {
  OTEL_TRACES_SAMPLER: "always_off",
  OTEL_PROPAGATORS: "none",
  OTEL_DENO_CONSOLE: "ignore",
};

/** What to start. */
export interface Background {
  /** What the daemon is called; names its log. */
  readonly name: string;
  /** The words after the program: a command that stays in front. */
  readonly words: readonly string[];
  /** Where relative paths in them begin; here where it is missing. */
  readonly cwd?: string;
}

/**
 * Starts it in a session of its own, so that Ctrl-C in this terminal does not reach it; it keeps its log itself.
 *
 * @throws {OmnifsError} what the daemon said, or that it ended without a word
 */
export async function startInBackground(context: Context, background: Background): Promise<ReadyDocument> {
  const { signal } = context;
  await using ready = await listenForReady(context.environment);
  const logPath = logPathOf(background.name, context.environment);
  const child = await spawnDetached(background, { [READY_VARIABLE]: ready.path, [LOG_VARIABLE]: logPath });
  const ended = endOf(child);
  const over = new AbortController();
  try {
    return await Promise.race([
      ready.wait(),
      ended.then((code) => failedSilently(code, logPath)),
      sleep(context.clock, START_TIMEOUT, over.signal).then(() => Promise.reject(tooLate(logPath))),
      aborted(signal),
    ]);
  } catch (error) {
    await end(child, ended, context);
    throw error;
  } finally {
    over.abort();
    child.unref();
  }
}

async function spawnDetached(
  { words, cwd }: Background,
  variables: Readonly<Record<typeof READY_VARIABLE | typeof LOG_VARIABLE, string>>,
): Promise<ChildProcess> {
  const { spawn } = await import("node:child_process");
  const { open } = await import("node:fs/promises");
  const { [LOG_VARIABLE]: logPath } = variables;
  await Deno.mkdir(logPath.slice(0, logPath.lastIndexOf("/")), { recursive: true, mode: 0o700 });
  // A log without a line is there, too.
  await (await open(logPath, "a", 0o600)).close();
  const output = await open(outputOf(logPath), "w", 0o600);
  try {
    const self = await selfCommand();
    const env = { ...TELEMETRY, ...Deno.env.toObject(), ...variables };
    const stdio: ["ignore", number, number] = ["ignore", output.fd, output.fd];
    return spawn(self.program, [...self.words, ...words], {
      detached: true,
      stdio,
      env,
      ...(cwd === undefined ? {} : { cwd }),
    });
  } finally {
    await output.close();
  }
}

/** Where the words go that are nobody's log entry: those of Deno itself, as it ends for want of memory. */
function outputOf(logPath: string): string {
  return logPath.replace(/\.log$/, ".out");
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? `code ${code}`));
    child.once("error", (error) => resolve(error.message));
  });
}

async function end(child: ChildProcess, ended: Promise<string>, context: Context): Promise<void> {
  child.kill("SIGTERM");
  const over = new AbortController();
  const late = sleep(context.clock, END_TIMEOUT, over.signal).then(
    () => void child.kill("SIGKILL"),
    () => {},
  );
  await Promise.race([ended, late]);
  over.abort();
}

async function failedSilently(how: string, logPath: string): Promise<never> {
  const output = outputOf(logPath);
  const lines = (await Deno.readTextFile(output).catch(() => "")).trimEnd().split("\n");
  const last = lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? "";
  throw new OmnifsError(
    "unavailable",
    `omnifs ended before it was ready (${how})${last ? `: ${last}` : ""}`,
    {
      mend: `cat ${output} ${logPath}`,
    },
  );
}

function tooLate(logPath: string): OmnifsError {
  const message = `omnifs was not ready within ${START_TIMEOUT / 1000} s`;
  return new OmnifsError("unavailable", message, { mend: `cat ${logPath}` });
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
