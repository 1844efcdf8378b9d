/**
 * The tree: from an identity to the directory or file behind it.
 *
 * @module
 */
import { directory, entry, isADirectory, notADirectory, notFound, watched } from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import { collectionOf, projects, teams } from "./collections.ts";
import { CYCLE, PROJECT, TEAM } from "./groups.ts";
import { type Id, type KindName, parse, PROJECTS, TEAMS } from "./ids.ts";
import { COMMENT, ISSUE } from "./issues.ts";
import { type Kind, WORKSPACE_WATCH } from "./kinds.ts";
import { collectionPlace, fixed, objectPlace, type Place } from "./places.ts";
import { viewEntries } from "./views.ts";

/** The objects that are directories of their fields. */
const OBJECTS: ReadonlyMap<KindName, Kind> = new Map(
  [TEAM, ISSUE, COMMENT, PROJECT, CYCLE].map((kind) => [kind.name, kind]),
);

/** The directory with this identity. */
export function placeOf(api: Api, id: string): Place {
  if (id === "") return rootPlace();
  if (id === TEAMS) return collectionPlace(teams(api));
  if (id === PROJECTS) return collectionPlace(projects(api));
  const parsed = parse(id);
  if (parsed === undefined) throw notFound();
  const place = parsed.part === "" ? plainPlace(api, parsed) : listPlace(api, parsed);
  if (place === undefined) throw leafOf(parsed) === undefined ? notFound() : notADirectory();
  return place;
}

function rootPlace(): Place {
  const freshness = watched(WORKSPACE_WATCH);
  return fixed([
    // One page of teams costs as little as one of them, and there are few.
    entry("teams", directory(TEAMS, { freshness, listFirst: true })),
    entry("projects", directory(PROJECTS, { freshness })),
  ]);
}

function plainPlace(api: Api, { kind, uuid }: Id): Place | undefined {
  if (kind === "issues") return fixed(viewEntries(uuid));
  const object = OBJECTS.get(kind);
  return object && objectPlace(api, object, uuid);
}

function listPlace(api: Api, parsed: Id): Place | undefined {
  const collection = collectionOf(api, parsed);
  return collection && collectionPlace(collection);
}

/** The bytes of the file with this identity, from the API. */
export function readLeaf(api: Api, id: string): string {
  const parsed = parse(id);
  const found = parsed && leafOf(parsed);
  if (parsed === undefined || found === undefined) {
    throw parsed !== undefined || ["", TEAMS, PROJECTS].includes(id) ? isADirectory() : notFound();
  }
  const { kind, leaf } = found;
  return leaf.read(api.object(kind.name, kind.getWhole ?? kind.get, { id: parsed.uuid }));
}

function leafOf({ kind, part }: Id) {
  const object = OBJECTS.get(kind);
  const leaf = object && Object.hasOwn(object.leaves, part) ? object.leaves[part] : undefined;
  return object === undefined || leaf === undefined ? undefined : { kind: object, leaf };
}
