/**
 * Applies that are cut off, refused, or asked for twice, over the GitHub stand-in: the upstream ends as before or as
 * staged, and nothing is done twice.
 *
 * @module
 */
import assert from "node:assert/strict";
import { sh } from "../support/command.ts";
import { until } from "../support/deadline.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { type Mounted, mountOmnifs } from "../support/mount.ts";
import { tempDir } from "../support/temp.ts";
import { type GitHubStandIn, startGitHub } from "../fakes/github/mod.ts";
import { flagsFor } from "./github_mount.ts";
import { Shell } from "./shell.ts";

const ignore = !(await fuseIsThere());

/** A stand-in with two issues, and mounts of it that come and go at one mount point. */
class Scene implements AsyncDisposable {
  readonly github: GitHubStandIn;
  readonly numbers: readonly number[];
  readonly #home: string;
  readonly #cleanup: AsyncDisposableStack;

  private constructor(
    github: GitHubStandIn,
    numbers: readonly number[],
    home: string,
    cleanup: AsyncDisposableStack,
  ) {
    this.github = github;
    this.numbers = numbers;
    this.#home = home;
    this.#cleanup = cleanup;
  }

  static async start(): Promise<Scene> {
    await using cleanup = new AsyncDisposableStack();
    const github = await startGitHub();
    cleanup.defer(() => github.close());
    const numbers = [
      await github.createIssue("acme/api", { title: "Crash", body: "It crashes.", labels: ["bug"] }),
      await github.createIssue("acme/api", { title: "Slow", body: "It is slow." }),
    ];
    await github.addComment("acme/api", numbers[0] ?? 0, "Me too");
    const { path } = cleanup.use(await tempDir());
    return new Scene(github, numbers, path, cleanup.move());
  }

