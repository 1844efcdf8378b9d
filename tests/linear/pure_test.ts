/**
 * The Linear provider without an upstream: identities, settings, and what an answer is made into.
 *
 * @module
 */
import { deepStrictEqual, equal, throws } from "node:assert/strict";
import { parse as parseQuery } from "graphql";
import { Api } from "../../providers/linear/api.ts";
import { manifestOf, settingsOf } from "../../providers/linear/config.ts";
import { isIdentifier, isKey, isUuid, mint, parse } from "../../providers/linear/ids.ts";
import { ISSUE, onIssue, person } from "../../providers/linear/issues.ts";
import { children, insides } from "../../providers/linear/kinds.ts";
import * as queries from "../../providers/linear/queries.ts";
import { viewOf } from "../../providers/linear/views.ts";
import { HttpClient } from "../../providers/sdk/client.ts";
import { type Failure, ProviderError, type Request } from "../../providers/sdk/mod.ts";
import { complexityOf } from "../fakes/linear/complexity.ts";

const UUID = "0b8c1d2e-3f40-4a5b-8c6d-7e8f90a1b2c3";
const NOW = 1_800_000_000_000;

interface Told {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body: unknown;
}

/** The API as one answer has it; what was sent goes into `sent`. */
function apiOf({ status = 200, headers = {}, body }: Told, sent: Request[] = []): Api {
  const list = Object.entries(headers).map(([name, value]) => ({ name, value }));
  const val = typeof body === "string" ? body : JSON.stringify(body);
  const http = new HttpClient((request) => {
    sent.push(request);
    return { status, headers: list, body: { tag: "text", val } };
  });
  return new Api(http, settingsOf({}), () => NOW);
}

function failureOf(told: Told): Failure {
  let failure: Failure | undefined;
  throws(() => apiOf(told).query("{ viewer { id } }", {}), (error) => {
    failure = error instanceof ProviderError ? error.failure : undefined;
    return true;
  });
  if (failure === undefined) throw new Error("it failed otherwise");
  return failure;
}

const coded = (code: string, more: Record<string, unknown> = {}) => ({
  errors: [{ message: "why", extensions: { code, ...more } }],
});

Deno.test("an identity is parsed into what it was minted from, and nothing else is one", () => {
  deepStrictEqual(parse(mint("issue", UUID, "title")), { kind: "issue", uuid: UUID, part: "title" });
  deepStrictEqual(parse(mint("team", UUID)), { kind: "team", uuid: UUID, part: "" });
  for (const id of ["", "teams", "issue", "issue/42", `user/${UUID}`, `issue/${UUID}/a/b`]) {
    equal(parse(id), undefined, id);
  }
  deepStrictEqual(["ENG", "A1", "eng", "", "A-1"].map(isKey), [true, true, false, false, false]);
  deepStrictEqual(["ENG-1", "ENG-01", "ENG-", "eng-1"].map(isIdentifier), [true, false, false, false]);
  deepStrictEqual([UUID, UUID.toUpperCase(), "x"].map(isUuid), [true, false, false]);
});

Deno.test("the manifest asks for the host of the endpoint, to read it and to change it by drafts", () => {
  deepStrictEqual(manifestOf(settingsOf({})).needs?.map(({ target, write }) => [target, write]), [[
    "api.linear.app",
    true,
  ]]);
  const own = manifestOf(settingsOf({ endpoint: "http://127.0.0.1:4110/graphql" }));
  equal(own.needs?.[0]?.target, "127.0.0.1:4110");
  throws(() => manifestOf({ endpoint: "nonsense" }), ProviderError);
});

Deno.test("a query goes out as one POST of JSON without a credential", () => {
  const sent: Request[] = [];
  const api = apiOf({ body: { data: { team: { id: UUID } } } }, sent);
  deepStrictEqual(api.object("team", "query Q { x }", { id: UUID, after: undefined }), { id: UUID });
  deepStrictEqual(sent.map(({ method, url }) => [method, url]), [["post", "https://api.linear.app/graphql"]]);
  deepStrictEqual(sent[0]?.body, {
    tag: "text",
    val: `{"query":"query Q { x }","variables":{"id":"${UUID}"}}`,
  });
  deepStrictEqual(sent[0]?.headers.map(({ name }) => name), ["accept", "content-type", "user-agent"]);
});

Deno.test("a rate limit tells how long it lasts, from the header of the limit that is spent", () => {
  const headers = {
    "x-ratelimit-requests-remaining": "12",
    "x-ratelimit-requests-reset": String(NOW + 9_000),
    "x-ratelimit-complexity-remaining": "0",
    "x-ratelimit-complexity-reset": String(NOW + 5_000),
  };
  const body = coded("RATELIMITED");
  deepStrictEqual(failureOf({ status: 400, headers, body }), { tag: "rate-limited", val: 5_000 });
  deepStrictEqual(failureOf({ status: 400, headers: { "retry-after": "7" }, body }), {
    tag: "rate-limited",
    val: 7_000,
  });
  deepStrictEqual(failureOf({ status: 400, body }), { tag: "rate-limited", val: undefined });
});

