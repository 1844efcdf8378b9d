/**
 * A repository under watch by polls alone: what each look says, what it costs, and what a cache then shows.
 *
 * @module
 */
import { ok } from "node:assert/strict";
import type { Polled } from "../../providers/sdk/contract.ts";
import { GuestEvents, words } from "../support/guest_events.ts";
import { ModelCache } from "../support/model_cache.ts";
import { type Mounted, withComponent } from "./mounted.ts";

/** The longest cursor that a host need take, in characters. */
const CURSOR_LENGTH = 8_192;

/** Milliseconds after which a second of GitHub's clock is over, whoever reads it. */
const SETTLED_AFTER = 2_500;

/** A watched repository. */
export interface Watched extends Mounted {
  /** Its id. */
  readonly repo: number;
  /** The component's events. */
  readonly events: GuestEvents;
  /** One more look, from where the last one ended; what it says goes into the cache. */
  look(): Promise<string[]>;
  /** Looks once more when nothing can happen any more in the second of the last change, and after that. */
  settled(): Promise<string[]>;
  /** What the last look asked, as `304 /path`. */
  asked(): Promise<string[]>;
  /** Reads the whole tree through the cache and without one: both must show the same. Answers the calls that it took. */
  agree(): Promise<number>;
}

/** Runs `use` with `acme/api` as `fill` makes it, everything of it in the cache, and one look made. */
export async function withWatched(
  fill: (mounted: Mounted) => Promise<void>,
  use: (watched: Watched) => Promise<void>,
): Promise<void> {
  await withComponent(async (mounted) => {
    const { provider, github, gate } = mounted;
    await fill(mounted);
    using events = await GuestEvents.start("github", { api_url: github.url }, gate);
    const repo = await github.repositoryId("acme/api");
    const cache = new ModelCache(provider);
    const since = Date.now();
    await cache.tree(`repo/${repo}`);
    let last: Polled = await events.poll(`repo:${repo}`, undefined, since);
    cache.apply(last.invalidations);
    // The answers of a first look are not those that it asks for later: it has to find out how many there are.
    const look = async () => {
      await github.reset();
      last = await events.poll(`repo:${repo}`, last.cursor);
      ok((last.cursor?.length ?? 0) <= CURSOR_LENGTH, `a cursor of ${last.cursor?.length} characters`);
      cache.apply(last.invalidations);
      return words(last.invalidations);
    };
    const agree = () => cache.agree(`repo/${repo}`);
    const asked = async () => (await github.requests()).map(({ status, path }) => `${status} ${path}`);
    const settled = async () => {
      await new Promise((resolve) => setTimeout(resolve, SETTLED_AFTER));
      await look();
      return await look();
    };
    await settled();
    await agree();
    await use({ ...mounted, repo, events, look, settled, asked, agree });
  });
}
