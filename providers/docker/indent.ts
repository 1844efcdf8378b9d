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

/**
 * A short mark of `text` by which two states of one file are told apart: its length and its FNV-1a hash, over UTF-16
 * units. No defence against anybody, only against the host taking one state for another.
 */
export function markOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return `${text.length}-${(hash >>> 0).toString(16)}`;
}