Deno.test("each code of an error is a case of its own, whatever the HTTP status says", () => {
  const cases: [string, Told][] = [
    ["unauthorized", { status: 400, body: coded("AUTHENTICATION_ERROR") }],
    ["unauthorized", { body: coded("FORBIDDEN") }],
    ["unauthorized", { body: { errors: [{ message: "no", extensions: { type: "authentication error" } }] } }],
    ["invalid", { status: 400, body: coded("INPUT_ERROR") }],
    ["invalid", { body: { errors: [{ message: "no", extensions: { type: "user error" } }] } }],
    ["not-found", {
      body: { errors: [{ message: "Entity not found: X", extensions: { code: "INPUT_ERROR" } }] },
    }],
    ["unavailable", { body: coded("INTERNAL_SERVER_ERROR") }],
    ["internal", { status: 400, body: coded("GRAPHQL_VALIDATION_FAILED") }],
    ["unavailable", { body: coded("NEW") }],
    ["invalid", { status: 400, body: coded("NEW") }],
    ["not-found", { status: 404, body: "<html>" }],
    ["rate-limited", { status: 429, body: "" }],
    ["unavailable", { status: 503, body: "<html>" }],
    ["unavailable", { body: "<html>" }],
    ["unavailable", { body: { data: null } }],
  ];
  for (const [tag, told] of cases) equal(failureOf(told).tag, tag, JSON.stringify(told));
});

Deno.test("every query parses, has one operation that reads, and costs less than Linear allows", () => {
  const whole = Object.entries(queries).filter(([, query]) => query.startsWith("query"));
  equal(whole.length > 5, true, `${whole.length} queries`);
  for (const [name, query] of whole) {
    const operations = parseQuery(query).definitions.filter((one) => one.kind === "OperationDefinition");
    deepStrictEqual(operations.map(({ operation }) => operation), ["query"], name);
    equal(complexityOf(query, {}) < 10_000, true, `${name}: ${complexityOf(query, {})}`);
  }
});

const issue = {
  id: UUID,
  identifier: "ENG-1",
  title: "One",
  description: null,
  updatedAt: "2026-01-02T03:04:05.678Z",
  state: { name: "Todo", type: "unstarted" },
  team: { id: UUID },
  assignee: null,
  labels: { nodes: [{ name: "bug" }], pageInfo: { hasNextPage: false } },
  comments: {
    nodes: [{ id: UUID, body: "hi", updatedAt: "2026-01-02T03:04:06.000Z" }],
    pageInfo: { hasNextPage: false },
  },
};

Deno.test("an issue's files carry its date, its version and its team's watch", () => {
  for (const { name, node } of children(ISSUE, issue)) {
    equal(node.modified, Date.UTC(2026, 0, 2, 3, 4, 5, 678), name);
    equal(node.version, issue.updatedAt, name);
    deepStrictEqual(node.freshness, { tag: "watched", val: `team:${UUID}` }, name);
  }
});

Deno.test("comments are told with their issue unless there are more of them", () => {
  const { complete } = insides(ISSUE, [issue]);
  deepStrictEqual(complete, [`issue/${UUID}`, `issue/${UUID}/comments`, `comment/${UUID}`]);
  const more = { ...issue, comments: { nodes: issue.comments.nodes, pageInfo: { hasNextPage: true } } };
  deepStrictEqual(insides(ISSUE, [more]).complete, [`issue/${UUID}`]);
  deepStrictEqual(onIssue(issue, { id: "c" }), { id: "c", issue: { id: UUID, team: { id: UUID } } });
});

Deno.test("labels that an answer does not tell whole are asked for, and issue.json with them", () => {
  const more = { ...issue, labels: { nodes: [], pageInfo: { hasNextPage: true } } };
  const asked = children(ISSUE, more).filter(({ node }) =>
    node.kind === "file" && node.content.tag === "ask"
  );
  deepStrictEqual(asked.map(({ name }) => name), ["labels", "issue.json"]);
});

Deno.test("a person is shown by the name that is unique in the workspace", () => {
  equal(person({ name: "Ada Lovelace", displayName: "ada" }), "ada");
  equal(person({ name: "GitHub" }), "GitHub");
  equal(person(null), undefined);
});

Deno.test("a view holds what its filter asks for, and nothing that was deleted", () => {
  const of = (type: string, more: Record<string, unknown> = {}) => ({
    state: { type },
    archivedAt: null,
    ...more,
  });
  const held = (item: Record<string, unknown>) =>
    ["open", "closed", "all", "backlog", "started"].filter((view) => viewOf(view)?.holds(item));
  deepStrictEqual(held(of("triage")), ["open", "all"]);
  deepStrictEqual(held(of("backlog")), ["open", "all", "backlog"]);
  deepStrictEqual(held(of("started")), ["open", "all", "started"]);
  deepStrictEqual(held(of("canceled", { archivedAt: "2026-01-01" })), ["closed", "all"]);
  deepStrictEqual(held(of("a type of later")), ["closed", "all"]);
  deepStrictEqual(held(of("backlog", { trashed: true })), []);
  equal(viewOf("constructor"), undefined);
});
