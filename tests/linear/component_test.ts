/**
 * The Linear provider's component, behind the gate, over the stand-in.
 *
 * @module
 */
import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { OmnifsError } from "../../runtime/base/errors.ts";
import type { LinearStandIn } from "../fakes/linear/mod.ts";
import { withComponent } from "./mounted.ts";
import { conforms } from "../conformance/conforms.ts";
import { pages, textAt, walk } from "../support/projection.ts";

/** A little of everything; answers the slug of a project. */
async function fill(linear: LinearStandIn): Promise<string> {
  const { name: project } = await linear.createProject({
    name: "Apollo",
    content: "# Apollo\n\nTo the moon.\n",
    teams: ["ENG", "OPS"],
  });
  await linear.createCycle("ENG", "First");
  await linear.createCycle("ENG");
  await linear.createIssue("ENG", {
    title: "Crash on long context",
    description: "It crashes.\n\nEvery time.\n\n",
    type: "started",
    priority: 1,
    assigned: true,
    labels: ["bug", "p/1"],
    comments: ["first", "second\n"],
    project,
    cycle: 1,
  });
  for (const type of ["triage", "backlog", "unstarted", "completed", "canceled"]) {
    await linear.createIssue("ENG", { type, description: null });
  }
  await linear.createIssue("ENG", { type: "completed", archived: true, project });
  await linear.createIssue("ENG", { type: "backlog", trashed: true });
  await linear.createIssue("ENG", { title: "Many", comments: many(23, "comment") });
  await linear.createIssue("ENG", { title: "Labelled", labels: many(12, "label") });
  await linear.createIssue("ENG", { title: "Long", description: "ä".repeat(40_000) });
  await linear.addComments("ENG-2", ["from a bot"], true);
  await linear.createIssue("OPS", { title: "Elsewhere", project });
  return project;
}

const many = (count: number, word: string) => Array.from({ length: count }, (_, at) => `${word} ${at}`);

Deno.test("the provider conforms in its whole tree, and a node is one wherever it is listed", () =>
  withComponent(async ({ provider, again, linear }) => {
    const project = await fill(linear);
    const seen = await conforms(provider, again, { atLeast: 250 });
    const one = "/teams/ENG/issues/_all/ENG-1";
    const others = ["/teams/ENG/issues/_open/ENG-1", "/teams/ENG/issues/_started/ENG-1"];
    others.push(`/projects/${project}/issues/ENG-1`, "/teams/ENG/cycles/1/issues/ENG-1");
    const { id } = seen.get(one) ?? {};
    ok(id);
    for (const path of others) equal(seen.get(path)?.id, id, path);
    const shared = `/teams/OPS/projects/${project}`;
    equal(seen.get(shared)?.id, seen.get(`/projects/${project}`)?.id, shared);
  }));

Deno.test("every view holds the issues whose state is of its types", () =>
  withComponent(async ({ provider, linear }) => {
    await fill(linear);
    const numbers = async (view: string) => {
      const id = (await walk(provider, `teams/ENG/issues/${view}`))?.id ?? "";
      const names = (await pages(provider, id)).flatMap(({ entries }) => entries.map(({ name }) => name));
      return names.map((name) => Number(name.slice(4))).sort((a, b) => a - b);
    };
    deepStrictEqual(await numbers("_open"), [1, 2, 3, 4, 9, 10, 11]);
    deepStrictEqual(await numbers("_closed"), [5, 6, 7]);
    deepStrictEqual(await numbers("_all"), [1, 2, 3, 4, 5, 6, 7, 9, 10, 11]);
    deepStrictEqual(await numbers("_backlog"), [3]);
    deepStrictEqual(await numbers("_started"), [1]);
  }));

Deno.test("an issue, its comments, a project and a cycle read as files", () =>
  withComponent(async ({ provider, linear }) => {
    const project = await fill(linear);
    const issue = "teams/ENG/issues/_open/ENG-1";
    const read = async (name: string, from = issue) => await textAt(provider, `${from}/${name}`);
    equal(await read("title"), "Crash on long context\n");
    equal(await read("description.md"), "It crashes.\n\nEvery time.\n");
    equal(await read("state"), "In Progress\n");
    equal(await read("priority"), "Urgent\n");
    equal(await read("assignee"), "ada\n");
    equal(await read("labels"), "p/1\nbug\n");
    equal(await read("url"), "https://linear.app/acme/issue/ENG-1\n");
    const json = JSON.parse(await read("issue.json") ?? "");
    deepStrictEqual([json.identifier, json.labels[1].name, json.comments], ["ENG-1", "bug", undefined]);
    equal(await read("assignee", "teams/ENG/issues/_open/ENG-3"), "");
    equal(await read("description.md", "teams/ENG/issues/_open/ENG-3"), "");
    equal((await read("labels", "teams/ENG/issues/_all/ENG-10"))?.split("\n").length, 13);
    equal((await read("description.md", "teams/ENG/issues/_all/ENG-11"))?.length, 40_001);
    const comments = await pages(provider, (await walk(provider, `${issue}/comments`))?.id ?? "");
    const [second, first] = comments.flatMap(({ entries }) => entries.map(({ name }) => name));
    equal(await read(`comments/${first}/body`), "first\n");
    equal(await read(`comments/${second}/body`), "second\n");
    equal(await read(`comments/${first}/user`), "ada\n");
    const [bot] = await linear.addComments("ENG-3", ["beep"], true);
    equal(await read(`comments/${bot}/user`, "teams/ENG/issues/_open/ENG-3"), "GitHub\n");
    equal(await read("name", "teams/ENG"), "Engineering\n");
    equal(await read("content.md", `projects/${project}`), "# Apollo\n\nTo the moon.\n");
    equal(await read("teams", `teams/OPS/projects/${project}`), "OPS\nENG\n");
    equal(await read("starts_at", "teams/ENG/cycles/1"), "2026-01-05T00:00:00.000Z\n");
  }));

