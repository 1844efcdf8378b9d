/**
 * A repository whose changes are known by webhooks alone: the stand-in's own deliveries go into the component.
 *
 * @module
 */
import { seconds } from "../fakes/github/answer.ts";
import type { GitHubStandIn } from "../fakes/github/mod.ts";
import { until } from "../support/deadline.ts";
import { GuestEvents, words } from "../support/guest_events.ts";
import { ModelCache } from "../support/model_cache.ts";
import { type Mounted, withComponent } from "./mounted.ts";

/** Longest wait for a delivery, in milliseconds. */
const PATIENCE = 20_000;

/** What a test gets. */
export interface Hooked extends Mounted {
  /** The repository's id. */
  readonly repo: number;
  /** Waits for a delivery such as `issues closed`; what all of them so far say goes into the cache. */
  hear(delivery: string): Promise<string[]>;
  /** Reads the whole tree through the cache and without one: both must show the same. Answers the calls that it took. */
  agree(): Promise<number>;
}

interface Delivery {
  readonly name: string;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

/** Runs `use` with `acme/api` as `fill` makes it, all of it in a cache that nothing but webhooks reaches. */
export async function withHooked(
  fill: (mounted: Mounted) => Promise<void>,
  use: (hooked: Hooked) => Promise<void>,
): Promise<void> {
  await withComponent(async (mounted) => {
    const { provider, github, gate } = mounted;
    await fill(mounted);
    let delivered: Delivery[] = [];
    const server = receive(github, (delivery) => delivered.push(delivery));
    try {
      await github.addHook("acme/api", `http://127.0.0.1:${server.addr.port}/`, "secret");
      using events = await GuestEvents.start("github", { api_url: github.url }, gate);
      const repo = await github.repositoryId("acme/api");
      const cache = new ModelCache(provider);
      await cache.tree(`repo/${repo}`);
      const hear = async (expected: string) => {
        await until(() => delivered.some(({ name }) => name === expected), PATIENCE, expected);
        const said = [];
        for (const { headers, body } of delivered) said.push(...await events.deliver(headers, body));
        delivered = [];
        cache.apply(said);
        return words(said);
      };
      const agree = () => cache.agree(`repo/${repo}`);
      await use({ ...mounted, repo, hear, agree });
    } finally {
      await server.shutdown();
    }
  });
}

/** With a comment the backend sends the issue as it was; GitHub as it is, but for the number of its comments. */
async function commented(github: GitHubStandIn, issue: { url: string; comments: number }): Promise<unknown> {
  const answer = await fetch(issue.url, { headers: { authorization: `Bearer ${github.token}` } });
  return { ...await answer.json(), comments: issue.comments };
}

function receive(
  github: GitHubStandIn,
  take: (delivery: Delivery) => void,
): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    // The backend's dates have milliseconds, which GitHub's do not have.
    const body = JSON.parse(seconds(await request.text()));
    if (body.comment !== undefined) body.issue = await commented(github, body.issue);
    const headers = Object.fromEntries(request.headers);
    take({ name: `${headers["x-github-event"]} ${body.action ?? ""}`.trim(), headers, body });
    return new Response(null, { status: 202 });
  });
}
