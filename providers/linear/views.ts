/**
 * The views on a team's issues: by the type of their state, because teams name their states as they like.
 *
 * @module
 */
import { directory, type DirEntry, entry, watched } from "../sdk/mod.ts";
import { mint } from "./ids.ts";
import { type Json, text } from "./json.ts";
import { teamWatch } from "./kinds.ts";

/** The types of an open issue's state (https://linear.app/docs/configuring-workflows); all others are closed. */
const OPEN: readonly string[] = ["triage", "backlog", "unstarted", "started"];

/** A view: the issues of a team whose state's type is right. */
export interface View {
  /** The directory's name. */
  readonly name: string;
  /** Linear's filter, an `IssueFilter`. */
  readonly filter: Json;
  /** True where archived issues are in it as well: Linear archives what is closed after a while. */
  readonly archived: boolean;
  /** True for an issue of the team that belongs in it. */
  readonly holds: (issue: Json) => boolean;
  /** True where a draft may make a child. */
  readonly writable?: boolean;
}

const typeOf = (issue: Json) => text(issue["state"], "type") ?? "";
const isArchived = (issue: Json) => text(issue, "archivedAt") !== undefined;
/** Deleted, and kept for as long as it can be restored. */
const isTrashed = (issue: Json) => issue["trashed"] === true;

function open(name: string, types: readonly string[], writable = false): View {
  return {
    name,
    filter: { state: { type: { in: types } } },
    archived: false,
    holds: (issue) => types.includes(typeOf(issue)) && !isArchived(issue) && !isTrashed(issue),
    writable,
  };
}

/** The views by their part of an identity. */
const VIEWS: Readonly<Record<string, View>> = {
  open: open("_open", OPEN, true),
  closed: {
    name: "_closed",
    filter: { state: { type: { nin: OPEN } } },
    archived: true,
    holds: (issue) => !OPEN.includes(typeOf(issue)) && !isTrashed(issue),
  },
  all: { name: "_all", filter: {}, archived: true, holds: (issue) => !isTrashed(issue) },
  backlog: open("_backlog", ["backlog"]),
  started: open("_started", ["started"]),
};

/** The view with this part of an identity. */
export function viewOf(part: string): View | undefined {
  return Object.hasOwn(VIEWS, part) ? VIEWS[part] : undefined;
}

/** The views of a team, by identity: whether each of them holds `issue`, which may be in another team. */
export function holdersOf(team: string, issue: Json): ReadonlyMap<string, boolean> {
  const here = text(issue["team"], "id") === team;
  return new Map(
    Object.entries(VIEWS).map(([part, { holds }]) => [mint("issues", team, part), here && holds(issue)]),
  );
}

/** The identities of the views of a team. */
export function viewIds(team: string): string[] {
  return Object.keys(VIEWS).map((part) => mint("issues", team, part));
}

/** The directories of the views of a team, told without asking anybody. */
export function viewEntries(team: string): DirEntry[] {
  const freshness = watched(teamWatch({ id: team }));
  return Object.entries(VIEWS).map(([part, { name, writable }]) =>
    entry(name, directory(mint("issues", team, part), { freshness, writable }))
  );
}
