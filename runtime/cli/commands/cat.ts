/**
 * `omnifs cat`
 *
 * @module
 */
import { type Command, command, type Context, type ExitCode } from "../command.ts";
import { DAEMON_OPTION, GRANT_OPTIONS } from "../grants.ts";
import { Tally } from "../several.ts";
import { type OpenTree, openTree, type TreeValues } from "../tree.ts";

/** Prints files of the tree, without the kernel. */
export const cat: Command = command<TreeValues>({
  name: "cat",
  summary: "Print files of the tree, with or without a mount",
  arguments: [{ form: "<path...>", summary: "in the tree, or below the mount point", values: "tree" }],
  options: { mount: DAEMON_OPTION, ...GRANT_OPTIONS },
  formats: ["human"],
  configured: true,
  examples: [
    { line: "cat /hello/greeting", summary: "one file" },
    {
      line: "cat /github/denoland/std/_issues/_open/1/title --allow-net=api.github.com",
      summary: "without a mount",
    },
  ],
  async run(context, values): Promise<ExitCode> {
    const open = await openTree(context, values, context.words);
    const tally = new Tally(context);
    try {
      for (const word of context.words) await tally.attempt(() => print(context, open, word));
    } finally {
      await open.close();
    }
    return tally.code;
  },
});

async function print({ out, signal }: Context, open: OpenTree, word: string): Promise<void> {
  for await (const chunk of open.tree.read(open.locate(word), signal)) {
    out.bytes(chunk);
    await out.ready();
  }
}
