/**
 * Providers, watches, and the latest operations, callouts and events.
 *
 * @module
 */
import { byId, fill, h, table } from "./dom.js";
import { clock, count, duration, milliseconds, rate, size, visible } from "./format.js";

/** How many of the latest things are kept, and how many of them are shown. */
const [KEPT, SHOWN] = [500, 40];

const latest = { operations: [], callouts: [], events: [] };
let shown;
let filter = "";

/** Takes a document and shows it. */
export function show(document) {
  for (
    const [name, items] of [["operations", document.operations.latest], [
      "callouts",
      document.callouts.latest,
    ], [
      "events",
      document.events,
    ]]
  ) {
    latest[name].push(...items);
    latest[name].splice(0, Math.max(0, latest[name].length - KEPT));
  }
  shown = document;
  draw();
}

/** Shows only what holds `text`, whatever the case. */
export function narrow(text) {
  filter = text.toLowerCase();
  if (shown !== undefined) draw();
}

function passes(...texts) {
  return filter === "" || texts.some((text) => text.toLowerCase().includes(filter));
}

/** What stands in the place of a table without rows. */
const nothing = (text) => filter === "" ? text : "Nothing passes the filter.";

/** The latest that pass, newest first. */
function pick(items, textsOf) {
  return items.filter((item) => passes(...textsOf(item))).slice(-SHOWN).reverse();
}

function draw() {
  fill(byId("providers"), providers(shown));
  fill(byId("watches"), ...watches(shown));
  fill(byId("operations"), operations());
  fill(byId("callouts"), callouts());
  fill(byId("events"), events());
}

const NUMBER = "number";
const LONG = "long";

function providers({ mounts, seconds }) {
  const per = (number) => seconds > 0 ? rate(number / seconds) : "-";
  return table(
    "What each provider does now",
    [
      ["provider"],
      ["state"],
      ["waited/s", NUMBER],
      ["99 of 100", NUMBER],
      ["callouts/s", NUMBER],
      ["99 of 100", NUMBER],
      [
        "bytes/s",
        NUMBER,
      ],
      ["under way", NUMBER],
      ["waiting", NUMBER],
      ["answers"],
    ],
    mounts.filter(({ mount }) => passes(mount)).map(({ mount, state, operations, callouts, waiting }) => [
      `/${mount}`,
      h("span", { class: `state ${state}` }, state),
      per(operations.count),
      milliseconds(operations.latency.p99),
      per(callouts.count),
      milliseconds(callouts.latency.p99),
      seconds > 0 ? size(callouts.bytes / seconds) : "-",
      String(callouts.underway),
      String(waiting),
      Object.entries(callouts.statuses).sort().map(([name, number]) => `${name} ${number}`).join(", "),
    ]),
    nothing("There is no provider."),
  );
}

function watches({ watches: { alive, lost, sources, troubles }, time }) {
  const ago = (moment) => moment === null ? "nothing yet" : `${duration(time - moment)} ago`;
  const rows = sources.filter(({ mount, source }) => passes(mount, source)).map((each) => [
    `/${each.mount}`,
    each.source,
    String(each.watches),
    h("span", { class: each.up < each.watches ? "state withheld" : "state ready" }, String(each.up)),
    ago(each.lastWord),
  ]);
  const bad = troubles.filter(({ mount, watch }) => passes(mount, watch)).map((each) =>
    h(
      "li",
      {},
      h("span", { class: "state failed" }, each.state),
      ` /${each.mount} ${visible(each.watch)}: ${visible(each.trouble)}`,
    )
  );
  return [
    h("p", {}, `${alive} alive${lost > 0 ? `, ${lost} lost: what they would guard is not kept` : ""}`),
    table(
      "What keeps the cache true",
      [["provider"], ["source"], ["watches", NUMBER], ["up", NUMBER], ["last word"]],
      rows,
      nothing("Nothing that is kept has a source."),
    ),
    ...(bad.length === 0 ? [] : [h("ul", { class: "plain" }, bad)]),
  ];
}

function operations() {
  const rows = pick(latest.operations, ({ path, op }) => [path, op]).map((
    { time, op, path, milliseconds: took, failure },
  ) => [
    clock(time),
    milliseconds(took),
    op,
    h("span", {}, failure === null ? "" : h("span", { class: "state failed" }, `${failure} `), visible(path)),
  ]);
  return table(
    "The latest that readers waited for",
    [["time"], ["took", NUMBER], ["what"], ["path", LONG]],
    rows,
    nothing(
      "Nothing was waited for since this page is open: what the cache answers the kernel is not among it.",
    ),
  );
}

function callouts() {
  const texts = ({ mount, url, outcome }) => [mount, url, String(outcome)];
  const rows = pick(latest.callouts, texts).map((
    { time, mount, method, url, outcome, milliseconds: took },
  ) => [
    clock(time),
    milliseconds(took),
    h(
      "span",
      { class: typeof outcome === "number" && outcome < 400 ? "state ready" : "state failed" },
      String(outcome),
    ),
    `/${mount}`,
    `${method.toUpperCase()} ${visible(url)}`,
  ]);
  return table(
    "The latest requests to upstreams",
    [["time"], ["took", NUMBER], ["answer"], ["provider"], ["request", LONG]],
    rows,
    nothing("No upstream was asked for anything."),
  );
}

function events() {
  const facts = (data) => Object.entries(data).map(([key, value]) => `${key}=${value}`).join(" ");
  const rows = pick(latest.events, ({ type, data }) => [type, facts(data)]).map(({ time, type, data }) => [
    clock(time),
    type,
    visible(facts(data)),
  ]);
  return table(
    "The latest that happened",
    [["time"], ["event"], ["facts", LONG]],
    rows,
    nothing("Nothing happened."),
  );
}

/** What stands in the head of the page. */
export function titleOf({ dir, version, pid, uptimeMilliseconds, mounts }) {
  const ready = mounts.filter(({ state }) => state === "ready").length;
  return {
    where: dir ?? "without a mount point",
    line: `omnifs ${version}, pid ${pid}, up ${duration(uptimeMilliseconds)}, ${count(ready, "provider")}`,
  };
}
