/**
 * What becomes of an apply that was cut off, by the next process and by a disk that takes nothing.
 *
 * @module
 */
import assert from "node:assert/strict";
import { OmnifsError } from "../../runtime/base/errors.ts";
import { Draft as StagedDraft } from "../../runtime/drafts/draft.ts";
import type { Journal } from "../../runtime/drafts/journal.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import { tempDir } from "../support/temp.ts";
import { onDesk, openDesk } from "./desk.ts";
import { Upstream } from "./scene.ts";

/**
 * Lets an apply of two changes, the second of which is refused, hang for good before or after its request number `at`, as
 * a process that is killed does. False where it ended before.
 */
async function cutOff(dir: string, upstream: Upstream, at: number): Promise<boolean> {
  await using desk = await openDesk(dir, { upstream });
  const draft = await desk.drafts.create("d");
  await desk.write(draft, "/state", "closed");
  await desk.write(draft, "/title", "new");
  const reached = Promise.withResolvers<boolean>();
  let passed = 0;
  const chance = async () => {
    if (passed++ !== at) return;
    reached.resolve(true);
    await new Promise(() => {});
  };
  const [perform, undo] = [upstream.perform.bind(upstream), upstream.undo.bind(upstream)];
  upstream.perform = async (step) => {
    await chance();
    const receipt = await perform(step);
    await chance();
    return receipt;
  };
  upstream.undo = async (step, notes) => {
    await chance();
    await undo(step, notes);
    await chance();
  };
  const ended = desk.drafts.apply(draft, "apply", { by: "me" }).then(() => false);
  const wasCut = await Promise.race([reached.promise, ended]);
  Object.assign(upstream, { perform, undo });
  return wasCut;
}

Deno.test("whatever an apply was cut off in, a refusal on the way included, the next process settles it", async () => {
  let at = 0;
  for (;; at++) {
    await using dir = await tempDir();
    const upstream = new Upstream({ state: "open", title: "old" });
    upstream.failing.set("title", new OmnifsError("invalid", "422"));
    if (!await cutOff(dir.path, upstream, at)) break;
    await using desk = await openDesk(dir.path, { upstream });
    await desk.drafts.recover();
    const draft = desk.drafts.get("d");
    assert.equal(draft.state, "open", `cut off at ${at}`);
    assert.deepEqual(
      Object.fromEntries(upstream.fields),
      { state: "open", title: "old" },
      `cut off at ${at}`,
    );
    upstream.failing.clear();
    assert.equal((await desk.drafts.apply(draft, "apply", { by: "me" })).outcome, "applied");
  }
  // Before and after the first request, before the one that is refused, before and after the undo.
  assert.equal(at, 5);
});

Deno.test(
  "what was left partial and told waits for whoever decides, over a restart too",
  onDesk(async (desk, dir) => {
    const { upstream } = desk;
    const draft = await desk.drafts.create("d");
    await desk.write(draft, "/state", "closed");
    await desk.write(draft, "/title", "new");
    upstream.failing.set("title", new OmnifsError("invalid", "422"));
    upstream.stuck.add("state");
    assert.equal((await desk.drafts.apply(draft, "apply", { by: "me" })).outcome, "partial");
    await desk.drafts.close();
    upstream.stuck.clear();
    await using again = await openDesk(dir, { upstream });
    await again.drafts.recover();
    const kept = again.drafts.get("d");
    assert.equal(kept.state, "partial");
    assert.match(kept.attempt?.reason ?? "", /422/);
    assert.equal((await again.drafts.apply(kept, "rollback", { by: "me" })).outcome, "undone");
    assert.equal(upstream.fields.get("state"), "open");
  }),
);

Deno.test("a draft that may not be changed now is left as it is, and the log says so", async () => {
  await using dir = await tempDir();
  const upstream = new Upstream({ state: "open", title: "old" });
  assert(await cutOff(dir.path, upstream, 1));
  await using desk = await openDesk(dir.path, { upstream, granted: false });
  await desk.drafts.recover();
  assert.equal(desk.drafts.get("d").state, "partial");
  assert.deepEqual(upstream.log, ["set state"]);
  assert(desk.lines.some((line) => line.includes("--allow-apply=test")), desk.lines.join("\n"));
});

Deno.test(
  "a step that cannot be taken down is not sent",
  onDesk(async (desk) => {
    const draft = await desk.drafts.create("d");
    await desk.write(draft, "/state", "closed");
    await desk.write(draft, "/title", "new");
    const outcome = await desk.drafts.apply(draft, "apply", { by: "me" });
    assert(outcome.outcome === "partial", outcome.outcome);
    assert.match(outcome.reason, /set title: the audit log is full; set state could not be taken back/);
    assert.deepEqual(desk.upstream.log, ["set state"], "what cannot be taken down is not taken back either");
  }, {
    witness: ({ step }) =>
      step === "perform: set state"
        ? Promise.resolve()
        : Promise.reject(new OmnifsError("unavailable", "the audit log is full")),
  }),
);

/** A journal that takes nothing after some lines. */
class FullJournal implements Journal {
  readonly size = 0;
  left = Infinity;
  append(): Promise<void> {
    return this.left-- > 0
      ? Promise.resolve()
      : Promise.reject(new OmnifsError("unavailable", "the disk is full"));
  }
  close = () => Promise.resolve();
  remove = () => Promise.resolve();
}

Deno.test("an apply whose journal takes nothing any more is partial, and goes on when it takes something again", async () => {
  let lines = 1;
  for (;; lines++) {
    await using dir = await tempDir();
    const journal = new FullJournal();
    const draft = new StagedDraft(journal, [], systemClock);
    await draft.record({ type: "created", name: "d" });
    await using desk = await openDesk(dir.path);
    await desk.write(draft, "/state", "closed");
    await desk.write(draft, "/title", "new");
    journal.left = lines;
    const stopped = await desk.drafts.apply(draft, "apply", { by: "me" });
    if (stopped.outcome === "applied") break;
    journal.left = Infinity;
    assert(stopped.outcome === "partial", `${lines} lines: ${stopped.outcome}`);
    assert.match(stopped.reason, /the disk is full/);
    assert.equal(draft.state, "partial", `${lines} lines`);
    const { outcome } = await desk.drafts.apply(draft, "rollback", { by: "me" });
    assert.equal(outcome, "undone", `${lines} lines`);
    assert.deepEqual(
      Object.fromEntries(desk.upstream.fields),
      { state: "open", title: "old" },
      `${lines} lines`,
    );
    assert.equal(draft.state, "open");
  }
  // It begins, is planned, has two steps with two lines each, and ends.
  assert.equal(lines, 7);
});
