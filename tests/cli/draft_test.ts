/**
 * What a person sees of drafts: every command before a daemon whose upstream is a few fields, its words, its documents
 * and its exit codes.
 *
 * @module
 */
import assert from "node:assert/strict";
import { OmnifsError } from "../../runtime/base/errors.ts";
import type { Receipt, Step } from "../../runtime/provider/mod.ts";
import type { Desk } from "../drafts/desk.ts";
import { Upstream } from "../drafts/scene.ts";
import { has, run, sh } from "../support/command.ts";
import { until, withDeadline } from "../support/deadline.ts";
import { onDaemon, type Scene } from "./draft_scene.ts";
import { DEADLINE, omnifsCommand, place } from "./fixture.ts";

const fields = ({ upstream }: Desk) => Object.fromEntries(upstream.fields);

Deno.test("from new to apply, each command says what it did", () =>
  onDaemon(async (scene) => {
    const { says } = scene;
    await says("ls", "there is no draft: omnifs draft new NAME\n");
    await says("new my-fix", "my-fix is there: omnifs draft write PATH my-fix < FILE\n");
    await says("show my-fix", "my-fix  empty\n");
    await says("diff my-fix", "");
    await says("write /test/state my-fix", "my-fix  1 change of test\n", { input: "closed\n" });
    // A path in the mount point is one of the tree.
    await says("write /mnt/omnifs/test/new/comment my-fix", "my-fix  2 changes of test\n", {
      input: "said\n",
    });
    await says("write /test/title my-fix", "my-fix  3 changes of test\n", { input: "other" });
    await says("unstage /test/title my-fix", "my-fix  2 changes of test\n");
    await says(
      "show my-fix",
      "my-fix  2 changes of test\n  A /test/new/comment  5 bytes\n  M /test/state  7 bytes\n",
    );
    await says("ls", "my-fix  2 changes of test\n");
    await says(
      "diff my-fix",
      "diff --git a/test/new/comment b/test/new/comment\nnew file mode 100644\n--- /dev/null\n" +
        "+++ b/test/new/comment\n@@ -0,0 +1 @@\n+said\ndiff --git a/test/state b/test/state\n--- a/test/state\n" +
        "+++ b/test/state\n@@ -1 +1 @@\n-open\n\\ No newline at end of file\n+closed\n",
    );
    await says(
      "diff --stat my-fix",
      " test/new/comment | +1 -0\n test/state | +1 -1\n 2 files changed, +2 -1\n",
    );
    await says("rebase my-fix", "as it was staged on: /test/state\n");
    await says("apply --dry-run my-fix", "2 steps, none of them done:\n  set comment\n  set state\n");
    assert.equal(fields(scene)["state"], "open");
    await says("apply my-fix", "applied, 2 steps:\n  set comment\n  set state\n");
    assert.deepEqual(fields(scene), { state: "closed\n", title: "old", comment: "said\n" });
    await says("ls", "there is no draft: omnifs draft new NAME\n");
    await says("new other", /other is there/);
    await says("discard other", "discarded; nothing was sent\n");
  }));

