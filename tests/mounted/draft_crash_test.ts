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

  /** Everything that the upstream says of both issues, without the dates that any change touches. */
  async state(): Promise<unknown> {
    const get = async (path: string) => {
      const headers = { authorization: `Bearer ${this.github.token}` };
      return await (await fetch(`${this.github.url}/repos/acme/api/${path}`, { headers })).json();
    };
    const states = this.numbers.map(async (number) => [
      await get(`issues/${number}`),
      await get(`issues/${number}/comments`),
    ]);
    return JSON.parse(JSON.stringify(await Promise.all(states), (key, value) => {
      return ["updated_at", "closed_at", "closed_by", "state_reason"].includes(key) ? undefined : value;
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

/** Three steps: an issue is closed, another one gets labels, the first one a comment. */
async function stage(scene: Scene, mounted: Mounted): Promise<void> {
  await ok(mounted, ["draft", "new", "d"]);
  await ok(mounted, ["draft", "write", scene.path(0, "state"), "d"], "closed\n");
  await ok(mounted, ["draft", "write", scene.path(0, "comments/new"), "d"], "Fixed\n");
  await ok(mounted, ["draft", "write", scene.path(1, "labels"), "d"], "bug\nslow\n");
}

/** By the step at which the apply hangs, and whether its request has its effect: what becomes of the upstream. */
const CUTS = [
  { match: "^PATCH .*issues/1$", lose: false, ends: "as before" },
  { match: "^PATCH .*issues/1$", lose: true, ends: "as before" },
  { match: "^POST .*comments", lose: false, ends: "as before" },
  { match: "^POST .*comments", lose: true, ends: "as staged" },
] as const;

for (const { match, lose, ends } of CUTS) {
  Deno.test({
    name: `killed ${
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
        mounted.signal("SIGKILL");
        await mounted.ended;
        await apply;
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

Deno.test({
  name: "a third step that is refused leaves the upstream as it was, field by field",
  ignore,
  fn: async () => {
    await using scene = await Scene.start();
    const before = await scene.state();
    await using mounted = await scene.mount();
    await stage(scene, mounted);
    await scene.github.fault("^POST .*comments", { status: 422 });
    const { code, stderr } = await mounted.omnifs(["draft", "apply", "d"]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /422 \(Injected 422\)[^]*2 steps taken back[^]*upstream is as before, and the draft is kept/,
    );
    assert.deepEqual(await scene.state(), before);
    await scene.github.clearFaults();
    assert.match(await ok(mounted, ["draft", "apply", "d"]), /applied, 3 steps/);
  },
});

Deno.test({
  name: "two applies at once from two shells never interleave",
  ignore,
  fn: async () => {
    await using scene = await Scene.start();
    await using mounted = await scene.mount();
    for (const name of ["a", "b"]) {
      await ok(mounted, ["draft", "new", name]);
      const field = name === "a" ? "title" : "body";
      for (const index of [0, 1]) {
        await ok(mounted, ["draft", "write", scene.path(index, field), name], `${name}${index}\n`);
      }
    }
    await scene.github.reset();
    const both = await Promise.all(["a", "b"].map((name) => mounted.omnifs(["draft", "apply", name])));
    assert.deepEqual(both.map(({ code, stderr }) => [code, stderr]), [[0, ""], [0, ""]]);
    const methods = (await scene.github.requests()).map(({ method }) => method);
    // Each plans by reading, and writes then: one after the other, or the reads of one would stand between writes.
    const runs = methods.join(" ").replace(/(GET ?)+/g, "G").replace(/(PATCH ?)+/g, "P");
    assert.match(runs, /^G?PGPG?$/);
    assert.equal(methods.filter((method) => method === "PATCH").length, 4);
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
