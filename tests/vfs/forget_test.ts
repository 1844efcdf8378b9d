/**
 * Forgetting: what is dropped, what the kernel is told, and loads that were under way meanwhile.
 *
 * @module
 */
import assert from "node:assert/strict";
import { settle } from "../support/loads.ts";
import { type FakeFile, FakeProjection, type Op, ROOT } from "./fake_projection.ts";
import { Kernel } from "./kernel.ts";

const text = (words: string) => new TextEncoder().encode(words);

/** A provider with `/d/f`, `/d/g` and `/e/f`. */
function tree(): FakeProjection {
  const fake = new FakeProjection();
  for (const directory of ["d", "e"]) {
    fake.directory(ROOT, directory);
    fake.file(directory, "f", "old\n");
  }
  fake.file("d", "g", "old\n");
  return fake;
}

Deno.test("to forget a path drops what is at and below it, tells the kernel, and leaves the rest", async () => {
  const fake = tree();
  const kernel = new Kernel([fake]);
  const entries = new Map<string, number>();
  for (const path of ["/m", "/m/d", "/m/d/f", "/m/d/g", "/m/e", "/m/e/f"]) {
    entries.set(path, (await kernel.walk(path)).nodeid);
  }
  await kernel.cat("/m/d/f");
  await kernel.ls("/m/d");
  await kernel.lookup(entries.get("/m/d") ?? 0, "absent");
  fake.taken();
  assert.equal(kernel.drop("/m/d"), 5, "two nodes below, its own, its listing, one block");
  const [m, d, f, g] = ["/m", "/m/d", "/m/d/f", "/m/d/g"].map((path) => entries.get(path));
  assert.deepEqual(
    kernel.notes().toSorted(),
    [
      `entry ${d} absent`,
      `expire ${d} f`,
      `expire ${d} g`,
      `expire ${m} d`,
      `inode ${d}`,
      `inode ${f}`,
      `inode ${g}`,
    ].toSorted(),
  );
  await kernel.walk("/m/e/f");
  assert.deepEqual(fake.taken(), []);
  fake.file("d", "f", "newer\n");
  assert.equal(await kernel.cat("/m/d/f"), "newer\n");
});

Deno.test("to forget the root forgets every provider, and to forget a mount only that one", async () => {
  const [one, other] = [tree(), new FakeProjection("o")];
  other.file(ROOT, "f", "x\n");
  const kernel = new Kernel([one, other]);
  for (const path of ["/m/d/f", "/o/f"]) await kernel.cat(path);
  kernel.drop("/m");
  assert.deepEqual([kernel.store.node("m/d/f"), kernel.store.node("o/f")?.id], [undefined, "f"]);
  kernel.drop("/");
  assert.equal(kernel.store.size, 0);
});

Deno.test("to forget what is not there forgets nothing and asks nobody", async () => {
  const fake = tree();
  const kernel = new Kernel([fake]);
  await kernel.walk("/m/d/f");
  fake.taken();
  for (const path of ["/nobody", "/m/x", "/m/d/f/x", "/m/d/fx"]) assert.equal(kernel.drop(path), 0);
  assert.deepEqual([fake.taken(), kernel.notes()], [[], []]);
});

Deno.test("the kernel is told of what it still holds, though the cache has evicted it", async () => {
  const fake = tree();
  for (let i = 0; i < 50; i++) fake.file("e", `f${i}`, "x\n");
  const kernel = new Kernel([fake], 4 * 1024);
  const [d, f] = [(await kernel.walk("/m/d")).nodeid, (await kernel.walk("/m/d/f")).nodeid];
  for (let i = 0; i < 50; i++) await kernel.walk(`/m/e/f${i}`);
  assert.deepEqual([kernel.store.node("m/d/f"), kernel.store.directory("m/d")], [undefined, undefined]);
  kernel.drop("/m/d");
  assert.deepEqual(
    kernel.notes().filter((note) => note.startsWith("inode")).toSorted(),
    [
      `inode ${d}`,
      `inode ${f}`,
    ].toSorted(),
  );
});

