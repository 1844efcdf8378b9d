/**
 * The screen of `omnifs inspect`: from a state and a size to its lines. Nothing here knows of a terminal.
 *
 * @module
 */
import type { SourceDocument } from "../../control/change_documents.ts";
import type {
  CalloutDocument,
  CalloutFigures,
  InspectDocument,
  MountFigures,
  OperationDocument,
  SpreadDocument,
} from "../../control/inspect_documents.ts";
import { formatClock, formatDuration, formatMilliseconds, formatSize } from "../units.ts";
import { bars, left, type Line, paint, type Piece, right, type Styler } from "./cells.ts";
import { passes, rate, type ViewState } from "./state.ts";

/** Of a terminal, in cells. */
export interface Size {
  /** Its width. */
  readonly columns: number;
  /** Its height. */
  readonly rows: number;
}

/** Cells of the bars. */
const BARS = 24;

/** The lines of a screen of `size`: at most so many, and none wider. */
export function render(state: ViewState, size: Size, styled: Styler): string[] {
  const body = state.document === undefined
    ? [[["waiting for the first figures …"] as const]]
    : bodyOf(state, state.document, size.rows - 1);
  const lines = body.slice(0, Math.max(0, size.rows - 1));
  while (lines.length < size.rows - 1) lines.push([]);
  return [...lines, footer(state)].slice(-size.rows).map((line) => paint(line, size.columns, styled));
}

function bodyOf(state: ViewState, document: InspectDocument, rows: number): Line[] {
  const head = [title(state, document), ...summary(state, document), [], ...table(state, document)];
  const sources = watches(state, document);
  const lists = [
    section("WAITED FOR", state.operations.filter(({ path }) => passes(state, path)).map(operationLine)),
    section(
      "CALLOUTS",
      state.callouts.filter(({ mount, url }) => passes(state, mount, url)).map(calloutLine),
    ),
  ];
  const above = [...head, ...(sources.length === 0 ? [] : [[], ...sources])];
  return [...above, ...share(lists, rows - above.length)];
}

function title({ paused }: ViewState, document: InspectDocument): Line {
  const { dir, version, pid, uptimeMilliseconds, time } = document;
  return [
    [dir ?? "without a mount point", "bold"],
    [
      `  omnifs ${version}, pid ${pid}, up ${formatDuration(uptimeMilliseconds)}, at ${formatClock(time)}  `,
    ],
    ...(paused ? [["PAUSED", "yellow"] as const] : []),
  ];
}

function summary({ moments, waited, called }: ViewState, document: InspectDocument): Line[] {
  const { seconds, kernel, operations, callouts, cache, answers, watches } = document;
  const per = (count: number) => `${formatRate(rate(count, seconds))}/s`;
  const asked = answers.hits + answers.misses;
  const ratio = asked === 0 ? "nothing asked" : `${Math.floor(100 * answers.hits / asked)} % answered`;
  const row = (name: string, values: readonly number[], ...pieces: readonly Piece[]): Line => [
    [left(name, 10)],
    [left(bars(values, BARS), BARS + 1), "blue"],
    ...pieces,
  ];
  const { alive, lost } = watches;
  return [
    row("kernel", moments.map((each) => each.kernel), [`${right(per(kernel.messages), 10)}  messages, `], [
      `${per(kernel.notifications)} notifications`,
    ]),
    row("waited", moments.map((each) => each.operations), [
      `${right(per(operations.count), 10)}  ${spread(waited)}`,
    ], failed(operations.failures)),
    row(
      "callouts",
      moments.map((each) => each.callouts),
      [
        `${right(per(callouts.count), 10)}  ${spread(called)}, ${formatSize(callouts.bytes)}, `,
      ],
      [`${callouts.underway} under way`],
      failed(callouts.failures),
    ),
    row("cache", moments.map(({ hits }) => hits ?? 0), [
      `${right(formatSize(cache.bytes), 10)}  of ${formatSize(cache.maxBytes)}, ${cache.nodes} nodes, `,
    ], [`${cache.listings} listings; ${ratio}`]),
    row(
      "watches",
      [],
      [`${right(String(alive), 10)}  alive`],
      lost > 0 ? [`, ${lost} lost`, "yellow"] : [""],
    ),
  ];
}

function failed(failures: number): Piece {
  return failures > 0 ? [`, ${failures} failed`, "red"] : [""];
}

function spread({ p50, p99, max }: SpreadDocument): string {
  if (p50 === null || p99 === null || max === null) return "-";
  return `p50 ${formatMilliseconds(p50)}, p99 ${formatMilliseconds(p99)}`;
}

