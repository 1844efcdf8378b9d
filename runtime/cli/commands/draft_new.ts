/**
 * `omnifs draft new`
 *
 * @module
 */
import { type Command, command } from "../command.ts";
import { DRAFT_OPTIONS, type DraftValues, exampleOf, openDesk, show } from "../drafts.ts";

/** Makes a draft. */
export const draftNew: Command = command<DraftValues>({
  name: "draft new",
  summary: "Make a draft: changes that are staged, reviewed and applied together",
  arguments: [{ form: "<name>", summary: "how to call it" }],
  options: DRAFT_OPTIONS,
  examples: exampleOf("new my-fix", "an empty draft; it belongs to whatever it changes first"),
  async run(context, values) {
    const { client } = await openDesk(context, values);
    const draft = await client.newDraft(context.words[0] ?? "", context.signal);
    show(
      context,
      draft,
      () => context.out.line(`${draft.name} is there: omnifs draft write PATH ${draft.name} < FILE`),
    );
  },
});
