/**
 * Watches: `zone:example.com` by the serial of its SOA, `set:example.com/MX` by the records themselves; `@RESOLVER`
 * behind either, where another one than the usual is asked.
 *
 * @module
 */
import { type DnsReply, invalid, type Polled, type Source } from "../sdk/mod.ts";
import { isType, type RecordType } from "./ids.ts";
import { dataOf, type Resolvers, zoneOf } from "./resolvers.ts";

/** Milliseconds between two looks, where no TTL says otherwise. */
const PACE = 60_000;

/** Shortest and longest pace in milliseconds: records with a TTL of 0 exist, and so do those of a week. */
const SHORTEST = 5_000;
const LONGEST = 3_600_000;

/** Where the changes behind a watch come from. */
export function sourcesOf(): Source[] {
  return [{ tag: "poll", val: PACE }];
}

/** The watch of a zone. */
export function zoneWatch(resolver: string, apex: string): string {
  return `zone:${apex}${at(resolver)}`;
}

/** The watch of one set of records. */
export function setWatch(resolver: string, name: string, type: RecordType): string {
  return `set:${name}/${type}${at(resolver)}`;
}

/** One look at a zone's serial or at a set of records. */
export function pollWatch(resolvers: Resolvers, watch: string, cursor: string | undefined): Polled {
  const { resolver, name, type } = subjectOf(watch);
  const reply = resolvers.told(resolver, name, type);
  const now = watch.startsWith("zone:") ? zoneOf(reply, name)?.serial ?? "" : stateOf(reply, type);
  const changed = cursor !== undefined && cursor !== now;
  return { invalidations: changed ? [{ tag: "watch", val: watch }] : [], cursor: now, wait: waitOf(reply) };
}

/** Everything that a file of the records says, and whether the name is there. */
function stateOf(reply: DnsReply, type: RecordType): string {
  return [reply.rcode, ...dataOf(reply, type)].join("\n");
}

/** The TTL of the records, or of the SOA that says that there are none (RFC 2308, 5). */
function waitOf({ answers, authority }: DnsReply): number {
  const ttls = (answers.length > 0 ? answers : authority).map(({ ttl }) => ttl * 1_000);
  const wait = ttls.length > 0 ? Math.min(...ttls) : PACE;
  return Math.min(LONGEST, Math.max(SHORTEST, wait));
}

function subjectOf(watch: string): { resolver: string; name: string; type: RecordType } {
  const [, kind, subject = "", resolver = ""] = /^(zone|set):([^@]*)(?:@(.*))?$/.exec(watch) ?? [];
  const cut = kind === "set" ? subject.lastIndexOf("/") : subject.length;
  const type = kind === "set" ? subject.slice(cut + 1) : "SOA";
  if (kind === undefined || !isType(type)) throw invalid(`no watch of this provider: ${watch}`);
  return { resolver, name: subject.slice(0, cut), type };
}

function at(resolver: string): string {
  return resolver === "" ? "" : `@${resolver}`;
}
