/**
 * What the host gives out itself, and no provider may.
 *
 * @module
 */
import assert from "node:assert/strict";
import { checkedListing, checkedLookup } from "../../runtime/provider/answers.ts";
import { fails } from "./harness.ts";

/** A file as a component answers it. */
function file(id: string, watch: string): Record<string, unknown> {
  return {
    id,
    kind: "file",
    freshness: { tag: "watched", val: watch },
    content: { tag: "inline", val: { tag: "text", val: "text\n" } },
    listFirst: false,
    writable: false,
  };
}

Deno.test("an identity or a watch that begins as the host's own is refused wherever it is told", () => {
  assert.equal(checkedLookup("m", file("a", "w"))?.id, "a");
  assert.equal(checkedLookup("m", file("omnifs", "omnifs"))?.id, "omnifs");
  const refused = fails("internal", "begins as what the host itself gives out");
  const listing = (entry: Record<string, unknown>, also: unknown[] = [], complete: string[] = []) => () =>
    checkedListing("m", { entries: [entry], exhaustive: true, also, complete });
  assert.throws(() => checkedLookup("m", file("omnifs:README.md", "w")), refused);
  assert.throws(() => checkedLookup("m", file("a", "omnifs:README.md")), refused);
  assert.throws(listing({ name: "a", node: file("omnifs:x", "w") }), refused);
  const entry = { name: "a", node: file("a", "w") };
  assert.doesNotThrow(listing(entry));
  assert.throws(listing(entry, [{ parent: "omnifs:x", entry }]), refused);
  assert.throws(listing(entry, [], ["omnifs:x"]), refused);
});
