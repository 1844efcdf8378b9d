/**
 * One look at a team: what changed in it since the last one. While nothing changes it is a single query of few points.
 *
 * @module
 */
import {
  compare,
  condensed,
  type Invalidation,
  lost,
  markOf,
  type Marks,
  orAbsent,
  type Polled,
  precise,
  removed,
  stateIn,
} from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import { labelChange } from "./deliveries.ts";
import { mint, TEAMS } from "./ids.ts";
import { connection, type Json, needed, object, text } from "./json.ts";
import { teamWatch } from "./kinds.ts";
import { commentNow, cycleNow, issueGone, issueNow, type Left, NOWHERE, teamNow } from "./placing.ts";
import { type Changes, changesIn, type Look, lookOf, marksNow, marksOf, sweep, timeOf } from "./poll.ts";
import {
  COMMENT_IDS,
  COMMENTS_BY_ID,
  ISSUE_CHANGES,
  ISSUES_BY_ID,
  LABEL_IDS,
  TEAM_CHANGES,
} from "./queries.ts";

/** Milliseconds between two looks. */
export const TEAM_PACE = 60_000;

/** Most issues of a team that are asked for in one look; where more changed, it is cheaper to begin anew. */
const MOST_ISSUES = 50;

/** Objects that are asked for at once: 25 issues with all that they hold cost about 4,000 points. */
const AT_ONCE = 25;

/** What one part of a look found, and what it remembers. */
interface Change {
  readonly invalidations: readonly Invalidation[];
  readonly after: Json;
}

/** Looks at the team with this UUID at the time `now`. */
export function pollTeam(
  api: Api,
  team: string,
  cursor: string | undefined,
  since: number,
  now: number,
): Polled {
  const before = stateIn(cursor);
  const swept = orAbsent(() =>
    sweep(api, before, now, [
      { query: COMMENT_IDS, field: "comments", variables: { team } },
      { query: LABEL_IDS, field: "issueLabels", variables: {} },
    ])
  );
  const look = lookOf(api, before, cursor, since, now);
  const keys = ["issues", "comments", "cycles", "labels"];
  const marks = Object.fromEntries(keys.map((key) => [key, marksOf(look, key)]));
  const oldest = Object.values(marks).map((one) => one.since).sort()[0] ?? precise(look.from);
  const answer = orAbsent(() => api.query(TEAM_CHANGES, { id: team, team, since: oldest }));
  if (answer === undefined || swept === undefined) return gone(team);
  const found = object(answer["team"]);
  const changes = [teamChange(look, found), ...listChanges(look, found, answer, marks)];
  const invalidations = changes.flatMap((change) => change.invalidations);
  if (look.late || swept.gone) invalidations.push(...everything(team));
  const after = Object.assign({}, swept.after, ...changes.map((change) => change.after));
  return { invalidations: condensed(invalidations, isWorkspaces), cursor: JSON.stringify(after) };
}

/** The list of teams and the projects are guarded by the workspace; a project is told of by the issues in it. */
function isWorkspaces(id: string): boolean {
  return id === TEAMS || id.startsWith("project/");
}

function everything(team: string): Invalidation[] {
  return [lost(teamWatch({ id: team }))];
}

/** A team that was deleted, or that the credential may not see any more. */
function gone(team: string): Polled {
  return { invalidations: [removed(TEAMS, mint("team", team)), ...everything(team)] };
}

/** The team itself. Its key is in the name of each issue, and the name of a state in those that have it. */
function teamChange({ before }: Look, team: Json): Change {
  const { states: _, ...fields } = team;
  const after = {
    team: markOf(JSON.stringify(fields)),
    names: markOf(JSON.stringify([team["key"], connection(team, "states").nodes])),
  };
  const renamed = before !== undefined && before["names"] !== after.names;
  const invalidations = before?.["team"] === after.team ? [] : teamNow(fields);
  return {
    invalidations: renamed ? [...invalidations, ...everything(needed(team, "id"))] : invalidations,
    after,
  };
}

function listChanges(
  look: Look,
  team: Json,
  answer: Json,
  marks: Readonly<Record<string, Marks>>,
): Change[] {
  const id = needed(team, "id");
  const part = (
    key: string,
    { items, more }: Changes,
    follow: (items: readonly Json[]) => Invalidation[],
  ): Change => {
    const { changed, after } = compare(marks[key] ?? marksOf(look, key), items, precise, timeOf(look));
    if (more) return { invalidations: everything(id), after: { [key]: marksNow(look) } };
    return { invalidations: follow(changed), after: { [key]: after } };
  };
  const few = changesIn(answer, "issues");
  const issues = few.more
    ? changesIn(look.api.query(ISSUE_CHANGES, { since: marks["issues"]?.since }), "issues")
    : few;
  return [
    part("issues", issues, (items) => issueChanges(look.api, team, items)),
    part("comments", changesIn(answer, "comments"), (items) => commentChanges(look.api, items)),
    part("cycles", changesIn(answer, "cycles"), (items) => items.flatMap((cycle) => cycleNow(cycle, true))),
    part(
      "labels",
      changesIn(answer, "issueLabels"),
      (items) => items.flatMap((label) => labelChange(look.api, needed(label, "id"))),
    ),
  ];
}

/** The team's own issues, and those that once were: their identifiers began with its key. */
function issueChanges(api: Api, team: Json, items: readonly Json[]): Invalidation[] {
  const [id, prefix] = [needed(team, "id"), `${needed(team, "key")}-`];
  const known = items.filter((item) => text(item["team"], "id") === id || wasCalled(item, prefix));
  if (known.length > MOST_ISSUES) return everything(id);
  const issues = byId(api, ISSUES_BY_ID, "issues", known);
  const there = new Set(issues.map((issue) => needed(issue, "id")));
  const lost = known.map((item) => needed(item, "id")).filter((uuid) => !there.has(uuid));
  return [
    ...issues.flatMap((issue) => issueNow(issue, leftBy(issue, id))),
    ...lost.flatMap((uuid) => issueGone(uuid, [id], NOWHERE)),
  ];
}

function wasCalled(item: Json, prefix: string): boolean {
  const names = item["previousIdentifiers"];
  return Array.isArray(names) && names.some((name) => String(name).startsWith(prefix));
}

/** Where an issue was before its latest changes. */
function leftBy(issue: Json, team: string): Left {
  const { nodes } = connection(issue, "history");
  const left = (key: string, now: string | undefined) =>
    [...new Set(nodes.flatMap((entry) => text(entry, key) ?? []))].filter((id) => id !== now);
  return {
    teams: [team, ...left("fromTeamId", undefined)],
    projects: left("fromProjectId", text(issue["project"], "id")),
    cycles: left("fromCycleId", text(issue["cycle"], "id")),
  };
}

function commentChanges(api: Api, items: readonly Json[]): Invalidation[] {
  return byId(api, COMMENTS_BY_ID, "comments", items).flatMap((comment) => commentNow(comment, true));
}

/** The objects that `items` name, whole. */
export function byId(api: Api, query: string, field: string, items: readonly Json[]): readonly Json[] {
  const ids = items.map((item) => needed(item, "id"));
  const found: Json[] = [];
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const some = ids.slice(at, at + AT_ONCE);
    found.push(...connection(api.query(query, { ids: some, first: some.length }), field).nodes);
  }
  return found;
}
