/**
 * The demo: its stand-ins, the whole of its tree, and that all that it says to try can be tried.
 *
 * @module
 */
import assert from "node:assert/strict";
import { REPOSITORIES } from "../../runtime/cli/demo/github/data.ts";
import { startGitHub } from "../../runtime/cli/demo/github/server.ts";
import { sh } from "../support/command.ts";
import { until, withDeadline } from "../support/deadline.ts";
import { endMount, fuseIsThere, mountAt } from "../support/kernel.ts";
import { DEADLINE, omnifsCommand, type Place, place } from "./fixture.ts";

const HOME = "/repositories/4150001";

async function withUpstream(
  work: (get: (path: string, init?: RequestInit) => Promise<Response>) => Promise<void>,
) {
  const upstream = startGitHub();
  try {
    await work((path, init) => fetch(path.startsWith("http") ? path : `http://${upstream.api}${path}`, init));
  } finally {
    await upstream.close();
  }
}

async function jsonOf(response: Response): Promise<Record<string, unknown>> {
  assert.equal(response.status, 200);
  return await response.json();
}

async function listOf(response: Response): Promise<Record<string, unknown>[]> {
  assert.equal(response.status, 200);
  return await response.json();
}

Deno.test("the stand-in answers owners, repositories and 404 as GitHub does", () =>
  withUpstream(async (get) => {
    assert.equal((await jsonOf(await get("/users/acme")))["type"], "Organization");
    assert.equal((await jsonOf(await get("/users/ada")))["type"], "User");
    assert.equal((await listOf(await get("/orgs/acme/repos"))).length, REPOSITORIES.length);
    const byName = await jsonOf(await get("/repos/acme/lighthouse"));
    assert.deepEqual(await jsonOf(await get(HOME)), byName);
    for (
      const path of [
        "/users/nobody",
        "/repos/acme/nope",
        "/repos/ada/lighthouse",
        `${HOME}/issues/99`,
        "/nonsense",
      ]
    ) {
      const missing = await get(path);
      assert.deepEqual([missing.status, (await missing.json()).message], [404, "Not Found"], path);
    }
  }));

Deno.test("lists come in pages that link to the next, and together are the whole", () =>
  withUpstream(async (get) => {
    const whole = await listOf(await get(`${HOME}/issues?state=all&per_page=100`));
    assert.ok(whole.some((issue) => "pull_request" in issue), "pull requests are listed among the issues");
    const joined: unknown[] = [];
    let next: string | undefined = `${HOME}/issues?state=all&per_page=2`;
    for (; next !== undefined;) {
      const page = await get(next);
      next = /<([^>]+)>; rel="next"/.exec(page.headers.get("link") ?? "")?.[1];
      joined.push(...await listOf(page));
    }
    assert.deepEqual(joined, whole);
    const states = async (state: string) =>
      (await listOf(await get(`${HOME}/issues?state=${state}`))).map((issue) => issue["state"]);
    assert.deepEqual(new Set(await states("open")), new Set(["open"]));
    assert.deepEqual(new Set(await states("closed")), new Set(["closed"]));
  }));

Deno.test("a list is narrowed and ordered as it is asked for", () =>
  withUpstream(async (get) => {
    const dates = async (query: string) =>
      (await listOf(await get(`${HOME}/issues?state=all&${query}`))).map((issue) =>
        String(issue["updated_at"])
      );
    const whole = await dates("sort=updated&direction=asc");
    assert.deepEqual(whole, whole.toSorted());
    const [since = ""] = whole.slice(2);
    assert.deepEqual(await dates(`sort=updated&direction=desc&since=${since}`), whole.slice(2).reverse());
    const comments = await listOf(await get(`${HOME}/issues/comments?per_page=100`));
    const one = await listOf(await get(`${HOME}/issues/1/comments`));
    for (const comment of one) assert.ok(comments.some(({ id }) => id === comment["id"]));
    const labels = (await listOf(await get(`${HOME}/labels`))).map(({ id }) => id);
    assert.equal(new Set(labels).size, labels.length);
  }));

