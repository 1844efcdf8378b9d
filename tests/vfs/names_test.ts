/**
 * Names: what costs a call, what does not, and what one answer fills.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ERRNO, ROOT_ID } from "../../fuse/mod.ts";
import { ofKind, settle } from "../support/loads.ts";
import { FakeProjection, IMMUTABLE, ROOT, VOLATILE } from "./fake_projection.ts";
import { atOnce, Kernel, NOW, request } from "./kernel.ts";

/** A provider with one directory `d` that holds the files `a` and `b`. */
function small(options: Parameters<FakeProjection["directory"]>[2] = {}): FakeProjection {
  const fake = new FakeProjection();
  fake.directory(ROOT, "d", options);
  fake.file("d", "a", "of a\n");
  fake.file("d", "b", "of b\n");
  return fake;
}

Deno.test("the second lookup of a name costs no call and is answered at once, kept for good", async () => {
  const fake = small();
  const kernel = new Kernel([fake]);
  const first = await kernel.walk("/m/d/a");
  assert.deepEqual(fake.taken(), ["lookup . d", "lookup d a"]);
  assert.deepEqual(await kernel.walk("/m/d/a"), first);
  const parent = await kernel.walk("/m/d");
  assert(atOnce(kernel.fs.getattr(first.nodeid, request())));
  const again = kernel.fs.lookup(parent.nodeid, "a", request());
  assert(atOnce(again) && typeof again !== "number");
  kernel.inodes.get(again.nodeid)?.lookups.decrement(1);
  assert.deepEqual([first.entryTimeout, first.attributeTimeout], [Infinity, Infinity]);
  assert.deepEqual(fake.taken(), []);
  kernel.forgetAll();
});

Deno.test("the root and the mounts cost no call; their attributes are those of who mounted", async () => {
  const fake = small();
  const kernel = new Kernel([fake, new FakeProjection("b")]);
  assert.deepEqual(await kernel.ls("/"), ["b", "m"]);
  const { attributes } = await kernel.walk("/m");
  assert.deepEqual([attributes.mode, attributes.uid, attributes.gid, attributes.mtime], [
    0o040555,
    1000,
    100,
    NOW,
  ]);
  assert.equal((await kernel.stat(ROOT_ID)).attributes.ino, 1);
  assert.equal(await kernel.outcome("/", "nobody"), "ENOENT");
  assert.deepEqual(fake.taken(), []);
  const file = await kernel.attributes("/m/d/a");
  assert.deepEqual([file.mode, file.size, file.nlink], [0o100444, 5, 1]);
});

Deno.test("after an exhaustive listing an absent name costs no call, and the kernel may keep it for good", async () => {
  const fake = small();
  const kernel = new Kernel([fake]);
  await kernel.ls("/m/d");
  fake.taken();
  const directory = await kernel.walk("/m/d");
  const answer = await kernel.lookup(directory.nodeid, "x");
  assert(typeof answer !== "string");
  assert.deepEqual([answer.nodeid, answer.entryTimeout], [0, Infinity]);
  assert.deepEqual([...kernel.inodes.get(directory.nodeid)?.absent ?? []], ["x"]);
  assert.deepEqual(fake.taken(), []);
  kernel.forgetAll();
});

Deno.test("a name that comes to be leaves the absent ones", async () => {
  const fake = small({ pageSize: 2 });
  const kernel = new Kernel([fake]);
  await kernel.ls("/m/d");
  const directory = await kernel.walk("/m/d");
  await kernel.lookup(directory.nodeid, "x");
  fake.file("d", "x", "new\n");
  kernel.drop("/m/d");
  await kernel.lookup(directory.nodeid, "x");
  assert.equal(kernel.inodes.get(directory.nodeid)?.absent?.has("x"), false);
});

Deno.test("the kernel is told no more absent names than can be taken back one by one", async () => {
  const fake = small();
  const kernel = new Kernel([fake]);
  await kernel.ls("/m/d");
  const { nodeid } = await kernel.walk("/m/d");
  const answers = Array.from({ length: 5_000 }, (_, i) => kernel.fs.lookup(nodeid, `x${i}`, request()));
  const kept = answers.filter((answer) => typeof answer === "object").length;
  assert.deepEqual([kept, answers.at(-1), kernel.inodes.get(nodeid)?.absent?.size], [
    4_096,
    ERRNO.ENOENT,
    4_096,
  ]);
});

