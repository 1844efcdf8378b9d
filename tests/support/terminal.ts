/**
 * A program in front of a terminal of its own, by script(1), which passes on what is typed.
 *
 * @module
 */
import { until, withDeadline } from "./deadline.ts";

/** What a person types for Ctrl-C. */
export const CTRL_C = "\x03";

/** How long a program in a terminal may take for one step, in milliseconds. */
const DEADLINE = 60_000;

/** A terminal with a program in it. */
export interface Terminal extends AsyncDisposable {
  /** Everything that it has shown so far. */
  text(): string;
  /** Types. */
  type(keys: string): Promise<void>;
  /** Resolves when `pattern` is shown, or the program has ended. */
  shows(pattern: RegExp): Promise<void>;
  /** Resolves when the program has ended, to its exit code; and the terminal echoes again what is typed. */
  ended(): Promise<{ readonly code: number; readonly echoes: boolean }>;
}

/** Runs `program` with `words` in a terminal. */
export function openTerminal(
  program: string,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): Terminal {
  const line = [program, ...words].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  // The shell has to outlive Ctrl-C, to tell what became of the program and of the terminal.
  const inner = `trap : INT; ${line}; echo "[code $?]"; stty -a | grep -q -- '-echo ' || echo '[echo]'`;
  const child = new Deno.Command("script", {
    args: ["-q", "-c", `sh -c "${inner.replace(/[\\$"`]/g, "\\$&")}"`, "/dev/null"],
    env: { ...env, TERM: "xterm", SHELL: "/bin/sh" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let text = "";
  let over = false;
  const reading = (async () => {
    for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) text += piece;
    over = true;
  })();
  const writer = child.stdin.getWriter();
  return {
    text: () => text,
    type: (keys) => writer.write(new TextEncoder().encode(keys)),
    shows: async (pattern) =>
      void await until(() => over || pattern.test(text), DEADLINE, `${pattern} on the terminal`),
    async ended() {
      await withDeadline(reading, DEADLINE, `the end of ${words.join(" ")}`);
      const code = Number(/\[code (\d+)\]/.exec(text)?.[1]);
      return { code, echoes: text.includes("[echo]") };
    },
    async [Symbol.asyncDispose]() {
      await writer.close().catch(() => {});
      if (!over) child.kill("SIGKILL");
      await child.status;
      await reading;
    },
  };
}
