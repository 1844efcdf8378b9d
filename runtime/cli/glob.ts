/**
 * Patterns of names, as `find -name` takes them.
 *
 * @module
 */

/** A regular expression for the whole of a name: `*`, `?`, `[a-z]`, `[!a-z]`, and `\` before a plain character. */
export function globPattern(glob: string): RegExp {
  let source = "";
  for (let at = 0; at < glob.length; at++) {
    const letter = glob.charAt(at);
    const close = letter === "[" ? glob.indexOf("]", at + 2) : -1;
    if (close !== -1) {
      source += classOf(glob.slice(at + 1, close));
      at = close;
    } else if (letter === "\\" && at + 1 < glob.length) {
      source += RegExp.escape(glob.charAt(++at));
    } else {
      source += letter === "*" ? ".*" : letter === "?" ? "." : RegExp.escape(letter);
    }
  }
  return new RegExp(`^${source}$`, "s");
}

function classOf(inside: string): string {
  const negated = inside.startsWith("!") || inside.startsWith("^");
  const letters = (negated ? inside.slice(1) : inside).replace(/[\\\]\[^]/g, "\\$&");
  return `[${negated ? "^" : ""}${letters}]`;
}
