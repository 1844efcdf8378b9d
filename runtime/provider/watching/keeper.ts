/**
 * The sources of one watch while they run: which of them keep its promise at the moment.
 *
 * @module
 */
import { asOmnifsError, OmnifsError } from "../../base/errors.ts";
import { sleep } from "../../base/clock.ts";
import type { Polled, Source } from "../events.ts";
import { Backoff } from "./backoff.ts";
import { type Mark, Poller } from "./poller.ts";
import type { Slots } from "./slots.ts";
import type { SourceStatus } from "./status.ts";
import type { Streams } from "./streams.ts";
import type { WatchParts } from "./host.ts";

/** What a {@linkcode Keeper} tells. */
export interface KeeperListener {
  /** Its sources are known. */
  begun(sources: readonly Source[]): void;
  /** None has answered yet, and until one does, or is known to, there is no promise. */
  waiting(): void;
  /** The promise is kept: by an open stream without a gap, or by polls that succeed. */
  kept(): void;
  /** No source keeps it at the moment, and this is why. */
  troubled(error: OmnifsError): void;
}

/** What a {@linkcode Keeper} needs. */
export interface KeeperParts extends WatchParts {
  /** The watch. */
  readonly watch: string;
  /** Turns among the calls of this mount. */
  readonly slots: Slots;
  /** The streams of this mount. */
  readonly streams: Streams;
  /** Up to where everything is known; kept up to date. */
  readonly mark: Mark;
  /** True where nothing is believed before a first poll from `mark` succeeded. */
  readonly eager: boolean;
  /** Whom it tells. */
  readonly listener: KeeperListener;
}

/** One stream, as far as one watch is concerned. */
interface Held {
  readonly url: string;
  /** `gap`: it is open, and what happened before it was has not been asked for yet. */
  state: "closed" | "gap" | "open";
  /** Counts its openings, and the events of it that were lost: each leaves a gap of its own. */
  gaps: number;
  leave: () => Promise<void>;
}

/** Runs every source of one watch that can be run. */
export class Keeper {
  readonly #parts: KeeperParts;
  readonly #abort = new AbortController();
  readonly #finding: Promise<void>;
  #sources: readonly Source[] = [];
  #held: Held[] = [];
  #poller: Poller | undefined;
  /** Whether polls keep the promise; undefined for a watch that is polled to fill gaps alone. */
  #polls: boolean | undefined;
  #webhook = false;
  #heardAt: { readonly now: number; readonly monotonic: number } | undefined;
  /** The gaps that the poll that is under way fills. */
  #filling: readonly { readonly held: Held; readonly gap: number }[] = [];
  #paused = false;
  /** Why it is in trouble. */
  #trouble: OmnifsError | undefined;

