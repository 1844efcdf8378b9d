/**
 * `omnifs inspect`
 *
 * @module
 */
import type { ControlClient } from "../../control/client.ts";
import { type Command, command, type Context, flag, UsageError } from "../command.ts";
import { connect } from "../daemons.ts";
import { DAEMON_OPTION } from "../grants.ts";

interface Values {
  readonly web: boolean;
  readonly mount: string | undefined;
}

/** Shows what happens in a daemon while it happens. */
export const inspect: Command = command<Values>({
  name: "inspect",
  summary: "What happens, live: operations, callouts, cache and watches, by provider",
  arguments: [],
  options: {
    web: flag("--web", "as a local page with charts, and the drafts to review and apply"),
    mount: DAEMON_OPTION,
  },
  examples: [
    { line: "inspect", summary: "in the terminal; / filters, space pauses, q quits" },
    { line: "inspect --web", summary: "open the address that it prints, until Ctrl-C" },
    { line: "inspect --output jsonl", summary: "one document a second for another program" },
  ],
  async run(context, { web, mount }) {
    const isScreen = !web && context.format === "human";
    if (isScreen) refuseWithoutTerminal(context);
    const client = await connect(context, mount);
    if (web) return await serve(context, client);
    return isScreen ? await show(context, client) : await print(context, client);
  },
});

/** @throws {UsageError} with what a program would ask instead */
function refuseWithoutTerminal({ out }: Context): void {
  if (out.isTerminal && Deno.stdin.isTerminal()) return;
  throw new UsageError(
    "omnifs inspect needs a terminal to draw on",
    "omnifs metrics, omnifs events --output jsonl, or omnifs inspect --output jsonl",
  );
}

async function show({ out, signal }: Context, client: ControlClient): Promise<void> {
  const { live } = await import("../inspect/live.ts");
  const { ownTerminal } = await import("../inspect/terminal.ts");
  const write = async (text: string) => {
    out.text(text);
    await out.flush();
  };
  await live({
    terminal: ownTerminal(write),
    look: (ended) => client.inspect(ended),
    styled: (style, text) => out.styled(style, text),
    signal,
  });
}

/** JSON lines until Ctrl-C; one document, of the first second, as JSON. */
async function print({ out, format, signal }: Context, client: ControlClient): Promise<void> {
  try {
    for await (const document of before(signal, client.inspect(signal))) {
      if (format === "jsonl") out.line(JSON.stringify(document));
      else if (document.seconds > 0) return out.document(document);
      await out.ready();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** What comes before `signal` is aborted: Deno 2.7 does not end an answer of `node:http` by that. */
async function* before<Value>(signal: AbortSignal, values: AsyncGenerator<Value>): AsyncGenerator<Value> {
  const aborted = new Promise<undefined>((resolve) =>
    signal.addEventListener("abort", () => resolve(undefined), { once: true })
  );
  for (;;) {
    const next = await Promise.race([values.next(), aborted]);
    if (next === undefined || next.done) return;
    yield next.value;
  }
}

async function serve(context: Context, client: ControlClient): Promise<void> {
  const { serveWeb } = await import("../inspect/web.ts");
  await serveWeb(context, client);
}
