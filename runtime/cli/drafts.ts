/**
 * What the commands about drafts share: which draft is meant, and whom to ask.
 *
 * @module
 */
import { ControlClient } from "../control/client.ts";
import type { DraftDocument, DraftTarget, LeftDocument, StepDocument } from "../control/drafts.ts";
import { type Context, type Example, type Format, UsageError } from "./command.ts";
import { locateIn, pickDaemon } from "./daemons.ts";
import { DAEMON_OPTION } from "./grants.ts";
import { printable } from "./output.ts";
import { count } from "./units.ts";

/** The option that every command about drafts has. */
export const DRAFT_OPTIONS = { mount: DAEMON_OPTION };

/** Its value. */
export interface DraftValues {
  /** The daemon to ask. */
  readonly mount: string | undefined;
}

/** The argument that names a draft. */
export const NAME_ARGUMENT = {
  form: "[name]",
  summary: "which draft; this terminal session's own where it is missing",
  values: "draft",
} as const;

/** A daemon to ask about drafts. */
export interface DraftDesk {
  /** Asks it. */
  readonly client: ControlClient;
  /** The path in the tree that `word` means. */
  locate(word: string): string;
}

/** The daemon that `values` mean. */
export async function openDesk(context: Context, values: DraftValues): Promise<DraftDesk> {
  const { socketPath, dirs } = await pickDaemon(context, values.mount);
  return { client: new ControlClient(socketPath), locate: (word) => locateIn(dirs, word) };
}

/** The draft called `name`, or that of this terminal session. */
export async function targetOf(name: string | undefined): Promise<DraftTarget> {
  return name === undefined ? { session: await sessionId() } : { name };
}

/**
 * The id of the session that this process belongs to: field 6 of `/proc/PID/stat` (proc_pid_stat(5)), counted from
 * behind the name of the program, which may hold anything. It is 0 in a container that was begun without a session of its
 * own: there, all such processes share that of the first one, which they end with.
 */
async function sessionId(): Promise<number> {
  const stat = await Deno.readTextFile("/proc/self/stat").catch(() => "");
  const session = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3]);
  if (Number.isSafeInteger(session)) return Math.max(session, 1);
  throw new UsageError("this process belongs to no terminal session", "name the draft: omnifs draft ls");
}

/** Who asks, for the record of an apply: the user and the process. */
export function asker(context: Context): string {
  return `${context.environment("USER") ?? `uid ${Deno.uid() ?? "?"}`}, process ${Deno.pid}`;
}

/** One draft in one line. */
export function lineOf({ name, mount, state, changes }: DraftDocument): string {
  const what = changes.length === 0 ? "empty" : `${count(changes.length, "change")} of ${mount}`;
  return `${printable(name)}  ${what}${state === "open" ? "" : `, ${state}`}`;
}

/** Prints `document` in `format`, or what `human` prints for people. */
export function show(
  context: Context,
  document: unknown,
  human: () => void,
  format: Format = context.format,
): void {
  const { out } = context;
  if (format === "human") return human();
  if (format === "json") return out.document(document);
  for (const each of Array.isArray(document) ? document : [document]) out.line(JSON.stringify(each));
}

/** `steps` as lines. */
export function stepLines(steps: readonly StepDocument[]): string[] {
  return steps.map(({ summary, reversible }) =>
    `  ${printable(summary)}${reversible ? "" : " (cannot be taken back)"}`
  );
}

/** What an apply of a draft leaves out, as lines; none where that is nothing. */
export function leftOutLines(paths: readonly string[]): string[] {
  return paths.map((path) => `left out, by its name an editor's: ${printable(path)}`);
}

/** What a draft leaves upstream, as lines; none where that is nothing. */
export function leftLines({ stands, uncertain }: LeftDocument): string[] {
  return [
    ...(stands.length === 0 ? [] : ["these stand upstream:", ...stepLines(stands)]),
    ...(uncertain.length === 0 ? [] : ["of these nobody knows:", ...stepLines(uncertain)]),
  ];
}

/** The lines to try of a command that names a draft. */
export function exampleOf(line: string, summary: string): readonly Example[] {
  return [{ line: `draft ${line}`, summary }];
}
