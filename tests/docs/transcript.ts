/**
 * Transcripts in the pages: what a person types behind `$`, and what they see.
 *
 * @module
 */
import { type Step, stepsIn } from "../support/transcript.ts";

/** An indented block of a page that begins with `$`. */
export interface Transcript {
  /** The scene that was named last before it, `<!-- scene: NAME -->`; undefined where none was. */
  readonly scene: string | undefined;
  /** Its commands, in order; `…` in an output stands for whatever differs from run to run. */
  readonly steps: readonly Step[];
}

/** The transcripts of a page, in order. */
export function transcriptsOf(page: string): Transcript[] {
  const found: Transcript[] = [];
  let scene: string | undefined;
  for (const [whole, name] of page.matchAll(/^<!-- scene: (\w+) -->$|(?:^ {4}.*\n|^\n(?= {4}))+/gm)) {
    if (name !== undefined) scene = name;
    const text = whole.replaceAll(/^ {4}/gm, "").trim();
    if (text.startsWith("$ ")) found.push({ scene, steps: stepsIn(text).map(typed) });
  }
  return found;
}

/** What stands behind two blanks and `#` is for readers, and not typed. */
function typed({ command, output }: Step): Step {
  return { command: command.replace(/ {2,}# .*$/, ""), output };
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
