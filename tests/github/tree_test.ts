/**
 * The GitHub provider's own code over the stand-in: what each directory holds, and what each answer costs.
 *
 * @module
 */
import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { type ListingDefinition, type Node, ProviderError } from "../../providers/sdk/mod.ts";
import { type GitHubStandIn, startGitHub } from "../fakes/github/mod.ts";
import { type Direct, direct, inlineText } from "./direct.ts";

async function withTree(use: (tree: Direct, github: GitHubStandIn) => Promise<void>): Promise<void> {
  const github = await startGitHub();
  try {
    await use(direct(github.url, github.token), github);
  } finally {
    await github.close();
  }
}

/** The node that a path leads to, by look-ups alone. */
async function walk(tree: Direct, path: string): Promise<Node | undefined> {
  let node: Node | undefined;
  for (const name of path.split("/")) {
    node = await tree.lookup(node?.id ?? "", name);
    if (node === undefined) return undefined;
  }
  return node;
}

async function text(tree: Direct, path: string): Promise<string | undefined> {
  const node = await walk(tree, path);
  if (node === undefined || node.content.tag === "inline") return inlineText(node);
  const bytes = await tree.read(node.id);
  return typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes);
}

async function names(tree: Direct, path: string): Promise<string[]> {
  const node = await walk(tree, path);
  ok(node, `${path} is there`);
  return (await pages(tree, node.id)).flatMap(({ entries }) => entries.map(({ name }) => name));
}

async function pages(tree: Direct, id: string): Promise<ListingDefinition[]> {
  const found = [await tree.list(id)];
  for (let next = found[0]?.next; next !== undefined; next = found.at(-1)?.next) {
    found.push(await tree.list(id, next));
  }
  return found;
}

/** How a call fails, as the contract's case. */
async function failure(call: Promise<unknown>): Promise<string> {
  let tag = "it did not fail";
  await rejects(call, (error) => {
    tag = error instanceof ProviderError ? error.failure.tag : String(error);
    return true;
  });
  return tag;
}

Deno.test("an issue is a directory of its fields, each ending in one newline", () =>
  withTree(async (tree, github) => {
    const number = await github.createIssue("acme/api", {
      title: "Broken",
      body: "first\nsecond\n\n",
      labels: ["bug", "ui"],
      assignees: ["octocat"],
    });
    const at = `acme/api/_issues/_open/${number}`;
    equal(await text(tree, `${at}/title`), "Broken\n");
    equal(await text(tree, `${at}/body`), "first\nsecond\n");
    equal(await text(tree, `${at}/state`), "open\n");
    equal(await text(tree, `${at}/user`), "admin\n");
    equal(await text(tree, `${at}/labels`), "bug\nui\n");
    equal(await text(tree, `${at}/assignees`), "octocat\n");
    const json = await text(tree, `${at}/issue.json`) ?? "";
    equal(JSON.parse(json).title, "Broken");
    equal(json, `${JSON.stringify(JSON.parse(json), null, 2)}\n`);
    equal(
      (await walk(tree, `${at}/title`))?.modified,
      Date.parse((await text(tree, `${at}/updated_at`))?.trim() ?? ""),
    );
    equal(await text(tree, `${at}/nothing`), undefined);
  }));

Deno.test("what a value lacks is an empty file, and a long body is asked for with its exact length", () =>
  withTree(async (tree, github) => {
    const long = "ä".repeat(40_000);
    const bare = await github.createIssue("acme/api", { title: "bare", body: null });
    const large = await github.createIssue("acme/api", { title: "large", body: long });
    for (const name of ["body", "labels", "assignees"]) {
      equal(await text(tree, `acme/api/_issues/_all/${bare}/${name}`), "", name);
    }
    const body = await walk(tree, `acme/api/_issues/_all/${large}/body`);
    deepStrictEqual([body?.content.tag, body?.size], ["ask", 80_001]);
    equal(await text(tree, `acme/api/_issues/_all/${large}/body`), `${long}\n`);
    const json = await walk(tree, `acme/api/_issues/_all/${large}/issue.json`);
    deepStrictEqual([json?.content.tag, json?.size], ["ask", undefined]);
  }));

