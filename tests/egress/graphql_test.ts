/**
 * POSTs that are GraphQL queries, and POSTs in the disguise of one.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readQuery } from "../../runtime/egress/graphql.ts";
import { Bench, Upstream } from "./fixture.ts";

const JSON_TYPE = "application/json";
const READ = "query R { a }";
const WRITE = "mutation W { a }";

/** What is refused: a part of the reason; undefined for what passes. */
type Row = readonly [what: string, body: unknown, refused?: RegExp | undefined, type?: string];

const DEEP = "{a".repeat(2_000) + "}".repeat(2_000);

const ROWS: readonly Row[] = [
  ["a query", { query: READ }],
  ["the short form", { query: "{ a }" }],
  ["variables and a name", {
    query: "query R($n: Int) { a(n: $n) }",
    operationName: "R",
    variables: { n: 1 },
  }],
  ["null for what is absent", { query: READ, operationName: null, variables: null }],
  ["fragments", { query: "{ ...F } fragment F on T { a ...G } fragment G on T { b }" }],
  ["several queries", { query: "query A { a } query B { b }", operationName: "B" }],
  ["the word in a string", { query: '{ a(s: "mutation { x }") }' }],
  ["the word in a comment", { query: "# mutation { x }\n{ a }" }],
  ["a field of that name", { query: "{ mutation subscription }" }],
  ["a batch", [{ query: READ }, { query: "{ b }" }]],
  ["a charset", { query: READ }, undefined, "application/json; charset=UTF-8"],
  ["a mutation", { query: WRITE }, /holds a mutation/],
  ["a mutation behind a comment", { query: "#{ a }\nmutation { a }" }, /holds a mutation/],
  ["a mutation after a byte order mark", { query: "\uFEFFmutation { a }" }, /holds a mutation/],
  ["a mutation between commas", { query: ",,, mutation,{ a }" }, /holds a mutation/],
  [
    "a mutation beside the query that is named",
    { query: READ + WRITE, operationName: "R" },
    /holds a mutation/,
  ],
  [
    "a mutation before the query that is named",
    { query: WRITE + READ, operationName: "R" },
    /holds a mutation/,
  ],
  ["a subscription", { query: "subscription { a }" }, /holds a subscription/],
  ["a batch with one mutation", [{ query: READ }, { query: WRITE }], /holds a mutation/],
  ["a batch within a batch", [[{ query: READ }]], /no document/],
  ["an empty batch", [], /1 to 50/],
  ["a long batch", Array.from({ length: 51 }, () => ({ query: READ })), /1 to 50/],
  ["a persisted query", { extensions: { persistedQuery: { version: 1, sha256Hash: "x" } } }, /no document/],
  ["a query by its id", { id: "1", variables: {} }, /no document/],
  ["an empty document", { query: "" }, /cannot be read/],
  ["fragments alone", { query: "fragment F on T { a }" }, /no operation/],
  ["a schema", { query: "type T { a: Int }" }, /defines a schema/],
  ["a query and a schema", { query: "{ a } extend type T { a: Int }" }, /defines a schema/],
  ["what is no GraphQL", { query: "SELECT 1" }, /cannot be read/],
  ["an unfinished document", { query: "{ a" }, /cannot be read/],
  ["two documents", { query: "{ a } }" }, /cannot be read/],
  ["an upper-case keyword", { query: "MUTATION { a }" }, /cannot be read/],
  ["a document that is a list", { query: [READ] }, /no document/],
  ["a name that is a list", { query: READ, operationName: ["R"] }, /no text/],
  ["a body that is null", null, /no request/],
  ["a body that is text", READ, /no request/],
  ["a long document", { query: `{ a } #${"x".repeat(65_536)}` }, /longer than 65536/],
  ["many tokens", { query: `{ ${"a ".repeat(5_001)} }` }, /cannot be read/],
  ["deep nesting", { query: DEEP }, /cannot be read/],
  ["a long body", { query: READ, variables: "x".repeat(1_048_576) }, /longer than 1048576/],
  ["another content type", { query: READ }, /content type/, "text/plain"],
  ["a form", { query: READ }, /content type/, "application/x-www-form-urlencoded"],
  ["a multipart body", { query: READ }, /content type/, "multipart/form-data; boundary=x"],
  ["another charset", { query: READ }, /content type/, "application/json; charset=utf-7"],
  ["two content types", { query: READ }, /content type/, "application/json, text/plain"],
  ["no content type", { query: READ }, /content type/, ""],
];

