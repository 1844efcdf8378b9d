/**
 * `omnifs draft unstage`
 *
 * @module
 */
import { type Command, command } from "../command.ts";
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

/** Takes a change out of a draft. */
export const draftUnstage: Command = command<DraftValues>({
  name: "draft unstage",
  summary: "Take what is staged at a path, or below it, out of a draft",
  arguments: [{ form: "<path>", summary: "the file or directory", values: "tree" }, NAME_ARGUMENT],
  options: DRAFT_OPTIONS,
  examples: exampleOf("unstage /github/o/r/_issues/_open/42/state my-fix", "leave that one as it is"),
  async run(context, values) {
    const { client, locate } = await openDesk(context, values);
    const [path = "", name] = context.words;
    const draft = await client.unstage(await targetOf(name), locate(path), context.signal);
    show(context, draft, () => context.out.line(lineOf(draft)));
  },
});
