/**
 * From what happens to the figures that are told: counted off the bus, in a status, to Prometheus, to OpenTelemetry.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Bus } from "../../runtime/base/bus.ts";
import type { StatusDocument } from "../../runtime/control/protocol.ts";
import { Figures } from "../../runtime/daemon_figures.ts";
import { METRICS } from "../../runtime/daemon_metrics.ts";
import { prometheusText } from "../../runtime/daemon_prometheus.ts";
import {
  denoMeter,
  type Meter,
  type ObservableResult,
  observe,
  telemetryName,
} from "../../runtime/daemon_telemetry.ts";
import type { WatchStatus } from "../../runtime/provider/watching/mod.ts";
import { fakeStatus } from "../control/fake_backend.ts";
import { ManualClock } from "../egress/fixture.ts";

const START = 1_700_000_000_000;

function watch(rest: Partial<WatchStatus>): WatchStatus {
  const kept = { mount: "github", watch: "repo:1", state: "kept", since: START, confirmedAt: START } as const;
  return { ...kept, trouble: undefined, sources: [], ...rest };
}

const WATCHES: readonly WatchStatus[] = [
  watch({
    sources: [
      { kind: "webhook", lastWord: START + 4_000, up: true },
      { kind: "poll", lastWord: START + 1_000, up: true, next: START + 9_000 },
    ],
  }),
  watch({
    watch: "repo:2",
    state: "troubled",
    trouble: "the upstream does not answer",
    sources: [{ kind: "webhook", lastWord: undefined, up: true }, {
      kind: "poll",
      lastWord: START + 3_000,
      up: false,
    }],
  }),
  watch({ mount: "docker", watch: "docker", state: "lost", trouble: "the stream broke", since: START - 1 }),
];

function counted(): Figures {
  const bus = new Bus(new ManualClock());
  const figures = new Figures(bus);
  for (const [source, invalidations] of [["webhook", 2], ["webhook", 3], ["poll", 1]] as const) {
    bus.publish("event.received", { mount: "github", source, invalidations });
  }
  for (const milliseconds of [1, 4, 30]) {
    bus.publish("event.applied", { mount: "github", source: "webhook", notifications: 1, milliseconds });
  }
  return figures;
}

/** A status in which every metric has a value of its own. */
function fullStatus(): StatusDocument {
  const counts = {
    lookups: 21,
    lists: 22,
    reads: 23,
    polls: 24,
    events: 25,
    callouts: 26,
    revalidated: 27,
    rateLimited: 28,
    failures: 29,
  };
  const provider = {
    mount: "github",
    name: "github",
    version: "1",
    summary: "",
    source: "bundled",
    needs: [],
    counts,
  };
  return fakeStatus({
    startedAt: START,
    uptimeMilliseconds: 5_000,
    providers: [{ ...provider, state: "ready" }, { ...provider, mount: 'odd"mount\n', state: "withheld" }],
    changes: counted().changes(WATCHES),
    webhook: {
      address: "127.0.0.1:9911",
      routes: [],
      verdicts: [{ mount: "github", verdict: "applied", count: 30 }, {
        mount: "",
        verdict: "unknown",
        count: 31,
      }],
    },
  });
}

Deno.test("watches are told by source, with their latest and their oldest word, and those in trouble by name", () => {
  const { watches, heard } = counted().changes(WATCHES);
  assert.deepEqual([watches.alive, watches.lost], [2, 1]);
  assert.deepEqual(watches.sources, [
    {
      mount: "github",
      source: "poll",
      watches: 2,
      up: 1,
      lastWord: START + 3_000,
      oldestWord: START + 1_000,
    },
    { mount: "github", source: "webhook", watches: 2, up: 2, lastWord: START + 4_000, oldestWord: null },
  ]);
  assert.deepEqual(watches.troubles.map(({ watch, state, trouble }) => [watch, state, trouble]), [
    ["docker", "lost", "the stream broke"],
    ["repo:2", "troubled", "the upstream does not answer"],
  ]);
  assert.deepEqual(heard, [
    { mount: "github", source: "webhook", events: 2, invalidations: 5 },
    { mount: "github", source: "poll", events: 1, invalidations: 1 },
  ]);
});

Deno.test("the time until the kernel knew is told as quantiles, and counted in buckets", () => {
  const { latency } = counted().changes([]);
  const { count, sum, p50, p99, max, buckets } = latency;
  assert.deepEqual([count, sum, p50, p99, max], [3, 35, 4, 30, 30]);
  assert.deepEqual(buckets.map((bucket) => bucket.count), [1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3]);
  assert.equal(new Figures(new Bus(new ManualClock())).changes([]).latency.p99, null);
});

