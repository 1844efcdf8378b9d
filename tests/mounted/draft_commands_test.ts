/**
 * Drafts as a person types them: the lines that announced them, and the transcripts of `docs/drafts.md`, in a real shell
 * beside a real mount.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { GitHubStandIn } from "../fakes/github/mod.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { ROOT } from "../support/mount.ts";
import { type Step, stepsOf } from "../support/transcript.ts";
import { type GitHubMount, mountGitHub } from "./github_mount.ts";
import { Shell } from "./shell.ts";

const ignore = !(await fuseIsThere());

/** A shell beside a mount of what `seed` makes. */
function inShell(
  name: string,
  seed: (github: GitHubStandIn) => Promise<unknown>,
  test: (shell: Shell, mount: GitHubMount) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore,
    fn: async () => {
      await using mount = await mountGitHub(seed, { args: ["--allow-apply=github"] });
      await test(await Shell.beside(mount.mounted), mount);
    },
  });
}

inShell(
  "the lines that announced drafts do what they say, word for word",
  (github) => github.createIssues("my-org/my-repo", 42),
  async (shell, { github, mounted, asked }) => {
    const type = async (command: string, output: string) =>
      assert.deepEqual(await shell.type(command), { command, output });
    await type("omnifs draft new my-fix", "my-fix is there: omnifs draft write PATH my-fix < FILE");
    await type(
      'omnifs draft write /github/my-org/my-repo/_issues/open/42/state my-fix <<< "closed"',
      "my-fix  1 change of github",
    );
    const path = "github/my-org/my-repo/_issues/_open/42/state";
    await type(
      "omnifs draft diff my-fix",
      `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-open\n+closed`,
    );
    assert.equal(await shell.text(`cat ~/omnifs/${path}`), "open\n", "the live tree stays untouched");
    await type("omnifs draft apply my-fix", "applied, 1 step:\n  close my-org/my-repo#42");
    await github.reset();
    assert.equal(
      await shell.text("cat ~/omnifs/github/my-org/my-repo/_issues/_closed/42/state"),
      "closed\n",
    );
    assert.deepEqual(await asked() ?? [], [], "the answer to the apply is what is read");
    await type("omnifs draft ls", "there is no draft: omnifs draft new NAME");
    // The same with the tree's own spelling, and each path in the mount point as well.
    await type("omnifs draft new my-fix", "my-fix is there: omnifs draft write PATH my-fix < FILE");
    await type(
      "omnifs draft write /github/my-org/my-repo/_issues/_open/41/state my-fix <<< closed",
      "my-fix  1 change of github",
    );
    await type(
      `omnifs draft write ${mounted.dir}/github/my-org/my-repo/_issues/_open/40/state my-fix <<< closed`,
      "my-fix  2 changes of github",
    );
    await type(
      "omnifs draft unstage /github/my-org/my-repo/_issues/open/40/state my-fix",
      "my-fix  1 change of github",
    );
    await type("omnifs draft apply my-fix", "applied, 1 step:\n  close my-org/my-repo#41");
  },
);

/** What happens elsewhere before each transcript of the page. */
const BEFORE: Readonly<Record<string, (github: GitHubStandIn, shell: Shell) => Promise<unknown>>> = {
  "session": () => Promise.resolve(),
  "conflict": (github) => github.patchIssue("acme/api", 2, { title: "The log says nothing" }),
  "refused": async (github, shell) => {
    await shell.text("omnifs draft new next");
    await shell.text("omnifs draft write /github/acme/api/_issues/_open/2/title next <<< 'A silent log'");
    await shell.text("omnifs draft write /github/acme/api/_issues/_open/2/comments/new next <<< Why");
    await github.fault("^POST .*comments", { status: 422, body: '{"message":"Validation Failed"}' });
  },
  // The first change passes as usual, and no other one.
  "partial": async (github) => {
    await github.fault("^PATCH ", { delay: 0, times: 1 });
    await github.fault("^PATCH ", { status: 403, body: '{"message":"Must have admin rights"}' });
  },
  "settled": (github) => github.clearFaults(),
};

