/**
 * The tree: from an identity to the directory or file behind it.
 *
 * @module
 */
import {
  directory,
  type DirEntry,
  entry,
  immutable,
  isADirectory,
  type ListingDefinition,
  type Node,
  notADirectory,
  notFound,
} from "../sdk/mod.ts";
import { resolverOf, reverseName } from "./addresses.ts";
import { domainOf } from "./domains.ts";
import { type Id, isType, mint, parse } from "./ids.ts";
import { allNode, allText, domainEntries, domainNode, setNode, setText } from "./records.ts";
import type { Resolvers } from "./resolvers.ts";

/** One directory of the tree. */
export interface Place {
  /** The child called `name`. */
  lookup(name: string): Node | undefined;
  /** The children. */
  list(): ListingDefinition;
}

const REVERSE = "_reverse";
const ALL = "_all.json";

/** The directory with this identity. */
export function placeOf(resolvers: Resolvers, text: string): Place {
  const id = parse(text);
  if (id === undefined) throw notFound();
  switch (id.kind) {
    case "resolver":
      return resolverPlace(resolvers, id.resolver);
    case "reverse":
      return reversePlace(id.resolver);
    case "domain":
      return domainPlace(resolvers, id.resolver, id.name);
    case "address":
      return addressPlace(resolvers, id.resolver, id.name);
    default:
      throw notADirectory();
  }
}

/** The text of the file with this identity. */
export function readLeaf(resolvers: Resolvers, text: string): string {
  const id = parse(text);
  if (id === undefined) throw notFound();
  if (id.kind === "set") return setText(resolvers, id.resolver, id.name, id.type);
  if (id.kind === "all") return allText(resolvers, id.resolver, id.name);
  throw isADirectory();
}

/** Domains, as the root and as `@RESOLVER` hold them: there are too many to list. */
function resolverPlace(resolvers: Resolvers, resolver: string): Place {
  const reverse = entry(REVERSE, fixed({ kind: "reverse", resolver }));
  return {
    lookup(name) {
      if (name === REVERSE) return reverse.node;
      if (name.startsWith("@")) return resolver === "" ? resolverNode(name.slice(1)) : undefined;
      const domain = domainOf(name);
      return domain === undefined ? undefined : domainNode(resolvers, resolver, domain);
    },
    list: () => ({ entries: [reverse], exhaustive: false }),
  };
}

function resolverNode(text: string): Node | undefined {
  const resolver = resolverOf(text);
  return resolver === undefined ? undefined : fixed({ kind: "resolver", resolver });
}

/** Addresses; each is there when it is named. */
function reversePlace(resolver: string): Place {
  return {
    lookup(address) {
      const name = reverseName(address);
      if (name === undefined) return undefined;
      return fixed({ kind: "address", resolver, name });
    },
    list: () => ({ entries: [], exhaustive: false }),
  };
}

/** The names of one address. */
function addressPlace(resolvers: Resolvers, resolver: string, name: string): Place {
  const pointer = () => setNode(resolvers, resolver, name, "PTR");
  return {
    lookup: (file) => file === "PTR" ? pointer() : undefined,
    list() {
      const node = pointer();
      // Not exhaustive where it is empty: nothing guards a directory that has no file.
      const entries: DirEntry[] = node === undefined ? [] : [entry("PTR", node)];
      return { entries, exhaustive: entries.length > 0 };
    },
  };
}

function domainPlace(resolvers: Resolvers, resolver: string, name: string): Place {
  return {
    lookup(file) {
      if (file === ALL) return allNode(resolvers, resolver, name);
      return isType(file) ? setNode(resolvers, resolver, name, file) : undefined;
    },
    list() {
      const { entries, all, failed } = domainEntries(resolvers, resolver, name);
      return { entries: [...entries, entry(ALL, all)], exhaustive: !failed };
    },
  };
}

/** A directory that is there because its name makes sense. */
function fixed(id: Id): Node {
  return directory(mint(id), { freshness: immutable });
}
