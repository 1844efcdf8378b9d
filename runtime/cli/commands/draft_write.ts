/**
 * `omnifs draft write`
 *
 * @module
 */
import { messageOf, OmnifsError } from "../../base/errors.ts";
import { type Command, command, type Context, flag, text, UsageError } from "../command.ts";
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
export const draftWrite: Command = command<DraftValues & { remove: boolean; from: string | undefined }>({
  name: "draft write",
  summary: "Stage what standard input holds, in place of a file or as a new one",
  arguments: [
    { form: "<path>", summary: "the file, in the tree or in the mount point", values: "tree" },
    NAME_ARGUMENT,
  ],
  options: {
    ...DRAFT_OPTIONS,
    from: text("--from <file>", "the file that holds the content, in place of standard input", "file"),
    remove: flag("--remove", "stage that it goes, instead"),
  },
  prompts: [{ asks: "the new content, which Ctrl-D ends", without: "--from" }],
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
  async run(context, { remove, from, ...values }) {
    if (remove && from !== undefined) {
      throw new UsageError("--remove takes no content", "--from, or --remove");
    }
    const { client, locate } = await openDesk(context, values);
    const [path = "", name] = context.words;
    const target = await targetOf(name);
    const content = remove
      ? undefined
      : from === undefined
      ? await standardInput(context)
      : await contentOf(from);
    const draft = await client.stage(target, locate(path), content, context.signal);
    show(context, draft, () => context.out.line(lineOf(draft)));
  },
});

async function contentOf(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw new OmnifsError("invalid", `cannot read ${path}: ${messageOf(error)}`, {
      path,
      cause: error,
      mend: "--from FILE, or < FILE",
    });
  }
}

/** Everything on standard input. */
async function standardInput({ err }: Context): Promise<Uint8Array> {
  if (Deno.stdin.isTerminal()) err.line("type the new content; Ctrl-D ends it");
  return new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer());
}
