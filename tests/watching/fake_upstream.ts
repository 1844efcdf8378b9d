/**
 * A provider's events as the watch engine sees them, by hand: a test says what each call answers and when, and what
 * its streams bring.
 *
 * @module
 */
import { VirtualTime } from "../events/virtual_time.ts";
import type { StreamEnd, StreamListener } from "../../runtime/egress/callout.ts";
import type {
  Invalidation,
  Polled,
  ProviderEvents,
  Source,
  UpstreamEvent,
} from "../../runtime/provider/events.ts";
import {
  WATCH_LIMITS,
  type WatchHost,
  Watching,
  type WatchLimits,
  type Word,
} from "../../runtime/provider/watching/mod.ts";

/** One poll that was asked for. */
export interface AskedPoll {
  /** On whose behalf. */
  readonly watch: string;
  /** From where. */
  readonly cursor: string | undefined;
  /** From when. */
  readonly since: number;
  /** When it was asked. */
  readonly at: number;
}

/** A stream that is being held open. */
export interface HeldStream {
  /** Where it leads. */
  readonly url: string;
  /** The upstream answered. */
  open(): void;
  /** Brings a line; resolves when it has been dealt with. */
  line(text: string): Promise<void>;
  /** Ends it. */
  end(end?: StreamEnd): void;
}

/** What a poll answers unless a test says otherwise. */
export const NOTHING_NEW: Polled = { invalidations: [], cursor: "c", wait: undefined };

/** Events by hand. */
class FakeEvents implements ProviderEvents {
  /** Every poll so far. */
  readonly polls: AskedPoll[] = [];
  /** Every event so far, as text. */
  readonly events: string[] = [];
  /** Calls of `sources`. */
  asked = 0;
  /** The streams that are held open now. */
  readonly streams: HeldStream[] = [];
  /** Streams that were asked for so far. */
  subscriptions = 0;
  /** Polls that are under way now, and the most that ever were. */
  polling = 0;
  mostPolling = 0;
  readonly #clock: VirtualTime;

  /** Answers as of `clock`. */
  constructor(clock: VirtualTime) {
    this.#clock = clock;
  }

  /** What `sources` answers. */
  onSources: (watch: string) => readonly Source[] | Promise<readonly Source[]> = () => [
    { tag: "poll", milliseconds: 60_000 },
  ];
  /** What `poll` answers. */
  onPoll: (poll: AskedPoll) => Polled | Promise<Polled> = () => NOTHING_NEW;
  /** What `on-event` answers. */
  onEvents: (text: string) => readonly Invalidation[] | Promise<readonly Invalidation[]> = () => [];

  /** See {@linkcode ProviderEvents}. */
  async sources(watch: string): Promise<readonly Source[]> {
    this.asked++;
    return await this.onSources(watch);
  }

  /** See {@linkcode ProviderEvents}. */
  async poll(watch: string, cursor: string | undefined, since: number): Promise<Polled> {
    const poll = { watch, cursor, since, at: this.#clock.now() };
    this.polls.push(poll);
    this.mostPolling = Math.max(this.mostPolling, ++this.polling);
    try {
      return await this.onPoll(poll);
    } finally {
      this.polling--;
    }
  }

  /** See {@linkcode ProviderEvents}. */
  async onEvent(event: UpstreamEvent): Promise<readonly Invalidation[]> {
    const text = new TextDecoder().decode(event.tag === "line" ? event.line : event.body);
    this.events.push(text);
    return await this.onEvents(text);
  }

  /** See {@linkcode ProviderEvents}. */
  subscribe(url: string, listener: StreamListener, signal: AbortSignal): Promise<StreamEnd> {
    const { promise, resolve } = Promise.withResolvers<StreamEnd>();
    const stream: HeldStream = {
      url,
      open: () => listener.opened(),
      line: (text) => listener.line(new TextEncoder().encode(text)),
      end: (end = { tag: "closed" }) => {
        this.streams.splice(this.streams.indexOf(stream), 1);
        resolve(end);
      },
    };
    this.streams.push(stream);
    this.subscriptions++;
    signal.addEventListener("abort", () => stream.end({ tag: "timeout" }), { once: true });
    return promise;
  }

  /** The one stream that is held open. */
  get stream(): HeldStream {
    const [stream] = this.streams;
    if (stream === undefined || this.streams.length > 1) throw new Error(`${this.streams.length} streams`);
    return stream;
  }
}

/** The engine over {@linkcode FakeEvents}, and what it told. */
export class Scene {
  readonly clock = new VirtualTime(1_000_000);
  readonly events = new FakeEvents(this.clock);
  /** What was applied. */
  readonly applied: Invalidation[] = [];
  /** How each of it was heard of. */
  readonly words: Word[] = [];
  /** `lost w: cause`, `regained w`, `started w: sources`, `stopped w`. */
  readonly notes: string[] = [];
  readonly watching: Watching;
  /** Whether deliveries can arrive. */
  delivers = true;
  /** Called when something is applied or lost, as the cache would be. */
  onApply: (invalidations: readonly Invalidation[]) => void = () => {};

  /** Begins with nothing watched. */
  constructor(limits: Partial<WatchLimits> = {}) {
    this.watching = new Watching({
      mount: "m",
      events: this.events,
      clock: this.clock,
      host: this.#host(),
      webhooks: () => this.delivers,
      limits: { ...WATCH_LIMITS, ...limits },
    });
  }

  /** Begins to watch `w` as of now, or of `since`. */
  async start(watch = "w", since = this.clock.now()): Promise<void> {
    this.watching.started(watch, since);
    await this.clock.run(0);
  }

  /** Lets `milliseconds` pass, from timer to timer. */
  pass(milliseconds: number): Promise<void> {
    return this.clock.run(milliseconds);
  }

  /** A delivery with that text. */
  deliver(text: string): Promise<{ readonly invalidations: number }> {
    return this.watching.deliver({
      mount: "m",
      id: text,
      event: "",
      headers: [],
      body: new TextEncoder().encode(text),
      receivedAt: this.clock.now(),
    });
  }

  /** What was noted since the last time this was asked. */
  taken(): string[] {
    return this.notes.splice(0);
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.watching.close();
    if (this.clock.waiting > 0) throw new Error(`${this.clock.waiting} timers outlive the engine`);
  }

  #host(): WatchHost {
    return {
      apply: (invalidations, word) => {
        this.applied.push(...invalidations);
        this.words.push(word);
        this.onApply(invalidations);
        return { items: invalidations.length, told: Promise.resolve(invalidations.length) };
      },
      lost: (watch, cause) => {
        this.notes.push(`lost ${watch}: ${cause}`);
        this.onApply([{ tag: "watch", watch }]);
      },
      regained: (watch) => void this.notes.push(`regained ${watch}`),
      note: (what, watch, sources) => {
        this.notes.push(what === "started" ? `started ${watch}: ${sources}` : `stopped ${watch}`);
      },
    };
  }
}
