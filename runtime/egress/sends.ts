/**
 * The callouts that the egress thread has under way, from the host's side.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Callout, CalloutFailure } from "./callout.ts";
import { shownUrl } from "./shown.ts";
import type { Settled } from "./trace.ts";

/** Speaks to the thread that sends a callout. */
export type PostSend = (
  message:
    | { readonly type: "send"; readonly id: number; readonly callout: Callout }
    | { readonly type: "abort"; readonly id: number },
) => void;

/** Somebody who waits for the thread's answer. */
interface Waiting {
  readonly resolve: (settled: Settled) => void;
  readonly callout: Callout;
  readonly began: number;
  readonly post: PostSend;
}

/** Callouts by the number under which the thread knows them. */
export class Sends {
  readonly #clock: Clock;
  readonly #waiting = new Map<number, Waiting>();

  /** Nothing is under way. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many are under way. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Has the thread that `thread` finds send `callout`. Never rejects; an aborted `signal` ends it as `timeout`. */
  settle(
    id: number,
    callout: Callout,
    signal: AbortSignal | undefined,
    thread: () => PostSend,
  ): Promise<Settled> {
    const { promise, resolve } = Promise.withResolvers<Settled>();
    const began = this.#clock.monotonic();
    if (signal?.aborted) return Promise.resolve(this.#failed({ callout, began }, { tag: "timeout" }));
    try {
      const post = thread();
      this.#waiting.set(id, { resolve, callout, began, post });
      post({ type: "send", id, callout });
    } catch (error) {
      this.#waiting.delete(id);
      const failure = { tag: "connection", reason: messageOf(error) } as const;
      return Promise.resolve(this.#failed({ callout, began }, failure));
    }
    return signal === undefined ? promise : this.#untilAborted(id, promise, signal);
  }

  /** The thread's answer to `id`. */
  settled(id: number, settled: Settled): void {
    this.#waiting.get(id)?.resolve(settled);
    this.#waiting.delete(id);
  }

  /** Ends every callout as `connection`: the thread is gone. */
  lose(reason: string): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiting of all) waiting.resolve(this.#failed(waiting, { tag: "connection", reason }));
  }

  async #untilAborted(id: number, settled: Promise<Settled>, signal: AbortSignal): Promise<Settled> {
    const stop = () => this.#abort(id);
    signal.addEventListener("abort", stop, { once: true });
    try {
      return await settled;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  /** Answers who waits at once; the thread's own answer comes to nobody. */
  #abort(id: number): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    waiting.post({ type: "abort", id });
    waiting.resolve(this.#failed(waiting, { tag: "timeout" }));
  }

  #failed({ callout, began }: Pick<Waiting, "callout" | "began">, failure: CalloutFailure): Settled {
    const milliseconds = this.#clock.monotonic() - began;
    const { mount, method, write } = callout;
    const trace = { mount, method, url: shownUrl(callout.url), milliseconds, requests: 0, bytes: 0, write };
    return { result: { ok: false, failure }, trace };
  }
}