  mount(): Promise<Mounted> {
    const args = [...flagsFor(this.github), "--allow-apply=github"];
    return mountOmnifs(args, { home: this.#home, env: { GITHUB_TOKEN: this.github.token } });
  }

  path(index: number, field: string): string {
    return `/github/acme/api/_issues/_open/${this.numbers[index]}/${field}`;
  }

  /**
   * Everything that the upstream says of its issues and their comments, field by field, but for the date of the latest
   * change and the reason of the latest state.
   */
  async state(): Promise<unknown> {
    const get = async (path: string) => {
      const headers = { authorization: `Bearer ${this.github.token}` };
      return await (await fetch(`${this.github.url}/repos/acme/api/${path}`, { headers })).json();
    };
    const issues: { number: number }[] = await get("issues?state=all");
    const states = issues.map(async (issue) => [issue, await get(`issues/${issue.number}/comments`)]);
    return JSON.parse(JSON.stringify(await Promise.all(states), (key, value) => {
      return ["updated_at", "state_reason"].includes(key) ? undefined : value;
    }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#cleanup.disposeAsync();
  }
}

async function ok(mounted: Mounted, args: readonly string[], input = ""): Promise<string> {
  const { code, stdout, stderr } = await mounted.omnifs(args, { input });
  assert.equal(code, 0, `omnifs ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** Three steps: an issue is closed, another one gets labels, the first one a comment; and one for good, where told. */
async function stage(scene: Scene, mounted: Mounted, opens = false): Promise<void> {
  await ok(mounted, ["draft", "new", "d"]);
  await ok(mounted, ["draft", "write", scene.path(0, "state"), "d"], "closed\n");
  await ok(mounted, ["draft", "write", scene.path(0, "comments/new"), "d"], "Fixed\n");
  await ok(mounted, ["draft", "write", scene.path(1, "labels"), "d"], "bug\nslow\n");
  const wish = "/github/acme/api/_issues/_open/wish/title";
  if (opens) await ok(mounted, ["draft", "write", wish, "d"], "Be faster\n");
}

interface Cut {
  readonly match: string;
  readonly lose: boolean;
  readonly ends: "as before" | "as staged";
  readonly signal?: Deno.Signal;
}

/** By the step at which the apply hangs, and whether its request has its effect: what becomes of the upstream. */
const CUTS: readonly Cut[] = [
  { match: "^PATCH .*issues/1$", lose: false, ends: "as before" },
  // As when somebody ends the mount: it does not wait for the apply.
  { match: "^POST .*comments", lose: false, ends: "as before", signal: "SIGTERM" },
  { match: "^PATCH .*issues/1$", lose: true, ends: "as before" },
  { match: "^POST .*comments", lose: false, ends: "as before" },
  { match: "^POST .*comments", lose: true, ends: "as staged" },
];

for (const { match, lose, ends, signal } of CUTS) {
  Deno.test({
    name: `${signal === "SIGTERM" ? "ended" : "killed"} ${
      lose ? "after" : "before"
    } the effect of ${match}, the next start leaves the upstream ${ends}`,
    ignore,
    fn: async () => {
      await using scene = await Scene.start();
      const before = await scene.state();
      {
        await using mounted = await scene.mount();
        await stage(scene, mounted);
        await scene.github.reset();
        await scene.github.fault(match, lose ? { lose } : { stall: true });
        const apply = mounted.omnifs(["draft", "apply", "d"]);
        const verb = match.split(" ")[0]?.slice(1) ?? "";
        await until(
          async () => {
            const { attempt } = JSON.parse(await ok(mounted, ["draft", "show", "d", "--output", "json"]));
            const began = attempt?.steps.find(({ standing }: { standing: string }) => standing === "began");
            return began !== undefined && (verb === "POST") === began.summary.startsWith("comment");
          },
          30_000,
          "the step to begin",
        );
        if (lose) await until(async () => changed(before, await scene.state(), verb), 30_000, "the effect");
        mounted.signal(signal ?? "SIGKILL");
        await mounted.ended;
        const { code, stderr } = await apply;
        assert.equal(code, 1, stderr);
        assert.match(
          stderr,
          signal === "SIGTERM" ? /omnifs is ending, in the middle/ : /the daemon went away/,
        );
      }
      await scene.github.clearFaults();
      await using mounted = await scene.mount();
      const settled = async () => {
        const all: { state: string }[] = JSON.parse(await ok(mounted, ["draft", "ls", "--output", "json"]));
        return all.some(({ state }) => state === "applying") ? undefined : all;
      };
      const drafts = await until(settled, 30_000, "the recovery");
      if (ends === "as staged") {
        assert.deepEqual(drafts, []);
        assert.notDeepEqual(await scene.state(), before);
      } else {
        assert.deepEqual(drafts.map(({ state }) => state), ["open"]);
        assert.deepEqual(await scene.state(), before);
        assert.match(await ok(mounted, ["draft", "apply", "d"]), /applied, 3 steps/);
      }
      const comments = JSON.stringify(await scene.state()).match(/"Fixed"/g) ?? [];
      assert.equal(comments.length, 1, "it was said once");
    },
  });
}

/** True once the request with `verb` has had its effect. */
function changed(before: unknown, now: unknown, verb: string): boolean {
  if (verb === "POST") return JSON.stringify(now).includes('"Fixed"');
  return JSON.stringify(now) !== JSON.stringify(before);
}

/** The request of each step of a draft of four, and how many are taken back where it is refused. */
const STEPS = ["^PATCH .*issues/1$", "^PATCH .*issues/2$", "^POST .*/comments$", "^POST .*/issues$"];

for (const [undone, match] of STEPS.entries()) {
  Deno.test({
    name: `step ${undone + 1} of 4 refused leaves the upstream as it was, field by field, comments included`,
    ignore,
    fn: async () => {
      await using scene = await Scene.start();
      const before = await scene.state();
      await using mounted = await scene.mount();
      await stage(scene, mounted, true);
      await scene.github.reset();
      await scene.github.fault(match, { status: 422 });
      const { code, stderr } = await mounted.omnifs(["draft", "apply", "d"]);
      assert.equal(code, 1);
      assert.match(stderr, /^not applied: .* answered 422 \(Injected 422\)\n/);
      const told = /(\d) steps? taken back/.exec(stderr)?.[1] ?? "0";
      assert.equal(Number(told), undone, stderr);
      assert.match(stderr, /upstream is as before, and the draft is kept\n$/);
      assert.deepEqual(await scene.state(), before);
      const changes = (await scene.github.requests()).filter(({ method }) => method !== "GET");
      assert.equal(changes.length, 2 * undone + 1, JSON.stringify(changes));
      await scene.github.clearFaults();
      assert.match(await ok(mounted, ["draft", "apply", "d"]), /applied, 4 steps/);
      assert.notDeepEqual(await scene.state(), before);
    },
  });
}

Deno.test({
  name: "applies at once from several shells never interleave",
  ignore,
  fn: async () => {
    await using scene = await Scene.start();
    await using mounted = await scene.mount();
    const shell = await Shell.beside(mounted);
    const names = ["a", "b", "c"];
    for (const [index, field] of ["title", "body", "labels"].entries()) {
      const name = names[index] ?? "";
      await ok(mounted, ["draft", "new", name]);
      for (const issue of [0, 1]) {
        await ok(mounted, ["draft", "write", scene.path(issue, field), name], `${name}${issue}\n`);
      }
    }
    const all = await Promise.all(names.map((name) => shell.run(`omnifs draft apply --output json ${name}`)));
    assert.deepEqual(all.map(({ code, stderr }) => [code, stderr]), names.map(() => [0, ""]));
    const happened = (await shell.text("omnifs events --type draft --type mutation --output jsonl")).trim()
      .split("\n").map((line) => JSON.parse(line)).filter(({ type }) =>
        /applying|sent|draft.ended/.test(type)
      );
    const types = happened.map(({ type }) => type);
    const turn = ["draft.applying", "mutation.sent", "mutation.sent", "draft.ended"];
    assert.deepEqual(types, [...turn, ...turn, ...turn], "each has its turn, from the beginning to the end");
    const log = await shell.text("cat state/omnifs/drafts/*/audit.log");
    const drafts = log.trim().split("\n").map((line) => String(JSON.parse(line).draft));
    const turns = drafts.filter((draft, index) => draft !== drafts[index - 1]);
    assert.deepEqual(turns.toSorted(), names);
  },
});

Deno.test({
  name: "an issue that somebody closed in between is hit by its identity, though its path is another one now",
  ignore,
  fn: async () => {
    await using scene = await Scene.start();
    await using mounted = await scene.mount();
    await ok(mounted, ["draft", "new", "d"]);
    await ok(mounted, ["draft", "write", scene.path(0, "body"), "d"], "Closed, and told why.\n");
    await scene.github.patchIssue("acme/api", scene.numbers[0] ?? 0, { title: "Renamed", state: "closed" });
    assert.match(
      await ok(mounted, ["draft", "apply", "d"]),
      /applied, 1 step:\n {2}set body of acme\/api#1\n/,
    );
    const closed = `${mounted.dir}${scene.path(0, "").replace("_open", "_closed")}`;
    assert.equal((await sh(`cat ${closed}/title ${closed}/body`)).stdout, "Renamed\nClosed, and told why.\n");
  },
});

Deno.test({
  name: "an issue that was transferred in between is hit where it is now, and shown there",
  ignore,
  fn: async () => {
    await using scene = await Scene.start();
    await scene.github.createRepository("service");
    for (const title of ["Another", "One more"]) await scene.github.createIssue("acme/service", { title });
    await using mounted = await scene.mount();
    const read = (path: string) => sh(`cat ${mounted.dir}${path}`);
    assert.equal((await read(scene.path(0, "title"))).stdout, "Crash\n");
    await ok(mounted, ["draft", "new", "d"]);
    await ok(mounted, ["draft", "write", scene.path(0, "title"), "d"], "Transferred\n");
    await ok(mounted, ["draft", "write", scene.path(0, "comments/new"), "d"], "Hello\n");
    const number = await scene.github.transferIssue("acme/api", scene.numbers[0] ?? 0, "acme/service");
    assert.match(
      await ok(mounted, ["draft", "apply", "d"]),
      new RegExp(`set title of acme/service#${number}`),
    );
    assert.notEqual((await read(scene.path(0, "title"))).code, 0, "it is no longer there");
    const there = `/github/acme/service/_issues/_open/${number}`;
    assert.equal((await read(`${there}/title`)).stdout, "Transferred\n");
    assert.equal((await read(`${there}/comments/*/body`)).stdout, "Hello\n");
  },
});

Deno.test({
  name: "an issue in a repository that was renamed in between is still hit",
  ignore,
  fn: async () => {
    await using scene = await Scene.start();
    await using mounted = await scene.mount();
    await ok(mounted, ["draft", "new", "d"]);
    await ok(mounted, ["draft", "write", scene.path(0, "title"), "d"], "Renamed\n");
    await scene.github.moveRepository("acme/api", "service");
    assert.match(await ok(mounted, ["draft", "apply", "d"]), /applied, 1 step/);
    const headers = { authorization: `Bearer ${scene.github.token}` };
    const url = `${scene.github.url}/repos/acme/service/issues/${scene.numbers[0]}`;
    assert.equal((await (await fetch(url, { headers })).json()).title, "Renamed");
  },
});
