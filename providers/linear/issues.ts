/**
 * Issues and their comments.
 *
 * @module
 */
import { connection, type Json, needed, number, object, text } from "./json.ts";
import { type Kind, teamWatch } from "./kinds.ts";
import { field, whole } from "./leaves.ts";
import { GET_COMMENT, GET_ISSUE, GET_LABELLED_ISSUE } from "./queries.ts";

/** How Linear shows a person: the name that is unique in the workspace. */
export function person(value: unknown): string | undefined {
  return text(value, "displayName") ?? text(value, "name");
}

/** A comment; its item holds the `issue` that it is on. */
export const COMMENT: Kind = {
  name: "comment",
  get: GET_COMMENT,
  nameOf: (comment) => needed(comment, "id"),
  leaves: {
    "body": field((comment) => text(comment, "body"), { writable: true }),
    // What an integration wrote has no user of the workspace.
    "user": field((comment) =>
      person(comment["user"]) ?? person(comment["externalUser"]) ?? person(comment["botActor"])
    ),
    "created_at": field((comment) => text(comment, "createdAt")),
  },
  folders: [],
  watch: (comment) => teamWatch(object(comment["issue"])["team"]),
};

const labels = (issue: Json) => connection(issue, "labels");
const moreLabels = (issue: Json) => labels(issue).more;

/** An issue. */
export const ISSUE: Kind = {
  name: "issue",
  get: GET_ISSUE,
  getWhole: GET_LABELLED_ISSUE,
  nameOf: (issue) => needed(issue, "identifier"),
  leaves: {
    "title": field((issue) => text(issue, "title"), { writable: true }),
    "description.md": field((issue) => text(issue, "description"), { writable: true }),
    "state": field((issue) => text(issue["state"], "name"), { writable: true }),
    "priority": field((issue) => text(issue, "priorityLabel") ?? number(issue, "priority"), {
      writable: true,
    }),
    "assignee": field((issue) => person(issue["assignee"]), { writable: true }),
    "labels": field((issue) => labels(issue).nodes.map((label) => needed(label, "name")), {
      writable: true,
      partial: moreLabels,
    }),
    "url": field((issue) => text(issue, "url")),
    "issue.json": whole(shown, { partial: moreLabels }),
  },
  folders: [{
    name: "comments",
    writable: true,
    told(issue) {
      const { nodes, more } = connection(issue, "comments");
      return more ? undefined : { kind: COMMENT, items: nodes.map((comment) => onIssue(issue, comment)) };
    },
  }],
  watch: (issue) => teamWatch(issue["team"]),
};

/** A comment that was told inside of its issue, as it is told alone. */
export function onIssue(issue: Json, comment: Json): Json {
  return { ...comment, issue: { id: needed(issue, "id"), team: { id: needed(issue["team"], "id") } } };
}

/** An issue without its comments, which are files of their own, and its history; with its labels as a plain list. */
function shown({ comments: _comments, history: _history, ...issue }: Json): Json {
  return { ...issue, labels: labels(issue).nodes };
}
