/**
 * A provider of trackers whose every way of telling may lose, delay, repeat and swap what it tells: the projection and
 * the events as the host sees them.
 *
 * @module
 */
import { OmnifsError } from "../../runtime/base/errors.ts";
import type { StreamEnd, StreamListener } from "../../runtime/egress/callout.ts";
import type {
  Invalidation,
  Polled,
  ProviderEvents,
  Source,
  UpstreamEvent,
} from "../../runtime/provider/events.ts";
import type { DirEntry, Listing, Measure, Node, Projection } from "../../runtime/provider/node.ts";
import { type Box, BOXES, type Change, type Item, Tracker } from "./tracker.ts";
import type { Chance, VirtualTime } from "./virtual_time.ts";

/** The trackers that there are. */
export const REPOS = ["r0", "r1"] as const;

/** How a provider tells of a change, and how unreliable everything is. */
export interface Manner {
  /** The sources of every watch. */
  readonly sources: readonly ("webhook" | "stream" | "poll")[];
  /** Whether changes come with the new state, name what is no longer true, or now this, now that. */
  readonly tells: "placed" | "dropped" | "mixed";
  /** The mark of a state: exact, the time in whole seconds, or none. */
  readonly version: "exact" | "time" | "none";
  /** Whether the bytes of an item come with it, or are asked for. */
  readonly body: "inline" | "ask";
  /** How many in a hundred deliveries are lost, and how many are repeated. */
  readonly lost: number;
  readonly repeated: number;
  /** The longest that a delivery, a line or an answer takes, in milliseconds. */
  readonly slowest: number;
}

/** Milliseconds between two polls. */
const PACE = 30_000;

interface OpenStream {
  readonly listener: StreamListener;
  readonly end: (end: StreamEnd) => void;
  readonly lines: Change[];
  pumping: boolean;
}

const encoder = new TextEncoder();

/** See the module. */
export class LossyUpstream implements Projection, ProviderEvents {
  readonly mount = "m";
  readonly tracker = new Tracker();
  /** Loads that were answered or failed. */
  loads = 0;
  /** Polls, streams and questions for sources so far. */
  asked = 0;
  /** Nothing is lost, repeated or slow any more. */
  calm = false;
  /** Until when everything fails, and until when only polls or the opening of streams do. */
  downUntil = 0;
  pollsFailUntil = 0;
  streamsFailUntil = 0;
  /** The kind that polls fail with. */
  pollFailure: "unavailable" | "rate-limited" | "internal" = "unavailable";
  /** How many in a hundred events the provider cannot read. */
  unreadable = 0;
  /** Where deliveries go. */
  deliver: (change: Change) => void = () => {};
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #manner: Manner;
  readonly #streams = new Set<OpenStream>();

  /** Trackers without items. */
  constructor(time: VirtualTime, chance: Chance, manner: Manner) {
    this.#time = time;
    this.#chance = chance;
    this.#manner = manner;
  }

