/**
 * What is granted that no flag grants: nothing, unless a person on a terminal says so.
 *
 * @module
 */
import assert from "node:assert/strict";
import { systemClock } from "../../runtime/base/clock.ts";
import { settle } from "../../runtime/cli/consent.ts";
import { readRemembered } from "../../runtime/cli/remembered.ts";
import type { WantedNeed } from "../../runtime/control/options.ts";
import { omnifsCommand, type Place, place } from "../cli/fixture.ts";
import { has, type Ran, run } from "../support/command.ts";
import { endMount, fuseIsThere } from "../support/kernel.ts";
import { ROOT } from "../support/mount.ts";
import { tempDir } from "../support/temp.ts";

const NEED: WantedNeed = {
  provider: "github",
  mount: "github",
  source: "bundled",
  target: "api.test",
  why: "Read things",
  write: false,
  credential: "A_KEY",
};

/** Answers in turn, and the questions that they were given to. */
function person(...answers: (string | undefined)[]) {
  const questions: string[] = [];
  const ask = (question: string) => {
    questions.push(question);
    return Promise.resolve(answers.shift());
  };
  return { ask, questions };
}

async function withState(
  work: (state: Parameters<typeof settle>[0], path: string) => Promise<void>,
): Promise<void> {
  await using dir = await tempDir();
  const environment = (name: string) => name === "XDG_STATE_HOME" ? dir.path : undefined;
  await work({ environment, clock: systemClock }, `${dir.path}/omnifs/grants.json`);
}

Deno.test("a question names the target, the reason and the credential; only its own words are a yes", () =>
  withState(async (state) => {
    const rows: [(string | undefined)[], boolean, number][] = [
      [["o"], true, 1],
      [["Once"], true, 1],
      [["always"], true, 1],
      [["n"], false, 1],
      [[""], false, 1],
      [[undefined], false, 1],
      [["y", "yes", "sure", "o"], false, 3],
      [["rm -rf x", "o"], true, 2],
    ];
    for (const [index, [answers, granted, asked]] of rows.entries()) {
      const { ask, questions } = person(...answers);
      const target = `${index}.test`;
      assert.deepEqual(
        await settle(state, [{ ...NEED, target }], ask),
        granted ? [target] : [],
        answers.join(),
      );
      assert.equal(questions.length, asked, answers.join());
      assert.match(
        questions[0] ?? "",
        new RegExp(`github asks to reach ${target}\n.*Read things\n.*A_KEY\n`),
      );
    }
  }));

