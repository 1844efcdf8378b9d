/**
 * The provider host with real components: what goes in, what comes out, and what a component cannot do.
 *
 * @module
 */
import assert from "node:assert/strict";
import { systemClock } from "../../runtime/base/clock.ts";
import { OmnifsError } from "../../runtime/base/errors.ts";
import { bundledProviders } from "../../runtime/provider/mod.ts";
import { ensureBuilt } from "../support/build.ts";
import { fails, mountProbe, ok } from "./harness.ts";

const decoder = new TextDecoder();

Deno.test("hello answers a name, a listing and nothing else, without a single callout", async () => {
  await ensureBuilt();
  using hello = await mountProbe({ mount: "hello", source: { kind: "bundled", name: "hello" } });
  const { provider, gate } = hello;
  const greeting = await provider.lookupChild("", "greeting");
  assert(greeting?.content.tag === "inline");
  assert.equal(decoder.decode(greeting.content.bytes).at(-1), "\n");
  assert.equal(greeting.size, greeting.content.bytes.length);
  const listing = await provider.listChildren("", undefined);
  assert.deepEqual(listing.entries.map(({ name }) => name).includes("greeting"), true);
  assert.deepEqual(listing.entries.find(({ name }) => name === "greeting")?.node, greeting);
  assert.equal(await provider.lookupChild("", "nothing"), undefined);
  await assert.rejects(provider.lookupChild("greeting", "x"), fails("not-a-directory"));
  assert.deepEqual(gate.callouts, []);
  assert.deepEqual(gate.admitted.get("hello"), []);
});

Deno.test("bundled providers are known by their recorded manifests", async () => {
  await ensureBuilt();
  const manifest = (await bundledProviders()).get("hello");
  assert.equal(manifest?.name, "hello");
  assert.deepEqual(manifest?.needs, []);
});

Deno.test("every case of provider-error becomes the kind of the same name", async () => {
  using probe = await mountProbe();
  const { provider } = probe;
  const cases = [
    "not-found",
    "not-a-directory",
    "is-a-directory",
    "invalid",
    "unauthorized",
    "denied",
    "conflict",
    "rate-limited",
    "too-large",
    "unavailable",
  ] as const;
  for (const kind of cases) await assert.rejects(provider.lookupChild("", `fail=${kind}`), fails(kind));
  await assert.rejects(
    provider.lookupChild("", "fail=rate-limited"),
    (error: { retryAfter?: number }) => error.retryAfter === 1_500,
  );
  assert.equal(
    provider.counts.failures,
    cases.length,
    "every failure but the first counts, and the last one twice",
  );
  assert.equal(probe.events.some(({ type }) => type === "provider.poisoned"), false);
});

Deno.test("an exception in a provider is internal and carries its message", async () => {
  using probe = await mountProbe();
  await assert.rejects(probe.provider.lookupChild("", "throw"), fails("internal", "TypeError: boom"));
  assert.equal(probe.events.some(({ type }) => type === "provider.poisoned"), false);
});

Deno.test("a node arrives whole: sizes counted, dates and marks as they were told", async () => {
  using probe = await mountProbe();
  const { provider } = probe;
  assert.deepEqual(await provider.lookupChild("", "full"), {
    id: "full",
    directory: false,
    size: 3,
    modified: Date.UTC(2024, 4, 6, 7, 8, 9),
    version: "v1",
    freshness: { tag: "watched", watch: "w" },
    content: { tag: "inline", bytes: new TextEncoder().encode("é\n") },
    listFirst: false,
    writable: false,
  });
  const half = await provider.lookupChild("", "half");
  assert(half?.content.tag === "inline");
  assert.equal(decoder.decode(half.content.bytes), "a\ufffdb\n");
});

Deno.test("text that is too long for a node is asked for, and comes in the parts that are wanted", async () => {
  using probe = await mountProbe();
  const { provider } = probe;
  const long = await provider.lookupChild("", "long");
  assert.equal(long?.size, 100_001);
  assert.deepEqual(long?.content, { tag: "ask" });
  const expected = new TextEncoder().encode("é".repeat(50_000) + "\n");
  assert.deepEqual(await provider.readFile("long", 0, 1_000_000), expected);
  assert.deepEqual(await provider.readFile("long", 99_990, 100), expected.subarray(99_990));
  assert.deepEqual(await provider.readFile("long", 7, 9), expected.subarray(7, 16));
  assert.equal((await provider.readFile("mega", 0, 1 << 20)).length, 1 << 20);
  await assert.rejects(
    provider.readFile("too-much", 0, 10),
    fails("internal", "11 bytes were told where 10"),
  );
});

Deno.test("pages follow each other by the cursor", async () => {
  using probe = await mountProbe();
  const names: string[] = [];
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const page = await probe.provider.listChildren("", cursor);
    names.push(...page.entries.map(({ name }) => name));
    cursor = page.next;
  }
  assert.deepEqual(names, ["page-0", "page-1", "page-2"]);
});

