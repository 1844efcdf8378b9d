/**
 * An apply is one transaction: all, none, or the truth about what stands.
 *
 * @module
 */
import assert from "node:assert/strict";
import { OmnifsError } from "../../runtime/base/errors.ts";
import type { Draft } from "../../runtime/drafts/draft.ts";
import {
  applyDraft,
  planDraft,
  recoverDraft,
  resumeDraft,
  rollBackDraft,
} from "../../runtime/drafts/transaction.ts";
import type { ApplyOutcome } from "../../runtime/drafts/outcome.ts";
import { Disk, Fuse, Killed, partsOf, reopened, stagedDraft, Upstream } from "./scene.ts";

const BEFORE = { state: "open", title: "old", labels: "bug\n" };
const CHANGES = { state: "closed", title: "new", comment: "done" };
const AFTER = { ...BEFORE, ...CHANGES };

const state = (upstream: Upstream) => Object.fromEntries([...upstream.fields].sort());
const sorted = (fields: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(fields).sort(([a], [b]) => a < b ? -1 : 1));

async function scene(changes: Readonly<Record<string, string>> = CHANGES) {
  const disk = new Disk();
  const upstream = new Upstream(BEFORE);
  return { disk, upstream, draft: await stagedDraft(disk, upstream, changes), parts: partsOf(upstream) };
}

Deno.test("every step stands after an apply, and the cache is told of each", async () => {
  const { upstream, draft, parts } = await scene();
  const outcome = await applyDraft(draft, "me", parts);
  assert.equal(outcome.outcome, "applied");
  assert.equal(draft.state, "ended");
  assert.deepEqual(state(upstream), sorted(AFTER));
  assert.deepEqual(parts.told.sort(), Object.keys(CHANGES).sort());
});

Deno.test("a plan says the steps and sends nothing", async () => {
  const { upstream, draft, parts, disk } = await scene();
  const written = disk.records.length;
  const outcome = await planDraft(draft, parts.mutations);
  assert(outcome.outcome === "planned");
  assert.deepEqual(outcome.steps.map(({ summary }) => summary), ["set comment", "set state", "set title"]);
  assert.deepEqual(state(upstream), sorted(BEFORE));
  assert.equal(disk.records.length, written);
  assert.equal(draft.state, "open");
});

Deno.test("every conflict is told, with both texts, and nothing is sent", async () => {
  const { upstream, draft, parts } = await scene();
  upstream.fields.set("state", "reopened");
  upstream.fields.set("title", "theirs");
  const outcome = await applyDraft(draft, "me", parts);
  assert(outcome.outcome === "conflict");
  assert.deepEqual(outcome.refusals.map(({ path, message }) => [path, message]), [
    ["/state", "state is reopened now, and was open"],
    ["/title", "title is theirs now, and was old"],
  ]);
  assert.deepEqual(upstream.log, []);
  assert.equal(draft.state, "open");
  assert.equal(draft.changes.length, 3);
});

Deno.test("a refusal at any step takes back those before it, the latest first", async () => {
  for (const failing of Object.keys(CHANGES)) {
    const { upstream, draft, parts } = await scene();
    upstream.failing.set(failing, new OmnifsError("invalid", "422: no such value"));
    const outcome = await applyDraft(draft, "me", parts);
    assert(outcome.outcome === "undone", failing);
    assert.match(outcome.reason, /set .*: 422: no such value/);
    assert.deepEqual(state(upstream), sorted(BEFORE), failing);
    const done = upstream.log.filter((entry) => entry.startsWith("set ")).map((entry) => entry.slice(4));
    const undone = upstream.log.filter((entry) => entry.startsWith("undo ")).map((entry) => entry.slice(5));
    assert.deepEqual(undone, done.reverse());
    assert.equal(draft.state, "open");
    assert.equal(draft.changes.length, 3);
  }
});

Deno.test("an answer that was lost is asked for: the step is not done twice", async () => {
  const { upstream, draft, parts } = await scene();
  upstream.losing.add("comment").add("title");
  assert.equal((await applyDraft(draft, "me", parts)).outcome, "applied");
  assert.deepEqual(state(upstream), sorted(AFTER));
  assert.equal(upstream.log.length, 3);
});

Deno.test("a step of which nobody knows stops the apply, and the draft says which", async () => {
  const { upstream, draft, parts } = await scene();
  upstream.losing.add("state");
  upstream.silent.add("state");
  const outcome = await applyDraft(draft, "me", parts);
  assert(outcome.outcome === "partial");
  assert.deepEqual(outcome.stands.map(({ summary }) => summary), ["set comment"]);
  assert.deepEqual(outcome.uncertain.map(({ summary }) => summary), ["set state"]);
  assert.equal(draft.state, "partial");
  await assert.rejects(draft.put("write title", 0, new Uint8Array(1)), { kind: "busy" });
  assert.equal((await resumeDraft(draft, "me", parts)).outcome, "partial", "it is as silent as before");
  upstream.silent.clear();
  assert.equal((await resumeDraft(draft, "me", parts)).outcome, "applied");
  assert.deepEqual(state(upstream), sorted(AFTER));
});

