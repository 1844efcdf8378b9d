/**
 * What a change touches that names nobody: issues with a label, pull requests on a branch.
 *
 * @module
 */
import { type Invalidation, lost } from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import { isObject, type Json, objects, text } from "./json.ts";
import { repositoryWatch } from "./kinds.ts";
import { diffStale, issueNow } from "./placing.ts";
import { within } from "./repositories.ts";

/** Most pages that are read for one change; where there are more, the repository is dropped as a whole. */
const MOST_PAGES = { issues: 2, pulls: 10 };

/** Something that issues hold by name, so that each of them changes with it, and none of their dates. */
export interface Catalogue {
  /** The API's list of them. */
  readonly path: string;
  /** The field that identifies one. */
  readonly key: "id" | "number";
  /** What issues show of one. */
  readonly shown: (item: Json) => unknown;
  /** The API's query for the issues that hold one; undefined where there is none. */
  readonly query: (item: Json) => string | undefined;
}

/** Labels. The API's filter takes several between commas, so it cannot ask for one that has a comma. */
export const LABELS: Catalogue = {
  path: "/labels",
  key: "id",
  shown: (label) => [label["name"], label["color"], label["description"]],
  query(label) {
    const name = text(label, "name");
    return name === undefined || name.includes(",") ? undefined : `labels=${encodeURIComponent(name)}`;
  },
};

/** Milestones. */
export const MILESTONES: Catalogue = {
  path: "/milestones?state=all",
  key: "number",
  shown: (milestone) => ["title", "description", "state", "due_on"].map((key) => milestone[key]),
  query: (milestone) => `milestone=${Number(milestone["number"])}`,
};

/** The issues and pull requests that hold `item`, as they are now. */
export function holding(api: Api, repo: number, catalogue: Catalogue, item: Json): Invalidation[] {
  const query = catalogue.query(item);
  if (query === undefined) return [lost(repositoryWatch([repo]))];
  const { items, more } = api.upTo(MOST_PAGES.issues, within([repo], `/issues?state=all&${query}`), objects);
  if (more) return [lost(repositoryWatch([repo]))];
  return items.flatMap((issue) => issueNow(api, repo, issue));
}

/** The open pull requests whose difference from their base may be another one: all, or those on `branch`. */
export function basedOn(api: Api, repo: number, branch?: string): Invalidation[] {
  const base = branch === undefined ? "" : `&base=${encodeURIComponent(branch)}`;
  const { items, more } = api.upTo(MOST_PAGES.pulls, within([repo], `/pulls?state=open${base}`), objects);
  if (more) return [lost(repositoryWatch([repo]))];
  return items.filter(isObject).flatMap((pull) => diffStale(repo, pull));
}
