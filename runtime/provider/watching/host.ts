/**
 * What the watches of one mount stand on, whom they tell, and how patient they are.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";
import type { Invalidation, ProviderEvents } from "../events.ts";

/** By which way word of the upstream came; `loss` is the host's own word that there is none any more. */
export type WordSource = "webhook" | "stream" | "poll" | "loss";

/** Where an invalidation comes from, and since when it is known. */
export interface Word {
  /** By which way it came. */
  readonly source: WordSource;
  /** The watch on whose behalf it was asked or streamed; a webhook names none. */
  readonly watch: string | undefined;
  /** For people: what was heard. */
  readonly cause: string;
  /** When the host got it, in milliseconds since the Unix epoch. */
  readonly receivedAt: number;
}

/** What a word changed. */
export interface Effect {
  /** How many things the cache dropped or replaced. */
  readonly items: number;
  /** Resolves when the kernel has taken in all that it was told; to how much that was. Never rejects. */
  readonly told: Promise<number>;
}

/** Where the watches of one mount have their say. Nothing of it throws, and only {@linkcode Effect.told} is waited for. */
export interface WatchHost {
  /** Drops what is no longer true, keeps what is true instead, tells the kernel. */
  apply(invalidations: readonly Invalidation[], word: Word): Effect;
  /** From now on nothing under `watch` may be kept; what it guarded is dropped. */
  lost(watch: string, cause: string): void;
  /** What `watch` guards may be kept again. */
  regained(watch: string): void;
  /** Takes note of a watch that began, with the kinds of its sources, or ended. */
  note(what: "started" | "stopped", watch: string, sources: readonly string[]): void;
}

/** How often the upstream may be asked, and how long a promise is believed that nobody renews. In milliseconds. */
export interface WatchLimits {
  /** Shortest time between two polls of a watch, whatever the provider says. */
  readonly shortestPace: number;
  /** Longest time between two polls of a watch, whatever the provider says. */
  readonly longestPace: number;
  /** Least time between two polls that fill a gap. */
  readonly gapPace: number;
  /** How many times slower a poll is while a stream is open or a webhook delivers. */
  readonly relaxed: number;
  /** For how long one delivery proves that a webhook delivers. */
  readonly heard: number;
  /** How long a poll may fail before its watch is lost. */
  readonly failing: number;
  /** How long a stream may stay broken, where nothing else keeps the promise. */
  readonly broken: number;
  /** How long a rate limit may hold polls back. */
  readonly rateLimited: number;
  /** How long sources stay up, silently, after the last thing that they guarded is gone. */
  readonly linger: number;
  /** First wait before something that failed is tried again; each one after it is twice as long. */
  readonly firstRetry: number;
  /** Longest wait before something that failed is tried again. */
  readonly longestRetry: number;
  /** A stream that lived for so long is one that works: the next retry is a first one. */
  readonly lived: number;
  /** Calls for watches that may be in the component at once; readers get the other instances. */
  readonly calls: number;
  /** Watches that are remembered, with their cursors, after they stopped or were lost. */
  readonly remembered: number;
}

/**
 * The defaults. A rate limit by the hour may hold polls back for most of one; a promise that nobody has looked after for
 * a quarter of that is none any more.
 */
export const WATCH_LIMITS: WatchLimits = {
  shortestPace: 1_000,
  longestPace: 86_400_000,
  gapPace: 250,
  relaxed: 10,
  heard: 900_000,
  failing: 30_000,
  broken: 10_000,
  rateLimited: 900_000,
  linger: 2_000,
  firstRetry: 250,
  longestRetry: 60_000,
  lived: 5_000,
  calls: 2,
  remembered: 1_024,
};

/** What every part of the watches of one mount shares. */
export interface WatchParts {
  /** The mount name. */
  readonly mount: string;
  /** The provider, as far as it tells of changes. */
  readonly events: ProviderEvents;
  /** The time. */
  readonly clock: Clock;
  /** Whom they tell. */
  readonly host: WatchHost;
  /** True where deliveries for this mount can arrive. */
  readonly webhooks: () => boolean;
  /** How patient they are. */
  readonly limits: WatchLimits;
}
