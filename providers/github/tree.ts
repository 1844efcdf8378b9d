/**
 * The tree: from an identity to the directory or file behind it.
 *
 * @module
 */
import { isADirectory, notADirectory, notFound } from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import { type Id, type KindName, parse } from "./ids.ts";
import { COMMENT, ISSUE, PULL, REVIEW } from "./issues.ts";
import type { Kind } from "./kinds.ts";
import { ownerPlace, rootPlace } from "./owners.ts";
import { collectionPlace, fixed, objectPlace, type Place } from "./places.ts";
import { REPOSITORY } from "./repositories.ts";
import { JOB, RUN } from "./runs.ts";
import { partCollection, viewCollection, viewEntries } from "./views.ts";

/** The objects that are directories of their fields. */
const OBJECTS: ReadonlyMap<KindName, Kind> = new Map(
  [REPOSITORY, ISSUE, PULL, COMMENT, REVIEW, RUN, JOB].map((kind) => [kind.name, kind]),
);

/** The directory with this identity. */
export function placeOf(api: Api, id: string): Place {
  if (id === "") return rootPlace(api);
  const parsed = parse(id);
  if (parsed === undefined) throw notFound();
  const { kind, login, at, part } = parsed;
  if (kind === "user" || kind === "org") return ownerPlace(api, kind, login);
  const place = part === "" ? plainPlace(api, kind, at) : listPlace(api, parsed);
  if (place === undefined) throw leafOf(parsed) === undefined ? notFound() : notADirectory();
  return place;
}

function plainPlace(api: Api, kind: KindName, at: readonly number[]): Place | undefined {
  if (kind === "issues" || kind === "pulls") return fixed(viewEntries(kind, at));
  if (kind === "actions") return fixed(viewEntries("runs", at));
  const object = OBJECTS.get(kind);
  return object && objectPlace(api, object, at);
}

function listPlace(api: Api, { kind, at, part }: Id): Place | undefined {
  const collection = viewCollection(api, kind, at, part) ?? partCollection(kind, at, part);
  return collection && collectionPlace(api, collection);
}

/** The bytes of the file with this identity, from the API. */
export function readLeaf(api: Api, id: string): string | Uint8Array {
  const parsed = parse(id);
  const found = parsed && leafOf(parsed);
  if (parsed === undefined || found === undefined) throw id === "" || parsed ? isADirectory() : notFound();
  const path = found.kind.path(parsed.at);
  return found.leaf.read({ api, at: parsed.at, path, mark: parsed.part.split("@")[1] ?? "" });
}

function leafOf({ kind, part }: Id) {
  const object = OBJECTS.get(kind);
  const [name = ""] = part.split("@");
  const leaf = object && Object.hasOwn(object.leaves, name) ? object.leaves[name] : undefined;
  return object === undefined || leaf === undefined ? undefined : { kind: object, leaf };
}