Deno.test("an undo that fails leaves what stands, and a rollback tries again", async () => {
  const { upstream, draft, parts } = await scene();
  upstream.failing.set("title", new OmnifsError("unauthorized", "403"));
  upstream.stuck.add("comment");
  const outcome = await applyDraft(draft, "me", parts);
  assert(outcome.outcome === "partial");
  assert.deepEqual(outcome.stands.map(({ summary }) => summary), ["set comment"]);
  assert.match(outcome.reason, /403; set comment could not be taken back: that is not yours/);
  assert.deepEqual(state(upstream), sorted({ ...BEFORE, comment: "done" }));
  upstream.stuck.clear();
  const again = await rollBackDraft(draft, "me", parts);
  assert.equal(again.outcome, "undone");
  assert.equal(draft.state, "open");
  assert.deepEqual(state(upstream), sorted(BEFORE));
});

Deno.test("a rollback in a later process says what holds no longer, too", async () => {
  const { upstream, draft, parts, disk } = await scene();
  upstream.failing.set("title", new OmnifsError("unauthorized", "403"));
  upstream.stuck.add("comment");
  assert.equal((await applyDraft(draft, "me", parts)).outcome, "partial");
  upstream.stuck.clear();
  const later = partsOf(upstream);
  assert.equal((await rollBackDraft(reopened(disk), "me", later)).outcome, "undone");
  assert.deepEqual(later.told, ["comment", "state"]);
});

Deno.test("what cannot be taken back comes last, and is told when it stands", async () => {
  const { upstream, draft, parts } = await scene();
  upstream.final.add("comment");
  const planned = await planDraft(draft, parts.mutations);
  assert(planned.outcome === "planned");
  assert.deepEqual(planned.steps.at(-1), { summary: "set comment", reversible: false });
  upstream.final.add("title");
  upstream.failing.set("title", new OmnifsError("invalid", "422"));
  const outcome = await applyDraft(draft, "me", parts);
  assert(outcome.outcome === "partial");
  assert.deepEqual(outcome.stands.map(({ summary }) => summary), ["set comment"]);
  assert.match(outcome.reason, /nothing can take it back/);
});

/** What the next process makes of what is on the disk; several may end, too. */
async function recovered(disk: Disk, upstream: Upstream, fuses: readonly Fuse[]): Promise<Draft> {
  for (const fuse of fuses) {
    disk.fuse = upstream.fuse = fuse;
    const draft = reopened(disk);
    if (draft.state !== "partial") return draft;
    try {
      await recoverDraft(draft, "the next", partsOf(upstream));
      return draft;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  }
  throw new Error("every process ended");
}

/** Holds the draft and the upstream to: all applied, none applied, or the truth told. */
function holds(draft: Draft, upstream: Upstream, message: string): void {
  const now = state(upstream);
  if (draft.state === "ended") return assert.deepEqual(now, sorted(AFTER), message);
  if (draft.state === "open") return assert.deepEqual(now, sorted(BEFORE), message);
  assert.equal(draft.state, "partial", message);
  const told = draft.attempt?.stands.map((step) => draft.attempt?.steps[step]?.id).sort();
  const true_ = Object.keys(CHANGES).filter((field) =>
    upstream.fields.get(field) === AFTER[field as "state"]
  );
  assert.deepEqual(told, true_.sort(), message);
}

type Arrange = (upstream: Upstream) => void;

/** Ends the process at each chance there is, then again in the recovery at each chance; answers the chances. */
async function matrix(name: string, arrange: Arrange): Promise<number> {
  let first = 0;
  for (;; first++) {
    const cut = await run(first, undefined);
    if (cut === undefined) break;
    for (let second = 0; second < cut; second++) await run(first, second);
  }
  return first;

  /** Answers the chances that the recovery had; undefined where the first process was never cut off. */
  async function run(first: number, second: number | undefined): Promise<number | undefined> {
    const { disk, upstream, draft, parts } = await scene();
    arrange(upstream);
    disk.fuse = upstream.fuse = new Fuse(first);
    let outcome: ApplyOutcome | undefined;
    try {
      outcome = await applyDraft(draft, "me", parts);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    if (outcome !== undefined) return undefined;
    const fuse = new Fuse();
    const fuses = second === undefined ? [fuse] : [new Fuse(second), fuse];
    const message = `${name}, cut off at ${first} and then at ${second}`;
    holds(await recovered(disk, upstream, fuses), upstream, message);
    const times = new Map<string, number>();
    for (const entry of upstream.log) times.set(entry, (times.get(entry) ?? 0) + 1);
    for (const [entry, count] of times) {
      assert.equal(count, 1, `${message}: ${entry} was done ${count} times`);
    }
    return fuse.passed;
  }
}

Deno.test("cut off at every write of the journal and around every request, an apply ends in one of three ways", async () => {
  assert(await matrix("all goes well", () => {}) > 15);
  await matrix("the last step is refused", (upstream) => {
    upstream.failing.set("title", new OmnifsError("invalid", "422"));
  });
  await matrix("the second answer is lost", (upstream) => upstream.losing.add("state"));
  await matrix("the last is refused and the first is stuck", (upstream) => {
    upstream.failing.set("title", new OmnifsError("invalid", "422"));
    upstream.stuck.add("comment");
  });
  await matrix("nobody knows of the second", (upstream) => {
    upstream.losing.add("state");
  });
});