Deno.test("a view holds what its name says, and the same issue is the same node in each", () =>
  withTree(async (tree, github) => {
    await github.createIssues("acme/api", 2);
    const closed = await github.createIssue("acme/api", { state: "closed" });
    const pull = await github.addPull("acme/api", {});
    deepStrictEqual(await names(tree, "acme/api/_issues"), ["_open", "_closed", "_all"]);
    deepStrictEqual(await names(tree, "acme/api/_issues/_open"), ["2", "1"]);
    deepStrictEqual(await names(tree, "acme/api/_issues/_closed"), [`${closed}`]);
    deepStrictEqual(await names(tree, "acme/api/_issues/_all"), [`${closed}`, "2", "1"]);
    const open = await walk(tree, "acme/api/_issues/_open/1");
    ok(open);
    deepStrictEqual(await walk(tree, "acme/api/_issues/_all/1"), open);
    for (const path of ["_closed/1", `_open/${closed}`, `_all/${pull}`, "_all/99", "_all/x", "_all/01"]) {
      equal(await walk(tree, `acme/api/_issues/${path}`), undefined, path);
    }
  }));

Deno.test("pull requests have their views, and an issue's number is none of them", () =>
  withTree(async (tree, github) => {
    const issue = await github.createIssue("acme/api", {});
    const open = await github.addPull("acme/api", {});
    const closed = await github.addPull("acme/api", { state: "closed" });
    const merged = await github.addPull("acme/api", { state: "merged" });
    deepStrictEqual(await names(tree, "acme/api/_prs/_open"), [`${open}`]);
    deepStrictEqual((await names(tree, "acme/api/_prs/_closed")).sort(), [`${closed}`, `${merged}`]);
    deepStrictEqual(await names(tree, "acme/api/_prs/_merged"), [`${merged}`]);
    equal((await names(tree, "acme/api/_prs/_all")).length, 3);
    for (const path of [`_all/${issue}`, `_open/${closed}`, `_merged/${closed}`, `_closed/${open}`]) {
      equal(await walk(tree, `acme/api/_prs/${path}`), undefined, path);
    }
    equal(
      (await walk(tree, `acme/api/_prs/_merged/${merged}`))?.id,
      (await walk(tree, `acme/api/_prs/_all/${merged}`))?.id,
    );
  }));

Deno.test("a pull request has its diff, its files, its branches, comments and reviews", () =>
  withTree(async (tree, github) => {
    const files = { "a.txt": "one\n", "b/c.txt": "two\n" };
    const pull = await github.addPull("acme/api", { title: "Add", branch: "topic", files });
    const comment = await github.addComment("acme/api", pull, "looks good");
    const review = await github.addReview("acme/api", pull, "ship it", "APPROVE");
    const at = `acme/api/_prs/_open/${pull}`;
    equal(await text(tree, `${at}/title`), "Add\n");
    equal(await text(tree, `${at}/base`), "main\n");
    equal(await text(tree, `${at}/head`), "acme:topic\n");
    equal(await text(tree, `${at}/files`), "a.txt\nb/c.txt\n");
    equal(await text(tree, `${at}/mergeable`), "true\n");
    ok((await text(tree, `${at}/diff`))?.startsWith("diff --git a/a.txt b/a.txt\n"));
    equal(JSON.parse(await text(tree, `${at}/pr.json`) ?? "").changed_files !== undefined, true);
    equal(await text(tree, `${at}/comments/${comment}/body`), "looks good\n");
    equal(await text(tree, `${at}/comments/${comment}/user`), "admin\n");
    equal(await text(tree, `${at}/reviews/${review}/state`), "APPROVED\n");
    equal(await text(tree, `${at}/reviews/${review}/body`), "ship it\n");
    deepStrictEqual(await names(tree, `${at}/reviews`), [`${review}`]);
  }));

Deno.test("a comment is found under its own issue and under no other", () =>
  withTree(async (tree, github) => {
    await github.createIssues("acme/api", 2);
    const comment = await github.addComment("acme/api", 1, "mine");
    equal(await text(tree, `acme/api/_issues/_all/1/comments/${comment}/body`), "mine\n");
    equal(await walk(tree, `acme/api/_issues/_all/2/comments/${comment}`), undefined);
  }));

