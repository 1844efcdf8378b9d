/**
 * A Linear on loopback for tests: Linear's own schema over a workspace in memory, in a process of its own.
 *
 * @module
 */
import type { Addresses, Control } from "./server.ts";

export type { Fault } from "./faults.ts";
export type { Seen } from "./front.ts";
export type { Addresses } from "./server.ts";
export type { Delivery } from "./webhooks.ts";
export type { IssueSeed, Made, ProjectSeed } from "./workspace.ts";

type Remote<Operations> = {
  readonly [Name in keyof Operations]: Operations[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

/**
 * A running stand-in. Besides the addresses and what is named here it has every operation of
 * {@linkcode Control}: seeds (`createIssues`, `addComments`, `createProject`, …), faults (`fault`, `refuse`,
 * `clearFaults`) and the list of `requests`, which `reset` empties.
 */
export type LinearStandIn = Addresses & Remote<Control> & {
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
  createTeam: true,
  createIssue: true,
  createIssues: true,
  patchIssue: true,
  live: true,
  deliveries: true,
  patchComment: true,
  deleteComment: true,
  patchProject: true,
  patchCycle: true,
  renameLabel: true,
  deleteLabel: true,
  renameState: true,
  renameTeam: true,
  addComments: true,
  createProject: true,
  createCycle: true,
};

/** Starts a stand-in with the teams `ENG` and `OPS`, both of them without issues, projects and cycles. */
export async function startLinear(): Promise<LinearStandIn> {
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
  return { ...connectLinear(addresses), close };
}

/** The operations of a running stand-in. */
function connectLinear(addresses: Addresses): Addresses & Remote<Control> {
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
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    read += decoder.decode(bytes, { stream: true });
    if (read.includes("\n")) return read.slice(0, read.indexOf("\n"));
  }
  throw new Error(`the stand-in ended before it was ready: ${read}`);
}
