/**
 * The watches of one mount: begun and ended by the cache, fed by webhooks, streams and polls.
 *
 * @module
 */
import type { OmnifsError } from "../../base/errors.ts";
import type { DeliveryOutcome, WebhookDelivery } from "../../egress/webhook.ts";
import type { Invalidation } from "../events.ts";
import { EventQueue } from "./event_queue.ts";
import type { WatchParts, Word } from "./host.ts";
import type { Mark } from "./poller.ts";
import { Slots } from "./slots.ts";
import type { WatchStatus } from "./status.ts";
import { Streams } from "./streams.ts";
import { Watch } from "./watch.ts";

/** Everything that tells one mount of changes. */
export class Watching {
  readonly #parts: WatchParts;
  readonly #slots: Slots;
  readonly #streams: Streams;
  readonly #queue: EventQueue;
  readonly #watches = new Map<string, Watch>();
  /** Where the watches that ended would go on, the latest last. */
  readonly #marks = new Map<string, Mark>();
  readonly #ending = new Set<Promise<void>>();
  #closed = false;

  /** Nothing is watched, and nobody is asked anything. */
  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#slots = new Slots(parts.limits.calls);
    this.#queue = new EventQueue(parts);
    this.#streams = new Streams({ ...parts, line: (url, line) => this.#line(url, line) });
  }

  /**
   * The cache keeps something under `watch`, for the first time or again. Whatever changed after `since` (milliseconds
   * since the Unix epoch) may be missing in it. Takes note, and does the rest later.
   */
  started(watch: string, since: number): void {
    if (this.#closed) return;
    const known = this.#watches.get(watch);
    if (known !== undefined) return known.started();
    const mark = this.#marks.get(watch) ??
      { cursor: undefined, since, polledAt: undefined, wait: undefined };
    this.#marks.delete(watch);
    this.#add(watch, mark).started();
  }

  /** The cache keeps nothing under `watch` any more. */
  stopped(watch: string): void {
    this.#watches.get(watch)?.stopped();
  }

  /** True while nothing may be kept under `watch`, since nobody would say when it changes. */
  isLost(watch: string): boolean {
    return this.#watches.get(watch)?.lost ?? false;
  }

  /** Something under `watch` was loaded, and not kept because the watch is lost. */
  wanted(watch: string): void {
    if (!this.#closed) this.#watches.get(watch)?.wanted();
  }

  /**
   * Does what a delivery asks for; resolves when the cache and the kernel know.
   *
   * @throws {OmnifsError} where the provider cannot say what it means; then a poll is to find out
   */
  async deliver(delivery: WebhookDelivery): Promise<DeliveryOutcome> {
    const { clock, host } = this.#parts;
    const { event, id, headers, body, receivedAt } = delivery;
    const cause = `webhook ${event === "" ? id : `${event} ${id}`}`;
    let invalidations = 0;
    let told = Promise.resolve(0);
    const failures: OmnifsError[] = [];
    await this.#queue.add({ tag: "webhook", headers, body }, (meaning) => {
      this.#hear(meaning);
      const changes = meaning.filter(isChange);
      invalidations = changes.length;
      const word: Word = { source: "webhook", watch: undefined, cause, receivedAt };
      if (changes.length > 0) told = host.apply(changes, word).told;
    }, (error) => {
      failures.push(error);
      this.#missed(undefined, error);
    });
    for (const failure of failures) throw failure;
    const notified = await told > 0;
    return { invalidations, milliseconds: notified ? clock.now() - receivedAt : undefined };
  }

  /** Every watch that is alive or lost. */
  watches(): WatchStatus[] {
    return [...this.#watches.values()].map((watch) => watch.status());
  }

  /** Ends everything; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    const ends = [...this.#watches.values()].map((watch) => watch.close());
    await Promise.all([...ends, ...this.#ending, this.#queue.close()]);
  }

  #add(watch: string, mark: Mark): Watch {
    const added = new Watch({
      ...this.#parts,
      watch,
      mark,
      slots: this.#slots,
      streams: this.#streams,
      ended: () => this.#ended(watch),
    });
    this.#watches.set(watch, added);
    this.#forgetLost();
    return added;
  }

  #ended(watch: string): void {
    const ended = this.#watches.get(watch);
    if (ended === undefined) return;
    this.#watches.delete(watch);
    this.#marks.set(watch, ended.mark);
    for (const oldest of this.#marks.keys()) {
      if (this.#marks.size <= this.#parts.limits.remembered) break;
      this.#marks.delete(oldest);
    }
    const ending = ended.close().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
    this.#parts.host.note("stopped", watch, []);
  }

  /** A lost watch that was forgotten is found out anew when something is kept under it. */
  #forgetLost(): void {
    const lost = [...this.#watches].filter(([, watch]) => watch.lost);
    for (const [key, watch] of lost.slice(0, Math.max(0, lost.length - this.#parts.limits.remembered))) {
      this.#watches.delete(key);
      this.#parts.host.regained(key);
      const ending = watch.close().finally(() => this.#ending.delete(ending));
      this.#ending.add(ending);
    }
  }

  #line(url: string, line: Uint8Array): Promise<void> {
    const { clock, host } = this.#parts;
    const receivedAt = clock.now();
    return this.#queue.add({ tag: "line", line }, (meaning) => {
      this.#hear(meaning);
      const changes = meaning.filter(isChange);
      const word: Word = { source: "stream", watch: undefined, cause: `stream ${url}`, receivedAt };
      if (changes.length > 0) host.apply(changes, word);
    }, (error) => this.#missed(url, error));
  }

  #hear(meaning: readonly Invalidation[]): void {
    for (const said of meaning) if (said.tag === "heard") this.#watches.get(said.watch)?.heard();
  }

  #missed(url: string | undefined, error: OmnifsError): void {
    for (const watch of [...this.#watches.values()]) watch.missed(url, error);
  }
}

function isChange({ tag }: Invalidation): boolean {
  return tag !== "heard";
}
