/**
 * Kinds of objects: how each is asked for, and what its directory holds.
 *
 * @module
 */
import {
  directory,
  type DirEntry,
  entry,
  type ListingDefinition,
  type Node,
  type NodeId,
  type Projected,
  volatile,
  watched,
} from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import { type KindName, mint } from "./ids.ts";
import type { Json } from "./json.ts";
import { files, type Leaves, type Stamp } from "./leaves.ts";

/** A directory inside of an object's directory. */
export interface Folder {
  /** Its name, which is its part of the object's identity as well, unless `id` says another. */
  readonly name: string;
  /** Its identity, from the object's numbers. */
  readonly id?: (at: readonly number[]) => NodeId;
  /** True where the object tells that nothing is in it. */
  readonly empty?: (item: Json) => boolean;
  /** True where a draft may make children. */
  readonly writable?: boolean;
  /** False where nobody tells when its children change; always true unless told. */
  readonly lasts?: (item: Json) => boolean;
  /** True where it is there whatever the object says: looking it up costs nothing. */
  readonly fixed?: boolean;
}

/** A kind of object that is shown as a directory of its fields. */
export interface Kind {
  /** What its identities start with. */
  readonly name: KindName;
  /** The API's path of one. */
  readonly path: (at: readonly number[]) => string;
  /** Its files. */
  readonly leaves: Leaves;
  /** Its directories. */
  readonly folders: readonly Folder[];
  /** When it last changed, as an ISO date. */
  readonly modified: (item: Json) => string | undefined;
  /** False for one that changes without anybody telling; always true unless told. */
  readonly lasts?: (item: Json) => boolean;
  /** True where one request for the object tells about all that is in its directory. */
  readonly listFirst: boolean;
}

/** The watch over everything in a repository. */
export function repositoryWatch(at: readonly number[]): string {
  return `repo:${at[0] ?? 0}`;
}

/** The watch over an owner and the list of its repositories. */
export function ownerWatch(login: string): string {
  return `owner:${login}`;
}

/** The directory of one object. */
export function objectNode(kind: Kind, at: readonly number[], item: Json): Node {
  return directory(mint(kind.name, at), { ...stampOf(kind, at, item), listFirst: kind.listFirst });
}

function stampOf(kind: Kind, at: readonly number[], item: Json): Stamp {
  const version = kind.modified(item);
  const modified = version === undefined ? undefined : Date.parse(version);
  const freshness = kind.lasts?.(item) === false ? volatile : watched(repositoryWatch(at));
  return { modified, version, freshness };
}

/** All that the directory of one object holds. */
export function children(api: Api, kind: Kind, at: readonly number[], item: Json): DirEntry[] {
  const stamp = stampOf(kind, at, item);
  const folders = kind.folders.map((folder) => {
    const lasts = folder.lasts?.(item) ?? true;
    return folderEntry(kind, folder, at, lasts ? stamp : { ...stamp, freshness: volatile });
  });
  return [...files(api, kind.name, at, item, kind.leaves, stamp), ...folders];
}

/** The directory `folder` of an object. A fixed one has no date, because it is told without asking. */
export function folderEntry(
  kind: Kind,
  folder: Folder,
  at: readonly number[],
  stamp: Stamp | undefined,
): DirEntry {
  const date = folder.fixed === true || stamp === undefined ? {} : stamp;
  const freshness = stamp?.freshness ?? watched(repositoryWatch(at));
  return entry(
    folder.name,
    directory(folderId(kind, folder, at), { ...date, freshness, writable: folder.writable }),
  );
}

/** What is known of the insides of some objects once each of them is told. */
export function insides(
  api: Api,
  kind: Kind,
  objects: readonly (readonly [readonly number[], Json])[],
): Required<Pick<ListingDefinition, "also" | "complete">> {
  const also: Projected[] = [];
  const complete: NodeId[] = [];
  for (const [at, item] of objects) {
    const parent = mint(kind.name, at);
    for (const child of children(api, kind, at, item)) also.push({ parent, entry: child });
    complete.push(parent, ...emptyFolders(kind, at, item));
  }
  return { also, complete };
}

/** The directories of an object of which the object itself tells that they are empty. */
export function emptyFolders(kind: Kind, at: readonly number[], item: Json): NodeId[] {
  return kind.folders.filter((folder) => folder.empty?.(item) ?? false).map((folder) =>
    folderId(kind, folder, at)
  );
}

function folderId(kind: Kind, folder: Folder, at: readonly number[]): NodeId {
  return folder.id?.(at) ?? mint(kind.name, at, folder.name);
}
