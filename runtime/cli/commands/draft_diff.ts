/**
 * `omnifs draft diff`
 *
 * @module
 */
import { type Command, command, type Context, flag } from "../command.ts";
import type { FileDiffDocument } from "../../control/drafts.ts";
import {
  DRAFT_OPTIONS,
  type DraftValues,
  exampleOf,
  leftOutLines,
  NAME_ARGUMENT,
  openDesk,
  show,
  targetOf,
} from "../drafts.ts";
import { printable, type Style } from "../output.ts";
import { count } from "../units.ts";

/** Shows what a draft would change. */
export const draftDiff: Command = command<DraftValues & { stat: boolean; json: boolean }>({
  name: "draft diff",
  summary: "What a draft would change, as a unified diff that git apply reads",
  arguments: [NAME_ARGUMENT],
  options: {
    ...DRAFT_OPTIONS,
    stat: flag("--stat", "only how many lines change in each file"),
    json: flag("--json", "the same as --output json"),
  },
  examples: [
    ...exampleOf("diff my-fix", "all of it"),
    ...exampleOf("diff --stat my-fix", "a line for each file"),
  ],
  async run(context, { stat, json, ...values }) {
    const { client } = await openDesk(context, values);
    const target = await targetOf(context.words[0]);
    const diffs = await client.draftDiff(target, context.signal);
    const { leftOut } = await client.draft(target, context.signal);
    const human = () => {
      if (stat) return printStat(context, diffs);
      for (const { diff } of diffs) printDiff(context, diff);
    };
    show(context, diffs, human, json ? "json" : context.format);
    // Beside what is printed, which a program may read in every form.
    for (const line of leftOutLines(leftOut)) context.err.line(line);
  },
});

/** How the lines of a diff look, by how they begin; the first that fits. */
const LOOKS: readonly (readonly [prefix: string, style: Style])[] = [
  ["--- ", "bold"],
  ["+++ ", "bold"],
  ["diff ", "bold"],
  ["@@", "blue"],
  ["+", "green"],
  ["-", "red"],
];

function printDiff({ out }: Context, diff: string): void {
  // What a program reads goes out as it is: it may be applied.
  if (!out.isTerminal) return out.text(diff);
  for (const line of diff.replace(/\n$/, "").split("\n")) {
    const style = LOOKS.find(([prefix]) => line.startsWith(prefix))?.[1];
    out.line(style === undefined ? printable(line) : out.styled(style, printable(line)));
  }
}

function printStat({ out }: Context, diffs: readonly FileDiffDocument[]): void {
  for (const { path, added, removed } of diffs) out.line(` ${printable(path)} | +${added} -${removed}`);
  const sum = (key: "added" | "removed") => diffs.reduce((total, each) => total + each[key], 0);
  out.line(` ${count(diffs.length, "file")} changed, +${sum("added")} -${sum("removed")}`);
}
