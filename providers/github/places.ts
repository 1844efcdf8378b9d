/**
 * Directories: what each answers to a look-up and to a listing.
 *
 * @module
 */
import {
  type DirEntry,
  entry,
  type ListingDefinition,
  type Node,
  orAbsent,
  whole as complete,
} from "../sdk/mod.ts";
import type { Api, Page } from "./api.ts";
import { isNumberName } from "./ids.ts";
import { id, type Json } from "./json.ts";
import { children, emptyFolders, folderEntry, insides, type Kind, objectNode } from "./kinds.ts";

/** One directory of the tree. */
export interface Place {
  /** The child called `name`. */
  lookup(name: string): Node | undefined;
  /** One page of the children. */
  list(cursor: string | undefined): ListingDefinition;
}

/** A directory whose children are known without asking anybody. */
export function fixed(entries: DirEntry[]): Place {
  return {
    lookup: (name) => entries.find((child) => child.name === name)?.node,
    list: () => complete(entries),
  };
}

/** The directory of one object: a single request tells all of it. */
export function objectPlace(api: Api, kind: Kind, at: readonly number[]): Place {
  const load = () => api.object(kind.path(at));
  const mayHold = (name: string) =>
    Object.hasOwn(kind.leaves, name) || kind.folders.some((one) => one.name === name);
  return {
    lookup(name) {
      const folder = kind.folders.find((one) => one.name === name && one.fixed === true);
      if (folder !== undefined) return folderEntry(kind, folder, at, undefined).node;
      if (!mayHold(name)) return undefined;
      const item = orAbsent(load);
      return item && children(api, kind, at, item).find((child) => child.name === name)?.node;
    },
    list() {
      const item = load();
      return { ...complete(children(api, kind, at, item)), complete: emptyFolders(kind, at, item) };
    },
  };
}

/** A list of the API, and the objects in it. */
export interface Collection {
  /** What the objects are. */
  readonly kind: Kind;
  /** The API's path of the list; of several where the directory is one after the other. */
  readonly path: string | readonly string[];
  /** The objects of one answer. */
  readonly items: (value: unknown) => Json[];
  /** The field that names an object in the list: its number or its id. */
  readonly key: "number" | "id";
  /** The numbers of the object with this key, the repository's id first. */
  readonly at: (key: number) => readonly number[];
  /** False for an object that does not belong in this directory, though the list or the path has it. */
  readonly holds?: (item: Json) => boolean;
  /** What to say where there is no such list; throws unless told. */
  readonly missing?: () => ListingDefinition;
}

/** A directory of objects, each under its number or id. */
export function collectionPlace(api: Api, collection: Collection): Place {
  const { kind, key, at, holds = () => true } = collection;
  return {
    lookup(name) {
      if (!isNumberName(name)) return undefined;
      const numbers = at(Number(name));
      const item = orAbsent(() => api.object(kind.path(numbers)));
      // An issue that was transferred leads to another one, under another number.
      if (item === undefined || id(item, key) !== Number(name) || !holds(item)) return undefined;
      return objectNode(kind, numbers, item);
    },
    list(cursor) {
      const page = collection.missing === undefined || cursor !== undefined
        ? pageOf(api, collection, cursor)
        : orAbsent(() => pageOf(api, collection, cursor));
      if (page === undefined) return collection.missing?.() ?? complete([]);
      const objects = collection.items(page.value).filter(holds).map((item) =>
        [at(id(item, key)), item] as const
      );
      const entries = objects.map(([numbers, item]) =>
        entry(String(id(item, key)), objectNode(kind, numbers, item))
      );
      return { entries, exhaustive: true, next: page.next, ...insides(api, kind, objects) };
    },
  };
}

/** One page of a collection's lists, one after the other. A cursor is the number of a list and the address in it. */
function pageOf(api: Api, { path }: Collection, cursor: string | undefined): Page {
  const paths = typeof path === "string" ? [path] : path;
  const [, digits = "0", url = ""] = /^(\d{1,3}) (.*)$/.exec(cursor ?? "") ?? [];
  const list = Number(digits);
  const page = api.page(paths[list] ?? "", url === "" ? undefined : url);
  if (page.next !== undefined) return { ...page, next: `${list} ${page.next}` };
  return list + 1 < paths.length ? { ...page, next: `${list + 1} ` } : page;
}
