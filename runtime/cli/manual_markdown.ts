/**
 * A page of the manual for the repository: Markdown.
 *
 * @module
 */
import type { ManualPage, ManualPart, ManualRow } from "./manual.ts";

/** What the file of `page` is called, such as `cache-drop.md`; that of omnifs as a whole is the folder's own. */
export function markdownFile({ name }: ManualPage): string {
  const own = name.replace(/^omnifs[ -]?/, "").replaceAll(" ", "-");
  return own === "" ? "README.md" : `${own}.md`;
}

/** The text of `page`. */
export function markdownOf(page: ManualPage): string {
  const { name, summary, synopsis } = page;
  return [
    `# ${name}`,
    `${summary}.`,
    `    ${synopsis}`,
    ...page.parts.filter(({ reference }) => !reference || name === "omnifs").map(partText),
    NOTE,
    "",
  ].join("\n\n").trimEnd() + "\n";
}

const NOTE = "<!-- Made from the command itself by `deno task docs`. -->";

/** One part: its title and a table. */
function partText({ title, text, rows }: ManualPart): string {
  const table = title === "Examples"
    ? rows.map(example)
    : ["| | |", "|---|---|", ...rows.map((row) => cells(title, row))];
  return [`## ${title}`, ...(text === undefined ? [] : [text]), table.join("\n")].join("\n\n");
}

function cells(title: string, [term, text]: ManualRow): string {
  return `| ${linked(title, term)} | ${cell(text)} |`;
}

/** A command of the list leads to its page. */
function linked(title: string, term: string): string {
  const code = `\`${term.replaceAll("|", "\\|")}\``;
  return title === "Commands" ? `[${code}](${markdownFile({ ...NOWHERE, name: `omnifs ${term}` })})` : code;
}

const NOWHERE: ManualPage = { name: "", section: 1, summary: "", synopsis: "", parts: [] };

function example([line, text]: ManualRow): string {
  return `    ${line}${text === "" ? "" : `   # ${text}`}`;
}

/** What stands in a table must not end its cell, nor be read as a tag. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll("*", "\\*");
}
