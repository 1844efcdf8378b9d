/**
 * Watches: `zone:example.com#2026112101` by the serial of its SOA, `set:example.com/MX#…` by a mark of the records
 * themselves; `@RESOLVER` before the `#`, where another one than the usual is asked.
 *
 * What was seen at the load is part of the watch's name, so that any look at it, the first one too, tells whether it is
 * still so: nothing falls between the load and the look, and there is nothing to remember.
 *
 * @module
 */
import {
  type DnsReply,
  type Freshness,
  invalid,
  lost,
  markOf,
  type Polled,
  type Source,
  volatile,
  watched,
} from "../sdk/mod.ts";
import { isType, type RecordType } from "./ids.ts";
import { dataOf, type Resolvers, type Zone, zoneOf } from "./resolvers.ts";

/** Milliseconds between two looks, where no TTL says otherwise. */
const PACE = 60_000;

/** Shortest and longest pace in milliseconds: records with a TTL of 0 exist, and so do those of a week. */
const SHORTEST = 5_000;
const LONGEST = 3_600_000;

/** The longest name of a watch that the contract allows; these are ASCII. */
const LONGEST_WATCH = 256;

/** Where the changes behind a watch come from. */
export function sourcesOf(): Source[] {
  return [{ tag: "poll", val: PACE }];
}

/** True for as long as the zone has this serial. */
export function whileZone(resolver: string, { apex, serial }: Zone): Freshness {
  return keptWhile(`zone:${apex}${at(resolver)}#${serial}`);
}

/** True for as long as the records of one set are those of `reply`. */
export function whileSet(resolver: string, name: string, type: RecordType, reply: DnsReply): Freshness {
  return keptWhile(`set:${name}/${type}${at(resolver)}#${markOf(stateOf(reply, type))}`);
}

/** The longest names have no place in that of a watch. */
function keptWhile(watch: string): Freshness {
  return watch.length > LONGEST_WATCH ? volatile : watched(watch);
}

/** One look at a zone's serial or at a set of records: the pace of the next one is the answer's own TTL. */
export function pollWatch(resolvers: Resolvers, watch: string): Polled {
  const { kind, resolver, name, type, state } = subjectOf(watch);
  const reply = resolvers.told(resolver, name, type);
  const now = kind === "zone" ? zoneOf(reply, name)?.serial : markOf(stateOf(reply, type));
  return { invalidations: now === state ? [] : [lost(watch)], wait: waitOf(reply) };
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

interface Subject {
  readonly kind: "zone" | "set";
  readonly resolver: string;
  readonly name: string;
  readonly type: RecordType;
  readonly state: string;
}

function subjectOf(watch: string): Subject {
  const [, kind, subject = "", resolver = "", state = ""] =
    /^(zone|set):([^@#]*)(?:@([^#]*))?#(.*)$/.exec(watch) ?? [];
  const cut = kind === "set" ? subject.lastIndexOf("/") : subject.length;
  const type = kind === "set" ? subject.slice(cut + 1) : "SOA";
  if ((kind !== "zone" && kind !== "set") || !isType(type)) {
    throw invalid(`no watch of this provider: ${watch}`);
  }
  return { kind, resolver, name: subject.slice(0, cut), type, state };
}

function at(resolver: string): string {
  return resolver === "" ? "" : `@${resolver}`;
}
