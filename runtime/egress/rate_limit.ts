/**
 * Waiting out an upstream's rate limit: once a host said "later", nobody asks it before then.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";

/** The wait where an upstream names none: GitHub's own advice for its secondary limits is one minute. */
const DEFAULT_WAIT = 60_000;

/** The longest wait that an upstream can ask for, so that one wrong header does not cut a host off for good. */
const LONGEST_WAIT = 24 * 3_600_000;

/** Values of `x-ratelimit-reset` below this are seconds from now, not seconds since the epoch. */
const LEAST_EPOCH = 1_000_000_000;

/** What each host asked for; a key is an origin together with the credential's name. */
export class RateLimits {
  readonly #clock: Clock;
  readonly #until = new Map<string, number>();

  /** Nobody waits; `clock` tells when a wait is over. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds still to wait before `key` may be asked, or undefined. */
  wait(key: string): number | undefined {
    const until = this.#until.get(key);
    if (until === undefined) return undefined;
    const left = until - this.#clock.monotonic();
    if (left > 0) return Math.ceil(left);
    this.#until.delete(key);
    return undefined;
  }

  /** Reads an answer of `key`: true where it says to wait. */
  note(key: string, status: number, headers: Headers): boolean {
    const wait = waitOf(status, headers, this.#clock.now());
    if (wait === undefined) return false;
    this.#until.set(key, this.#clock.monotonic() + Math.min(Math.max(wait, 0), LONGEST_WAIT));
    return true;
  }
}

/**
 * Milliseconds that an answer asks to wait, or undefined. 429 does (RFC 6585, 4); 403 does with
 * `retry-after` or with nothing left of `x-ratelimit-remaining`
 * (https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api).
 */
export function waitOf(status: number, headers: Headers, now: number): number | undefined {
  const after = retryAfter(headers.get("retry-after"), now);
  const spent = headers.get("x-ratelimit-remaining") === "0";
  if (status !== 429 && !(status === 403 && (after !== undefined || spent))) return undefined;
  return after ?? (spent ? resetAfter(headers.get("x-ratelimit-reset"), now) : undefined) ?? DEFAULT_WAIT;
}

/** `retry-after` (RFC 9110, 10.2.3) in milliseconds from now: seconds or a date. */
function retryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(date - now, 0);
}

function resetAfter(value: string | null, now: number): number | undefined {
  if (value === null || !/^\d+$/.test(value)) return undefined;
  const seconds = Number(value);
  return seconds < LEAST_EPOCH ? seconds * 1_000 : Math.max(seconds * 1_000 - now, 0);
}
