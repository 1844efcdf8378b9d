/**
 * The lists of Linear that are directories.
 *
 * @module
 */
import type { Api } from "./api.ts";
import { CYCLE, PROJECT, TEAM, teamsOf } from "./groups.ts";
import { type Id, isIdentifier, isKey, isNumber, isSlug, isUuid } from "./ids.ts";
import { COMMENT, ISSUE, onIssue } from "./issues.ts";
import { connection, isObject, type Json, text } from "./json.ts";
import type { Collection } from "./places.ts";
import {
  FIND_CYCLE,
  FIND_TEAM,
  GET_COMMENT,
  GET_ISSUE,
  GET_PROJECT,
  LIST_COMMENTS,
  LIST_CYCLE_ISSUES,
  LIST_CYCLES,
  LIST_PROJECT_ISSUES,
  LIST_PROJECTS,
  LIST_TEAM_ISSUES,
  LIST_TEAM_PROJECTS,
  LIST_TEAMS,
} from "./queries.ts";
import { viewOf } from "./views.ts";

/** Every team that the credential may see. */
export function teams(api: Api): Collection {
  return {
    kind: TEAM,
    page: (after) => connection(api.query(LIST_TEAMS, { after }), "teams"),
    find: (key) => isKey(key) ? connection(api.query(FIND_TEAM, { key }), "teams").nodes[0] : undefined,
    holds: () => true,
  };
}

/** Every project. */
export function projects(api: Api): Collection {
  return {
    kind: PROJECT,
    page: (after) => connection(api.query(LIST_PROJECTS, { after }), "projects"),
    find: (slug) => isSlug(slug) ? api.find("project", GET_PROJECT, { id: slug }) : undefined,
    holds: isCurrent,
  };
}

/** Neither archived nor deleted. */
function isCurrent(item: Json): boolean {
  return text(item, "archivedAt") === undefined && item["trashed"] !== true;
}

const idOf = (value: unknown) => text(value, "id");

/** The list that an identity such as `issues/{uuid}/open` names; undefined where it names none. */
export function collectionOf(api: Api, { kind, uuid, part }: Id): Collection | undefined {
  if (kind === "issues") return teamIssues(api, uuid, part);
  return LISTS[`${kind}/${part}`]?.(api, uuid);
}

const LISTS: Readonly<Record<string, (api: Api, uuid: string) => Collection>> = {
  "team/projects": (api, uuid) => ({
    ...projects(api),
    page: (after) => connection(api.object("team", LIST_TEAM_PROJECTS, { id: uuid, after }), "projects"),
    holds: (project) => isCurrent(project) && teamsOf(project).some((team) => idOf(team) === uuid),
  }),
  "team/cycles": (api, uuid) => ({
    kind: CYCLE,
    page: (after) => connection(api.object("team", LIST_CYCLES, { id: uuid, after }), "cycles"),
    find: (name) => isNumber(name) ? cycleOf(api, uuid, Number(name)) : undefined,
    holds: (cycle) => idOf(cycle["team"]) === uuid,
  }),
  "project/issues": (api, uuid) =>
    issues(api, {
      page: (after) => api.object("project", LIST_PROJECT_ISSUES, { id: uuid, after }),
      holds: (issue) => idOf(issue["project"]) === uuid && issue["trashed"] !== true,
    }),
  "cycle/issues": (api, uuid) =>
    issues(api, {
      page: (after) => api.object("cycle", LIST_CYCLE_ISSUES, { id: uuid, after }),
      holds: (issue) => idOf(issue["cycle"]) === uuid && issue["trashed"] !== true,
    }),
  "issue/comments": (api, uuid) => ({
    kind: COMMENT,
    page(after) {
      const issue = api.object("issue", LIST_COMMENTS, { id: uuid, after });
      const page = connection(issue, "comments");
      return { ...page, nodes: page.nodes.map((comment) => onIssue(issue, comment)) };
    },
    find: (name) => isUuid(name) ? commentOf(api, name) : undefined,
    holds: (comment) => idOf(comment["issue"]) === uuid,
  }),
};

function teamIssues(api: Api, uuid: string, part: string): Collection | undefined {
  const view = viewOf(part);
  if (view === undefined) return undefined;
  const { filter, archived } = view;
  return issues(api, {
    page: (after) => api.object("team", LIST_TEAM_ISSUES, { id: uuid, after, filter, archived }),
    holds: (issue) => idOf(issue["team"]) === uuid && view.holds(issue),
  });
}

/** Issues of whatever holds them; `page` answers that, with one page of its issues. */
function issues(
  api: Api,
  { page, holds }: {
    readonly page: (after: string | undefined) => Json;
    readonly holds: (issue: Json) => boolean;
  },
): Collection {
  return {
    kind: ISSUE,
    page: (after) => connection(page(after), "issues"),
    find: (name) => isIdentifier(name) ? api.find("issue", GET_ISSUE, { id: name }) : undefined,
    holds,
  };
}

function cycleOf(api: Api, team: string, number: number): Json | undefined {
  const found = api.find("team", FIND_CYCLE, { id: team, number });
  return found && connection(found, "cycles").nodes[0];
}

/** Comments on other things than issues are not in the tree. */
function commentOf(api: Api, uuid: string): Json | undefined {
  const comment = api.find("comment", GET_COMMENT, { id: uuid });
  return isObject(comment?.["issue"]) ? comment : undefined;
}
