/**
 * A bundled component's `events`, called directly: what it answers, before any host makes something of it.
 *
 * @module
 */
import type { DirEntry, Event, Invalidation, Polled, Source } from "../../providers/sdk/contract.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import type { Gate } from "../../runtime/egress/callout.ts";
import { answerCallout } from "../../runtime/provider/callouts.ts";
import { answerQuery } from "../../runtime/provider/dns_queries.ts";
import { providerFailure } from "../../runtime/provider/failures.ts";
import { Guest } from "../../runtime/provider/guest.ts";
import { DEFAULT_LIMITS } from "../../runtime/provider/limits.ts";
import { artifactOf } from "../../runtime/provider/load.ts";
import type { Settings } from "../../runtime/provider/mod.ts";
import { TEST_CACHE } from "./build.ts";

/** The events of a component, and its look-ups, in one instance. */
export class GuestEvents implements Disposable {
  readonly #guest: Guest;

  private constructor(guest: Guest) {
    this.#guest = guest;
  }

  /** The component of the bundled provider `name`, whose callouts go through `gate` as those of `name`. */
  static async start(name: string, settings: Settings, gate: Gate): Promise<GuestEvents> {
    const source = { kind: "bundled", name } as const;
    const artifact = await artifactOf(source, TEST_CACHE, DEFAULT_LIMITS.memoryPages);
    const guest = new Guest({
      mount: name,
      artifact,
      settings: JSON.stringify(settings),
      limits: { ...DEFAULT_LIMITS, instances: 1 },
      clock: systemClock,
      host: {
        callout: (op, args, signal) =>
          op === "dns.query"
            ? answerQuery(gate, name, args, signal)
            : answerCallout(gate, name, { name: op, args, op: "" }, signal),
        log: () => {},
        dropped: (fault) => console.error(`${name}: ${fault}`),
        failure: (op, failure) => providerFailure(name, op, failure),
      },
    });
    return new GuestEvents(guest);
  }

  /** `events.sources`. */
  async sources(watch: string): Promise<Source[]> {
    return plain(await this.#call("sources", watch)) as Source[];
  }

  /** `events.poll`. */
  async poll(watch: string, cursor?: string, since = Date.now()): Promise<Polled> {
    return plain(await this.#call("poll", watch, cursor, BigInt(Math.trunc(since)))) as Polled;
  }

  /** `events.on-event`. */
  async onEvent(event: Event): Promise<Invalidation[]> {
    return plain(await this.#call("onEvent", event)) as Invalidation[];
  }

  /** A webhook's delivery with `body` as its JSON. */
  deliver(headers: Readonly<Record<string, string>>, body: unknown): Promise<Invalidation[]> {
    const bytes = new TextEncoder().encode(JSON.stringify(body));
    return this.onEvent({ tag: "webhook", val: { headers: Object.entries(headers), body: bytes } });
  }

  /** `provider.lookup-child`, as the guest answers it. */
  async lookup(parent: string, name: string): Promise<DirEntry["node"] | undefined> {
    const call = { interface: "provider", function: "lookupChild", args: [parent, name] };
    return plain(await this.#guest.call("lookup-child", call)) as DirEntry["node"] | undefined;
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    this.#guest.close();
  }

  #call(name: string, ...args: unknown[]): Promise<unknown> {
    return this.#guest.call(name, { interface: "events", function: name, args });
  }
}

/** A value of the host with numbers in place of its BigInts, as a guest has them. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}

/** What some invalidations say, in short: `placed issues/1/open 42`, `node issue/1/42/title`. */
export function words(invalidations: readonly Invalidation[]): string[] {
  return invalidations.map((one) => {
    if (one.tag === "placed") return `placed ${one.val[0]} ${one.val[1].name}=${one.val[1].node.id}`;
    return one.tag === "removed" ? `removed ${one.val[0]} ${one.val[1]}` : `${one.tag} ${one.val}`;
  }).sort();
}