Deno.test("a run tells its jobs and their logs; what is over never changes, what runs has no log yet", () =>
  withTree(async (tree, github) => {
    const jobs = [{ name: "build", log: "made\n" }, { name: "test", log: "passed" }, {
      name: "deploy",
      conclusion: "skipped",
    }];
    const { run, jobs: [build, , deploy] } = await github.addRun("acme/api", {
      name: "CI",
      branch: "topic",
      jobs,
    });
    const running = await github.addRun("acme/api", {
      status: "in_progress",
      jobs: [{ name: "a", status: "queued" }],
    });
    const at = `acme/api/_actions/runs/${run}`;
    deepStrictEqual(await names(tree, "acme/api/_actions"), ["runs", "_running"]);
    deepStrictEqual(await names(tree, "acme/api/_actions/_running"), [`${running.run}`]);
    equal(await walk(tree, `acme/api/_actions/_running/${run}`), undefined);
    equal(await text(tree, `${at}/conclusion`), "success\n");
    equal(await text(tree, `${at}/branch`), "topic\n");
    equal(await text(tree, `${at}/log`), "==> build <==\nmade\n\n==> test <==\npassed\n");
    deepStrictEqual((await walk(tree, `${at}/log`))?.freshness, { tag: "immutable" });
    const log = await walk(tree, `${at}/jobs/${build}/log`);
    deepStrictEqual([log?.content.tag, log?.freshness.tag], ["upstream", "immutable"]);
    equal(await walk(tree, `${at}/jobs/${deploy}/log`), undefined, "a skipped job has no log");
    const unfinished = `acme/api/_actions/_running/${running.run}`;
    equal(await text(tree, `${unfinished}/conclusion`), "");
    equal((await walk(tree, `${unfinished}/log`))?.freshness.tag, "volatile");
    equal(await walk(tree, `${unfinished}/jobs/${running.jobs[0]}/log`), undefined);
  }));

Deno.test("a run that is started again has another log, and the old one stays what it was", () =>
  withTree(async (tree, github) => {
    const { run } = await github.addRun("acme/api", { jobs: [{ name: "build", log: "failed\n" }] });
    const path = `acme/api/_actions/runs/${run}/log`;
    const first = await walk(tree, path);
    await github.rerun(run, [{ name: "build", log: "passed\n" }]);
    const second = await walk(tree, path);
    ok(first && second && first.id !== second.id);
    equal(await tree.read(first.id), "==> build <==\nfailed\n");
    equal(await tree.read(second.id), "==> build <==\npassed\n");
  }));

Deno.test("an owner is a user or an organisation, and lists its repositories", () =>
  withTree(async (tree) => {
    deepStrictEqual(await names(tree, "acme"), ["api", "widgets"]);
    deepStrictEqual(await names(tree, "octocat"), ["hello-world"]);
    equal(await text(tree, "acme/api/description"), "The public API\n");
    equal(await text(tree, "acme/api/topics"), "http\napi\n");
    equal(await text(tree, "acme/api/default_branch"), "main\n");
    equal(JSON.parse(await text(tree, "acme/api/repo.json") ?? "").full_name, "acme/api");
    for (const path of ["nobody", "acme/none", ".git", "acme/.git", "acme/%2E%2E"]) {
      equal(await walk(tree, path), undefined, path);
    }
    deepStrictEqual(await tree.list(""), { entries: [], exhaustive: false });
  }));

Deno.test("a repository that was renamed is the same node under its old name", () =>
  withTree(async (tree, github) => {
    const before = await walk(tree, "acme/widgets");
    await github.moveRepository("acme/widgets", "gadgets");
    equal((await walk(tree, "acme/widgets"))?.id, before?.id);
    equal((await walk(tree, "acme/gadgets"))?.id, before?.id);
  }));

Deno.test("what one page tells of other directories is what those directories tell themselves", () =>
  withTree(async (tree, github) => {
    await github.createIssues("acme/api", 3);
    await github.addComment("acme/api", 2, "a comment");
    await github.addPull("acme/api", {});
    await github.addRun("acme/api", { jobs: [{ name: "build", log: "x" }] });
    const id = (await walk(tree, "acme/api"))?.id.split("/")[1];
    const lists = [
      `issues/${id}/open`,
      `pulls/${id}/all`,
      `runs/${id}/all`,
      `issue/${id}/2/comments`,
      "org/acme",
    ];
    for (const list of lists) {
      const page = await tree.list(list);
      const told = Map.groupBy(page.also ?? [], ({ parent }) => parent);
      ok((page.complete?.length ?? 0) > 0, list);
      for (const parent of page.complete ?? []) {
        const own = await tree.list(parent);
        deepStrictEqual(
          (told.get(parent) ?? []).map(({ entry }) => entry),
          own.entries,
          `${list}: ${parent}`,
        );
      }
      for (const { name, node } of page.entries) {
        deepStrictEqual(await tree.lookup(list, name), node, `${list}/${name}`);
      }
    }
  }));

