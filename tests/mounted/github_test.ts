/**
 * GitHub on a real mount: what a person does with a shell, and what it costs upstream.
 *
 * @module
 */
import assert from "node:assert/strict";
import { run } from "../support/command.ts";
import { until } from "../support/deadline.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { mountOmnifs } from "../support/mount.ts";
import { tempDir } from "../support/temp.ts";
import { flagsFor, type GitHubMount, mountGitHub } from "./github_mount.ts";

const ignore = !(await fuseIsThere());

/** A test with a mount of a small repository: two issues, a pull request, a run with two jobs. */
function onSmallRepository(name: string, test: (mount: GitHubMount, seeded: Seeded) => Promise<void>): void {
  Deno.test({
    name,
    ignore,
    fn: async () => {
      let seeded: Seeded | undefined;
      await using mount = await mountGitHub(async (github) => void (seeded = await seedSmall(github)));
      assert(seeded !== undefined);
      await test(mount, seeded);
    },
  });
}

interface Seeded {
  readonly open: number;
  readonly closed: number;
  readonly pull: number;
  readonly run: number;
  readonly jobs: readonly number[];
}

async function seedSmall(github: GitHubMount["github"]): Promise<Seeded> {
  const open = await github.createIssue("acme/api", {
    title: "Crash on long context",
    body: "It crashes.\n\nEvery time.",
    labels: ["bug"],
  });
  const closed = await github.createIssue("acme/api", { title: "Done", state: "closed" });
  await github.addComment("acme/api", open, "Me too");
  const pull = await github.addPull("acme/api", {
    title: "Fix the crash",
    files: { "src/context.ts": "export const length = 4096;\n" },
  });
  const { run, jobs } = await github.addRun("acme/api", {
    name: "CI",
    jobs: [{ name: "build", log: "building\nbuilt\n" }, { name: "test", log: "testing\npassed\n" }],
  });
  return { open, closed, pull, run, jobs };
}

onSmallRepository("an issue, a pull request and a run read as files", async ({ text, repo }, seeded) => {
  const issue = `${repo}/_issues/_open/${seeded.open}`;
  assert.equal(
    await text("ls", repo),
    "_actions\n_issues\n_prs\ndefault_branch\ndescription\nrepo.json\ntopics\n",
  );
  assert.equal(await text("ls", `${repo}/_issues/_open`), `${seeded.open}\n`);
  assert.equal(await text("cat", `${issue}/title`), "Crash on long context\n");
  assert.equal(await text("cat", `${issue}/body`), "It crashes.\n\nEvery time.\n");
  assert.equal(await text("cat", `${issue}/labels`), "bug\n");
  assert.equal(await text("cat", `${repo}/_issues/_closed/${seeded.closed}/state`), "closed\n");
  const [comment] = (await text("ls", `${issue}/comments`)).split("\n");
  assert.equal(await text("cat", `${issue}/comments/${comment}/body`), "Me too\n");
  const diff = await text("cat", `${repo}/_prs/_open/${seeded.pull}/diff`);
  assert.match(diff, /^diff --git a\/src\/context\.ts b\/src\/context\.ts$/m);
  assert.match(diff, /^\+export const length = 4096;$/m);
  assert.equal(await text("cat", `${repo}/_prs/_open/${seeded.pull}/files`), "src/context.ts\n");
  const log = await text("cat", `${repo}/_actions/runs/${seeded.run}/log`);
  assert.match(log, /building\nbuilt\n[^]*testing\npassed\n/);
  const job = `${repo}/_actions/runs/${seeded.run}/jobs/${seeded.jobs[0]}`;
  assert.equal(await text("cat", `${job}/log`), "building\nbuilt\n");
});

onSmallRepository("a second cat costs no callout and no message of the kernel", async (mount, seeded) => {
  const files = [
    `${mount.repo}/_issues/_open/${seeded.open}/title`,
    `${mount.repo}/_prs/_open/${seeded.pull}/diff`,
    `${mount.repo}/_actions/runs/${seeded.run}/log`,
  ];
  await mount.text("cat", ...files);
  const first = await mount.callouts();
  await mount.text("cat", ...files);
  assert.equal(await mount.callouts(), first, "the second cat");
  // The first read of a file spoils its access time, so the kernel asks for the attributes once more; and it may
  // drop what it keeps at any time. So one warm pass in some has to be without a message, not a certain one.
  const costs: number[] = [];
  while (costs.length < 5 && costs.at(-1) !== 0) {
    const before = await mount.messages();
    await mount.text("cat", ...files);
    costs.push(await mount.messages() - before);
  }
  assert.equal(costs.at(-1), 0, `messages of each warm pass: ${costs}`);
  assert.equal(await mount.callouts(), first);
});

onSmallRepository(
  "an issue has one inode under _open, under _all and after a remount",
  async (mount, seeded) => {
    const inode = (mounted: string, view: string) =>
      mount.text(
        "stat",
        "-c",
        "%i",
        `${mounted}/_issues/${view}/${seeded.open}`,
        `${mounted}/_issues/${view}/${seeded.open}/title`,
      );
    const open = await inode(mount.repo, "_open");
    assert.equal(await inode(mount.repo, "_all"), open);
    assert.equal(await inode(mount.repo, "_open"), open, "and it stays there");
    assert.match(
      await mount.text("ls", "-i", `${mount.repo}/_issues/_all`),
      new RegExp(`^ *${open.split("\n")[0]} `, "m"),
    );
    await using again = await mountOmnifs(flagsFor(mount.github), {
      env: { GITHUB_TOKEN: mount.github.token },
    });
    assert.equal(await inode(`${again.dir}/github/acme/api`, "_open"), open);
  },
);

