/**
 * What follows from an object as it is now: where it belongs, where it no longer does, and every file of it.
 *
 * @module
 */
import {
  encodeName,
  entry,
  type Invalidation,
  placed,
  placedWhole,
  relisted,
  removed,
  stale,
} from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import { mint, mintOwner } from "./ids.ts";
import { COMMENT, isPull, ISSUE, PULL, REVIEW, TALK } from "./issues.ts";
import { id, isObject, type Json, text } from "./json.ts";
import { children, type Kind, objectNode } from "./kinds.ts";
import type { Leaves } from "./leaves.ts";
import { REPOSITORY } from "./repositories.ts";
import { isCompleted, JOB, RUN } from "./runs.ts";
import { holdersOf, type ViewedKind, viewIds } from "./views.ts";

/** An issue, or a pull request in the shape of one. */
export function issueNow(api: Api, repo: number, issue: Json): Invalidation[] {
  const at = [repo, id(issue, "number")];
  if (!isPull(issue)) return [...inViews("issues", ISSUE, at, issue), ...inside(api, ISSUE, at, issue)];
  return [...inViews("pulls", PULL, at, issue), ...inside(api, PULL, at, issue, TALK)];
}

/** What of an issue holds the number of its comments. */
export function issueJson(repo: number, issue: Json): Invalidation {
  return stale(mint("issue", [repo, id(issue, "number")], "issue.json"));
}

/** A pull request in its own shape. */
export function pullNow(api: Api, repo: number, pull: Json): Invalidation[] {
  const at = [repo, id(pull, "number")];
  return [...inViews("pulls", PULL, at, pull), ...inside(api, PULL, at, pull)];
}

/** An issue or a pull request that is no longer there. */
export function talkGone(repo: number, number: number, kind: "issues" | "pulls"): Invalidation[] {
  const gone = mint(kind === "issues" ? "issue" : "pull", [repo, number]);
  return [...viewIds(kind, [repo]).map((view) => removed(view, gone)), stale(gone)];
}

/** A comment. */
export function commentNow(api: Api, repo: number, comment: Json): Invalidation[] {
  const at = [repo, id(comment, "id")];
  const child = entry(String(at[1]), objectNode(COMMENT, at, comment));
  return [
    ...commentFolders(repo, comment).map((folder) => placed(folder, child)),
    ...inside(api, COMMENT, at, comment),
  ];
}

/** A comment that is no longer there. */
export function commentGone(repo: number, comment: Json): Invalidation[] {
  const gone = mint("comment", [repo, id(comment, "id")]);
  return [...commentFolders(repo, comment).map((folder) => removed(folder, gone)), stale(gone)];
}

/** Where a comment belongs: its page's address tells an issue from a pull request. */
function commentFolders(repo: number, comment: Json): string[] {
  const number = Number(/\/issues\/(\d+)$/.exec(text(comment, "issue_url") ?? "")?.[1]);
  const page = text(comment, "html_url") ?? "";
  const kinds = /\/pull\/\d+#/.test(page)
    ? ["pull"] as const
    : /\/issues\/\d+#/.test(page)
    ? ["issue"] as const
    : ["issue", "pull"] as const;
  return Number.isNaN(number) ? [] : kinds.map((kind) => mint(kind, [repo, number], "comments"));
}

/** A review of pull request `number`. Webhooks write its state in lower case. */
export function reviewNow(api: Api, repo: number, number: number, review: Json): Invalidation[] {
  const at = [repo, number, id(review, "id")];
  const item = { ...review, state: text(review, "state")?.toUpperCase() };
  return [
    placed(mint("pull", [repo, number], "reviews"), entry(String(at[2]), objectNode(REVIEW, at, item))),
    ...inside(api, REVIEW, at, item),
  ];
}

/** A run of Actions. The log that a run has so far is not the one that it ends with. */
export function runNow(api: Api, repo: number, run: Json): Invalidation[] {
  const at = [repo, id(run, "id")];
  const log = isCompleted(run) ? [stale(mint("run", at, `log@${id(run, "run_attempt")}`))] : [];
  const jobs = relisted(mint("run", at, "jobs"));
  return [...inViews("runs", RUN, at, run), ...log, ...inside(api, RUN, at, run), jobs];
}