for (const [what, body, refused, type = JSON_TYPE] of ROWS) {
  Deno.test(`GraphQL: ${what} ${refused === undefined ? "passes" : "is refused"}`, () => {
    const read = readQuery(type === "" ? null : type, JSON.stringify(body));
    if (refused === undefined) assert.ok("body" in read, JSON.stringify(read));
    else assert.match("refused" in read ? read.refused : "it passed", refused);
  });
}

Deno.test("GraphQL: bytes that are no UTF-8, text that is no JSON, and no body at all are refused", () => {
  const bytes = new TextEncoder().encode(JSON.stringify({ query: READ }));
  assert.ok("body" in readQuery(JSON_TYPE, bytes));
  const sixteen = new Uint8Array([...bytes].flatMap((byte) => [byte, 0]));
  for (const body of [bytes.with(3, 0xff), sixteen, "{'query': 1}", "{} {}", undefined]) {
    assert.ok("refused" in readQuery(JSON_TYPE, body));
  }
});

Deno.test("GraphQL: of two members with one name, the one that was checked is the only one that is sent", () => {
  const first = `{"query": ${JSON.stringify(WRITE)}, "query": ${JSON.stringify(READ)}}`;
  assert.deepEqual(readQuery(JSON_TYPE, first), { body: JSON.stringify({ query: READ }) });
  const last = `{"query": ${JSON.stringify(READ)}, "\\u0071uery": ${JSON.stringify(WRITE)}}`;
  assert.match(JSON.stringify(readQuery(JSON_TYPE, last)), /holds a mutation/);
});

Deno.test("GraphQL: members that the gate does not know, extensions among them, are not sent", () => {
  const body = {
    query: READ,
    variables: { n: [1, "a"] },
    extensions: { persistedQuery: {} },
    id: "x",
    documentId: 1,
  };
  assert.deepEqual(readQuery(JSON_TYPE, JSON.stringify(body)), {
    body: JSON.stringify({ query: READ, variables: { n: [1, "a"] } }),
  });
});

const HEADERS = [{ name: "Content-Type", value: JSON_TYPE }];

Deno.test("a query goes out with its credential, and no header makes another method of it", async () => {
  const bodies: string[] = [];
  await using upstream = new Upstream(async (request) => {
    bodies.push(await request.text());
    return Response.json({ data: {} });
  });
  await using bench = new Bench({ allow: [upstream.target] });
  const body = JSON.stringify({ query: READ, extensions: {} });
  const names = ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "Content-Encoding"];
  const headers = [...HEADERS, ...names.map((name) => ({ name, value: "DELETE" }))];
  const answer = await bench.answer(upstream.url("/graphql"), { method: "post", headers, body });
  assert.equal(answer.body, '{"data":{}}');
  assert.deepEqual(bodies, [JSON.stringify({ query: READ })]);
  const [request] = upstream.requests;
  assert.equal(request?.method, "POST");
  assert.match(request?.headers.get("authorization") ?? "", /^Bearer /);
  for (const name of names) assert.equal(request?.headers.get(name), null, name);
});

Deno.test("a mutation, a query in the URL, another method and a query through http-write are denied, unsent", async () => {
  await using upstream = new Upstream(() => new Response("changed"));
  await using bench = new Bench({ allow: [upstream.target] });
  const query = { method: "post", headers: HEADERS, body: JSON.stringify({ query: READ }) } as const;
  const url = upstream.url("/graphql");
  const failures = [
    await bench.failure(url, { ...query, body: JSON.stringify({ query: WRITE }) }),
    await bench.failure(`${url}?query=mutation{a}`, query),
    await bench.failure(url, { ...query, method: "put" }),
    await bench.failure(url, { ...query, write: true }),
    await bench.failure(url, { ...query, headers: [] }),
    await bench.failure(url, { ...query, headers: [...HEADERS, ...HEADERS] }),
  ];
  for (const failure of failures) assert.equal(failure.tag === "denied" && failure.flag, "--allow-apply=m");
  assert.equal(upstream.requests.length, 0);
});

Deno.test("a query needs its grant as a read does, and is not taken elsewhere by a redirect", async () => {
  await using far = new Upstream(() => new Response("changed"));
  await using upstream = new Upstream(() =>
    new Response(null, { status: 307, headers: { location: far.url() } })
  );
  await using bench = new Bench({ allow: [upstream.target, far.target] });
  const query = { method: "post", headers: HEADERS, body: JSON.stringify({ query: READ }) } as const;
  const denied = await bench.failure("https://api.example.test/graphql", query);
  assert.equal(denied.tag, "denied");
  assert.equal((await bench.failure(upstream.url(), query)).tag, "connection");
  assert.equal(far.requests.length, 0);
});
