/**
 * Identities of the tree: `domain//example.com`, `set/9.9.9.9/MX/example.com`. Each is the resolver that is asked, empty
 * for the usual one, and what it is asked for; a name comes last, because it may hold a slash.
 *
 * @module
 */

/** The record types that are files. */
export const TYPES = [
  "A",
  "AAAA",
  "CNAME",
  "MX",
  "NS",
  "TXT",
  "SOA",
  "SRV",
  "CAA",
  "PTR",
  "TLSA",
] as const;

/** A record type that is a file. */
export type RecordType = (typeof TYPES)[number];

/** An identity taken apart. */
export type Id =
  /** The root, or `@RESOLVER`. */
  | { readonly kind: "resolver"; readonly resolver: string }
  /** `_reverse`. */
  | { readonly kind: "reverse"; readonly resolver: string }
  /** A domain's directory, its `_all.json`, and an address' directory, each by the domain's name. */
  | { readonly kind: "domain" | "all" | "address"; readonly resolver: string; readonly name: string }
  /** A file of records. */
  | { readonly kind: "set"; readonly resolver: string; readonly type: RecordType; readonly name: string };

/** The identity as text; the root's is empty. */
export function mint(id: Id): string {
  switch (id.kind) {
    case "resolver":
      return id.resolver === "" ? "" : `resolver/${id.resolver}`;
    case "reverse":
      return `reverse/${id.resolver}`;
    case "set":
      return `set/${id.resolver}/${id.type}/${id.name}`;
    default:
      return `${id.kind}/${id.resolver}/${id.name}`;
  }
}

/** The parts of an identity; undefined for a text that this provider never mints. */
export function parse(text: string): Id | undefined {
  if (text === "") return { kind: "resolver", resolver: "" };
  const [kind = "", resolver = "", ...rest] = text.split("/");
  const name = rest.join("/");
  if (kind === "resolver" || kind === "reverse") return name === "" ? { kind, resolver } : undefined;
  if (name === "") return undefined;
  if (kind === "domain" || kind === "all" || kind === "address") return { kind, resolver, name };
  const type = TYPES.find((one) => one === rest[0]);
  return kind === "set" && type !== undefined
    ? { kind, resolver, type, name: rest.slice(1).join("/") }
    : undefined;
}

/** True for the name of a file of records. */
export function isType(name: string): name is RecordType {
  return TYPES.some((type) => type === name);
}
