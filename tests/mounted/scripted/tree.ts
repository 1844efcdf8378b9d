/**
 * A tree that a test writes on, mounted by a process of its own.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { sh } from "../../support/command.ts";
import { withDeadline } from "../../support/deadline.ts";
import { endMount } from "../../support/kernel.ts";
import { tempDir } from "../../support/temp.ts";

/** An invalidation, as far as it can be told to another process: `placed` names what the tree has. */
export type Saying =
  | { readonly tag: "node" | "children"; readonly id: string }
  | { readonly tag: "placed"; readonly parent: string; readonly name: string; readonly id: string }
  | { readonly tag: "removed"; readonly parent: string; readonly id: string }
  | { readonly tag: "watch"; readonly watch: string };

/** What a test may have the server do. */
export interface Operations {
  /** Puts a file of the text `text` under `name`, changed now. */
  file(parent: string, name: string, text: string, id: string, via?: "inline" | "ask"): void;
  /** Puts a directory. */
  directory(parent: string, name: string, id: string): void;
  /** Takes a name away. */
  remove(parent: string, name: string): void;
  /** Says what changed; answers how long it took until the kernel knew, in milliseconds. */
  say(...sayings: Saying[]): Promise<number>;
  /** The calls of the provider since this was last asked. */
  calls(): string[];
  /** Holds the next call of `op` back, until `release`. */
  hold(op: "lookup" | "list" | "read"): void;
  /** Resolves when the call that is held back is there. */
  arrived(): Promise<void>;
  /** Lets it answer. */
  release(): void;
  /** Messages and notifications so far, by name. */
  counters(): Record<string, number>;
  /** Ends the mount; answers why not, where it cannot. */
  unmount(): Promise<string>;
}

/** The operations at a distance. */
type Remote = {
  readonly [Op in keyof Operations]: (
    ...args: Parameters<Operations[Op]>
  ) => Promise<Awaited<ReturnType<Operations[Op]>>>;
};

/** A mounted tree. */
export interface ScriptedTree extends Remote, AsyncDisposable {
  /** The root of its one provider. */
  readonly top: string;
}

/** What is in the files `open/1` and `open/2` of the directory that is mounted on. */
export const UNDERNEATH = "underneath\n";

/** How long the server may take to start and to end, in milliseconds. */
const WITHIN = 30_000;

/** What a line of `sh` prints at the top of `tree`; it must succeed. */
export async function text(tree: ScriptedTree, script: string): Promise<string> {
  const { code, stdout, stderr } = await sh(script, { cwd: tree.top, deadline: 60_000 });
  assert.equal(code, 0, `${script}: ${stderr}`);
  return stdout;
}

/** Mounts an empty tree; `inotify` says when changes are announced. */
export async function mountScripted(inotify: "auto" | "always" | "never" = "auto"): Promise<ScriptedTree> {
  await using cleanup = new AsyncDisposableStack();
  const folder = cleanup.use(await tempDir());
  const dir = join(folder.path, "mnt");
  await Deno.mkdir(join(dir, "m", "open"), { recursive: true });
  for (const name of ["1", "2"]) await Deno.writeTextFile(join(dir, "m", "open", name), UNDERNEATH);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", join(import.meta.dirname ?? ".", "server.ts"), dir, inotify],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  cleanup.defer(() => end(child, dir));
  const url = await withDeadline(firstLine(child.stdout), WITHIN, "the address of the scripted tree");
  const kept = cleanup.move();
  return {
    top: join(dir, "m"),
    file: (...args) => ask(url, "file", args),
    directory: (...args) => ask(url, "directory", args),
    remove: (...args) => ask(url, "remove", args),
    say: (...args) => ask(url, "say", args),
    calls: () => ask(url, "calls", []),
    hold: (...args) => ask(url, "hold", args),
    arrived: () => ask(url, "arrived", []),
    release: () => ask(url, "release", []),
    counters: () => ask(url, "counters", []),
    unmount: () => ask(url, "unmount", []),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function ask<Value>(url: string, op: string, args: readonly unknown[]): Promise<Value> {
  const signal = AbortSignal.timeout(WITHIN);
  const response = await fetch(url, { method: "POST", body: JSON.stringify({ op, args }), signal });
  const { value, error }: { value: Value; error?: string } = await response.json();
  if (error !== undefined) throw new Error(`${op} failed: ${error}`);
  return value;
}

async function firstLine(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let read = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    read += text;
    if (read.includes("\n")) return read.slice(0, read.indexOf("\n"));
  }
  throw new Error(`the scripted tree ended before it was ready: ${read}`);
}

/** The server ends with its standard input; where it does not, it is made to. */
async function end(child: Deno.ChildProcess, dir: string): Promise<void> {
  await child.stdin.close().catch(() => {});
  try {
    await withDeadline(child.status, WITHIN, "the end of the scripted tree");
  } catch (error) {
    await endMount(dir);
    child.kill("SIGKILL");
    await child.status;
    throw error;
  }
}
