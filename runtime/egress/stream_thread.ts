/**
 * The streams in the egress thread.
 *
 * @module
 */
import type { StreamEnd, Subscription } from "./callout.ts";
import type { GateCore } from "./gate.ts";
import type { FromStreams } from "./stream_protocol.ts";

/** Bytes of lines that may be on their way to the host; more of them wait upstream. */
const WINDOW_BYTES = 1024 * 1024;

/** What a line weighs on its way beside its bytes. */
const LINE_BYTES = 256;

/** How a stream ends that may have been broken. */
const DOUBTED: StreamEnd = { tag: "connection", reason: "a connection broke, and nobody knows whose" };

interface Held {
  readonly abort: AbortController;
  /** The weights of the lines that were sent and not taken, in order. */
  readonly sent: number[];
  weight: number;
  /** Lets the next line go. */
  resume: () => void;
  /** True where it was ended because it may have been broken. */
  doubted: boolean;
}

/** Holds streams open on the host's behalf. */
export class StreamThread {
  readonly #post: (message: FromStreams, transfer: Transferable[]) => void;
  readonly #held = new Map<number, Held>();

  /** Tells the host by `post`. */
  constructor(post: (message: FromStreams, transfer: Transferable[]) => void) {
    this.#post = post;
  }

  /** Holds one stream open, until it ends. */
  async subscribe(core: GateCore, id: number, subscription: Subscription): Promise<void> {
    const held: Held = {
      abort: new AbortController(),
      sent: [],
      weight: 0,
      resume: () => {},
      doubted: false,
    };
    this.#held.set(id, held);
    const end = await core.subscribe(subscription, {
      settled: (settled) => this.#post({ type: "opening", id, settled }, []),
      opened: () => this.#post({ type: "opened", id }, []),
      line: (line) => this.#send(id, held, line),
    }, held.abort.signal);
    this.#held.delete(id);
    this.#post({ type: "ended", id, end: held.doubted ? DOUBTED : end }, []);
  }

  /** The host has dealt with the oldest line of `id`. */
  taken(id: number): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    held.weight -= held.sent.shift() ?? 0;
    if (held.weight < WINDOW_BYTES) held.resume();
  }

  /** Nobody listens to `id` any more. */
  abort(id: number): void {
    const held = this.#held.get(id);
    held?.abort.abort();
    held?.resume();
  }

  /** A connection broke, and it may be that of any stream: ends them all. */
  doubt(): void {
    for (const [id, held] of [...this.#held]) {
      held.doubted = true;
      this.abort(id);
    }
  }

  #send(id: number, held: Held, line: Uint8Array): Promise<void> {
    const weight = line.length + LINE_BYTES;
    held.sent.push(weight);
    held.weight += weight;
    this.#post({ type: "line", id, line }, line.buffer instanceof ArrayBuffer ? [line.buffer] : []);
    if (held.weight < WINDOW_BYTES) return Promise.resolve();
    return new Promise((resolve) => held.resume = resolve);
  }
}
