/**
 * Repositories.
 *
 * @module
 */
import { mint } from "./ids.ts";
import { text } from "./json.ts";
import type { Kind } from "./kinds.ts";
import { asked, field } from "./leaves.ts";
import { jsonOf } from "../sdk/mod.ts";

/** The API's path of a repository, or of what follows in it: by its id, so that a renamed one is still found. */
export function within(at: readonly number[], rest = ""): string {
  return `/repositories/${at[0] ?? 0}${rest}`;
}

/** A repository. */
export const REPOSITORY: Kind = {
  name: "repo",
  path: (at) => within(at),
  leaves: {
    // A list of repositories tells less about each than a request for one, so the whole is asked for.
    "repo.json": asked(({ api, path }) => jsonOf(api.object(path))),
    "description": field((repo) => text(repo, "description")),
    "default_branch": field((repo) => text(repo, "default_branch")),
    "topics": field((repo) => {
      const topics = repo["topics"];
      return Array.isArray(topics) ? topics.filter((topic) => typeof topic === "string") : [];
    }),
  },
  folders: [
    { name: "_issues", id: (at) => mint("issues", at), fixed: true },
    { name: "_prs", id: (at) => mint("pulls", at), fixed: true },
    { name: "_actions", id: (at) => mint("actions", at), fixed: true },
  ],
  modified: (repo) => text(repo, "updated_at"),
  // `_issues` and its like are known without a request; listing first would make one.
  listFirst: false,
};
