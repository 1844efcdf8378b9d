/**
 * What an event drops, what it puts in its place, what the kernel is told, and what all of it costs.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Invalidation } from "../../runtime/provider/mod.ts";
import { type FakeFile, FakeProjection, IMMUTABLE, ROOT, watched } from "./fake_projection.ts";
import { Kernel, NOW } from "./kernel.ts";

const text = (words: string) => new TextEncoder().encode(words);

/** A file whose bytes travel with it, as the upstream had it `seconds` after the clock of these tests began. */
const at = (seconds: number, words: string, more: Partial<FakeFile> = {}): FakeFile => ({
  bytes: text(words),
  via: "inline",
  modified: NOW + seconds * 1_000,
  ...more,
});

/** Issues `1` to `count` in `/m/open`, each a file; the directory is listed. */
async function issues(count: number): Promise<{ fake: FakeProjection; kernel: Kernel; open: number }> {
  const fake = new FakeProjection();
  fake.directory(ROOT, "open");
  fake.directory(ROOT, "closed");
  for (let n = 1; n <= count; n++) fake.file("open", `${n}`, at(0, `issue ${n}\n`), `i${n}`);
  const kernel = new Kernel([fake]);
  await kernel.ls("/m/open");
  for (let n = 1; n <= count; n++) await kernel.cat(`/m/open/${n}`);
  const open = (await kernel.walk("/m/open")).nodeid;
  fake.taken();
  kernel.notes();
  return { fake, kernel, open };
}

const placed = (fake: FakeProjection, parent: string, name: string, id: string): Invalidation => ({
  tag: "placed",
  parent,
  entry: fake.entry(name, id),
});

Deno.test("a changed node costs one call, and the other 999 stay warm", async () => {
  const { fake, kernel } = await issues(1_000);
  const { nodeid } = await kernel.walk("/m/open/7");
  fake.file("open", "7", at(1, "changed\n"), "i7");
  const applied = kernel.apply([{ tag: "node", id: "i7" }]);
  assert.deepEqual([applied.items, await applied.told, kernel.notes()], [1, 1, [`inode ${nodeid}`]]);
  assert.equal(await kernel.cat("/m/open/7"), "changed\n");
  assert.deepEqual(fake.taken(), ["lookup open 7"]);
  for (let n = 1; n <= 1_000; n++) await kernel.cat(`/m/open/${n}`);
  assert.deepEqual((await kernel.ls("/m/open")).length, 1_000);
  assert.deepEqual(fake.taken(), []);
  kernel.forgetAll();
});

Deno.test("what the event tells goes into the cache as it is: no call, and the listing stays", async () => {
  const { fake, kernel } = await issues(1_000);
  const { nodeid } = await kernel.walk("/m/open/7");
  fake.file("open", "7", at(1, "changed\n"), "i7");
  const { told } = kernel.apply([placed(fake, "open", "7", "i7")]);
  assert.deepEqual([await told, kernel.notes()], [1, [`inode ${nodeid}`]]);
  assert.equal(await kernel.cat("/m/open/7"), "changed\n");
  assert.equal((await kernel.stat(nodeid)).attributes.mtime, NOW + 1_000);
  for (let n = 1; n <= 1_000; n++) await kernel.cat(`/m/open/${n}`);
  await kernel.ls("/m/open");
  assert.deepEqual(fake.taken(), []);
});

Deno.test("a new child appears in its listing at no cost, where the kernel thought it absent too", async () => {
  const { fake, kernel, open } = await issues(3);
  assert.equal(await kernel.outcome("/m/open", "4"), "absent");
  const before = (await kernel.stat(open)).attributes.mtime;
  fake.file("open", "4", at(1, "new\n"), "i4");
  await kernel.apply([placed(fake, "open", "4", "i4")]).told;
  assert.deepEqual(kernel.notes().toSorted(), [`entry ${open} 4`, `inode ${open}`]);
  assert.deepEqual(await kernel.ls("/m/open"), ["1", "2", "3", "4"]);
  assert.equal(await kernel.cat("/m/open/4"), "new\n");
  assert((await kernel.stat(open)).attributes.mtime > before, "a directory that changed has another time");
  assert.equal(await kernel.outcome("/m/open", "5"), "absent");
  assert.deepEqual(fake.taken(), []);
});

