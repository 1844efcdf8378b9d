/**
 * What holds issues: teams, projects and cycles.
 *
 * @module
 */
import { mint } from "./ids.ts";
import { connection, isObject, type Json, needed, number, text } from "./json.ts";
import { type Kind, teamWatch, WORKSPACE_WATCH } from "./kinds.ts";
import { person } from "./issues.ts";
import { field, whole } from "./leaves.ts";
import { GET_CYCLE, GET_PROJECT, GET_TEAM } from "./queries.ts";

/** A team. */
export const TEAM: Kind = {
  name: "team",
  get: GET_TEAM,
  nameOf: (team) => needed(team, "key"),
  leaves: { "name": field((team) => text(team, "name")), "team.json": whole() },
  folders: [
    { name: "issues", id: (uuid) => mint("issues", uuid), fixed: true },
    { name: "projects", fixed: true },
    { name: "cycles", fixed: true },
  ],
  watch: teamWatch,
};

/** A project. */
export const PROJECT: Kind = {
  name: "project",
  get: GET_PROJECT,
  nameOf: (project) => needed(project, "slugId"),
  leaves: {
    "name": field((project) => text(project, "name")),
    "description": field((project) => text(project, "description")),
    "content.md": field((project) => text(project, "content")),
    "state": field((project) => text(project["status"], "name") ?? text(project, "state")),
    "priority": field((project) => text(project, "priorityLabel")),
    "lead": field((project) => person(project["lead"])),
    "teams": field((project) => teamsOf(project).map((team) => needed(team, "key"))),
    "progress": field((project) => number(project, "progress")),
    "start_date": field((project) => text(project, "startDate")),
    "target_date": field((project) => text(project, "targetDate")),
    "url": field((project) => text(project, "url")),
    "project.json": whole((project) => ({ ...project, teams: teamsOf(project) })),
  },
  folders: [{ name: "issues", fixed: true }],
  watch: () => WORKSPACE_WATCH,
};

/** The teams of a project. */
export function teamsOf(project: Json): readonly Json[] {
  return isObject(project["teams"]) ? connection(project, "teams").nodes : [];
}

/** A cycle of a team. */
export const CYCLE: Kind = {
  name: "cycle",
  get: GET_CYCLE,
  nameOf: (cycle) => String(number(cycle, "number")),
  leaves: {
    "name": field((cycle) => text(cycle, "name")),
    "description": field((cycle) => text(cycle, "description")),
    "progress": field((cycle) => number(cycle, "progress")),
    "starts_at": field((cycle) => text(cycle, "startsAt")),
    "ends_at": field((cycle) => text(cycle, "endsAt")),
    "cycle.json": whole(),
  },
  folders: [{ name: "issues" }],
  watch: (cycle) => teamWatch(cycle["team"]),
};
