/**
 * `omnifs draft rebase`
 *
 * @module
 */
import type { RebasedDocument } from "../../control/drafts.ts";
import { type Command, command } from "../command.ts";
import {
  DRAFT_OPTIONS,
  type DraftValues,
  exampleOf,
  NAME_ARGUMENT,
  openDesk,
  show,
  targetOf,
} from "../drafts.ts";
import { printable } from "../output.ts";

/** Takes the upstream's new state as the base of a draft. */
export const draftRebase: Command = command<DraftValues>({
  name: "draft rebase",
  summary: "Take the upstream's state of now as what a draft is staged on, and keep what is staged",
  arguments: [NAME_ARGUMENT],
  options: DRAFT_OPTIONS,
  examples: exampleOf("rebase my-fix", "after a conflict: look at the diff again, then apply"),
  async run(context, values) {
    const { client } = await openDesk(context, values);
    const results = await client.rebaseDraft(await targetOf(context.words[0]), context.signal);
    show(context, results, () => {
      for (const { path, result } of results) context.out.line(`${TOLD[result]}: ${printable(path)}`);
      if (results.length === 0) context.out.line("it holds no write, so there is nothing to rebase");
    });
  },
});

/** What each result says to people. */
const TOLD: Readonly<Record<RebasedDocument["result"], string>> = {
  "same": "as it was staged on",
  "moved-on": "now staged on the upstream's new text",
  "gone": "no longer there under this path, left as it was",
};