Deno.test("a rename upstream keeps inode, nodeid and bytes; the old name is gone without a call", async () => {
  const { fake, kernel, open } = await issues(3);
  const before = await kernel.walk("/m/open/2");
  fake.remove("open", "2");
  fake.file("open", "two", at(1, "issue 2\n"), "i2");
  await kernel.apply([placed(fake, "open", "two", "i2")]).told;
  assert.deepEqual(
    kernel.notes().toSorted(),
    [`expire ${open} 2`, `inode ${before.nodeid}`, `inode ${open}`].toSorted(),
  );
  assert.deepEqual(await kernel.ls("/m/open"), ["1", "two", "3"]);
  assert.equal(await kernel.outcome("/m/open", "2"), "absent");
  const after = await kernel.walk("/m/open/two");
  assert.deepEqual([after.nodeid, after.attributes.ino], [before.nodeid, before.attributes.ino]);
  assert.deepEqual(fake.taken(), []);
  // Whoever has it open is asked about by its nodeid, and found by its new name.
  kernel.apply([{ tag: "node", id: "i2" }]);
  assert.equal((await kernel.stat(before.nodeid)).attributes.size, 8);
  assert.deepEqual(fake.taken(), ["lookup open two"]);
  kernel.forgetAll();
});

Deno.test("a removed child leaves the listing and nothing else; its name is known to be absent", async () => {
  const { fake, kernel, open } = await issues(3);
  const { nodeid } = await kernel.walk("/m/open/2");
  fake.remove("open", "2");
  await kernel.apply([{ tag: "removed", parent: "open", id: "i2" }]).told;
  assert.deepEqual(kernel.notes().toSorted(), [`delete ${open} ${nodeid} 2`, `inode ${open}`].toSorted());
  assert.deepEqual(await kernel.ls("/m/open"), ["1", "3"]);
  assert.equal(await kernel.outcome("/m/open", "2"), "absent");
  // Whoever has it open still reads it.
  assert.equal(new TextDecoder().decode(await kernel.read(nodeid, 0, 100)), "issue 2\n");
  assert.deepEqual(fake.taken(), []);
  kernel.forgetAll();
});

Deno.test("what moves from one listing to another is in the second one at once, as the same inode", async () => {
  const { fake, kernel, open } = await issues(2);
  await kernel.ls("/m/closed");
  fake.taken();
  const { nodeid } = await kernel.walk("/m/open/2");
  fake.remove("open", "2");
  fake.file("closed", "2", at(1, "issue 2, closed\n"), "i2");
  await kernel.apply([placed(fake, "closed", "2", "i2"), { tag: "removed", parent: "open", id: "i2" }]).told;
  const notes = kernel.notes();
  assert(notes.includes(`delete ${open} ${nodeid} 2`), notes.join(", "));
  assert.deepEqual([await kernel.ls("/m/open"), await kernel.ls("/m/closed")], [["1"], ["2"]]);
  assert.equal((await kernel.walk("/m/closed/2")).nodeid, nodeid);
  assert.equal(await kernel.cat("/m/closed/2"), "issue 2, closed\n");
  assert.deepEqual(fake.taken(), []);
});

Deno.test("dropped children are asked for anew, each by its name, and their nodes stay", async () => {
  const { fake, kernel, open } = await issues(2);
  await kernel.outcome("/m/open", "x");
  await kernel.apply([{ tag: "children", id: "open" }]).told;
  assert.deepEqual(
    kernel.notes().toSorted(),
    [`entry ${open} x`, `expire ${open} 1`, `expire ${open} 2`, `inode ${open}`].toSorted(),
  );
  assert.equal(kernel.store.node("m/i1")?.id, "i1");
  assert.equal(await kernel.outcome("/m/open", "1"), "found");
  assert.deepEqual(fake.taken(), ["lookup open 1"]);
});

