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

/** A count of an upstream that may be spent. */
interface Budget {
  /** The header with what is left of it. */
  readonly remaining: string;
  /** The header with the time from which there is more. */
  readonly reset: string;
  /** Milliseconds of one unit of that time: seconds or milliseconds since the epoch. */
  readonly unit: number;
  /** The status, beside 429, of an answer that is refused for it. */
  readonly status: number;
}

/** The counts that upstreams tell of. */
const BUDGETS: readonly Budget[] = [
  // https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
  { remaining: "x-ratelimit-remaining", reset: "x-ratelimit-reset", unit: 1_000, status: 403 },
  // https://linear.app/developers/rate-limiting: GraphQL's own status for a request that fails as a whole
  // (its limits of single queries are no matter of the whole host).
  ...["requests", "complexity"].map((name) => ({
    remaining: `x-ratelimit-${name}-remaining`,
    reset: `x-ratelimit-${name}-reset`,
    unit: 1,
    status: 400,
  })),
];

/** Resets below this are units from now, not units since the epoch. */
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
 * Milliseconds that an answer asks to wait, or undefined. 429 does (RFC 6585, 4); 403 does with `retry-after`; and so does
 * the status of a budget that is spent, until the last of those begins anew.
 */
export function waitOf(status: number, headers: Headers, now: number): number | undefined {
  const after = retryAfter(headers.get("retry-after"), now);
  const spent = BUDGETS.filter((budget) =>
    (status === 429 || status === budget.status) && isSpent(headers.get(budget.remaining))
  );
  if (status !== 429 && spent.length === 0 && !(status === 403 && after !== undefined)) return undefined;
  const resets = spent.flatMap(({ reset, unit }) => resetAfter(headers.get(reset), unit, now) ?? []);
  return after ?? (resets.length > 0 ? Math.max(...resets) : DEFAULT_WAIT);
}

function isSpent(remaining: string | null): boolean {
  return remaining !== null && /^(0+|-\d+)$/.test(remaining);
}

/** `retry-after` (RFC 9110, 10.2.3) in milliseconds from now: seconds or a date. */
function retryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(date - now, 0);
}

function resetAfter(value: string | null, unit: number, now: number): number | undefined {
  if (value === null || !/^\d+$/.test(value)) return undefined;
  const units = Number(value);
  return units < LEAST_EPOCH ? units * unit : Math.max(units * unit - now, 0);
}
