/**
 * The figures of a status as metrics: one table, from which both Prometheus and OpenTelemetry are served.
 *
 * @module
 */
import type { StatusDocument } from "./control/protocol.ts";

/** Labels by name. */
export type Labels = Readonly<Record<string, string>>;

/** One value of a metric. */
export interface Sample {
  /** What sets it apart from the others of the same metric. */
  readonly labels: Labels;
  /** It. */
  readonly value: number;
}

/** One metric. */
export interface Metric {
  /** Its name as Prometheus has it, with its unit and, where it only grows, `_total` at the end. */
  readonly name: string;
  /** One line. */
  readonly help: string;
  /** `counter` where it only grows. */
  readonly kind: "counter" | "gauge";
  /** Its values now. */
  readonly read: (status: StatusDocument) => readonly Sample[];
}

function one(read: (status: StatusDocument) => number): Metric["read"] {
  return (status) => [{ labels: {}, value: read(status) }];
}

function many<Item>(
  items: (status: StatusDocument) => readonly Item[],
  labels: (item: Item) => Labels,
  value: (item: Item, status: StatusDocument) => number | null,
): Metric["read"] {
  return (status) =>
    items(status).flatMap((item) => {
      const known = value(item, status);
      return known === null ? [] : [{ labels: labels(item), value: known }];
    });
}

const providers = (status: StatusDocument) => status.providers.filter(({ state }) => state === "ready");
const sources = ({ changes }: StatusDocument) => changes.watches.sources;
const heard = ({ changes }: StatusDocument) => changes.heard;
const byMount = ({ mount }: { readonly mount: string }) => ({ mount });
const bySource = ({ mount, source }: { readonly mount: string; readonly source: string }) => ({
  mount,
  source,
});
const seconds = (milliseconds: number) => milliseconds / 1_000;

/** Seconds from a moment until the status was made. */
function age(moment: number | null, { startedAt, uptimeMilliseconds }: StatusDocument): number | null {
  return moment === null ? null : seconds(Math.max(0, startedAt + uptimeMilliseconds - moment));
}

const OPERATIONS = ["lookups", "lists", "reads", "polls", "events"] as const;

/** What a provider was asked, by operation. */
function operations(status: StatusDocument) {
  return providers(status).flatMap(({ mount, counts }) =>
    OPERATIONS.map((key) => ({ mount, operation: key.slice(0, -1), count: counts[key] }))
  );
}

function quantiles({ changes: { latency } }: StatusDocument) {
  return [["0.5", latency.p50], ["0.99", latency.p99], ["1", latency.max]] as const;
}

