/**
 * Reads a source map (ECMA-426): from a place in a script to the author's own file and line.
 *
 * @module
 */

/** What is needed of a source map. */
export interface MapFields {
  /** Lines are parted by `;`, segments by `,`; each field is a VLQ in base 64, relative to the one before it. */
  readonly mappings: string;
  /** The files, by the numbers that segments name them with. */
  readonly sources: readonly (string | null)[];
}

/** A place in a source file; line and column count from 1. */
export interface Origin {
  /** As the map names it. */
  readonly source: string;
  /** The line. */
  readonly line: number;
  /** The column. */
  readonly column: number;
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Where `line` and `column` of the script, both from 1, come from; undefined where the map does not say. */
export function originOf({ mappings, sources }: MapFields, line: number, column: number): Origin | undefined {
  // Source, line and column go on from line to line; the column in the script begins anew in each.
  const at = { source: 0, line: 0, column: 0 };
  let found: Origin | undefined;
  for (const [index, segments] of mappings.split(";").slice(0, line).entries()) {
    let generated = 0;
    for (const segment of segments === "" ? [] : segments.split(",")) {
      const [step = 0, source, down, across] = decoded(segment);
      generated += step;
      if (source === undefined || down === undefined || across === undefined) continue;
      at.source += source;
      at.line += down;
      at.column += across;
      if (index !== line - 1 || generated > column - 1) continue;
      const name = sources[at.source];
      if (typeof name === "string") found = { source: name, line: at.line + 1, column: at.column + 1 };
    }
  }
  return found;
}

/** The numbers of a segment: five bits a digit, the sixth says that there is more, the lowest bit is the sign. */
function decoded(segment: string): number[] {
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) * 2 ** shift;
    shift += 5;
    if ((bits & 32) !== 0) continue;
    numbers.push(value % 2 === 1 ? -(value - 1) / 2 : value / 2);
    [value, shift] = [0, 0];
  }
  return numbers;
}
