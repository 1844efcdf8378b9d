/**
 * Random URLs in disguise against random grants: what passes goes to a host that a grant names. The judge here is
 * the platform's `URL` and a comparison of texts, and none of the gate's own readers.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Checkpoint, Refusal } from "../../runtime/egress/checkpoint.ts";
import { parseDestination } from "../../runtime/egress/destination.ts";
import { parseGrants } from "../../runtime/egress/grant.ts";
import { checkProperty } from "../support/property.ts";

const HOSTS = ["example.com", "api.example.com", "evil.test", "8.8.8.8", "127.0.0.1", "[2606:4700::1111]"];

/** Ways to write a host that mean the same, or only look as if they did. */
const DISGUISES: readonly ((host: string) => string)[] = [
  (host) => host,
  (host) => host.toUpperCase(),
  (host) => `${host}.`,
  (host) => `${host}..`,
  (host) => `.${host}`,
  (host) => host.replace(".", "%2e"),
  (host) => host.replace(".", "\u3002"),
  (host) => host.replace(/^[a-z]/, (letter) => String.fromCodePoint(letter.charCodeAt(0) + 0xfee0)),
  (host) => host.replace("e", "\u0435"),
  (host) => `${host}.evil.test`,
  (host) => `evil${host}`,
  (host) => `evil.test@${host}`,
  (host) => `${host}@evil.test`,
  (host) => `${host}:443@evil.test`,
  (host) => `evil.test#@${host}`,
  (host) => `evil.test?@${host}`,
  (host) => `evil.test\\@${host}`,
  (host) => `${host}%00.evil.test`,
  (host) => `${host}\t`,
  (host) => `\u00ad${host}`,
  (host) => `${host}%20`,
  (host) => `[::ffff:${host}]`,
  (host) =>
    host.split(".").map((part) => /^\d+$/.test(part) ? `0x${Number(part).toString(16)}` : part).join("."),
  (host) => host === "127.0.0.1" ? "2130706433" : host,
  (host) => host === "127.0.0.1" ? "127.1" : host,
];

const disguised = fc.tuple(fc.constantFrom(...HOSTS), fc.constantFrom(...DISGUISES))
  .map(([host, disguise]) => disguise(host));

const url = fc.tuple(
  fc.constantFrom(
    "https://",
    "https://",
    "https://",
    "http://",
    "HTTPS://",
    "https:/",
    "https:",
    "//",
    "https:\\\\",
    "unix:",
  ),
  fc.oneof({ weight: 4, arbitrary: disguised }, { weight: 1, arbitrary: fc.domain() }, {
    weight: 1,
    arbitrary: fc.string(),
  }),
  fc.constantFrom("", "", ":443", ":80", ":8443", ":0443", ":"),
  fc.constantFrom("", "/", "/a/../b?q=1", "/@evil.test", "#@evil.test", "/%2e%2e//evil.test"),
).map((parts) => parts.join(""));

const entries = fc.uniqueArray(
  fc.constantFrom(
    "example.com",
    "*.example.com",
    "api.example.com:8443",
    "8.8.8.8",
    "127.0.0.1:80",
    "127.0.0.1",
    "[2606:4700::1111]:443",
    "test",
  ),
  { maxLength: 4 },
);

/** True where `entry` names `host` and `port` (both as `URL` tells them), letter for letter. */
function names(entry: string, host: string, port: string): boolean {
  const [, name = "", wanted = port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (wanted !== port) return false;
  return name.startsWith("*.") ? host.endsWith(name.slice(1)) : host === name;
}

/** Host and port of `text` as the platform reads them. */
function platform(text: string): { readonly host: string; readonly port: string } {
  const { protocol, hostname, port } = new URL(text);
  const mapped = /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/.exec(hostname);
  const words = mapped === null ? [] : [mapped[1] ?? "", mapped[2] ?? ""].map((word) => parseInt(word, 16));
  const four = words.flatMap((word) => [word >> 8, word & 255]).join(".");
  return {
    host: mapped === null ? hostname.replace(/\.$/, "") : four,
    port: port === "" ? (protocol === "https:" ? "443" : "80") : port,
  };
}

function passes(text: string, allow: readonly string[]): string | undefined {
  const checkpoint = new Checkpoint(parseGrants({ allow }));
  checkpoint.admit("m", allow.map((target) => ({ target, write: false, why: "" })));
  const parsed = parseDestination(text);
  if (!("destination" in parsed)) return undefined;
  try {
    checkpoint.permit("m", parsed.destination);
    return parsed.destination.url;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

Deno.test("whatever the gate lets through goes to a host and a port that a grant names", async () => {
  let passed = 0;
  const property = fc.property(url, entries, (text, allow) => {
    const sent = passes(text, allow);
    if (sent === undefined) return;
    passed++;
    const { host, port } = platform(sent);
    assert.ok(allow.some((entry) => names(entry, host, port)), `${text} was sent to ${host}:${port}`);
    // And it is the host that the provider wrote, not one that the gate made of it.
    assert.deepEqual(platform(text), { host, port });
    assert.equal(new URL(sent).username + new URL(sent).password, "");
  });
  await checkProperty(property, 5_000);
  assert.ok(passed > 100, `only ${passed} of 5000 passed`);
});

Deno.test("no text makes the gate throw anything but a refusal", async () => {
  const anything = fc.oneof(url, fc.webUrl(), fc.string({ unit: "binary" }));
  await checkProperty(fc.property(anything, (text) => void passes(text, ["example.com"])), 2_000);
});