/** Every metric, in the order in which they are told. */
export const METRICS: readonly Metric[] = [
  {
    name: "omnifs_info",
    help: "The version of omnifs, as a label",
    kind: "gauge",
    read: ({ version }) => [{ labels: { version }, value: 1 }],
  },
  {
    name: "omnifs_uptime_seconds",
    help: "Time since the start",
    kind: "gauge",
    read: one(({ uptimeMilliseconds }) => seconds(uptimeMilliseconds)),
  },
  {
    name: "omnifs_cache_hits_total",
    help: "Answers from the cache",
    kind: "counter",
    read: one(({ cache }) => cache.hits),
  },
  {
    name: "omnifs_cache_misses_total",
    help: "Questions that the cache could not answer",
    kind: "counter",
    read: one(({ cache }) => cache.misses),
  },
  {
    name: "omnifs_cache_loads_total",
    help: "Loads that were started",
    kind: "counter",
    read: one(({ cache }) => cache.loads),
  },
  {
    name: "omnifs_cache_joined_loads_total",
    help: "Callers who joined a load under way",
    kind: "counter",
    read: one(({ cache }) => cache.joined),
  },
  {
    name: "omnifs_cache_overtaken_loads_total",
    help: "Loads whose answer an invalidation overtook",
    kind: "counter",
    read: one(({ cache }) => cache.overtaken),
  },
  {
    name: "omnifs_cache_evictions_total",
    help: "Entries dropped for want of room",
    kind: "counter",
    read: one(({ cache }) => cache.evictions),
  },
  {
    name: "omnifs_cache_invalidations_total",
    help: "Entries dropped on somebody's word",
    kind: "counter",
    read: one(({ cache }) => cache.invalidations),
  },
  {
    name: "omnifs_cache_bytes",
    help: "Bytes held",
    kind: "gauge",
    read: one(({ cache }) => cache.bytes),
  },
  {
    name: "omnifs_cache_max_bytes",
    help: "Bytes that may be held",
    kind: "gauge",
    read: one(({ cache }) => cache.maxBytes),
  },
  {
    name: "omnifs_cache_nodes",
    help: "Nodes held",
    kind: "gauge",
    read: one(({ cache }) => cache.nodes),
  },
  {
    name: "omnifs_cache_listings",
    help: "Listings held",
    kind: "gauge",
    read: one(({ cache }) => cache.listings),
  },
  {
    name: "omnifs_provider_calls_total",
    help: "Calls of a provider, by operation",
    kind: "counter",
    read: many(operations, ({ mount, operation }) => ({ mount, operation }), ({ count }) => count),
  },
  {
    name: "omnifs_provider_failures_total",
    help: "Calls of a provider that ended in an error other than not-found",
    kind: "counter",
    read: many(providers, byMount, ({ counts }) => counts.failures),
  },
  {
    name: "omnifs_callouts_total",
    help: "Requests that a provider sent upstream",
    kind: "counter",
    read: many(providers, byMount, ({ counts }) => counts.callouts),
  },
  {
    name: "omnifs_callouts_not_modified_total",
    help: "Requests that the upstream answered with 304",
    kind: "counter",
    read: many(providers, byMount, ({ counts }) => counts.revalidated),
  },
  {
    name: "omnifs_callouts_rate_limited_total",
    help: "Requests that were held back because the upstream had asked to wait",
    kind: "counter",
    read: many(providers, byMount, ({ counts }) => counts.rateLimited),
  },
  {
    name: "omnifs_watches",
    help: "Watches that are alive",
    kind: "gauge",
    read: one(({ changes }) => changes.watches.alive),
  },
  {
    name: "omnifs_watches_lost",
    help: "Watches that are lost: what they would guard is not kept",
    kind: "gauge",
    read: one(({ changes }) => changes.watches.lost),
  },
  {
    name: "omnifs_watch_sources",
    help: "Watches that have a source of this kind",
    kind: "gauge",
    read: many(sources, bySource, ({ watches }) => watches),
  },
  {
    name: "omnifs_watch_sources_up",
    help: "Watches that can rely on their source of this kind",
    kind: "gauge",
    read: many(sources, bySource, ({ up }) => up),
  },
  {
    name: "omnifs_watch_last_word_age_seconds",
    help: "Time since a source of this kind was last heard of",
    kind: "gauge",
    read: many(sources, bySource, ({ lastWord }, status) => age(lastWord, status)),
  },
  {
    name: "omnifs_watch_oldest_word_age_seconds",
    help: "The same, of the watch that was not heard of for the longest",
    kind: "gauge",
    read: many(sources, bySource, ({ oldestWord }, status) => age(oldestWord, status)),
  },
  {
    name: "omnifs_events_total",
    help: "Times that an upstream said that something changed",
    kind: "counter",
    read: many(heard, bySource, ({ events }) => events),
  },
  {
    name: "omnifs_event_invalidations_total",
    help: "Things that were no longer true",
    kind: "counter",
    read: many(heard, bySource, ({ invalidations }) => invalidations),
  },
  {
    name: "omnifs_event_to_kernel_quantile_seconds",
    help: "Time from word of an upstream to a kernel that has taken it in, of the latest 1024",
    kind: "gauge",
    read: many(
      quantiles,
      ([quantile]) => ({ quantile }),
      ([, value]) => value === null ? null : seconds(value),
    ),
  },
  {
    name: "omnifs_webhook_requests_total",
    help: "Requests to the webhook receiver, by what became of them",
    kind: "counter",
    read: many(
      ({ webhook }) => webhook?.verdicts ?? [],
      ({ mount, verdict }) => ({ mount, verdict }),
      ({ count }) => count,
    ),
  },
  {
    name: "omnifs_kernel_messages_total",
    help: "Requests of the kernel, by opcode",
    kind: "counter",
    read: many(
      ({ fuse }) => Object.entries(fuse.messages),
      ([opcode]) => ({ opcode }),
      ([, count]) => count,
    ),
  },
  {
    name: "omnifs_kernel_notifications_total",
    help: "Notifications sent to the kernel",
    kind: "counter",
    read: one(({ fuse }) => fuse.notifications),
  },
];