/** Columns of the table of providers: its head, its width, and what stands in it. */
const COLUMNS: readonly (readonly [
  head: string,
  width: number,
  cell: (of: MountFigures, seconds: number) => string,
])[] = [
  ["waited/s", 10, ({ operations }, seconds) => formatRate(rate(operations.count, seconds))],
  ["p99", 9, ({ operations }) => milliseconds(operations.latency.p99)],
  ["callouts/s", 12, ({ callouts }, seconds) => formatRate(rate(callouts.count, seconds))],
  ["p99", 9, ({ callouts }) => milliseconds(callouts.latency.p99)],
  ["bytes/s", 11, ({ callouts }, seconds) => formatSize(Math.round(rate(callouts.bytes, seconds)))],
  ["open", 6, ({ callouts }) => String(callouts.underway)],
  ["waiting", 9, ({ waiting }) => String(waiting)],
];

function table(state: ViewState, { mounts, seconds }: InspectDocument): Line[] {
  const head = COLUMNS.map(([name, width]) => right(name, width)).join("");
  const rows = mounts.filter(({ mount }) => passes(state, mount)).map((of): Line => [
    [left(of.mount, 12), LOOKS[of.state]],
    [COLUMNS.map(([, width, cell]) => right(cell(of, seconds), width)).join("")],
    [`  ${statuses(of.callouts)}`],
  ]);
  return [[[left("PROVIDER", 12) + head + "  answers", "bold"]], ...rows];
}

const LOOKS = { ready: "green", withheld: "yellow", failed: "red" } as const;

function statuses({ statuses }: CalloutFigures): string {
  return Object.entries(statuses).sort(([a], [b]) => a < b ? -1 : 1).map(([name, count]) =>
    `${name} ${count}`
  )
    .join(", ");
}

function watches(state: ViewState, { watches, time }: InspectDocument): Line[] {
  const sources = watches.sources.filter(({ mount, source }) => passes(state, mount, source));
  const troubles = watches.troubles.filter(({ mount, watch }) => passes(state, mount, watch));
  if (sources.length + troubles.length === 0) return [];
  return [
    [["WATCHES", "bold"]],
    ...sources.map((source) => sourceLine(source, time)),
    ...troubles.map(({ mount, watch, state, trouble }): Line => [
      [left(mount, 12)],
      [`${state} `, "yellow"],
      [`${watch}: ${trouble}`],
    ]),
  ];
}

function sourceLine({ mount, source, watches, up, lastWord }: SourceDocument, now: number): Line {
  const word = lastWord === null ? "nothing heard yet" : `last word ${formatDuration(now - lastWord)} ago`;
  return [
    [left(mount, 12)],
    [left(source, 9)],
    [`${up} of ${watches} up, `, up < watches ? "yellow" : undefined],
    [word],
  ].map(([text = "", style]) => style === "yellow" ? [text, style] : [text]);
}

/** Lines under a heading. */
interface Section {
  readonly heading: string;
  /** Oldest first. */
  readonly lines: readonly Line[];
}

function section(heading: string, lines: readonly Line[]): Section {
  return { heading, lines };
}

/** The latest lines of each section, the latest at the bottom; each gets its part of `rows`. */
function share(sections: readonly Section[], rows: number): Line[] {
  let left = rows;
  return sections.flatMap(({ heading, lines }, index) => {
    // A blank line and the heading come first.
    const room = Math.floor(left / (sections.length - index)) - 2;
    const shown = room > 0 ? lines.slice(-room) : [];
    left -= shown.length + 2;
    return room > 0 ? [[], [[heading, "bold"]] as Line, ...shown] : [];
  });
}

function operationLine({ time, op, path, milliseconds, failure }: OperationDocument): Line {
  return [
    [`${formatClock(time)} ${right(formatMilliseconds(milliseconds), 8)} ${left(op, 7)}`],
    [left(failure ?? "", failure === null ? 0 : failure.length + 1), "red"],
    [path],
  ];
}

function calloutLine({ time, mount, method, url, outcome, milliseconds }: CalloutDocument): Line {
  const good = typeof outcome === "number" && outcome < 400;
  return [
    [`${formatClock(time)} ${right(formatMilliseconds(milliseconds), 8)} `],
    [left(String(outcome), good ? 4 : Math.max(4, String(outcome).length + 1)), good ? "green" : "red"],
    [`${left(mount, 9)}${method.toUpperCase()} ${url}`],
  ];
}

function footer({ filter, typing, paused }: ViewState): Line {
  if (typing) return [["filter: ", "bold"], [filter], ["▏"], ["  enter: keep it, escape: drop it"]];
  const shown = filter === "" ? "filter" : `filter: ${filter} (escape: all)`;
  return [["/ ", "bold"], [`${shown}   `], ["space ", "bold"], [paused ? "go on   " : "pause   "], [
    "q ",
    "bold",
  ], ["quit"]];
}

function milliseconds(value: number | null): string {
  return value === null ? "-" : formatMilliseconds(value);
}

/** A rate with as many digits as matter. */
function formatRate(value: number): string {
  return value === 0 || value >= 10 ? String(Math.round(value)) : value.toFixed(1);
}
