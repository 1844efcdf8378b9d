/**
 * What follows from an object as it is now: where it belongs, where it no longer does, and every file of it.
 *
 * @module
 */
import { type Invalidation, placed, placedWhole, relisted, removed, stale } from "../sdk/mod.ts";
import { CYCLE, PROJECT, TEAM, teamsOf } from "./groups.ts";
import { mint, PROJECTS, TEAMS } from "./ids.ts";
import { COMMENT, ISSUE } from "./issues.ts";
import { isObject, type Json, needed, text } from "./json.ts";
import { children, insides, type Kind, objectEntry } from "./kinds.ts";
import { holdersOf, viewIds } from "./views.ts";

/** An issue where it belongs, and out of what `left` names: teams, projects and cycles that it was in. */
export function issueNow(issue: Json, left: Left = NOWHERE): Invalidation[] {
  return [...issuePlaces(issue, left), ...inside(ISSUE, issue), ...measured(issue, left)];
}

/** The same of an issue that is told in part: `told` are the files that it tells, the others are asked for. */
export function issueInPart(issue: Json, left: Left, told: readonly string[]): Invalidation[] {
  return [...issuePlaces(issue, left), ...partly(ISSUE, issue, told), ...measured(issue, left)];
}

/** What an issue was taken out of, by their UUIDs. */
export interface Left {
  /** Teams. */
  readonly teams: readonly string[];
  /** Projects. */
  readonly projects: readonly string[];
  /** Cycles. */
  readonly cycles: readonly string[];
}

/** Nothing. */
export const NOWHERE: Left = { teams: [], projects: [], cycles: [] };

function issuePlaces(issue: Json, { teams, projects, cycles }: Left): Invalidation[] {
  const child = objectEntry(ISSUE, issue);
  const team = needed(issue["team"], "id");
  const views = new Map([...new Set([...teams, team])].flatMap((one) => [...holdersOf(one, issue)]));
  const lists = new Map([
    ...projects.map((one) => [mint("project", one, "issues"), false] as const),
    ...cycles.map((one) => [mint("cycle", one, "issues"), false] as const),
    ...homes(issue).map((home) => [home, issue["trashed"] !== true] as const),
  ]);
  return [...views, ...lists].map(([directory, holds]) =>
    holds ? placed(directory, child) : removed(directory, child.node.id)
  );
}

/** The lists of the project and the cycle of an issue. */
function homes(issue: Json): string[] {
  const [project, cycle] = [text(issue["project"], "id"), text(issue["cycle"], "id")];
  return [
    ...(project === undefined ? [] : [mint("project", project, "issues")]),
    ...(cycle === undefined ? [] : [mint("cycle", cycle, "issues")]),
  ];
}

/** How far a project or a cycle is follows from its issues, whatever its own date says. */
function measured(issue: Json, left: Left): Invalidation[] {
  const [project, cycle] = [text(issue["project"], "id"), text(issue["cycle"], "id")];
  const projects = new Set([...left.projects, ...(project === undefined ? [] : [project])]);
  const cycles = new Set([...left.cycles, ...(cycle === undefined ? [] : [cycle])]);
  return [
    ...[...projects].flatMap((one) => ["progress", "project.json"].map((name) => mint("project", one, name))),
    ...[...cycles].flatMap((one) => ["progress", "cycle.json"].map((name) => mint("cycle", one, name))),
  ].map(stale);
}

/** An issue that is in no view of its teams any more. */
export function issueGone(uuid: string, teams: readonly string[], homes: Left): Invalidation[] {
  const gone = mint("issue", uuid);
  const lists = [
    ...teams.flatMap(viewIds),
    ...homes.projects.map((one) => mint("project", one, "issues")),
    ...homes.cycles.map((one) => mint("cycle", one, "issues")),
  ];
  return [...lists.map((list) => removed(list, gone)), stale(gone)];
}

