/**
 * The host's end of the streams that the egress thread holds open.
 *
 * @module
 */
import type { StreamEnd, StreamListener, Subscription } from "./callout.ts";
import type { FromStreams, ToStreams } from "./stream_protocol.ts";
import type { Settled } from "./trace.ts";

/** Speaks to the thread that holds a stream. */
export type PostStream = (message: ToStreams | { readonly type: "abort"; readonly id: number }) => void;

interface Held {
  readonly mount: string;
  readonly listener: StreamListener;
  readonly post: PostStream;
  readonly resolve: (end: StreamEnd) => void;
  /** The lines that came so far have been dealt with. */
  last: Promise<void>;
}

/** Streams by the number under which the thread knows them. */
export class Streams {
  readonly #held = new Map<number, Held>();
  readonly #settled: (settled: Settled) => void;

  /** What each opening came to is told to `settled`. */
  constructor(settled: (settled: Settled) => void) {
    this.#settled = settled;
  }

  /** Has the thread behind `post` hold a stream open, and resolves with how it ended. Never rejects. */
  async hold(
    id: number,
    subscription: Subscription,
    listener: StreamListener,
    signal: AbortSignal,
    post: PostStream,
  ): Promise<StreamEnd> {
    if (signal.aborted) return { tag: "timeout" };
    const { promise, resolve } = Promise.withResolvers<StreamEnd>();
    const { mount } = subscription;
    this.#held.set(id, { mount, listener, post, resolve, last: Promise.resolve() });
    const stop = () => this.#end(id, { tag: "timeout" });
    signal.addEventListener("abort", stop, { once: true });
    post({ type: "subscribe", id, subscription });
    const end = await promise;
    signal.removeEventListener("abort", stop);
    return end;
  }

  /** Takes a message of the thread. */
  receive(message: FromStreams): void {
    if (message.type === "opening") this.#settled(message.settled);
    const held = this.#held.get(message.id);
    if (held === undefined) return;
    switch (message.type) {
      case "opened":
        return held.listener.opened();
      case "line":
        held.last = held.last.then(() => this.#line(message.id, held, message.line));
        return;
      case "ended":
        // What came before the end is dealt with first.
        return void held.last.then(() => this.#over(message.id, message.end));
    }
  }

  /** Ends the streams of `mount`, or all of them, as `connection`. */
  cut(reason: string, mount?: string): void {
    for (const [id, held] of [...this.#held]) {
      if (mount === undefined || held.mount === mount) this.#end(id, { tag: "connection", reason });
    }
  }

  async #line(id: number, held: Held, line: Uint8Array): Promise<void> {
    if (this.#held.get(id) !== held) return;
    await held.listener.line(line);
    if (this.#held.get(id) === held) held.post({ type: "taken", id });
  }

  /** Ends it from this side. */
  #end(id: number, end: StreamEnd): void {
    this.#held.get(id)?.post({ type: "abort", id });
    this.#over(id, end);
  }

  #over(id: number, end: StreamEnd): void {
    const held = this.#held.get(id);
    this.#held.delete(id);
    held?.resolve(end);
  }
}