  /** Tells of `change` by every source, as well as it goes. */
  tell(change: Change | undefined): void {
    if (change === undefined) return;
    for (const stream of this.#streams) {
      stream.lines.push(change);
      void this.#pump(stream);
    }
    if (!this.#manner.sources.includes("webhook")) return;
    if (!this.calm && this.#chance.percent(this.#manner.lost)) return;
    const times = !this.calm && this.#chance.percent(this.#manner.repeated) ? 2 : 1;
    for (let i = 0; i < times; i++) this.#time.after(this.#slowness(), () => this.deliver(change));
  }

  /** Ends every stream; lines that were on their way, and the one in the middle of which it is cut, are lost. */
  cut(end: StreamEnd = { tag: "connection", reason: "cut" }): void {
    for (const stream of [...this.#streams]) stream.end(end);
  }

  /** See {@linkcode Projection}. */
  lookupChild(parent: string, name: string): Promise<Node | undefined> {
    return this.#load(() => {
      if (parent === "") {
        return (REPOS as readonly string[]).includes(name) ? directory(name, name) : undefined;
      }
      const place = placeOf(parent);
      if (place.box === undefined) return isBox(name) ? directory(`${parent}/${name}`, parent) : undefined;
      const item = this.tracker.box(place.repo, place.box).find((each) => each.name === name);
      return item && this.#node(item);
    });
  }

  /** See {@linkcode Projection}. */
  listChildren(parent: string): Promise<Listing> {
    return this.#load(() => ({
      entries: this.#children(parent),
      exhaustive: true,
      next: undefined,
      also: [],
      complete: [],
    }));
  }

  /** See {@linkcode Projection}. */
  readFile(file: string, offset: number, length: number): Promise<Uint8Array> {
    return this.#load(() => {
      const item = this.tracker.item(file);
      if (item === undefined) throw new OmnifsError("not-found", "gone");
      return textOf(item).slice(offset, offset + length);
    });
  }

  /** See {@linkcode Projection}. */
  measure(): Promise<Measure> {
    throw new Error("no body of this provider is upstream");
  }

  /** See {@linkcode Projection}. */
  download(): Promise<Uint8Array> {
    throw new Error("no body of this provider is upstream");
  }

  /** See {@linkcode ProviderEvents}. */
  sources(): Promise<readonly Source[]> {
    this.asked++;
    return Promise.resolve(this.#manner.sources.map((source) => SOURCES[source]));
  }

  /** See {@linkcode ProviderEvents}. */
  async poll(repo: string, cursor: string | undefined, since: number): Promise<Polled> {
    this.asked++;
    await this.#time.wait(this.#slowness());
    this.#failWhere(this.downUntil, "unavailable");
    this.#failWhere(this.pollsFailUntil, this.pollFailure);
    const from = cursor === undefined ? { since } : { sequence: Number(cursor) };
    const changes = this.tracker.after(repo, from);
    const last = new Map(changes?.map((change) => [change.id, change]));
    const told = changes === undefined
      ? [{ tag: "watch", watch: repo } as const]
      : [...last.values()].flatMap((change) => this.#meaning(change));
    const polled = { invalidations: told, cursor: String(this.tracker.sequence), wait: undefined };
    await this.#time.wait(this.#slowness());
    return polled;
  }

  /** See {@linkcode ProviderEvents}. */
  async onEvent(event: UpstreamEvent): Promise<readonly Invalidation[]> {
    await this.#time.wait(this.#slowness() / 10);
    if (!this.calm && this.#chance.percent(this.unreadable)) throw new OmnifsError("internal", "unreadable");
    const change: Change = JSON.parse(
      new TextDecoder().decode(event.tag === "line" ? event.line : event.body),
    );
    const heard = event.tag === "webhook" ? [{ tag: "heard", watch: change.repo } as const] : [];
    return [...heard, ...this.#meaning(change)];
  }

  /** See {@linkcode ProviderEvents}. */
  async subscribe(_url: string, listener: StreamListener, signal: AbortSignal): Promise<StreamEnd> {
    this.asked++;
    await this.#time.wait(this.#slowness());
    if (signal.aborted) return { tag: "timeout" };
    if (this.#time.now() < Math.max(this.downUntil, this.streamsFailUntil)) {
      return { tag: "refused", status: 503 };
    }
    const { promise, resolve } = Promise.withResolvers<StreamEnd>();
    const stream: OpenStream = {
      listener,
      lines: [],
      pumping: false,
      end: (end) => {
        this.#streams.delete(stream);
        resolve(end);
      },
    };
    this.#streams.add(stream);
    const stop = () => stream.end({ tag: "timeout" });
    signal.addEventListener("abort", stop, { once: true });
    listener.opened();
    return await promise.finally(() => signal.removeEventListener("abort", stop));
  }

  /** Lines come one after the other, each when the one before has been dealt with. */
  async #pump(stream: OpenStream): Promise<void> {
    if (stream.pumping) return;
    stream.pumping = true;
    while (this.#streams.has(stream)) {
      const change = stream.lines.shift();
      if (change === undefined) break;
      await this.#time.wait(this.#slowness() / 4);
      if (this.#streams.has(stream)) await stream.listener.line(encoder.encode(JSON.stringify(change)));
    }
    stream.pumping = false;
  }

  /** An answer that holds what is true at one moment between the question and its arrival. */
  async #load<Value>(now: () => Value): Promise<Value> {
    this.loads++;
    await this.#time.wait(this.#slowness());
    this.#failWhere(this.downUntil, "unavailable");
    const value = now();
    await this.#time.wait(this.#slowness());
    return value;
  }

  #failWhere(until: number, kind: "unavailable" | "rate-limited" | "internal"): void {
    if (this.#time.now() < until) throw new OmnifsError(kind, `${kind} for now`);
  }

  #slowness(): number {
    if (this.calm) return 1;
    // Mostly quick, sometimes slow: so that answers overtake each other.
    return this.#chance.percent(70) ? this.#chance.below(20) : this.#chance.below(this.#manner.slowest);
  }

  /** What a change means, as its payload tells it. */
  #meaning({ id, repo, item }: Change): Invalidation[] {
    const { tells } = this.#manner;
    if (tells === "dropped" || tells === "mixed" && this.#chance.percent(50)) {
      return [
        { tag: "node", id },
        ...BOXES.map((box) => ({ tag: "children", id: `${repo}/${box}` } as const)),
      ];
    }
    return BOXES.map((box) => {
      const parent = `${repo}/${box}`;
      return item?.box === box
        ? { tag: "placed", parent, entry: this.#entry(item) } as const
        : { tag: "removed", parent, id } as const;
    });
  }

  #children(parent: string): DirEntry[] {
    if (parent === "") return REPOS.map((repo) => ({ name: repo, node: directory(repo, repo) }));
    const { repo, box } = placeOf(parent);
    if (box === undefined) {
      return BOXES.map((each) => ({ name: each, node: directory(`${repo}/${each}`, repo) }));
    }
    return this.tracker.box(repo, box).map((item) => this.#entry(item));
  }

  #entry(item: Item): DirEntry {
    return { name: item.name, node: this.#node(item) };
  }

  #node(item: Item): Node {
    const { body, version } = this.#manner;
    const bytes = textOf(item);
    return {
      id: item.id,
      directory: false,
      size: bytes.length,
      modified: item.modified,
      version: version === "exact" ? `${item.version}` : version === "time" ? `${item.modified}` : undefined,
      freshness: { tag: "watched", watch: item.repo },
      content: body === "inline" ? { tag: "inline", bytes } : { tag: "ask" },
      listFirst: false,
      writable: false,
    };
  }
}