  /** Asks for the sources, and runs them. */
  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#finding = this.#begin();
  }

  /** When everything was last known to be true, in milliseconds since the Unix epoch. */
  get confirmedAt(): number {
    const { clock, mark } = this.#parts;
    return this.#held.some(({ state }) => state === "open") ? clock.now() : mark.since;
  }

  /** For `omnifs status`. */
  get sources(): readonly SourceStatus[] {
    return this.#sources.map((source) => this.#statusOf(source));
  }

  /** A webhook of this watch was delivered. */
  heard(): void {
    const { clock } = this.#parts;
    this.#heardAt = { now: clock.now(), monotonic: clock.monotonic() };
    this.#poller?.reschedule();
  }

  /** An event was lost, a delivery or a line of the stream at `url`: only a poll can tell what it said. */
  missed(url: string | undefined, error: OmnifsError): void {
    const held = this.#held.filter((each) => each.url === url && each.state !== "closed");
    if (url === undefined ? !this.#webhook : held.length === 0) return;
    if (url === undefined) this.#heardAt = undefined;
    for (const each of held) opened(each);
    this.#poller?.now();
    this.#tell(error);
  }

  /** Asks nobody anything until {@linkcode resume}; streams stay as they are. */
  pause(): void {
    this.#paused = true;
    this.#poller?.pause();
  }

  /** See {@linkcode pause}. */
  resume(): void {
    this.#paused = false;
    this.#poller?.resume();
  }

  /** Ends every source; resolves when nothing of it is under way. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.all([this.#finding, this.#poller?.stop(), ...this.#held.map(({ leave }) => leave())]);
  }

  async #begin(): Promise<void> {
    const { listener, mark, eager } = this.#parts;
    listener.waiting();
    const sources = await this.#findSources();
    if (sources === undefined) return;
    this.#sources = sources;
    listener.begun(sources);
    const usable = sources.filter((source) => source.tag !== "webhook" || this.#parts.webhooks());
    if (usable.length === 0) return listener.troubled(this.#nobody(sources));
    this.#webhook = usable.some(({ tag }) => tag === "webhook");
    const paces = usable.flatMap((source) => source.tag === "poll" ? [source.milliseconds] : []);
    this.#polls = paces.length > 0 ? !eager : undefined;
    this.#poller = new Poller({
      ...this.#parts,
      pace: paces.length > 0 ? Math.min(...paces) : undefined,
      relaxedUntil: () => this.#relaxedUntil(),
      mark,
      listener: {
        began: () => {
          this.#filling = this.#held.map((held) => ({ held, gap: held.gaps }));
        },
        polled: (polled, began) => this.#polled(polled, began),
        failed: (error) => this.#failed(error),
      },
    });
    if (this.#paused) this.#poller.pause();
    for (const source of usable) if (source.tag === "subscribe") this.#hold(source.url);
    if (eager && this.#held.length === 0) this.#poller.now();
    if (this.#keeps()) listener.kept();
  }

  /** Asks until there is an answer; undefined where it was stopped before. */
  async #findSources(): Promise<readonly Source[] | undefined> {
    const { clock, events, limits, listener, slots, watch } = this.#parts;
    const { signal } = this.#abort;
    const backoff = new Backoff(limits.firstRetry, limits.longestRetry);
    while (!signal.aborted) {
      try {
        const sources = await slots.run(() => events.sources(watch, signal), signal);
        return signal.aborted ? undefined : sources;
      } catch (error) {
        if (signal.aborted) return undefined;
        listener.troubled(asOmnifsError(error, "sources"));
        await sleep(clock, backoff.next(), signal).catch(() => {});
      }
    }
    return undefined;
  }

  #nobody(sources: readonly Source[]): OmnifsError {
    const { mount, watch } = this.#parts;
    return sources.length === 0
      ? new OmnifsError("unsupported", `${mount} names no source of change for ${watch}`, { op: "watch" })
      : new OmnifsError("unsupported", `${watch} is told of by webhooks alone, and none are taken`, {
        op: "watch",
        mend: "omnifs webhook url",
      });
  }

  #hold(url: string): void {
    const held: Held = { url, state: "closed", gaps: 0, leave: () => Promise.resolve() };
    this.#held.push(held);
    held.leave = this.#parts.streams.use(url, {
      opened: () => {
        opened(held);
        this.#poller?.now();
      },
      broken: (error) => {
        held.state = "closed";
        this.#poller?.reschedule();
        this.#tell(error);
      },
    });
  }

  #polled(polled: Polled, began: number): void {
    const { host, watch } = this.#parts;
    for (const { held, gap } of this.#filling) {
      if (held.state === "gap" && held.gaps === gap) held.state = "open";
    }
    this.#filling = [];
    if (this.#polls !== undefined) this.#polls = true;
    const invalidations = polled.invalidations.filter(({ tag }) => tag !== "heard");
    if (invalidations.length > 0) {
      host.apply(invalidations, { source: "poll", watch, cause: `poll of ${watch}`, receivedAt: began });
    }
    if (!this.#abort.signal.aborted) this.#tell(undefined);
  }

  #failed(error: OmnifsError): void {
    this.#filling = [];
    if (this.#polls !== undefined) this.#polls = false;
    this.#tell(error);
  }

  #tell(error: OmnifsError | undefined): void {
    if (this.#abort.signal.aborted) return;
    if (error !== undefined) this.#trouble = error;
    if (this.#keeps()) this.#parts.listener.kept();
    else if (this.#trouble !== undefined) this.#parts.listener.troubled(this.#trouble);
  }

  #keeps(): boolean {
    if (this.#polls === true || this.#held.some(({ state }) => state === "open")) return true;
    // Deliveries alone: nothing can be asked that would tell more.
    return this.#polls === undefined && this.#held.length === 0 && this.#webhook;
  }

  /** An open stream, or a webhook that was just heard, makes polls less urgent. */
  #relaxedUntil(): number {
    if (this.#held.some(({ state }) => state === "open")) return Infinity;
    return this.#heardAt === undefined ? -Infinity : this.#heardAt.monotonic + this.#parts.limits.heard;
  }

  #statusOf(source: Source): SourceStatus {
    const { clock, mark, streams, webhooks } = this.#parts;
    switch (source.tag) {
      case "webhook":
        return { kind: "webhook", lastWord: this.#heardAt?.now, up: webhooks() };
      case "subscribe": {
        const held = this.#held.find(({ url }) => url === source.url);
        return { kind: "stream", lastWord: streams.lastWord(source.url), up: held?.state === "open" };
      }
      case "poll": {
        const due = this.#poller?.due;
        const lastWord = mark.polledAt === undefined ? undefined : mark.since;
        const next = due === undefined ? {} : { next: clock.now() + Math.max(0, due - clock.monotonic()) };
        return { kind: "poll", lastWord, up: this.#polls === true, ...next };
      }
    }
  }
}

/** What happened at `held` until now may be missing. */
function opened(held: Held): void {
  held.state = "gap";
  held.gaps++;
}
