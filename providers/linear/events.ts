/**
 * Watches: `team:{uuid}` over everything in a team, `workspace` over the lists of teams and projects and over the projects.
 *
 * @module
 */
import { deliveryOf, type EventsDefinition, invalid, type Polled, type Source } from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import { meaningOf } from "./deliveries.ts";
import { isUuid } from "./ids.ts";
import { WORKSPACE_WATCH } from "./kinds.ts";
import { pollTeam, TEAM_PACE } from "./poll_team.ts";
import { pollWorkspace, WORKSPACE_PACE } from "./poll_workspace.ts";

/** The provider's events, from the API that `api` makes; `now` tells milliseconds since the Unix epoch. */
export function eventsOf(api: () => Api, now: () => number): EventsDefinition {
  return {
    sources: sourcesOf,
    poll: (watch, cursor, since) => pollWatch(api(), watch, cursor, since, now()),
    onEvent(event) {
      const delivery = deliveryOf(event);
      return delivery === undefined ? [] : meaningOf(api(), delivery);
    },
  };
}

function sourcesOf(watch: string): Source[] {
  const pace = watch === WORKSPACE_WATCH ? WORKSPACE_PACE : TEAM_PACE;
  return [{ tag: "webhook", val: "linear-signature" }, { tag: "poll", val: pace }];
}

function pollWatch(api: Api, watch: string, cursor: string | undefined, since: number, now: number): Polled {
  if (watch === WORKSPACE_WATCH) return pollWorkspace(api, cursor, since, now);
  const team = /^team:(.+)$/.exec(watch)?.[1] ?? "";
  if (!isUuid(team)) throw invalid(`no watch of this provider: ${watch}`);
  return pollTeam(api, team, cursor, since, now);
}
