/**
 * A GitHub on loopback for tests: `emulate` and what it lacks, in a process of its own.
 *
 * @module
 */
import type { Addresses, Control } from "./server.ts";

export type { JobSeed, RunSeed } from "./actions.ts";
export type { Fault } from "./faults.ts";
export type { Seen } from "./front.ts";
export type { IssueSeed, PullSeed } from "./seed.ts";
export type { Addresses } from "./server.ts";

type Remote<Operations> = {
  readonly [Name in keyof Operations]: Operations[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

/**
 * A running stand-in. Besides the addresses and what is named here it has every operation of
 * {@linkcode Control}: seeds (`createIssues`, `addPull`, `addRun`, …), faults (`fault`, `refuse`,
 * `clearFaults`) and the list of `requests`, which `reset` empties.
 */
export type GitHubStandIn = Addresses & Remote<Control> & {
  /** Ends it. */
  close(): Promise<void>;
};

/** Every operation of the control address, so that a stub of each can be made. */
const OPERATIONS: { readonly [Name in keyof Control]: true } = {
  requests: true,
  reset: true,
  fault: true,
  clearFaults: true,
  refuse: true,
  repositoryId: true,
  createRepository: true,
  createIssue: true,
  createIssues: true,
  patchIssue: true,
  addComment: true,
  addPull: true,
  addReview: true,
  addRun: true,
  rerun: true,
  editComment: true,
  deleteComment: true,
  deleteIssue: true,
  transferIssue: true,
  editLabel: true,
  deleteLabel: true,
  createMilestone: true,
  editMilestone: true,
  patchPull: true,
  mergePull: true,
  pushFile: true,
  patchRepository: true,
  deleteRepository: true,
  addHook: true,
  finishRun: true,
  deleteRun: true,
  moveRepository: true,
};

/**
 * Starts a stand-in with `acme/api`, `acme/widgets` and `octocat/hello-world`, all of them without issues,
 * pull requests and runs.
 */
export async function startGitHub(): Promise<GitHubStandIn> {
  const program = new URL("./server.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-lock", program],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const addresses: Addresses = JSON.parse(await firstLine(child.stdout));
  const close = async () => {
    await child.stdin.close();
    await child.status;
  };
  return { ...connectGitHub(addresses), close };
}

/** The operations of a running stand-in. */
function connectGitHub(addresses: Addresses): Addresses & Remote<Control> {
  const stubs = Object.fromEntries(
    Object.keys(OPERATIONS).map((op) => [op, (...args: unknown[]) => ask(addresses.control, op, args)]),
  );
  return Object.assign(stubs as unknown as Remote<Control>, addresses);
}

async function ask(control: string, op: string, args: unknown[]): Promise<unknown> {
  const response = await fetch(control, { method: "POST", body: JSON.stringify({ op, args }) });
  const { value, error }: { value?: unknown; error?: string } = await response.json();
  if (error !== undefined) throw new Error(`the stand-in's ${op} failed: ${error}`);
  return value ?? undefined;
}

async function firstLine(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let read = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    read += text;
    if (read.includes("\n")) return read.slice(0, read.indexOf("\n"));
  }
  throw new Error(`the stand-in ended before it was ready: ${read}`);
}