Deno.test("answers against the contract are refused, each with the rule that it breaks", async () => {
  using probe = await mountProbe();
  const { provider } = probe;
  const lookups: Record<string, string> = {
    "big-id": "longer than 1024 bytes",
    "big-version": "longer than 256 bytes",
    "big-watch": "longer than 256 bytes",
    "big-inline": "65537 bytes are inline",
    "big-size": "too large",
    "lying-size": "says 4 bytes and holds 5",
    "directory-content": "has content",
  };
  for (const [name, rule] of Object.entries(lookups)) {
    await assert.rejects(provider.lookupChild("", name), fails("internal", rule), name);
  }
  const listings: Record<string, string> = {
    "name-slash": "contains a slash",
    "name-empty": "is empty",
    "name-dot": "means a directory",
    "name-dots": "means a directory",
    "name-nul": "contains a NUL",
    "name-long": "longer than 255 bytes",
    "twins": "two entries are called",
  };
  for (const [parent, rule] of Object.entries(listings)) {
    await assert.rejects(provider.listChildren(parent, undefined), fails("internal", rule), parent);
  }
  const encoded = await provider.listChildren("encoded", undefined);
  assert.deepEqual(encoded.entries.slice(0, 2).map(({ name }) => name), ["a%2Fb", "%2E%2E"]);
});

Deno.test("a callout goes through the gate under the mount's name and comes back as text", async () => {
  using probe = await mountProbe();
  const { provider, gate } = probe;
  gate.answer = () => Promise.resolve(ok("body"));
  const node = await provider.lookupChild("", "get=https:%2F%2Fexample.test%2Fx");
  assert(node?.content.tag === "inline");
  assert.equal(decoder.decode(node.content.bytes), "body\n");
  assert.deepEqual(gate.callouts, [
    {
      mount: "probe",
      method: "get",
      url: "https://example.test/x",
      headers: [],
      expect: "text",
      write: false,
      applying: false,
    },
  ]);
  assert.equal(provider.counts.callouts, 1);
});

Deno.test("what the gate refuses and what the upstream answers reach the caller as kinds", async () => {
  using probe = await mountProbe();
  const { provider, gate } = probe;
  const ask = () => provider.lookupChild("", "get=https:%2F%2Fexample.test%2Fx");
  const failures = [
    [
      { tag: "denied", target: "example.test", flag: "--allow-net=example.test", reason: "no grant" },
      "denied",
    ],
    [{ tag: "timeout" }, "unavailable"],
    [{ tag: "too-large" }, "too-large"],
    [{ tag: "rate-limited", milliseconds: 7.5 }, "rate-limited"],
    [{ tag: "connection", reason: "refused" }, "unavailable"],
  ] as const;
  for (const [failure, kind] of failures) {
    gate.answer = () => Promise.resolve({ ok: false, failure });
    await assert.rejects(ask(), fails(kind));
  }
  const statuses = [
    [404, {}, "not-found"],
    [410, {}, "not-found"],
    [401, {}, "unauthorized"],
    [403, {}, "unauthorized"],
    [403, { "x-ratelimit-remaining": "0" }, "rate-limited"],
    [403, { "retry-after": "3" }, "rate-limited"],
    [429, {}, "rate-limited"],
    [422, {}, "invalid"],
    [500, {}, "unavailable"],
    [503, {}, "unavailable"],
  ] as const;
  for (const [status, headers, kind] of statuses) {
    gate.answer = () => Promise.resolve(ok('{"message": "told"}', headers, status));
    await assert.rejects(ask(), fails(kind), String(status));
  }
});

Deno.test("a denial names the flag that the gate named, whatever the guest says of it", async () => {
  using probe = await mountProbe();
  const { provider, gate } = probe;
  const failing = async (order: string) => {
    const error = await provider.lookupChild("", order).then(() => undefined, (thrown) => thrown);
    assert(error instanceof OmnifsError);
    return [error.kind, error.message, error.mend, error.path];
  };
  const flag = "--allow-net=example.test";
  const failure = { tag: "denied", target: "example.test", flag, reason: "no grant" } as const;
  gate.answer = () => Promise.resolve({ ok: false, failure });
  const honest = ["denied", "probe: example.test was not granted: no grant", flag, flag];
  assert.deepEqual(await failing("get=https:%2F%2Fexample.test%2Fx"), honest);
  assert.deepEqual(await failing("forge"), honest);
  assert.deepEqual(await failing("forge=unavailable"), [
    "unavailable",
    "probe: down",
    flag,
    flag,
  ]);
  gate.answer = () => Promise.resolve({ ok: false, failure: { ...failure, flag: "" } });
  assert.deepEqual(await failing("forge"), [...honest.slice(0, 2), undefined, undefined]);
  // A call that met no denial has no flag, and the guest's own is not told.
  gate.answer = () => Promise.resolve(ok("answer"));
  const bare = "probe: mount with (a flag), (a flag) and (a flag)";
  assert.deepEqual(await failing("forge"), ["denied", bare, undefined, undefined]);
});

