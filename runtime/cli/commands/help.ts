/**
 * `omnifs help`
 *
 * @module
 */
import { type Command, command, type Context } from "../command.ts";
import { commonOptions } from "../common_options.ts";
import type { Output } from "../output.ts";
import { invocation } from "../self.ts";
import { COMMAND_NAMES, load, resolve } from "../registry.ts";

/** Prints what there is, or how one command is used. */
export const help: Command = command({
  name: "help",
  summary: "How a command is used",
  arguments: [{ form: "[command...]", summary: "the command; all of them where it is missing" }],
  options: {},
  formats: ["human"],
  examples: [{ line: "help mount", summary: "everything that mount takes" }],
  async run(context) {
    if (context.words.length === 0) return await overview(context.out);
    const { command } = await resolve(context.words);
    usage(context, command);
  },
});

async function overview(out: Output): Promise<void> {
  out.line("omnifs: GitHub and other services as files");
  out.line();
  out.line(`${out.styled("bold", "Usage:")} omnifs COMMAND [ARGUMENTS]`);
  out.line();
  const commands = await Promise.all(COMMAND_NAMES.map(load));
  table(out, "Commands", commands.map(({ name, summary }) => [name, summary]));
  table(out, "To begin", [
    ["omnifs demo", "a tree with sample data: no account, no network"],
    ["omnifs mount DIR --allow-net", "the real services, with the credentials of your environment"],
    ["omnifs help COMMAND", "everything that a command takes"],
  ]);
  if (invocation() !== "omnifs") out.line(`Here, in a checkout, omnifs is: ${invocation()}`);
}

function usage({ out }: Context, command: Command): void {
  const forms = command.arguments.map(({ form }) => ` ${form}`).join("");
  out.line(`omnifs ${command.name}: ${command.summary}`);
  out.line();
  out.line(`${out.styled("bold", "Usage:")} omnifs ${command.name} [options]${forms}`);
  out.line();
  table(out, "Arguments", command.arguments.map(({ form, summary }) => [form, summary]));
  const options = [...Object.values(command.options), ...commonOptions(command)];
  table(out, "Options", options.map(({ flags, summary }) => [spelled(flags), summary]));
  table(out, "Examples", command.examples.map(({ line, summary }) => [`omnifs ${line}`, summary]));
}

/** An option with an optional word takes it after `=`, as Deno's own do. */
function spelled(flags: string): string {
  return flags.replace(/ \[(.+)\]$/, "[=$1]");
}

/** Widest first column before its second goes to a line of its own. */
const COLUMN_MAX = 36;

function table(out: Output, title: string, rows: readonly (readonly [string, string])[]): void {
  if (rows.length === 0) return;
  out.line(out.styled("bold", `${title}:`));
  const width = Math.min(COLUMN_MAX, Math.max(...rows.map(([left]) => left.length)));
  for (const [left, right] of rows) {
    if (left.length <= width) out.line(`  ${left.padEnd(width)}  ${right}`);
    else out.line(`  ${left}\n  ${" ".repeat(width)}  ${right}`);
  }
  out.line();
}
