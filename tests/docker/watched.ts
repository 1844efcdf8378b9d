/**
 * An engine under watch, by its stream alone or by looks alone.
 *
 * @module
 */
import type { Invalidation } from "../../providers/sdk/contract.ts";
import type { Engine } from "../fakes/docker/engine.ts";
import { until } from "../support/deadline.ts";
import { GuestEvents, words } from "../support/guest_events.ts";
import { ModelCache } from "../support/model_cache.ts";
import { type Loaded, withComponent } from "./with_engine.ts";

/** Longest wait for an event, in milliseconds. */
const PATIENCE = 20_000;

/** What changes with every look at it, or tells of the machine. */
const RESTLESS = /^\/system|\/stats\.json$/;

/** A watched engine. */
export interface Watched {
  /** The engine. */
  readonly engine: Engine;
  /** Its events, as the component tells them. */
  readonly events: GuestEvents;
  /** Waits for each event, such as `container start`, as often as it is named, and takes in what every event so far means. */
  hear(...expected: string[]): Promise<string[]>;
  /** One look, from where the last one ended. */
  look(): Promise<string[]>;
  /** Callouts of the last look, and of what was heard last. */
  cost(): number;
  /** Reads the whole tree through the cache and without one: both must show the same. Answers the calls that it took. */
  agree(): Promise<number>;
}

/** Runs `use` with the component in front of `engine`, whose tree is in a cache; `stream` follows its events. */
export function withWatched(engine: Engine, stream: boolean, use: (watched: Watched) => Promise<void>) {
  return withComponent(engine, async (loaded) => {
    using events = await GuestEvents.start("docker", { socket: engine.socket }, loaded.gate);
    const lines: string[] = [];
    const abort = new AbortController();
    const following = stream ? await follow(engine, events, abort.signal, lines) : undefined;
    try {
      await use(await watched(engine, loaded, events, lines));
    } finally {
      abort.abort();
      await following?.ended;
    }
  });
}

async function follow(engine: Engine, events: GuestEvents, signal: AbortSignal, lines: string[]) {
  const [source] = await events.sources("docker");
  if (source?.tag !== "subscribe") throw new Error("the first source is no stream");
  const path = source.val.slice(`unix:${engine.socket}:`.length);
  return await engine.api.follow(path, signal, (line) => lines.push(line));
}

async function watched(
  engine: Engine,
  { provider, callouts }: Loaded,
  events: GuestEvents,
  lines: string[],
): Promise<Watched> {
  const skips = (path: string) => RESTLESS.test(path);
  const cache = new ModelCache(provider, skips);
  const since = Date.now();
  await cache.tree("");
  const first = await events.poll("docker", undefined, since);
  cache.apply(first.invalidations);
  let { cursor } = first;
  let cost = 0;
  const take = async (work: () => Promise<Invalidation[]>) => {
    const before = callouts();
    const said = await work();
    cost = callouts() - before;
    cache.apply(said);
    return words(said);
  };
  const hear = async (...expected: string[]) => {
    const count = (all: readonly string[], one: string) => all.filter((other) => other === one).length;
    const arrived = () => {
      const heard = lines.map(wordsOf);
      return expected.every((one) => count(heard, one) >= count(expected, one));
    };
    await until(arrived, PATIENCE, expected.join(", "));
    return await take(async () => {
      const said = [];
      for (const line of lines.splice(0)) {
        said.push(...await events.onEvent({ tag: "line", val: new TextEncoder().encode(line) }));
      }
      return said;
    });
  };
  const look = () =>
    take(async () => {
      const polled = await events.poll("docker", cursor);
      cursor = polled.cursor;
      return polled.invalidations;
    });
  const agree = () => cache.agree("");
  return { engine, events, hear, look, agree, cost: () => cost };
}

/** `container start` of a line. */
function wordsOf(line: string): string {
  const { Type, Action } = JSON.parse(line);
  return `${Type} ${String(Action).split(":")[0]}`;
}
