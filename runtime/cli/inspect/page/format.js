/**
 * Figures as people read them, and text from upstream as it is.
 *
 * @module
 */

/** A rate with as many digits as matter. */
export function rate(value) {
  return value === 0 || value >= 10 ? String(Math.round(value)) : value.toFixed(1);
}

/** A short time; `-` for none. */
export function milliseconds(value) {
  if (value === null) return "-";
  if (value >= 1_000) return `${(value / 1_000).toFixed(1)} s`;
  return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} ms`;
}

/** Bytes with a binary unit. */
export function size(bytes) {
  for (const [unit, factor] of [["GiB", 1024 ** 3], ["MiB", 1024 ** 2], ["KiB", 1024]]) {
    if (bytes >= factor) return `${(bytes / factor).toFixed(bytes < 10 * factor ? 1 : 0)} ${unit}`;
  }
  return `${Math.round(bytes)} B`;
}

/** A duration in its two largest units. */
export function duration(value) {
  const seconds = Math.max(0, Math.floor(value / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${Math.floor(seconds % 3_600 / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor(seconds % 86_400 / 3_600)} h`;
}

/** A time of day, to the second. */
export function clock(time) {
  return new Date(time).toTimeString().slice(0, 8);
}

/** `1 step`, `2 steps`. */
export function count(number, thing) {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}

// Control characters but for tab and line feed, and those that change how others are shown, such as the order of writing;
// the joiner of emoji is none of them.
// deno-lint-ignore no-control-regex -- they are what is looked for
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]|(?!\u200d)\p{Cf}/gu;

/** `text` with what would not be seen, or would change how the rest looks, as its number. */
export function visible(text) {
  return text.replace(UNSEEN, (character) => {
    const code = character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
    return `⟨U+${code}⟩`;
  });
}