Deno.test("what came late is ignored: an older state, and the listing that it speaks of", async () => {
  const { fake, kernel } = await issues(2);
  const late = placed(fake, "open", "2", "i2");
  await kernel.ls("/m/closed");
  fake.remove("open", "2");
  fake.file("closed", "2", at(2, "closed\n"), "i2");
  kernel.apply([placed(fake, "closed", "2", "i2"), { tag: "removed", parent: "open", id: "i2" }]);
  fake.taken();
  assert.equal(kernel.apply([late, { tag: "removed", parent: "closed", id: "i2" }]).items, 0);
  assert.deepEqual([await kernel.ls("/m/open"), await kernel.ls("/m/closed")], [["1"], ["2"]]);
  assert.equal(await kernel.cat("/m/closed/2"), "closed\n");
  assert.deepEqual(fake.taken(), []);
});

Deno.test("what comes twice changes nothing the second time", async () => {
  const { fake, kernel } = await issues(2);
  fake.file("open", "2", at(1, "changed\n"), "i2");
  const word = placed(fake, "open", "2", "i2");
  kernel.apply([word]);
  await kernel.apply([]).told;
  kernel.notes();
  assert.deepEqual([kernel.apply([word]).items, await kernel.apply([]).told, kernel.notes()], [0, 0, []]);
});

Deno.test("where the time does not tell two states apart, the event says no more than that it changed", async () => {
  for (const modified of [NOW, undefined]) {
    const { fake, kernel } = await issues(2);
    fake.file("open", "2", {
      bytes: text("other\n"),
      via: "inline",
      ...modified === undefined ? {} : { modified },
    }, "i2");
    kernel.apply([placed(fake, "open", "2", "i2")]);
    fake.file("open", "2", at(0, "a third\n"), "i2");
    assert.equal(await kernel.cat("/m/open/2"), "a third\n");
    assert.deepEqual(fake.taken(), ["lookup open 2"]);
  }
});

Deno.test("a child that may have been and gone before its listing was loaded is not believed", async () => {
  const { fake, kernel } = await issues(2);
  fake.file("open", "9", at(-1, "long closed\n"), "i9");
  const late = placed(fake, "open", "9", "i9");
  fake.remove("open", "9");
  kernel.apply([late]);
  assert.deepEqual(await kernel.ls("/m/open"), ["1", "2"]);
  assert.deepEqual(fake.taken(), ["list open start"]);
});

Deno.test("a late event does not take a reader back to before what was dropped", async () => {
  const { fake, kernel } = await issues(2);
  const late = placed(fake, "open", "1", "i1");
  fake.file("open", "1", at(2, "newest\n"), "i1");
  kernel.apply([placed(fake, "open", "1", "i1")]);
  assert.equal(await kernel.cat("/m/open/1"), "newest\n");
  kernel.apply([{ tag: "node", id: "i1" }]);
  kernel.apply([late]);
  assert.equal(await kernel.cat("/m/open/1"), "newest\n");
});

Deno.test("of a directory that nobody looked at an event keeps nothing, and the kernel is still told", async () => {
  const fake = new FakeProjection();
  fake.directory(ROOT, "open");
  for (let n = 0; n < 40; n++) fake.file("open", `${n}`, at(0, "x".repeat(1_000)), `i${n}`);
  const kernel = new Kernel([fake], 8 * 1024);
  const open = (await kernel.walk("/m/open")).nodeid;
  const { nodeid } = await kernel.walk("/m/open/3");
  for (let n = 0; n < 40; n++) await kernel.walk(`/m/open/${n}`);
  kernel.store.drop("m/open");
  await kernel.apply([]).told;
  kernel.notes();
  fake.remove("open", "3");
  fake.file("open", "three", at(1, "y"), "i3");
  assert.equal(kernel.apply([placed(fake, "open", "three", "i3")]).items, 0);
  await kernel.apply([]).told;
  assert.deepEqual(
    kernel.notes().toSorted(),
    [`expire ${open} 3`, `inode ${nodeid}`, `inode ${open}`].toSorted(),
  );
  assert.equal(kernel.store.peekNode("m/i3"), undefined);
  assert.equal((await kernel.stat(nodeid)).attributes.size, 1);
});

