/**
 * A mount in the background, from its start to its end, as a person runs it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { nameOfDir } from "../../runtime/control/places.ts";
import { until, withDeadline } from "../support/deadline.ts";
import { run, sh } from "../support/command.ts";
import { endMount, fuseIsThere, mountAt } from "../support/kernel.ts";
import { DEADLINE, mountsOf, omnifsCommand, type Place, place } from "./fixture.ts";

const ignore = !(await fuseIsThere());

async function mounted(work: (here: Place, dir: string) => Promise<void>): Promise<void> {
  await using here = await place();
  const dir = `${here.dir}/mnt`;
  try {
    await work(here, dir);
  } finally {
    await endMount(dir);
  }
}

Deno.test("mount returns when the tree answers, says what is withheld, and unmount returns when it is gone", {
  ignore,
}, () =>
  mounted(async (here, dir) => {
    const begun = await here.omnifs("mount", dir);
    assert.deepEqual([begun.code, begun.stderr], [0, ""]);
    assert.match(begun.stdout, new RegExp(`^mounted on ${dir}: hello\n`));
    assert.match(begun.stdout, /github is withheld; to allow it: .*--allow-net=.*api\.github\.com/);
    const greeting = await run("cat", [`${dir}/hello/greeting`]);
    assert.equal(greeting.code, 0);
    assert.equal((await here.omnifs("cat", `${dir}/hello/greeting`)).stdout, greeting.stdout);
    assert.equal((await here.omnifs("cat", "/hello/greeting")).stdout, greeting.stdout);

    const again = await here.omnifs("mount", dir);
    assert.equal(again.code, 4);
    assert.match(again.stderr, /mounted on .* already \(pid \d+\)/);

    const ended = await here.omnifs("unmount", dir);
    assert.deepEqual([ended.code, ended.stdout], [0, `${dir} is unmounted\n`]);
    assert.equal(await mountAt(dir), undefined);
    assert.equal((await here.omnifs("status")).code, 3);
  }));

Deno.test("status tells providers, grants, the cache and the last errors, for people and as a document", {
  ignore,
}, () =>
  mounted(async (here, dir) => {
    await here.omnifs("mount", dir);
    await run("cat", [`${dir}/hello/greeting`]);
    assert.notEqual((await run("ls", [`${dir}/github`])).code, 0);
    const { mounts } = JSON.parse((await here.omnifs("status", "--output", "json")).stdout);
    assert.equal(mounts.length, 1);
    const [{ dir: at, providers, grants, fuse, errors }] = mounts;
    assert.deepEqual([at, grants], [dir, { allow: [], deny: [], apply: [] }]);
    const states = new Map<string, string>(
      providers.map(({ mount, state }: Record<string, unknown>) => [mount, state]),
    );
    assert.ok(states.has("github"));
    // hello is the one that asks for nothing; whatever else is bundled waits for its grant.
    for (const [mount, state] of states) assert.equal(state, mount === "hello" ? "ready" : "withheld", mount);
    assert.ok(states.delete("hello"));
    assert.ok(fuse.messages.LOOKUP > 0);
    assert.match(errors[0].mend, /--allow-net/);
    const human = (await here.omnifs("status", dir)).stdout;
    assert.match(human, /allow with --allow-net=api\.github\.com/);
    assert.match(human, /ready {5}\/hello/);
    assert.match((await here.omnifs("cache", "stats")).stdout, /^maxBytes +256 MiB$/m);
    assert.match((await here.omnifs("cache", "drop", "/hello")).stdout, /^forgot \d+ nodes?\n$/);
    assert.match((await here.omnifs("events")).stdout, /mount\.ready .*cache\.invalidated/s);
    assert.match((await here.omnifs("logs")).stdout, /not granted/);
  }));

Deno.test(
  "a mount that is in use is not ended, and goes on to answer; forced, it is",
  { ignore },
  () =>
    mounted(async (here, dir) => {
      await here.omnifs("mount", dir);
      const [program, words] = omnifsCommand(["unmount", dir]);
      const line = [program, ...words].map((word) => `'${word}'`).join(" ");
      const inside = await sh(`cd ${dir}/hello && ${line}; echo $?; cat greeting`, {
        env: here.env,
        deadline: DEADLINE,
      });
      assert.match(inside.stderr, /in use\n {2}try: /);
      assert.match(inside.stdout, /^1\n./);
      const forced = await sh(`cd ${dir}/hello && ${line} --force; echo $?`, {
        env: here.env,
        deadline: DEADLINE,
      });
      assert.match(forced.stdout, /is unmounted\n0\n$/);
      assert.equal(await mountAt(dir), undefined);
    }),
);

Deno.test(
  "after a crash every command says what is left, unmount --force removes it, and mount takes its place",
  { ignore },
  () =>
    mounted(async (here, dir) => {
      await here.omnifs("mount", dir);
      await killed(here, dir);
      assert.equal((await here.omnifs("status")).code, 3);
      const plain = await here.omnifs("unmount", dir);
      assert.equal(plain.code, 1);
      assert.match(plain.stderr, /is gone, and its mount is left\n {2}try: .*omnifs unmount --force/);
      assert.match((await here.omnifs("doctor")).stdout, new RegExp(`dead mounts .*${dir}`));
      assert.equal((await here.omnifs("unmount", "--force", dir)).code, 0);
      assert.equal((await here.omnifs("mount", dir)).code, 0);
      await killed(here, dir);
      const again = await here.omnifs("mount", dir);
      assert.deepEqual([again.code, again.stderr], [
        0,
        `${dir}: a dead mount was in the way, and is gone now\n`,
      ]);
      assert.equal((await here.omnifs("unmount", dir)).code, 0);
      assert.equal(await mountAt(dir), undefined, "none is left below it");
    }),
);

Deno.test("umount from outside ends the daemon too", { ignore }, () =>
  mounted(async (here, dir) => {
    await here.omnifs("mount", dir);
    assert.equal((await run("umount", [dir])).code, 0);
    await until(async () => (await here.omnifs("status")).code === 3, DEADLINE, "the end of the daemon");
  }));

Deno.test(
  "a directory that holds something, or is none, is not mounted on",
  { ignore },
  () =>
    mounted(async (here, dir) => {
      await Deno.mkdir(dir);
      await Deno.writeTextFile(`${dir}/mine`, "");
      const full = await here.omnifs("mount", dir);
      assert.equal(full.code, 1);
      assert.match(full.stderr, /it is not empty \(it holds mine\)/);
      assert.match((await here.omnifs("mount", `${dir}/mine`)).stderr, /it is not a directory/);
      assert.equal((await here.omnifs("status")).code, 3);
    }),
);

Deno.test(
  "an error of the daemon is the error of the command that started it",
  { ignore },
  () =>
    mounted(async (here, dir) => {
      const { code, stderr } = await here.omnifs("mount", dir, "--provider", "nosuch");
      assert.equal(code, 1);
      assert.match(stderr, /^omnifs: .*nosuch/);
      assert.ok(stderr.trimEnd().split("\n").length <= 3, stderr);
      assert.equal(await mountAt(dir), undefined);
    }),
);

Deno.test("in front, SIGINT ends the mount cleanly", { ignore }, () =>
  mounted(async (here, dir) => {
    const child = start(here, ["mount", "-f", dir]);
    await until(
      async () => (await here.omnifs("status")).code === 0 && await mountAt(dir),
      DEADLINE,
      "the mount",
    );
    child.kill("SIGINT");
    const { code } = await withDeadline(child.status, DEADLINE, "the end");
    assert.equal(code, 0);
    assert.equal(await mountAt(dir), undefined);
  }));

Deno.test(
  "Ctrl-C while the mount starts ends the daemon and exits with 130",
  { ignore },
  () =>
    mounted(async (here, dir) => {
      // The daemon takes this lock before it listens, so it cannot be ready before we let go.
      await Deno.mkdir(here.runtimeDir, { mode: 0o700 });
      const lock = await Deno.open(`${here.runtimeDir}/${await nameOfDir(dir)}.sock.lock`, {
        create: true,
        write: true,
      });
      await lock.lock(true);
      const child = start(here, ["mount", dir]);
      const log = `${here.dir}/state/omnifs/logs`;
      await until(() => Deno.stat(log).then(() => true, () => false), DEADLINE, "the start of the daemon");
      child.kill("SIGINT");
      lock.close();
      const { code } = await withDeadline(child.status, DEADLINE, "the end");
      assert.equal(code, 130);
      assert.equal(await mountAt(dir), undefined);
      assert.equal((await here.omnifs("status")).code, 3);
    }),
);

/** Kills the daemon that serves `dir`, and waits until its mount is dead. */
async function killed(here: Place, dir: string): Promise<void> {
  const [daemon] = mountsOf((await here.omnifs("status", "--output", "json")).stdout);
  assert.ok(daemon);
  Deno.kill(daemon.pid, "SIGKILL");
  await until(
    () => Deno.lstat(`${dir}/hello`).then(() => false, () => true),
    DEADLINE,
    "the end of the daemon",
  );
}

function start(here: Place, args: readonly string[]): Deno.ChildProcess {
  const [program, words] = omnifsCommand(args);
  return new Deno.Command(program, {
    args: words,
    env: { ...here.env },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  })
    .spawn();
}
