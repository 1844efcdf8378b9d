/**
 * From the names in a staged file to the ids that Linear takes: states, labels and people. What is called by no such
 * name is refused, with those that are.
 *
 * @module
 */
import { invalid } from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import { LABELS_BY_NAME, PEOPLE_BY_NAME, TEAM_STATES } from "./changes.ts";
import { person } from "./issues.ts";
import { connection, isObject, type Json, needed, text } from "./json.ts";

/** What names are looked up for. */
export interface Subject {
  /** The team that the issue is in now. */
  readonly team: string;
  /** The issue as it is now; undefined for a new one. */
  readonly issue: Json | undefined;
}

/** The look-ups, by the name of the file. */
export const LOOK_UPS: Readonly<Record<string, (api: Api, subject: Subject, read: unknown) => unknown>> = {
  state: (api, { team }, name) => stateId(api, team, String(name)),
  labels: (api, subject, names) => labelIds(api, subject, Array.isArray(names) ? names.map(String) : []),
  assignee: (api, { issue }, name) => assigneeId(api, issue, String(name)),
};

function stateId(api: Api, team: string, name: string): string {
  const found = api.object("team", TEAM_STATES, { id: team });
  const states = connection(found, "states").nodes;
  const state = states.find((one) => text(one, "name") === name);
  if (state !== undefined) return needed(state, "id");
  const known = states.map((one) => text(one, "name")).join(", ");
  throw invalid(`${text(found, "key") ?? "the team"} has no state ${JSON.stringify(name)}: it has ${known}`);
}

/** A label that the issue has stays the one that it is; others are the team's own or, failing that, everybody's. */
function labelIds(api: Api, { team, issue }: Subject, names: readonly string[]): string[] {
  const held = issue === undefined ? [] : connection(issue, "labels").nodes;
  const isHeld = (name: string) => held.some((label) => text(label, "name") === name);
  const others = names.filter((name) => !isHeld(name));
  const found = others.length === 0
    ? []
    : connection(api.query(LABELS_BY_NAME, { names: others }), "issueLabels").nodes;
  const teamOf = (label: Json) => isObject(label["team"]) ? text(label["team"], "id") : undefined;
  const usable = found.filter((label) => [team, undefined].includes(teamOf(label)));
  const best = usable.toSorted((a, b) => Number(teamOf(a) === undefined) - Number(teamOf(b) === undefined));
  return names.map((name) => labelId([...held, ...best], name));
}

function labelId(labels: readonly Json[], name: string): string {
  const label = labels.find((one) => text(one, "name") === name);
  if (label === undefined) throw invalid(`there is no label ${JSON.stringify(name)} for this team`);
  if (label["isGroup"] === true) throw invalid(`${JSON.stringify(name)} is a group of labels, and no label`);
  return needed(label, "id");
}

/** Display names are unique in a workspace, and come first. */
function assigneeId(api: Api, issue: Json | undefined, name: string): string | null {
  if (name === "") return null;
  if (issue !== undefined && person(issue["assignee"]) === name) return needed(issue["assignee"], "id");
  const found = connection(api.query(PEOPLE_BY_NAME, { name }), "users").nodes;
  const shown = found.filter((one) => text(one, "displayName") === name);
  const [first, ...more] = shown.length > 0 ? shown : found;
  if (first === undefined) throw invalid(`nobody is called ${JSON.stringify(name)}`);
  if (more.length > 0) throw invalid(`${JSON.stringify(name)} are several people: take the display name`);
  if (first["active"] === false) throw invalid(`${JSON.stringify(name)} is no longer in the workspace`);
  return needed(first, "id");
}
