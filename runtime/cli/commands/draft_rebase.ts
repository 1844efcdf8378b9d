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
      for (const { path, result, mend } of results) {
        context.out.line(`${TOLD[result]}: ${printable(path)}`);
        if (mend !== undefined) context.out.line(`  where it is not meant any more: ${printable(mend)}`);
      }
      if (results.length === 0) {
        context.out.line("nothing in it is staged on what the upstream holds, so there is nothing to rebase");
      }
    });
  },
});

/** What each result says to people. */
const TOLD: Readonly<Record<RebasedDocument["result"], string>> = {
  "same": "as it was staged on",
  "moved-on": "now staged on the upstream's new text",
  "dropped": "gone already, and out of the draft",
  "written-over": "there by now, and staged as a write over it",
  "taken": "something else is there by now, left as it was",
  "gone": "no longer there under this path, left as it was",
};