Deno.test("an answer that the asker has already is 304", () =>
  withUpstream(async (get) => {
    const first = await get(`${HOME}/issues`);
    await first.body?.cancel();
    const etag = first.headers.get("etag") ?? "";
    const second = await get(`${HOME}/issues`, { headers: { "if-none-match": etag } });
    assert.deepEqual([second.status, await second.text()], [304, ""]);
    assert.equal(
      (await (await get(`${HOME}/pulls`, { headers: { "if-none-match": etag } })).json()).length,
      1,
    );
  }));

Deno.test("comments, reviews, files and jobs are found one by one as in their lists", () =>
  withUpstream(async (get) => {
    const [comment] = await listOf(await get(`${HOME}/issues/1/comments`));
    assert.deepEqual(await jsonOf(await get(`${HOME}/issues/comments/${comment?.["id"]}`)), comment);
    const [review] = await listOf(await get(`${HOME}/pulls/6/reviews`));
    assert.deepEqual(await jsonOf(await get(`${HOME}/pulls/6/reviews/${review?.["id"]}`)), review);
    const names = (await listOf(await get(`${HOME}/pulls/6/files`))).map((file) => file["filename"]);
    assert.deepEqual(names, ["src/lamp.ts", "tests/lamp_test.ts"]);
    const runs = (await jsonOf(await get(`${HOME}/actions/runs`)))["workflow_runs"];
    assert.ok(Array.isArray(runs) && runs.length === 4);
    assert.deepEqual(await jsonOf(await get(`${HOME}/actions/runs/${runs[1].id}`)), runs[1]);
  }));

Deno.test("the diff of every pull request can be applied", () =>
  withUpstream(async (get) => {
    const folder = await Deno.makeTempDir();
    for (const { id, pulls } of REPOSITORIES) {
      for (const { number } of pulls) {
        const headers = { accept: "application/vnd.github.diff" };
        const diff = await (await get(`/repositories/${id}/pulls/${number}`, { headers })).text();
        // git checks each hunk's line counts before it looks for the files.
        const { stdout, stderr, code } = await sh("git apply --numstat -", { cwd: folder, input: diff });
        assert.deepEqual([code, stderr], [0, ""]);
        assert.ok(stdout.length > 0);
      }
    }
    await Deno.remove(folder, { recursive: true });
  }));

Deno.test("a log is behind a redirect to another host, once its job is over", () =>
  withUpstream(async (get) => {
    const found = await get(`${HOME}/actions/jobs/902100021/logs`, { redirect: "manual" });
    await found.body?.cancel();
    assert.equal(found.status, 302);
    const log = await get(found.headers.get("location") ?? "");
    assert.match(await log.text(), /FAILED \| 1 passed \| 1 failed/);
    const running = await get(`${HOME}/actions/jobs/902100030/logs`);
    await running.body?.cancel();
    assert.equal(running.status, 404);
  }));

/** The lines that a demo says to try. */
function suggestions(said: string): string[] {
  return said.split("To end it:")[0]?.split("\n").filter((line) => line.startsWith("  ")).map((line) =>
    line.trim()
  ) ?? [];
}

/** Runs what a demo says, with `omnifs` started from this checkout. */
async function tryAll(here: Place, lines: readonly string[]): Promise<void> {
  assert.ok(lines.length >= 10);
  for (const each of lines) {
    // A log that goes on to grow would be followed for ever.
    const line = each.replace(/^tail -f /, "tail -n 5 ");
    const words = /\bomnifs ((?:ls|cat|find|status)\b.*)$/.exec(line)?.[1];
    const { code, stdout, stderr } = words === undefined
      ? await sh(line, { env: here.env, deadline: DEADLINE })
      : await here.omnifs(...words.split(" "));
    assert.deepEqual([code, stderr], [0, ""], line);
    assert.ok(stdout.length > 0, line);
  }
}

