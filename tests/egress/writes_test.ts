/**
 * Changes of an upstream: each wall stands alone, and a change passes only where every one of them lets it.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Callout, Method } from "../../runtime/egress/callout.ts";
import { Bench, need, TOKEN, Upstream } from "./fixture.ts";

const METHODS: readonly Method[] = ["post", "put", "patch", "delete"];

/** A change as a component asks for it while a step is performed. */
function change(method: Method): Partial<Callout> {
  const body = method === "delete" ? {} : { body: '{"state":"closed"}' };
  return { method, write: true, applying: true, ...body };
}

const writing = (target: string) => ({ ...need(target), write: true });

Deno.test("a change passes with the grant, the need and a step that is performed, and with nothing less", async () => {
  await using upstream = new Upstream(() => new Response("done"));
  const { target } = upstream;
  const walls: readonly [string, readonly string[], boolean, Partial<Callout>, RegExp][] = [
    ["no grant", [], true, {}, /may change the upstream, which was not granted/],
    ["another mount's grant", ["other"], true, {}, /which was not granted/],
    ["no step", ["m"], true, { applying: false }, /passes only while a draft of m is applied/],
    ["no need of writing", ["m"], false, {}, /does not ask to change it/],
    [
      "not through http-write",
      ["m"],
      true,
      { write: false },
      /may change the upstream|holds no|no JSON|type/,
    ],
  ];
  for (const method of METHODS) {
    for (const [what, apply, writes, less, why] of walls) {
      const needs = [writes ? writing(target) : need(target)];
      await using bench = new Bench({ allow: [target], apply, needs });
      const failure = await bench.failure(upstream.url("/x"), { ...change(method), ...less });
      assert.equal(failure.tag, "denied", `${method}, ${what}`);
      assert.match(failure.tag === "denied" ? failure.reason : "", why, `${method}, ${what}`);
    }
  }
  assert.equal(upstream.requests.length, 0, "nothing got through");
  await using bench = new Bench({ allow: [target], apply: ["m"], needs: [writing(target)] });
  for (const method of METHODS) {
    assert.equal((await bench.answer(upstream.url("/x"), change(method))).body, "done", method);
  }
  assert.deepEqual(upstream.requests.map((request) => request.method), ["POST", "PUT", "PATCH", "DELETE"]);
  assert.deepEqual(upstream.header("authorization"), METHODS.map(() => `Bearer ${TOKEN}`));
});

Deno.test("what may be changed is what was granted, and no other host", async () => {
  await using granted = new Upstream(() => new Response("done"));
  await using other = new Upstream(() => new Response("done"));
  const needs = [writing(granted.target), writing(other.target)];
  await using bench = new Bench({ allow: [granted.target], apply: ["m"], needs });
  assert.equal((await bench.failure(other.url(), change("post"))).tag, "denied");
  assert.deepEqual(other.requests, []);
});

Deno.test("a change that is redirected is not sent again, wherever that leads", async () => {
  await using elsewhere = new Upstream(() => new Response("done"));
  for (const status of [301, 302, 303, 307, 308]) {
    for (const location of ["/other", elsewhere.url("/x")]) {
      await using upstream = new Upstream(() => new Response(null, { status, headers: { location } }));
      const allow = [upstream.target, elsewhere.target];
      await using bench = new Bench({ allow, apply: ["m"], needs: allow.map(writing) });
      for (const method of METHODS) {
        const failure = await bench.failure(upstream.url("/x"), change(method));
        assert.equal(failure.tag, "connection", `${status} ${location}`);
        assert.match(failure.tag === "connection" ? failure.reason : "", /redirects a change/);
      }
      assert.equal(upstream.requests.length, METHODS.length, `${status} ${location}`);
    }
  }
  assert.deepEqual(elsewhere.requests, []);
});

Deno.test("a GraphQL mutation is a change, and a query through http-write is asked for as one", async () => {
  await using upstream = new Upstream(() => Response.json({ data: {} }));
  const { target } = upstream;
  await using bench = new Bench({ allow: [target], apply: ["m"], needs: [writing(target)] });
  const headers = [{ name: "content-type", value: "application/json" }];
  const mutation = { headers, method: "post", body: '{"query":"mutation W { a }"}' } as const;
  assert.equal((await bench.failure(upstream.url(), { ...mutation, applying: true })).tag, "denied");
  assert.equal((await bench.failure(upstream.url(), { ...mutation, write: true })).tag, "denied");
  assert.equal(upstream.requests.length, 0);
  await bench.answer(upstream.url(), { ...mutation, write: true, applying: true });
  assert.equal(upstream.requests.length, 1);
});

Deno.test("every change is told with what the upstream said, those that were refused too, and no read is", async () => {
  let status = 200;
  await using upstream = new Upstream(() => new Response("secret body", { status }));
  const { target } = upstream;
  await using bench = new Bench({ allow: [target], apply: ["m"], needs: [writing(target)] });
  await bench.answer(upstream.url("/read"));
  await bench.answer(upstream.url("/a?token=hush"), change("post"));
  status = 422;
  await bench.answer(upstream.url("/b"), change("patch"));
  await bench.failure(upstream.url("/c"), { ...change("delete"), applying: false });
  const sent = bench.events.filter(({ type }) => type === "mutation.sent").map(({ data }) => data);
  assert.deepEqual(sent, [
    { mount: "m", method: "post", url: upstream.url("/a?token=…"), outcome: 200 },
    { mount: "m", method: "patch", url: upstream.url("/b"), outcome: 422 },
    { mount: "m", method: "delete", url: upstream.url("/c"), outcome: "denied" },
  ]);
});
