/**
 * What a webhook's delivery means (https://linear.app/developers/webhooks; the payloads are those of `@linear/sdk`).
 *
 * A payload names people otherwise than the tree does, so who an issue is assigned to is asked for when it is read.
 *
 * @module
 */
import { type Delivery, heard, type Invalidation, lost, stale } from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import { connection, isObject, type Json, needed, text } from "./json.ts";
import { teamWatch, WORKSPACE_WATCH } from "./kinds.ts";
import {
  commentGone,
  commentNow,
  cycleNow,
  issueGone,
  issueInPart,
  labelsStale,
  type Left,
  projectInPart,
} from "./placing.ts";
import { ISSUES_WITH_LABEL, LIST_TEAMS } from "./queries.ts";
import { mint } from "./ids.ts";

/** What a payload tells of an issue as the tree shows it. */
const TOLD = ["title", "description.md", "state", "priority", "url"];

/** One delivery. */
interface Told {
  readonly api: Api;
  readonly action: string;
  readonly data: Json;
  /** What the changed fields were. */
  readonly before: Json;
}

const HANDLERS: Readonly<Record<string, (told: Told) => Invalidation[]>> = {
  Issue: issueEvent,
  Comment: commentEvent,
  Project: projectEvent,
  Cycle: ({ data }) => cycleNow({ ...data, team: { id: needed(data, "teamId") } }, false),
  IssueLabel: labelEvent,
};

/** What a delivery means; where that cannot be found out, everything that it may be about is dropped. */
export function meaningOf(api: Api, { body }: Delivery): Invalidation[] {
  const data = isObject(body) ? body["data"] : undefined;
  const type = text(body, "type") ?? "";
  const handler = Object.hasOwn(HANDLERS, type) ? HANDLERS[type] : undefined;
  if (!isObject(body) || !isObject(data)) return [];
  const updatedFrom = body["updatedFrom"];
  const told = {
    api,
    action: text(body, "action") ?? "",
    data,
    before: isObject(updatedFrom) ? updatedFrom : {},
  };
  const watches = watchesOf(data);
  return [...meant(type, handler, told, watches), ...watches.map(heard)];
}

function meant(
  type: string,
  handler: ((told: Told) => Invalidation[]) | undefined,
  told: Told,
  watches: readonly string[],
): Invalidation[] {
  try {
    return handler?.(told) ?? [];
  } catch (error) {
    console.warn(`a delivery of ${type} could not be read`, error);
    return watches.map(lost);
  }
}

/** The watches that a hook which delivers this is about. A hook may be one team's, so the workspace is told by projects. */
function watchesOf(data: Json): string[] {
  const team = text(data, "teamId") ?? text(data["issue"], "teamId");
  return team === undefined ? [WORKSPACE_WATCH] : [teamWatch({ id: team })];
}

function issueEvent({ action, data, before }: Told): Invalidation[] {
  const teams = [text(before, "teamId"), text(data, "teamId")].filter((one) => one !== undefined);
  const left: Left = { teams, projects: idsIn(before, "projectId"), cycles: idsIn(before, "cycleId") };
  const [project, cycle] = [idsIn(data, "projectId"), idsIn(data, "cycleId")];
  if (action === "remove" && text(data, "archivedAt") === undefined && data["trashed"] !== true) {
    return issueGone(needed(data, "id"), teams, {
      teams,
      projects: [...left.projects, ...project],
      cycles: [...left.cycles, ...cycle],
    });
  }
  const [team, home, time] = [needed(data, "teamId"), project[0], cycle[0]];
  const issue = {
    ...data,
    team: { id: team },
    project: home === undefined ? null : { id: home },
    cycle: time === undefined ? null : { id: time },
  };
  return issueInPart(issue, left, TOLD);
}

function idsIn(from: Json, key: string): string[] {
  const id = text(from, key);
  return id === undefined ? [] : [id];
}

/** A comment may be a change of its issue's date, which is not told with it. Those on other things are not in the tree. */
function commentEvent({ action, data }: Told): Invalidation[] {
  const issue = text(data, "issueId") ?? text(data["issue"], "id");
  if (issue === undefined) return [];
  const dated = [stale(mint("issue", issue)), stale(mint("issue", issue, "issue.json"))];
  if (action === "remove") return [...commentGone(issue, needed(data, "id")), ...dated];
  return [...commentNow(data, false), ...dated];
}

function projectEvent({ data, before }: Told): Invalidation[] {
  return projectInPart(data, textsIn(data, "teamIds"), textsIn(before, "teamIds"));
}

function textsIn(from: Json, key: string): string[] {
  const value = from[key];
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

/** A new label is on no issue yet; which ones a deleted one was on, nobody tells. */
function labelEvent({ api, action, data }: Told): Invalidation[] {
  if (action === "create") return [];
  return action === "remove" ? everyTeam(api) : labelChange(api, needed(data, "id"));
}

/** What follows from another name of a label: each issue that holds it. */
export function labelChange(api: Api, label: string): Invalidation[] {
  const { nodes, more } = connection(api.query(ISSUES_WITH_LABEL, { label }), "issues");
  return more ? everyTeam(api) : nodes.flatMap((issue) => labelsStale(needed(issue, "id")));
}

function everyTeam(api: Api): Invalidation[] {
  return connection(api.query(LIST_TEAMS, {}), "teams").nodes.map((team) => lost(teamWatch(team)));
}
