/**
 * `omnifs help`
 *
 * @module
 */
import { type Command, command } from "../command.ts";
import { type ManualPage, type ManualPart, pageOf } from "../manual.ts";
import type { Output } from "../output.ts";
import { invocation } from "../self.ts";

/** Prints what there is, or how one command is used. */
export const help: Command = command({
  name: "help",
  summary: "How a command is used",
  arguments: [{
    form: "[command...]",
    summary: "the command, or config; all of them where it is missing",
    values: "command",
  }],
  options: {},
  formats: ["human"],
  examples: [{ line: "help mount", summary: "everything that mount takes" }],
  async run({ out, words }) {
    show(out, await pageOf(words));
  },
});

/** Prints `page`, but for what only the whole manual has. */
function show(out: Output, { name, summary, synopsis, parts }: ManualPage): void {
  out.line(`${name}: ${summary}`);
  out.line();
  out.line(`${out.styled("bold", "Usage:")} ${synopsis}`);
  out.line();
  for (const part of parts) if (!part.reference) table(out, part);
  if (name === "omnifs" && invocation() !== "omnifs") {
    out.line(`Here, in a checkout, omnifs is: ${invocation()}`);
  }
}

/** Widest first column before its second goes to a line of its own. */
const COLUMN_MAX = 36;

function table(out: Output, { title, text, rows }: ManualPart): void {
  out.line(out.styled("bold", `${title}:`));
  if (text !== undefined) out.line(`  ${text}`);
  const width = Math.min(COLUMN_MAX, Math.max(...rows.map(([left]) => left.length)));
  for (const [left, right] of rows) {
    if (left.length <= width) out.line(`  ${left.padEnd(width)}  ${right}`);
    else out.line(`  ${left}\n  ${" ".repeat(width)}  ${right}`);
  }
  out.line();
}