onSmallRepository(
  "what does not exist is ENOENT, without a callout where the listing tells",
  async (mount, seeded) => {
    const { text, fails, callouts, repo } = mount;
    await text("ls", `${repo}/_issues/_open`);
    const before = await callouts();
    for (const name of ["999", "nothing", `${seeded.closed}`]) {
      const { code, stderr } = await fails("cat", `${repo}/_issues/_open/${name}`);
      assert.notEqual(code, 0);
      assert.match(stderr, /No such file or directory/);
    }
    const costs: number[] = [];
    while (costs.length < 5 && costs.at(-1) !== 0) {
      const messages = await mount.messages();
      assert.match((await fails("cat", `${repo}/_issues/_open/999`)).stderr, /No such file/);
      costs.push(await mount.messages() - messages);
    }
    assert.equal(costs.at(-1), 0, "and the kernel keeps that");
    assert.equal(await callouts(), before);
    assert.match((await fails("ls", `${mount.mounted.dir}/github/acme/no-such-repo`)).stderr, /No such file/);
    assert.match(
      (await fails("ls", `${mount.mounted.dir}/github/no-such-owner-at-all`)).stderr,
      /No such file/,
    );
    assert.match((await fails("ls", `${mount.mounted.dir}/nothing`)).stderr, /No such file/);
  },
);

onSmallRepository(
  "each failure of the upstream has its errno, and the mount lives on",
  async (mount, seeded) => {
    const { github, fails, text, repo } = mount;
    await text("ls", repo);
    const issue = `${repo}/_issues/_all/${seeded.open}`;
    const failing = async (fault: Parameters<typeof github.fault>[1], says: RegExp) => {
      await github.fault("/issues", { times: 1, ...fault });
      assert.match((await fails("cat", `${issue}/title`)).stderr, says);
      await github.clearFaults();
    };
    await failing({ status: 401 }, /Permission denied/);
    await failing({ status: 403 }, /Permission denied/);
    await failing({ status: 500 }, /Input\/output error/);
    await failing({ status: 502 }, /Input\/output error/);
    await failing({ status: 422 }, /Invalid argument/);
    await failing({ status: 404 }, /No such file or directory/);
    await github.refuse(true);
    assert.match((await fails("cat", `${issue}/title`)).stderr, /Input\/output error/);
    await github.refuse(false);
    await failing({ status: 429, headers: { "retry-after": "1" } }, /Resource temporarily unavailable/);
    const { errors } = await mount.mounted.status();
    assert(errors.some((error) => error.kind === "rate-limited"), JSON.stringify(errors));
    assert.match(await text("ls", repo), /^_issues$/m, "what is cached stays served");
    const answers = async () => (await fails("cat", `${issue}/title`)).code === 0;
    await until(answers, 20_000, "an answer after the wait that the upstream asked for");
  },
);

onSmallRepository("a bad token is EACCES, and status names it", async (mount) => {
  await using mounted = await mountOmnifs(flagsFor(mount.github), { env: { GITHUB_TOKEN: "ghp_wrong" } });
  const { stderr } = await run("ls", [`${mounted.dir}/github/acme/api`]);
  assert.match(stderr, /Permission denied/);
  const status = await mounted.status();
  assert(status.errors.some((error) => error.kind === "unauthorized"), JSON.stringify(status.errors));
  assert(!JSON.stringify(status).includes("ghp_wrong"));
  assert(!mounted.output().includes("ghp_wrong"));
});

onSmallRepository("what was not granted is EPERM, and status names the flag", async (mount) => {
  await using mounted = await mountOmnifs([
    "--provider=github",
    "--allow-net=127.0.0.1:9",
    `--set=github.api_url=${mount.github.url}`,
  ]);
  const { stderr } = await run("ls", [`${mounted.dir}/github/acme`]);
  assert.match(stderr, /Operation not permitted/);
  const flag = `--allow-net=${new URL(mount.github.url).host}`;
  const shown = await mounted.omnifs(["status"]);
  assert(shown.stdout.includes(flag), shown.stdout);
  assert.equal(await mount.callouts(), 0, "nothing was sent");
});

Deno.test({
  name: "grep -r over 1,000 issues takes at most 12 callouts, and find, tar and rsync then none",
  ignore,
  fn: async () => {
    await using mount = await mountGitHub((github) => github.createIssues("acme/api", 1_000));
    const open = `${mount.repo}/_issues/_open`;
    const { stdout } = await run("grep", ["-r", "-l", "", open], { deadline: 120_000 });
    assert.equal(
      new Set(stdout.split("\n").map((line) => line.slice(open.length).split("/")[1])).size - 1,
      1_000,
    );
    const callouts = await mount.callouts();
    assert(
      callouts <= 12,
      `${callouts} callouts: ${JSON.stringify((await mount.github.requests()).map((r) => r.path))}`,
    );

    assert.equal(
      (await mount.text("find", open, "-name", "title", "-size", "+0")).trim().split("\n").length,
      1_000,
    );
    const listed = await run(
      "sh",
      ["-c", `tar c -C ${mount.repo}/_issues _open | tar t | grep -c '/title$'`],
      { deadline: 120_000 },
    );
    assert.equal(listed.stdout, "1000\n");
    await using copy = await tempDir();
    const sync = () => mount.text("rsync", "-a", "--stats", `${open}/`, `${copy.path}/`);
    assert.match(await sync(), /Number of regular files transferred: [1-9]/);
    assert.match(await sync(), /Number of regular files transferred: 0\n/);
    assert.equal(await mount.callouts(), callouts);
  },
});
