/**
 * Watches: `repo:1296269` over everything in a repository, `owner:acme` over an owner and which repositories it has.
 *
 * @module
 */
import { deliveryOf, type EventsDefinition, invalid, type Polled, type Source } from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import { meaningOf } from "./deliveries.ts";
import { PACE, pollRepository } from "./poll.ts";
import { OWNER_PACE, pollOwner } from "./poll_owner.ts";

/** The provider's events, from the API that `api` makes; `now` tells milliseconds since the Unix epoch. */
export function eventsOf(api: () => Api, now: () => number): EventsDefinition {
  return {
    sources: sourcesOf,
    poll: (watch, cursor, since) => pollWatch(api(), watch, cursor, since, now),
    onEvent(event) {
      const delivery = deliveryOf(event);
      return delivery === undefined ? [] : meaningOf(api(), delivery);
    },
  };
}

function sourcesOf(watch: string): Source[] {
  const pace = watch.startsWith("owner:") ? OWNER_PACE : PACE;
  return [{ tag: "webhook", val: "hub-signature256" }, { tag: "poll", val: pace }];
}

function pollWatch(
  api: Api,
  watch: string,
  cursor: string | undefined,
  since: number,
  now: () => number,
): Polled {
  const [, kind, subject = ""] = /^(repo|owner):(.+)$/.exec(watch) ?? [];
  if (kind === "owner") return pollOwner(api, subject, cursor, since, now);
  if (kind === "repo" && /^\d+$/.test(subject)) {
    return pollRepository(api, Number(subject), cursor, since, now);
  }
  throw invalid(`no watch of this provider: ${watch}`);
}
