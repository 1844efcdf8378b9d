/**
 * A domain's directory and its files.
 *
 * @module
 */
import {
  askFile,
  directory,
  type DirEntry,
  type DnsReply,
  entry,
  type Freshness,
  jsonOf,
  type Node,
  notFound,
  ProviderError,
  textFile,
  textOf,
  volatile,
} from "../sdk/mod.ts";
import { unicodeOf } from "./domains.ts";
import { whileSet, whileZone } from "./events.ts";
import { mint, type RecordType, TYPES } from "./ids.ts";
import { dataOf, exists, type Resolvers, type Zone, zoneOf } from "./resolvers.ts";

/** The directory of a domain; undefined where there is no such name. */
export function domainNode(resolvers: Resolvers, resolver: string, name: string): Node | undefined {
  const reply = resolvers.told(resolver, name, "SOA");
  if (!exists(reply)) return undefined;
  return directory(mint({ kind: "domain", resolver, name }), {
    freshness: freshnessOf(reply, resolver, name, "SOA"),
    version: zoneOf(reply, name)?.serial,
  });
}

/** `_all.json` of a domain; undefined where there is no such name. */
export function allNode(resolvers: Resolvers, resolver: string, name: string): Node | undefined {
  const reply = resolvers.told(resolver, name, "SOA");
  return exists(reply) ? allOf(reply, resolver, name) : undefined;
}

/** The file of one set of records; undefined where there are none. */
export function setNode(
  resolvers: Resolvers,
  resolver: string,
  name: string,
  type: RecordType,
): Node | undefined {
  return setOf(resolvers.told(resolver, name, type), resolver, name, type);
}

/** The text of the file of one set of records. */
export function setText(resolvers: Resolvers, resolver: string, name: string, type: RecordType): string {
  const data = dataOf(resolvers.present(resolver, name, type), type);
  if (data.length === 0) throw notFound();
  return textOf(data);
}

/** Every file of a domain that is there. `failed` is true where some type could not be asked for. */
export function domainEntries(
  resolvers: Resolvers,
  resolver: string,
  name: string,
): { entries: DirEntry[]; all: Node; failed: boolean } {
  // First, since it tells whether there is anything at all; its failure is that of the directory.
  const zone = resolvers.present(resolver, name, "SOA");
  let failed = false;
  const entries = TYPES.flatMap((type) => {
    const reply = type === "SOA" ? zone : orFailed(() => resolvers.told(resolver, name, type));
    if (reply === undefined) failed = true;
    const node = reply && setOf(reply, resolver, name, type);
    return node === undefined ? [] : [entry(type, node)];
  });
  return { entries, all: allOf(zone, resolver, name), failed };
}

/** Every type's reply as JSON, as the resolver gave it. */
export function allText(resolvers: Resolvers, resolver: string, name: string): string {
  const replies = TYPES.map((type) => [type, resolvers.reply(resolver, name, type)] as const);
  const unicode = unicodeOf(name);
  return jsonOf({
    name,
    ...(unicode === name ? {} : { unicode }),
    resolver: resolvers.nameOf(resolver),
    types: Object.fromEntries(replies.map(([type, reply]) => [type, shown(reply)])),
  });
}

function shown({ rcode, authenticated, answers, authority }: DnsReply) {
  const records = (list: DnsReply["answers"]) =>
    list.map(({ name, rtype, ttl, data }) => ({ name, type: rtype, ttl, data })).sort((a, b) =>
      order(a.name, b.name) || order(a.type, b.type) || order(a.data, b.data)
    );
  return { rcode, authenticated, answers: records(answers), authority: records(authority) };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function setOf(reply: DnsReply, resolver: string, name: string, type: RecordType): Node | undefined {
  const data = dataOf(reply, type);
  if (data.length === 0) return undefined;
  const freshness = freshnessOf(reply, resolver, name, type);
  return textFile(mint({ kind: "set", resolver, type, name }), data, { freshness });
}

/**
 * `_all.json`, which has every type: only a zone's serial tells when one of them changes. Without one it is not kept, and
 * so neither is the listing that it stands in, in which a type may come or go.
 */
function allOf(reply: DnsReply, resolver: string, name: string): Node {
  const zone = ownZone(reply, name);
  const freshness = zone === undefined ? volatile : whileZone(resolver, zone);
  return askFile(mint({ kind: "all", resolver, name }), { freshness });
}

/**
 * The zone's watch where the reply tells of the zone and holds no alias, which may lead out of it; otherwise that of
 * the records themselves.
 */
function freshnessOf(reply: DnsReply, resolver: string, name: string, type: RecordType): Freshness {
  const zone = ownZone(reply, name);
  return zone === undefined ? whileSet(resolver, name, type, reply) : whileZone(resolver, zone);
}

function ownZone(reply: DnsReply, name: string): Zone | undefined {
  return reply.answers.some(({ rtype }) => rtype === "CNAME") ? undefined : zoneOf(reply, name);
}

/** What `load` answers, or undefined where the resolver could not tell. */
function orFailed(load: () => DnsReply): DnsReply | undefined {
  try {
    return load();
  } catch (error) {
    if (error instanceof ProviderError && error.failure.tag !== "denied") return undefined;
    throw error;
  }
}
