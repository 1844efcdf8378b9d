/**
 * A program that runs on while a test goes on, and what it has printed so far.
 *
 * @module
 */
import { until, withDeadline } from "../support/deadline.ts";

/** A running program; it is ended with the test. */
export interface Following extends AsyncDisposable {
  /** What it has printed so far. */
  readonly text: () => string;
}

/** Starts `program` with `args`. */
export function following(program: string, ...args: string[]): Following {
  const child = new Deno.Command(program, { args, stdin: "null", stdout: "piped", stderr: "null" }).spawn();
  let text = "";
  const read = (async () => {
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) text += chunk;
  })();
  return {
    text: () => text,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await withDeadline(Promise.all([child.status, read]), 10_000, `the end of ${program}`);
    },
  };
}

/** How long `inotifywait` may take to watch, in milliseconds. */
const WATCHES_WITHIN = 30_000;

/** Starts `inotifywait -m` with `args`, which prints lines such as `MODIFY name`, and waits until it watches. */
export async function watching(...args: string[]): Promise<Following> {
  const watcher = following("sh", "-c", `exec inotifywait -m --format '%e %f' ${args.join(" ")} 2>&1`);
  await until(() => watcher.text().includes("Watches established"), WATCHES_WITHIN, "inotifywait");
  return watcher;
}
