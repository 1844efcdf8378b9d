/**
 * Several directories, one omnifs: what is shared, what is not, and which one ends it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { isAlive } from "../../runtime/control/places.ts";
import { startGitHub } from "../fakes/github/mod.ts";
import { flagsFor } from "../mounted/github_mount.ts";
import { run, sh } from "../support/command.ts";
import { until } from "../support/deadline.ts";
import { endMount, fuseIsThere, mountAt } from "../support/kernel.ts";
import { DEADLINE, mountsOf, type Place, place } from "./fixture.ts";

const ignore = !(await fuseIsThere());

async function two(work: (here: Place, first: string, second: string) => Promise<void>): Promise<void> {
  await using here = await place();
  const [first, second] = [`${here.dir}/first`, `${here.dir}/second`];
  try {
    await work(here, first, second);
  } finally {
    await endMount(first);
    await endMount(second);
  }
}

const TITLE = "github/acme/api/_issues/_open/1/title";

Deno.test(
  "a second directory is served by the same omnifs, with its cache, and hears of the same changes",
  { ignore },
  () =>
    two(async (here, first, second) => {
      await using cleanup = new AsyncDisposableStack();
      const github = await startGitHub();
      cleanup.defer(() => github.close());
      await github.createIssue("acme/api", { title: "One", body: "A body.\n" });
      const ok = async (...words: string[]) => {
        const options = { env: { GITHUB_TOKEN: github.token }, input: "Two\n" };
        const { code, stdout, stderr } = await here.omnifsWith(options, ...words);
        assert.equal(code, 0, `omnifs ${words.join(" ")}: ${stderr}`);
        return stdout;
      };
      await ok("mount", first, ...flagsFor(github), "--provider", "hello", "--allow-apply=github");
      const joined = await ok("mount", second, "--join", first);
      assert.match(joined, new RegExp(`^mounted on ${second}: github, hello, by the omnifs on ${first}\n`));
      const { mounts } = JSON.parse(await ok("status", "--output", "json"));
      assert.deepEqual(mounts.map(({ dirs }: Record<string, unknown>) => dirs), [[
        { dir: first, shows: null },
        { dir: second, shows: null },
      ]]);

      // What one has read costs the other nothing upstream, and has the same number.
      assert.equal(await Deno.readTextFile(`${first}/${TITLE}`), "One\n");
      await github.reset();
      assert.equal(await Deno.readTextFile(`${second}/${TITLE}`), "One\n");
      // A watch may look meanwhile, but nobody asks for the issue.
      assert.deepEqual((await github.requests()).filter(({ path }) => path.endsWith("/issues/1")), []);
      const inodes = await run("stat", ["-c", "%i", `${first}/${TITLE}`, `${second}/${TITLE}`]);
      const [one, other] = inodes.stdout.trim().split("\n");
      assert.equal(one, other);

      // A change that is applied is seen in both, although both kernels kept the old bytes.
      await ok("draft", "new", "d");
      await ok("draft", "write", `${second}/${TITLE}`, "d");
      assert.equal((await sh(`ls ${second}/_drafts/d/github/acme/api/_issues/_open/1`)).code, 0);
      await ok("draft", "apply", "d");
      for (const dir of [first, second]) {
        const isNew = async () => (await run("cat", [`${dir}/${TITLE}`])).stdout === "Two\n";
        await until(isNew, DEADLINE, `the new title in ${dir}`);
      }
      assert.equal(await ok("cat", `${second}/${TITLE}`), "Two\n");
    }),
);

Deno.test(
  "one of two is unmounted while the other serves; the last one ends the omnifs",
  { ignore },
  () =>
    two(async (here, first, second) => {
      const ok = async (...words: string[]) => {
        const { code, stdout, stderr } = await here.omnifs(...words);
        assert.equal(code, 0, `omnifs ${words.join(" ")}: ${stderr}`);
        return stdout;
      };
      await ok("mount", first);
      assert.equal((await here.omnifs("mount", second, "--join", first, "--provider", "nosuch")).code, 1);
      assert.equal(await mountAt(second), undefined);
      await ok("mount", second, "--join", first, "--provider", "hello");
      const names = await run("ls", [second]);
      assert.equal(names.stdout, "hello\n");
      const [daemon] = mountsOf(await ok("status", "--output", "json"));
      assert.ok(daemon !== undefined);

      const unnamed = await here.omnifs("unmount");
      assert.equal(unnamed.code, 2);
      assert.match(unnamed.stderr, /more than one directory\n {2}try: .*unmount/);
      assert.equal(await ok("unmount", first), `${first} is unmounted\n`);
      assert.equal(await mountAt(first), undefined);
      assert.ok((await run("cat", [`${second}/hello/greeting`])).stdout.length > 0);
      assert.match((await ok("status", second)).split("\n")[0] ?? "", new RegExp(`^${second} \\(hello\\) `));

      const again = await here.omnifs("mount", first);
      assert.equal(again.code, 4);
      assert.match(again.stderr, new RegExp(`serves ${second} still\n {2}try: .*--join ${second}`));
      await ok("mount", first, "--join", second);
      assert.equal((await run("umount", [second])).code, 0);
      await until(
        async () => !(await ok("status")).includes(second),
        DEADLINE,
        "the word that the second is gone",
      );
      await ok("unmount", first);
      await until(async () => !await isAlive(daemon.pid), DEADLINE, "the end of the omnifs");
      assert.equal((await here.omnifs("status")).code, 3);
    }),
);

Deno.test(
  "a restart mounts every directory again, each with what it showed",
  { ignore },
  () =>
    two(async (here, first, second) => {
      assert.equal((await here.omnifs("mount", first)).code, 0);
      assert.equal((await here.omnifs("mount", second, "--join", first, "--provider", "hello")).code, 0);
      const restarted = await here.omnifs("restart", second);
      assert.deepEqual([restarted.code, restarted.stderr], [0, ""]);
      const { mounts: [{ dirs }] } = JSON.parse((await here.omnifs("status", "--output", "json")).stdout);
      assert.deepEqual(dirs, [{ dir: first, shows: null }, { dir: second, shows: ["hello"] }]);
      const both = await sh(`cat ${first}/hello/greeting ${second}/hello/greeting`);
      assert.equal(both.code, 0, both.stderr);
    }),
);

Deno.test("a directory that is joined while its omnifs ends is served or not there, and never dead", {
  ignore,
}, () =>
  two(async (here, first, second) => {
    for (let round = 0; round < 4; round++) {
      assert.equal((await here.omnifs("mount", first)).code, 0);
      await Promise.all([
        here.omnifs("mount", second, "--join", first),
        here.omnifs("unmount", first),
      ]);
      // The unmount ends the whole omnifs where it came before the second directory did.
      if (await mountAt(second) !== undefined) {
        assert.equal((await run("cat", [`${second}/hello/greeting`])).code, 0);
        assert.equal((await here.omnifs("unmount", second)).code, 0);
      }
      await until(async () => (await here.omnifs("status")).code === 3, DEADLINE, "the end of the omnifs");
    }
  }));

Deno.test("--join takes no grants of its own", { ignore }, () =>
  two(async (here, first, second) => {
    assert.equal((await here.omnifs("mount", first)).code, 0);
    const { code, stderr } = await here.omnifs("mount", second, "--join", first, "--allow-net=a.test");
    assert.equal(code, 2, stderr);
    assert.equal(await mountAt(second), undefined);
  }));