/** A run that is no longer there. */
export function runGone(repo: number, run: number): Invalidation[] {
  const gone = mint("run", [repo, run]);
  return [...viewIds("runs", [repo]).map((view) => removed(view, gone)), stale(gone)];
}

/** A job of a run. Of one that is under way nothing is kept. */
export function jobNow(api: Api, repo: number, job: Json): Invalidation[] {
  const at = [repo, id(job, "id")];
  if (!isCompleted(job)) return [];
  const child = entry(String(at[1]), objectNode(JOB, at, job));
  return [placed(mint("run", [repo, id(job, "run_id")], "jobs"), child), ...inside(api, JOB, at, job)];
}

/** A repository, in the directory of its owner and in itself. */
export function repositoryNow(api: Api, repository: Json): Invalidation[] {
  const at = [id(repository, "id")];
  const owner = ownerOf(repository);
  const name = text(repository, "name");
  const child = entry(name ?? "", objectNode(REPOSITORY, at, repository));
  const listed = owner === undefined || name === undefined ? [] : [placed(owner, child)];
  return [...listed, ...inside(api, REPOSITORY, at, repository)];
}

/** What is told of a repository that has to be asked for: its counters are in it. */
export function repositoryJson(repo: number): Invalidation {
  return stale(mint("repo", [repo], "repo.json"));
}

/** Every file of a repository, and its date: a payload about something else tells of it as it was. */
export function repositoryStale(repo: number): Invalidation[] {
  const files = Object.keys(REPOSITORY.leaves).map((name) => stale(mint("repo", [repo], name)));
  return [stale(mint("repo", [repo])), ...files];
}

/** The directory of a repository's owner. */
export function ownerOf(repository: Json): string | undefined {
  return isObject(repository["owner"]) ? ownerId(repository["owner"]) : undefined;
}

/** The directory of an owner. */
export function ownerId(owner: Json): string | undefined {
  const login = text(owner, "login");
  return login && mintOwner(text(owner, "type") === "Organization" ? "org" : "user", login);
}

/** What has to be asked for of a pull request whose base moved. */
export function diffStale(repo: number, pull: Json): Invalidation[] {
  const at = [repo, id(pull, "number")];
  return [stale(mint("pull", at, "diff")), stale(mint("pull", at, "files"))];
}

function inViews(views: ViewedKind, kind: Kind, at: readonly number[], item: Json): Invalidation[] {
  const [repo = 0, key] = at;
  const child = entry(String(key), objectNode(kind, at, item));
  return [...holdersOf(views, [repo], item)].map(([view, holds]) =>
    holds ? placed(view, child) : removed(view, child.node.id)
  );
}

/** All that is in an object's directory; what is not in `only`, where that is told, has to be asked for. */
function inside(
  api: Api,
  kind: Kind,
  at: readonly number[],
  item: Json,
  only: Leaves = kind.leaves,
): Invalidation[] {
  const parent = mint(kind.name, at);
  const fixed = new Set(kind.folders.filter((folder) => folder.fixed).map(({ name }) => encodeName(name)));
  const told = children(api, kind, at, item).filter(({ name }) => !fixed.has(name));
  const found = told.filter(({ node }) => node.freshness.tag !== "volatile").flatMap((child) => {
    const partial = Object.hasOwn(kind.leaves, child.name) && !Object.hasOwn(only, child.name);
    return partial ? [stale(child.node.id)] : placedWhole(parent, child);
  });
  // What is not kept now may have been kept before, under another identity too.
  const fleeting = told.some(({ name, node }) => node.freshness.tag === "volatile" && !isUntold(kind, name));
  return fleeting ? [...found, relisted(parent)] : found;
}

/** True for a file that is never kept, whatever state its object is in. */
function isUntold(kind: Kind, name: string): boolean {
  return kind.leaves[name]?.lasts?.({}) === false && kind.leaves[name]?.final === undefined;
}
