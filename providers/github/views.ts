/**
 * The views on a repository's issues, pull requests and runs, and the lists inside of one of them.
 *
 * @module
 */
import { directory, type DirEntry, entry, watched, whole } from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import { type KindName, mint } from "./ids.ts";
import { flag, type Json, objects, text } from "./json.ts";
import { repositoryWatch } from "./kinds.ts";
import { COMMENT, isPull, ISSUE, PULL, REVIEW } from "./issues.ts";
import type { Collection } from "./places.ts";
import { REPOSITORY, within } from "./repositories.ts";
import { JOB, listed, RUN } from "./runs.ts";

/** What has views on it. */
export type ViewedKind = "issues" | "pulls" | "runs";

/** A view: one list of the API, narrowed to what belongs in it. */
interface View {
  /** The directory's name. */
  readonly name: string;
  /** The API's query for the list. */
  readonly query: string;
  /** True for what belongs in the view. */
  readonly holds: (item: Json) => boolean;
  /** True where a draft may make a child. */
  readonly writable?: boolean;
}

const isOpen = (item: Json) => text(item, "state") === "open";
const isClosed = (item: Json) => text(item, "state") === "closed";
/** In the shape of an issue, a pull request tells in `pull_request` when it was merged. */
const isMerged = (item: Json) =>
  (text(item, "merged_at") ?? text(item["pull_request"], "merged_at")) !== undefined;
const isIssue = (item: Json) => !isPull(item);

/** The views by the identity that holds them, then by their part of an identity. */
const VIEWS: Readonly<Record<ViewedKind, Readonly<Record<string, View>>>> = {
  issues: {
    open: {
      name: "_open",
      query: "issues?state=open",
      holds: (item) => isIssue(item) && isOpen(item),
      writable: true,
    },
    closed: {
      name: "_closed",
      query: "issues?state=closed",
      holds: (item) => isIssue(item) && isClosed(item),
    },
    all: { name: "_all", query: "issues?state=all", holds: isIssue },
  },
  pulls: {
    open: { name: "_open", query: "pulls?state=open", holds: isOpen },
    // As on GitHub, what was merged is closed as well.
    closed: { name: "_closed", query: "pulls?state=closed", holds: isClosed },
    merged: { name: "_merged", query: "pulls?state=closed", holds: isMerged },
    all: { name: "_all", query: "pulls?state=all", holds: () => true },
  },
  runs: {
    all: { name: "runs", query: "actions/runs", holds: () => true },
    running: {
      name: "_running",
      query: "actions/runs?status=in_progress",
      holds: (item) => text(item, "status") === "in_progress",
    },
  },
};

/** The directories of the views, told without asking anybody. */
export function viewEntries(kind: ViewedKind, at: readonly number[]): DirEntry[] {
  const freshness = watched(repositoryWatch(at));
  return Object.entries(VIEWS[kind]).map(([part, { name, writable }]) =>
    entry(name, directory(mint(kind, at, part), { freshness, writable }))
  );
}

/** The views of a kind, by identity: whether each of them holds `item`. */
export function holdersOf(kind: ViewedKind, at: readonly number[], item: Json): ReadonlyMap<string, boolean> {
  return new Map(
    Object.entries(VIEWS[kind]).map(([part, { holds }]) => [mint(kind, at, part), holds(item)]),
  );
}

/** The identities of the views of a kind. */
export function viewIds(kind: ViewedKind, at: readonly number[]): string[] {
  return Object.keys(VIEWS[kind]).map((part) => mint(kind, at, part));
}

/** The collection that an identity such as `issues/1296269/open` names; undefined where it names none. */
export function viewCollection(
  api: Api,
  kind: KindName,
  at: readonly number[],
  part: string,
): Collection | undefined {
  if (kind !== "issues" && kind !== "pulls" && kind !== "runs") return undefined;
  const view = Object.hasOwn(VIEWS[kind], part) ? VIEWS[kind][part] : undefined;
  if (view === undefined) return undefined;
  const list = { path: within(at, `/${view.query}`), holds: view.holds };
  const [repo = 0] = at;
  const child = (key: number) => [repo, key];
  if (kind === "runs") return { ...list, kind: RUN, items: listed("workflow_runs"), key: "id", at: child };
  if (kind === "pulls") return { ...list, kind: PULL, items: objects, key: "number", at: child };
  const missing = () => withoutIssues(api, at);
  return { ...list, kind: ISSUE, items: objects, key: "number", at: child, missing };
}

/** GitHub answers 410 for the issues of a repository that has them switched off: that is an empty directory. */
function withoutIssues(api: Api, at: readonly number[]): ReturnType<typeof whole> {
  const repository = api.object(REPOSITORY.path(at));
  return flag(repository, "has_issues") === false ? whole([]) : { ...whole([]), exhaustive: false };
}

/** The list inside of an object that an identity such as `issue/1296269/42/comments` names. */
export function partCollection(kind: KindName, at: readonly number[], part: string): Collection | undefined {
  const [repo = 0, number = 0] = at;
  switch (`${kind}/${part}`) {
    case "issue/comments":
    case "pull/comments":
      return {
        kind: COMMENT,
        path: within(at, `/issues/${number}/comments`),
        items: objects,
        key: "id",
        at: (comment) => [repo, comment],
        holds: (comment) => text(comment, "issue_url")?.endsWith(`/issues/${number}`) ?? false,
      };
    case "pull/reviews":
      return {
        kind: REVIEW,
        path: within(at, `/pulls/${number}/reviews`),
        items: objects,
        key: "id",
        at: (review) => [repo, number, review],
      };
    case "run/jobs":
      return {
        kind: JOB,
        path: within(at, `/actions/runs/${number}/jobs`),
        items: listed("jobs"),
        key: "id",
        at: (job) => [repo, job],
        holds: (job) => job["run_id"] === number,
      };
    default:
      return undefined;
  }
}