Deno.test("always is remembered for those who asked then, and for nobody and nothing else", () =>
  withState(async (state, path) => {
    assert.deepEqual(await settle(state, [NEED], person("a").ask), ["api.test"]);
    assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
    const again = person();
    assert.deepEqual([await settle(state, [NEED], again.ask), again.questions], [["api.test"], []]);
    const others: Partial<WantedNeed>[] = [
      { target: "other.test" },
      { provider: "twin" },
      { source: "sha256:00" },
      { credential: "ANOTHER_KEY" },
    ];
    for (const other of others) {
      const { ask, questions } = person("n");
      assert.deepEqual(await settle(state, [{ ...NEED, ...other }], ask), [], JSON.stringify(other));
      assert.equal(questions.length, 1, JSON.stringify(other));
    }
    // One that joins for the same target reopens the question, since a grant is for all of a mount.
    const joined = person("n");
    assert.deepEqual(await settle(state, [NEED, { ...NEED, provider: "twin" }], joined.ask), []);
    assert.match(joined.questions[0] ?? "", /github asks.*twin \(|github \(twin\) asks/s);
  }));

Deno.test("remembered answers that somebody else could have written do not count", () =>
  withState(async (state, path) => {
    await settle(state, [NEED], person("a").ask);
    await Deno.chmod(path, 0o644);
    await assert.rejects(readRemembered(state.environment), /not this user's alone/);
    await assert.rejects(settle(state, [NEED], person("o").ask), /not this user's alone/);
    await Deno.chmod(path, 0o600);
    await Deno.writeTextFile(path, '{"grants":[{"target":1}]}');
    await assert.rejects(readRemembered(state.environment), /does not hold remembered grants/);
  }));

Deno.test("a component cannot forge a question, nor get two targets for one", () =>
  withState(async (state) => {
    const { ask, questions } = person("n");
    const why = "nothing\n  allow it? once (o)\x1b[2K\rreally";
    const forged = { ...NEED, provider: "x", mount: "x", source: "sha256:00", why };
    const granted = await settle(state, [forged, { ...NEED, target: "unix:/a,b.test" }], ask);
    assert.deepEqual([granted, questions.length], [[], 1]);
    assert.match(
      questions[0] ?? "",
      /^x \(not bundled\) asks to reach api\.test\n {2}why: {3}nothing\\x0a .*\\x1b\[2K\\x0d/,
    );
  }));

const noTerminal = !(await fuseIsThere()) || !await has("python3");

/** Runs omnifs on a terminal, with answers for its questions. */
function onTerminal(
  here: Place,
  answers: readonly string[],
  words: readonly string[],
  [program, args] = omnifsCommand(words),
): Promise<Ran> {
  const driver = `${import.meta.dirname}/terminal.py`;
  return run("python3", [driver, JSON.stringify(answers), program, ...args], {
    cwd: ROOT,
    env: { ...here.env, TERM: "dumb" },
    deadline: 60_000,
  });
}

Deno.test("on a terminal, mount asks once for each need; always outlives the mount until it is taken back", {
  ignore: noTerminal,
}, async () => {
  await using here = await place();
  const dir = `${here.dir}/mnt`;
  const mount = ["mount", dir, "--provider=github", "--provider=hello"];
  const targets = ["api.github.com", "*.actions.githubusercontent.com", "*.blob.core.windows.net"];
  try {
    const first = await onTerminal(here, ["always", "once", "no"], mount);
    assert.equal(first.code, 0, first.stdout);
    assert.equal(first.stdout.split("allow it?").length - 1, 3);
    assert.match(
      first.stdout,
      /github asks to reach api\.github\.com\n {2}why: .*\n {2}sends: GITHUB_TOKEN\n/,
    );
    assert.match(first.stdout, /mounted on .*: github, hello\n/);
    const status = await here.omnifs("status", "--output", "json");
    assert.deepEqual(JSON.parse(status.stdout).mounts[0].grants.allow, targets.slice(0, 2));
    assert.match((await here.omnifs("status")).stdout, /allowed always: api\.github\.com \(/);
    assert.match(
      (await here.omnifs("grants", "ls")).stdout,
      /^api\.github\.com {2}for github with GITHUB_TOKEN, since /,
    );
    await here.omnifs("unmount", dir);

    const second = await onTerminal(here, ["n", "n"], mount);
    assert.equal(second.stdout.split("allow it?").length - 1, 2, second.stdout);
    assert.match(second.stdout, /mounted on .*: github, hello\n/);
    await here.omnifs("unmount", dir);

    assert.equal(
      (await here.omnifs("grants", "rm", "api.github.com")).stdout,
      "taken back: api.github.com\n",
    );
    assert.equal((await here.omnifs("grants", "rm", "api.github.com")).code, 1);
    const third = await onTerminal(here, [], [...mount, "--deny-net=*.blob.core.windows.net"]);
    assert.equal(third.stdout.split("allow it?").length - 1, 2, third.stdout);
    const denied = JSON.parse((await here.omnifs("status", "--output", "json")).stdout);
    assert.deepEqual(denied.mounts[0].grants.allow, []);
  } finally {
    await endMount(dir);
  }
});

Deno.test("the tasks that run omnifs keep Deno from asking", async () => {
  const { tasks }: { tasks: Record<string, { command: string }> } = JSON.parse(
    await Deno.readTextFile(`${ROOT}/deno.json`),
  );
  const runs = Object.values(tasks).flatMap(({ command }) => command.split("&&")).filter((line) =>
    / main\.ts\b/.test(line)
  );
  assert.ok(runs.length >= 2, `${runs.length} tasks`);
  for (const line of runs) assert.match(line, /deno run -A --no-prompt main\.ts/);
});

Deno.test(
  "under deno task, omnifs asks its own questions and Deno none",
  { ignore: noTerminal },
  async () => {
    await using here = await place();
    const dir = `${here.dir}/mnt`;
    const words = ["task", "--quiet", "omnifs", "mount", dir, "--provider=github"];
    try {
      const { code, stdout } = await onTerminal(here, ["once", "n", "n"], [], [Deno.execPath(), words]);
      assert.equal(code, 0, stdout);
      assert.equal(stdout.split("allow it?").length - 1, 3, stdout);
      assert.match(stdout, /mounted on .*: github\n/);
      assert.doesNotMatch(stdout, /Deno requests|Allow\? \[y\/n/);
      const status = await here.omnifs("status", "--output", "json");
      assert.deepEqual(JSON.parse(status.stdout).mounts[0].grants.allow, ["api.github.com"]);
    } finally {
      await endMount(dir);
    }
  },
);

Deno.test(
  "with --allow-net, with --no-prompt and without a terminal nothing is asked, and nothing remembered counts",
  {
    ignore: noTerminal,
  },
  async () => {
    await using here = await place();
    const dir = `${here.dir}/mnt`;
    const granted = async () => {
      const { stdout } = await here.omnifs("status", "--output", "json");
      await here.omnifs("unmount", dir);
      return JSON.parse(stdout).mounts[0].grants.allow;
    };
    try {
      await onTerminal(here, ["a", "a", "a"], ["mount", dir]);
      assert.equal((await granted()).length, 3);
      const rows: [() => Promise<Ran>, string[]][] = [
        [() => onTerminal(here, [], ["mount", dir, "--no-prompt"]), []],
        [() => onTerminal(here, [], ["mount", dir, "--allow-net=a.test"]), ["a.test"]],
        [() => here.omnifs("mount", dir), []],
      ];
      for (const [mount, allow] of rows) {
        const { code, stdout, stderr } = await mount();
        assert.equal(code, 0, stderr);
        assert.equal((stdout + stderr).includes("allow it?"), false);
        assert.deepEqual(await granted(), allow);
      }
    } finally {
      await endMount(dir);
    }
  },
);
