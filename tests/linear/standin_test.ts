/**
 * The Linear stand-in answers as Linear does: its official client says so.
 *
 * @module
 */
import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import {
  AuthenticationLinearError,
  ForbiddenLinearError,
  InvalidInputLinearError,
  LinearClient,
  RatelimitedLinearError,
} from "@linear/sdk";
import { type LinearStandIn, startLinear } from "../fakes/linear/mod.ts";

async function withLinear(
  use: (linear: LinearStandIn, client: LinearClient) => Promise<void>,
): Promise<void> {
  const linear = await startLinear();
  try {
    await use(linear, new LinearClient({ apiKey: linear.key, apiUrl: linear.url }));
  } finally {
    await linear.close();
  }
}

Deno.test("the official client reads teams, issues, comments, labels, projects and cycles", () =>
  withLinear(async (linear, client) => {
    const project = await linear.createProject({ name: "Apollo", teams: ["ENG", "OPS"] });
    const cycle = await linear.createCycle("ENG", "First");
    const made = await linear.createIssue("ENG", {
      title: "Crash",
      type: "started",
      assigned: true,
      labels: ["bug"],
      comments: ["one", "two"],
      project: project.name,
      cycle: 1,
    });
    equal((await client.viewer).displayName, "ada");
    const teams = await client.teams();
    deepStrictEqual(teams.nodes.map(({ key }) => key), ["OPS", "ENG"]);
    const issue = await client.issue("ENG-1");
    deepStrictEqual([issue.id, issue.title, issue.priorityLabel], [made.id, "Crash", "No priority"]);
    equal((await issue.state)?.type, "started");
    equal((await issue.assignee)?.name, "Ada Lovelace");
    equal((await issue.project)?.name, "Apollo");
    equal((await issue.cycle)?.id, cycle.id);
    deepStrictEqual((await issue.labels()).nodes.map(({ name }) => name), ["bug"]);
    deepStrictEqual((await issue.comments()).nodes.map(({ body }) => body), ["two", "one"]);
    deepStrictEqual((await (await client.project(project.name)).teams()).nodes.map(({ key }) => key), [
      "OPS",
      "ENG",
    ]);
  }));

Deno.test("the official client pages through issues by state type to the last of them", () =>
  withLinear(async (linear, client) => {
    await linear.createIssues("ENG", 120, { type: "backlog" });
    await linear.createIssues("ENG", 3, { type: "completed" });
    const filter = { team: { key: { eq: "ENG" } }, state: { type: { in: ["backlog"] } } };
    let page = await client.issues({ filter, first: 50 });
    equal(page.nodes.length, 50);
    while (page.pageInfo.hasNextPage) page = await page.fetchNext();
    deepStrictEqual(page.nodes.map(({ number }) => number), Array.from({ length: 120 }, (_, at) => 120 - at));
  }));

Deno.test("the official client recognises each error", () =>
  withLinear(async (linear, client) => {
    const stranger = new LinearClient({ apiKey: "lin_api_wrong", apiUrl: linear.url });
    await rejects(async () => await stranger.viewer, AuthenticationLinearError);
    await rejects(async () => await client.issue("ENG-99"), InvalidInputLinearError);
    await linear.fault("", { code: "FORBIDDEN", times: 1 });
    await rejects(async () => await client.viewer, ForbiddenLinearError);
    const headers = { "x-ratelimit-requests-remaining": "0", "x-ratelimit-requests-reset": "1800000000000" };
    await linear.fault("", { code: "RATELIMITED", headers, times: 1 });
    await rejects(async () => await client.viewer, (error) => {
      ok(error instanceof RatelimitedLinearError);
      equal(error.requestsResetAt, 1_800_000_000_000);
      return true;
    });
    equal((await client.viewer).name, "Ada Lovelace");
  }));

Deno.test("a query that is too complex by Linear's rule is refused, and every cost is told", () =>
  withLinear(async (linear) => {
    const ask = (query: string) =>
      fetch(linear.url, {
        method: "POST",
        headers: { "content-type": "application/json", "authorization": linear.key },
        body: JSON.stringify({ query }),
      });
    // A hundred issues of 1 + 0.1 + 50 × (1 + 0.1) points each; then with 250 in place of 50.
    const cheap = await ask("query A { issues(first: 100) { nodes { id labels { nodes { id } } } } }");
    equal(cheap.headers.get("x-complexity"), "5610");
    ok("data" in await cheap.json());
    const dear = await ask(
      "query B { issues(first: 100) { nodes { id labels(first: 250) { nodes { id } } } } }",
    );
    equal(dear.status, 400);
    ok("errors" in await dear.json());
    deepStrictEqual((await linear.requests()).map(({ operation, status }) => [operation, status]), [[
      "A",
      200,
    ], [
      "B",
      400,
    ]]);
  }));
