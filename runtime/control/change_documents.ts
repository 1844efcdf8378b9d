/**
 * What is told of changes upstream and of what watches them: plain JSON documents.
 *
 * @module
 */

/** The watches of one mount that have one kind of source. */
export interface SourceDocument {
  /** The mount. */
  readonly mount: string;
  /** The kind. */
  readonly source: "webhook" | "stream" | "poll";
  /** How many watches have such a source. */
  readonly watches: number;
  /** Of those, how many can rely on it now. */
  readonly up: number;
  /** When the latest word came by it, in milliseconds since the Unix epoch; null where none came yet. */
  readonly lastWord: number | null;
  /** The watch that was not heard of by it for the longest: when its latest word came; null where one has none yet. */
  readonly oldestWord: number | null;
}

/** A watch that is not as it should be. */
export interface TroubleDocument {
  /** The mount. */
  readonly mount: string;
  /** The watch. */
  readonly watch: string;
  /** `troubled`: no source answers, and its promise is believed for a while; `lost`: nothing under it is kept. */
  readonly state: "troubled" | "lost";
  /** Since when, in milliseconds since the Unix epoch. */
  readonly since: number;
  /** When all that it guards was last known to be true, in milliseconds since the Unix epoch. */
  readonly confirmedAt: number;
  /** Why. */
  readonly trouble: string;
}

/** What keeps the cache true. */
export interface WatchesDocument {
  /** Watches that keep their promise, those in trouble among them. */
  readonly alive: number;
  /** Watches that are lost: what they would guard is not kept. */
  readonly lost: number;
  /** By mount and kind of source. */
  readonly sources: readonly SourceDocument[];
  /** Those in trouble, and the lost ones, the oldest first; at most so many that they can be read. */
  readonly troubles: readonly TroubleDocument[];
}

/** What upstreams said of their own accord. */
export interface HeardDocument {
  /** The mount. */
  readonly mount: string;
  /** By which way: `webhook`, `stream`, `poll`, or `loss` where a watch was lost. */
  readonly source: string;
  /** How often. */
  readonly events: number;
  /** How many things were no longer true. */
  readonly invalidations: number;
}

/** From word of an upstream to a kernel that has taken it in. */
export interface LatencyDocument {
  /** How often the kernel was told. */
  readonly count: number;
  /** How long that took together, in milliseconds. */
  readonly sum: number;
  /** Median of the latest 1,024, in milliseconds; null where there was none. */
  readonly p50: number | null;
  /** Of a hundred of them, 99 took no longer. */
  readonly p99: number | null;
  /** The longest of them. */
  readonly max: number | null;
  /** How many took at most so long, by upper bound in milliseconds, of all. */
  readonly buckets: readonly { readonly atMost: number; readonly count: number }[];
}

/** Changes upstream, and how they come here. */
export interface ChangesDocument {
  /** What keeps the cache true. */
  readonly watches: WatchesDocument;
  /** By mount and source. */
  readonly heard: readonly HeardDocument[];
  /** Until the kernel knew. */
  readonly latency: LatencyDocument;
}
