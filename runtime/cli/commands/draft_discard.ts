/**
 * `omnifs draft discard`
 *
 * @module
 */
import { type Command, command, flag } from "../command.ts";
import {
  DRAFT_OPTIONS,
  type DraftValues,
  exampleOf,
  leftLines,
  NAME_ARGUMENT,
  openDesk,
  show,
  targetOf,
} from "../drafts.ts";

interface DiscardValues extends DraftValues {
  readonly force: boolean;
}

/** Gives a draft up. */
export const draftDiscard: Command = command<DiscardValues>({
  name: "draft discard",
  summary: "Give a draft up, with everything that is staged in it",
  arguments: [NAME_ARGUMENT],
  options: {
    ...DRAFT_OPTIONS,
    force: flag("-f, --force", "also one that stopped halfway: what stands of it upstream stays as it is"),
  },
  examples: exampleOf("discard my-fix", "nothing was sent, and nothing will be"),
  async run(context, { force, ...values }) {
    const { client } = await openDesk(context, values);
    const target = await targetOf(context.words[0]);
    const left = await client.discardDraft(target, force, context.signal);
    show(context, left, () => {
      const lines = leftLines(left);
      context.out.line(lines.length === 0 ? "discarded; nothing was sent" : "discarded as it was");
      lines.forEach((line) => context.out.line(line));
    });
  },
});
