/**
 * One load a key, however many ask for it; a load that was overtaken by an invalidation answers nobody.
 *
 * @module
 */
import { OmnifsError } from "./errors.ts";

/** Loads one value; `signal` is aborted when nobody waits for it any more. */
export type Load<Value> = (signal: AbortSignal) => Promise<Value>;

interface Flight<Value> {
  promise: Promise<Value>;
  readonly abort: AbortController;
  waiters: number;
  disowned: boolean;
  ended: boolean;
}

/** What the loads of one {@linkcode SingleFlight} came to. */
export interface FlightCounts {
  /** Loads that were started. */
  started: number;
  /** Callers who joined a load that was under way. */
  joined: number;
  /** Loads whose answer was thrown away because an invalidation came in between. */
  overtaken: number;
}

/**
 * Runs loads, one at a time for each key.
 *
 * Invariants: a key has at most one flight that is not disowned; a caller never gets the answer of a
 * disowned flight, but that of the flight which came after it.
 */
export class SingleFlight<Value> {
  readonly #flights = new Map<string, Flight<Value>>();
  /** What the loads came to. */
  readonly counts: FlightCounts = { started: 0, joined: 0, overtaken: 0 };

  /**
   * The value of `key`, through the flight that is under way or a new one. `land` is called once a flight,
   * synchronously, before anybody gets the value, and never for a disowned one: the place to keep it.
   *
   * @throws {OmnifsError} `interrupted` where `signal` is aborted first; else whatever `load` throws
   */
  async run(
    key: string,
    load: Load<Value>,
    signal?: AbortSignal,
    land?: (value: Value) => void,
  ): Promise<Value> {
    for (;;) {
      if (signal?.aborted) throw gaveUp();
      const flight = this.#join(key, load, land);
      flight.waiters++;
      try {
        const value = await interruptible(flight.promise, signal);
        if (!flight.disowned) return value;
      } catch (error) {
        if (!flight.disowned || signal?.aborted) throw error;
      } finally {
        flight.waiters--;
        if (flight.waiters === 0) this.#abandon(key, flight);
      }
    }
  }

  /** Makes the load of `key` that is under way answer nobody: its waiters get a fresh one. */
  disown(key: string): void {
    const flight = this.#flights.get(key);
    if (flight === undefined) return;
    this.#disown(key, flight);
  }

  /** {@linkcode disown} for every load under way. */
  disownAll(): void {
    for (const [key, flight] of [...this.#flights]) this.#disown(key, flight);
  }

  /** How many loads are under way. */
  get size(): number {
    return this.#flights.size;
  }

  #join(key: string, load: Load<Value>, land?: (value: Value) => void): Flight<Value> {
    const current = this.#flights.get(key);
    if (current !== undefined) {
      this.counts.joined++;
      return current;
    }
    this.counts.started++;
    const abort = new AbortController();
    const flight: Flight<Value> = {
      promise: load(abort.signal).then((value) => {
        if (this.#flights.get(key) === flight) land?.(value);
        return value;
      }).finally(() => {
        flight.ended = true;
        if (this.#flights.get(key) === flight) this.#flights.delete(key);
      }),
      abort,
      waiters: 0,
      disowned: false,
      ended: false,
    };
    // Whoever joined hears of a failure; a flight that everybody left fails unheard.
    flight.promise.catch(() => {});
    this.#flights.set(key, flight);
    return flight;
  }

  #disown(key: string, flight: Flight<Value>): void {
    flight.disowned = true;
    this.counts.overtaken++;
    this.#flights.delete(key);
  }

  #abandon(key: string, flight: Flight<Value>): void {
    if (flight.ended) return;
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
    flight.abort.abort(new OmnifsError("interrupted", "nobody waits for this load any more"));
  }
}

/** `promise`, unless `signal` is aborted first. */
function interruptible<Value>(promise: Promise<Value>, signal?: AbortSignal): Promise<Value> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = () => reject(gaveUp());
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

function gaveUp(): OmnifsError {
  return new OmnifsError("interrupted", "the caller gave up");
}