Deno.test("the kernel is told of every name under which it holds a file", async () => {
  const fake = tree();
  fake.link("e", "also", "d/f");
  const kernel = new Kernel([fake]);
  const [d, e] = [(await kernel.walk("/m/d")).nodeid, (await kernel.walk("/m/e")).nodeid];
  const { nodeid } = await kernel.walk("/m/d/f");
  assert.equal((await kernel.walk("/m/e/also")).nodeid, nodeid);
  kernel.drop("/m/e/also");
  assert.deepEqual(
    kernel.notes().toSorted(),
    [`expire ${d} f`, `expire ${e} also`, `inode ${nodeid}`].toSorted(),
  );
  kernel.forgetAll();
});

Deno.test("to forget an alias forgets the file under its other names, though the cache has evicted it", async () => {
  const fake = tree();
  fake.link("e", "also", "d/f");
  for (let i = 0; i < 50; i++) fake.file("e", `f${i}`, "x\n");
  const kernel = new Kernel([fake], 4 * 1024);
  const [d, e] = [(await kernel.walk("/m/d")).nodeid, (await kernel.walk("/m/e")).nodeid];
  await kernel.walk("/m/e/also");
  const { nodeid } = await kernel.walk("/m/d/f");
  for (let i = 0; i < 50; i++) await kernel.walk(`/m/e/f${i}`);
  assert.equal(kernel.store.peekNode("m/d/f"), undefined);
  await settle();
  kernel.notes();
  kernel.drop("/m/e/also");
  await settle();
  assert.deepEqual(
    kernel.notes().toSorted(),
    [`expire ${d} f`, `expire ${e} also`, `inode ${nodeid}`].toSorted(),
  );
});

/** Every way to wait for the upstream, and the file for which one waits so. */
const WAITS: [string, Op, FakeFile, FakeFile][] = [
  ["a lookup", "lookup", { bytes: text("old\n") }, { bytes: text("fresh\n") }],
  [
    "a HEAD",
    "measure",
    { bytes: text("old\n"), via: "upstream", size: "unknown" },
    { bytes: text("fresh\n"), via: "upstream", size: "unknown" },
  ],
  [
    "a read for the length",
    "read",
    { bytes: text("old\n"), size: "unknown" },
    { bytes: text("fresh\n"), size: "unknown" },
  ],
  [
    "a download for the length",
    "download",
    { bytes: text("old\n"), via: "upstream", size: "unknown", head: false },
    { bytes: text("fresh\n"), via: "upstream", size: "unknown", head: false },
  ],
];

for (const [what, op, old, fresh] of WAITS) {
  Deno.test(`whoever waits for ${what} when it is forgotten gets the fresh state, and only that is kept`, async () => {
    const fake = new FakeProjection();
    fake.directory(ROOT, "d");
    fake.file("d", "f", old);
    const kernel = new Kernel([fake]);
    const { nodeid } = await kernel.walk("/m/d");
    const held = fake.hold(op);
    const waiting = kernel.lookup(nodeid, "f");
    await held.arrived;
    fake.file("d", "f", fresh);
    kernel.drop("/m");
    held.release();
    const entry = await waiting;
    assert(typeof entry !== "string", `it failed with ${entry}`);
    assert.equal(entry.attributes.size, 6);
    assert.equal((await kernel.attributes("/m/d/f")).size, 6);
    assert.equal(await kernel.cat("/m/d/f"), "fresh\n");
    kernel.forgetAll();
  });
}

