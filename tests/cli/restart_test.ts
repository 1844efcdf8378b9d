/**
 * One omnifs in the place of another: options, grants and drafts stay, and nobody who reads is left hanging.
 *
 * @module
 */
import assert from "node:assert/strict";
import { isAlive, nameOfDir } from "../../runtime/control/places.ts";
import { type GitHubStandIn, startGitHub } from "../fakes/github/mod.ts";
import { flagsFor } from "../mounted/github_mount.ts";
import { type Ran, run, sh } from "../support/command.ts";
import { until, withDeadline } from "../support/deadline.ts";
import { endMount, fuseIsThere, mountAt } from "../support/kernel.ts";
import { ROOT } from "../support/mount.ts";
import { DEADLINE, mountsOf, type Place, place } from "./fixture.ts";
import { untilNone } from "./traces.ts";

const ignore = !(await fuseIsThere());

/** GitHub's stand-in, mounted in the background with a token of the environment. */
interface Scene extends AsyncDisposable {
  readonly github: GitHubStandIn;
  readonly here: Place;
  readonly dir: string;
  readonly token: Readonly<Record<string, string>>;
  /** What a command prints, which must succeed. */
  ok(...words: string[]): Promise<string>;
  /** Runs a command with the token. */
  run(...words: string[]): Promise<Ran>;
  /** The process id of the daemon. */
  pid(): Promise<number>;
}

const TITLE = "github/acme/api/_issues/_open/1/title";