Deno.test("the demo mounts, all that it says to try works, and a second one says that it is there", {
  ignore: !(await fuseIsThere()),
}, async () => {
  await using here = await place();
  const dir = `${here.dir}/omnifs-demo`;
  try {
    const first = await here.omnifs("demo");
    assert.deepEqual([first.code, first.stderr], [0, ""]);
    assert.match(first.stdout, new RegExp(`^A tree with sample data is mounted on ${dir}\\. Try:\n`));
    await tryAll(here, suggestions(first.stdout));
    const second = await here.omnifs("demo");
    assert.equal(second.code, 0);
    assert.match(second.stdout, /is already mounted on/);
    assert.equal((await here.omnifs("unmount", dir)).code, 0);
  } finally {
    await endMount(dir);
  }
});

Deno.test(
  "the log of a container that runs goes on to grow",
  { ignore: !(await fuseIsThere()) },
  async () => {
    await using here = await place();
    const dir = `${here.dir}/mnt`;
    try {
      assert.equal((await here.omnifs("demo", dir)).code, 0);
      const turns = async () => (await sh(`grep -c turn ${dir}/docker/containers/_running/lamp/log`)).stdout;
      const first = await turns();
      await until(async () => await turns() !== first, DEADLINE, "another line of the lamp's log");
    } finally {
      await endMount(dir);
    }
  },
);

Deno.test("Ctrl-C ends the demo, and leaves neither a mount nor a socket nor a folder", {
  ignore: !(await fuseIsThere()),
}, async () => {
  await using here = await place();
  const dir = `${here.dir}/mnt`;
  await Deno.mkdir(dir);
  const before = await namesIn(here.dir);
  const [program, args] = omnifsCommand(["demo", "--foreground", dir]);
  const child = new Deno.Command(program, { args, env: here.env, stdout: "null", stderr: "null" }).spawn();
  try {
    await until(async () => await mountAt(dir) !== undefined, DEADLINE, `a mount at ${dir}`);
    assert.ok((await namesIn(here.dir)).some((name) => name.startsWith("omnifs-demo-")));
    child.kill("SIGINT");
    assert.equal((await withDeadline(child.status, DEADLINE, "the end of the demo")).code, 0);
    assert.equal(await mountAt(dir), undefined);
    const after = (await namesIn(here.dir)).filter((name) => !["run", "state", "cache"].includes(name));
    assert.deepEqual(after, before);
    assert.ok(!(await namesIn(here.runtimeDir)).some((name) => name.endsWith(".sock")));
  } finally {
    await endMount(dir);
  }
});

async function namesIn(dir: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(dir))).map(({ name }) => name).sort();
}

Deno.test("without a mount, the demo serves the same tree to omnifs ls, cat and find", async () => {
  await using here = await place();
  const { code, stdout } = await here.omnifs("demo", "--headless");
  assert.equal(code, 0);
  assert.match(stdout, /^The same tree is served without a mount\. Try:\n/);
  await tryAll(here, suggestions(stdout));
  assert.equal((await here.omnifs("unmount", "demo")).stdout, "demo is unmounted\n");
});

Deno.test("where mounting fails, the demo says why and serves the tree without", {
  ignore: !(await fuseIsThere()),
}, async () => {
  await using here = await place();
  const [program, words] = omnifsCommand(["demo"]);
  const line = [program, ...words].map((word) => `'${word}'`).join(" ");
  // In a mount namespace of its own, where /dev/fuse is a device that is none.
  const { code, stdout } = await sh(`unshare -m sh -c "mount --bind /dev/null /dev/fuse && ${line}"`, {
    env: here.env,
    deadline: DEADLINE,
  });
  assert.equal(code, 0);
  assert.match(stdout, /^This machine cannot mount here: .+\nThe same tree is served without a mount/);
  assert.equal((await here.omnifs("unmount", "demo")).code, 0);
});
