/**
 * One watch: kept while the cache holds what it guards, believed while a source keeps its promise, lost when none does.
 *
 * @module
 */
import type { Cancel } from "../../base/clock.ts";
import { type ErrorKind, OmnifsError } from "../../base/errors.ts";
import { Backoff } from "./backoff.ts";
import type { WatchLimits, WatchParts } from "./host.ts";
import { Keeper } from "./keeper.ts";
import type { Mark } from "./poller.ts";
import type { Slots } from "./slots.ts";
import type { WatchStatus } from "./status.ts";
import type { Streams } from "./streams.ts";

/** What a {@linkcode Watch} needs. */
export interface OneWatchParts extends WatchParts {
  /** Its key. */
  readonly watch: string;
  /** Turns among the calls of this mount. */
  readonly slots: Slots;
  /** The streams of this mount. */
  readonly streams: Streams;
  /** Where its first poll begins. */
  readonly mark: Mark;
  /** Its sources have ended, silently: nobody needs it any more. */
  readonly ended: () => void;
}

/** Failures after which it makes no sense to wait for a better answer. */
const FINAL: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  "not-found",
  "not-a-directory",
  "is-a-directory",
  "invalid",
  "unauthorized",
  "denied",
  "unsupported",
]);

/**
 * `running`: its sources run, and what it guards is kept. `lost`: nothing of it runs, and nothing is kept.
 * `probing`: it is lost, somebody would keep something, and its sources are tried.
 */
type Phase = "running" | "lost" | "probing";

/** A promise that no source keeps at the moment. */
interface Trouble {
  /** Since when, in milliseconds since the Unix epoch and on the monotonic clock. */
  readonly since: number;
  readonly began: number;
  /** Why. */
  readonly error: OmnifsError;
  /** Stops the timer after which nobody believes it any more. */
  readonly end: Cancel;
}

/** See the module. */
export class Watch {
  readonly #parts: OneWatchParts;
  readonly #probes: Backoff;
  #phase: Phase = "running";
  #phaseSince: number;
  #keeper: Keeper | undefined;
  /** True while the cache holds something that names it. */
  #held = false;
  #linger: Cancel | undefined;
  /** What the promise waits for, since when, and the timer that ends the wait. */
  #trouble: Trouble | undefined;
  #probeTimer: Cancel | undefined;
  #probeAt = -Infinity;
  #cause: string | undefined;
  #ending: Promise<void> = Promise.resolve();

  /** A watch of which nothing runs yet. */
  constructor(parts: OneWatchParts) {
    this.#parts = parts;
    this.#probes = new Backoff(parts.limits.firstRetry, parts.limits.longestRetry);
    this.#phaseSince = parts.clock.now();
  }

  /** True while nothing may be kept under it. */
  get lost(): boolean {
    return this.#phase !== "running";
  }

  /** Where the next poll would begin. */
  get mark(): Mark {
    return this.#parts.mark;
  }

