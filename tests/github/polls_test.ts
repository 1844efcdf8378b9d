/**
 * What the GitHub component's polls say of changes at the stand-in: each is seen, and nothing else is said.
 *
 * @module
 */
import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { waitOf } from "../../providers/github/poll.ts";
import { Answer } from "../../providers/sdk/client.ts";
import { type GitHubStandIn, startGitHub } from "../fakes/github/mod.ts";
import { type Direct, direct } from "./direct.ts";
import type { Mounted } from "./mounted.ts";
import { until } from "../support/deadline.ts";
import { withWatched } from "./watched.ts";

/** A little of everything. */
async function fill({ github }: Mounted): Promise<void> {
  await github.createIssues("acme/api", 3);
  await github.addComment("acme/api", 2, "a comment");
  await github.addComment("acme/api", 2, "another");
  const pull = await github.addPull("acme/api", { branch: "topic", files: { "a b.txt": "one\n" } });
  await github.addComment("acme/api", pull, "nice");
  await github.addReview("acme/api", pull, "hm", "COMMENT");
  await github.addRun("acme/api", { jobs: [{ name: "build", log: "made\n" }] });
}

/** What is said of an issue that changed and stayed where it was. */
const issueWords = (repo: number, issue: number, state: "open" | "closed" = "open") =>
  [
    ...[
      "assignees",
      "body",
      "comments",
      "created_at",
      "issue.json",
      "labels",
      "state",
      "title",
      "updated_at",
      "user",
    ]
      .map((name) => `placed issue/${repo}/${issue} ${name}=issue/${repo}/${issue}/${name}`),
    `placed issues/${repo}/all ${issue}=issue/${repo}/${issue}`,
    `placed issues/${repo}/${state} ${issue}=issue/${repo}/${issue}`,
    `removed issues/${repo}/${state === "open" ? "closed" : "open"} issue/${repo}/${issue}`,
  ].sort();

/** What `mergeable` and `pr.json` cost each time that the tree is read: a look-up and a read, in two views. */
const FLEETING = 8;

/** What is said where the counters and the date of the repository changed. */
const repositoryWords = (repo: number) =>
  ["default_branch", "description", "repo.json", "topics"].map((name) =>
    `placed repo/${repo} ${name}=repo/${repo}/${name}`
  ).concat(`node repo/${repo}/repo.json`, `placed org/acme api=repo/${repo}`);

/** What a look says beside what it says of the repository itself. */
const besides = (said: string[], repo: number) => said.filter((one) => !repositoryWords(repo).includes(one));

Deno.test("a look at a repository in which nothing happened is ten answers of 304", () =>
  withWatched(fill, async ({ look, asked, agree }) => {
    deepStrictEqual(await look(), []);
    const requests = await asked();
    deepStrictEqual(requests.filter((one) => !one.startsWith("304 ")), []);
    equal(requests.length, 10, requests.join("\n"));
    equal(await agree(), FLEETING);
  }));

Deno.test("an issue that changes is placed as it is, leaves the view that it left, and costs no call", () =>
  withWatched(fill, async ({ github, look, settled, agree, repo }) => {
    await github.patchIssue("acme/api", 2, { title: "other" });
    deepStrictEqual(besides(await look(), repo), issueWords(repo, 2));
    ok(await agree() <= FLEETING + 1);
    await github.patchIssue("acme/api", 2, { state: "closed" });
    deepStrictEqual(besides(await look(), repo), issueWords(repo, 2, "closed"));
    // The repository has another number of open issues.
    equal(await agree(), FLEETING + 1);
    await github.createIssue("acme/api", { title: "new" });
    deepStrictEqual(besides(await look(), repo), issueWords(repo, 5));
    await agree();
    deepStrictEqual(await settled(), []);
  }));

Deno.test("two changes within one second are two changes", () =>
  withWatched(fill, async ({ github, look, agree }) => {
    for (const title of ["one", "two", "three", "four"]) {
      await github.patchIssue("acme/api", 1, { title });
      ok((await look()).some((one) => one.includes("issue/1/1/title")), title);
      await agree();
    }
  }));

Deno.test("a comment is seen when it is made, when it is edited and when it is gone", () =>
  withWatched(fill, async ({ github, look, settled, agree, repo }) => {
    const files = (comment: number) =>
      ["body", "created_at", "user"].map((name) =>
        `placed comment/${repo}/${comment} ${name}=comment/${repo}/${comment}/${name}`
      );
    await github.editComment("acme/api", 2, "edited");
    deepStrictEqual(besides(await look(), repo), [
      ...files(2),
      `placed issue/${repo}/2/comments 2=comment/${repo}/2`,
    ]);
    equal(await agree(), FLEETING);
    const made = await github.addComment("acme/api", 4, "made");
    const said = await look();
    ok(
      [...files(made), `placed pull/${repo}/4/comments ${made}=comment/${repo}/${made}`].every((one) =>
        said.includes(one)
      ),
    );
    await agree();
    await github.deleteComment("acme/api", 1);
    ok((await look()).includes(`watch repo:${repo}`));
    await agree();
    deepStrictEqual(await settled(), []);
  }));

