/**
 * What can be done with drafts: who may, what each takes, its limits, its session, and what is left when a process ends.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Draft } from "../../runtime/drafts/mod.ts";
import { Draft as StagedDraft } from "../../runtime/drafts/draft.ts";
import { DRAFT_LIMIT, FILE_LIMIT, JOURNAL_LIMIT, writeKey } from "../../runtime/drafts/staged.ts";
import { DRAFTS_LIMIT } from "../../runtime/drafts/store.ts";
import { CHANGES_LIMIT } from "../../runtime/provider/mod.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import { onDesk, openDesk } from "./desk.ts";
import { Disk } from "./scene.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (content: Uint8Array | undefined) => content && new TextDecoder().decode(content);

Deno.test(
  "a draft holds what was staged by path, and another process finds it",
  onDesk(async (desk, dir) => {
    const draft = await desk.drafts.create("my-fix");
    await desk.write(draft, "/state", "closed");
    await desk.write(draft, "/state", "done");
    await desk.write(draft, "/new/comment", "said");
    await desk.write(draft, "/new/wish/title", "faster");
    await desk.write(draft, "/new/wish/body", "please");
    const told = ({ changes }: Draft) =>
      changes.map(({ mutation }) => mutation.tag === "create" ? mutation.name : mutation.tag);
    assert.deepEqual(told(draft), ["comment", "wish/body", "wish/title", "write"]);
    await desk.drafts.close();
    await using again = await openDesk(dir);
    const found = again.drafts.get("my-fix");
    assert.deepEqual(told(found), told(draft));
    assert.equal(text(found.overlay.write("state")?.content), "done");
    assert.equal(text(found.overlay.write("state")?.base), "open");
    await again.drafts.paths.unstage(found, "/new/wish");
    assert.deepEqual(told(found), ["comment", "write"]);
    await assert.rejects(again.drafts.paths.unstage(found, "/title"), { kind: "not-found" });
    await again.drafts.discard(found);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(dir)), []);
  }),
);

Deno.test(
  "a new file that is staged again gets the other bytes, also where the upstream has one of that name by now",
  onDesk(async (desk) => {
    const draft = await desk.drafts.create("d");
    await desk.write(draft, "/new/comment", "first");
    desk.upstream.fields.set("comment", "theirs");
    await desk.write(draft, "/new/comment", "second");
    const told = () =>
      draft.changes.map(({ mutation }) =>
        mutation.tag === "create" ? `${mutation.name} ${text(mutation.content)}` : mutation.tag
      );
    assert.deepEqual(told(), ["comment second"]);
    desk.upstream.fields.delete("comment");
    assert.equal((await desk.drafts.apply(draft, "apply", { by: "me" })).outcome, "applied");
    assert.equal(desk.upstream.fields.get("comment"), "second");
  }),
);

Deno.test(
  "what is refused is not staged, nor the directories that lead to it, whatever the reason",
  onDesk(async (desk) => {
    const draft = await desk.drafts.create("d");
    const huge = new Uint8Array(FILE_LIMIT + 1);
    const { paths } = desk.drafts;
    const tooLarge = { kind: "too-large", message: /a staged file/, mend: /without a draft/ };
    const refused = async () => {
      for (const path of ["/new/huge", "/new/zz/yy/huge", "/state"]) {
        await assert.rejects(paths.write(draft, "test", path, huge), tooLarge);
      }
    };
    await refused();
    assert.deepEqual([draft.overlay.all(), draft.mount], [[], undefined]);
    await desk.write(draft, "/new/zz/kept", "x");
    await refused();
    const held = () => draft.overlay.all().map((staged) => staged.kind === "create" && staged.path);
    assert.deepEqual(held(), ["/new/zz", "/new/zz/kept"]);
    await assert.rejects(desk.write(draft, "/new/aa/zz/kept", "x".repeat(FILE_LIMIT + 1)), tooLarge);
    for (let n = draft.overlay.pieces; n < CHANGES_LIMIT - 1; n++) await desk.write(draft, `/new/n${n}`, "");
    await assert.rejects(desk.write(draft, "/new/aa/bb", "x"), { kind: "too-large", message: /changes/ });
    assert.equal(draft.overlay.pieces, CHANGES_LIMIT - 1, "the directory is gone, too");
    await desk.write(draft, "/new/aa", "x");
  }),
);

Deno.test(
  "what is staged by its path is part of the draft, whatever an editor has made there",
  onDesk(async (desk) => {
    const draft = await desk.drafts.create("d");
    const scratch = { directory: false, scratch: true };
    const top = { made: false, id: "new" } as const;
    await draft.create("test", { folder: top, name: "a.bak", path: "/new/a.bak", ...scratch });
    const where = { folder: top, name: "v2.new", path: "/new/v2.new" };
    const { id } = await draft.create("test", { ...where, directory: true, scratch: true });
    const within = { folder: { made: true, id } as const, name: "b", path: "/new/v2.new/b" };
    await draft.create("test", { ...within, ...scratch });
    assert.equal(draft.changes.length, 0);
    await desk.write(draft, "/new/a.bak", "a");
    await desk.write(draft, "/new/v2.new/b", "b");
    assert.deepEqual(
      draft.changes.map(({ mutation }) => "content" in mutation && text(mutation.content)),
      ["a", "b"],
    );
  }),
);

Deno.test(
  "what the provider does not let a draft write is refused, and so is what is not there",
  onDesk(
    async (desk) => {
      const draft = await desk.drafts.create("d");
      desk.upstream.fields.set("fixed", "x");
      const refused = async (path: string, kind: string) =>
        await assert.rejects(desk.write(draft, path, "x"), { kind }, path);
      await refused("/fixed", "read-only");
      await refused("/nothing", "read-only");
      await refused("/nothing/at/all", "read-only");
      await refused("/title/below", "read-only");
      await refused("/new", "is-a-directory");
      await desk.write(draft, "/new/wish/title", "x");
      await refused("/new/wish", "is-a-directory");
      await refused("/new/wish/title/deep", "not-a-directory");
      await assert.rejects(desk.drafts.paths.remove(draft, "test", "/nothing"), { kind: "not-found" });
      assert.equal(draft.changes.length, 1);
    },
  ),
);

Deno.test(
  "one draft belongs to one provider",
  onDesk(async (desk) => {
    const draft = await desk.drafts.create("d");
    await desk.write(draft, "/state", "closed");
    await assert.rejects(desk.drafts.paths.write(draft, "other", "/title", bytes("x")), {
      kind: "unsupported",
      message: /belongs to test, not to other/,
    });
  }),
);

Deno.test(
  "without the grant nothing is staged, planned or applied",
  onDesk(async (desk) => {
    assert.throws(() => desk.drafts.authorize("test"), { kind: "denied", mend: /--allow-apply=test/ });
    assert.throws(() => desk.drafts.authorize("nobody"), { kind: "unsupported" });
    const draft = await desk.drafts.create("d");
    await draft.write("test", {
      parent: "",
      name: "state",
      path: "/state",
      id: "state",
      version: undefined,
      directory: false,
    }, bytes("open"));
    await draft.put(writeKey("state"), 0, bytes("shut"));
    for (const mode of ["plan", "apply"] as const) {
      await assert.rejects(desk.drafts.apply(draft, mode, { by: "me" }), { kind: "denied" });
    }
    await assert.rejects(desk.write(draft, "/title", "x"), { kind: "denied" });
    assert.deepEqual(desk.upstream.log, []);
  }, { granted: false }),
);

Deno.test(
  "names are those of files and directories, each once, and those of sessions are theirs",
  onDesk(
    async ({ drafts }) => {
      for (
        const name of ["", ".", "..", "-x", ".hidden", "a/b", "a b", "ü", "a\n", "@session", "x".repeat(65)]
      ) {
        await assert.rejects(drafts.create(name), { kind: "invalid" }, JSON.stringify(name));
      }
      for (const name of ["session-1", "session-12-2"]) {
        await assert.rejects(drafts.create(name), {
          kind: "invalid",
        });
      }
      for (const name of ["a", "9", "audit.log", "session-x", "x".repeat(64)]) await drafts.create(name);
      await assert.rejects(drafts.create("a"), {
        kind: "invalid",
        message: /there is a draft called a already/,
      });
      const both = await Promise.allSettled([drafts.create("twice"), drafts.create("twice")]);
      assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    },
  ),
);

Deno.test(
  "there are as many drafts as the limit says, and not one more",
  onDesk(async ({ drafts }) => {
    for (let n = 0; n < DRAFTS_LIMIT; n++) await drafts.create(`d${n}`);
    await assert.rejects(drafts.create("more"), { kind: "too-large", mend: /discard/ });
    await drafts.discard(drafts.get("d7"));
    await drafts.create("more");
  }),
);

Deno.test("a draft holds as many changes, and as many bytes, as the limits say", async () => {
  const disk = new Disk();
  const draft = new StagedDraft(disk, [], systemClock);
  await draft.record({ type: "created", name: "d" });
  const live = (name: string) => ({
    parent: "",
    name,
    path: `/${name}`,
    id: name,
    version: undefined,
    directory: false,
  });
  const whole = new Uint8Array(FILE_LIMIT);
  const full = DRAFT_LIMIT / FILE_LIMIT;
  for (let n = 0; n < full; n++) {
    await draft.write("m", live(`f${n}`), new Uint8Array());
    await draft.put(writeKey(`f${n}`), 0, whole);
  }
  const tooLarge = { kind: "too-large" };
  await assert.rejects(draft.put(writeKey("f0"), FILE_LIMIT, bytes("x")), {
    ...tooLarge,
    message: /a staged file/,
  });
  await assert.rejects(draft.resize(writeKey("f0"), FILE_LIMIT + 1), tooLarge);
  await draft.write("m", live("more"), new Uint8Array());
  await assert.rejects(draft.put(writeKey("more"), 0, bytes("x")), { ...tooLarge, message: /a draft holds/ });
  await assert.rejects(draft.write("m", live("based"), bytes("x")), tooLarge);
  await draft.resize(writeKey("f0"), 0);
  await draft.put(writeKey("more"), 0, bytes("x"));
  await assert.rejects(draft.write("m", live("huge"), new Uint8Array(FILE_LIMIT + 1)), tooLarge);
  for (let n = draft.overlay.pieces; n < CHANGES_LIMIT; n++) {
    const where = {
      folder: { made: false, id: "root" } as const,
      name: `n${n}`,
      path: `/n${n}`,
      directory: false,
    };
    await draft.create("m", { ...where, scratch: n % 2 === 0 });
  }
  const one = { folder: { made: false, id: "root" } as const, name: "one", path: "/one", directory: true };
  await assert.rejects(draft.create("m", { ...one, scratch: false }), tooLarge);
  await assert.rejects(draft.create("m", { ...one, scratch: true }), tooLarge);
  await assert.rejects(draft.remove("m", live("x"), undefined), tooLarge);
  await draft.write("m", live("more"), new Uint8Array());
  disk.size = JOURNAL_LIMIT + 1;
  await assert.rejects(draft.put(writeKey("more"), 0, bytes("y")), { ...tooLarge, message: /journal/ });
  await draft.unstage(writeKey("more"));
});

Deno.test(
  "an empty draft is not applied, and one that is being applied takes nothing",
  onDesk(async (desk) => {
    const draft = await desk.drafts.create("d");
    await assert.rejects(desk.drafts.apply(draft, "apply", { by: "me" }), {
      kind: "invalid",
      message: /changes nothing/,
    });
    await desk.write(draft, "/state", "closed");
    await assert.rejects(desk.drafts.apply(draft, "resume", { by: "me" }), { kind: "busy" });
    await draft.record({ type: "applying", attempt: "a", by: "me" });
    await assert.rejects(desk.write(draft, "/title", "x"), { kind: "busy" });
    await assert.rejects(desk.drafts.apply(draft, "apply", { by: "me" }), { kind: "busy" });
    const held = { kind: "busy", mend: "omnifs draft show d" };
    await assert.rejects(desk.drafts.discard(draft), held);
    await assert.rejects(desk.drafts.discard(draft, true), held);
    await assert.rejects(desk.drafts.paths.unstage(draft, "/state"), { kind: "busy" });
    desk.upstream.fields.set("state", "theirs");
    await assert.rejects(desk.drafts.paths.rebase(draft), { kind: "busy" });
  }),
);

Deno.test(
  "a rebase takes what the upstream holds now, and keeps what is staged",
  onDesk(async (desk) => {
    const draft = await desk.drafts.create("d");
    await desk.write(draft, "/state", "closed");
    await desk.write(draft, "/title", "ours");
    desk.upstream.fields.set("title", "theirs").delete("state");
    assert.deepEqual(await desk.drafts.paths.rebase(draft), [
      { path: "/state", result: "gone" },
      { path: "/title", result: "moved-on" },
    ]);
    assert.equal(text(draft.overlay.write("title")?.base), "theirs");
    assert.equal(text(draft.overlay.write("title")?.content), "ours");
    assert.equal(text(draft.overlay.write("state")?.base), "open");
    desk.upstream.fields.set("state", "open");
    assert.deepEqual((await desk.drafts.paths.rebase(draft)).map(({ result }) => result), ["same", "same"]);
    assert.equal((await desk.drafts.apply(draft, "apply", { by: "me" })).outcome, "applied");
  }),
);

Deno.test(
  "two drafts of one provider are applied one after the other",
  onDesk(async (desk) => {
    const order: string[] = [];
    const { upstream, drafts } = desk;
    const [plan, perform] = [upstream.plan.bind(upstream), upstream.perform.bind(upstream)];
    upstream.plan = (changes) => (order.push("plan"), plan(changes));
    upstream.perform = (step) => (order.push("perform"), perform(step));
    const all = await Promise.all(["a", "b"].map((name) => drafts.create(name)));
    for (const [index, draft] of all.entries()) await desk.write(draft, `/new/comment${index}`, "x");
    const outcomes = await Promise.all(all.map((draft) => drafts.apply(draft, "apply", { by: draft.name })));
    assert.deepEqual(outcomes.map(({ outcome }) => outcome), ["applied", "applied"]);
    assert.deepEqual(order, ["plan", "perform", "plan", "perform"]);
    assert.deepEqual(drafts.all(), []);
  }),
);

Deno.test(
  "what is made side by side is all in the draft",
  onDesk(async (desk) => {
    const draft = await desk.drafts.create("d");
    const names = Array.from({ length: 20 }, (_, at) => `n${at}`);
    await Promise.all(names.map((name) => desk.write(draft, `/new/${name}`, name)));
    assert.deepEqual(
      draft.changes.map(({ mutation }) =>
        mutation.tag === "create" && [mutation.name, text(mutation.content)]
      ),
      names.toSorted().map((name) => [name, name]),
    );
    await Promise.all(["title", "body"].map((name) => desk.write(draft, `/new/wish/${name}`, name)));
    const made = draft.changes.flatMap(({ mutation }) => mutation.tag === "create" ? [mutation.name] : []);
    assert.deepEqual(made.filter((name) => name.startsWith("wish")), ["wish/body", "wish/title"]);
  }),
);

Deno.test(
  "what was accepted before an apply began is in it, and what comes after is refused",
  onDesk(async (desk) => {
    const draft = await desk.drafts.create("d");
    await desk.write(draft, "/state", "closed");
    const key = writeKey("state");
    const early = draft.replace(key, bytes("done"));
    const applied = desk.drafts.apply(draft, "apply", { by: "me" });
    const late: Promise<void>[] = [];
    const tried = async () => {
      for (let turn = 0; draft.state !== "applying" && turn < 1_000; turn++) await undefined;
      late.push(draft.replace(key, bytes("late")));
      await assert.rejects(Promise.all(late), { kind: "busy" });
    };
    await Promise.all([early, tried()]);
    assert.equal((await applied).outcome, "applied");
    assert.equal(desk.upstream.fields.get("state"), "done");
  }),
);

Deno.test("a file's bytes are replaced by one line of the journal: nobody ever finds half of it", async () => {
  const disk = new Disk();
  const draft = new StagedDraft(disk, [], systemClock);
  await draft.record({ type: "created", name: "d" });
  const live = { parent: "", name: "f", path: "/f", id: "f", version: undefined, directory: false };
  await draft.write("m", live, bytes("a longer text\n"));
  const before = disk.records.length;
  await draft.replace(writeKey("f"), bytes("short\n"));
  assert.equal(disk.records.length, before + 1);
  for (const records of [disk.records.slice(0, before), disk.records]) {
    const found = new StagedDraft(new Disk(), records, systemClock).overlay.write("f");
    assert.equal(text(found?.content), records.length === before ? "a longer text\n" : "short\n");
  }
  assert.equal(draft.overlay.bytes, 6);
});