Deno.test("whoever reads bytes when they are forgotten gets the fresh ones, though their length changed", async () => {
  for (const via of ["ask", "upstream"] as const) {
    const fake = new FakeProjection();
    fake.file(ROOT, "f", { bytes: text("old\n"), via });
    const kernel = new Kernel([fake]);
    const { nodeid } = await kernel.walk("/m/f");
    const held = fake.hold(via === "ask" ? "read" : "download");
    const waiting = kernel.read(nodeid, 0, 4096);
    await held.arrived;
    fake.file(ROOT, "f", { bytes: text("fresh\n"), via });
    kernel.drop("/m/f");
    held.release();
    assert.equal(new TextDecoder().decode(await waiting), "fresh\n");
    assert.equal(await kernel.cat("/m/f"), "fresh\n");
  }
});

Deno.test("bytes of a state that the upstream contradicts meanwhile are not kept as those of the new one", async () => {
  const fake = new FakeProjection();
  fake.directory(ROOT, "d");
  fake.file("d", "f", { bytes: text("old\n"), version: "1" });
  const kernel = new Kernel([fake]);
  const { nodeid } = await kernel.walk("/m/d/f");
  const held = fake.hold("read");
  const waiting = kernel.read(nodeid, 0, 4096);
  await held.arrived;
  fake.file("d", "f", { bytes: text("new\n"), version: "2" });
  await kernel.ls("/m/d");
  held.release();
  await waiting;
  assert.equal(await kernel.cat("/m/d/f"), "new\n");
});

Deno.test("whoever lists a directory when it is forgotten gets the fresh lines, and only those are kept", async () => {
  const fake = tree();
  const kernel = new Kernel([fake]);
  const { nodeid } = await kernel.walk("/m/d");
  // A name that was found before stands in the directory that is about to be listed.
  await kernel.lookup(nodeid, "g");
  const held = fake.hold("list");
  const waiting = kernel.readAll(nodeid);
  await held.arrived;
  fake.remove("d", "g");
  fake.file("d", "h", "x\n");
  kernel.drop("/m/d");
  held.release();
  assert.deepEqual((await waiting).map(({ name }) => name), [".", "..", "f", "h"]);
  fake.taken();
  assert.deepEqual(await kernel.ls("/m/d"), ["f", "h"]);
  assert.equal(await kernel.outcome("/m/d", "g"), "absent");
  assert.deepEqual(fake.taken().filter((call) => call.startsWith("list")), []);
});

Deno.test("an exhaustive listing takes back a name that was found before and is gone", async () => {
  const fake = tree();
  fake.link("e", "moved", "d/g");
  const kernel = new Kernel([fake]);
  await kernel.walk("/m/d/g");
  await kernel.walk("/m/e/moved");
  fake.remove("d", "g");
  await kernel.ls("/m/d");
  assert.equal(await kernel.outcome("/m/d", "g"), "absent");
  assert.equal(await kernel.outcome("/m/e", "moved"), "found");
});

Deno.test("a listing that was forgotten does not come back with its reader's next page", async () => {
  const fake = new FakeProjection();
  fake.directory(ROOT, "d", { pageSize: 2 });
  for (const name of ["a", "b", "c", "x"]) fake.file("d", name, "x\n");
  const kernel = new Kernel([fake]);
  const { nodeid } = await kernel.walk("/m/d");
  const reading = kernel.readAll(nodeid, { room: 2 });
  const held = fake.hold("list");
  await held.arrived;
  held.release();
  await settle();
  kernel.drop("/m/d");
  fake.remove("d", "a");
  await reading;
  assert.deepEqual(await kernel.ls("/m/d"), ["b", "c", "x"]);
});

Deno.test("who is interrupted while their load is forgotten is EINTR, and no call is left", async () => {
  const fake = tree();
  const kernel = new Kernel([fake]);
  const { nodeid } = await kernel.walk("/m/d");
  const abort = new AbortController();
  const held = fake.hold("lookup");
  const waiting = kernel.lookup(nodeid, "f", abort.signal);
  await held.arrived;
  kernel.drop("/m/d");
  abort.abort();
  assert.equal(await waiting, "EINTR");
  assert.deepEqual(fake.aborted, ["lookup d f"]);
});
