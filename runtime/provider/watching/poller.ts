/**
 * The polls of one watch: one at a time, each from where the one before it ended, at the pace that the upstream asks for.
 *
 * @module
 */
import type { Cancel } from "../../base/clock.ts";
import { asOmnifsError, type OmnifsError } from "../../base/errors.ts";
import type { Polled } from "../events.ts";
import { Backoff } from "./backoff.ts";
import type { WatchParts } from "./host.ts";
import type { Slots } from "./slots.ts";

/** Up to where everything that changed is known. Outlives the sources of its watch. */
export interface Mark {
  /** What the last poll left for the next one. */
  cursor: string | undefined;
  /** Without a cursor the next poll begins here, in milliseconds since the Unix epoch. */
  since: number;
  /** When the last poll that succeeded began, on the monotonic clock; undefined before the first one. */
  polledAt: number | undefined;
  /** How long the upstream asked to wait after it, in milliseconds. */
  wait: number | undefined;
}

/** What a {@linkcode Poller} tells. */
export interface PollListener {
  /** A poll begins now: what happens from here on may escape it. */
  began(): void;
  /** What the poll came to, before its cursor is taken over. */
  polled(polled: Polled, began: number): void;
  /** The poll failed; it will be tried again. */
  failed(error: OmnifsError): void;
}

/** What a {@linkcode Poller} needs. */
export interface PollerParts extends WatchParts {
  /** The watch. */
  readonly watch: string;
  /** Turns among the calls of this mount. */
  readonly slots: Slots;
  /** Where it begins; kept up to date. */
  readonly mark: Mark;
  /** Milliseconds between two polls; undefined for a watch that is polled to fill gaps alone. */
  readonly pace: number | undefined;
  /** Until when, on the monotonic clock, another source makes polls less urgent. */
  readonly relaxedUntil: () => number;
  /** Whom it tells. */
  readonly listener: PollListener;
}

/** Asks the upstream on behalf of one watch. Invariant: at most one poll is under way. */
export class Poller {
  readonly #parts: PollerParts;
  readonly #began: number;
  readonly #backoff: Backoff;
  readonly #abort = new AbortController();
  #timer: Cancel | undefined;
  #polling: Promise<void> | undefined;
  /** A gap has to be filled as soon as may be. */
  #urgent = false;
  #paused = false;
  #lastAsked = -Infinity;
  #notBefore = -Infinity;

  /** Its first poll is due a pace from now, or a pace after the last one of `parts.mark`. */
  constructor(parts: PollerParts) {
    this.#parts = parts;
    this.#began = parts.clock.monotonic();
    this.#backoff = new Backoff(parts.limits.firstRetry, parts.limits.longestRetry);
    this.#schedule();
  }

  /** When the next poll is due, on the monotonic clock; undefined where none is. */
  get due(): number | undefined {
    return this.#abort.signal.aborted || this.#paused ? undefined : this.#dueAt();
  }

  /** Polls as soon as may be: once more where a poll is under way, since that one may have looked too early. */
  now(): void {
    this.#urgent = true;
    this.#schedule();
  }

  /** How urgent polls are has changed. */
  reschedule(): void {
    this.#schedule();
  }

  /** Begins no poll until {@linkcode resume}. */
  pause(): void {
    this.#paused = true;
    this.#schedule();
  }

  /** See {@linkcode pause}. */
  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  /** Ends it; resolves when no poll is under way. */
  async stop(): Promise<void> {
    this.#timer?.();
    this.#abort.abort();
    await this.#polling;
  }

  #schedule(): void {
    this.#timer?.();
    this.#timer = undefined;
    if (this.#polling !== undefined || this.#abort.signal.aborted || this.#paused) return;
    const at = this.#dueAt();
    if (at === undefined) return;
    const wait = Math.max(0, at - this.#parts.clock.monotonic());
    this.#timer = this.#parts.clock.after(wait, () => this.#fire());
  }

  /** How urgent it is may have changed since the timer was set. */
  #fire(): void {
    const at = this.#dueAt();
    if (at === undefined || at > this.#parts.clock.monotonic()) return this.#schedule();
    this.#polling = this.#poll().finally(() => {
      this.#polling = undefined;
      this.#schedule();
    });
  }

  #dueAt(): number | undefined {
    const { limits, relaxedUntil } = this.#parts;
    if (this.#urgent) return Math.max(this.#notBefore, this.#lastAsked + limits.gapPace);
    const interval = this.#interval();
    if (interval === undefined) return undefined;
    const last = this.#parts.mark.polledAt ?? this.#began;
    // A failure is retried soon, and not after the whole pace.
    const strict = this.#notBefore > last ? this.#notBefore : last + interval;
    const relaxed = last + interval * limits.relaxed;
    return Math.max(this.#notBefore, Math.min(relaxed, Math.max(strict, relaxedUntil())));
  }

  #interval(): number | undefined {
    const { pace, limits, mark } = this.#parts;
    if (pace === undefined) return undefined;
    return Math.min(limits.longestPace, Math.max(limits.shortestPace, mark.wait ?? pace));
  }

  async #poll(): Promise<void> {
    const { clock, events, limits, listener, mark, slots, watch } = this.#parts;
    const { signal } = this.#abort;
    const urgent = this.#urgent;
    this.#urgent = false;
    let asked = { now: clock.now(), monotonic: clock.monotonic() };
    try {
      const polled = await slots.run(() => {
        asked = { now: clock.now(), monotonic: clock.monotonic() };
        this.#lastAsked = asked.monotonic;
        listener.began();
        return events.poll(watch, mark.cursor, mark.since, signal);
      }, signal);
      if (signal.aborted) return;
      listener.polled(polled, asked.now);
      mark.cursor = polled.cursor;
      mark.since = asked.now;
      mark.polledAt = asked.monotonic;
      mark.wait = polled.wait;
      this.#notBefore = -Infinity;
      this.#backoff.reset();
    } catch (error) {
      if (signal.aborted) return;
      const failure = asOmnifsError(error, "poll");
      this.#urgent ||= urgent;
      const wait = Math.max(this.#backoff.next(), failure.retryAfter ?? 0);
      this.#notBefore = clock.monotonic() + Math.min(wait, limits.longestPace);
      listener.failed(failure);
    }
  }
}
