/**
 * Directories: what each answers to a look-up and to a listing.
 *
 * @module
 */
import { type DirEntry, type ListingDefinition, type Node, orAbsent, whole as complete } from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import type { Connection, Json } from "./json.ts";
import { children, fixedFolder, folderInsides, insides, type Kind, objectEntry } from "./kinds.ts";

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
export function objectPlace(api: Api, kind: Kind, uuid: string): Place {
  const load = () => api.object(kind.name, kind.get, { id: uuid });
  const mayHold = (name: string) =>
    Object.hasOwn(kind.leaves, name) || kind.folders.some((one) => one.name === name);
  return {
    lookup(name) {
      const folder = kind.folders.find((one) => one.name === name && one.fixed === true);
      if (folder !== undefined) return fixedFolder(kind, folder, uuid);
      if (!mayHold(name)) return undefined;
      const item = orAbsent(load);
      return item && children(kind, item).find((child) => child.name === name)?.node;
    },
    list() {
      const item = load();
      return { ...complete(children(kind, item)), ...folderInsides(kind, item) };
    },
  };
}

/** A list of the API, and the objects in it. */
export interface Collection {
  /** What the objects are. */
  readonly kind: Kind;
  /** One page of them; `cursor` is the `next` of an earlier one. */
  readonly page: (cursor: string | undefined) => Connection;
  /** The object with this name, wherever it belongs; undefined for a name that none can have. */
  readonly find: (name: string) => Json | undefined;
  /** False for an object that does not belong in this directory. */
  readonly holds: (item: Json) => boolean;
}

/** A directory of objects, each under its name. */
export function collectionPlace({ kind, page, find, holds }: Collection): Place {
  return {
    lookup(name) {
      const item = find(name);
      // An object that has moved is found by its old name, too, and is then called otherwise.
      if (item === undefined || kind.nameOf(item) !== name || !holds(item)) return undefined;
      return objectEntry(kind, item).node;
    },
    list(cursor) {
      const { nodes, next } = page(cursor);
      const items = nodes.filter(holds);
      const entries = items.map((item) => objectEntry(kind, item));
      return { entries, exhaustive: true, next, ...insides(kind, items) };
    },
  };
}
