/**
 * The GitHub provider's component, behind the gate, over the stand-in.
 *
 * @module
 */
import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { OmnifsError } from "../../runtime/base/errors.ts";
import { type GitHubStandIn } from "../fakes/github/mod.ts";
import { hostOf, type Mounted, withComponent } from "./mounted.ts";
import { conforms } from "../conformance/conforms.ts";
import { pages, textAt, walk } from "../support/projection.ts";

/** A little of everything in `acme/api`. */
async function fill(github: GitHubStandIn): Promise<void> {
  await github.createIssues("acme/api", 3);
  await github.createIssue("acme/api", { title: "done", state: "closed", body: "ä".repeat(40_000) });
  await github.addComment("acme/api", 2, "a comment");
  const pull = await github.addPull("acme/api", { title: "Add", files: { "a b.txt": "one\n" } });
  await github.addComment("acme/api", pull, "nice");
  await github.addReview("acme/api", pull, "ship it", "APPROVE");
  await github.addPull("acme/api", { state: "merged" });
  await github.addRun("acme/api", {
    jobs: [{ name: "build", log: "made\n" }, { name: "test", log: "passed" }],
  });
  await github.addRun("acme/api", {
    status: "in_progress",
    jobs: [{ name: "build", status: "in_progress" }],
  });
}

