/**
 * `omnifs man`
 *
 * @module
 */
import { type Command, command, flag, text, UsageError } from "../command.ts";
import { absolute } from "../daemons.ts";
import { allPages, pageOf } from "../manual.ts";
import { markdownFile, markdownOf } from "../manual_markdown.ts";
import { roffFile, roffOf } from "../manual_roff.ts";
import { printable } from "../output.ts";
import { count } from "../units.ts";

interface Values {
  readonly to: string | undefined;
  readonly markdown: boolean;
}

/** Prints a page of the manual, or writes all of them. */
export const man: Command = command<Values>({
  name: "man",
  summary: "A page of the manual, as man(1) reads it",
  arguments: [{
    form: "[command...]",
    summary: "the command, or config; omnifs itself where it is missing",
    values: "command",
  }],
  options: {
    to: text("--to <dir>", "write every page there, to be installed; made where it is missing", "dir"),
    markdown: flag("--markdown", "as Markdown"),
  },
  formats: ["human"],
  examples: [
    { line: "man mount | man -l -", summary: "read one" },
    { line: "man --to ~/.local/share/man", summary: "so that man omnifs-mount finds them" },
  ],
  async run({ out, words }, { to, markdown }) {
    const [fileOf, textOf] = markdown ? [markdownFile, markdownOf] : [roffFile, roffOf];
    if (to === undefined) return out.text(textOf(await pageOf(words)));
    if (words.length > 0) throw new UsageError("--to writes every page", "omnifs man --to DIR");
    const dir = absolute(to);
    const pages = await allPages();
    for (const page of pages) await write(`${dir}/${fileOf(page)}`, textOf(page));
    out.line(`wrote ${count(pages.length, "page")} to ${printable(dir)}`);
  },
});

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, text);
}
