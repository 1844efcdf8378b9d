/**
 * Leaves: which files an object's directory holds, as a table that says for each what is in it.
 *
 * @module
 */
import {
  askFile,
  type DirEntry,
  entry,
  jsonFile,
  jsonOf,
  type Node,
  type NodeId,
  type NodeOptions,
  textFile,
  textOf,
  type TextValue,
} from "../sdk/mod.ts";
import { type KindName, mint } from "./ids.ts";
import type { Json } from "./json.ts";

/** One file of an object's directory. */
export interface Leaf {
  /** The file with the bytes that the object tells. */
  readonly file: (id: NodeId, item: Json, options: NodeOptions) => Node;
  /** The bytes. */
  readonly read: (item: Json) => string;
  /** True where a draft may stage a write. */
  readonly writable?: boolean;
  /** True where an answer about many objects does not tell all of it: then it is asked for alone. */
  readonly partial?: (item: Json) => boolean;
}

/** The files of one kind of object, in the order in which they are listed. */
export type Leaves = Readonly<Record<string, Leaf>>;

/** A field of the object, as text. */
export function field(
  value: (item: Json) => TextValue,
  more: Pick<Leaf, "writable" | "partial"> = {},
): Leaf {
  return {
    ...more,
    file: (id, item, options) => textFile(id, value(item), options),
    read: (item) => textOf(value(item)),
  };
}

/** The object itself, as `shown` has it. */
export function whole(
  shown: (item: Json) => unknown = (item) => item,
  more: Pick<Leaf, "partial"> = {},
): Leaf {
  return {
    ...more,
    file: (id, item, options) => jsonFile(id, shown(item), options),
    read: (item) => jsonOf(shown(item)),
  };
}

/** The files of one object. */
export function files(
  kind: KindName,
  uuid: string,
  item: Json,
  leaves: Leaves,
  stamp: NodeOptions,
): DirEntry[] {
  return Object.entries(leaves).map(([name, leaf]) => {
    const id = mint(kind, uuid, name);
    const options = { ...stamp, writable: leaf.writable };
    return entry(name, leaf.partial?.(item) === true ? askFile(id, options) : leaf.file(id, item, options));
  });
}