const SOURCES: Readonly<Record<Manner["sources"][number], Source>> = {
  webhook: { tag: "webhook", verification: "hub-signature256" },
  stream: { tag: "subscribe", url: "https://tracker.test/events" },
  poll: { tag: "poll", milliseconds: PACE },
};

/** The bytes of an item: which one it is, and how often it changed; all of one length, so that a length betrays nothing. */
export function textOf({ id, version }: Item): Uint8Array<ArrayBuffer> {
  return encoder.encode(`${id}@${version}`.padEnd(24, "."));
}

/** What {@linkcode textOf} says. */
export function readText(text: string): { readonly id: string; readonly version: number } {
  const [id = "", version = ""] = text.replace(/\.+$/, "").split("@");
  return { id, version: Number(version) };
}

function directory(id: string, watch: string): Node {
  return {
    id,
    directory: true,
    size: undefined,
    modified: undefined,
    version: undefined,
    freshness: { tag: "watched", watch },
    content: { tag: "ask" },
    listFirst: false,
    writable: false,
  };
}

function placeOf(id: string): { readonly repo: string; readonly box: Box | undefined } {
  const [repo = "", box = ""] = id.split("/");
  return { repo, box: isBox(box) ? box : undefined };
}

function isBox(name: string): name is Box {
  return (BOXES as readonly string[]).includes(name);
}
