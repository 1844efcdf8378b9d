/**
 * Taking turns: an upstream that allows one request every so many milliseconds gets them one by one, whoever asks.
 *
 * A need with a `pace` puts its target into a lane. Each request holds the lane from its start to the end of its
 * answer's body, so there is one connection at a time; the next one starts when that is over and `pace`
 * milliseconds have passed since the upstream answered. (Since it answered, and not since it was asked: a
 * request that was slow to arrive and one that was quick would otherwise meet the upstream too close together.)
 *
 * @module
 */
import type { Cancel, Clock } from "../base/clock.ts";
import type { Need } from "./callout.ts";
import { Refusal } from "./checkpoint.ts";
import { parsePattern, patternText } from "./pattern.ts";

/** How many requests may wait for one lane: at arXiv's pace of 3 s, the last of them waits for 96 s. */
export const LANE_PLACES = 32;

/** The right to ask; whoever got it gives it back. */
export interface Turn {
  /** The upstream answered, or failed to: the pace counts from here. */
  answered(): void;
  /** Nothing more will come: the next one may ask. Harmless when it is called again. */
  end(): void;
}

/** The lanes of every mount. */
export class Paces {
  readonly #clock: Clock;
  readonly #quiet: boolean;
  readonly #lanes = new Map<string, Lane>();

  /** No lanes yet. With `quiet`, requests may have gone out just before, so each lane begins with a whole pace. */
  constructor(clock: Clock, quiet = false) {
    this.#clock = clock;
    this.#quiet = quiet;
  }

  /** Notes a mount's needs: those with a pace share a lane, which is that of another mount that names one of them. */
  admit(needs: readonly Need[]): void {
    const keys = needs.filter(({ pace }) => pace !== undefined).map(keyOf);
    const known = keys.map((key) => this.#lanes.get(key)).find((lane) => lane !== undefined);
    const lane = known ?? new Lane(this.#clock, this.#quiet);
    for (const key of keys) if (!this.#lanes.has(key)) this.#lanes.set(key, lane);
  }

  /**
   * Waits for a turn to ask the target of `need`; undefined at once for a need without a pace.
   *
   * @throws {Refusal} `rate-limited` where {@linkcode LANE_PLACES} wait already; the reason of an aborted `signal`
   */
  async turn(need: Need, signal: AbortSignal): Promise<Turn | undefined> {
    if (need.pace === undefined) return undefined;
    return await this.#lanes.get(keyOf(need))?.turn(need.pace, signal);
  }
}

/** Somebody who waits for a turn. */
interface Waiter {
  readonly pace: number;
  readonly go: (turn: Turn) => void;
}

/** One queue, first come, first served. */
class Lane {
  readonly #clock: Clock;
  readonly #waiters: Waiter[] = [];
  #answered: number;
  #busy = false;
  #timer: Cancel | undefined;

  constructor(clock: Clock, quiet: boolean) {
    this.#clock = clock;
    this.#answered = quiet ? clock.monotonic() : -Infinity;
  }

  turn(pace: number, signal: AbortSignal): Promise<Turn> {
    signal.throwIfAborted();
    if (this.#waiters.length >= LANE_PLACES) {
      throw new Refusal({ tag: "rate-limited", milliseconds: LANE_PLACES * pace });
    }
    const { promise, resolve, reject } = Promise.withResolvers<Turn>();
    const leave = () => {
      this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
      reject(signal.reason);
      this.#next();
    };
    const go = (turn: Turn) => {
      signal.removeEventListener("abort", leave);
      resolve(turn);
    };
    const waiter = { pace, go };
    signal.addEventListener("abort", leave, { once: true });
    this.#waiters.push(waiter);
    this.#next();
    return promise;
  }

  /** Lets the first waiter go, or sets a timer for when it may. */
  #next(): void {
    this.#timer?.();
    this.#timer = undefined;
    const [first] = this.#waiters;
    if (first === undefined || this.#busy) return;
    const wait = this.#answered + first.pace - this.#clock.monotonic();
    if (wait > 0) {
      this.#timer = this.#clock.after(Math.ceil(wait), () => this.#next());
      return;
    }
    this.#waiters.shift();
    this.#busy = true;
    first.go(this.#turn());
  }

  #turn(): Turn {
    let ended = false;
    return {
      answered: () => void (this.#answered = this.#clock.monotonic()),
      end: () => {
        if (ended) return;
        ended = true;
        this.#busy = false;
        this.#next();
      },
    };
  }
}

/** One target however it is written. */
function keyOf({ target }: Need): string {
  const pattern = parsePattern(target);
  return pattern.kind === "wrong" ? target : patternText(pattern);
}
