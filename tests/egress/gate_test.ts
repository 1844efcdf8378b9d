/**
 * The gate against upstreams on loopback: credentials, redirects, headers and the write rule.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Header, Method } from "../../runtime/egress/callout.ts";
import { tempDir } from "../support/temp.ts";
import { Bench, headerOf, need, TOKEN, Upstream } from "./fixture.ts";

function redirect(location: string, status = 302): Response {
  return new Response(null, { status, headers: { location } });
}

Deno.test("a credential is attached to the origin of its need, as a bearer token", async () => {
  await using upstream = new Upstream(() => new Response("hi"));
  await using bench = new Bench({ allow: [upstream.target] });
  assert.equal((await bench.answer(upstream.url())).body, "hi");
  assert.deepEqual(upstream.header("authorization"), [`Bearer ${TOKEN}`]);
});

Deno.test("an API key of Linear stands bare", async () => {
  await using upstream = new Upstream(() => new Response("hi"));
  await using bench = new Bench({
    allow: [upstream.target],
    needs: [need(upstream.target, "LINEAR_API_KEY")],
  });
  await bench.answer(upstream.url());
  assert.deepEqual(upstream.header("authorization"), [TOKEN]);
});

Deno.test("a need without a credential, and an empty variable, send none", async () => {
  await using upstream = new Upstream(() => new Response("hi"));
  const { credential: _, ...bare } = need(upstream.target);
  await using one = new Bench({ allow: [upstream.target], needs: [bare] });
  await using two = new Bench({ allow: [upstream.target], token: " \n" });
  await one.answer(upstream.url());
  await two.answer(upstream.url());
  assert.deepEqual(upstream.header("authorization"), [null, null]);
  assert.equal(two.gate.describe().credentials[0]?.problem, "TEST_TOKEN: not set");
});

Deno.test("a redirect to another origin gets no credential, nor does the way back", async () => {
  await using far = new Upstream(() => redirect(home.url("/back")));
  await using home: Upstream = new Upstream(({ url }) => {
    return new URL(url).pathname === "/" ? redirect(far.url("/log")) : new Response("end");
  });
  await using bench = new Bench({ allow: [home.target, far.target] });
  assert.equal((await bench.answer(home.url())).body, "end");
  assert.deepEqual(far.header("authorization"), [null]);
  assert.deepEqual(home.header("authorization"), [`Bearer ${TOKEN}`, null]);
});

Deno.test("a redirect within the origin keeps the credential", async () => {
  await using upstream = new Upstream(({ url }) =>
    url.endsWith("/a") ? redirect("/b", 301) : new Response("b")
  );
  await using bench = new Bench({ allow: [upstream.target] });
  assert.equal((await bench.answer(upstream.url("/a"))).body, "b");
  assert.deepEqual(upstream.header("authorization"), [`Bearer ${TOKEN}`, `Bearer ${TOKEN}`]);
});

Deno.test("each hop is checked anew: a redirect to what was not granted or not needed is denied, unsent", async () => {
  await using hidden = new Upstream(() => new Response("secret"));
  await using upstream = new Upstream(() => redirect(hidden.url()));
  const both = [need(upstream.target), need(hidden.target)];
  await using ungranted = new Bench({ allow: [upstream.target], needs: both });
  const failure = await ungranted.failure(upstream.url());
  assert.equal(failure.tag === "denied" && failure.flag, `--allow-net=${hidden.target}`);
  await using unneeded = new Bench({ allow: [upstream.target, hidden.target], needs: both.slice(0, 1) });
  assert.equal((await unneeded.failure(upstream.url())).tag, "denied");
  assert.equal(hidden.requests.length, 0);
});

for (
  const location of [
    "https://10.0.0.1/",
    "http://169.254.169.254/latest",
    "file:///etc/passwd",
    "//user:pw@x.test/",
  ]
) {
  Deno.test(`a redirect to ${location} is denied`, async () => {
    await using upstream = new Upstream(() => redirect(location));
    await using bench = new Bench({ allow: [upstream.target] });
    assert.equal((await bench.failure(upstream.url())).tag, "denied");
  });
}

Deno.test("five redirects are followed and the sixth is not", async () => {
  await using upstream: Upstream = new Upstream(({ url }) => {
    const left = Number(new URL(url).pathname.slice(1));
    return left === 0 ? new Response("end") : redirect(`/${left - 1}`);
  });
  await using bench = new Bench({ allow: [upstream.target] });
  assert.equal((await bench.answer(upstream.url("/5"))).body, "end");
  const failure = await bench.failure(upstream.url("/6"));
  assert.equal(failure.tag === "connection" && failure.reason, "more than 5 redirects");
  assert.equal(bench.gate.counts.requests, 12);
});

Deno.test("what a guest may not say is dropped, and the rest goes out", async () => {
  await using upstream = new Upstream(() => new Response("hi"));
  await using bench = new Bench({ allow: [upstream.target], token: "" });
  const said: Header[] = [
    ["Authorization", "Bearer guest"],
    ["Cookie", "a=b"],
    ["Host", "evil.test"],
    ["Connection", "X-Hop, close"],
    ["X-Hop", "1"],
    ["Proxy-Authorization", "x"],
    ["Accept-Encoding", "zstd"],
    ["TE", "trailers"],
    ["Accept", "application/vnd.github.diff"],
    ["X-Two", "1"],
    ["x-two", "2"],
  ].map(([name = "", value = ""]) => ({ name, value }));
  await bench.answer(upstream.url(), { headers: said });
  const [request] = upstream.requests;
  const got = (name: string) => request?.headers.get(name) ?? null;
  for (const name of ["authorization", "cookie", "x-hop", "proxy-authorization", "te"]) {
    assert.equal(got(name), null);
  }
  assert.equal(got("host"), upstream.target);
  assert.equal(got("accept"), "application/vnd.github.diff");
  assert.equal(got("x-two"), "1, 2");
  assert.equal(got("user-agent"), "omnifs");
});

const INJECTIONS: readonly Header[] = [
  { name: "x", value: "a\r\nx-injected: 1" },
  { name: "x", value: "a\nb" },
  { name: "x", value: "a\0b" },
  { name: "x", value: "snow \u2603" },
  { name: "x: y\r\nz", value: "a" },
  { name: "", value: "a" },
  { name: "a b", value: "a" },
];

for (const header of INJECTIONS) {
  Deno.test(`the header ${JSON.stringify(header)} is refused, unsent`, async () => {
    await using upstream = new Upstream(() => new Response("hi"));
    await using bench = new Bench({ allow: [upstream.target] });
    assert.equal((await bench.failure(upstream.url(), { headers: [header] })).tag, "denied");
    assert.equal(upstream.requests.length, 0);
  });
}

for (const method of ["post", "put", "patch", "delete"] satisfies Method[]) {
  for (const write of [false, true]) {
    Deno.test(`${method} ${write ? "through http-write" : "through http"} is denied without an apply, unsent`, async () => {
      await using upstream = new Upstream(() => new Response("changed"));
      await using bench = new Bench({ allow: [upstream.target] });
      const failure = await bench.failure(upstream.url(), { method, write, body: "{}" });
      assert.equal(failure.tag === "denied" && failure.flag, "--allow-apply=m");
      assert.equal(upstream.requests.length, 0);
    });
  }
}

Deno.test("a mount that was not admitted may go nowhere", async () => {
  await using upstream = new Upstream(() => new Response("hi"));
  await using bench = new Bench({ allow: [upstream.target] });
  assert.equal((await bench.failure(upstream.url(), { mount: "other" })).tag, "denied");
});

Deno.test("cookies and echoes of the credential do not come back, in headers or in the body", async () => {
  await using upstream = new Upstream((request) => {
    const said = request.headers.get("authorization") ?? "";
    return new Response(`you said ${said}!`, {
      headers: [["set-cookie", "a=b"], ["x-echo", said], ["link", "<x>"]],
    });
  });
  await using bench = new Bench({ allow: [upstream.target] });
  const text = await bench.answer(upstream.url());
  const bytes = await bench.answer(upstream.url(), { expect: "bytes" });
  assert.equal(headerOf(text, "set-cookie"), undefined);
  assert.equal(headerOf(text, "x-echo"), "Bearer [redacted]");
  assert.equal(headerOf(text, "link"), "<x>");
  assert.equal(text.body, `you said Bearer ${"*".repeat(TOKEN.length)}!`);
  assert.deepEqual(bytes.body, new TextEncoder().encode(String(text.body)));
});

Deno.test("an answer comes as text, as bytes, or not at all", async () => {
  await using upstream = new Upstream(() => new Response("grün"));
  await using bench = new Bench({ allow: [upstream.target] });
  assert.equal((await bench.answer(upstream.url())).body, "grün");
  assert.deepEqual(
    (await bench.answer(upstream.url(), { expect: "bytes" })).body,
    new TextEncoder().encode("grün"),
  );
  assert.deepEqual((await bench.answer(upstream.url(), { expect: "none" })).body, new Uint8Array());
});

Deno.test("HEAD tells the length of the body as it is, not packed", async () => {
  await using upstream = new Upstream(() => new Response("x".repeat(5_000)));
  await using bench = new Bench({ allow: [upstream.target] });
  const response = await bench.answer(upstream.url(), { method: "head", expect: "none" });
  assert.equal(headerOf(response, "content-length"), "5000");
  assert.deepEqual(upstream.header("accept-encoding"), ["identity"]);
});

Deno.test("a packed body is unpacked, and its headers no longer say that it is packed", async () => {
  const packed = new Response(
    new Blob(["hello ".repeat(100)]).stream().pipeThrough(new CompressionStream("gzip")),
  );
  const bytes = await packed.bytes();
  await using upstream = new Upstream(() => new Response(bytes, { headers: { "content-encoding": "gzip" } }));
  await using bench = new Bench({ allow: [upstream.target] });
  const response = await bench.answer(upstream.url());
  assert.equal(response.body, "hello ".repeat(100));
  assert.equal(headerOf(response, "content-encoding"), undefined);
  assert.equal(headerOf(response, "content-length"), undefined);
});

Deno.test("a Unix socket that was granted answers, with the credential of its need", async () => {
  await using dir = await tempDir();
  const path = `${dir.path}/s.sock`;
  const said: (string | null)[] = [];
  const server = Deno.serve({ path, onListen: () => {} }, (request) => {
    said.push(request.headers.get("host"), request.headers.get("authorization"));
    const { pathname, search } = new URL(request.url);
    return pathname === "/old" ? redirect("/v1/info?x=1") : new Response(pathname + search);
  });
  {
    await using bench = new Bench({ allow: [`unix:${path}`] });
    assert.equal((await bench.answer(`unix:${path}:/v1/info?x=1`)).body, "/v1/info?x=1");
    assert.equal((await bench.answer(`unix:${path}:/old`)).body, "/v1/info?x=1");
  }
  assert.deepEqual([...new Set(said)], ["localhost", `Bearer ${TOKEN}`]);
  await server.shutdown();
});

Deno.test("an upstream that is down is a failed connection, without its URL's secrets", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const target = `127.0.0.1:${listener.addr.port}`;
  listener.close();
  await using bench = new Bench({ allow: [target] });
  const failure = await bench.failure(`http://${target}/x?token=hush-hush`);
  assert.equal(failure.tag, "connection");
  const told = JSON.stringify([failure, bench.gate.lastErrors, bench.events]) + bench.lines.join("\n");
  assert.ok(!told.includes("hush-hush"), told);
  assert.ok(told.includes("token=…"), told);
});

Deno.test("a credential that is refused shows in status until it is accepted again", async () => {
  let status = 401;
  await using upstream = new Upstream(() => new Response("", { status }));
  await using bench = new Bench({ allow: [upstream.target] });
  assert.equal((await bench.answer(upstream.url())).status, 401);
  await bench.answer(upstream.url());
  const [refused] = bench.gate.describe().credentials;
  assert.equal(refused?.problem, "TEST_TOKEN: refused by 127.0.0.1");
  assert.equal(refused?.refusals, 2);
  status = 200;
  await bench.answer(upstream.url());
  assert.equal(bench.gate.describe().credentials[0]?.problem, undefined);
});

Deno.test("status tells each need, whether it is granted, and the flag that grants it", async () => {
  await using bench = new Bench({
    allow: ["example.com"],
    needs: [need("example.com"), need("api.github.com")],
  });
  await bench.failure("https://api.github.com/x");
  const { needs, denials, grants } = bench.gate.describe();
  assert.deepEqual(grants, { allow: ["example.com"], deny: [] });
  assert.deepEqual(needs.map(({ target, granted, flag }) => [target, granted, flag]), [
    ["example.com", true, "--allow-net=example.com"],
    ["api.github.com", false, "--allow-net=api.github.com"],
  ]);
  assert.equal(denials.length, 1);
  assert.deepEqual(bench.events.map(({ type }) => type), ["callout.done", "callout.denied"]);
  assert.ok(bench.lines.some((line) => line.includes("--allow-net=api.github.com")), bench.lines.join("\n"));
});

Deno.test("the planted token is in no event, no log line, no error and no description", async () => {
  await using upstream = new Upstream((request) => {
    return new URL(request.url).pathname === "/loop"
      ? redirect("/loop")
      : new Response("no", { status: 401 });
  });
  await using bench = new Bench({ allow: [upstream.target] });
  await bench.answer(upstream.url("/x"));
  await bench.failure(upstream.url("/loop"));
  await bench.failure(upstream.url(`/${TOKEN}?a=${TOKEN}`), { method: "post" });
  await bench.failure(`https://${TOKEN}/`);
  await bench.failure(`https://x.test/${TOKEN}\n`);
  const told = [bench.events, bench.lines, bench.gate.lastErrors, bench.gate.describe(), bench.gate.counts];
  const all = JSON.stringify(told) + Deno.inspect(bench.gate, { depth: 20, showHidden: true });
  assert.equal(all.toLowerCase().includes(TOKEN.toLowerCase()), false);
});