/** A comment, whose item holds the `issue` that it is on. Where its author is told by name alone, that is asked for. */
export function commentNow(comment: Json, whole: boolean): Invalidation[] {
  const folder = mint("issue", needed(comment["issue"], "id"), "comments");
  const files = whole ? inside(COMMENT, comment) : partly(COMMENT, comment, ["body", "created_at"]);
  return [placed(folder, objectEntry(COMMENT, comment)), ...files];
}

/** A comment that is no longer there. */
export function commentGone(issue: string, uuid: string): Invalidation[] {
  const gone = mint("comment", uuid);
  return [removed(mint("issue", issue, "comments"), gone), stale(gone)];
}

/** A project in the list of all, in those of its teams, and out of those of the teams `left`. */
export function projectNow(project: Json, left: readonly string[]): Invalidation[] {
  const teams = teamsOf(project).map((team) => needed(team, "id"));
  return [...projectPlaces(project, teams, left), ...inside(PROJECT, project)];
}

/** The same of a project that is told in part, in these `teams`. */
export function projectInPart(
  project: Json,
  teams: readonly string[],
  left: readonly string[],
): Invalidation[] {
  return [...projectPlaces(project, teams, left), ...partly(PROJECT, project, [])];
}

function projectPlaces(project: Json, teams: readonly string[], left: readonly string[]): Invalidation[] {
  const child = objectEntry(PROJECT, project);
  const there = text(project, "archivedAt") === undefined && project["trashed"] !== true;
  const lists = new Map([
    ...left.map((team) => [mint("team", team, "projects"), false] as const),
    ...teams.map((team) => [mint("team", team, "projects"), there] as const),
    [PROJECTS, there] as const,
  ]);
  return [...lists].map(([list, holds]) => holds ? placed(list, child) : removed(list, child.node.id));
}

/** A cycle of a team. */
export function cycleNow(cycle: Json, whole: boolean): Invalidation[] {
  const list = mint("team", needed(cycle["team"], "id"), "cycles");
  return [
    placed(list, objectEntry(CYCLE, cycle)),
    ...(whole ? inside(CYCLE, cycle) : partly(CYCLE, cycle, [])),
  ];
}

/** A team in the list of them. */
export function teamNow(team: Json): Invalidation[] {
  return [placed(TEAMS, objectEntry(TEAM, team)), ...inside(TEAM, team)];
}

/** The files of an issue that name its labels. */
export function labelsStale(issue: string): Invalidation[] {
  return [stale(mint("issue", issue, "labels")), stale(mint("issue", issue, "issue.json"))];
}

/** All that an answer about an object tells of its inside. */
function inside(kind: Kind, item: Json): Invalidation[] {
  const fixed = fixedOf(kind);
  return insides(kind, [item]).also.filter(({ entry }) => !fixed.has(entry.name)).flatMap((
    { parent, entry },
  ) => placedWhole(parent, entry));
}

/** The files in `told` as they are; the others have to be asked for. */
function partly(kind: Kind, item: Json, told: readonly string[]): Invalidation[] {
  const parent = mint(kind.name, needed(item, "id"));
  const fixed = fixedOf(kind);
  return children(kind, partOf(kind, item)).filter(({ name }) => !fixed.has(name)).flatMap((child) =>
    told.includes(child.name) || child.node.kind === "directory"
      ? placedWhole(parent, child)
      : [stale(child.node.id)]
  );
}

/** An item with the lists that the files of its kind are made of, empty where it does not tell them. */
function partOf(kind: Kind, item: Json): Json {
  if (kind !== ISSUE || isObject(item["labels"])) return item;
  return { ...item, labels: { nodes: [] } };
}

function fixedOf(kind: Kind): ReadonlySet<string> {
  return new Set(kind.folders.filter(({ fixed }) => fixed === true).map(({ name }) => name));
}

/** The list of all projects, and those of `teams`. */
export function projectLists(teams: readonly string[]): Invalidation[] {
  return [PROJECTS, ...teams.map((team) => mint("team", team, "projects"))].map(relisted);
}
