/**
 * DNS messages: what is sent, and how answers read, with `dns-packet` as the other opinion.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { deepStrictEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
// @ts-types="../../runtime/base/dns_packet.d.ts"
import packet from "dns-packet";
import { decodeAnswer, encodeQuery, questionFault } from "../../runtime/egress/dns_message.ts";
import { MalformedMessage, MessageReader } from "../../runtime/egress/dns_text.ts";
import { nameserversIn } from "../../runtime/egress/dns_system.ts";
import { serverOf } from "../../runtime/egress/dns.ts";
import { checkProperty } from "../support/property.ts";

const question = (type: string, name = "zone.test") => ({ name, type, resolver: undefined });

/** The data of the one record that an answer holds. */
function shown(type: string, data: unknown): string | undefined {
  const query = encodeQuery(question(type), 7);
  const bytes = packet.encode({
    type: "response",
    id: 7,
    flags: 0,
    questions: [{ type, name: "zone.test", class: "IN" }],
    answers: [{ type, name: "zone.test", ttl: 300, class: "IN", data }],
  });
  return decodeAnswer(query, new Uint8Array(bytes))?.reply.answers[0]?.data;
}

Deno.test("a query asks for one name, for recursion, for the AD bit and for 1,232 bytes", () => {
  const asked = packet.decode(Buffer.from(encodeQuery(question("MX"), 4_711).bytes));
  equal(asked.id, 4_711);
  deepStrictEqual(asked.questions.map(({ name, type }) => `${name} ${type}`), ["zone.test MX"]);
  ok(asked.flag_rd && asked.flag_ad);
  deepStrictEqual(asked.additionals.map(({ type, udpPayloadSize }) => [type, udpPayloadSize]), [[
    "OPT",
    1_232,
  ]]);
  deepStrictEqual(packet.decode(Buffer.from(encodeQuery(question("MX"), 1, false).bytes)).additionals, []);
});

Deno.test("data reads as in a master file", () => {
  equal(shown("A", "192.0.2.1"), "192.0.2.1");
  equal(shown("AAAA", "2001:db8:0:0:0:0:0:1"), "2001:db8::1");
  equal(shown("MX", { preference: 10, exchange: "mail.zone.test" }), "10 mail.zone.test.");
  equal(shown("SRV", { priority: 1, weight: 2, port: 53, target: "a.test" }), "1 2 53 a.test.");
  equal(shown("CAA", { flags: 128, tag: "issue", value: "ca.test" }), '128 issue "ca.test"');
  equal(
    shown("TLSA", { usage: 3, selector: 1, matchingType: 1, certificate: Buffer.from([1, 171]) }),
    "3 1 1 01AB",
  );
  equal(shown("NS", "."), ".");
});

Deno.test("any strings of a TXT record come back out of their quotes", () =>
  checkProperty(
    fc.property(fc.array(fc.uint8Array({ maxLength: 255 }), { minLength: 1, maxLength: 5 }), (strings) => {
      const text = shown("TXT", strings.map((bytes) => Buffer.from(bytes))) ?? "";
      ok(/^[\x20-\x7e]*$/.test(text), "one printable line");
      deepStrictEqual(unquoted(text), strings.map((bytes) => [...bytes]));
    }),
  ));

/** The bytes of each quoted string of a line. */
function unquoted(line: string): number[][] {
  return [...line.matchAll(/"((?:[^"\\]|\\\d{3}|\\.)*)"/g)].map(([, inside = ""]) =>
    [...inside.matchAll(/\\(\d{3})|\\(.)|(.)/g)].map(([, code, escaped, plain]) =>
      code === undefined ? (escaped ?? plain ?? "").charCodeAt(0) : Number(code)
    )
  );
}

Deno.test("no bytes at all do more harm than to be malformed", () =>
  checkProperty(
    fc.property(fc.uint8Array({ maxLength: 200 }), (rest) => {
      const query = encodeQuery(question("TXT"), 7, false);
      const bytes = new Uint8Array([...query.bytes, ...rest]);
      bytes.set([0x81, 0x80], 2);
      bytes.set([0, 3], 6);
      try {
        decodeAnswer(query, bytes);
      } catch (error) {
        ok(error instanceof MalformedMessage, String(error));
      }
    }),
    500,
  ));

Deno.test("an answer to another question, or under another number, is none", () => {
  const answer = encodeQuery(question("A"), 7, false).bytes;
  answer.set([0x81, 0x80], 2);
  ok(decodeAnswer(encodeQuery(question("A"), 7), answer));
  ok(
    decodeAnswer(encodeQuery(question("A", "ZONE.test."), 7), answer),
    "case and the last dot do not matter",
  );
  equal(decodeAnswer(encodeQuery(question("A"), 8), answer), undefined);
  equal(decodeAnswer(encodeQuery(question("AAAA"), 7), answer), undefined);
  equal(decodeAnswer(encodeQuery(question("A", "other.test"), 7), answer), undefined);
  const own = encodeQuery(question("A"), 7);
  equal(decodeAnswer(own, own.bytes), undefined, "a query is no answer");
});

Deno.test("a dot within a label is escaped, and a name that points in a circle ends", () => {
  const label = new TextEncoder().encode("john.doe");
  equal(new MessageReader(new Uint8Array([label.length, ...label, 1, 97, 0])).name(), "john\\.doe.a.");
  throws(() => new MessageReader(new Uint8Array([0xc0, 0])).name(), MalformedMessage);
});

Deno.test("what cannot be asked is told before anybody is asked", () => {
  for (const name of ["", "zone.test.", "_443._tcp.www.test", "0/26.2.0.192.in-addr.arpa"]) {
    equal(questionFault(question("A", name)), undefined, name);
  }
  for (const name of ["a..b", ".a", "ü.test", "a b", `${"x".repeat(64)}.test`, "x.".repeat(140)]) {
    ok(questionFault(question("A", name)), name);
  }
  ok(questionFault(question("NONSENSE")));
  ok(questionFault(question("OPT")));
});

Deno.test("resolv.conf names servers in order; without any it is this machine", () => {
  const text =
    "# c\nnameserver 192.0.2.1\nsearch a.test\nnameserver ::1\nnameserver x\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n";
  deepStrictEqual(nameserversIn(text).map(({ host, port }) => `${host} ${port}`), [
    "192.0.2.1 53",
    "::1 53",
    "192.0.2.3 53",
  ]);
  deepStrictEqual(nameserversIn(""), [{ host: "127.0.0.1", port: 53 }]);
  deepStrictEqual(serverOf("[2001:db8::1]:5353"), { host: "2001:db8::1", port: 5_353 });
  deepStrictEqual(serverOf("2001:db8::1"), { host: "2001:db8::1", port: 53 });
  equal(serverOf("dns.example:53"), undefined);
  equal(serverOf("192.0.2.1:0"), undefined);
});
