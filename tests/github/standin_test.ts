/**
 * The GitHub stand-in answers as GitHub does, where `emulate` alone would not.
 *
 * @module
 */
import { until } from "../support/deadline.ts";
import { deepStrictEqual, equal, match, notEqual, ok, rejects } from "node:assert/strict";
import { type GitHubStandIn, startGitHub } from "../fakes/github/mod.ts";
import { number, object, objects, text } from "../fakes/github/json.ts";

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** A GET with the stand-in's token; redirects are not followed. */
async function get(
  github: GitHubStandIn,
  path: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(path.startsWith("http") ? path : github.url + path, {
    headers: { authorization: `Bearer ${github.token}`, ...headers },
    redirect: "manual",
  });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

async function withGitHub(use: (github: GitHubStandIn) => Promise<void>): Promise<void> {
  const github = await startGitHub();
  try {
    await use(github);
  } finally {
    await github.close();
  }
}

const items = ({ body }: Answer) => objects(JSON.parse(body));
const next = ({ headers }: Answer) => /<([^>]+)>; rel="next"/.exec(headers.get("link") ?? "")?.[1];

Deno.test("issues come in pages whose links lead to the repository's id, pull requests among them", () =>
  withGitHub(async (github) => {
    await github.createIssues("acme/api", 5);
    const pull = await github.addPull("acme/api", {});
    const id = await github.repositoryId("acme/api");
    const first = await get(github, "/repos/acme/api/issues?per_page=4");
    equal(next(first), `${github.url}/repositories/${id}/issues?per_page=4&page=2`);
    const second = await get(github, next(first) ?? "");
    equal(next(second), undefined);
    const all = [...items(first), ...items(second)];
    deepStrictEqual(all.map((issue) => number(issue, "number")), [6, 5, 4, 3, 2, 1]);
    deepStrictEqual(all.filter((issue) => "pull_request" in issue).map((issue) => issue["number"]), [pull]);
  }));

Deno.test("an answer has an entity tag, and whoever brings it gets 304 until the answer changes", () =>
  withGitHub(async (github) => {
    const issue = await github.createIssue("acme/api", { title: "one" });
    const path = `/repos/acme/api/issues/${issue}`;
    const tag = (await get(github, path)).headers.get("etag") ?? "";
    match(tag, /^W\/"[0-9a-f]{64}"$/);
    const again = await get(github, path, { "if-none-match": tag });
    deepStrictEqual([again.status, again.body], [304, ""]);
    await github.patchIssue("acme/api", issue, { title: "two" });
    const changed = await get(github, path, { "if-none-match": tag });
    equal(changed.status, 200);
    notEqual(changed.headers.get("etag"), tag);
  }));

Deno.test("a pull request has a diff by media type and its files, and tells mergeable only when asked alone", () =>
  withGitHub(async (github) => {
    const pull = await github.addPull("acme/api", {
      files: { "new.txt": "hello\n", "README.md": "changed\n" },
    });
    const path = `/repos/acme/api/pulls/${pull}`;
    const diff = await get(github, path, { accept: "application/vnd.github.diff" });
    match(
      diff.body,
      /^diff --git a\/new\.txt b\/new\.txt\nnew file mode 100644\n--- \/dev\/null\n\+\+\+ b\/new\.txt\n@@/,
    );
    match(diff.body, /\n-# api\n/);
    deepStrictEqual(items(await get(github, `${path}/files`)).map((file) => text(file, "filename")), [
      "new.txt",
      "README.md",
    ]);
    ok("mergeable" in object(JSON.parse((await get(github, path)).body)));
    ok(
      items(await get(github, "/repos/acme/api/pulls")).every((one) =>
        !("mergeable" in one || "comments" in one)
      ),
    );
  }));

Deno.test("a job's log lies on another origin, in ranges, and not for whoever brings a credential", () =>
  withGitHub(async (github) => {
    const { jobs: [job] } = await github.addRun("acme/api", { jobs: [{ name: "build", log: "0123456789" }] });
    const found = await get(github, `/repos/acme/api/actions/jobs/${job}/logs`);
    equal(found.status, 302);
    const location = found.headers.get("location") ?? "";
    ok(location.startsWith(github.logsUrl) && github.logsUrl !== github.url);
    equal((await get(github, location)).status, 403);
    const part = await fetch(location, { headers: { range: "bytes=2-4" } });
    deepStrictEqual([part.status, await part.text()], [206, "234"]);
    const head = await fetch(location, { method: "HEAD" });
    equal(head.headers.get("content-length"), "10");
  }));

Deno.test("a wrong token is 401, a missing object 404, a renamed repository 301 to its id", () =>
  withGitHub(async (github) => {
    equal((await get(github, "/repos/acme/api", { authorization: "token nonsense" })).status, 401);
    for (
      const path of ["/repos/acme/none", "/repos/acme/api/issues/99", "/users/nobody", "/repositories/99"]
    ) {
      equal((await get(github, path)).status, 404, path);
    }
    const id = await github.repositoryId("acme/widgets");
    await github.moveRepository("acme/widgets", "gadgets");
    const moved = await get(github, "/repos/acme/widgets/issues?state=all");
    equal(moved.status, 301);
    equal(moved.headers.get("location"), `${github.url}/repositories/${id}/issues?state=all`);
    equal((await get(github, "/repos/acme/gadgets")).status, 200);
  }));

Deno.test("faults hit what they match, as often as they were told, and requests are counted", () =>
  withGitHub(async (github) => {
    await github.reset();
    await github.fault("GET /repos/acme/api$", { status: 429, headers: { "retry-after": "7" }, times: 1 });
    const hit = await get(github, "/repos/acme/api");
    deepStrictEqual([hit.status, hit.headers.get("retry-after")], [429, "7"]);
    equal((await get(github, "/repos/acme/api")).status, 200);
    await github.fault("/users/", { stall: true });
    const timeout = AbortSignal.timeout(200);
    await rejects(fetch(`${github.url}/users/acme`, { signal: timeout }));
    await github.clearFaults();
    // It is counted when the stand-in learns that the client has gone.
    const seen = async () => (await github.requests()).some(({ path }) => path === "/users/acme");
    await until(seen, 10_000, "the request that stalled among those that were counted");
    deepStrictEqual(
      (await github.requests()).filter(({ path }) => path === "/repos/acme/api").map((one) => one.status),
      [
        429,
        200,
      ],
    );
    await github.reset();
    deepStrictEqual(await github.requests(), []);
  }));

Deno.test("it can refuse connections and take them again at the same address", () =>
  withGitHub(async (github) => {
    await github.refuse(true);
    await rejects(get(github, "/user"));
    await github.refuse(false);
    equal((await get(github, "/user")).status, 200);
  }));
