/**
 * `omnifs draft show`
 *
 * @module
 */
import { type Command, command } from "../command.ts";
import type { AttemptDocument, ChangeDocument } from "../../control/drafts.ts";
import {
  DRAFT_OPTIONS,
  type DraftValues,
  exampleOf,
  lineOf,
  NAME_ARGUMENT,
  openDesk,
  show,
  targetOf,
} from "../drafts.ts";
import { printable } from "../output.ts";
import { count } from "../units.ts";

/** How each kind of change is marked, as in `git status --short`. */
const MARKS: Readonly<Record<ChangeDocument["change"], string>> = { write: "M", create: "A", remove: "D" };

/** Shows one draft. */
export const draftShow: Command = command<DraftValues>({
  name: "draft show",
  summary: "What a draft holds, and how far its apply has come",
  arguments: [NAME_ARGUMENT],
  options: DRAFT_OPTIONS,
  examples: exampleOf("show my-fix", "its changes, one a line"),
  async run(context, values) {
    const { client } = await openDesk(context, values);
    const draft = await client.draft(await targetOf(context.words[0]), context.signal);
    show(context, draft, () => {
      const { out } = context;
      out.line(lineOf(draft));
      for (const { path, change, bytes } of draft.changes) {
        out.line(
          `  ${MARKS[change]} ${printable(path)}${change === "remove" ? "" : `  ${count(bytes, "byte")}`}`,
        );
      }
      for (const path of draft.scratch) out.line(`  ? ${printable(path)}  left by an editor, no part of it`);
      if (draft.attempt !== null) { for (const line of attemptLines(draft.attempt)) out.line(line); }
    });
  },
});

/** What each state of a step says to people. */
const STANDINGS: Readonly<Record<string, string>> = {
  waiting: "not sent",
  began: "sent, and no answer is known",
  stands: "stands upstream",
  undoing: "being taken back",
  absent: "does not stand",
  uncertain: "nobody knows whether it stands",
};

function attemptLines({ by, reason, steps }: AttemptDocument): string[] {
  const why = reason === null ? "is under way" : `stopped: ${printable(reason)}`;
  return [
    `the apply by ${printable(by)} ${why}`,
    ...steps.map(({ summary, standing }) => `  ${printable(summary)}: ${STANDINGS[standing] ?? standing}`),
  ];
}
