/**
 * What follows for the tree from an issue or a comment as it is now.
 *
 * @module
 */
import { type Invalidation, placed, placedWhole, removed, stale } from "../sdk/mod.ts";
import { mint } from "./ids.ts";
import { COMMENT, ISSUE } from "./issues.ts";
import { isObject, type Json, needed, object } from "./json.ts";
import { children, type Kind, objectEntry } from "./kinds.ts";
import { holdersOf } from "./views.ts";

/** An issue: in the views of its team, its project and its cycle, and every file of it. */
export function issueNow(issue: Json): Invalidation[] {
  const child = objectEntry(ISSUE, issue);
  const views = [...holdersOf(needed(issue["team"], "id"), issue)].map(([view, holds]) =>
    holds ? placed(view, child) : removed(view, child.node.id)
  );
  const holders = (["project", "cycle"] as const).filter((name) => isObject(issue[name]));
  const lists = holders.map((name) => placed(mint(name, needed(issue[name], "id"), "issues"), child));
  return [...views, ...lists, ...inside(ISSUE, issue)];
}

/** A comment, and the issue that it is on. */
export function commentNow(comment: Json): Invalidation[] {
  const issue = object(comment["issue"]);
  const folder = mint("issue", needed(issue, "id"), "comments");
  return [placed(folder, objectEntry(COMMENT, comment)), ...inside(COMMENT, comment), ...issueNow(issue)];
}

/** A comment that is no longer there. */
export function commentGone(issue: string, comment: string): Invalidation[] {
  const gone = mint("comment", comment);
  return [
    removed(mint("issue", issue, "comments"), gone),
    stale(gone),
    stale(mint("issue", issue)),
    stale(mint("issue", issue, "issue.json")),
  ];
}

/** All that is in an object's directory. */
function inside(kind: Kind, item: Json): Invalidation[] {
  const parent = mint(kind.name, needed(item, "id"));
  return children(kind, item).flatMap((child) => placedWhole(parent, child));
}
