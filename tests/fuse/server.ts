/**
 * A mount in a process of its own, for tests: it is always torn down, and nothing waits for ever.
 *
 * @module
 */
import { mountAt } from "../support/kernel.ts";

/** Milliseconds after which a command or an answer is given up. */
const DEADLINE = 20_000;

/** Why the tests of real mounts cannot run here; `undefined` where they can. */
export function reasonToSkip(): string | undefined {
  if (Deno.build.os !== "linux") return "not Linux";
  try {
    Deno.lstatSync("/dev/fuse");
  } catch {
    return "no /dev/fuse";
  }
  return Deno.uid() === 0 ? undefined : "not root";
}

/** What a command left behind. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a shell command with a deadline; kills it after that. */
export async function shell(
  script: string,
  cwd: string,
  signal?: (child: Deno.ChildProcess) => void,
): Promise<Ran> {
  const args = ["-c", script];
  const child = new Deno.Command("bash", {
    args,
    cwd,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { LC_ALL: "C.UTF-8" },
  })
    .spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), DEADLINE);
  signal?.(child);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

/** Asks again and again until `condition` holds. */
export async function until(what: string, condition: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + DEADLINE;
  while (!await condition()) {
    if (Date.now() > deadline) throw new Error(`it never happened: ${what}`);
    await new Promise((resume) => setTimeout(resume, 5));
  }
}

const HERE = new URL(".", import.meta.url).pathname;

/** What Deno is told, to run the copy of `memory_mount.ts` in a directory. */
export function serverArguments(directory: string): string[] {
  return ["run", "-A", "--no-check", "--no-lock", "--no-config", `${directory}/memory_mount.ts`];
}

/** A running `memory_mount.ts`. */
export class Server {
  /** Where it is mounted. */
  readonly dir: string;
  /** The number of its control files; 0 until {@linkcode Server.start} has read it. */
  connection = 0;
  readonly process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  #rest = "";
  #last: Promise<unknown> = Promise.resolve();

  private constructor(dir: string, process: Deno.ChildProcess) {
    this.dir = dir;
    this.process = process;
    this.#input = process.stdin.getWriter();
    this.#output = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Mounts at `dir`; `command` is the server without its last argument, this process's Deno by default. */
  static async start(dir: string, command = [Deno.execPath(), ...serverArguments(HERE)]): Promise<Server> {
    const [program = "", ...args] = [...command, dir];
    const env = { NO_COLOR: "1" };
    const process = new Deno.Command(program, {
      args,
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const server = new Server(dir, process);
    const { connection } = await server.line() as { connection: number };
    server.connection = connection;
    return server;
  }

  /** The answer to a command of `memory_mount.ts`; commands are answered in order. */
  ask(...command: string[]): Promise<unknown> {
    const written = this.#input.write(new TextEncoder().encode(`${JSON.stringify(command)}\n`));
    const answer = this.#last.then(() => written).then(() => this.line());
    this.#last = answer.catch(() => {});
    return answer;
  }

  /** How many requests of each kind there were. */
  async counters(): Promise<Record<string, number>> {
    return await this.ask("counters") as Record<string, number>;
  }

  /** The next line that the server prints. */
  async line(): Promise<unknown> {
    while (!this.#rest.includes("\n")) {
      const { value, done } = await withDeadline(this.#output.read(), this.process);
      if (done) throw new Error("the server ended without a word");
      this.#rest += value;
    }
    const end = this.#rest.indexOf("\n");
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return JSON.parse(line);
  }

  /** Ends the mount, whatever state it is in, and the process. */
  async stop(): Promise<void> {
    const mounted = await mountAt(this.dir) !== undefined;
    if (mounted) await shell(`umount -f -l '${this.dir}'`, "/");
    await this.#input.close().catch(() => {});
    const timer = setTimeout(() => this.process.kill("SIGKILL"), DEADLINE);
    await this.#output.cancel();
    await this.process.status;
    clearTimeout(timer);
  }
}

async function withDeadline<Value>(promise: Promise<Value>, process: Deno.ChildProcess): Promise<Value> {
  const timer = setTimeout(() => process.kill("SIGKILL"), DEADLINE);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}