Deno.test("a directory that an event tells with its children is whole at no further call", async () => {
  const fake = new FakeProjection();
  fake.directory(ROOT, "open");
  const kernel = new Kernel([fake]);
  await kernel.ls("/m/open");
  fake.directory("open", "1", { modified: NOW + 1_000 }, "i1");
  fake.file("i1", "title", at(1, "hello\n"), "i1/title");
  fake.taken();
  kernel.apply([placed(fake, "open", "1", "i1"), placed(fake, "i1", "title", "i1/title")]);
  assert.equal(await kernel.cat("/m/open/1/title"), "hello\n");
  assert.deepEqual(fake.taken(), []);
});

Deno.test("a watch takes what it guarded, also what only the kernel still holds, and nothing else", async () => {
  const fake = new FakeProjection();
  for (const name of ["a", "b"]) {
    fake.directory(ROOT, name, { freshness: watched(name) });
    fake.file(name, "f", { bytes: text("x\n"), freshness: watched(name) });
  }
  const kernel = new Kernel([fake]);
  const [a, f] = [(await kernel.walk("/m/a")).nodeid, (await kernel.walk("/m/a/f")).nodeid];
  const m = (await kernel.walk("/m")).nodeid;
  for (const name of ["a", "b"]) await kernel.cat(`/m/${name}/f`);
  kernel.store.drop("m/a/f");
  kernel.notes();
  await kernel.apply([{ tag: "watch", watch: "a" }]).told;
  assert.deepEqual(
    kernel.notes().toSorted(),
    [`expire ${a} f`, `expire ${m} a`, `inode ${a}`, `inode ${f}`].toSorted(),
  );
  fake.taken();
  await kernel.cat("/m/b/f");
  assert.deepEqual(fake.taken(), []);
  await kernel.cat("/m/a/f");
  assert.deepEqual(fake.taken(), ["lookup . a", "lookup a f", "read a/f 0+3"]);
});

Deno.test("two mounts may call their watches alike", async () => {
  const [one, other] = [new FakeProjection("m"), new FakeProjection("n")];
  for (const fake of [one, other]) fake.file(ROOT, "f", at(0, "x\n"));
  const kernel = new Kernel([one, other]);
  await kernel.cat("/m/f");
  await kernel.cat("/n/f");
  kernel.apply([{ tag: "watch", watch: "w" }], "n");
  assert.deepEqual([kernel.store.peekNode("m/f")?.id, kernel.store.peekNode("n/f")], ["f", undefined]);
});

Deno.test("under a lost watch everything is served and nothing kept, and again when it is back", async () => {
  const { fake, kernel } = await issues(2);
  const wanted: string[] = [];
  kernel.store.watches.listen({
    started: () => {},
    stopped: () => {},
    wanted: (_, watch) => wanted.push(watch),
  });
  kernel.lose("w");
  assert.equal(kernel.store.count("node"), 0);
  for (let i = 0; i < 2; i++) {
    fake.taken();
    const entry = await kernel.walk("/m/open/1");
    assert.deepEqual([entry.entryTimeout, entry.attributeTimeout], [0, 0]);
    assert.equal(await kernel.cat("/m/open/1"), "issue 1\n");
    assert.deepEqual(await kernel.ls("/m/open"), ["1", "2"]);
    assert(fake.taken().length > 0, "it was kept");
  }
  assert.deepEqual([kernel.store.count("node"), new Set(wanted)], [0, new Set(["w"])]);
  kernel.regain("w");
  for (let i = 0; i < 2; i++) await kernel.cat("/m/open/1");
  fake.taken();
  assert.equal((await kernel.walk("/m/open/1")).attributeTimeout, Infinity);
  assert.deepEqual(fake.taken(), []);
  kernel.forgetAll();
});

