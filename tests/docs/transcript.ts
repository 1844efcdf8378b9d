/**
 * Transcripts in the pages: what a person types behind `$`, and what they see.
 *
 * @module
 */

/** One command and what it printed. */
export interface Step {
  /** What was typed. */
  readonly command: string;
  /** Both outputs, without the newline at the end; `…` stands for whatever differs from run to run. */
  readonly output: string;
}

/** An indented block of a page that begins with `$`. */
export interface Transcript {
  /** The scene that was named last before it, `<!-- scene: NAME -->`; undefined where none was. */
  readonly scene: string | undefined;
  /** Its commands, in order. */
  readonly steps: readonly Step[];
}

/** The transcripts of a page, in order. */
export function transcriptsOf(page: string): Transcript[] {
  const found: Transcript[] = [];
  let scene: string | undefined;
  for (const [whole, name] of page.matchAll(/^<!-- scene: (\w+) -->$|(?:^ {4}.*\n|^\n(?= {4}))+/gm)) {
    if (name !== undefined) scene = name;
    const text = whole.replaceAll(/^ {4}/gm, "").trim();
    if (text.startsWith("$ ")) found.push({ scene, steps: stepsOf(text) });
  }
  return found;
}

function stepsOf(text: string): Step[] {
  return text.split(/^\$ /m).slice(1).map((step) => {
    const [command = "", ...lines] = step.trimEnd().split("\n");
    return { command: command.replace(/ {2,}# .*$/, ""), output: lines.join("\n") };
  });
}

/**
 * True where `seen` is what `shown` says: `…` in a line stands for any text, a line of `…` alone for any lines. What a
 * page leaves out altogether (no output shown) may be anything.
 */
export function agrees(shown: string, seen: string): boolean {
  if (shown === "") return true;
  const pattern = shown.split("\n").map((line) =>
    line.trim() === "…" ? "(?:.*\\n)*?.*" : line.split("…").map(escaped).join(".*?")
  ).join("\n");
  return new RegExp(`^${pattern}$`).test(seen);
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
