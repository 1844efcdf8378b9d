/**
 * Which addresses belong to the public internet, by the registries of IANA.
 *
 * @module
 */
import assert from "node:assert/strict";
import { canonicalAddress, isPublic } from "../../runtime/egress/address.ts";

/** Not of the public internet: what it is, and addresses of it, the first and the last of a range where they matter. */
const WITHHELD: readonly (readonly [what: string, ...addresses: string[]])[] = [
  ["this network", "0.0.0.0", "0.255.255.255"],
  ["private", "10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255"],
  ["carrier-grade NAT", "100.64.0.0", "100.127.255.255", "100.100.100.200"],
  ["loopback", "127.0.0.0", "127.255.255.255", "::1"],
  [
    "link-local, with the metadata of clouds",
    "169.254.0.0",
    "169.254.169.254",
    "169.254.170.2",
    "169.254.255.255",
  ],
  ["Azure's own host", "168.63.129.16"],
  ["protocol assignments", "192.0.0.0", "192.0.0.192", "192.0.0.255"],
  ["documentation", "192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
  ["6to4 relay", "192.88.99.1"],
  ["benchmarks", "198.18.0.0", "198.19.255.255", "2001:2::1"],
  ["multicast", "224.0.0.0", "239.255.255.255", "ff02::1", "ff0e::1"],
  ["reserved and broadcast", "240.0.0.0", "255.255.255.255"],
  ["unspecified", "::"],
  ["mapped private IPv4", "::ffff:10.0.0.1", "::ffff:7f00:1", "::ffff:169.254.169.254"],
  ["translated IPv4", "::ffff:0:10.0.0.1", "::ffff:0:808:808"],
  ["IPv4-compatible", "::10.0.0.1", "::8.8.8.8", "::7f00:1"],
  ["NAT64 of what is private", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1"],
  ["local NAT64", "64:ff9b:1::1", "64:ff9b:1::808:808"],
  ["discard", "100::1"],
  ["Teredo", "2001::1", "2001:0:808:808::1"],
  ["ORCHID", "2001:10::1", "2001:20::1"],
  ["6to4 of what is private, and of anything", "2002:a00:1::1", "2002:7f00:1::", "2002:5db8:d822::1"],
  ["segment routing", "5f00::1"],
  ["unique local, with the metadata of clouds", "fc00::1", "fd00:ec2::254", "fdff:ffff::1"],
  ["link-local", "fe80::1", "febf::1"],
  ["site-local", "fec0::1"],
  ["not given out", "4000::1", "8000::1", "e000::1"],
];

for (const [what, ...addresses] of WITHHELD) {
  Deno.test(`${what} is not of the public internet: ${addresses.join(", ")}`, () => {
    for (const address of addresses) assert.equal(isPublic(canonicalAddress(address) ?? ""), false, address);
  });
}

Deno.test("the neighbours of those ranges are", () => {
  const neighbours = [
    "1.0.0.0",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2606:4700::1111",
    "2a00:1450::1",
  ];
  for (const address of neighbours) assert.ok(isPublic(canonicalAddress(address) ?? ""), address);
});

Deno.test("one address has one text, and what is no address has none", () => {
  const texts = ["[0:0::1]", "::FFFF:127.0.0.1", "::8.8.8.8", "64:FF9B::8.8.8.8", "127.0.0.1"];
  assert.deepEqual(texts.map(canonicalAddress), [
    "::1",
    "127.0.0.1",
    "::808:808",
    "64:ff9b::808:808",
    "127.0.0.1",
  ]);
  for (
    const text of [
      "127.1",
      "0x7f.0.0.1",
      "2130706433",
      "fe80::1%eth0",
      "::1/64",
      ":::",
      "1.2.3.256",
      "a:b",
      "",
    ]
  ) {
    assert.equal(canonicalAddress(text), undefined, text);
  }
});
