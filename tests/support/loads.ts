/**
 * Loads that a test ends by hand.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type ErrorKind, OmnifsError } from "../../runtime/base/errors.ts";

/** One load that was asked for and waits for the test. */
export interface Pending<Value> {
  /** What the loader got as its signal. */
  readonly signal: AbortSignal;
  /** Ends it well. */
  resolve(value: Value): void;
  /** Ends it badly. */
  reject(error: unknown): void;
}

/** A loader whose loads stay pending until the test ends them. */
export class Loads<Value> {
  /** Every load so far, in order. */
  readonly started: Pending<Value>[] = [];

  /** To be handed to whoever loads. */
  readonly load = (signal: AbortSignal): Promise<Value> => {
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    this.started.push({ signal, resolve, reject });
    return promise;
  };

  /** Load number `index`, which must have been started. */
  at(index: number): Pending<Value> {
    const load = this.started[index];
    assert(load !== undefined, `load ${index} was not started`);
    return load;
  }
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

/** For `assert.rejects` and `assert.throws`: an `OmnifsError` of `kind`, whose message matches `message`. */
export function ofKind(kind: ErrorKind, message: RegExp = /(?:)/): (error: unknown) => boolean {
  return (error) => {
    assert(error instanceof OmnifsError, `not an OmnifsError: ${error}`);
    assert.equal(error.kind, kind, error.message);
    assert.match(error.message, message);
    return true;
  };
}