Deno.test("needs follow the settings, and the gate learns them before any callout", async () => {
  using probe = await mountProbe({ settings: { host: "mine.test" } });
  assert.deepEqual(probe.gate.admitted.get("probe"), [
    { target: "mine.test", write: false, why: "Because the test says so", credential: "PROBE_TOKEN" },
  ]);
  const node = await probe.provider.lookupChild("", "settings");
  assert(node?.content.tag === "inline");
  assert.deepEqual(JSON.parse(decoder.decode(node.content.bytes)), { host: "mine.test", pages: 3 });
});

Deno.test("settings that the schema refuses are named by the flag that set them", async () => {
  const settings = { pages: 0, color: "blue", colour: "red" };
  await assert.rejects(mountProbe({ settings }), fails("invalid", "--set probe.pages: must be >= 1"));
  await assert.rejects(
    mountProbe({ settings }),
    fails("invalid", "--set probe.colour: there is no such setting"),
  );
  await assert.rejects(mountProbe({ settings }), fails("invalid", /--set probe\.color: .*red, green/));
});

Deno.test("a provider sees the host's clock through Date", async () => {
  using probe = await mountProbe();
  const before = systemClock.now();
  const node = await probe.provider.lookupChild("", "clock");
  assert(node?.content.tag === "inline");
  const [now = 0, ...rest] = decoder.decode(node.content.bytes).split(",").map(Number);
  assert(now >= before && now <= systemClock.now());
  assert(rest[0] !== undefined && rest[0] >= now);
  assert.equal(rest[2], Date.UTC(2020, 0, 2));
});

Deno.test("a body upstream is measured and fetched by the host, through the gate", async () => {
  using probe = await mountProbe();
  const { provider, gate } = probe;
  const body = new TextEncoder().encode("0123456789");
  const node = await provider.lookupChild("", "upstream");
  assert(node?.content.tag === "upstream");
  const { content } = node;
  gate.answer = () =>
    Promise.resolve(ok(new Uint8Array(), { "content-length": "10", "accept-ranges": "bytes" }));
  assert.deepEqual(await provider.measure(content), { size: 10, ranges: true });
  for (const status of [403, 405, 501]) {
    gate.answer = () => Promise.resolve(ok(new Uint8Array(), {}, status));
    assert.deepEqual(await provider.measure(content), { size: undefined, ranges: false });
  }
  gate.answer = () =>
    Promise.resolve(ok(new Uint8Array(), { "content-length": "4", "content-encoding": "gzip" }));
  assert.deepEqual(await provider.measure(content), { size: undefined, ranges: false });
  gate.answer = () => Promise.resolve(ok(body));
  assert.deepEqual(await provider.download(content, undefined), body);
  assert.deepEqual(
    await provider.download(content, { offset: 2, length: 3 }),
    body.subarray(2, 5),
    "no ranges there",
  );
  gate.answer = () => Promise.resolve(ok(body.subarray(2, 5), {}, 206));
  assert.deepEqual(await provider.download(content, { offset: 2, length: 3 }), body.subarray(2, 5));
  assert.deepEqual(gate.callouts.at(-1)?.headers, [
    { name: "accept", value: "text/plain" },
    { name: "range", value: "bytes=2-4" },
  ]);
  for (const whole of ["10", "*"]) {
    gate.answer = () =>
      Promise.resolve(ok(body.subarray(2, 5), { "content-range": `bytes 2-4/${whole}` }, 206));
    assert.deepEqual(
      await provider.download(content, { offset: 2, length: 3, whole: 10 }),
      body.subarray(2, 5),
    );
  }
  for (
    const answer of [ok(body.subarray(2, 5), { "content-range": "bytes 2-4/11" }, 206), ok(body.subarray(1))]
  ) {
    gate.answer = () => Promise.resolve(answer);
    await assert.rejects(provider.download(content, { offset: 2, length: 3, whole: 10 }), fails("conflict"));
  }
  gate.answer = () => Promise.resolve(ok("", {}, 404));
  await assert.rejects(provider.download(content, undefined), fails("not-found"));
});

Deno.test("a provider that does not import http cannot have a body fetched", async () => {
  await ensureBuilt();
  using hello = await mountProbe({ mount: "hello", source: { kind: "bundled", name: "hello" } });
  const content = { tag: "upstream", url: "https://example.test/", headers: [] } as const;
  await assert.rejects(hello.provider.measure(content), fails("denied"));
  await assert.rejects(hello.provider.download(content, undefined), fails("denied"));
  assert.deepEqual(hello.gate.callouts, []);
});
