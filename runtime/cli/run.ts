/**
 * From the words on the command line to an exit code.
 *
 * @module
 */
import { systemClock } from "../base/clock.ts";
import { asOmnifsError, OmnifsError } from "../base/errors.ts";
import { type Command, type Context, EXIT, type ExitCode, type Format, initialValues } from "./command.ts";
import type { LayeredValues } from "./layers.ts";
import { Output } from "./output.ts";
import { resolve } from "./registry.ts";
import { exitCodeOf, isBrokenPipe, report } from "./report.ts";

/** What the process around a command can do. */
export interface Host {
  /** Ends the process at once: the answer to a second Ctrl-C. */
  exit(code: number): void;
}

/** Runs the command that `argv` names, prints what went wrong, and tells how to exit. */
export async function run(argv: readonly string[], host: Host): Promise<ExitCode> {
  const colour = !Deno.env.get("NO_COLOR") && Deno.env.get("TERM") !== "dumb";
  const out = new Output(Deno.stdout, colour);
  const err = new Output(Deno.stderr, colour);
  let format: Format = "human";
  let code: ExitCode;
  try {
    const { command, rest } = await resolve(argv);
    const request = await understand(command, rest);
    format = request.format;
    const { values, ...layers } = await configured(request);
    const context = contextOf({ ...request, ...layers }, rest, out, err, host);
    code = (await request.command.run(context, values)) ?? EXIT.done;
    await out.flush();
  } catch (error) {
    // Whoever closed our output has seen enough.
    if (isBrokenPipe(error)) return EXIT.done;
    code = exitCodeOf(error);
    await out.flush().catch(() => {});
    report(err, format, error);
  }
  await err.flush().catch(() => {});
  return code;
}

interface Request {
  readonly command: Command;
  readonly values: Record<string, unknown>;
  readonly words: readonly string[];
  readonly format: Format;
  readonly given: ReadonlySet<string>;
  readonly config: string | undefined;
}

const environment = (name: string) => Deno.env.get(name);

/** The values of `request`, with what the configuration says beside them where the command heeds it. */
async function configured(request: Request): Promise<LayeredValues & Pick<Context, "configFault">> {
  const { command, values } = request;
  if (!command.configured) return { values, origins: [] };
  const { layered } = await import("./layers.ts");
  try {
    return await layered(command, request, environment);
  } catch (error) {
    if (!command.toldFault) throw error;
    return { values, origins: [], configFault: asOmnifsError(error) };
  }
}

/** What no words at all say. */
const NOTHING = { words: [], format: "human", given: new Set<string>(), config: undefined } as const;

/** Reads `rest`. The parser is loaded only where there is something to read. */
async function understand(command: Command, rest: readonly string[]): Promise<Request> {
  if (asksForHelp(rest)) {
    const { help } = await import("./commands/help.ts");
    return { ...NOTHING, command: help, values: {}, words: command.name.split(" ") };
  }
  if (rest.length === 0 && !command.arguments.some(({ form }) => form.startsWith("<"))) {
    return { ...NOTHING, command, values: initialValues(command) };
  }
  const { parse } = await import("./parser.ts");
  return { command, ...parse(command, rest) };
}

function asksForHelp(rest: readonly string[]): boolean {
  const end = rest.indexOf("--");
  return rest.slice(0, end === -1 ? rest.length : end).some((word) => word === "--help" || word === "-h");
}

function contextOf(
  request: Request & Pick<Context, "origins" | "configFault">,
  argv: readonly string[],
  out: Output,
  err: Output,
  host: Host,
): Context {
  let signal: AbortSignal | undefined;
  return {
    words: request.words,
    argv,
    given: request.given,
    origins: request.origins,
    ...(request.configFault === undefined ? {} : { configFault: request.configFault }),
    format: request.format,
    out,
    err,
    environment,
    clock: systemClock,
    get signal() {
      return signal ??= catchSignals(host);
    },
  };
}

/** A signal that the first Ctrl-C or SIGTERM aborts; a second Ctrl-C ends the process where it stands. */
function catchSignals(host: Host): AbortSignal {
  const abort = new AbortController();
  const stop = () => {
    if (abort.signal.aborted) host.exit(EXIT.interrupted);
    abort.abort(new OmnifsError("interrupted", "interrupted"));
  };
  Deno.addSignalListener("SIGINT", stop);
  Deno.addSignalListener("SIGTERM", () => {
    if (!abort.signal.aborted) stop();
  });
  return abort.signal;
}
