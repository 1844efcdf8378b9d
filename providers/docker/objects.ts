/**
 * Images, networks and volumes: each a directory with one file, all that the Engine tells of it.
 *
 * @module
 */
import { at, directory, entry, type Node, orAbsent, whole } from "../sdk/mod.ts";
import type { Engine } from "./engine.ts";
import { mint } from "./ids.ts";
import { indented } from "./indent.ts";
import { dateOf, type Json, objects, text, texts, within } from "./json.ts";
import { distinct, findNamed, markedFile, type Named, type Place, told } from "./places.ts";

/** The name of the file. */
export const INSPECT = "inspect.json";

/** A kind of object, and how it is listed and asked for. */
export interface Kind {
  /** What its identities start with. */
  readonly name: "image" | "network" | "volume";
  /** The path of the list. */
  readonly list: string;
  /** The objects of the list's answer. */
  readonly items: (value: unknown) => Json[];
  /** What the Engine knows it by. */
  readonly key: (item: Json) => string | undefined;
  /** The names that it is shown under. */
  readonly names: (item: Json) => string[];
  /** The field with its date, in the list and alone. */
  readonly date: string;
  /** The path of one. */
  readonly path: (key: string) => string;
}

/** An image. What has no tag is named by its digest, or by its id where it has none of those either. */
const IMAGE: Kind = {
  name: "image",
  list: "/images/json",
  items: objects,
  key: (image) => text(image, "Id"),
  names(image) {
    const tags = withoutNone(texts(image, "RepoTags"));
    if (tags.length > 0) return tags;
    const digests = withoutNone(texts(image, "RepoDigests"));
    return digests.length > 0 ? digests : nameIn(image, "Id");
  },
  date: "Created",
  path: (key) => at`/images/${key}/json`,
};

/** A network. */
const NETWORK: Kind = {
  name: "network",
  list: "/networks",
  items: objects,
  key: (network) => text(network, "Id"),
  names: (network) => nameIn(network, "Name"),
  date: "Created",
  path: (key) => at`/networks/${key}`,
};

/** A volume, which has no identity but its name. */
const VOLUME: Kind = {
  name: "volume",
  list: "/volumes",
  items: (value) => objects(within(value, "Volumes")),
  key: (volume) => text(volume, "Name"),
  names: (volume) => nameIn(volume, "Name"),
  date: "CreatedAt",
  path: (key) => at`/volumes/${key}`,
};

/** The kinds by the directory that lists them. */
export const COLLECTIONS: Readonly<Record<string, Kind>> = {
  images: IMAGE,
  networks: NETWORK,
  volumes: VOLUME,
};

/** The kinds by what their identities start with. */
export const KINDS: Readonly<Record<string, Kind>> = { image: IMAGE, network: NETWORK, volume: VOLUME };

/** Old lists call an image without a tag `<none>:<none>`. */
function withoutNone(names: string[]): string[] {
  return names.filter((name) => !name.includes("<none>"));
}

function nameIn(item: Json, key: string): string[] {
  const name = text(item, key);
  return name === undefined ? [] : [name];
}

/** The directory of all objects of a kind. */
export function collectionPlace(engine: Engine, kind: Kind): Place {
  const load = () => {
    const items = kind.items(engine.value(kind.list)).filter((item) => kind.key(item) !== undefined);
    const named = items.flatMap((item) => kind.names(item).map((name): Named<Json> => [name, item]));
    return distinct(named, (item) => kind.key(item) ?? "");
  };
  return {
    lookup(name) {
      const item = findNamed(name, load());
      return item && objectNode(kind, item);
    },
    list: () => whole(load().map(([name, item]) => entry(name, objectNode(kind, item)))),
  };
}

function objectNode(kind: Kind, item: Json): Node {
  const id = mint(kind.name, kind.key(item) ?? "");
  return directory(id, { ...told, modified: dateOf(item[kind.date]), listFirst: true });
}

/** The directory of one object. */
export function objectPlace(engine: Engine, kind: Kind, key: string): Place {
  const load = () => {
    const { value, json } = engine.document(kind.path(key));
    return markedFile(mint(kind.name, key, INSPECT), indented(json), dateOf(value[kind.date]));
  };
  return {
    lookup: (name) => name === INSPECT ? orAbsent(load) : undefined,
    list: () => whole([entry(INSPECT, load())]),
  };
}

/** The text of an object's file. */
export function readObject(engine: Engine, kind: Kind, key: string): string {
  return indented(engine.document(kind.path(key)).json);
}
