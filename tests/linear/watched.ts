/**
 * A workspace under watch, by webhooks alone or by looks alone.
 *
 * @module
 */
import { ok } from "node:assert/strict";
import type { Invalidation, Polled } from "../../providers/sdk/contract.ts";
import { GuestEvents, words } from "../support/guest_events.ts";
import { ModelCache } from "../support/model_cache.ts";
import { type Mounted, withComponent } from "./mounted.ts";

/** The longest cursor that a host need take, in characters. */
const CURSOR_LENGTH = 8_192;

/** A watched workspace. */
export interface Watched extends Mounted {
  /** The component's events. */
  readonly events: GuestEvents;
  /** The UUIDs of the teams, by their keys. */
  readonly teams: Readonly<Record<string, string>>;
  /** What every delivery so far means; it goes into the cache. */
  hear(): Promise<string[]>;
  /** One more look at every watch; what they say goes into the cache. */
  look(): Promise<string[]>;
  /** Makes the next look one that sweeps, as if a quarter of an hour had passed. */
  age(): void;
  /** What the last look asked, by the names of its queries and their points. */
  asked(): Promise<[operation: string, points: number][]>;
  /** Reads the whole tree through the cache and without one: both must show the same. Answers the calls that it took. */
  agree(): Promise<number>;
}

/** Runs `use` with the workspace as `fill` makes it, everything of it in the cache, and one look made. */
export async function withWatched(
  fill: (mounted: Mounted) => Promise<void>,
  use: (watched: Watched) => Promise<void>,
): Promise<void> {
  await withComponent(async (mounted) => {
    const { provider, linear, gate } = mounted;
    await fill(mounted);
    await linear.live();
    await linear.deliveries();
    using events = await GuestEvents.start("linear", { endpoint: linear.url }, gate);
    const cache = new ModelCache(provider);
    const since = Date.now();
    await cache.tree("");
    const teams: Record<string, string> = {};
    for (const { name, node } of (await provider.listChildren("teams", undefined)).entries) {
      teams[name] = node.id.slice("team/".length);
    }
    const watches = ["workspace", ...Object.values(teams).map((id) => `team:${id}`)];
    const cursors = new Map<string, string | undefined>();
    const take = (said: readonly Invalidation[]) => {
      cache.apply(said);
      return words(said);
    };
    const poll = async (watch: string): Promise<Polled> => {
      const polled = await events.poll(watch, cursors.get(watch), since);
      ok((polled.cursor?.length ?? 0) <= CURSOR_LENGTH, `a cursor of ${polled.cursor?.length} characters`);
      cursors.set(watch, polled.cursor);
      return polled;
    };
    const look = async () => {
      await linear.reset();
      const said = [];
      for (const watch of watches) said.push(...(await poll(watch)).invalidations);
      return take(said);
    };
    const age = () => {
      for (const [watch, cursor] of cursors) {
        cursors.set(watch, JSON.stringify({ ...JSON.parse(cursor ?? "{}"), swept: 0 }));
      }
    };
    const hear = async () => {
      const said = [];
      for (const delivery of await linear.deliveries()) said.push(...await events.deliver({}, delivery));
      return take(said);
    };
    const agree = () => cache.agree("");
    const asked = async () =>
      (await linear.requests()).map(({ operation, complexity }): [string, number] => [operation, complexity]);
    await look();
    await agree();
    await use({ ...mounted, events, teams, hear, look, age, asked, agree });
  });
}
