/**
 * Leaves: which files an object's directory holds, as a table that says for each where its bytes come from.
 *
 * @module
 */
import {
  askFile,
  type DirEntry,
  entry,
  type Freshness,
  immutable,
  jsonFile,
  jsonOf,
  type Node,
  type NodeOptions,
  textFile,
  textOf,
  type TextValue,
  upstreamFile,
  volatile,
} from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import { type KindName, mint } from "./ids.ts";
import type { Json } from "./json.ts";

/** What a leaf that is asked for is read from. */
export interface Reading {
  /** The API. */
  readonly api: Api;
  /** The object's numbers: the repository's id first. */
  readonly at: readonly number[];
  /** The API's path of the object itself. */
  readonly path: string;
  /** What follows the leaf's name in its identity, behind an `@`. */
  readonly mark: string;
}

/** One file of an object's directory. */
export interface Leaf {
  /** The file as the object tells it. */
  readonly node: (api: Api, at: readonly number[], id: string, item: Json, options: NodeOptions) => Node;
  /** The bytes, where the node says that they have to be asked for. */
  readonly read: (reading: Reading) => string | Uint8Array;
  /** True where a draft may stage a write. */
  readonly writable?: boolean;
  /** True where the object has this file; always, unless told. */
  readonly present?: (item: Json) => boolean;
  /** True where these bytes can never change any more. */
  readonly final?: (item: Json) => boolean;
  /** False where nobody tells when these bytes change. */
  readonly lasts?: (item: Json) => boolean;
  /** Tells states of the file apart that are files of their own, such as a run's attempts. */
  readonly mark?: (item: Json) => number;
}

/** The files of one kind of object, in the order in which they are listed. */
export type Leaves = Readonly<Record<string, Leaf>>;

/** What every node of one object has in common; worked out once for all of them. */
export interface Stamp {
  /** When the object last changed, in milliseconds since the Unix epoch. */
  readonly modified: number | undefined;
  /** The same as the upstream writes it. */
  readonly version: string | undefined;
  /** The promise to tell when it changes again. */
  readonly freshness: Freshness;
}

/** A field of the object, as text. */
export function field(value: (item: Json) => TextValue, more: Pick<Leaf, "writable"> = {}): Leaf {
  return {
    ...more,
    node: (_api, _at, id, item, options) => textFile(id, value(item), options),
    read: ({ api, path }) => textOf(value(api.object(path))),
  };
}

/** The whole object, as the answer that told of it had it; `shown` leaves out what nobody tells of. */
export function whole(shown: (item: Json) => Json = (item) => item): Leaf {
  return {
    node: (_api, _at, id, item, options) => {
      const node = jsonFile(id, shown(item), options);
      // Asked for alone, an object may hold more than in a list: then only the read tells its length.
      return node.content.tag === "ask" ? askFile(id, options) : node;
    },
    read: ({ api, path }) => jsonOf(shown(api.object(path))),
  };
}

/** Bytes that take a request of their own. */
export function asked(read: Leaf["read"], more: Partial<Leaf> = {}): Leaf {
  return { ...more, node: (_api, _at, id, _item, options) => askFile(id, options), read };
}

/** Bytes that the host fetches by itself from the API's path `of` the object. */
export function fetched(of: (at: readonly number[]) => string, more: Partial<Leaf> = {}): Leaf {
  return {
    ...more,
    node: (api, at, id, _item, options) =>
      upstreamFile(id, api.url(of(at)), { ...options, headers: api.headers }),
    read: ({ api, at }) => api.text(of(at)),
  };
}

/** The files of one object. */
export function files(
  api: Api,
  kind: KindName,
  at: readonly number[],
  item: Json,
  leaves: Leaves,
  stamp: Stamp,
): DirEntry[] {
  const found: DirEntry[] = [];
  for (const [name, leaf] of Object.entries(leaves)) {
    if (leaf.present?.(item) === false) continue;
    const part = leaf.mark === undefined ? name : `${name}@${leaf.mark(item)}`;
    found.push(entry(name, leaf.node(api, at, mint(kind, at, part), item, optionsOf(leaf, item, stamp))));
  }
  return found;
}

function optionsOf(leaf: Leaf, item: Json, stamp: Stamp): NodeOptions {
  return {
    modified: stamp.modified,
    version: stamp.version,
    freshness: freshnessOf(leaf, item, stamp),
    writable: leaf.writable,
  };
}

function freshnessOf(leaf: Leaf, item: Json, stamp: Stamp): Freshness {
  if (leaf.lasts?.(item) === false) return volatile;
  return leaf.final?.(item) === true ? immutable : stamp.freshness;
}
