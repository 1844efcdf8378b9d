/**
 * `omnifs cat`
 *
 * @module
 */
import { type Command, command, type Context, type ExitCode } from "../command.ts";
import { DAEMON_OPTION, GRANT_OPTIONS } from "../grants.ts";
import { Progress } from "../progress.ts";
import { Tally } from "../several.ts";
import { type OpenTree, openTree, type TreeValues } from "../tree.ts";
import { formatSize } from "../units.ts";

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

async function print(context: Context, open: OpenTree, word: string): Promise<void> {
  const { out, signal } = context;
  using progress = new Progress(context, `reading ${word}`);
  let bytes = 0;
  for await (const chunk of open.tree.read(open.locate(word), signal)) {
    progress.tell(formatSize(bytes += chunk.length));
    await progress.yield(out);
    out.bytes(chunk);
    await out.ready();
  }
}