Deno.test("1,000 issues with all of their files take one request a page", () =>
  withTree(async (tree, github) => {
    await github.createIssues("acme/api", 1_000);
    await github.reset();
    const open = await walk(tree, "acme/api/_issues/_open");
    ok(open);
    const listed = await pages(tree, open.id);
    equal((await github.requests()).length, 12, "the owner, the repository and ten pages");
    equal(new Set(listed.flatMap(({ entries }) => entries.map(({ name }) => name))).size, 1_000);
    const complete = new Set(listed.flatMap((page) => page.complete ?? []));
    ok(listed.every(({ entries }) => entries.every(({ node }) => complete.has(node.id))));
    equal(complete.size, 2_000, "each issue, and its directory of comments, which is empty");
    const also = listed.flatMap((page) => page.also ?? []);
    equal(also.length, 10_000);
    ok(also.every(({ entry: { node } }) => node.kind === "directory" || node.content.tag === "inline"));
  }));

Deno.test("each fault of the upstream is the contract's own case", () =>
  withTree(async (tree, github) => {
    const id = (await walk(tree, "acme/api"))?.id ?? "";
    const cases: [string, number, Record<string, string>][] = [
      ["not-found", 404, {}],
      ["not-found", 410, {}],
      ["unauthorized", 401, {}],
      ["unauthorized", 403, {}],
      ["rate-limited", 403, { "x-ratelimit-remaining": "0" }],
      ["rate-limited", 403, { "retry-after": "60" }],
      ["rate-limited", 429, {}],
      ["invalid", 422, {}],
      ["unavailable", 500, {}],
      ["unavailable", 503, {}],
    ];
    for (const [expected, status, headers] of cases) {
      await github.fault("/repositories/", { status, headers, times: 1 });
      equal(await failure(tree.list(id)), expected, `${status} ${JSON.stringify(headers)}`);
    }
    await github.fault("/repositories/", { status: 200, body: "<html>", times: 1 });
    equal(await failure(tree.list(id)), "unavailable", "an answer that is not JSON");
    await github.fault("/repositories/", { status: 200, body: "[1]", times: 1 });
    equal(await failure(tree.list(id)), "unavailable", "JSON of another shape");
  }));

Deno.test("a diff that GitHub finds too large is too large", () =>
  withTree(async (tree, github) => {
    const pull = await github.addPull("acme/api", {});
    const diff = await walk(tree, `acme/api/_prs/_open/${pull}/diff`);
    await github.fault("/pulls/", { status: 406 });
    equal(await failure(tree.read(diff?.id ?? "")), "too-large");
  }));

Deno.test("a repository with its issues switched off has none, and one that is gone has no directory", () =>
  withTree(async (tree, github) => {
    const open = (await walk(tree, "acme/api/_issues/_open"))?.id ?? "";
    await github.fault("/issues", { status: 410 });
    await github.fault("GET /repositories/\\d+$", {
      status: 200,
      body: `{"id":1,"has_issues":false}`,
      times: 1,
    });
    deepStrictEqual((await tree.list(open)).entries, []);
    await github.fault("GET /repositories/\\d+$", { status: 404 });
    equal(await failure(tree.list(open)), "not-found");
  }));

Deno.test("a file is not listed, a directory is not read, and a strange identity is not found", () =>
  withTree(async (tree) => {
    equal(await failure(tree.list("issue/1/2/title")), "not-a-directory");
    equal(await failure(tree.lookup("repo/1/repo.json", "x")), "not-a-directory");
    equal(await failure(tree.read("issues/1/open")), "is-a-directory");
    equal(await failure(tree.read("repo/1")), "is-a-directory");
    for (const id of ["nonsense", "issue/1", "repo/1/nothing"]) {
      equal(await failure(tree.list(id)), "not-found", id);
    }
  }));
