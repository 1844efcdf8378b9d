/**
 * Issues and pull requests, their comments and reviews.
 *
 * @module
 */
import { jsonOf, textOf } from "../sdk/mod.ts";
import { flag, isObject, type Json, objects, text, texts } from "./json.ts";
import type { Folder, Kind } from "./kinds.ts";
import { asked, field, type Leaves, whole } from "./leaves.ts";
import { within } from "./repositories.ts";

/** The files that issues and pull requests have alike, so that either shape of a pull request tells them. */
export const TALK: Leaves = {
  "title": field((item) => text(item, "title"), { writable: true }),
  "body": field((item) => text(item, "body"), { writable: true }),
  "state": field((item) => text(item, "state"), { writable: true }),
  "user": field((item) => text(item["user"], "login")),
  "labels": field((item) => texts(item, "labels", "name"), { writable: true }),
  "assignees": field((item) => texts(item, "assignees", "login"), { writable: true }),
  "created_at": field((item) => text(item, "created_at")),
  "updated_at": field((item) => text(item, "updated_at")),
};

const COMMENTS: Folder = {
  name: "comments",
  // A list of pull requests does not tell how many comments each has.
  empty: (item) => item["comments"] === 0,
  writable: true,
};

const never = () => false;

/** An issue. */
export const ISSUE: Kind = {
  name: "issue",
  path: ([repo = 0, number = 0]) => within([repo], `/issues/${number}`),
  leaves: { ...TALK, "issue.json": whole(lasting) },
  folders: [COMMENTS],
  modified: (issue) => text(issue, "updated_at"),
  listFirst: true,
};

/** A pull request. */
export const PULL: Kind = {
  name: "pull",
  path: ([repo = 0, number = 0]) => within([repo], `/pulls/${number}`),
  leaves: {
    ...TALK,
    "diff": asked(({ api, path }) => api.diff(path)),
    "base": field((pull) => text(pull["base"], "ref")),
    "head": field((pull) => text(pull["head"], "label") ?? text(pull["head"], "ref")),
    // These two are in the answer about a single pull request, and not in a list. GitHub works `mergeable` out some
    // time after it was asked for, and the repositories in the whole have counters: no event tells of either.
    "mergeable": asked(({ api, path }) => textOf(flag(api.object(path), "mergeable")), { lasts: never }),
    "files": asked(({ api, path }) => textOf(fileNames(api.all(`${path}/files`, objects)))),
    "pr.json": asked(({ api, path }) => jsonOf(api.object(path)), { lasts: never }),
  },
  folders: [COMMENTS, { name: "reviews" }],
  modified: (pull) => text(pull, "updated_at"),
  listFirst: true,
};

/** What changes in an issue without an event, and without its `updated_at`: reactions, somebody's role, counters. */
const UNTOLD: ReadonlySet<string> = new Set([
  "reactions",
  "author_association",
  "sub_issues_summary",
  "issue_dependencies_summary",
]);

/** What of a milestone is told when it changes; the others are counters and the dates of their changes. */
const MILESTONE = ["id", "number", "title", "description", "state", "due_on", "html_url"];

/** An issue without what nobody tells of. */
function lasting(issue: Json): Json {
  const kept = Object.entries(issue).filter(([key]) => !UNTOLD.has(key));
  const { milestone } = issue;
  if (isObject(milestone)) kept.push(["milestone", milestoneOf(milestone)]);
  return Object.fromEntries(kept);
}

/** A milestone as an issue shows it. */
function milestoneOf(milestone: Json): Json {
  return Object.fromEntries(MILESTONE.map((key) => [key, milestone[key] ?? null]));
}

function fileNames(files: readonly Json[]): string[] {
  return files.map((file) => text(file, "filename")).filter((name) => name !== undefined);
}

/** A comment on an issue or a pull request. */
export const COMMENT: Kind = {
  name: "comment",
  path: ([repo = 0, comment = 0]) => within([repo], `/issues/comments/${comment}`),
  leaves: {
    "body": field((comment) => text(comment, "body"), { writable: true }),
    "user": field((comment) => text(comment["user"], "login")),
    "created_at": field((comment) => text(comment, "created_at")),
  },
  folders: [],
  modified: (comment) => text(comment, "updated_at"),
  listFirst: true,
};

/** A review of a pull request. */
export const REVIEW: Kind = {
  name: "review",
  path: ([repo = 0, pull = 0, review = 0]) => within([repo], `/pulls/${pull}/reviews/${review}`),
  leaves: {
    "body": field((review) => text(review, "body")),
    "user": field((review) => text(review["user"], "login")),
    "state": field((review) => text(review, "state")),
    "submitted_at": field((review) => text(review, "submitted_at")),
  },
  folders: [],
  modified: (review) => text(review, "submitted_at"),
  listFirst: true,
};

/** True for the pull requests that GitHub lists among the issues. */
export function isPull(issue: Json): boolean {
  return issue["pull_request"] !== undefined && issue["pull_request"] !== null;
}