inShell(
  "the transcripts of docs/drafts.md are what a person sees",
  async (github) => {
    await github.createIssue("acme/api", { title: "Crash", body: "It crashes.", labels: ["bug"] });
    await github.createIssue("acme/api", { title: "The log is silent", body: "It says nothing." });
  },
  async (shell, { github, asked }) => {
    const page = await Deno.readTextFile(join(ROOT, "docs", "drafts.md"));
    const marks = [...page.matchAll(/<!-- transcript: (\S+) -->/g)].map(([, name]) => name);
    assert.deepEqual(marks, Object.keys(BEFORE));
    const { host } = new URL(github.url);
    const told = ({ command, output }: Step) => ({
      command,
      output: output.replaceAll(shell.home, "/home/ada")
        .replaceAll(`http://${host}`, "https://api.github.com")
        .replaceAll(/process \d+/g, "process 17995")
        // As a shell says it that was not given its line as an argument.
        .replaceAll(/^\S*bash: line \d+: /gm, "bash: "),
    });
    for (const [name, happens] of Object.entries(BEFORE)) {
      await happens(github, shell);
      const steps = stepsOf(page, `transcript: ${name}`);
      const seen: Step[] = [];
      for (const { command } of steps) {
        await github.reset();
        seen.push(told(await shell.type(command)));
        if (command.startsWith("cat ")) assert.deepEqual(await asked() ?? [], [], "as the page says");
      }
      assert.deepEqual(seen, steps, name);
      assert(steps.length > 0, name);
    }
  },
);

inShell(
  "every command has a document for programs, and 4 and 5 are exit codes of their own",
  async (github) => {
    await github.createIssue("acme/api", { title: "Crash", body: "It crashes.", labels: ["bug"] });
    await github.createIssue("acme/api", { title: "Slow", body: "It is slow." });
  },
  async (shell, { github }) => {
    const path = (rest: string) => `/github/acme/api/_issues/_open/${rest}`;
    const json = async (line: string, code = 0) => {
      const ran = await shell.run(`omnifs draft ${line}`);
      assert.equal(ran.code, code, `${line}: ${ran.stderr}`);
      return JSON.parse(ran.stdout);
    };
    const draft = await json("new d --output json");
    assert.deepEqual([draft.name, draft.mount, draft.state, draft.changes], ["d", null, "open", []]);
    await json(`write ${path("1/state")} d --output json <<< closed`);
    await json(`write ${path("2/title")} d --output json <<< Ours`);
    const held = await json(`write ${path("2/body")} d --output json <<< Ours`);
    assert.deepEqual([held.mount, held.changes.length], ["github", 3]);
    assert.equal((await json(`unstage ${path("2/body")} d --output json`)).changes.length, 2);
    assert.deepEqual((await json("show d --output json")).changes, [
      { path: path("1/state"), change: "write", bytes: 7 },
      { path: path("2/title"), change: "write", bytes: 5 },
    ]);
    const diffs = await json("diff --json d");
    assert.deepEqual(diffs, await json("diff d --output json"));
    assert.deepEqual(
      diffs.map((
        { path, change, added, removed }: Record<string, unknown>,
      ) => [path, change, added, removed]),
      [[path("1/state").slice(1), "write", 1, 1], [path("2/title").slice(1), "write", 1, 1]],
    );
    assert.equal(
      await shell.text("omnifs draft diff --stat d"),
      ` ${path("1/state").slice(1)} | +1 -1\n ${path("2/title").slice(1)} | +1 -1\n 2 files changed, +2 -2\n`,
    );
    assert.deepEqual(await json("apply --dry-run d --output json"), {
      outcome: "planned",
      steps: [
        { summary: "close acme/api#1", reversible: true },
        { summary: "set title of acme/api#2", reversible: true },
      ],
      leftOut: [],
    });
    await github.patchIssue("acme/api", 2, { title: "Theirs" });
    const conflict = await json("apply d --output json", 4);
    assert.equal(conflict.outcome, "conflict");
    assert.deepEqual([conflict.refusals[0].path, conflict.refusals[0].kind], [path("2/title"), "conflict"]);
    assert.match(conflict.refusals[0].message, /is now "Theirs", and was "Slow"/);
    assert.deepEqual(await json("rebase d --output json"), [
      { path: path("1/state"), result: "same" },
      { path: path("2/title"), result: "moved-on" },
    ]);
    await github.fault("^PATCH .*issues/2$", { status: 422 });
    await github.fault("^PATCH ", { delay: 0, times: 1 });
    await github.fault("^PATCH ", { status: 403 });
    const partial = await json("apply d --output json", 5);
    assert.deepEqual([partial.outcome, partial.uncertain], ["partial", []]);
    assert.deepEqual(partial.stands, [{ summary: "close acme/api#1", reversible: true }]);
    const [listed] = await json("ls --output json");
    assert.deepEqual(listed.attempt.steps, [
      { summary: "close acme/api#1", standing: "stands" },
      { summary: "set title of acme/api#2", standing: "absent" },
    ]);
    assert.equal((await json("apply --rollback d --output json", 5)).outcome, "partial");
    await github.clearFaults();
    assert.equal((await json("apply --resume d --output json")).outcome, "applied");
    assert.deepEqual(await json("ls --output json"), []);
    await json("new e --output json");
    assert.deepEqual(await json("discard e --output json"), { stands: [], uncertain: [] });
  },
);
