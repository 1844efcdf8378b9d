/**
 * Charts over time, drawn by uPlot; what they show is beside them as text too.
 *
 * @module
 */
import { byId, h } from "./dom.js";
import { milliseconds, rate, size } from "./format.js";

/** Seconds that are shown, and that are kept. */
const SECONDS = 180;

/** Seconds that are shown at the beginning. */
const FEWEST = 30;

const perSecond = (read) => (document) => document.seconds > 0 ? read(document) / document.seconds : null;
const percent = (value) => value === null ? "-" : `${Math.floor(value)} %`;
const orNone = (show) => (value) => value === null ? "-" : show(value);

/** Steps between lines of the grid that are whole in KiB, MiB and GiB. */
const POWERS = Array.from({ length: 40 }, (_, power) => 2 ** power);

/** Every chart: its title, how a value is shown, and its lines by name. */
const CHARTS = [
  {
    title: "Operations",
    unit: "a second",
    show: orNone(rate),
    lines: [
      ["of the kernel", perSecond(({ kernel }) => kernel.messages)],
      ["waited for", perSecond(({ operations }) => operations.count)],
    ],
  },
  {
    title: "Latency of what was waited for",
    show: milliseconds,
    lines: [
      ["median", ({ operations }) => operations.latency.p50],
      ["99 of 100", ({ operations }) => operations.latency.p99],
    ],
  },
  {
    title: "Callouts",
    unit: "a second",
    show: orNone(rate),
    lines: [
      ["all", perSecond(({ callouts }) => callouts.count)],
      ["failed", perSecond(({ callouts }) => callouts.failures)],
    ],
  },
  { title: "Cache", show: orNone(size), steps: POWERS, lines: [["held", ({ cache }) => cache.bytes]] },
  {
    title: "Answered by the cache",
    show: percent,
    top: 100,
    lines: [[
      "of what it was asked",
      ({ answers: { hits, misses } }) => hits + misses === 0 ? null : 100 * hits / (hits + misses),
    ]],
  },
];

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** The seconds that are shown: all that is known, within bounds. */
function windowOf(_, begin, end) {
  if (begin === null || end === null) return [0, FEWEST];
  return [Math.max(Math.min(begin, end - FEWEST), end - SECONDS), end];
}

/** One chart on the page. */
class Chart {
  #kind;
  #columns;
  #values;
  #box = h("div", { class: "plot", "aria-hidden": "true" });
  #plot;

  constructor(kind) {
    this.#kind = kind;
    this.#columns = [[], ...kind.lines.map(() => [])];
    this.#values = kind.lines.map(() => h("output", {}, "-"));
    const key = kind.lines.map(([name], index) =>
      h("span", { class: `key line-${index}` }, h("span", { class: "name" }, name), this.#values[index])
    );
    const unit = kind.unit === undefined ? "" : `, ${kind.unit}`;
    byId("charts").append(
      h("figure", {}, h("figcaption", {}, h("h3", {}, kind.title + unit), h("p", {}, key)), this.#box),
    );
    new ResizeObserver(() => this.#fit()).observe(this.#box);
  }

  add(document) {
    const values = [document.time / 1_000, ...this.#kind.lines.map(([, read]) => read(document))];
    values.forEach((value, index) => {
      const column = this.#columns[index];
      column.push(value);
      if (column.length > SECONDS) column.shift();
    });
    this.#tell(values.slice(1));
    this.#plot?.setData(this.#columns);
  }

  /** Draws anew in the colours of now. */
  redraw() {
    this.#plot?.destroy();
    this.#plot = undefined;
    this.#fit();
  }

  #tell(values) {
    values.forEach((value, index) => this.#values[index].textContent = this.#kind.show(value));
  }

  #fit() {
    const { clientWidth: width, clientHeight: height } = this.#box;
    if (width === 0 || height === 0) return;
    if (this.#plot === undefined) {
      this.#plot = new uPlot(this.#options(width, height), this.#columns, this.#box);
    } else this.#plot.setSize({ width, height });
  }

  #options(width, height) {
    const { show, lines, top, steps } = this.#kind;
    const axis = {
      stroke: colour("--soft"),
      grid: { stroke: colour("--rule"), width: 1 },
      ticks: { show: false },
      font: "11px system-ui, sans-serif",
    };
    return {
      width,
      height,
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, points: { size: 6 } },
      scales: {
        x: { range: windowOf },
        y: { range: (_, __, highest) => [0, top ?? (highest || 1) * 1.1] },
      },
      axes: [
        {
          ...axis,
          space: 70,
          size: 26,
          values: (_, ticks) => ticks.map((tick) => new Date(tick * 1_000).toTimeString().slice(0, 8)),
        },
        {
          ...axis,
          ...(steps === undefined ? {} : { incrs: steps }),
          size: 62,
          values: (_, ticks) => ticks.map((tick) => show(tick)),
        },
      ],
      series: [
        {},
        ...lines.map((_, index) => ({
          stroke: colour(`--line-${index}`),
          width: 2,
          fill: index === 0 ? colour("--fill") : undefined,
          points: { size: 4, fill: colour(`--line-${index}`) },
        })),
      ],
      hooks: { setCursor: [(plot) => this.#point(plot.cursor.idx)] },
    };
  }

  /** Tells the values under the pointer, or the latest. */
  #point(index) {
    const at = index ?? this.#columns[0].length - 1;
    if (at >= 0) this.#tell(this.#columns.slice(1).map((column) => column[at] ?? null));
  }
}

/** Puts every chart on the page; what is returned takes documents. */
export function openCharts() {
  const charts = CHARTS.map((kind) => new Chart(kind));
  matchMedia("(prefers-color-scheme: dark)").addEventListener(
    "change",
    () => charts.forEach((chart) => chart.redraw()),
  );
  return (document) => charts.forEach((chart) => chart.add(document));
}
