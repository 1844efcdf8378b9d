/**
 * A page of the manual for `man`: the language of man(7).
 *
 * @module
 */
import { VERSION } from "../control/version.ts";
import type { ManualPage, ManualPart, ManualRow } from "./manual.ts";

/** Where `page` lies in a folder of manuals, such as `man1/omnifs-mount.1`. */
export function roffFile({ name, section }: ManualPage): string {
  return `man${section}/${hyphened(name)}.${section}`;
}

/** The text of `page`. */
export function roffOf(page: ManualPage): string {
  const { name, section, summary, synopsis, parts } = page;
  return [
    `.TH "${escaped(hyphened(name).toUpperCase())}" "${section}" "" "omnifs ${escaped(VERSION)}" "omnifs"`,
    ".SH NAME",
    `${escaped(hyphened(name))} \\- ${escaped(summary)}`,
    ".SH SYNOPSIS",
    `\\fB${escaped(synopsis)}\\fR`,
    ...parts.flatMap(partLines),
    ...seeAlso(page),
    "",
  ].join("\n");
}

function partLines({ title, text, rows }: ManualPart): string[] {
  return [
    `.SH ${escaped(title.toUpperCase())}`,
    ...(text === undefined ? [] : [line(text)]),
    ...rows.flatMap(rowLines),
  ];
}

function rowLines([term, text]: ManualRow): string[] {
  return [".TP", `\\fB${escaped(term)}\\fR`, text === "" ? "\\&" : line(text)];
}

function seeAlso({ name }: ManualPage): string[] {
  const others = [["omnifs", "1"], ["omnifs-config", "5"]].filter(([other]) => other !== hyphened(name));
  return [
    ".SH SEE ALSO",
    others.map(([other, section]) => `\\fB${escaped(String(other))}\\fR(${section})`).join(", "),
  ];
}

function hyphened(name: string): string {
  return name.replaceAll(" ", "-");
}

/** A line of text, which no control character at its beginning makes a request of. */
function line(text: string): string {
  return text.replace(/^(?=[.'])/, "\\&").replace(/^.*$/s, escaped);
}

/** `text` with each character standing for itself: a hyphen that can be pasted, and no escape. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^(?=[.'])/, "\\&").replaceAll(
    '"',
    "\\(dq",
  )
    .replaceAll("`", "\\(ga").replaceAll("^", "\\(ha").replaceAll("~", "\\(ti")
    // deno-lint-ignore no-control-regex -- what is not ASCII is looked for
    .replace(/[^\x00-\x7f]/gu, (character) => `\\[u${codeOf(character)}]`);
}

/** At least four digits, as groff_char(7) has it. */
function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
}