Deno.test("the provider conforms in its whole tree, and a node is one wherever it is listed", () =>
  withComponent(async ({ provider, again, github }) => {
    await fill(github);
    const expected = { paths: ["acme"], atLeast: 160, raw: /\/(log|diff)$/ };
    const seen = await conforms(provider, again, expected);
    for (const [path, node] of seen) {
      const other = path.replace(
        /\/_(open|closed|merged|running)\//,
        (_all, view) => view === "running" ? "/runs/" : "/_all/",
      );
      if (seen.has(other)) equal(seen.get(other)?.id, node.id, `${path} and ${other}`);
    }
    const one = "/acme/api/_issues/_open/1";
    equal(seen.get(one)?.id, seen.get(one.replace("_open", "_all"))?.id);
    ok(seen.has(one));
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

/** Requests to the API since the last reset. */
async function asked({ github }: Mounted): Promise<string[]> {
  return (await github.requests()).filter(({ host }) => host === "api").map(({ method, path }) =>
    `${method} ${path}`
  );
}

Deno.test("1,000 open issues with all of their files take twelve callouts from nothing", () =>
  withComponent(async (mounted) => {
    const { provider, github } = mounted;
    await github.createIssues("acme/api", 1_000);
    await github.reset();
    const open = await walk(provider, "acme/api/_issues/_open");
    ok(open);
    const listed = await pages(provider, open.id);
    deepStrictEqual((await asked(mounted)).slice(0, 3), [
      "GET /users/acme",
      "GET /repos/acme/api",
      `GET /repositories/${open.id.split("/")[1]}/issues?state=open&per_page=100`,
    ]);
    equal((await asked(mounted)).length, 12);
    const numbers = listed.flatMap(({ entries }) => entries.map(({ name }) => name));
    equal(new Set(numbers).size, 1_000);
    const complete = new Set(listed.flatMap((page) => page.complete));
    const also = Map.groupBy(listed.flatMap((page) => page.also), ({ parent }) => parent);
    for (const number of numbers) {
      const id: string = open.id.replace(/^issues/, "issue").replace(/open$/, number);
      ok(complete.has(id) && complete.has(`${id}/comments`), id);
      equal(also.get(id)?.length, 10, id);
    }
  }));

Deno.test("a list that did not change is asked for with its tag, and costs no quota", () =>
  withComponent(async ({ provider, github }) => {
    await github.createIssues("acme/api", 3);
    const open = await walk(provider, "acme/api/_issues/_open");
    ok(open);
    const first = await provider.listChildren(open.id, undefined);
    await github.reset();
    deepStrictEqual(await provider.listChildren(open.id, undefined), first);
    deepStrictEqual((await github.requests()).map(({ status }) => status), [304]);
    await github.patchIssue("acme/api", 1, { title: "changed" });
    equal(await textAt(provider, "acme/api/_issues/_open/1/title"), "changed\n");
  }));

Deno.test("a log comes from another host, which never sees the credential", () =>
  withComponent(async ({ provider, github }) => {
    const log = "0123456789".repeat(1_000);
    const { run, jobs: [job] } = await github.addRun("acme/api", { jobs: [{ name: "build", log }] });
    const node = await walk(provider, `acme/api/_actions/runs/${run}/jobs/${job}/log`);
    ok(node?.content.tag === "upstream");
    await github.reset();
    deepStrictEqual(await provider.measure(node.content), { size: 10_000, ranges: true });
    equal(
      new TextDecoder().decode(await provider.download(node.content, { offset: 5, length: 7 })),
      "5678901",
    );
    equal(await textAt(provider, `acme/api/_actions/runs/${run}/log`), `==> build <==\n${log}\n`);
    const requests = await github.requests();
    ok(requests.some(({ host }) => host === "logs"));
    for (const { host, credential, path } of requests) equal(credential, host === "api", path);
  }));

Deno.test("a log whose host was not granted is denied, and nothing else is", () =>
  withComponent(async ({ provider, github }) => {
    const { run } = await github.addRun("acme/api", { jobs: [{ name: "build", log: "x" }] });
    equal(await textAt(provider, `acme/api/_actions/runs/${run}/status`), "completed\n");
    equal(await kindOf(textAt(provider, `acme/api/_actions/runs/${run}/log`)), "denied");
  }, { allow: (github) => [hostOf(github.url)] }));

Deno.test("without a grant every request is denied before it is sent", () =>
  withComponent(async ({ provider, github }) => {
    equal(await kindOf(provider.lookupChild("", "acme")), "denied");
    deepStrictEqual(await github.requests(), []);
  }, { allow: () => ["api.github.com"] }));

Deno.test("a wrong credential is refused", () =>
  withComponent(async ({ provider }) => {
    equal(await kindOf(provider.lookupChild("", "acme")), "unauthorized");
  }, { token: "nonsense" }));

Deno.test("faults of the upstream arrive as their kinds, and it answers again when they are over", () =>
  withComponent(async ({ provider, github }) => {
    const id = (await walk(provider, "acme/api"))?.id ?? "";
    const cases: [string, number][] = [["not-found", 404], ["unauthorized", 403], ["invalid", 422], [
      "unavailable",
      500,
    ]];
    for (const [kind, status] of cases) {
      await github.fault("/repositories/", { status, times: 1 });
      equal(await kindOf(provider.listChildren(id, undefined)), kind, String(status));
    }
    equal(await provider.lookupChild("", "nobody"), undefined);
    await github.refuse(true);
    equal(await kindOf(provider.listChildren(id, undefined)), "unavailable");
    await github.refuse(false);
    equal((await provider.listChildren(id, undefined)).entries.length, 7);
  }));

Deno.test("a rate limit is waited out: it fails at once, and so does the next call, unsent", async () => {
  const limits: [number, Record<string, string>][] = [
    [429, { "retry-after": "60" }],
    [403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(Math.ceil(Date.now() / 1_000) + 60) }],
  ];
  for (const [status, headers] of limits) {
    await withComponent(async ({ provider, github }) => {
      await github.fault("/users/", { status, headers, times: 1 });
      equal(await kindOf(provider.lookupChild("", "acme")), "rate-limited");
      await github.reset();
      equal(await kindOf(provider.lookupChild("", "acme")), "rate-limited");
      deepStrictEqual(await github.requests(), []);
    });
  }
});

Deno.test("a repository that was renamed is followed to the same node", () =>
  withComponent(async ({ provider, github }) => {
    const before = await walk(provider, "acme/widgets");
    await github.moveRepository("acme/widgets", "gadgets");
    ok(before);
    equal((await walk(provider, "acme/widgets"))?.id, before.id);
    equal((await walk(provider, "acme/gadgets"))?.id, before.id);
  }));
