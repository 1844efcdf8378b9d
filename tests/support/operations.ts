/**
 * Stand-ins that run in a process of their own: how one is started, and told what to do.
 *
 * The program prints its addresses as one line of JSON, `control` among them, and serves until its standard input ends.
 * `POST {op, args}` to the control address does what the operation called `op` does.
 *
 * @module
 */

/** Where a stand-in is. */
export interface Controlled {
  /** Where its operations are asked for. */
  readonly control: string;
}

/** Operations of another process. */
export type Remote<Operations> = {
  readonly [Name in keyof Operations]: Operations[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

/** A running stand-in. */
export type StandIn<Addresses, Operations> = Addresses & Remote<Operations> & {
  /** Ends it. */
  close(): Promise<void>;
};

/** Starts `program`, which knows the operations that are named. */
export async function startStandIn<Addresses extends Controlled, Operations>(
  program: URL,
  operations: Readonly<Record<keyof Operations, true>>,
): Promise<StandIn<Addresses, Operations>> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-lock", program.pathname],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const addresses: Addresses = JSON.parse(await firstLine(child.stdout));
  const stubs = Object.fromEntries(
    Object.keys(operations).map((op) => [op, (...args: unknown[]) => ask(addresses.control, op, args)]),
  );
  const close = async () => {
    await child.stdin.close();
    await child.status;
  };
  return { ...addresses, ...stubs as unknown as Remote<Operations>, close };
}

/** Serves `operations`, tells the addresses, and ends the process once whoever started it closes its input or dies. */
export async function serveStandIn(
  operations: object,
  addresses: Readonly<Record<string, string>>,
): Promise<never> {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => answerControl(operations, request),
  );
  console.log(JSON.stringify({ ...addresses, control: `http://127.0.0.1:${server.addr.port}` }));
  for await (const _ of Deno.stdin.readable) { /* until it ends */ }
  Deno.exit(0);
}

async function ask(control: string, op: string, args: unknown[]): Promise<unknown> {
  const response = await fetch(control, { method: "POST", body: JSON.stringify({ op, args }) });
  const { value, error }: { value?: unknown; error?: string } = await response.json();
  if (error !== undefined) throw new Error(`the stand-in's ${op} failed: ${error}`);
  return value ?? undefined;
}

/** Answers one request of {@linkcode ask}: the operation that it names, with what it came to. */
export async function answerControl(operations: object, request: Request): Promise<Response> {
  try {
    const { op, args }: { op: string; args: unknown[] } = await request.json();
    const table = new Map<string, (...args: never[]) => unknown>(Object.entries(operations));
    const operation = table.get(op);
    if (operation === undefined) return Response.json({ error: `no operation ${op}` }, { status: 404 });
    const value: unknown = await Reflect.apply(operation, undefined, args);
    return Response.json({ value: value ?? null });
  } catch (error) {
    return Response.json({ error: error instanceof Error ? error.message : String(error) }, { status: 500 });
  }
}

async function firstLine(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let read = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    read += text;
    if (read.includes("\n")) return read.slice(0, read.indexOf("\n"));
  }
  throw new Error(`the stand-in ended before it was ready: ${read}`);
}
