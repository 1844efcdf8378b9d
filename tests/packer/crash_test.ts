/**
 * A commit that is killed at any call of the file system leaves generation n or n+1, and the next start says which.
 *
 * @module
 */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { run } from "../support/command.ts";
import { COMMANDS, contents, CORRELATION, crashWorkspace, eitherOf } from "./crash.ts";
import { type Fate, MortalDisk } from "./mortal_disk.ts";
import { Scouting } from "./local_scout.ts";
import { memoryDir } from "../support/temp.ts";
import { apply, RecordingDisk, survive, treeOf } from "./power.ts";
import { Workspace } from "./workspace.ts";

/** Runs the commit with the fate of `disk`; the error that it ended in, and the moment before it. */
async function attempt(
  workspace: Workspace,
  disk: MortalDisk,
): Promise<{ readonly error: unknown; readonly since: string }> {
  const open = await workspace.open({ disk, scout: (assets) => new Scouting(assets) });
  await open.packer.digested();
  const since = open.packer.moment();
  disk.arm();
  try {
    await open.packer.commit(COMMANDS, CORRELATION);
    return { error: undefined, since };
  } catch (error) {
    return { error, since };
  } finally {
    await open[Symbol.asyncDispose]();
  }
}

/** What the commit makes of a workspace that nothing happens to, and how many calls that takes. */
async function undisturbed() {
  await using workspace = await crashWorkspace();
  const before = await contents(workspace);
  const disk = new MortalDisk();
  strictEqual((await attempt(workspace, disk)).error, undefined);
  return { before, after: await contents(workspace), calls: disk.calls };
}

/** The same with the time of the one file that is left alone taken from `workspace`. */
async function asIn(
  workspace: Workspace,
  contents: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const kept = await Deno.lstat(workspace.at("hero/kept.txt"));
  return new Map([...contents].map(([path, text]) => [
    path,
    path.endsWith("kept.txt") ? text.replace(/ \d+ /, ` ${kept.mtime?.getTime()} `) : text,
  ]));
}

for (const fate of ["dies before", "dies after", "dies within"] as const satisfies readonly Fate[]) {
  Deno.test(`a commit whose process ${fate} any call ends in generation n or n+1`, async () => {
    const { before, after, calls } = await undisturbed();
    ok(calls.length > 60, `${calls.length} calls`);
    const outcomes: string[] = [];
    for (let at = 1; at <= calls.length; at++) {
      await using workspace = await crashWorkspace();
      const [n, next] = [await asIn(workspace, before), await asIn(workspace, after)];
      const disk = new MortalDisk(at, fate);
      const { since } = await attempt(workspace, disk);
      const what = `${fate} call ${at}, ${calls[at - 1]}`;
      await using again = await workspace.open({ scout: (assets) => new Scouting(assets) });
      const which = await eitherOf(workspace, n, next, what);
      const { state, generation, recovery } = again.packer.status();
      strictEqual(state, "clean", `${what}: ${again.packer.status().detail}`);
      strictEqual(generation, which === "after" ? 2 : 1, `${what}: ${recovery.detail}`);
      strictEqual(await again.packer.committed(CORRELATION, since), which === "after", what);
      if (recovery.outcome !== "none") {
        strictEqual(recovery.outcome, which === "after" ? "forward" : "back", what);
      }
      outcomes.push(`${recovery.outcome} ${which}`);
    }
    // All that can happen did happen somewhere, and it happened in this order.
    deepStrictEqual([...new Set(outcomes)].toSorted(), [
      "back before",
      "forward after",
      "none after",
      "none before",
    ]);
    strictEqual(outcomes.lastIndexOf("back before") < outcomes.indexOf("forward after"), true);
  });
}

Deno.test("a commit whose process is killed at any call, and really gone, ends in generation n or n+1", async () => {
  const { before, after, calls } = await undisturbed();
  const script = new URL("killed_script.ts", import.meta.url).pathname;
  const outcomes = new Set<string>();
  const kill = async (at: number) => {
    await using workspace = await crashWorkspace();
    const [n, next] = [await asIn(workspace, before), await asIn(workspace, after)];
    const { code, stderr } = await run(Deno.execPath(), [
      "run",
      "-A",
      "--no-check",
      script,
      workspace.path,
      `${at}`,
    ]);
    strictEqual(code, 128 + 9, stderr);
    const what = `killed at call ${at}, ${calls[at - 1]}`;
    await using again = await workspace.open({ scout: (assets) => new Scouting(assets) });
    const which = await eitherOf(workspace, n, next, what);
    strictEqual(again.packer.status().state, "clean", what);
    strictEqual(again.packer.generation, which === "after" ? 2 : 1, what);
    strictEqual(await again.packer.committed(CORRELATION, "") === true, which === "after", what);
    outcomes.add(`${again.packer.status().recovery.outcome} ${which}`);
  };
  let next = 1;
  const worker = async () => {
    while (next <= calls.length) await kill(next++);
  };
  await Promise.all([worker(), worker()]);
  deepStrictEqual([...outcomes].toSorted(), ["back before", "forward after", "none after", "none before"]);
});

