/**
 * `omnifs draft ls`
 *
 * @module
 */
import { type Command, command } from "../command.ts";
import { DRAFT_OPTIONS, type DraftValues, exampleOf, lineOf, openDesk, show } from "../drafts.ts";

/** Lists the drafts. */
export const draftLs: Command = command<DraftValues>({
  name: "draft ls",
  summary: "Which drafts there are, and where each stands",
  arguments: [],
  options: DRAFT_OPTIONS,
  examples: exampleOf("ls", "one line each"),
  async run(context, values) {
    const { client } = await openDesk(context, values);
    const drafts = await client.drafts(context.signal);
    show(context, drafts, () => {
      for (const draft of drafts) context.out.line(lineOf(draft));
      if (drafts.length === 0) context.out.line("there is no draft: omnifs draft new NAME");
    });
  },
});
