/**
 * A name server's answers about the zones that it has (RFC 1034, 4.3.2).
 *
 * @module
 */
import { Buffer } from "node:buffer";
// @ts-types="../../../base/dns_packet.d.ts"
import packet from "dns-packet";

/** A record, its data as `dns-packet` writes that of its type. */
export interface SampleRecord {
  /** Whose it is, without a dot at the end. */
  readonly name: string;
  /** Its type. */
  readonly type: string;
  /** Its data. */
  readonly data: unknown;
}

/** Seconds for which an answer may be kept. */
const TTL = 300;

/** Response codes (RFC 1035, 4.1.1). */
const [NOERROR, NXDOMAIN, REFUSED] = [0, 3, 5];

/** AA and RA of the header's second word (RFC 1035, 4.1.1). */
const FLAGS = 0x0480;

/** The answer to the query `message` out of `records`; undefined for what is no query. */
export function answerTo(records: readonly SampleRecord[], message: Uint8Array): Uint8Array | undefined {
  const query = queryIn(message);
  const [question] = query?.questions ?? [];
  if (query === undefined || question === undefined) return undefined;
  const { rcode, answers, authority } = found(records, question.name.toLowerCase(), question.type);
  const bytes = packet.encode({
    type: "response",
    id: query.id,
    flags: FLAGS | (query.flag_rd ? packet.RECURSION_DESIRED : 0) | rcode,
    questions: [{ ...question, class: "IN" }],
    answers: answers.map(onWire),
    authorities: authority.map(onWire),
    // Whoever speaks EDNS(0) is answered in it (RFC 6891, 7).
    additionals: query.additionals.filter(({ type }) => type === "OPT").map(({ udpPayloadSize }) => ({
      type: "OPT",
      name: ".",
      udpPayloadSize,
      flags: 0,
    })),
  });
  return new Uint8Array(bytes);
}

function queryIn(message: Uint8Array): ReturnType<typeof packet.decode> | undefined {
  try {
    return packet.decode(Buffer.from(message));
  } catch {
    return undefined;
  }
}

function onWire(record: SampleRecord) {
  return { ...record, ttl: TTL, class: "IN" };
}

/** What there is at `name`, along a chain of aliases; the zone's SOA where there is nothing. */
function found(records: readonly SampleRecord[], name: string, type: string) {
  const zone = records.filter((one) => one.type === "SOA" && isWithin(name, one.name))
    .toSorted((a, b) => b.name.length - a.name.length).slice(0, 1);
  if (zone.length === 0) return { rcode: REFUSED, answers: [], authority: [] };
  const answers: SampleRecord[] = [];
  for (let at = name; answers.length < records.length;) {
    const here = records.filter((record) => record.name === at);
    const alias = here.find((record) => record.type === "CNAME");
    answers.push(...here.filter((record) => record.type === type || record === alias));
    if (alias === undefined || type === "CNAME" || typeof alias.data !== "string") break;
    at = alias.data;
  }
  const isThere = records.some((record) => isWithin(record.name, name));
  return {
    rcode: isThere ? NOERROR : NXDOMAIN,
    answers,
    authority: answers.length > 0 ? [] : zone,
  };
}

/** True for `name` itself and for what is below it. */
function isWithin(name: string, apex: string): boolean {
  return name === apex || name.endsWith(`.${apex}`);
}
