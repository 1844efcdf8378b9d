/**
 * `omnifs find`
 *
 * @module
 */
import type { TreeEntry } from "../../control/protocol.ts";
import { type Command, command, type Context, type ExitCode, quote, text, UsageError } from "../command.ts";
import { globPattern } from "../glob.ts";
import { DAEMON_OPTION, GRANT_OPTIONS } from "../grants.ts";
import { type Output, printable } from "../output.ts";
import { Progress } from "../progress.ts";
import { Printer, Tally } from "../several.ts";
import { type OpenTree, openTree, type TreeValues } from "../tree.ts";
import { count } from "../units.ts";

interface Values extends TreeValues {
  readonly name: RegExp | undefined;
  readonly type: TreeEntry["kind"] | undefined;
  readonly maxdepth: number;
}

/** An entry and what it is called from where the search began. */
interface Found extends TreeEntry {
  readonly shown: string;
}

/** Walks the tree, without the kernel. */
export const find: Command = command<Values>({
  name: "find",
  summary: "Walk the tree, with or without a mount",
  arguments: [{ form: "[path...]", summary: "where to begin; / where it is missing", values: "tree" }],
  options: {
    name: {
      ...text("--name <glob>", "only names like this: * ? [a-z]"),
      initial: undefined,
      read: globPattern,
    },
    type: {
      flags: "--type <letter>",
      summary: "f for files, d for directories",
      initial: undefined,
      values: ["f", "d"],
      read: kindOf,
    },
    maxdepth: {
      flags: "--maxdepth <levels>",
      summary: "how far to go down; 0 for the start alone",
      initial: Infinity,
      read: depthOf,
    },
    mount: DAEMON_OPTION,
    ...GRANT_OPTIONS,
  },
  spellings: { "-name": "--name", "-type": "--type", "-maxdepth": "--maxdepth", "--max-depth": "--maxdepth" },
  configured: true,
  examples: [
    { line: "find /hello -type f", summary: "every file below /hello" },
    {
      line: "find /github/denoland/std/_issues/_open -maxdepth 2 -name title",
      summary: "as find(1) writes it",
    },
  ],
  async run(context, values): Promise<ExitCode> {
    const words = context.words.length > 0 ? context.words : ["/"];
    const open = await openTree(context, values, words);
    const tally = new Tally(context);
    const printer = new Printer<Found>(context, ({ shown }) => printable(shown));
    try {
      for (const word of words) {
        using progress = new Progress(context, `walking ${word}`);
        const search = new Search(context, values, open, printer, tally, progress);
        await tally.attempt(() => search.begin(word));
      }
    } finally {
      await open.close();
    }
    printer.end();
    return tally.code;
  },
});

class Search {
  readonly #signal: AbortSignal;
  readonly #values: Values;
  readonly #open: OpenTree;
  readonly #printer: Printer<Found>;
  readonly #tally: Tally;
  readonly #progress: Progress;
  readonly #out: Output;
  #seen = 0;

  constructor(
    context: Context,
    values: Values,
    open: OpenTree,
    printer: Printer<Found>,
    tally: Tally,
    progress: Progress,
  ) {
    this.#signal = context.signal;
    this.#out = context.out;
    this.#progress = progress;
    this.#values = values;
    this.#open = open;
    this.#printer = printer;
    this.#tally = tally;
  }

  async begin(word: string): Promise<void> {
    const entry = await this.#open.tree.stat(this.#open.locate(word), this.#signal);
    await this.#visit({ ...entry, shown: word }, 0);
  }

  async #visit(found: Found, depth: number): Promise<void> {
    this.#progress.tell(`${count(++this.#seen, "name")} seen`);
    if (this.#wanted(found)) {
      await this.#progress.yield(this.#out);
      await this.#printer.print(found);
    }
    if (found.kind === "file" || depth >= this.#values.maxdepth) return;
    const under = found.shown.endsWith("/") ? found.shown : `${found.shown}/`;
    try {
      for await (const child of this.#open.tree.list(found.path, this.#signal)) {
        await this.#visit({ ...child, shown: under + child.name }, depth + 1);
      }
    } catch (error) {
      this.#tally.failed(error);
    }
  }

  #wanted({ name, kind }: Found): boolean {
    if (this.#values.type !== undefined && this.#values.type !== kind) return false;
    return this.#values.name?.test(name) ?? true;
  }
}

function kindOf(letter: string): TreeEntry["kind"] {
  if (letter === "f") return "file";
  if (letter === "d") return "directory";
  throw new UsageError(`--type is f or d, not ${quote(letter)}`, "");
}

function depthOf(word: string): number {
  if (/^\d+$/.test(word)) return Number(word);
  throw new UsageError(`--maxdepth is a number, not ${quote(word)}`, "");
}
