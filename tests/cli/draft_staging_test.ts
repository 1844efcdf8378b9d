/**
 * What a person sees of drafts where staging has its corners: what is left out, what is refused, and what a rebase comes to.
 *
 * @module
 */
import assert from "node:assert/strict";
import { FILE_LIMIT } from "../../runtime/drafts/staged.ts";
import { onDaemon } from "./draft_scene.ts";

Deno.test("what an apply leaves out is told by the diff, the plan and the apply, and in their documents", () =>
  onDaemon(async ({ says, drafts }) => {
    const told = "left out, by its name an editor's: /test/new/plan.bak\n";
    await says("new d", /d is there/);
    const where = { folder: { made: false, id: "new" }, name: "plan.bak", path: "/new/plan.bak" } as const;
    await drafts.get("d").create("test", { ...where, directory: false, scratch: true });
    await says("apply d", /the draft d changes nothing\n {2}try: .*omnifs draft show d tells/, { code: 1 });
    await says("write /test/state d", /1 change/, { input: "closed" });
    await says("diff --stat d", ` test/state | +1 -1\n 1 file changed, +1 -1\n${told}`);
    const json = await says("diff --json d", /^\[/);
    assert.deepEqual([JSON.parse(json.stdout).length, json.stderr], [1, told]);
    assert.deepEqual(JSON.parse((await says("show --output json d", /^\{/)).stdout).leftOut, [
      "/test/new/plan.bak",
    ]);
    await says("apply --dry-run d", `1 step, none of them done:\n  set state\n${told}`);
    assert.deepEqual(JSON.parse((await says("apply --output json d", /^\{/)).stdout), {
      outcome: "applied",
      steps: [{ summary: "set state", reversible: true }],
      leftOut: ["/test/new/plan.bak"],
    });
  }));

Deno.test("a write that is refused says what to do, and leaves the draft as it was", () =>
  onDaemon(async ({ says }) => {
    await says("new d", /d is there/);
    const huge = "x".repeat(FILE_LIMIT + 1);
    const told = /a staged file holds at most 4194304 bytes\n {2}try: .*without a draft/;
    await says("write /test/new/zz/w5.bin d", told, { input: huge, code: 1 });
    await says("show d", "d  empty\n");
  }));

Deno.test("a rebase says of each change what became of it, and what to do about one that it leaves", () =>
  onDaemon(async ({ says, drafts, upstream }) => {
    await says("new d", /d is there/);
    await says("rebase d", /^nothing in it is staged on what the upstream holds/);
    await says("write /test/state d", /1 change/, { input: "closed" });
    await says("write --remove /test/title d", /2 changes/);
    await says("write /test/new/comment d", /3 changes/, { input: "ours" });
    upstream.fields.set("comment", "theirs").delete("state");
    upstream.fields.delete("title");
    await says("apply d", /^refused: nothing was sent/, { code: 1 });
    const left = "omnifs draft unstage /test/state d";
    await says(
      "rebase d",
      "there by now, and staged as a write over it: /test/new/comment\n" +
        "no longer there under this path, left as it was: /test/state\n" +
        `  where it is not meant any more: ${left}\n` +
        "gone already, and out of the draft: /test/title\n",
    );
    assert.deepEqual(JSON.parse((await says("rebase --output json d", /^\[/)).stdout), [
      { path: "/test/new/comment", result: "same" },
      { path: "/test/state", result: "gone", mend: left },
    ]);
    await says("unstage /test/state d", /1 change/);
    await says("apply d", /^applied, 1 step/);
    assert.deepEqual([upstream.fields.get("comment"), drafts.all()], ["ours", []]);
  }));