Deno.test("when the cache holds nothing under a watch any more, the kernel is told to ask again", async () => {
  const fake = new FakeProjection();
  fake.file(ROOT, "f", at(0, "x\n", { freshness: watched("f") }));
  fake.directory(ROOT, "e", { freshness: IMMUTABLE });
  for (let i = 0; i < 40; i++) {
    fake.file("e", `${i}`, { bytes: new Uint8Array(500), via: "inline", freshness: IMMUTABLE });
  }
  const kernel = new Kernel([fake], 8 * 1024);
  const m = (await kernel.walk("/m")).nodeid;
  const f = (await kernel.walk("/m/f")).nodeid;
  assert.equal(kernel.store.watches.isAlive("m/f"), true);
  for (let i = 0; i < 40; i++) await kernel.walk(`/m/e/${i}`);
  assert.equal(kernel.store.watches.isAlive("m/f"), false);
  await kernel.apply([]).told;
  assert.deepEqual(kernel.notes().toSorted(), [`expire ${m} f`, `inode ${f}`].toSorted());
});

Deno.test("a watch begins to be needed as of when the oldest load began that may be missing something", async () => {
  const fake = new FakeProjection();
  for (const name of ["a", "b"]) fake.file(ROOT, name, at(0, "x\n", { freshness: watched("w") }));
  const kernel = new Kernel([fake]);
  const started: string[] = [];
  kernel.store.watches.listen({
    started: (mount, watch, since) => started.push(`${mount} ${watch} ${since - NOW}`),
    stopped: (mount, watch) => started.push(`- ${mount} ${watch}`),
  });
  const held = fake.hold("lookup");
  const slow = kernel.walk("/m/a");
  await held.arrived;
  kernel.clock.pass(1_000);
  await kernel.walk("/m/b");
  assert.deepEqual(started, ["m w 0"], "the slow one began before the one that arrived first");
  held.release();
  await slow;
  kernel.clock.pass(1_000);
  kernel.apply([{ tag: "watch", watch: "w" }]);
  await kernel.walk("/m/b");
  assert.deepEqual(started, ["m w 0", "- m w", "m w 2000"]);
});

Deno.test("an inode that the kernel was given and does not know yet is told of once more", async () => {
  const fake = new FakeProjection();
  for (const name of ["f", "g"]) fake.file(ROOT, name, at(0, "x\n"));
  const told: string[] = [];
  let taken = false;
  const tell = (text: string, known: boolean) => (told.push(text), Promise.resolve(known));
  const kernel = new Kernel([fake], undefined, undefined, {
    invalidateInode: (nodeid) => tell(`inode ${nodeid}`, taken),
    invalidateEntry: (parent, name) => tell(`entry ${parent} ${name}`, true),
    expireEntry: (parent, name) => {
      // It waits for the look-up whose answer is on its way.
      taken = true;
      return tell(`expire ${parent} ${name}`, true);
    },
    delete: () => tell("delete", true),
  });
  const m = (await kernel.walk("/m")).nodeid;
  const f = (await kernel.walk("/m/f")).nodeid;
  await kernel.walk("/m/g");
  await kernel.apply([{ tag: "node", id: "f" }]).told;
  assert.deepEqual(told, [`inode ${f}`, `expire ${m} f`, `inode ${f}`]);
});

Deno.test("what is too large to be kept is not promised to the kernel either", async () => {
  const fake = new FakeProjection();
  fake.file(ROOT, "f", at(0, "x".repeat(9_000), { freshness: watched("f") }));
  const kernel = new Kernel([fake], 8 * 1024);
  assert.equal((await kernel.walk("/m/f")).attributeTimeout, 0);
});

Deno.test("a listing that events have thinned out is written anew, and a reader in it goes on", async () => {
  const { fake, kernel, open } = await issues(300);
  const lines = await kernel.readAll(open, { room: 1_000 });
  const cookie = lines.find(({ name }) => name === "250")?.cookie ?? 0;
  for (let n = 1; n <= 200; n++) {
    fake.remove("open", `${n}`);
    kernel.apply([{ tag: "removed", parent: "open", id: `i${n}` }]);
  }
  const directory = kernel.store.peekDirectory("m/open");
  assert((directory?.listing.length ?? 300) < 300, "the gaps are still there");
  assert.deepEqual(await kernel.ls("/m/open"), Array.from({ length: 100 }, (_, i) => `${i + 201}`));
  assert(cookie > 0);
  assert.deepEqual(fake.taken(), []);
});