  /** The cache holds something that names it. */
  started(): void {
    this.#held = true;
    this.#linger?.();
    if (this.#phase !== "running") return;
    if (this.#keeper === undefined) this.#run(false);
    else this.#keeper.resume();
  }

  /** The cache holds nothing that names it any more. Its sources fall silent, and end unless it is needed again soon. */
  stopped(): void {
    this.#held = false;
    if (this.#phase !== "running" || this.#keeper === undefined) return;
    this.#keeper.pause();
    this.#lingerOn();
  }

  /** Something that names it was loaded, and could not be kept because it is lost: a reason to try its sources again. */
  wanted(): void {
    if (this.#phase !== "lost" || this.#probeTimer !== undefined) return;
    const { clock } = this.#parts;
    const wait = Math.max(0, this.#probeAt - clock.monotonic());
    this.#probeTimer = clock.after(wait, () => {
      this.#probeTimer = undefined;
      this.#phase = "probing";
      this.#run(true);
    });
  }

  /** See {@linkcode Keeper.heard}. */
  heard(): void {
    this.#keeper?.heard();
  }

  /** See {@linkcode Keeper.missed}. */
  missed(url: string | undefined, error: OmnifsError): void {
    this.#keeper?.missed(url, error);
  }

  /** For `omnifs status`. */
  status(): WatchStatus {
    const { mount, watch, mark } = this.#parts;
    const trouble = this.#trouble?.error.message ?? this.#cause;
    const state = this.lost ? "lost" : trouble === undefined ? "kept" : "troubled";
    return {
      mount,
      watch,
      state,
      since: state === "troubled" ? this.#trouble?.since ?? this.#phaseSince : this.#phaseSince,
      confirmedAt: this.#keeper?.confirmedAt ?? mark.since,
      trouble,
      sources: this.#keeper?.sources ?? [],
    };
  }

  /** Ends whatever runs; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#linger?.();
    this.#probeTimer?.();
    this.#end();
    await this.#ending;
  }

  #run(eager: boolean): void {
    const { host, watch } = this.#parts;
    this.#keeper = new Keeper({
      ...this.#parts,
      eager,
      listener: {
        begun: (sources) => {
          if (!eager) host.note("started", watch, sources.map(({ tag }) => tag));
        },
        kept: () => this.#kept(),
        waiting: () => this.#troubled(undefined),
        troubled: (error) => this.#troubled(error),
      },
    });
  }

  #kept(): void {
    this.#trouble?.end();
    this.#trouble = undefined;
    if (this.#phase !== "probing") return;
    this.#phase = "running";
    this.#phaseSince = this.#parts.clock.now();
    this.#cause = undefined;
    this.#probes.reset();
    this.#parts.host.regained(this.#parts.watch);
    // Whoever made it try may keep nothing after all.
    if (this.#held) return;
    this.#keeper?.pause();
    this.#lingerOn();
  }

  /** `error` is undefined while nothing has answered yet. */
  #troubled(error: OmnifsError | undefined): void {
    const { clock, limits } = this.#parts;
    if (error !== undefined && (this.#phase === "probing" || FINAL.has(error.kind))) return this.#lose(error);
    const known = this.#trouble;
    known?.end();
    const trouble = error ?? new OmnifsError("unavailable", "no source has answered yet", { op: "watch" });
    const began = known?.began ?? clock.monotonic();
    const left = began + patience(trouble, limits) - clock.monotonic();
    const end = clock.after(Math.max(0, left), () => this.#lose(trouble));
    this.#trouble = { since: known?.since ?? clock.now(), began, error: trouble, end };
  }

  /** Nobody keeps the promise. What it guarded goes, and nothing more is kept under it. */
  #lose(error: OmnifsError): void {
    const { clock, host, watch } = this.#parts;
    const before = this.#phase;
    this.#phase = "lost";
    this.#cause = error.message;
    // A lost watch is remembered, so that nothing is kept under it, although nothing names it.
    this.#linger?.();
    this.#end();
    this.#probeAt = clock.monotonic() + Math.max(this.#probes.next(), error.retryAfter ?? 0);
    if (before === "probing") return;
    this.#phaseSince = clock.now();
    host.lost(watch, error.message);
  }

  #lingerOn(): void {
    const { clock, limits, ended } = this.#parts;
    this.#linger?.();
    this.#linger = clock.after(limits.linger, () => {
      this.#linger = undefined;
      this.#end();
      ended();
    });
  }

  /** Ends the sources. */
  #end(): void {
    this.#trouble?.end();
    this.#trouble = undefined;
    const keeper = this.#keeper;
    this.#keeper = undefined;
    if (keeper === undefined) return;
    this.#ending = Promise.all([this.#ending, keeper.stop()]).then(() => {});
  }
}

/** How long a promise is believed that is not kept because of `error`, in milliseconds. */
function patience({ kind, op }: OmnifsError, limits: WatchLimits): number {
  if (kind === "rate-limited") return limits.rateLimited;
  return op === "subscribe" ? limits.broken : limits.failing;
}
