/**
 * When a refused credential is asked for anew: once for however many callouts were refused with it, and not at every
 * refusal, since a source may be a program that asks its user.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import type { Settled } from "./trace.ts";

/** Milliseconds for which a mount's sources are not asked again although its credential is refused. */
const ASK_AGAIN_AFTER = 30_000;

/** How the credentials of a mount changed. */
interface Generation {
  /** Counts up with every change. */
  number: number;
  /** When its sources were asked last. */
  askedAt: number | undefined;
  /** The asking that is under way; resolves to whether something changed. */
  asking: Promise<boolean> | undefined;
}

/** Counts the generations of every mount's credentials. */
export class Renewals {
  readonly #clock: Clock;
  readonly #ask: (mount: string) => Promise<boolean>;
  readonly #generations = new Map<string, Generation>();

  /** `ask` asks the sources of a mount, and resolves to whether a credential of it changed. */
  constructor(clock: Clock, ask: (mount: string) => Promise<boolean>) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /** The generation of a mount's credentials. */
  number(mount: string): number {
    return this.#of(mount).number;
  }

  /** Notes that a credential of `mount` changed. */
  changed(mount: string): void {
    this.#of(mount).number++;
  }

  /** True where `mount` has another credential than in generation `before`, or gets one when its sources are asked. */
  async renewed(mount: string, before: number): Promise<boolean> {
    const generation = this.#of(mount);
    if (generation.number !== before) return true;
    const { askedAt, asking } = generation;
    const early = askedAt !== undefined && this.#clock.monotonic() - askedAt < ASK_AGAIN_AFTER;
    if (asking === undefined && early) return false;
    generation.asking ??= this.#ask(mount).catch(() => false).finally(() => {
      generation.askedAt = this.#clock.monotonic();
      generation.asking = undefined;
    });
    return await generation.asking;
  }

  #of(mount: string): Generation {
    const known = this.#generations.get(mount) ?? { number: 0, askedAt: undefined, asking: undefined };
    this.#generations.set(mount, known);
    return known;
  }
}

/** True where the upstream wants a credential, or another one (RFC 9110, 15.5.2). */
export function isUnauthorized({ result }: Settled): boolean {
  return result.ok && result.response.status === 401;
}

/** What `promise` resolves to; undefined as soon as `signal` is aborted. */
export async function unlessAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value | undefined> {
  if (signal === undefined) return await promise;
  const aborted = Promise.withResolvers<undefined>();
  const stop = () => aborted.resolve(undefined);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
