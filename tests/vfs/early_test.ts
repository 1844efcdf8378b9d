/**
 * What a receipt tells of a directory that nobody has looked at is there for whoever looks at it next, and no longer than
 * it is true.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Invalidation } from "../../runtime/provider/mod.ts";
import { EARLY_FOR } from "../../runtime/vfs/early.ts";
import { FakeProjection, ROOT, VOLATILE } from "./fake_projection.ts";
import { Kernel, NOW } from "./kernel.ts";

/** An upstream where issue `i1` was closed by us just now, and its receipt; `closed` was never looked at. */
function closedIssue(): { fake: FakeProjection; kernel: Kernel; receipt: Invalidation[] } {
  const fake = new FakeProjection();
  fake.directory(ROOT, "closed");
  put(fake, 1, "closed\n");
  return { fake, kernel: new Kernel([fake]), receipt: [placed(fake)] };
}

function put(fake: FakeProjection, seconds: number, words: string, name = "1"): void {
  const bytes = new TextEncoder().encode(words);
  fake.file("closed", name, { bytes, via: "inline", modified: NOW + seconds * 1_000 }, "i1");
}

const placed = (fake: FakeProjection, name = "1"): Invalidation => ({
  tag: "placed",
  parent: "closed",
  entry: fake.entry(name, "i1"),
});

Deno.test("what a receipt tells is read without a call, once and again", async () => {
  const { fake, kernel, receipt } = closedIssue();
  kernel.receive(receipt);
  assert.equal(await kernel.cat("/m/closed/1"), "closed\n");
  assert.equal(await kernel.cat("/m/closed/1"), "closed\n");
  assert.deepEqual(fake.taken(), ["lookup . closed"]);
  kernel.namespace.early.clear();
  kernel.forgetAll();
});

Deno.test("what an event tells of such a directory is asked for: nobody may ever want it", async () => {
  const { fake, kernel, receipt } = closedIssue();
  kernel.apply(receipt);
  assert.equal(await kernel.cat("/m/closed/1"), "closed\n");
  assert(fake.taken().includes("lookup closed 1"));
});

/** What is said after the receipt, so that it is no longer what is true. */
const OVERTAKEN: Readonly<Record<string, (kernel: Kernel, fake: FakeProjection) => void>> = {
  "the issue changed": (kernel) => kernel.apply([{ tag: "node", id: "i1" }]),
  "the names of the directory changed": (kernel) => kernel.apply([{ tag: "children", id: "closed" }]),
  "all that the watch guards changed": (kernel) => kernel.apply([{ tag: "watch", watch: "w" }]),
  "the watch was lost": (kernel) => kernel.lose("w"),
  "an event told a newer state": (kernel, fake) => {
    put(fake, 2, "newer\n");
    kernel.apply([placed(fake)]);
    put(fake, 3, "newest\n");
  },
  "time went by": (kernel) => kernel.clock.pass(EARLY_FOR),
};

for (const [name, happens] of Object.entries(OVERTAKEN)) {
  Deno.test(`once ${name} it is asked for anew`, async () => {
    const { fake, kernel, receipt } = closedIssue();
    kernel.receive(receipt);
    put(fake, 3, "newest\n");
    happens(kernel, fake);
    assert.equal(await kernel.cat("/m/closed/1"), "newest\n");
    kernel.namespace.early.clear();
  });
}

Deno.test("a child that an event took away is gone, whatever the receipt before it told", async () => {
  const { fake, kernel, receipt } = closedIssue();
  kernel.receive(receipt);
  fake.remove("closed", "1");
  kernel.apply([{ tag: "removed", parent: "closed", id: "i1" }]);
  assert.equal(await kernel.outcome("/m/closed", "1"), "ENOENT");
  kernel.namespace.early.clear();
});

Deno.test("of two receipts the later one counts", async () => {
  const { fake, kernel, receipt } = closedIssue();
  kernel.receive(receipt);
  fake.remove("closed", "1");
  put(fake, 2, "renamed\n", "one");
  kernel.receive([placed(fake, "one")]);
  fake.taken();
  assert.equal(await kernel.cat("/m/closed/one"), "renamed\n");
  assert.equal(fake.taken().includes("lookup closed one"), false);
  assert.equal(await kernel.outcome("/m/closed", "1"), "ENOENT");
  kernel.namespace.early.clear();
});

Deno.test("what may not be kept is not told early", () => {
  const fake = new FakeProjection();
  fake.directory(ROOT, "closed");
  const bytes = new TextEncoder().encode("closed\n");
  fake.file("closed", "1", { bytes, via: "inline", modified: NOW, freshness: VOLATILE }, "i1");
  const kernel = new Kernel([fake]);
  kernel.receive([placed(fake)]);
  assert.equal(kernel.namespace.early.find("m/closed", "1"), undefined);
});

Deno.test("no more wait than a few, and none for ever: the log of changes is emptied", () => {
  const { kernel, receipt } = closedIssue();
  const { changes } = kernel.namespace.knowledge;
  for (let times = 0; times < 100; times++) kernel.receive(receipt);
  assert(changes.underway <= 16, `${changes.underway}`);
  kernel.clock.pass(EARLY_FOR);
  assert.equal(changes.underway, 0);
});
