/**
 * `omnifs ls`
 *
 * @module
 */
import type { TreeEntry } from "../../control/protocol.ts";
import { type Command, command, type Context, type ExitCode, flag } from "../command.ts";
import { DAEMON_OPTION, GRANT_OPTIONS } from "../grants.ts";
import { printable } from "../output.ts";
import { Progress } from "../progress.ts";
import { Printer, Tally } from "../several.ts";
import { type OpenTree, openTree, type TreeValues } from "../tree.ts";
import { count, formatTime } from "../units.ts";

interface Values extends TreeValues {
  readonly long: boolean;
  readonly inode: boolean;
}

/** Lists directories of the tree, without the kernel. */
export const ls: Command = command<Values>({
  name: "ls",
  summary: "List a directory of the tree, with or without a mount",
  arguments: [{
    form: "[path...]",
    summary: "in the tree, or below the mount point; / where it is missing",
    values: "tree",
  }],
  options: {
    long: flag("-l, --long", "with kind, size and time of the last change"),
    inode: flag("-i, --inode", "with the inode number"),
    mount: DAEMON_OPTION,
    ...GRANT_OPTIONS,
  },
  configured: true,
  examples: [
    { line: "ls /hello", summary: "what the simplest provider shows" },
    { line: "ls -l /github/denoland/std/_issues/_open", summary: "open issues, with times" },
    {
      line: "ls /github/denoland --allow-net=api.github.com",
      summary: "without a mount, and without a daemon",
    },
  ],
  async run(context, values): Promise<ExitCode> {
    const words = context.words.length > 0 ? context.words : ["/"];
    const open = await openTree(context, values, words);
    try {
      return await listAll(context, values, open, words);
    } finally {
      await open.close();
    }
  },
});

async function listAll(
  context: Context,
  values: Values,
  open: OpenTree,
  words: readonly string[],
): Promise<ExitCode> {
  const tally = new Tally(context);
  const printer = new Printer<TreeEntry>(context, (entry) => lineOf(entry, values, context));
  for (const [index, word] of words.entries()) {
    if (words.length > 1 && context.format === "human") {
      context.out.line(`${index > 0 ? "\n" : ""}${printable(word)}:`);
    }
    await tally.attempt(() => listOne(context, open, word, printer));
  }
  printer.end();
  return tally.code;
}

async function listOne(
  context: Context,
  open: OpenTree,
  word: string,
  printer: Printer<TreeEntry>,
): Promise<void> {
  const { signal, out } = context;
  using progress = new Progress(context, `listing ${word}`);
  const path = open.locate(word);
  const entry = await open.tree.stat(path, signal);
  if (entry.kind === "file") {
    progress.end();
    return await printer.print(entry);
  }
  let entries = 0;
  for await (const child of open.tree.list(path, signal)) {
    progress.tell(count(++entries, "name"));
    await progress.yield(out);
    await printer.print(child);
  }
}

/** Width of a size: up to 999 GiB in bytes. */
const SIZE_WIDTH = 12;

function lineOf(entry: TreeEntry, values: Values, { out }: Context): string {
  const directory = entry.kind === "directory";
  const name = directory ? out.styled("blue", printable(entry.name)) : printable(entry.name);
  const inode = values.inode ? `${String(entry.ino).padStart(16)} ` : "";
  if (!values.long) return `${inode}${name}${directory && out.isTerminal ? "/" : ""}`;
  const size = (entry.size === null ? "-" : String(entry.size)).padStart(SIZE_WIDTH);
  return `${inode}${directory ? "dr-xr-xr-x" : "-r--r--r--"} ${size} ${
    formatTime(entry.modified).padEnd(16)
  } ${name}`;
}
