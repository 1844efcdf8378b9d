/**
 * The shape of text: what `cat`, `wc -l`, `diff` and `jq` expect of a file.
 *
 * @module
 */
import type { Report } from "./report.ts";

/** Advice on a file of text; bytes that are no text are left alone. */
export function checkText(report: Report, path: string, bytes: Uint8Array): void {
  const text = decoded(bytes);
  if (text === undefined || text === "") return;
  const end = () => `an end in ${JSON.stringify(text.slice(-20))}`;
  report.check("text", path, /(?:^|[^\n])\n$/.test(text), "one newline at the end", end);
  if (path.endsWith(".json")) {
    report.check("text", path, isIndented(text), "JSON that is indented by two", () => "something else");
  }
}

/** The text of `bytes`; undefined where they are no text. */
function decoded(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** A string or a number of JSON, where a token may begin. */
const SCALAR = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** True for JSON with the white space of `JSON.stringify(value, null, 2)`; strings and numbers may be spelt in any way. */
function isIndented(text: string): boolean {
  let strings = 0;
  // Each string becomes another one, so that keys stay apart and in order; what it says is no concern here.
  const shape = text.trimEnd().replace(SCALAR, (token) => token.startsWith('"') ? `"s${strings++}"` : "0");
  try {
    JSON.parse(text);
    return JSON.stringify(JSON.parse(shape), null, 2) === shape;
  } catch {
    return false;
  }
}
