/**
 * Text on a terminal, cell by cell: how wide it is, and what of it has room.
 *
 * @module
 */
import { printable, type Style } from "../output.ts";

/** Text in one look. */
export type Piece = readonly [text: string, style?: Style];

/** A line before it is cut to the width of the terminal. */
export type Line = readonly Piece[];

/** Puts `text` in a look, or leaves it as it is. */
export type Styler = (style: Style, text: string) => string;

/** Takes two cells: East Asian Wide and Fullwidth of UAX 11, and what is shown as an emoji. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}|^[\u{20000}-\u{3fffd}]/u;

/** Takes none: marks that are written over the character before. */
const NONE = /^\p{M}/u;

/** Changes how what follows is shown, and is not seen itself, such as the order of writing. */
const UNSEEN = /\p{Cf}|[\u2028\u2029]/gu;

/** `text` as it may be shown: it came from upstream. */
function shown(text: string): string {
  return printable(text).replace(UNSEEN, "");
}

/** How many cells `text` takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += cellsOf(character);
  return width;
}

function cellsOf(character: string): number {
  if (character < "\u0300") return 1;
  return NONE.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
}

/** As much of `text` as has room in `width` cells; `…` stands for the rest. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = "";
  let room = width - 1;
  for (const character of text) {
    room -= cellsOf(character);
    if (room < 0) break;
    kept += character;
  }
  return width > 0 ? `${kept}…` : "";
}

/** `text` in exactly `width` cells, at their left. */
export function left(text: string, width: number): string {
  const kept = cut(shown(text), width);
  return kept + " ".repeat(Math.max(0, width - widthOf(kept)));
}

/** `text` in `width` cells, at their right. */
export function right(text: string, width: number): string {
  const kept = cut(shown(text), width);
  return " ".repeat(Math.max(0, width - widthOf(kept))) + kept;
}

/** `line` in at most `width` cells. */
export function paint(line: Line, width: number, styled: Styler): string {
  let text = "";
  let room = width;
  for (const [piece, style] of line) {
    if (room <= 0) break;
    const kept = cut(shown(piece), room);
    room -= widthOf(kept);
    text += style === undefined ? kept : styled(style, kept);
  }
  return text;
}

const BARS = "▁▂▃▄▅▆▇█";

/** The last `width` of `values` as bars between nothing and the highest of them. */
export function bars(values: readonly number[], width: number): string {
  const latest = values.slice(-width);
  const top = Math.max(...latest, 0);
  return latest.map((value) => BARS[top === 0 ? 0 : Math.round(value / top * (BARS.length - 1))] ?? " ")
    .join("");
}
