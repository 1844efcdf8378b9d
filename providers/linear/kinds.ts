/**
 * Kinds of objects: how each is asked for, and what its directory holds.
 *
 * @module
 */
import {
  directory,
  type DirEntry,
  entry,
  type Listing,
  type Node,
  type NodeId,
  type NodeOptions,
  type Projected,
  watched,
} from "../sdk/mod.ts";
import { type KindName, mint } from "./ids.ts";
import { type Json, needed, text } from "./json.ts";
import { files, type Leaves } from "./leaves.ts";

/** A directory inside of an object's directory. */
export interface Folder {
  /** Its name, which is its part of the object's identity as well, unless `id` says another. */
  readonly name: string;
  /** Its identity, from the object's UUID. */
  readonly id?: (uuid: string) => NodeId;
  /** True where a draft may make children. */
  readonly writable?: boolean;
  /** True where it is there whatever the object says: looking it up costs nothing. */
  readonly fixed?: boolean;
  /** The objects in it, where the object tells every one of them. */
  readonly told?: (item: Json) => Told | undefined;
}

/** Objects that came with another one. */
export interface Told {
  /** What they are. */
  readonly kind: Kind;
  /** The objects. */
  readonly items: readonly Json[];
}

/** A kind of object that is shown as a directory of its fields. */
export interface Kind {
  /** What its identities start with, and the field of the queries for one. */
  readonly name: Exclude<KindName, "issues">;
  /** The query for one by its UUID, `$id`. */
  readonly get: string;
  /** The query that tells every byte of its files; `get` unless told. */
  readonly getWhole?: string;
  /** Its name in a directory. */
  readonly nameOf: (item: Json) => string;
  /** Its files. */
  readonly leaves: Leaves;
  /** Its directories. */
  readonly folders: readonly Folder[];
  /** The watch over it. One with fixed folders has it told from an object of which nothing but the id is known. */
  readonly watch: (item: Json) => string;
}

/** The watch over everything in a team. */
export function teamWatch(team: unknown): string {
  return `team:${needed(team, "id")}`;
}

/** The watch over the lists of teams and projects, and over the projects, which belong to no single team. */
export const WORKSPACE_WATCH = "workspace";

/** An object under its name. One request for it tells all that is in its directory. */
export function objectEntry(kind: Kind, item: Json): DirEntry {
  const id = mint(kind.name, needed(item, "id"));
  return entry(kind.nameOf(item), directory(id, { ...stampOf(kind, item), listFirst: true }));
}

function stampOf(kind: Kind, item: Json): NodeOptions {
  const version = text(item, "updatedAt");
  return { modified: version, version, freshness: watched(kind.watch(item)) };
}

/** All that the directory of one object holds. */
export function children(kind: Kind, item: Json): DirEntry[] {
  const [uuid, stamp] = [needed(item, "id"), stampOf(kind, item)];
  const folders = kind.folders.map((folder) =>
    entry(
      folder.name,
      folder.fixed === true ? fixedFolder(kind, folder, uuid) : folderNode(kind, folder, uuid, stamp),
    )
  );
  return [...files(kind.name, uuid, item, kind.leaves, stamp), ...folders];
}

/** A folder that is told without asking; it has no date for that reason. */
export function fixedFolder(kind: Kind, folder: Folder, uuid: string): Node {
  return folderNode(kind, folder, uuid, { freshness: watched(kind.watch({ id: uuid })) });
}

function folderNode(kind: Kind, folder: Folder, uuid: string, options: NodeOptions): Node {
  return directory(folderId(kind, folder, uuid), { ...options, writable: folder.writable });
}

function folderId(kind: Kind, folder: Folder, uuid: string): NodeId {
  return folder.id?.(uuid) ?? mint(kind.name, uuid, folder.name);
}

/** What one answer knows of other directories than the one that was asked for. */
export type Insides = Pick<Listing, "also" | "complete">;

/** What is known of the insides of some objects once each of them is told. */
export function insides(kind: Kind, items: readonly Json[]): Insides {
  const also: Projected[] = [];
  const complete: NodeId[] = [];
  for (const item of items) {
    const parent = mint(kind.name, needed(item, "id"));
    for (const child of children(kind, item)) also.push({ parent, entry: child });
    const deeper = folderInsides(kind, item);
    also.push(...deeper.also);
    complete.push(parent, ...deeper.complete);
  }
  return { also, complete };
}

/** The same of an object's folders. */
export function folderInsides(kind: Kind, item: Json): Insides {
  const also: Projected[] = [];
  const complete: NodeId[] = [];
  for (const folder of kind.folders) {
    const told = folder.told?.(item);
    if (told === undefined) continue;
    const parent = folderId(kind, folder, needed(item, "id"));
    for (const one of told.items) also.push({ parent, entry: objectEntry(told.kind, one) });
    const deeper = insides(told.kind, told.items);
    also.push(...deeper.also);
    complete.push(parent, ...deeper.complete);
  }
  return { also, complete };
}
