/**
 * `omnifs draft write`
 *
 * @module
 */
import { type Command, command, type Context, flag } from "../command.ts";
import {
  DRAFT_OPTIONS,
  type DraftValues,
  lineOf,
  NAME_ARGUMENT,
  openDesk,
  show,
  targetOf,
} from "../drafts.ts";

/** Stages one file. */
export const draftWrite: Command = command<DraftValues & { remove: boolean }>({
  name: "draft write",
  summary: "Stage what standard input holds, in place of a file or as a new one",
  arguments: [
    { form: "<path>", summary: "the file, in the tree or in the mount point", values: "tree" },
    NAME_ARGUMENT,
  ],
  options: { ...DRAFT_OPTIONS, remove: flag("--remove", "stage that it goes, instead") },
  examples: [
    {
      line: "draft write /github/my-org/my-repo/_issues/_open/42/state my-fix <<< closed",
      summary: "close an issue, once the draft is applied",
    },
    {
      line: "draft write --remove /github/o/r/_issues/_all/42/comments/7 my-fix",
      summary: "delete a comment",
    },
  ],
  async run(context, { remove, ...values }) {
    const { client, locate } = await openDesk(context, values);
    const [path = "", name] = context.words;
    const target = await targetOf(name);
    const content = remove ? undefined : await standardInput(context);
    const draft = await client.stage(target, locate(path), content, context.signal);
    show(context, draft, () => context.out.line(lineOf(draft)));
  },
});

/** Everything on standard input. */
async function standardInput({ err }: Context): Promise<Uint8Array> {
  if (Deno.stdin.isTerminal()) err.line("type the new content; Ctrl-D ends it");
  return new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer());
}