Deno.test("an issue that is gone leaves its views, which are listed anew", () =>
  withWatched(fill, async ({ github, look, settled, agree, repo }) => {
    await github.deleteIssue("acme/api", 1);
    deepStrictEqual(
      besides(await look(), repo),
      ["issues", "pulls"].flatMap((kind) =>
        ["all", "closed", "merged", "open"].map((view) => `children ${kind}/${repo}/${view}`)
      )
        .filter((one) => one !== `children issues/${repo}/merged`),
    );
    await agree();
    deepStrictEqual(await settled(), []);
  }));

Deno.test("a label that is renamed changes the issues that hold it; one that is deleted, everything", () =>
  withWatched(async (mounted) => {
    await fill(mounted);
    await mounted.github.createIssue("acme/api", { title: "bare" });
    await mounted.github.createIssue("acme/api", { title: "docs", labels: ["docs"] });
  }, async ({ github, look, agree, repo }) => {
    await github.editLabel("acme/api", "docs", { new_name: "manual" });
    deepStrictEqual(besides(await look(), repo), issueWords(repo, 6));
    await agree();
    await github.deleteLabel("acme/api", "bug");
    ok((await look()).includes(`watch repo:${repo}`));
    await agree();
  }));

Deno.test("a milestone that is renamed changes the issues that hold it", () =>
  withWatched(async (mounted) => {
    await fill(mounted);
    const milestone = await mounted.github.createMilestone("acme/api", "soon");
    await mounted.github.patchIssue("acme/api", 3, { milestone });
  }, async ({ github, look, agree, repo }) => {
    await github.editMilestone("acme/api", 1, { title: "late" });
    deepStrictEqual(besides(await look(), repo), issueWords(repo, 3));
    equal(await agree(), FLEETING);
  }));