Deno.test("every command prints one document, or lines of them, for programs", () =>
  onDaemon(async (scene) => {
    const { says, upstream } = scene;
    const json = async (words: string, options = {}) =>
      JSON.parse((await says(`${words} --output json`, /^[[{]/, options)).stdout);
    const lines = async (words: string) =>
      (await says(`${words} --output jsonl`, /^\{/)).stdout.trim().split("\n").map((line) =>
        JSON.parse(line)
      );
    const draft = await json("new d");
    assert.deepEqual([draft.name, draft.mount, draft.state, draft.session, draft.changes], [
      "d",
      null,
      "open",
      null,
      [],
    ]);
    assert.equal((await json("write /test/state d", { input: "closed" })).mount, "test");
    assert.deepEqual((await json("show d")).changes, [{ path: "/test/state", change: "write", bytes: 6 }]);
    assert.equal((await json("ls")).length, 1);
    assert.equal((await lines("ls"))[0].name, "d");
    const [diff] = await json("diff d");
    assert.deepEqual([diff.path, diff.change, diff.added, diff.removed], ["test/state", "write", 1, 1]);
    assert.deepEqual(JSON.parse((await says("diff --json d", /^\[/)).stdout), [diff]);
    assert.deepEqual(await lines("diff d"), [diff]);
    upstream.fields.set("state", "theirs");
    const conflict = await json("apply d", { code: 4 });
    assert.deepEqual(conflict, {
      outcome: "conflict",
      refusals: [{ path: "/test/state", kind: "conflict", message: "state is theirs now, and was open" }],
    });
    assert.deepEqual(await json("rebase d"), [{ path: "/test/state", result: "moved-on" }]);
    assert.deepEqual(await lines("apply --dry-run d"), [
      { outcome: "planned", steps: [{ summary: "set state", reversible: true }], leftOut: [] },
    ]);
    assert.equal((await json("unstage /test/state d")).changes.length, 0);
    assert.deepEqual(await json("discard d"), { stands: [], uncertain: [] });
    assert.deepEqual(await json("ls"), []);
  }));

Deno.test("each end of an apply has its words and its exit code", () =>
  onDaemon(async (scene) => {
    const { says, upstream } = scene;
    await says("new d", /d is there/);
    await says("write /test/state d", /1 change/, { input: "closed" });
    await says("write /test/title d", /2 changes/, { input: "new" });
    upstream.fields.set("title", "theirs");
    await says(
      "apply d",
      "conflict: nothing was sent\n  /test/title: title is theirs now, and was old\n" +
        "look, then: omnifs draft rebase d\n",
      { code: 4 },
    );
    upstream.fields.set("title", "old");
    upstream.failing.set("title", new OmnifsError("unauthorized", "403: not yours"));
    await says(
      "apply d",
      "not applied: set title: 403: not yours\n1 step taken back:\n  set state\n" +
        "upstream is as before, and the draft is kept\n",
      { code: 1 },
    );
    assert.deepEqual(fields(scene), { state: "open", title: "old" });
    upstream.stuck.add("state");
    const partial =
      "partial: set title: 403: not yours; set state could not be taken back: that is not yours to take back\n" +
      "these stand upstream:\n  set state\nomnifs draft apply --resume d, or omnifs draft apply --rollback d\n";
    await says("apply d", partial, { code: 5 });
    const shown =
      /^d {2}2 changes of test, partial\n[^]*the apply by .*process \d+ stopped: set title: 403[^]*\n {2}set state: stands upstream\n {2}set title: does not stand\n$/;
    await says("show d", shown);
    await says("apply d", /the draft d is partial\n {2}try: .*omnifs draft apply --resume d, or --rollback/, {
      code: 1,
    });
    await says("write /test/title d", /the draft d is partial: nothing can be staged/, {
      input: "x",
      code: 1,
    });
    await says("discard d", /cannot be discarded\n {2}try: .*--rollback d/, { code: 1 });
    await says("apply --rollback d", partial.replace("set title: 403: not yours", "it was rolled back"), {
      code: 5,
    });
    upstream.failing.clear();
    await says("apply --resume d", "applied, 2 steps:\n  set state\n  set title\n");
    assert.deepEqual(fields(scene), { state: "closed", title: "new" });
    await says("new e", /e is there/);
    await says("write /test/state e", /1 change/, { input: "open" });
    upstream.losing.add("state");
    upstream.silent.add("state");
    await says("apply e", /of these nobody knows:\n {2}set state\n/, { code: 5 });
    upstream.silent.clear();
    upstream.stuck.clear();
    await says(
      "apply --rollback e",
      "rolled back, 1 step:\n  set state\nupstream is as before, and the draft is kept\n",
    );
    assert.equal(fields(scene)["state"], "closed");
  }));

Deno.test("a draft that can neither go on nor back is given up, and what it leaves upstream is told", () =>
  onDaemon(async (scene) => {
    const { says, upstream } = scene;
    for (const name of ["d", "e"]) {
      await says(`new ${name}`, /is there/);
      await says(`write /test/state ${name}`, /1 change/, { input: "closed" });
      await says(`write /test/title ${name}`, /2 changes/, { input: "new" });
    }
    upstream.failing.set("title", new OmnifsError("not-found", "404: it is gone for good"));
    upstream.stuck.add("state");
    await says("apply d", /^partial/, { code: 5 });
    await says("discard d", /d is partial: it cannot be discarded\n {2}try: .*discard --force d/, {
      code: 1,
    });
    await says("discard --force d", "discarded as it was\nthese stand upstream:\n  set state\n");
    await says("ls", "e  2 changes of test\n");
    assert.deepEqual(fields(scene), { state: "closed", title: "old" });
    upstream.fields.set("state", "open");
    upstream.losing.add("state");
    upstream.silent.add("state");
    await says("apply e", /of these nobody knows:\n {2}set state\n/, { code: 5 });
    await says(
      "discard --force e --output json",
      (JSON.stringify(
        {
          stands: [],
          uncertain: [{ summary: "set state", reversible: true }],
        },
        null,
        2,
      )) + "\n",
    );
    await says("ls", "there is no draft: omnifs draft new NAME\n");
    await says("new open", /is there/);
    await says("discard -f open", "discarded; nothing was sent\n");
  }));

Deno.test("whoever is new to it is told what to do", () =>
  onDaemon(async (scene) => {
    const { says, here } = scene;
    const alone = await here.omnifs("draft");
    assert.match(
      alone.stderr,
      /omnifs draft needs one more word\n {2}try: .*omnifs draft new, .*draft apply/,
    );
    await says("new", /missing required argument 'name'/, { code: 2 });
    await says("new a/b", /a draft cannot be called "a\/b"\n {2}try: use up to 64 letters/, { code: 1 });
    await says("show nobody", /there is no draft called nobody\n {2}try: .*omnifs draft new nobody/, {
      code: 1,
    });
    await says("new d", /d is there/);
    await says("new d", /there is a draft called d already\n {2}try: .*omnifs draft show d/, { code: 1 });
    await says("show nobody", /there is no draft called nobody\n {2}try: there are: d/, { code: 1 });
    await says("show", /this terminal session has no draft\n {2}try: .*omnifs draft write PATH < FILE/, {
      code: 1,
    });
    await says("apply d", /the draft d changes nothing\n {2}try: .*omnifs draft write PATH d < FILE/, {
      code: 1,
    });
    await says("apply --resume --rollback d", /exclude each other/, { code: 2 });
    await says("write /etc/passwd d", /etc is not mounted, or takes no changes/, { input: "x", code: 1 });
    await says(`write ${here.dir}/file d`, /not mounted/, { input: "x", code: 1 });
    await says("write / d", /the whole tree is no file/, { input: "x", code: 1 });
    await says(
      "write /test/nothing d",
      /\/test\/nothing takes no changes\n {2}try: .*omnifs ls --output json/,
      { input: "x", code: 1 },
    );
    await says("write --remove /test/nothing d", /there is no \/test\/nothing/, { code: 1 });
    await says("unstage /test/state d", /is staged at|holds nothing/, { code: 1 });
  }));

Deno.test("without the grant the words name the flag, and without a daemon the command that starts one", async () => {
  await onDaemon(async ({ says }) => {
    await says("new d", /d is there/);
    await says("write /test/state d", /nothing may be staged for test[^]*try: .*--allow-apply=test/, {
      input: "x",
      code: 1,
    });
    await says("write /test/state", /--allow-apply=test/, { input: "x", code: 1 });
    await says("ls", "d  empty\n", {});
  }, { granted: false });
  await using here = await place();
  for (const words of [["ls"], ["new", "d"], ["apply", "d"]]) {
    const { code, stderr } = await here.omnifs("draft", ...words);
    assert.equal(code, 3);
    assert.match(stderr, /omnifs mount/);
  }
});

Deno.test("without a name the terminal session's draft is meant, and the first write makes it", () =>
  onDaemon(async ({ says, drafts }) => {
    await says("write /test/state", /^session-\d+ {2}1 change of test\n$/, { input: "closed" });
    await says("show", /^session-\d+ {2}1 change of test\n {2}M \/test\/state/);
    await says("diff --stat", / test\/state \| \+1 -1\n/);
    await says("apply", "applied, 1 step:\n  set state\n");
    assert.deepEqual(drafts.all(), []);
  }));

if ((await sh("unshare --pid --fork --mount-proc true")).code === 0) {
  Deno.test("the processes of a container that was begun without a session share the draft of its first one", () =>
    onDaemon(async ({ here, drafts }) => {
      const [program, words] = omnifsCommand(["draft"]);
      const draft = [program, ...words].join(" ");
      const script = `echo closed | ${draft} write /test/state && ${draft} show`;
      const { code, stdout } = await run(
        "unshare",
        ["--pid", "--fork", "--mount-proc", "sh", "-c", script],
        { env: here.env, deadline: DEADLINE },
      );
      assert.match(
        stdout,
        /^session-1 {2}1 change of test\nsession-1 {2}1 change of test\n {2}M \/test\/state/,
      );
      assert.equal(code, 0);
      assert.deepEqual(drafts.all().map(({ name }) => name), ["session-1"]);
    }));
}

/** An upstream whose every request waits until it is let go. */
class Held extends Upstream {
  /** Resolves when the first request is there. */
  readonly began = Promise.withResolvers<void>();
  /** Lets the first request go, and all after it. */
  readonly go = Promise.withResolvers<void>();

  override async perform(step: Step): Promise<Receipt> {
    this.began.resolve();
    await this.go.promise;
    return await super.perform(step);
  }
}

/** Two changes of an upstream that holds its first request, an apply of them that hangs there, and what it prints. */
async function onHeld(
  test: (scene: Scene & { upstream: Held; child: Deno.ChildProcess; said: () => string }) => Promise<void>,
): Promise<void> {
  const upstream = new Held({ state: "open", title: "old" });
  await onDaemon(async (scene) => {
    await scene.says("new d", /d is there/);
    await scene.says("write /test/state d", /1 change/, { input: "closed" });
    await scene.says("write /test/title d", /2 changes/, { input: "new" });
    const [program, args] = omnifsCommand(["draft", "apply", "--verbose", "d"]);
    const child = new Deno.Command(program, { args, env: scene.here.env, stdout: "piped", stderr: "piped" })
      .spawn();
    let text = "";
    const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
      for await (const chunk of stream.pipeThrough(new TextDecoderStream())) text += chunk;
    };
    const whole = Promise.all([read(child.stdout), read(child.stderr)]);
    try {
      await upstream.began.promise;
      await test({ ...scene, upstream, child, said: () => text });
    } finally {
      upstream.go.resolve();
      await child.status;
      await whole;
    }
  }, { upstream });
}

Deno.test("Ctrl-C in the middle of an apply lets the step under way end and takes back what stands", () =>
  onHeld(async ({ upstream, child, said, says, drafts }) => {
    const heard = Promise.withResolvers<void>();
    const interrupt = drafts.interrupt.bind(drafts);
    drafts.interrupt = (...args) => {
      interrupt(...args);
      heard.resolve();
    };
    await until(() => Promise.resolve(said().includes("step 1 of 2")), DEADLINE, "the first step");
    child.kill("SIGINT");
    await withDeadline(heard.promise, DEADLINE, "omnifs to hear of it");
    upstream.go.resolve();
    assert.equal((await child.status).code, 130);
    await until(() => Promise.resolve(said().endsWith("is kept\n")), DEADLINE, "all of its words");
    assert.equal(
      said(),
      "step 1 of 2: set state\n" +
        "interrupted: the step under way ends, then what stands is taken back; " +
        "Ctrl-C again leaves omnifs alone with it\n" +
        "taking back step 1 of 2: set state\n" +
        "not applied: it was interrupted\n1 step taken back:\n  set state\n" +
        "upstream is as before, and the draft is kept\n",
    );
    assert.deepEqual(upstream.log, ["set state", "undo state"]);
    await says("show d", "d  2 changes of test\n  M /test/state  6 bytes\n  M /test/title  3 bytes\n");
  }));

Deno.test("whoever goes away in the middle of an apply leaves it to itself: it goes on to its end", () =>
  onHeld(async ({ upstream, child, says, drafts }) => {
    child.kill("SIGKILL");
    await child.status;
    await says(
      "show d",
      /, applying\n[^]*is under way\n {2}set state: sent, and no answer is known\n {2}set title: not sent\n/,
    );
    upstream.go.resolve();
    await until(() => Promise.resolve(drafts.all().length === 0), DEADLINE, "the end of the apply");
    assert.deepEqual(Object.fromEntries(upstream.fields), { state: "closed", title: "new" });
  }));

Deno.test("each step is told on standard error: to a terminal, or where --verbose asks, and never among the JSON", () =>
  onDaemon(async ({ here, says, upstream }) => {
    const steps = "step 1 of 2: set state\nstep 2 of 2: set title\n";
    const ended = "applied, 2 steps:\n  set state\n  set title\n";
    const apply = async (words: readonly string[], wrap?: (line: string) => string) => {
      upstream.fields.set("state", "open").set("title", "old");
      await says("new d", /d is there/);
      await says("write /test/state d", /1 change/, { input: "closed" });
      await says("write /test/title d", /2 changes/, { input: "new" });
      const [program, args] = omnifsCommand(["draft", "apply", "d", ...words]);
      const line = [program, ...args].map((word) => `'${word}'`).join(" ");
      return await sh(wrap?.(line) ?? line, { env: { ...here.env, NO_COLOR: "1" }, deadline: DEADLINE });
    };
    const quiet = await apply([]);
    assert.deepEqual([quiet.stdout, quiet.stderr], [ended, ""]);
    const verbose = await apply(["--verbose"]);
    assert.deepEqual([verbose.stdout, verbose.stderr], [ended, steps]);
    const json = await apply(["--verbose", "--output", "json"]);
    assert.deepEqual([JSON.parse(json.stdout).outcome, json.stderr], ["applied", steps]);
    await says("new e", /e is there/);
    await says("write /test/state e", /1 change/, { input: "open" });
    if (!await has("script")) return console.log("no test on a terminal: there is no script");
    const onTerminal = (line: string) => `script -qec "${line} > ${here.dir}/out" /dev/null < /dev/null`;
    assert.equal((await apply([], onTerminal)).stdout.replaceAll("\r", ""), steps);
    assert.equal(await Deno.readTextFile(`${here.dir}/out`), ended);
    assert.equal((await apply(["--output", "json"], onTerminal)).stdout, "");
    const [program, args] = omnifsCommand(["draft", "diff", "e"]);
    const diff = await sh(`script -qec "${[program, ...args].join(" ")}" /dev/null < /dev/null`, {
      env: { ...here.env, NO_COLOR: "", TERM: "xterm" },
      deadline: DEADLINE,
    });
    for (const looks of ["[32m+open", "[31m-closed", "[34m@@", "[1mdiff --git"]) {
      assert(diff.stdout.includes(looks), `${looks} in ${JSON.stringify(diff.stdout)}`);
    }
    await says("discard e", /discarded/);
    assert.equal(JSON.parse(await Deno.readTextFile(`${here.dir}/out`)).outcome, "applied");
  }));
