/**
 * Paths as people type them: a view is meant by its name without the mark, where nothing else has that name.
 *
 * @module
 */
import assert from "node:assert/strict";
import { LiveTreeView } from "../../runtime/vfs/live_tree.ts";
import { FakeProjection, ROOT } from "./fake_projection.ts";
import { Kernel } from "./kernel.ts";

Deno.test("a view may be named without its underscore, and whatever has that name comes first", async () => {
  const fake = new FakeProjection();
  const issues = fake.directory(ROOT, "_issues");
  const open = fake.directory(issues, "_open");
  fake.directory(open, "42");
  fake.directory(issues, "closed");
  fake.directory(issues, "_closed");
  fake.file(issues, "_note", "a file is no view\n");
  const live = new LiveTreeView(new Kernel([fake]));
  const cases = {
    "/issues/open/42": "/_issues/_open/42",
    "/_issues/_open/42": "/_issues/_open/42",
    "/issues/open/42/comments/new": "/_issues/_open/42/comments/new",
    "/issues/closed": "/_issues/closed",
    "/issues/note": "/_issues/note",
    "/issues/_note/open": "/_issues/_note/open",
    "/nothing/open": "/nothing/open",
    "": "",
  };
  for (const [given, wanted] of Object.entries(cases)) {
    assert.equal(await live.spelled("m", given), wanted, given);
  }
  assert.equal(await live.spelled("nobody", "/issues/open"), "/issues/open");
});
