/**
 * What lies at the top of the repository, and how long a file may be.
 *
 * @module
 */
import { LONGEST_FILE, TOP_LEVEL } from "./rules.ts";
import type { Source } from "./sources.ts";

/** The names at the top that are neither in the table nor ignored by git; `ignored` are lines of `.gitignore`. */
export function unexpectedAtTop(names: readonly string[], ignored: readonly string[]): string[] {
  const silent = new Set([".git", ...ignored.map((line) => line.replace(/\/$/, ""))]);
  const suffixes = ignored.filter((line) => line.startsWith("*")).map((line) => line.slice(1));
  return names.filter((name) =>
    !TOP_LEVEL.includes(name) && !silent.has(name) && !suffixes.some((suffix) => name.endsWith(suffix))
  );
}

/** One line for each file that is longer than {@linkcode LONGEST_FILE}. */
export function tooLong(sources: readonly Source[]): string[] {
  return sources.map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))
    .filter(({ lines }) => lines > LONGEST_FILE)
    .map(({ path, lines }) => `${path}: ${lines} lines`);
}
