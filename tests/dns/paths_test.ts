/**
 * Names, addresses and watches of the DNS provider, called in this process.
 *
 * @module
 */
import { deepStrictEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { needTarget, resolverOf, resolverTarget, reverseName } from "../../providers/dns/addresses.ts";
import { domainOf, unicodeOf } from "../../providers/dns/domains.ts";
import { pollWatch, whileSet, whileZone } from "../../providers/dns/events.ts";
import { mint, parse } from "../../providers/dns/ids.ts";
import { decodePunycode, encodePunycode } from "../../providers/dns/punycode.ts";
import { Resolvers } from "../../providers/dns/resolvers.ts";
import type { DnsReply, Freshness } from "../../providers/sdk/mod.ts";
import { checkProperty } from "../support/property.ts";

Deno.test("labels of any script go to ASCII as URLs have them, and back", () =>
  checkProperty(
    fc.property(fc.stringMatching(/^[a-zäöüßéλжあ漢字한]{1,12}$/), (label) => {
      if (/^[a-z]*$/.test(label)) return;
      const name = `${label.normalize("NFC")}.test`;
      equal(domainOf(name), new URL(`http://${name}`).hostname);
      equal(unicodeOf(domainOf(name) ?? ""), name);
      equal(decodePunycode(encodePunycode(label)), label);
    }),
  ));

Deno.test("a name has one normal form, and what is no name asks nobody", () => {
  equal(domainOf("Example.COM."), "example.com");
  equal(domainOf("_sip._tcp.zone.test"), "_sip._tcp.zone.test");
  equal(domainOf("0%2F26.2.0.192.in-addr.arpa"), "0/26.2.0.192.in-addr.arpa");
  for (
    const name of [".git", "a..b", "_reverse", "a b.test", "x".repeat(64), `${"x.".repeat(130)}test`, "a@b"]
  ) {
    equal(domainOf(name), undefined, name);
  }
});

Deno.test("resolvers have one spelling", () => {
  const rows: [string, string | undefined, string?, string?][] = [
    ["9.9.9.9", "9.9.9.9", "9.9.9.9", "9.9.9.9:53"],
    ["9.9.9.9:53", "9.9.9.9"],
    ["127.0.0.1:5353", "127.0.0.1:5353", "127.0.0.1:5353", "127.0.0.1:5353"],
    ["2001:DB8::1", "[2001:db8::1]", "[2001:db8::1]", "[2001:db8::1]:53"],
    ["[::1]:5353", "[::1]:5353", "[::1]:5353", "[::1]:5353"],
    ["DNS.example", "dns.example", "https://dns.example/dns-query", "dns.example"],
    ["dns.example:8443", "dns.example:8443", "https://dns.example:8443/dns-query", "dns.example:8443"],
    ["dns.example:443", "dns.example"],
    ["1.2.3", undefined],
    ["a/b", undefined],
    ["", undefined],
    ["x:0", undefined],
    ["user@dns.example", undefined],
  ];
  for (const [text, resolver, target, need] of rows) {
    equal(resolverOf(text), resolver, text);
    if (target !== undefined) equal(resolverTarget(resolver ?? ""), target);
    if (need !== undefined) equal(needTarget(resolver ?? ""), need, text);
  }
});

Deno.test("the reverse name of an address", () => {
  equal(reverseName("192.0.2.1"), "1.2.0.192.in-addr.arpa");
  const v6 = `1.0.0.0.${"0.".repeat(20)}8.b.d.0.1.0.0.2.ip6.arpa`;
  for (const text of ["2001:db8::1", "2001:DB8:0:0:0:0:0:1", "2001:db8::0.0.0.1"]) {
    equal(reverseName(text), v6, text);
  }
  for (const text of ["192.0.2", "192.0.2.256", "01.2.3.4", "1::2::3", "12345::", "x"]) {
    equal(reverseName(text), undefined, text);
  }
});

Deno.test("an identity comes back in its parts, a name with a slash too", () => {
  for (
    const id of [
      { kind: "resolver", resolver: "" },
      { kind: "resolver", resolver: "[::1]:53" },
      { kind: "reverse", resolver: "" },
      { kind: "domain", resolver: "9.9.9.9", name: "0/26.test" },
      { kind: "set", resolver: "", type: "MX", name: "0/26.test" },
      { kind: "all", resolver: "", name: "a.test" },
    ] as const
  ) deepStrictEqual(parse(mint(id)), id);
  for (const text of ["x", "set//NONE/a", "domain//", "set//MX/"]) {
    const id = parse(text);
    ok(id === undefined || mint(id) !== text || text === "set//MX/", text);
  }
});

/** Resolvers over a server that says `reply`, and what it was asked. */
function saying(reply: () => DnsReply): { resolvers: Resolvers; asked: string[] } {
  const asked: string[] = [];
  const ask = (name: string, type: string, resolver: string | undefined) => {
    asked.push(`${name} ${type} ${resolver ?? "system"}`);
    return reply();
  };
  return { resolvers: new Resolvers(ask, { resolver: undefined, resolvers: [] }), asked };
}

/** The watch of what is kept. */
function watchOf(freshness: Freshness): string {
  ok(freshness.tag === "watched");
  return freshness.val;
}

Deno.test("a zone is kept while it has the serial that was loaded, and dropped by the first look that finds another", () => {
  let serial = "1";
  const { resolvers, asked } = saying(() => ({
    rcode: "noerror",
    authenticated: false,
    answers: [{ name: "Zone.test.", rtype: "SOA", ttl: 300, data: `ns. root. ${serial} 1 1 1 1` }],
    authority: [],
  }));
  const watch = watchOf(whileZone("9.9.9.9", { apex: "zone.test", serial, ttl: 300 }));
  equal(watch, "zone:zone.test@9.9.9.9#1");
  deepStrictEqual(pollWatch(resolvers, watch), { invalidations: [], wait: 300_000 });
  serial = "2";
  deepStrictEqual(pollWatch(resolvers, watch), {
    invalidations: [{ tag: "watch", val: watch }],
    wait: 300_000,
  });
  equal(asked[0], "zone.test SOA 9.9.9.9");
});

Deno.test("a set of records is watched by what it says, whatever its order and its TTL", () => {
  let data = ["192.0.2.1", "192.0.2.2"];
  const reply = (): DnsReply => ({
    rcode: "noerror",
    authenticated: false,
    answers: data.map((one, i) => ({ name: "a.test.", rtype: "A", ttl: 10 + i, data: one })),
    authority: [],
  });
  const { resolvers, asked } = saying(reply);
  const watch = watchOf(whileSet("", "0/26.test", "A", reply()));
  data = ["192.0.2.2", "192.0.2.1"];
  deepStrictEqual(pollWatch(resolvers, watch), { invalidations: [], wait: 10_000 });
  data = ["192.0.2.2"];
  equal(pollWatch(resolvers, watch).invalidations.length, 1);
  data = [];
  equal(pollWatch(resolvers, watch).invalidations.length, 1);
  equal(asked[0], "0/26.test A system");
});

Deno.test("a name that is too long for a watch is not kept", () => {
  const name = `${"a".repeat(60)}.`.repeat(4) + "test";
  equal(whileZone("[2001:db8::1]:53", { apex: name, serial: "1", ttl: 1 }).tag, "volatile");
  equal(whileZone("", { apex: "zone.test", serial: "1", ttl: 1 }).tag, "watched");
});