Deno.test("a power cut after any call, which takes all that was not synced, ends in generation n or n+1", async () => {
  const { before, after } = await undisturbed();
  await using workspace = await crashWorkspace();
  const disk = new RecordingDisk();
  const open = await workspace.open({ disk, scout: (assets) => new Scouting(assets) });
  await open.packer.digested();
  const [n, next] = [await asIn(workspace, before), await asIn(workspace, after)];
  const tree = await treeOf(workspace.path);
  const first = disk.changes.length;
  const since = open.packer.moment();
  await open.packer.commit(COMMANDS, CORRELATION);
  await open[Symbol.asyncDispose]();
  const outcomes = new Set<string>();
  for (const [index, change] of [undefined, ...disk.changes.slice(first)].entries()) {
    if (change !== undefined) apply(tree, workspace.path, change);
    await using folder = await memoryDir();
    await survive(tree, folder.path);
    const left = Workspace.at(folder);
    await using again = await left.open({ scout: (assets) => new Scouting(assets) });
    const what = `a power cut after call ${index}, ${change?.do} ${change?.path}`;
    strictEqual(again.packer.status().state, "clean", `${what}: ${again.packer.status().detail}`);
    const which = await eitherOf(left, n, next, what);
    // What was not synced may have taken the memory of earlier commits along; then nobody says that there was none.
    const committed = await again.packer.committed(CORRELATION, since);
    ok(which === "after" ? committed === true : committed !== true, what);
    outcomes.add(`${again.packer.status().recovery.outcome} ${which}`);
  }
  ok(outcomes.has("forward after") && outcomes.has("none after"), [...outcomes].join(", "));
});

Deno.test("a recovery that is killed at any call is made good by the next one", async () => {
  const { before, after, calls } = await undisturbed();
  const decided = calls.findIndex((call) => call.startsWith("rename") && call.endsWith("commit.json")) + 1;
  let killed = 0;
  for (const first of [decided + 1, decided + 20, decided + 40, calls.length - 6]) {
    for (let at = 1, met = true; met; at++) {
      await using workspace = await crashWorkspace();
      const [n, next] = [await asIn(workspace, before), await asIn(workspace, after)];
      await attempt(workspace, new MortalDisk(first, "dies before"));
      const disk = new MortalDisk(at, "dies before");
      disk.arm();
      const second = await workspace.open({ disk, scout: (assets) => new Scouting(assets) }).catch(() =>
        undefined
      );
      await second?.[Symbol.asyncDispose]();
      met = disk.met;
      await using third = await workspace.open({ scout: (assets) => new Scouting(assets) });
      const what = `killed at call ${first} of the commit and call ${at} of the recovery`;
      strictEqual(await eitherOf(workspace, n, next, what), "after", what);
      strictEqual(third.packer.generation, 2, what);
      strictEqual(await third.packer.committed(CORRELATION, ""), true, what);
      killed++;
    }
  }
  ok(killed > 80, `${killed} recoveries`);
});

Deno.test("a commit in which any one call fails leaves generation n or n+1, or says that it is torn and mends", async () => {
  const { before, after, calls } = await undisturbed();
  const outcomes = new Set<string>();
  for (let at = 1; at <= calls.length; at++) {
    await using workspace = await crashWorkspace();
    const [n, next] = [await asIn(workspace, before), await asIn(workspace, after)];
    const disk = new MortalDisk(at, "fails");
    const what = `call ${at}, ${calls[at - 1]} fails`;
    const open = await workspace.open({ disk, scout: (assets) => new Scouting(assets) });
    await open.packer.digested();
    const since = open.packer.moment();
    disk.arm();
    const error = await open.packer.commit(COMMANDS, CORRELATION).then(() => undefined, (error) => error);
    const { state, generation } = open.packer.status();
    const committed = await open.packer.committed(CORRELATION, since);
    strictEqual(committed, state === "failed" ? null : error === undefined, what);
    outcomes.add(`${error === undefined ? "done" : "refused"} ${state}`);
    if (state === "clean") {
      strictEqual(generation, error === undefined ? 2 : 1, what);
      strictEqual(await eitherOf(workspace, n, next, what), error === undefined ? "after" : "before", what);
      // Whoever was refused can try again at once.
      if (error !== undefined) await open.packer.commit(COMMANDS);
    } else {
      strictEqual(state, "failed", what);
      await rejects(open.packer.commit(COMMANDS), { kind: "conflict" });
      await open.packer.reconcile([{ id: open.packer.divergences()[0]?.id ?? 0, choice: "finish" }]);
      strictEqual(await open.packer.committed(CORRELATION, since), true, what);
    }
    await open[Symbol.asyncDispose]();
    strictEqual(await eitherOf(workspace, n, next, what), "after", what);
  }
  deepStrictEqual([...outcomes].toSorted(), ["done clean", "refused clean", "refused failed"]);
});
