/**
 * Frames, indentation, identities, names and settings of the Docker provider: all that needs no engine.
 *
 * @module
 */
import { deepStrictEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { manifestOf, settingsOf } from "../../providers/docker/config.ts";
import { detailOf, isUp, summariesOf } from "../../providers/docker/facts.ts";
import { unframed } from "../../providers/docker/frames.ts";
import { canMint, mint, partsOf } from "../../providers/docker/ids.ts";
import { indented } from "../../providers/docker/indent.ts";
import { markOf } from "../../providers/sdk/mod.ts";
import { dateOf } from "../../providers/docker/json.ts";
import { distinct } from "../../providers/docker/places.ts";
import { packed } from "./packed.ts";
import { checkProperty } from "../support/property.ts";

/** Text of JSON in which everything stands that parsing would change: digits, escapes, order, repeated keys. */
const raw: fc.Arbitrary<string> = fc.letrec<{ value: string; string: string }>((tie) => ({
  string: fc.array(
    fc.oneof(
      fc.constantFrom("\\u003c", "\\/", '\\"', "\\\\", "\\n", "{", "]", ",", ":", " ", "ä", "😀", "\\ud800"),
      fc.stringMatching(/^[a-z0-9 ]*$/),
    ),
    { maxLength: 5 },
  ).map((parts) => `"${parts.join("")}"`),
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom("null", "true", "false", "0", "-0", "1e21", "1E+2", "1.0", "9223372036854771712"),
    tie("string"),
    fc.array(tie("value"), { maxLength: 4 }).map((items) => `[${items.join(",")}]`),
    fc.array(fc.tuple(fc.oneof(tie("string"), fc.constantFrom('"1"', '"0"', '"__proto__"')), tie("value")), {
      maxLength: 4,
    }).map((pairs) => `{${pairs.map((pair) => pair.join(":")).join(",")}}`),
  ),
})).value;

Deno.test("indenting changes nothing but the white space, whatever the digits, escapes, keys and their order", () =>
  checkProperty(
    fc.property(raw, (json) => {
      equal(packed(indented(json)), json);
      equal(indented(indented(json)), indented(json));
    }),
    2_000,
  ));

Deno.test("where JavaScript reads and writes JSON without loss, indenting is what JSON.stringify does", () =>
  checkProperty(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      equal(indented(JSON.stringify(value)), `${JSON.stringify(value, null, 2)}\n`);
    }),
    1_000,
  ));

Deno.test("white space of any kind between tokens is replaced", () => {
  const json = ' {\r\n\t"a" : [ ] ,"b":{ },\n"c":[ 1 ,{"d":" , "} ]}\n\n';
  equal(
    indented(json),
    '{\n  "a": [],\n  "b": {},\n  "c": [\n    1,\n    {\n      "d": " , "\n    }\n  ]\n}\n',
  );
});

Deno.test("another text has another mark", () => {
  const texts = ["", "\n", "running\n", "paused\n", "exited\n", '"Pid": 1234', '"Pid": 1235', '"Pid": 4321'];
  equal(new Set(texts.map(markOf)).size, texts.length);
  equal(markOf("exited\n"), markOf("exited\n"));
});

/** One frame as the Engine writes it. */
function frame(stream: number, payload: Uint8Array): number[] {
  const { length } = payload;
  return [
    stream,
    0,
    0,
    0,
    length >>> 24,
    (length >>> 16) & 255,
    (length >>> 8) & 255,
    length & 255,
    ...payload,
  ];
}

const frames = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.uint8Array({ maxLength: 300 })));

Deno.test("frames of any lengths are joined in their order, byte by byte", () =>
  checkProperty(fc.property(frames, fc.nat(20), (all, before) => {
    const bytes = Uint8Array.from([
      ...Array(before).fill(7),
      ...all.flatMap(([to, payload]) => frame(to, payload)),
    ]);
    const payloads = Uint8Array.from(all.flatMap(([, payload]) => [...payload]));
    deepStrictEqual(unframed(bytes.subarray(before)), payloads);
  })));

Deno.test("a stream that was cut anywhere gives what came until then", () =>
  checkProperty(fc.property(frames, fc.nat(), (all, cut) => {
    const bytes = Uint8Array.from(all.flatMap(([to, payload]) => frame(to, payload)));
    const whole = unframed(bytes.slice());
    const some = unframed(bytes.slice(0, cut % (bytes.length + 1)));
    deepStrictEqual(some, whole.slice(0, some.length));
  })));

Deno.test("what is not in frames is an error, and not a log with bytes missing", () => {
  for (const text of ["hello world\n", "\x04\0\0\0\0\0\0\0", "\x01\0\0\x01\0\0\0\0"]) {
    throws(() => unframed(new TextEncoder().encode(text)), /not in frames/, JSON.stringify(text));
  }
  equal(unframed(new Uint8Array()).length, 0);
});

Deno.test("an identity that was minted is taken apart into what it was made of", () => {
  const part = fc.string({ minLength: 1, unit: "grapheme" });
  return checkProperty(fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
    deepStrictEqual(partsOf(mint(...parts)), parts);
  }));
});

Deno.test("an identity that nobody minted has no parts", () => {
  for (const id of ["", "/", "container/", "container//log", "compose/%", "compose/%zz", "compose/a b"]) {
    deepStrictEqual(partsOf(id), [], id);
  }
  equal(mint("image", "sha256:06b7"), "image/sha256:06b7");
  ok(canMint("compose", "a".repeat(500), "b".repeat(500)));
  ok(!canMint("compose", "ä".repeat(500), "b"));
});

