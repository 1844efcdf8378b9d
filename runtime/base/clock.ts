/**
 * The one home of time: no other file asks the system for the hour or sets a timer, so that a test can
 * put its own clock in.
 *
 * @module
 */

/** Stops a timer that has not fired; harmless afterwards. */
export type Cancel = () => void;

/** Where the time comes from. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds since some fixed moment; never goes back. */
  monotonic(): number;
  /** Calls `fire` once, after `milliseconds`. */
  after(milliseconds: number, fire: () => void): Cancel;
}

/** The system's own. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(milliseconds, fire) {
    const id = setTimeout(fire, milliseconds);
    return () => clearTimeout(id);
  },
};

/** Resolves after `milliseconds`; rejects with the signal's reason where it is aborted before. */
export function sleep(clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.after(milliseconds, () => {
      signal?.removeEventListener("abort", stop);
      resolve();
    });
    signal?.addEventListener("abort", stop, { once: true });
  });
}
