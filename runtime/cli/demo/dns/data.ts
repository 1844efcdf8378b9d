/**
 * What the name server knows: the lighthouse's domain, and the names of its addresses (of the ranges that RFC 5737 and
 * RFC 3849 keep for examples).
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { SampleRecord } from "./answers.ts";

const DOMAIN = "lighthouse.example";

const SOA = {
  mname: `ns1.${DOMAIN}`,
  rname: `keeper.${DOMAIN}`,
  serial: 2_026_031_901,
  refresh: 3_600,
  retry: 900,
  expire: 604_800,
  minimum: 300,
};

const TLSA = {
  usage: 3,
  selector: 1,
  matchingType: 1,
  certificate: Buffer.from("5f3a8d2c".repeat(8), "hex"),
};

/** Each record: whose it is below the domain, its type, its data. */
const FORWARD: readonly (readonly [string, string, unknown])[] = [
  ["", "SOA", SOA],
  ["", "NS", `ns1.${DOMAIN}`],
  ["", "NS", `ns2.${DOMAIN}`],
  ["", "A", "192.0.2.18"],
  ["", "AAAA", "2001:db8::18"],
  ["", "MX", { preference: 10, exchange: `mail.${DOMAIN}` }],
  ["", "MX", { preference: 20, exchange: `boat.${DOMAIN}` }],
  ["", "TXT", ["v=spf1 mx -all"]],
  ["", "TXT", ["lamp=18 miles; ", "horn=3 miles"]],
  ["", "CAA", { flags: 0, tag: "issue", value: "letsencrypt.org" }],
  ["ns1.", "A", "192.0.2.53"],
  ["ns2.", "A", "192.0.2.54"],
  ["mail.", "A", "192.0.2.25"],
  ["boat.", "A", "192.0.2.26"],
  ["www.", "CNAME", DOMAIN],
  ["xn--mwe-sna.", "A", "192.0.2.77"],
  ["_xmpp-server._tcp.", "SRV", { priority: 5, weight: 0, port: 5_269, target: `mail.${DOMAIN}` }],
  ["_443._tcp.", "TLSA", TLSA],
];

/** The names of 192.0.2.0/24 by their last number. */
const REVERSE: Readonly<Record<string, string>> = {
  "18": DOMAIN,
  "25": `mail.${DOMAIN}`,
  "53": `ns1.${DOMAIN}`,
};

const NETWORK = "2.0.192.in-addr.arpa";

/** Every record of both zones. */
export const RECORDS: readonly SampleRecord[] = [
  ...FORWARD.map(([below, type, data]) => ({ name: `${below}${DOMAIN}`, type, data })),
  { name: NETWORK, type: "SOA", data: SOA },
  ...Object.entries(REVERSE).map(([last, data]) => ({ name: `${last}.${NETWORK}`, type: "PTR", data })),
];