Deno.test("where a listing does not tell every name, an absent one is asked for each time and never kept", async () => {
  const fake = small({ exhaustive: false });
  const kernel = new Kernel([fake]);
  await kernel.ls("/m/d");
  fake.taken();
  for (let i = 0; i < 2; i++) assert.equal(await kernel.outcome("/m/d", "x"), "ENOENT");
  assert.deepEqual(fake.taken(), ["lookup d x", "lookup d x"]);
  assert.equal(await kernel.outcome("/m/d", "a"), "found");
  assert.deepEqual(fake.taken(), []);
});

Deno.test("an absent name in a directory that was never listed is asked for each time", async () => {
  const fake = small();
  const kernel = new Kernel([fake]);
  for (let i = 0; i < 2; i++) assert.equal(await kernel.outcome("/m/d", "x"), "ENOENT");
  assert.deepEqual(fake.taken(), ["lookup . d", "lookup d x", "lookup d x"]);
});

Deno.test("one answer fills the directories that it tells of: no further call for names, lines or bytes", async () => {
  const fake = new FakeProjection();
  const ids = ["1", "2", "3"];
  fake.directory(ROOT, "issues", { tells: ids });
  for (const id of ids) {
    fake.directory("issues", id, {}, id);
    fake.file(id, "title", { bytes: new TextEncoder().encode(`title of ${id}\n`), via: "inline" });
    fake.directory(id, "comments");
  }
  const kernel = new Kernel([fake]);
  assert.deepEqual(await kernel.ls("/m/issues"), ids);
  fake.taken();
  for (const id of ids) {
    assert.deepEqual(await kernel.ls(`/m/issues/${id}`), ["title", "comments"]);
    assert.equal(await kernel.cat(`/m/issues/${id}/title`), `title of ${id}\n`);
    assert.equal(await kernel.outcome(`/m/issues/${id}`, "nothing"), "absent");
  }
  assert.deepEqual(fake.taken(), []);
  kernel.forgetAll();
});

Deno.test("what comes along without being complete answers names, and no absence", async () => {
  const fake = new FakeProjection();
  fake.directory(ROOT, "issues", { tells: ["1"], complete: false });
  fake.directory("issues", "1", {}, "1");
  fake.file("1", "title", "t\n");
  const kernel = new Kernel([fake]);
  await kernel.ls("/m/issues");
  fake.taken();
  assert.equal(await kernel.outcome("/m/issues/1", "title"), "found");
  assert.deepEqual(fake.taken(), []);
  assert.equal(await kernel.outcome("/m/issues/1", "nothing"), "ENOENT");
  assert.deepEqual(await kernel.ls("/m/issues/1"), ["title"]);
  assert.deepEqual(fake.taken(), ["lookup 1 nothing", "list 1 start"]);
});

Deno.test("a view over the same objects has the same inode numbers, and what one filled, the other has", async () => {
  const fake = new FakeProjection();
  for (const view of ["_open", "_all"]) fake.directory(ROOT, view, { tells: ["7"] });
  fake.directory("_open", "7", {}, "7");
  fake.link("_all", "7", "7");
  fake.file("7", "title", "t\n");
  const kernel = new Kernel([fake]);
  await kernel.ls("/m/_open");
  fake.taken();
  const open = await kernel.walk("/m/_open/7");
  const all = await kernel.walk("/m/_all/7");
  assert.equal(open.attributes.ino, all.attributes.ino);
  assert.notEqual(open.nodeid, all.nodeid);
  const [one, other] = [await kernel.walk("/m/_open/7/title"), await kernel.walk("/m/_all/7/title")];
  assert.deepEqual([one.nodeid, one.attributes.ino], [other.nodeid, other.attributes.ino]);
  assert.deepEqual(fake.taken(), ["lookup . _all", "lookup _all 7"]);
  kernel.forgetAll();
});

Deno.test("where listing costs no more than a lookup, the first name lists, and the others are known", async () => {
  const fake = small({ listFirst: true });
  const kernel = new Kernel([fake]);
  for (const name of ["a", "b"]) assert.equal(await kernel.outcome("/m/d", name), "found");
  assert.equal(await kernel.outcome("/m/d", "x"), "absent");
  assert.deepEqual(fake.taken(), ["lookup . d", "list d start"]);
});

