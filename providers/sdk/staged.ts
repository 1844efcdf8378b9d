/**
 * What is staged, as most APIs take it: one line, a text, a list; and how it compares with what the upstream holds.
 *
 * @module
 */
import type { Change, Payload } from "./contract.ts";
import { invalid } from "./errors.ts";
import { decode } from "./utf8.ts";

/** The text of a payload. @throws ProviderError `invalid` where it is no UTF-8 */
export function stagedText(payload: Payload): string {
  if (payload.tag === "text") return payload.val;
  const text = decode(payload.val);
  if (text.includes("\ufffd")) throw invalid("it is no text in UTF-8");
  return text;
}

/** A file's text without the newline that ends it. */
export function unended(content: string): string {
  return content.endsWith("\n") ? content.slice(0, -1) : content;
}

/** A text of one line that says something; `what` is how it is called. @throws ProviderError `invalid` */
export function oneLine(content: string, what: string): string {
  const value = unended(content);
  if (value.trim() === "") throw invalid(`a ${what} cannot be empty`);
  if (value.includes("\n")) throw invalid(`a ${what} is one line`);
  return value;
}

/** The lines that say something, each once and without the blanks around it. */
export function lines(content: string): string[] {
  return [...new Set(content.split("\n").map((line) => line.trim()).filter((line) => line !== ""))];
}

/** The beginning of `text`, in quotation marks. */
export function quoted(text: string): string {
  const line = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return JSON.stringify(line.replace(/\n$/, ""));
}

/** What is wrong with writing over `now`: nothing, where that is what was staged on. Both texts are named. */
export function clashOf(what: string, now: string, base: string): string | undefined {
  return now === base
    ? undefined
    : `${what} is now ${quoted(now)}, and was ${quoted(base)} when it was staged`;
}

/** Values of an API, by field. */
export type Fields = Readonly<Record<string, unknown>>;

/** True where each of `wanted` stands in `now`; a list is one whatever its order. */
export function holdsFields(now: Fields, wanted: Fields): boolean {
  return Object.entries(wanted).every(([name, value]) => sameValue(now[name], value));
}

function sameValue(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((one) => b.includes(one));
}

/**
 * What tells the object of a change from others, so that its changes become one request: the identity above the file
 * that is written, or the new directory that a file is made in; undefined for what is a request of its own.
 */
export function objectOf(change: Change): string | undefined {
  if (change.tag === "write") return change.val.file.replace(/\/[^/]*$/, "");
  if (change.tag !== "create" || !change.val.name.includes("/")) return undefined;
  return `${change.val.parent} ${change.val.name.split("/")[0]}`;
}

/**
 * The field that `name`, the path of a new file below a directory of objects, stands for: an object is a directory with
 * its fields in it. @throws ProviderError `invalid`
 */
export function newField(name: string, what: string): string {
  const [directory, field, ...deeper] = name.split("/");
  if (field !== undefined && deeper.length === 0) return field;
  throw invalid(`a new ${what} is a directory with a title in it: ${directory}/title`);
}
