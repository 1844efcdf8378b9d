/**
 * `omnifs draft discard`
 *
 * @module
 */
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

/** Gives a draft up. */
export const draftDiscard: Command = command<DraftValues>({
  name: "draft discard",
  summary: "Give a draft up, with everything that is staged in it",
  arguments: [NAME_ARGUMENT],
  options: DRAFT_OPTIONS,
  examples: exampleOf("discard my-fix", "nothing was sent, and nothing will be"),
  async run(context, values) {
    const { client } = await openDesk(context, values);
    const target = await targetOf(context.words[0]);
    await client.discardDraft(target, context.signal);
    show(context, {}, () => context.out.line("discarded; nothing was sent"));
  },
});