Deno.test("list-first goes no further than the page with the name", async () => {
  const fake = small({ listFirst: true, pageSize: 1 });
  fake.file("d", "c", "of c\n");
  const kernel = new Kernel([fake]);
  assert.equal(await kernel.outcome("/m/d", "b"), "found");
  assert.deepEqual(fake.taken(), ["lookup . d", "list d start", "list d 1"]);
});

Deno.test("list-first asks for a name that a listing which tells not every name does not have", async () => {
  const fake = small({ listFirst: true, exhaustive: false });
  const kernel = new Kernel([fake]);
  assert.equal(await kernel.outcome("/m/d", "x"), "ENOENT");
  assert.deepEqual(fake.taken(), ["lookup . d", "list d start", "lookup d x"]);
});

Deno.test("a volatile node is asked for each time, and the kernel keeps neither its name nor its state", async () => {
  const fake = small();
  fake.file("d", "v", { bytes: new Uint8Array(3), via: "inline", freshness: VOLATILE });
  const kernel = new Kernel([fake]);
  const entry = await kernel.walk("/m/d/v");
  assert.deepEqual([entry.entryTimeout, entry.attributeTimeout], [0, 0]);
  assert.equal((await kernel.stat(entry.nodeid)).attributeTimeout, 0);
  await kernel.walk("/m/d/v");
  assert.deepEqual(fake.taken(), ["lookup . d", "lookup d v", "lookup d v", "lookup d v"]);
  assert.equal(kernel.store.node("m/d/v"), undefined);
});

Deno.test("a listing of the root that tells a volatile object is not kept", async () => {
  const fake = small();
  fake.file(ROOT, "now", { bytes: new Uint8Array(3), freshness: VOLATILE });
  const kernel = new Kernel([fake]);
  await kernel.ls("/m");
  await kernel.ls("/m");
  assert.deepEqual(fake.taken(), ["list . start", "list . start"]);
});

Deno.test("what was volatile and is now immutable is kept, and read as it is now", async () => {
  const fake = new FakeProjection();
  const before = { bytes: new TextEncoder().encode("running\n"), freshness: VOLATILE };
  fake.file(ROOT, "log", before);
  const kernel = new Kernel([fake]);
  assert.equal(await kernel.cat("/m/log"), "running\n");
  fake.file(ROOT, "log", { bytes: new TextEncoder().encode("all that was said\n"), freshness: IMMUTABLE });
  assert.equal(await kernel.cat("/m/log"), "all that was said\n");
  fake.taken();
  assert.equal(await kernel.cat("/m/log"), "all that was said\n");
  assert.deepEqual(fake.taken(), []);
});

Deno.test("what was kept and is now volatile is kept no longer", async () => {
  const fake = small();
  fake.directory(ROOT, "e");
  const kernel = new Kernel([fake]);
  assert.equal(await kernel.cat("/m/d/a"), "of a\n");
  // Another name tells the new state; the first one is still in the cache of its directory.
  fake.file("e", "z", { bytes: new TextEncoder().encode("now longer\n"), freshness: VOLATILE }, "d/a");
  assert.equal(await kernel.cat("/m/e/z"), "now longer\n");
  assert.equal(await kernel.cat("/m/d/a"), "now longer\n");
});

Deno.test("the upstream's newer word on a node drops what was kept of the older one, and says so", async () => {
  const fake = new FakeProjection();
  fake.directory(ROOT, "d");
  const file = (text: string, version: string) => ({ bytes: new TextEncoder().encode(text), version });
  fake.file("d", "f", file("old\n", "1"));
  const kernel = new Kernel([fake]);
  assert.equal(await kernel.cat("/m/d/f"), "old\n");
  fake.file("d", "f", file("new\n", "2"));
  const { nodeid } = await kernel.walk("/m/d/f");
  await kernel.ls("/m/d");
  assert.deepEqual(kernel.notes(), [`inode ${nodeid}`]);
  assert.equal(await kernel.cat("/m/d/f"), "new\n");
});