Deno.test("Prometheus gets every figure of the status", async () => {
  const text = await prometheusText(fullStatus());
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const value = (series: string) =>
    Number(lines.find((line) => line.startsWith(`${series} `))?.split(" ").at(-1));
  const rows: readonly [string, number][] = [
    ['omnifs_info{version="0.1.0"}', 1],
    ["omnifs_uptime_seconds", 5],
    ["omnifs_cache_hits_total", 1],
    ["omnifs_cache_misses_total", 2],
    ["omnifs_cache_loads_total", 3],
    ["omnifs_cache_joined_loads_total", 4],
    ["omnifs_cache_overtaken_loads_total", 5],
    ["omnifs_cache_evictions_total", 6],
    ["omnifs_cache_bytes", 7],
    ["omnifs_cache_max_bytes", 8],
    ["omnifs_cache_nodes", 9],
    ["omnifs_cache_listings", 10],
    ["omnifs_cache_invalidations_total", 13],
    ['omnifs_provider_calls_total{mount="github",operation="lookup"}', 21],
    ['omnifs_provider_calls_total{mount="github",operation="event"}', 25],
    ['omnifs_provider_failures_total{mount="github"}', 29],
    ['omnifs_callouts_total{mount="github"}', 26],
    ['omnifs_callouts_not_modified_total{mount="github"}', 27],
    ['omnifs_callouts_rate_limited_total{mount="github"}', 28],
    ["omnifs_watches", 2],
    ["omnifs_watches_lost", 1],
    ['omnifs_watch_sources{mount="github",source="poll"}', 2],
    ['omnifs_watch_sources_up{mount="github",source="poll"}', 1],
    ['omnifs_watch_last_word_age_seconds{mount="github",source="webhook"}', 1],
    ['omnifs_watch_oldest_word_age_seconds{mount="github",source="poll"}', 4],
    ['omnifs_events_total{mount="github",source="webhook"}', 2],
    ['omnifs_event_invalidations_total{mount="github",source="webhook"}', 5],
    ['omnifs_event_to_kernel_quantile_seconds{quantile="0.99"}', 0.03],
    ['omnifs_webhook_requests_total{mount="github",verdict="applied"}', 30],
    ['omnifs_webhook_requests_total{mount="",verdict="unknown"}', 31],
    ['omnifs_kernel_messages_total{opcode="LOOKUP"}', 11],
    ["omnifs_kernel_notifications_total", 12],
    ['omnifs_event_to_kernel_seconds_bucket{le="0.005"}', 2],
    ['omnifs_event_to_kernel_seconds_bucket{le="+Inf"}', 3],
    ["omnifs_event_to_kernel_seconds_sum", 0.035],
    ["omnifs_event_to_kernel_seconds_count", 3],
  ];
  for (const [series, expected] of rows) assert.equal(value(series), expected, series);
  const named = new Set(lines.map((line) => line.split(/[{ ]/)[0] ?? ""));
  for (const { name } of METRICS) assert.ok(named.has(name), `${name} is told`);
});

Deno.test("the text is what Prometheus reads: each series once, each under its help and its type", async () => {
  const text = await prometheusText(fullStatus());
  const series = new Set<string>();
  const types = new Map<string, string>();
  for (const line of text.split("\n").filter((line) => line !== "")) {
    const [, name, type] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? [];
    if (name !== undefined && type !== undefined) types.set(name, type);
    if (line.startsWith("#")) continue;
    const sample = /^([a-z_]+)((?:\{(?:[a-z]+="(?:[^"\\\n]|\\.)*",?)+\})?) -?[\d.e+-]+$/.exec(line);
    assert.ok(sample !== null, line);
    assert.ok(!series.has(`${sample[1]}${sample[2]}`), line);
    series.add(`${sample[1]}${sample[2]}`);
    const family = (sample[1] ?? "").replace(/_(?:bucket|sum|count)$/, "");
    assert.ok(types.has(sample[1] ?? "") || types.get(family) === "histogram", line);
  }
  for (const { name, kind } of METRICS) assert.equal(name.endsWith("_total"), kind === "counter", name);
});

Deno.test("a status in which nothing happened yet is told without a figure of nobody", async () => {
  const text = await prometheusText(fakeStatus());
  assert.ok(text.includes("omnifs_cache_hits_total 1"));
  for (const absent of ["omnifs_watch_last_word", "omnifs_callouts_total", "omnifs_webhook"]) {
    assert.ok(!text.includes(absent), absent);
  }
});

Deno.test("OpenTelemetry asks for the same figures whenever it collects, each with its unit, and no more at the end", () => {
  const instruments = new Map<
    string,
    { readonly unit: string; readonly callbacks: Set<(result: ObservableResult) => void> }
  >();
  const make: Meter["createObservableGauge"] = (name, { unit }) => {
    const callbacks = new Set<(result: ObservableResult) => void>();
    instruments.set(name, { unit, callbacks });
    return {
      addCallback: (callback) => void callbacks.add(callback),
      removeCallback: (callback) => void callbacks.delete(callback),
    };
  };
  let asked = 0;
  const status = fullStatus();
  const meter = { createObservableCounter: make, createObservableGauge: make };
  const end = observe(meter, () => (asked++, status), () => 0);
  const told = new Map<string, number>();
  for (const [name, { callbacks }] of instruments) {
    for (const callback of callbacks) {
      callback({ observe: (value, labels) => void told.set(`${name} ${JSON.stringify(labels)}`, value) });
    }
  }
  assert.equal(asked, 1, "one status for one collection");
  const expected = METRICS.flatMap(({ name, read }) =>
    read(status).map(({ labels, value }) =>
      [`${telemetryName(name)} ${JSON.stringify(labels)}`, value] as const
    )
  );
  assert.deepEqual(told, new Map(expected));
  assert.equal(instruments.size, METRICS.length);
  assert.deepEqual(
    ["omnifs.cache", "omnifs.uptime", "omnifs.cache_hits"].map((name) => instruments.get(name)?.unit),
    ["By", "s", "1"],
  );
  end();
  assert.ok([...instruments.values()].every(({ callbacks }) => callbacks.size === 0));
});

Deno.test("without OTEL_DENO there is no meter", () => {
  for (const value of [undefined, "", "false", "0"]) assert.equal(denoMeter(() => value), undefined);
});