Deno.test("names that several objects share are told apart, others stay as they are", () => {
  const items = [["net", "1234567890abcdef"], ["other", "aaaa"], ["net", "fedcba0987654321"]] as const;
  deepStrictEqual(distinct(items, (id) => id).map(([name]) => name), [
    "net@1234567890ab",
    "net@fedcba098765",
    "other",
  ]);
});

Deno.test("objects come in one order, in whatever order the Engine lists them", () => {
  const networks = [["none", "a"], ["host", "b"], ["net", "c1"], ["net", "c2"], ["Net", "d"]] as const;
  const order = (items: Iterable<readonly [string, string]>) =>
    distinct([...items], (id) => id).map(([name]) => name);
  return checkProperty(
    fc.property(fc.shuffledSubarray([...networks], { minLength: networks.length }), (shuffled) => {
      deepStrictEqual(order(shuffled), ["Net", "host", "net@c1", "net@c2", "none"]);
    }),
  );
});

Deno.test("a date is whole seconds after 1970, however it is told", () => {
  equal(dateOf(1_795_267_105), 1_795_267_105_000);
  equal(dateOf("2026-11-21T13:18:25.690868709Z"), 1_795_267_105_000);
  equal(dateOf("2026-11-21T14:18:25.6+01:00"), 1_795_267_105_000);
  for (const none of ["0001-01-01T00:00:00Z", "", "nonsense", 0, -62_135_596_800, null, undefined, {}]) {
    equal(dateOf(none), undefined, JSON.stringify(none));
  }
});

/** The files of one container of a list. */
function listed(item: Record<string, unknown>) {
  const [summary] = summariesOf([{ Id: "a".repeat(64), ...item }]);
  ok(summary);
  return summary;
}

Deno.test("a list and a container's own answer tell the same of its ports", () => {
  const Ports = [
    { IP: "0.0.0.0", PrivatePort: 443, PublicPort: 8443, Type: "tcp" },
    { IP: "::", PrivatePort: 443, PublicPort: 8443, Type: "tcp" },
    { PrivatePort: 9000, Type: "tcp" },
    { IP: "127.0.0.1", PrivatePort: 53, PublicPort: 5353, Type: "udp" },
    { PrivatePort: 80, PublicPort: 8080, Type: "tcp" },
  ];
  const own = {
    "9000/tcp": null,
    "443/tcp": [{ HostIp: "0.0.0.0", HostPort: "8443" }, { HostIp: "::", HostPort: "8443" }],
    "80/tcp": [{ HostIp: "", HostPort: "8080" }],
    "53/udp": [{ HostIp: "127.0.0.1", HostPort: "5353" }],
  };
  const text = [
    "53/udp -> 127.0.0.1:5353",
    "80/tcp -> 0.0.0.0:8080",
    "443/tcp -> 0.0.0.0:8443",
    "443/tcp -> [::]:8443",
  ].join("\n") + "\n";
  equal(listed({ Ports }).files["ports"], text);
  equal(detailOf({ value: { NetworkSettings: { Ports: own } }, json: "{}" }).files["ports"], text);
});

Deno.test("a container's own name comes before those that links give it; without a name it has its id", () => {
  deepStrictEqual(listed({ Names: ["/app/db", "/web/db", "/db"] }).names, ["db", "app/db", "web/db"]);
  for (const Names of [null, [], undefined, ["/"]]) {
    deepStrictEqual(listed({ Names }).names, ["a".repeat(64)]);
  }
});

Deno.test("an image whose tag has gone elsewhere is not told by the list, which then has the id in its place", () => {
  equal(listed({ Image: "app:1", ImageID: "sha256:1" }).files["image"], "app:1\n");
  equal(listed({ Image: "sha256:1", ImageID: "sha256:1" }).files["image"], undefined);
});

Deno.test("null fields, words of Podman and states that nobody knows are taken as they come", () => {
  deepStrictEqual(listed({ Ports: null, Labels: null, State: "configured", NetworkSettings: null }).files, {
    state: "created\n",
    ports: "",
  });
  equal(listed({ State: "stopped" }).state, "exited");
  for (const state of ["running", "paused", "restarting", "stopping"]) ok(isUp({ state }), state);
  for (const state of ["created", "exited", "dead", "removing", "unheard of", ""]) {
    ok(!isUp({ state }), state);
  }
  deepStrictEqual(summariesOf(null), []);
  const detail = detailOf({ value: { Config: { Env: null }, NetworkSettings: null }, json: "{}" });
  deepStrictEqual(detail.files, { "state": "", "image": "", "inspect.json": "{}\n", "env": "", "ports": "" });
});

Deno.test("the need follows from the setting, as a path or as DOCKER_HOST has it", () => {
  const target = (given: unknown) =>
    manifestOf(settingsOf(given)).needs?.map((need) => [need.target, need.write]);
  deepStrictEqual(target({}), [["unix:/var/run/docker.sock", true]]);
  deepStrictEqual(target({ socket: "/run/podman/podman.sock" }), [["unix:/run/podman/podman.sock", true]]);
  deepStrictEqual(target({ socket: "unix:///run/a.sock" }), [["unix:/run/a.sock", true]]);
});