Deno.test("an evicted node is found again through its name", async () => {
  const fake = small();
  for (let i = 0; i < 100; i++) fake.file("d", `f${i}`, `${i}\n`);
  const kernel = new Kernel([fake], 16 * 1024);
  const entry = await kernel.walk("/m/d/a");
  for (let i = 0; i < 100; i++) await kernel.walk(`/m/d/f${i}`);
  fake.taken();
  assert.equal((await kernel.stat(entry.nodeid)).attributes.size, 5);
  assert.deepEqual(fake.taken(), ["lookup d a"]);
  kernel.forgetAll();
});

Deno.test("a name that leads to another object now is not the node that the kernel holds", async () => {
  const fake = small();
  const kernel = new Kernel([fake]);
  const entry = await kernel.walk("/m/d/a");
  fake.file("d", "a", "another\n", "other");
  kernel.drop("/m/d");
  await assert.rejects(kernel.stat(entry.nodeid), /ENOENT/);
  const now = await kernel.walk("/m/d/a");
  assert.notEqual(now.nodeid, entry.nodeid);
  assert.equal(now.attributes.size, 8);
  kernel.forgetAll();
});

Deno.test("many lookups of one name at once cost one call", async () => {
  const fake = small();
  const kernel = new Kernel([fake]);
  const { nodeid } = await kernel.walk("/m/d");
  fake.taken();
  const held = fake.hold("lookup");
  const many = Array.from({ length: 10 }, () => kernel.lookup(nodeid, "a"));
  await held.arrived;
  held.release();
  const entries = await Promise.all(many);
  assert.equal(new Set(entries.map((entry) => typeof entry === "string" ? entry : entry.nodeid)).size, 1);
  assert.deepEqual(fake.taken(), ["lookup d a"]);
  kernel.forgetAll();
});

Deno.test("a slow provider delays nobody who asks another one, or what is kept", async () => {
  const [slow, quick] = [small(), new FakeProjection("q")];
  quick.file(ROOT, "f", "x\n");
  const kernel = new Kernel([slow, quick]);
  await kernel.walk("/m/d/a");
  const held = slow.hold("lookup");
  const waiting = kernel.walk("/m/d/b");
  await held.arrived;
  assert.equal(await kernel.cat("/q/f"), "x\n");
  assert.equal((await kernel.walk("/m/d/a")).attributes.size, 5);
  held.release();
  await waiting;
  kernel.forgetAll();
});

Deno.test("a name longer than 255 bytes is ENAMETOOLONG, in whatever characters", async () => {
  const kernel = new Kernel([small()]);
  assert.equal(await kernel.outcome("/m/d", "x".repeat(256)), "ENAMETOOLONG");
  assert.equal(await kernel.outcome("/m/d", "€".repeat(86)), "ENAMETOOLONG");
  assert.equal(await kernel.outcome("/m/d", "€".repeat(85)), "ENOENT");
});

Deno.test("a nodeid that the kernel gave back is stale", async () => {
  const kernel = new Kernel([small()]);
  const { nodeid } = await kernel.walk("/m/d");
  kernel.forgetAll();
  assert.equal(await kernel.lookup(nodeid, "a"), "ESTALE");
  await assert.rejects(kernel.stat(nodeid), /ESTALE/);
  assert.equal(kernel.fs.access(nodeid, 4), ERRNO.ESTALE);
});

Deno.test("a kernel that forgets while its lookup is under way gets a node that counts again", async () => {
  const fake = small();
  const kernel = new Kernel([fake]);
  const { nodeid } = await kernel.walk("/m/d");
  const held = fake.hold("lookup");
  const waiting = kernel.lookup(nodeid, "a");
  await held.arrived;
  kernel.forgetAll();
  held.release();
  assert(typeof await waiting !== "string");
  await settle();
  kernel.forgetAll();
});

Deno.test("resolve refuses a place whose name leads elsewhere", async () => {
  const fake = small();
  const kernel = new Kernel([fake]);
  const { nodeid } = await kernel.walk("/m/d/a");
  const place = kernel.inodes.get(nodeid)?.place;
  assert(place !== undefined);
  fake.remove("d", "a");
  kernel.drop("/m");
  await assert.rejects(kernel.namespace.resolve(place), ofKind("not-found", /no longer what it was/));
});