Deno.test("a pull request is seen when it is edited, pushed to, reviewed and merged", () =>
  withWatched(fill, async ({ github, look, agree, repo }) => {
    const said = async (...expected: string[]) => {
      const all = await look();
      for (const one of expected) ok(all.includes(one), `${one} is not in ${all.join("\n")}`);
      ok(all.every((one) => !/ issue\/|issues\//.test(one)), all.join("\n"));
      await agree();
    };
    await github.patchPull("acme/api", 4, { title: "other" });
    await said(
      `placed pull/${repo}/4 title=pull/${repo}/4/title`,
      `placed pulls/${repo}/open 4=pull/${repo}/4`,
    );
    await github.pushFile("acme/api", "topic", "c.txt", "two\n");
    await said(`node pull/${repo}/4/diff`, `node pull/${repo}/4/files`);
    const review = await github.addReview("acme/api", 4, "ship it", "APPROVE");
    await said(
      `placed pull/${repo}/4/reviews ${review}=review/${repo}/4/${review}`,
      `placed review/${repo}/4/${review} state=review/${repo}/4/${review}/state`,
    );
    await github.pushFile("acme/api", "main", "d.txt", "three\n");
    await said(`node pull/${repo}/4/diff`, `node pull/${repo}/4/files`);
    await github.mergePull("acme/api", 4);
    await said(`placed pulls/${repo}/merged 4=pull/${repo}/4`, `removed pulls/${repo}/open pull/${repo}/4`);
  }));

Deno.test("a run is seen when it begins, ends, is started again and is gone", () =>
  withWatched(fill, async ({ github, look, agree, repo }) => {
    const { run } = await github.addRun("acme/api", {
      status: "in_progress",
      jobs: [{ name: "test", status: "in_progress" }],
    });
    const said = async (...expected: string[]) => {
      const all = await look();
      for (const one of expected) ok(all.includes(one), `${one} is not in ${all.join("\n")}`);
      ok(all.every((one) => /runs?\//.test(one)), all.join("\n"));
      await agree();
    };
    await said(
      `placed runs/${repo}/running ${run}=run/${repo}/${run}`,
      `placed runs/${repo}/all ${run}=run/${repo}/${run}`,
    );
    await github.finishRun(run, "failure");
    await said(
      `removed runs/${repo}/running run/${repo}/${run}`,
      `placed run/${repo}/${run} conclusion=run/${repo}/${run}/conclusion`,
    );
    await github.rerun(run, [{ name: "test", log: "again\n" }]);
    await said(`placed run/${repo}/${run} log=run/${repo}/${run}/log@2`, `children run/${repo}/${run}/jobs`);
    await github.deleteRun(run);
    await said(`children runs/${repo}/all`, `children runs/${repo}/running`);
  }));

Deno.test("a repository is seen when it is edited, renamed and gone", () =>
  withWatched(fill, async ({ github, look, agree, repo }) => {
    await github.patchRepository("acme/api", { description: "other" });
    deepStrictEqual(await look(), repositoryWords(repo).sort());
    await agree();
    await github.moveRepository("acme/api", "server");
    ok((await look()).includes(`placed org/acme server=repo/${repo}`));
    await github.deleteRepository("acme/server");
    deepStrictEqual(await look(), [`removed org/acme repo/${repo}`, `watch repo:${repo}`]);
  }));

Deno.test("where too much changed, or a cursor is none, everything is dropped", () =>
  withWatched(fill, async ({ github, look, agree, repo, events }) => {
    for (let made = 0; made < 30; made++) await github.addPull("acme/api", {});
    ok((await look()).includes(`watch repo:${repo}`));
    await agree();
    const { invalidations } = await events.poll(`repo:${repo}`, "nonsense");
    ok(invalidations.some(({ tag, val }) => tag === "watch" && val === `repo:${repo}`));
    const late = await events.poll(`repo:${repo}`, undefined, Date.now() - 60_000);
    ok(late.invalidations.some(({ tag }) => tag === "watch"));
    // What changed a moment before is in the next look as well: only when that is past is there less than too much.
    let { cursor } = late;
    await until(
      async () => {
        const next = await events.poll(`repo:${repo}`, cursor);
        cursor = next.cursor;
        return next.invalidations.every(({ tag }) => tag !== "watch");
      },
      30_000,
      "a look at what changed since",
    );
  }));

Deno.test("an owner's repositories are seen when they come, go and are renamed", () =>
  withWatched(fill, async ({ github, asked, events, repo }) => {
    let cursor = (await events.poll("owner:acme")).cursor;
    const look = async () => {
      await github.reset();
      const polled = await events.poll("owner:acme", cursor);
      cursor = polled.cursor;
      return polled.invalidations.map((one) =>
        one.tag === "placed" ? `${one.val[0]} ${one.val[1].name}` : `${one.tag} ${one.val}`
      );
    };
    deepStrictEqual(await look(), []);
    deepStrictEqual((await asked()).map((one) => one.slice(0, 4)), ["304 ", "304 "]);
    await github.createRepository("made");
    ok((await look()).includes("org/acme made"));
    await github.moveRepository("acme/api", "server");
    ok((await look()).includes("org/acme server"));
    await github.deleteRepository("acme/server");
    ok((await look()).includes(`removed org/acme,repo/${repo}`));
  }));

Deno.test("without a credential looks are as rare as GitHub's limit for that asks", () => {
  const limited = (limit: string) =>
    waitOf(
      new Answer({
        status: 200,
        headers: [{ name: "x-ratelimit-limit", value: limit }],
        body: { tag: "text", val: "" },
      }),
      10,
      60_000,
    );
  equal(limited("5000"), 60_000);
  // A quarter of 60 requests an hour is one look of ten requests in forty minutes.
  equal(limited("60"), 2_400_000);
});

async function withDirect(use: (tree: Direct, github: GitHubStandIn, repo: number) => Promise<void>) {
  const github = await startGitHub();
  try {
    await use(direct(github.url, github.token), github, await github.repositoryId("acme/api"));
  } finally {
    await github.close();
  }
}

Deno.test("where GitHub does not tell how many issues there are, everything is dropped now and then", () =>
  withDirect(async (tree, github, repo) => {
    await github.createIssues("acme/api", 2);
    await github.fault("issues\\?state=all&sort=created&direction=desc", {
      status: 200,
      headers: { link: `<${github.url}/repositories/${repo}/issues?after=x>; rel="next"` },
      body: '[{"number":2}]',
    });
    const start = Date.now();
    const lost = async (cursor: string | undefined, minutes: number) => {
      const polled = await tree.poll(repo, cursor, start + minutes * 60_000);
      return { cursor: polled.cursor, lost: polled.invalidations.some(({ tag }) => tag === "watch") };
    };
    const first = await lost(undefined, 0);
    equal(first.lost, false);
    const second = await lost(first.cursor, 29);
    equal(second.lost, false);
    const third = await lost(second.cursor, 30);
    equal(third.lost, true);
    equal((await lost(third.cursor, 31)).lost, false);
  }));
