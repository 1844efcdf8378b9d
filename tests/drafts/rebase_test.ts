/**
 * A rebase of each kind of change, over each thing that may have happened to the upstream meanwhile.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Draft } from "../../runtime/drafts/mod.ts";
import { type Desk, onDesk } from "./desk.ts";

const text = (content: Uint8Array | undefined) => content && new TextDecoder().decode(content);
const rebased = async ({ drafts }: Desk, draft: Draft) =>
  (await drafts.paths.rebase(draft)).map(({ path, result }) => `${result} ${path}`);
const applied = async ({ drafts }: Desk, draft: Draft) =>
  (await drafts.apply(draft, "apply", { by: "me" })).outcome;

Deno.test(
  "a removal is staged on what is there now, and is out of the draft where that is gone already",
  onDesk(async (desk) => {
    const draft = await desk.drafts.create("d");
    for (const path of ["/state", "/title"]) await desk.drafts.paths.remove(draft, "test", path);
    assert.deepEqual(await rebased(desk, draft), ["same /state", "same /title"]);
    desk.upstream.fields.set("state", "theirs").delete("title");
    assert.deepEqual(await rebased(desk, draft), ["moved-on /state", "dropped /title"]);
    assert.deepEqual(draft.changes.map(({ staged }) => staged.kind === "remove" && text(staged.base)), [
      "theirs",
    ]);
    assert.deepEqual(await rebased(desk, draft), ["same /state"]);
  }),
);

Deno.test(
  "a new file is a write over what is there by now, and nothing is told of one whose name is free",
  onDesk(async (desk) => {
    const draft = await desk.drafts.create("d");
    await desk.write(draft, "/new/comment", "ours");
    await desk.write(draft, "/new/other", "free");
    desk.upstream.fields.set("comment", "theirs");
    assert.equal(await applied(desk, draft), "conflict");
    assert.deepEqual(await rebased(desk, draft), ["written-over /new/comment"]);
    const { base, content } = draft.overlay.write("comment") ?? {};
    assert.deepEqual([text(base), text(content), draft.changes.length], ["theirs", "ours", 2]);
    assert.equal(await applied(desk, draft), "applied");
    assert.equal(desk.upstream.fields.get("comment"), "ours");
  }),
);

Deno.test(
  "what nothing can be staged on is left as it was",
  onDesk(async (desk) => {
    const draft = await desk.drafts.create("d");
    const where = { folder: { made: false, id: "elsewhere" } as const, name: "title", path: "/title" };
    await draft.create("test", { ...where, directory: false, scratch: false });
    const live = { parent: "elsewhere", name: "state", path: "/state", id: "state", version: undefined };
    await draft.remove("test", { ...live, directory: false }, undefined);
    assert.deepEqual(await rebased(desk, draft), ["gone /state", "taken /title"]);
    assert.equal(draft.changes.length, 2);
  }),
);
