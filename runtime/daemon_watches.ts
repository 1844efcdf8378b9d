/**
 * What tells a daemon's tree of changes: the watches of each mount, between the cache that begins and ends them and the
 * upstreams that feed them.
 *
 * @module
 */
import type { Bus } from "./base/bus.ts";
import type { Clock } from "./base/clock.ts";
import { OmnifsError } from "./base/errors.ts";
import type { Log } from "./base/log.ts";
import type { WatchListener } from "./cache/watches.ts";
import type { DeliveryOutcome, WebhookDelivery } from "./egress/webhook.ts";
import type { Provider } from "./provider/mod.ts";
import { WATCH_LIMITS, type WatchHost, Watching, type WatchStatus } from "./provider/watching/mod.ts";
import { GUIDE_ID } from "./vfs/guided.ts";
import type { Invalidator } from "./vfs/invalidator.ts";

/** What the watches of a daemon stand on. */
export interface DaemonWatchesParts {
  /** The time. */
  readonly clock: Clock;
  /** Where events go. */
  readonly bus: Bus;
  /** Where losses are told. */
  readonly log: Log;
}

/** The watches of every mount, but for those of the pages that omnifs itself writes. */
export class DaemonWatches implements WatchListener {
  readonly #parts: DaemonWatchesParts;
  readonly #mounts = new Map<string, Watching>();

  /** Nothing is watched before {@linkcode watch}. */
  constructor(parts: DaemonWatchesParts) {
    this.#parts = parts;
  }

  /** Watches what `provider` shows: `invalidator` is told of changes, and deliveries arrive where `delivers` says so. */
  watch(
    provider: Pick<Provider, "mount" | "events">,
    invalidator: Invalidator,
    delivers: () => boolean,
  ): void {
    const { mount, events } = provider;
    const { clock } = this.#parts;
    this.#mounts.set(
      mount,
      new Watching({
        mount,
        events,
        clock,
        host: this.#host(mount, invalidator),
        webhooks: delivers,
        limits: WATCH_LIMITS,
      }),
    );
  }

  /** See {@linkcode WatchListener}. */
  started(mount: string, watch: string, since: number): void {
    if (watch !== GUIDE_ID) this.#mounts.get(mount)?.started(watch, since);
  }

  /** See {@linkcode WatchListener}. */
  stopped(mount: string, watch: string): void {
    if (watch !== GUIDE_ID) this.#mounts.get(mount)?.stopped(watch);
  }

  /** See {@linkcode WatchListener}. */
  wanted(mount: string, watch: string): void {
    this.#mounts.get(mount)?.wanted(watch);
  }

  /** Does what a webhook delivery asks for. @throws {OmnifsError} `not-found` where nothing is mounted as `mount` */
  async deliver(mount: string, delivery: WebhookDelivery): Promise<DeliveryOutcome> {
    const watching = this.#mounts.get(mount);
    if (watching === undefined) throw new OmnifsError("not-found", `nothing is mounted as ${mount}`);
    return await watching.deliver(delivery);
  }

  /** Whether what `mount` shows is watched: a watch that is lost asks for nothing until somebody reads. */
  isWatched(mount: string): boolean {
    return this.#mounts.get(mount)?.watches().some(({ state }) => state !== "lost") ?? false;
  }

  /** Every watch that is alive or lost, by mount. */
  watches(): WatchStatus[] {
    return [...this.#mounts.values()].flatMap((watching) => watching.watches());
  }

  /** Ends them all; resolves when no provider is asked anything on their behalf. */
  async close(): Promise<void> {
    await Promise.all([...this.#mounts.values()].map((watching) => watching.close()));
  }

  #host(mount: string, invalidator: Invalidator): WatchHost {
    const { bus, log, clock } = this.#parts;
    return {
      apply: (invalidations, { source, watch, cause, receivedAt }) => {
        const known = watch === undefined ? {} : { watch };
        bus.publish("event.received", { mount, source, invalidations: invalidations.length, ...known });
        const effect = invalidator.apply(mount, invalidations, cause);
        effect.told.then((notifications) => {
          const milliseconds = clock.now() - receivedAt;
          if (notifications > 0) bus.publish("event.applied", { mount, source, notifications, milliseconds });
        });
        return effect;
      },
      lost: (watch, cause) => {
        log.warn("a watch is lost, and with it what it guarded", { mount, watch, cause });
        invalidator.lose(mount, watch, cause);
        bus.publish("watch.lost", { mount, watch, cause });
      },
      regained: (watch) => {
        invalidator.regain(mount, watch);
        bus.publish("watch.regained", { mount, watch });
      },
      note: (what, watch, sources) => {
        if (what === "started") bus.publish("watch.started", { mount, watch, sources });
        else bus.publish("watch.stopped", { mount, watch });
      },
    };
  }
}
