/**
 * The root and the owners in it: users and organisations.
 *
 * @module
 */
import {
  at as path,
  decodeName,
  directory,
  entry,
  type ListingDefinition,
  type Node,
  orAbsent,
  unavailable,
  watched,
} from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import { isOwnerName, isRepositoryName, mintOwner } from "./ids.ts";
import { id, type Json, objects, text } from "./json.ts";
import { insides, objectNode, ownerWatch } from "./kinds.ts";
import type { Place } from "./places.ts";
import { REPOSITORY } from "./repositories.ts";

/** GitHub has too many owners to list; each is there when it is asked for. */
export function rootPlace(api: Api): Place {
  return {
    lookup(name) {
      const login = decodeName(name);
      if (login === undefined || !isOwnerName(login)) return undefined;
      const owner = orAbsent(() => api.object(path`/users/${login}`));
      return owner && ownerNode(owner);
    },
    list: () => ({ entries: [], exhaustive: false }),
  };
}

/** The directory of an owner. */
export function ownerNode(owner: Json): Node {
  const login = text(owner, "login");
  if (login === undefined) throw unavailable("the upstream answered an owner without a login");
  const modified = text(owner, "updated_at");
  const kind = text(owner, "type") === "Organization" ? "org" : "user";
  const options = { modified, version: modified, freshness: watched(ownerWatch(login)) };
  return directory(mintOwner(kind, login), options);
}

/** The repositories of an owner. The list leaves out what only its owner sees, so a name is always looked up. */
export function ownerPlace(api: Api, kind: "user" | "org", login: string): Place {
  return {
    lookup(name) {
      const repository = decodeName(name);
      if (repository === undefined || !isRepositoryName(repository)) return undefined;
      const found = orAbsent(() => api.object(path`/repos/${login}/${repository}`));
      return found && objectNode(REPOSITORY, [id(found, "id")], found);
    },
    list: (cursor) => repositories(api, repositoriesPath(mintOwner(kind, login), login), cursor),
  };
}

/** The list of the repositories of `owner`. An organisation's own list has its private repositories too, where the credential may see them. */
export function repositoriesPath(owner: string, login: string): string {
  return owner.startsWith("org/")
    ? path`/orgs/${login}/repos?sort=full_name`
    : path`/users/${login}/repos?sort=full_name`;
}

function repositories(api: Api, list: string, cursor: string | undefined): ListingDefinition {
  const page = api.page(list, cursor);
  const found = objects(page.value).map((repo) => [[id(repo, "id")], repo] as const);
  const entries = found.map(([at, repo]) =>
    entry(text(repo, "name") ?? "", objectNode(REPOSITORY, at, repo))
  );
  return { entries, exhaustive: false, next: page.next, ...insides(api, REPOSITORY, found) };
}