async function scene(): Promise<Scene> {
  await using cleanup = new AsyncDisposableStack();
  const github = await startGitHub();
  cleanup.defer(() => github.close());
  await github.createIssue("acme/api", { title: "One", body: "A body.\n" });
  await github.addComment("acme/api", 1, "Me too");
  const here = cleanup.use(await place());
  const dir = `${here.dir}/mnt`;
  cleanup.defer(() => endMount(dir));
  const token = { GITHUB_TOKEN: github.token };
  const runs = (...words: string[]) => here.omnifsWith({ env: token, input: "Two\n" }, ...words);
  const ok = async (...words: string[]) => {
    const { code, stdout, stderr } = await runs(...words);
    assert.equal(code, 0, `omnifs ${words.join(" ")}: ${stderr}`);
    return stdout;
  };
  await ok("mount", dir, ...flagsFor(github), "--allow-apply=github");
  const kept = cleanup.move();
  return {
    github,
    here,
    dir,
    token,
    ok,
    run: runs,
    pid: async () => mountsOf(await ok("status", "--output", "json"))[0]?.pid ?? 0,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

Deno.test("a restart keeps options, grants and drafts, and hangs no reader", { ignore }, async () => {
  await using here = await scene();
  const { github, dir, ok } = here;
  await ok("draft", "new", "d");
  await ok("draft", "write", `/${TITLE}`, "d");
  const statusOf = async () => {
    const { mounts: [{ grants, providers }] } = JSON.parse(await ok("status", "--output", "json"));
    return { grants, mounts: providers.map(({ mount }: { mount: string }) => mount) };
  };
  const [before, old] = [await statusOf(), await here.pid()];

  // One reader waits for an answer that does not come, and one stands in the mount.
  await github.fault("/comments", { stall: true });
  const waiting = sh(`ls ${dir}/github/acme/api/_issues/_open/1/comments`, { deadline: DEADLINE });
  const standing = new Deno.Command("sh", {
    args: ["-c", `cd ${dir}/github && echo in && read _ && ls acme`],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines = standing.stdout.getReader();
  await lines.read();
  const isAsked = async () => {
    const { mounts: [{ fuse: { messages } }] } = JSON.parse(await ok("status", "--output", "json"));
    return Object.keys(messages).some((name) => name.startsWith("READDIR"));
  };
  await until(isAsked, DEADLINE, "the reader's request");

  assert.match(await ok("restart", dir), new RegExp(`^mounted on ${dir}: github\n`));
  assert.notEqual((await withDeadline(waiting, DEADLINE, "the reader that waited")).code, 0);
  const writer = standing.stdin.getWriter();
  await writer.write(new TextEncoder().encode("\n"));
  await writer.close();
  const { code } = await withDeadline(standing.status, DEADLINE, "the reader that stood in it");
  await lines.cancel();
  assert.notEqual(code, 0, "its directory is that of a mount that is gone");

  await github.clearFaults();
  assert.notEqual(await here.pid(), old);
  assert.ok(!await isAlive(old));
  assert.deepEqual(await statusOf(), before);
  assert.equal(await Deno.readTextFile(`${dir}/${TITLE}`), "One\n");
  assert.match(await ok("draft", "diff", "d"), /^\+Two$/m);
  assert.match(await ok("draft", "apply", "d"), /applied, 1 step/);
  const mounts = (await Deno.readTextFile("/proc/self/mountinfo")).split("\n");
  assert.equal(mounts.filter((line) => line.includes(` ${dir} `)).length, 1);

  await ok("unmount", dir);
  await untilNone(here.here.dir);
  assert.equal((await here.run("restart", dir)).code, 3, "after a clean end there is nothing to restart");
});

Deno.test("an omnifs that was killed is restarted with the options that it had", { ignore }, async () => {
  await using here = await scene();
  const { dir, ok } = here;
  await ok("draft", "new", "d");
  const old = await here.pid();
  Deno.kill(old, "SIGKILL");
  await until(async () => !await isAlive(old), DEADLINE, "its end");
  await ok("restart", dir);
  assert.equal(await Deno.readTextFile(`${dir}/${TITLE}`), "One\n");
  assert.match(await ok("draft", "ls"), /\bd\b/);
  assert.match(await ok("draft", "write", `/${TITLE}`, "d"), /./);
  await ok("unmount", dir);
  assert.equal(await mountAt(dir), undefined);
});

Deno.test(
  "an omnifs that hangs is replaced too, and whoever waits for it does not wait on",
  { ignore },
  async () => {
    await using here = await scene();
    const { dir, ok } = here;
    const old = await here.pid();
    Deno.kill(old, "SIGSTOP");
    const waiting = sh(`stat ${dir}/nobody-looked-at-this`, { deadline: DEADLINE });
    await ok("restart", dir);
    assert.notEqual((await withDeadline(waiting, DEADLINE, "whoever waited")).code, 0);
    assert.ok(!await isAlive(old));
    assert.equal(await Deno.readTextFile(`${dir}/${TITLE}`), "One\n");
  },
);

Deno.test("a token of the old environment is not lost without a word", { ignore }, async () => {
  await using here = await scene();
  const old = await here.pid();
  const { code, stderr } = await here.here.omnifs("restart");
  assert.equal(code, 1);
  assert.match(stderr, /GITHUB_TOKEN is in the environment of the omnifs that runs, and not here\n {2}try: /);
  assert.equal(await here.pid(), old, "the old one goes on");
});

Deno.test("where the new one cannot start, the old one goes on", { ignore }, async () => {
  await using here = await place();
  const dir = `${here.dir}/mnt`;
  try {
    const component = `${here.dir}/own.wasm`;
    await Deno.copyFile(`${ROOT}/providers/dist/hello.wasm`, component);
    const begun = await here.omnifs("mount", dir, "--provider", `own=${component}`);
    assert.equal(begun.code, 0, begun.stderr);
    const [old] = mountsOf((await here.omnifs("status", "--output", "json")).stdout);
    await Deno.remove(component);
    const failed = await here.omnifs("restart", dir);
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /own\.wasm/);
    const [now] = mountsOf((await here.omnifs("status", "--output", "json")).stdout);
    assert.deepEqual(now?.pid, old?.pid);
    assert.ok((await Deno.readTextFile(`${dir}/own/greeting`)).length > 0);
  } finally {
    await endMount(dir);
  }
});

Deno.test(
  "where the new one fails after the old one has ended, it can be started again",
  { ignore },
  async () => {
    await using here = await scene();
    const { dir, ok, here: { dir: home } } = here;
    await ok("draft", "new", "d");
    const old = await here.pid();
    // The old one has its drafts open; the new one finds a file in their place.
    const drafts = `${home}/state/omnifs/drafts/${await nameOfDir(dir)}`;
    await Deno.rename(drafts, `${drafts}.away`);
    await Deno.writeTextFile(drafts, "");
    const failed = await here.run("restart", dir);
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /the drafts in .* cannot be used/);
    assert.ok(!await isAlive(old));
    assert.equal(await mountAt(dir), undefined);
    await Deno.remove(drafts);
    await Deno.rename(`${drafts}.away`, drafts);
    await ok("restart", dir);
    assert.equal(await Deno.readTextFile(`${dir}/${TITLE}`), "One\n");
    assert.match(await ok("draft", "ls"), /\bd\b/);
  },
);

Deno.test("--replace takes other options, and keeps the drafts", { ignore }, async () => {
  await using here = await scene();
  const { dir, ok, github } = here;
  await ok("draft", "new", "d");
  const old = await here.pid();
  assert.match((await here.run("mount", dir)).stderr, /mounted on .* already .*\n {2}try: .*restart/);
  const args = ["mount", dir, "--replace", ...flagsFor(github), "--provider", "hello"];
  assert.match(await ok(...args), new RegExp(`^mounted on ${dir}: github, hello\n`));
  assert.ok(!await isAlive(old));
  const { mounts: [{ grants }] } = JSON.parse(await ok("status", "--output", "json"));
  assert.deepEqual(grants.apply, []);
  assert.match(await ok("draft", "ls"), /\bd\b/);
  // From now on these are the options that a restart keeps.
  assert.match(await ok("restart"), new RegExp(`^mounted on ${dir}: github, hello\n`));
});

/** A newer omnifs: this one with another version and another protocol, in a folder of its own. */
async function newer(folder: string): Promise<string> {
  const copy = `
    mkdir -p ${folder} && cd ${ROOT} && cp -r main.ts deno.json runtime fuse wit ${folder} &&
    ln -s ${ROOT}/node_modules ${ROOT}/providers ${folder} &&
    sed 's/"version": "[^"]*"/"version": "99.0.0"/' package.json > ${folder}/package.json &&
    sed -i 's/^export const PROTOCOL = .*/export const PROTOCOL = 1000;/' ${folder}/runtime/control/protocol.ts`;
  const { code, stderr } = await sh(copy, { deadline: DEADLINE });
  assert.equal(code, 0, stderr);
  return `${folder}/main.ts`;
}

Deno.test("an upgrade is a restart by the newer program, whatever it speaks", { ignore }, async () => {
  await using here = await scene();
  const { dir, token, ok } = here;
  await ok("draft", "new", "d");
  const old = await here.pid();
  const main = await newer(`${here.here.dir}/newer`);
  const upgraded = (...words: string[]) =>
    run(Deno.execPath(), ["run", "-A", "--no-prompt", main, ...words], {
      env: { ...here.here.env, ...token },
      deadline: DEADLINE,
    });
  // The old one is of another protocol: the new one can end it, and ask it nothing.
  assert.match((await upgraded("status", dir)).stderr, /is of another version\n {2}try: .*omnifs restart/);
  const { code, stderr } = await upgraded("restart", dir);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.ok(!await isAlive(old));
  const { mounts: [{ version, pid }] } = JSON.parse((await upgraded("status", "--output", "json")).stdout);
  assert.equal(version, "99.0.0");
  assert.equal(await Deno.readTextFile(`${dir}/${TITLE}`), "One\n");
  assert.match((await upgraded("draft", "ls")).stdout, /\bd\b/);
  assert.equal((await upgraded("unmount", dir)).code, 0);
  await until(async () => !await isAlive(pid), DEADLINE, "the end of the newer one");
});
