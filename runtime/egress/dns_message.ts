/**
 * Queries and their answers on the wire (RFC 1035, RFC 6891).
 *
 * @module
 */
// @ts-types="../base/dns_packet.d.ts"
import packet from "dns-packet";
import type { DnsRecord, DnsReply, Question, Rcode } from "./callout.ts";
import { dataText, MalformedMessage, MessageReader, typeName, TYPES } from "./dns_text.ts";

/** Bytes of an answer that UDP may bring: what passes without fragments (DNS flag day 2020). */
const UDP_BYTES = 1_232;

/** Response codes of the contract, by number (RFC 1035, 4.1.1). */
const RCODES: readonly Rcode[] = ["noerror", "formerr", "servfail", "nxdomain", "notimp", "refused"];

/** Bits of the header's second word. */
const RESPONSE = 0x8000;
const TRUNCATED = 0x0200;
const AUTHENTIC = 0x0020;

/** Class IN. */
const INTERNET = 1;

/** A query, ready to be sent. */
export interface Query {
  /** The message's number. */
  readonly id: number;
  /** What is asked. */
  readonly question: Question;
  /** The message. */
  readonly bytes: Uint8Array;
}

/** An answer, and whether it is only a part. */
export interface Message {
  /** What the server said. */
  readonly reply: DnsReply;
  /** True where the rest has to be asked for over TCP. */
  readonly truncated: boolean;
}

/** Why `question` cannot be asked; undefined where it can. */
export function questionFault({ name, type }: Question): string | undefined {
  if (!Object.hasOwn(TYPES, type) || type === "OPT") return `${type} is no record type that can be asked for`;
  const labels = name.replace(/\.$/, "").split(".");
  if (name === "." || name === "") return undefined;
  const legal = labels.every((label) => /^[!-~]{1,63}$/.test(label) && !label.includes("\\"));
  return legal && name.length <= 254 ? undefined : `${name.slice(0, 300)} is no name of a domain`;
}

/** The query for `question`; without EDNS for a server that does not know it. */
export function encodeQuery(question: Question, id: number, edns = true): Query {
  const { name, type } = question;
  const bytes = packet.encode({
    type: "query",
    id,
    flags: packet.RECURSION_DESIRED | packet.AUTHENTIC_DATA,
    questions: [{ type, name, class: "IN" }],
    additionals: edns ? [{ type: "OPT", name: ".", udpPayloadSize: UDP_BYTES, flags: 0 }] : [],
  });
  return { id, question, bytes: new Uint8Array(bytes) };
}

/**
 * Reads the answer to `query`; undefined where it is the answer to something else.
 *
 * @throws MalformedMessage
 */
export function decodeAnswer(query: Query, bytes: Uint8Array): Message | undefined {
  const reader = new MessageReader(bytes);
  const id = reader.u16();
  const flags = reader.u16();
  const [questions, answers, authority] = [reader.u16(), reader.u16(), reader.u16()];
  reader.u16();
  if (id !== query.id || (flags & RESPONSE) === 0) return undefined;
  const rcode = RCODES[flags & 0xf];
  if (rcode === undefined) throw new MalformedMessage(`the server answered with rcode ${flags & 0xf}`);
  const reply = { rcode, authenticated: (flags & AUTHENTIC) !== 0, answers: [], authority: [] };
  // A server that could not even read the question sends none back.
  if (questions === 0 && rcode !== "noerror") return { reply, truncated: false };
  if (questions !== 1 || !isQuestion(reader, query.question)) return undefined;
  if ((flags & TRUNCATED) !== 0) return { reply, truncated: true };
  const found = { answers: records(reader, answers), authority: records(reader, authority) };
  return {
    reply: { ...reply, ...found, authority: found.authority.filter(({ type }) => type === "SOA") },
    truncated: false,
  };
}

function isQuestion(reader: MessageReader, { name, type }: Question): boolean {
  const asked = wireName(name);
  const same = reader.name().toLowerCase() === asked.toLowerCase();
  return reader.u16() === TYPES[type] && reader.u16() === INTERNET && same;
}

/** `name` as a reader shows it: with its dot, and escaped. */
function wireName(name: string): string {
  const bare = name.replace(/\.$/, "");
  return bare === "" ? "." : `${bare.replace(/["();@$]/g, "\\$&")}.`;
}

function records(reader: MessageReader, count: number): DnsRecord[] {
  const found: DnsRecord[] = [];
  for (let i = 0; i < count; i++) {
    const name = reader.name();
    const type = typeName(reader.u16());
    const inInternet = reader.u16() === INTERNET;
    const ttl = reader.u32();
    const data = dataText(reader, type, reader.u16());
    // RFC 2181, 8: a TTL with its highest bit set is zero.
    if (inInternet) found.push({ name, type, ttl: ttl > 0x7fff_ffff ? 0 : ttl, data });
  }
  return found;
}