Deno.test("an issue that moved to another team keeps its identity, and leaves its old name", () =>
  withComponent(async ({ provider, linear }) => {
    const { name } = await linear.createIssue("ENG");
    const before = await walk(provider, `teams/ENG/issues/_all/${name}`);
    const after = await linear.patchIssue(name, { team: "OPS" });
    equal(await walk(provider, `teams/ENG/issues/_all/${name}`), undefined);
    equal(await walk(provider, `teams/ENG/issues/_all/${after.name}`), undefined);
    equal((await walk(provider, `teams/OPS/issues/_all/${after.name}`))?.id, before?.id);
  }));

Deno.test("what a draft may change is writable, and nothing else is", () =>
  withComponent(async ({ provider, linear }) => {
    await linear.createIssue("ENG", { comments: ["one"] });
    const writable: string[] = [];
    const below = async (id: string, path: string): Promise<void> => {
      for (const { name, node } of (await provider.listChildren(id, undefined)).entries) {
        if (node.writable) writable.push(`${path}${name}`);
        if (node.directory) await below(node.id, `${path}${name.replace(/^[\da-f-]{36}$/, "id")}/`);
      }
    };
    await below((await walk(provider, "teams/ENG/issues/_open/ENG-1"))?.id ?? "", "");
    const fields = ["title", "description.md", "state", "priority", "assignee", "labels"];
    deepStrictEqual(writable, [...fields, "comments", "comments/id/body"]);
    const views = await provider.listChildren(
      (await walk(provider, "teams/ENG/issues"))?.id ?? "",
      undefined,
    );
    deepStrictEqual(views.entries.filter(({ node }) => node.writable).map(({ name }) => name), ["_open"]);
  }));

Deno.test("500 open issues with all of their files and comments take eleven callouts, none too complex", () =>
  withComponent(async ({ provider, linear }) => {
    await linear.createIssues("ENG", 500, { comments: ["one", "two"], labels: ["bug"] });
    await linear.reset();
    const open = await walk(provider, "teams/ENG/issues/_open");
    ok(open);
    const listed = await pages(provider, open.id);
    const asked = await linear.requests();
    deepStrictEqual(asked.map(({ operation }) => operation), [
      "TeamByKey",
      ...Array.from({ length: 10 }, () => "TeamIssues"),
    ]);
    ok(asked.every(({ complexity }) => complexity < 9_000), String(asked.at(-1)?.complexity));
    const names = listed.flatMap(({ entries }) => entries);
    equal(names.length, 500);
    const complete = new Set(listed.flatMap((page) => page.complete));
    const also = Map.groupBy(listed.flatMap((page) => page.also), ({ parent }) => parent);
    for (const { node } of names) {
      ok(complete.has(node.id) && complete.has(`${node.id}/comments`), node.id);
      equal(also.get(node.id)?.length, 9);
      const comments = also.get(`${node.id}/comments`) ?? [];
      equal(comments.length, 2);
      for (const { entry } of comments) equal(also.get(entry.node.id)?.length, 3);
    }
  }));

Deno.test("an issue with more comments than its list tells has them listed by a call of their own", () =>
  withComponent(async ({ provider, linear }) => {
    await linear.createIssue("ENG", { comments: many(230, "comment") });
    const open = await walk(provider, "teams/ENG/issues/_open");
    const [page] = await pages(provider, open?.id ?? "");
    const id = page?.entries[0]?.node.id ?? "";
    deepStrictEqual(page?.complete, [id]);
    await linear.reset();
    const comments = await pages(provider, `${id}/comments`);
    deepStrictEqual(comments.map(({ entries }) => entries.length), [100, 100, 30]);
    deepStrictEqual((await linear.requests()).map(({ operation }) => operation), Array(3).fill("Comments"));
  }));

