/**
 * From figures to verdicts, and to a table for people.
 *
 * @module
 */
import { type Contestant, CONTESTANTS, type Goal, type Row } from "./rows.ts";

/** The figures of one contestant in one row, in the order in which they were taken. */
export type Figures = ReadonlyMap<Contestant, readonly number[]>;

/** What became of one goal. */
export interface Verdict {
  /** As `≥ 0.8 × tmpfs`. */
  readonly goal: string;
  /** Ours divided by theirs; null where the peer was not measured. */
  readonly ratio: number | null;
  /** Whether it was reached; null where the peer was not measured. */
  readonly met: boolean | null;
  /** As `met (0.93)`. */
  readonly text: string;
}

/** One row with its medians and verdicts: a line of the JSON document. */
export interface Result {
  /** Of {@linkcode Row}. */
  readonly title: string;
  /** Of {@linkcode Row}. */
  readonly unit: string;
  /** Medians; null for who was not measured. */
  readonly medians: Readonly<Record<Contestant, number | null>>;
  /** Every figure that was taken. */
  readonly figures: Readonly<Record<string, readonly number[]>>;
  /** One for each goal. */
  readonly verdicts: readonly Verdict[];
}

/** The middle of `figures`; NaN where there are none. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = NaN, high = NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}

/** What `figures` say about `row`. */
export function resultOf(row: Row, figures: Figures): Result {
  const medianOf = (who: Contestant) => {
    const taken = figures.get(who) ?? [];
    return taken.length === 0 ? null : median(taken);
  };
  const [omnifs, tmpfs, passthrough_ll, bindfs] = CONTESTANTS.map(medianOf);
  const medians = {
    omnifs: omnifs ?? null,
    tmpfs: tmpfs ?? null,
    passthrough_ll: passthrough_ll ?? null,
    bindfs: bindfs ?? null,
  };
  return {
    title: row.title,
    unit: row.unit,
    medians,
    figures: Object.fromEntries(figures),
    verdicts: row.goals.map((goal) => verdictOf(row, goal, medians)),
  };
}

function verdictOf(row: Row, { peer, ratio: wanted }: Goal, medians: Result["medians"]): Verdict {
  const more = row.better === "more";
  const goal = `${more ? "≥" : "≤"} ${wanted} × ${peer}`;
  const [ours, theirs] = [medians.omnifs, medians[peer]];
  if (ours === null || theirs === null) return { goal, ratio: null, met: null, text: "not measured" };
  const ratio = ours / theirs;
  const met = more ? ratio >= wanted : ratio <= wanted;
  return { goal, ratio, met, text: verdictText(ratio, wanted, met) };
}

/** As `met (0.93)`, or by how much `ratio` misses what was wanted. */
export function verdictText(ratio: number, wanted: number, met: boolean): string {
  const by = Math.abs(ratio / wanted - 1) * 100;
  return met ? `met (${ratio.toFixed(2)})` : `missed by ${by.toFixed(0)} % (${ratio.toFixed(2)})`;
}

/** The table: a line for each goal of each row. */
export function tableOf(results: readonly Result[]): string {
  const head = ["row", ...CONTESTANTS, "goal", "verdict"];
  const lines = results.flatMap(({ title, unit, medians, verdicts }) =>
    verdicts.map(({ goal, text }, index) => [
      ...(index === 0
        ? [`${title} (${unit})`, ...CONTESTANTS.map((who) => figure(medians[who]))]
        : Array.from({ length: CONTESTANTS.length + 1 }, () => "")),
      goal,
      text,
    ])
  );
  return aligned([head, ...lines], CONTESTANTS.map((_, index) => index + 1));
}

/** One line of a table of single figures, each with a goal of its own or none. */
export interface FigureResult {
  /** What was measured. */
  readonly title: string;
  /** Of the figure and the goal. */
  readonly unit: "ms" | "MB";
  /** The median, or the only figure that there is. */
  readonly figure: number;
  /** At most this; infinite where there is no goal. */
  readonly goal: number;
  /** Whether it was reached. */
  readonly met: boolean;
}

/** Such a line; without a goal unless told. */
export function figureResult(
  title: string,
  unit: FigureResult["unit"],
  value: number,
  goal = Infinity,
): FigureResult {
  return { title, unit, figure: value, goal, met: value <= goal };
}

/** Their table: a line for each figure. */
export function figureTable(title: string, results: readonly FigureResult[]): string {
  const lines = results.map(({ title, unit, figure: value, goal, met }) => [
    `${title} (${unit})`,
    value < 1 ? value.toPrecision(2) : figure(value),
    goal === Infinity ? "" : `≤ ${figure(goal)}`,
    goal === Infinity ? "" : met ? "met" : "missed",
  ]);
  return aligned([[title, "figure", "goal", "verdict"], ...lines], [1]);
}

/** Three digits that count, and thousands apart. */
export function figure(value: number | null): string {
  if (value === null) return "–";
  if (value < 10) return value.toFixed(2);
  return Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `rows` under each other; the columns in `figures` end at the right. */
export function aligned(rows: readonly (readonly string[])[], figures: readonly number[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const cellOf = (cell: string, column: number) =>
    figures.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return rows.map((row) => row.map(cellOf).join("  ").trimEnd()).join("\n");
}
