/**
 * JSON indented by two without being read: the order of keys, the digits of numbers, escapes and repeated keys stay
 * as the Engine wrote them, where parsing and writing anew would change all four.
 *
 * @module
 */

/** A string, a bracket or separator, or a number or word. White space between them is what is left out. */
const TOKEN = /"(?:[^"\\]+|\\[^])*"|[{}[\],:]|[^\s"{}[\],:]+/g;

/** `json`, which has to be well-formed, indented as `JSON.stringify(…, null, 2)` does it, ending in one newline. */
export function indented(json: string): string {
  let out = "";
  let line = "\n";
  let opened = false;
  for (const [token] of json.matchAll(TOKEN)) {
    if (token === "}" || token === "]") {
      line = line.slice(0, -2);
      // An empty object or list stays on its line.
      out += opened ? token : line + token;
      opened = false;
      continue;
    }
    if (opened) out += line;
    opened = token === "{" || token === "[";
    if (opened) line += "  ";
    out += token === "," ? token + line : token === ":" ? ": " : token;
  }
  return `${out}\n`;
}
