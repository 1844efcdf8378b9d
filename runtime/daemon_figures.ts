/**
 * What happened so far, counted off the event bus, and the documents that tell it together with what is counted
 * elsewhere.
 *
 * @module
 */
import type { Bus, BusEvent } from "./base/bus.ts";
import { DURATION_BOUNDS, Durations } from "./base/durations.ts";
import type {
  ChangesDocument,
  HeardDocument,
  LatencyDocument,
  SourceDocument,
  TroubleDocument,
  WatchesDocument,
} from "./control/change_documents.ts";
import type { WatchStatus } from "./provider/watching/mod.ts";

/** How many watches in trouble are told of one by one. */
const TROUBLES_TOLD = 20;

/** Counts what goes over the bus. */
export class Figures {
  readonly #heard = new Map<string, { -readonly [Key in keyof HeardDocument]: HeardDocument[Key] }>();
  readonly #told = new Durations();

  /** Counts from now on. */
  constructor(bus: Bus) {
    bus.subscribe((event) => this.#count(event));
  }

  /** What became of changes upstream; `watches` are all that there are now. */
  changes(watches: readonly WatchStatus[]): ChangesDocument {
    const heard = [...this.#heard.values()].map((each) => ({ ...each }));
    return { watches: watchesDocument(watches), heard, latency: this.#latency() };
  }

  #count({ type, data }: BusEvent): void {
    if (type === "event.applied" && "milliseconds" in data) this.#told.add(data.milliseconds);
    if (type !== "event.received" || !("invalidations" in data)) return;
    const { mount, source, invalidations } = data;
    const key = `${mount}/${source}`;
    const known = this.#heard.get(key) ?? { mount, source, events: 0, invalidations: 0 };
    known.events++;
    known.invalidations += invalidations;
    this.#heard.set(key, known);
  }

  #latency(): LatencyDocument {
    const { count, sum, buckets } = this.#told;
    const [p50, p99, max] = [0.5, 0.99, 1].map((share) => this.#told.quantile(share) ?? null);
    return {
      count,
      sum,
      p50: p50 ?? null,
      p99: p99 ?? null,
      max: max ?? null,
      buckets: DURATION_BOUNDS.map((atMost, index) => ({ atMost, count: buckets[index] ?? 0 })),
    };
  }
}

function watchesDocument(watches: readonly WatchStatus[]): WatchesDocument {
  const lost = watches.filter(({ state }) => state === "lost").length;
  return {
    alive: watches.length - lost,
    lost,
    sources: sourceDocuments(watches),
    troubles: watches.flatMap(troubleOf).sort((a, b) => a.since - b.since).slice(0, TROUBLES_TOLD),
  };
}

function troubleOf({ mount, watch, state, since, confirmedAt, trouble }: WatchStatus): TroubleDocument[] {
  return state === "kept" ? [] : [{ mount, watch, state, since, confirmedAt, trouble: trouble ?? "" }];
}

function sourceDocuments(watches: readonly WatchStatus[]): SourceDocument[] {
  const documents = new Map<string, SourceDocument>();
  for (const { mount, sources } of watches) {
    for (const { kind: source, up, lastWord: word } of sources) {
      const key = `${mount}/${source}`;
      const lastWord = word ?? null;
      const before = documents.get(key) ??
        { mount, source, watches: 0, up: 0, lastWord, oldestWord: lastWord };
      documents.set(key, {
        ...before,
        watches: before.watches + 1,
        up: before.up + Number(up),
        lastWord: Math.max(before.lastWord ?? 0, word ?? 0) || null,
        oldestWord: before.oldestWord === null || word === undefined
          ? null
          : Math.min(before.oldestWord, word),
      });
    }
  }
  return [...documents.values()].sort((a, b) => `${a.mount}/${a.source}` < `${b.mount}/${b.source}` ? -1 : 1);
}
