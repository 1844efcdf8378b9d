/**
 * One load a key, however many ask for it; a load that was overtaken by an invalidation answers nobody.
 *
 * @module
 */
import { OmnifsError } from "./errors.ts";

/** Loads one value; `signal` is aborted when nobody waits for it any more. */
export type Load<Value> = (signal: AbortSignal) => Promise<Value>;

/** Notes when loads begin and end, such as for a log of what happens meanwhile. */
export interface Tracker<Mark> {
  /** The load of `key` begins; the mark is what {@linkcode Land} gets. */
  begin(key: string): Mark;
  /** That load is over: it has landed, or never will. */
  end(mark: Mark): void;
}

/** How a {@linkcode SingleFlight} goes about its loads. */
export interface FlightOptions<Mark> {
  /** Hears of each load. */
  readonly tracker: Tracker<Mark>;
  /**
   * What the waiters of an overtaken load get: a fresh one (true, the default), or what it loaded all the same, for
   * callers who look by themselves whether that is still true.
   */
  readonly again?: boolean;
  /**
   * Hears that the load of `key` has a value, before it lands and before anybody gets it; `wanted` is false where it was
   * disowned, or abandoned. May disown others.
   */
  readonly loaded?: (key: string, wanted: boolean) => void;
}

/**
 * Keeps a loaded value. False where it is known to be overtaken: then it counts as disowned.
 *
 * @param tries how many loads of the same key were overtaken for the caller who began this one
 */
export type Land<Value, Mark> = (value: Value, mark: Mark, tries: number) => boolean | void;

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
 * disowned flight, but that of the flight which came after it (unless {@linkcode FlightOptions.again} says otherwise).
 */
export class SingleFlight<Value, Mark> {
  readonly #flights = new Map<string, Flight<Value>>();
  readonly #tracker: Tracker<Mark>;
  readonly #again: boolean;
  readonly #loaded: (key: string, wanted: boolean) => void;
  /** What the loads came to. */
  readonly counts: FlightCounts = { started: 0, joined: 0, overtaken: 0 };

  /** No load yet. */
  constructor({ tracker, again = true, loaded = () => {} }: FlightOptions<Mark>) {
    this.#tracker = tracker;
    this.#again = again;
    this.#loaded = loaded;
  }

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
    land?: Land<Value, Mark>,
  ): Promise<Value> {
    for (let tries = 0;; tries++) {
      if (signal?.aborted) throw gaveUp();
      const flight = this.#join(key, load, land, tries);
      flight.waiters++;
      try {
        const value = await interruptible(flight.promise, signal);
        if (!flight.disowned || !this.#again) return value;
      } catch (error) {
        if (!flight.disowned || !this.#again || signal?.aborted) throw error;
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

  /** {@linkcode disown} for every load under way whose key is one of `which`. */
  disownAll(which: (key: string) => boolean = () => true): void {
    for (const [key, flight] of [...this.#flights]) if (which(key)) this.#disown(key, flight);
  }

  /** How many loads are under way. */
  get size(): number {
    return this.#flights.size;
  }

  #join(
    key: string,
    load: Load<Value>,
    land: Land<Value, Mark> | undefined,
    tries: number,
  ): Flight<Value> {
    const current = this.#flights.get(key);
    if (current !== undefined) {
      this.counts.joined++;
      return current;
    }
    this.counts.started++;
    const mark = this.#tracker.begin(key);
    const abort = new AbortController();
    const flight: Flight<Value> = {
      promise: load(abort.signal).then((value) => {
        const wanted = this.#flights.get(key) === flight;
        this.#loaded(key, wanted);
        if (wanted && land?.(value, mark, tries) === false) this.#disown(key, flight);
        return value;
      }).finally(() => {
        flight.ended = true;
        this.#tracker.end(mark);
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