/** How a call fails, as one of the kinds of omnifs. */
async function kindOf(call: Promise<unknown>): Promise<string> {
  let kind = "it did not fail";
  await rejects(call, (error) => {
    kind = error instanceof OmnifsError ? error.kind : String(error);
    return true;
  });
  return kind;
}

Deno.test("each code of Linear's errors arrives as its kind, and it answers again when that is over", () =>
  withComponent(async ({ provider, linear }) => {
    await linear.createIssue("ENG");
    const team = (await walk(provider, "teams/ENG"))?.id ?? "";
    const cases: [string, Parameters<LinearStandIn["fault"]>[1]][] = [
      ["rate-limited", { code: "RATELIMITED" }],
      ["rate-limited", { code: "RATELIMITED", status: 200 }],
      ["unauthorized", { code: "AUTHENTICATION_ERROR" }],
      ["unauthorized", { code: "AUTHENTICATION_ERROR", status: 400 }],
      ["unauthorized", { code: "FORBIDDEN" }],
      ["unauthorized", { code: "FORBIDDEN", status: 200 }],
      ["unauthorized", { code: "FEATURE_NOT_ACCESSIBLE" }],
      ["not-found", { code: "INPUT_ERROR", message: "Entity not found: Team" }],
      ["invalid", { code: "INPUT_ERROR" }],
      ["invalid", { code: "USER_ERROR" }],
      ["unavailable", { code: "LOCK_TIMEOUT" }],
      ["unavailable", { code: "INTERNAL_SERVER_ERROR", status: 200 }],
      ["unauthorized", { code: "NEW_CODE", status: 403 }],
      ["unavailable", { code: "NEW_CODE", status: 200 }],
      ["unavailable", { status: 502 }],
      ["unavailable", { status: 200 }],
    ];
    for (const [kind, fault] of cases) {
      await linear.fault("", { ...fault, times: 1 });
      equal(await kindOf(provider.listChildren(team, undefined)), kind, JSON.stringify(fault));
    }
    await linear.refuse(true);
    equal(await kindOf(provider.listChildren(team, undefined)), "unavailable");
    await linear.refuse(false);
    equal((await provider.listChildren(team, undefined)).entries.length, 5);
    for (
      const path of ["teams/NONE", "teams/ENG/issues/_all/ENG-99", "projects/none", "teams/ENG/cycles/9"]
    ) {
      equal(await walk(provider, path), undefined, path);
    }
    const gone = "team/00000000-0000-4000-8000-000000000000";
    equal(await kindOf(provider.listChildren(gone, undefined)), "not-found");
  }));

Deno.test("a limit that is spent is waited out: until its reset nothing is sent", () =>
  withComponent(async ({ provider, linear }) => {
    const team = (await walk(provider, "teams/ENG"))?.id ?? "";
    const reset = Date.now() + 600_000;
    const headers = { "x-ratelimit-complexity-remaining": "0", "x-ratelimit-complexity-reset": `${reset}` };
    await linear.reset();
    await linear.fault("", { code: "RATELIMITED", headers, times: 1 });
    for (const _ of [1, 2]) {
      await rejects(provider.listChildren(team, undefined), (error) => {
        ok(error instanceof OmnifsError && error.kind === "rate-limited", String(error));
        ok((error.retryAfter ?? 0) > 300_000 && (error.retryAfter ?? 0) <= 600_000, `${error.retryAfter}`);
        return true;
      });
    }
    equal((await linear.requests()).length, 1);
  }));

Deno.test("names that Linear cannot have are absent without a request", () =>
  withComponent(async ({ provider, linear }) => {
    const team = (await walk(provider, "teams/ENG"))?.id ?? "";
    await linear.reset();
    for (const path of [".git", "teams/.git", "teams/eng", "projects/.git", "Teams"]) {
      equal(await walk(provider, path), undefined, path);
    }
    for (const name of ["ENG", "ENG-0", "eng-1", ".hidden"]) {
      equal(await provider.lookupChild(team.replace("team/", "issues/") + "/all", name), undefined, name);
    }
    deepStrictEqual(await linear.requests(), []);
  }));

Deno.test("a wrong key is refused, and without a grant nothing is sent", async () => {
  await withComponent(async ({ provider }) => {
    equal(await kindOf(provider.lookupChild("teams", "ENG")), "unauthorized");
  }, { key: () => "lin_api_wrong" });
  await withComponent(async ({ provider, linear }) => {
    equal(await kindOf(provider.lookupChild("teams", "ENG")), "denied");
    deepStrictEqual(await linear.requests(), []);
  }, { allow: ["api.linear.app"] });
});

Deno.test("an OAuth token is a credential as well as a key", () =>
  withComponent(async ({ provider }) => {
    equal(await textAt(provider, "teams/ENG/name"), "Engineering\n");
  }, { key: (linear) => linear.token }));
