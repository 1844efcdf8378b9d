/**
 * One look at the workspace: which teams there are, and what changed in its projects.
 *
 * @module
 */
import {
  compare,
  type Invalidation,
  lost,
  markOf,
  type Polled,
  precise,
  relisted,
  removed,
  stateIn,
} from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import { mint, TEAMS } from "./ids.ts";
import { connection, type Json, needed, text } from "./json.ts";
import { WORKSPACE_WATCH } from "./kinds.ts";
import { projectLists, projectNow } from "./placing.ts";
import { changesIn, lookOf, marksNow, marksOf, sweep, timeOf } from "./poll.ts";
import { byId } from "./poll_team.ts";
import { PROJECT_IDS, PROJECTS_BY_ID, WORKSPACE_CHANGES } from "./queries.ts";

/** Milliseconds between two looks. */
export const WORKSPACE_PACE = 60_000;

/** Longest memory of teams in characters; where it is longer, their list is only known to have changed. */
const TEAMS_LENGTH = 4_500;

/** Looks at the workspace at the time `now`. */
export function pollWorkspace(api: Api, cursor: string | undefined, since: number, now: number): Polled {
  const before = stateIn(cursor);
  const swept = sweep(api, before, now, [{ query: PROJECT_IDS, field: "projects", variables: {} }]);
  const look = lookOf(api, before, cursor, since, now);
  const marks = marksOf(look, "projects");
  const answer = api.query(WORKSPACE_CHANGES, { since: marks.since });
  const teams = connection(answer, "teams").nodes;
  const ids = teams.map((team) => needed(team, "id"));
  const { items, more } = changesIn(answer, "projects");
  const { changed, after } = compare(marks, items, precise, timeOf(look));
  const projects = byId(api, PROJECTS_BY_ID, "projects", more ? [] : changed);
  const names = namesOf(teams);
  const known = text(before, "teams");
  const invalidations: Invalidation[] = [
    ...(known === undefined ? [] : teamChanges(known, names)),
    ...projects.flatMap((project) => projectNow(project, ids)),
    ...(swept.gone ? projectLists(ids) : []),
    ...(look.late || more ? [lost(WORKSPACE_WATCH)] : []),
  ];
  const remembered = more ? marksNow(look) : after;
  return { invalidations, cursor: JSON.stringify({ teams: names, projects: remembered, ...swept.after }) };
}

function namesOf(teams: readonly Json[]): string {
  const names = teams.map((team) => `${needed(team, "id")}:${needed(team, "key")}`).sort().join(",");
  return names.length > TEAMS_LENGTH ? `#${markOf(names)}` : names;
}

/** A new team, or one with another key, is found by listing them all: there are few. One that is gone is taken out. */
function teamChanges(before: string, after: string): Invalidation[] {
  if (before === after) return [];
  if (before.startsWith("#") || after.startsWith("#")) return [relisted(TEAMS)];
  const now = new Set(after.split(",").map((one) => one.split(":")[0]));
  const gone = before.split(",").flatMap((one) => one.split(":")[0] ?? []).filter((id) =>
    id !== "" && !now.has(id)
  );
  const come = after.split(",").some((one) => !before.split(",").includes(one));
  return [
    ...gone.map((id) => removed(TEAMS, mint("team", id))),
    ...(come ? [relisted(TEAMS)] : []),
  ];
}
