/**
 * Reading directories: every line once, page by page, whatever happens in between.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { ROOT_ID } from "../../fuse/mod.ts";
import { checkProperty } from "../support/property.ts";
import { FakeProjection, ROOT, VOLATILE } from "./fake_projection.ts";
import { atOnce, Kernel, request, Sink } from "./kernel.ts";

/** A provider with a directory `d` of `count` files, the first called `n0`. */
function many(count: number, options: Parameters<FakeProjection["directory"]>[2] = {}): FakeProjection {
  const fake = new FakeProjection();
  fake.directory(ROOT, "d", options);
  for (let i = 0; i < count; i++) fake.file("d", `n${i}`, `${i}\n`);
  return fake;
}

const names = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `n${from + i}`);

Deno.test("every line comes exactly once and in order, whatever the page, the room and the kind of read", async () => {
  const [count, pageSize, room] = [
    fc.nat(40),
    fc.integer({ min: 1, max: 45 }),
    fc.integer({ min: 1, max: 50 }),
  ];
  await checkProperty(fc.asyncProperty(
    count,
    pageSize,
    room,
    fc.boolean(),
    fc.constantFrom(undefined, VOLATILE),
    async (count, pageSize, room, plus, freshness) => {
      const fake = many(count, { pageSize, ...(freshness === undefined ? {} : { freshness }) });
      const kernel = new Kernel([fake]);
      assert.deepEqual(await kernel.ls("/m/d", { plus, room }), names(count));
      const pages = Math.max(1, Math.ceil(count / pageSize));
      const lists = fake.taken().filter((call) => call.startsWith("list"));
      assert.equal(lists.length, pages, "a page was loaded twice");
      assert.deepEqual(await kernel.ls("/m/d", { plus, room }), names(count));
      if (freshness === undefined) assert.deepEqual(fake.taken(), []);
      kernel.forgetAll();
    },
  ));
});

Deno.test("a reader who stops early loads one page only", async () => {
  const fake = many(1_000, { pageSize: 100 });
  const kernel = new Kernel([fake]);
  const { nodeid } = await kernel.walk("/m/d");
  const { added } = await kernel.page(nodeid, 0, new Sink(true, 10));
  assert.equal(added.length, 10);
  await kernel.page(nodeid, added.at(-1)?.line.cookie ?? 0, new Sink(true, 50));
  assert.deepEqual(fake.taken(), ["lookup . d", "list d start"]);
  kernel.forgetAll();
});

Deno.test("READDIRPLUS counts a lookup exactly for the lines that were added with an entry", async () => {
  const fake = many(30, { pageSize: 7 });
  fake.file("d", "unknown", { bytes: new Uint8Array(9), size: "unknown" });
  fake.file("d", "volatile", { bytes: new Uint8Array(9), freshness: VOLATILE });
  fake.directory("d", "sub");
  const kernel = new Kernel([fake]);
  const { nodeid } = await kernel.walk("/m/d");
  const entries = new Map<string, boolean>();
  for (let cookie = 0;;) {
    const { added } = await kernel.page(nodeid, cookie, new Sink(true, 4));
    kernel.checkCounts();
    if (added.length === 0) break;
    for (const { line, entry } of added) {
      entries.set(line.name, entry !== undefined);
      if (entry !== undefined) assert.equal(entry.attributes.ino, line.ino);
    }
    cookie = added.at(-1)?.line.cookie ?? 0;
  }
  const without = [...entries].filter(([, entry]) => !entry).map(([name]) => name);
  assert.deepEqual(without, [".", "..", "unknown", "volatile"]);
  assert.equal(entries.size, 35);
  kernel.forgetAll();
});

Deno.test("a line has the inode number and the kind that stat shows, and the dots are the directories", async () => {
  const fake = many(3);
  fake.directory("d", "sub");
  const kernel = new Kernel([fake]);
  const [mount, directory] = [await kernel.walk("/m"), await kernel.walk("/m/d")];
  const lines = await kernel.readAll(directory.nodeid);
  assert.deepEqual(lines.slice(0, 2).map(({ name, ino, directory }) => [name, ino, directory]), [
    [".", directory.attributes.ino, true],
    ["..", mount.attributes.ino, true],
  ]);
  for (const line of lines.slice(2)) {
    const { ino, mode } = await kernel.attributes(`/m/d/${line.name}`);
    assert.deepEqual([line.ino, line.directory], [ino, (mode & 0o170000) === 0o040000]);
  }
  const root = await kernel.readAll(ROOT_ID);
  assert.deepEqual(root.map(({ name, ino }) => [name, ino]), [[".", 1], ["..", 1], [
    "m",
    mount.attributes.ino,
  ]]);
});

Deno.test("what is loaded is listed at once, without a promise", async () => {
  const kernel = new Kernel([many(10)]);
  const { nodeid } = await kernel.walk("/m/d");
  await kernel.readAll(nodeid);
  assert(atOnce(kernel.fs.readdir(nodeid, 0, new Sink(false, 100), request())));
  assert(atOnce(kernel.fs.readdir(ROOT_ID, 0, new Sink(false, 100), request())));
});

Deno.test("two first listings at once cost one call, and both get every line", async () => {
  for (const freshness of [undefined, VOLATILE]) {
    const fake = many(10, { pageSize: 4, ...(freshness === undefined ? {} : { freshness }) });
    const kernel = new Kernel([fake]);
    const { nodeid } = await kernel.walk("/m/d");
    const held = fake.hold("list");
    const both = [1, 2].map(() => kernel.readAll(nodeid));
    await held.arrived;
    held.release();
    for (const lines of await Promise.all(both)) {
      assert.deepEqual(lines.slice(2).map(({ name }) => name), names(10));
    }
    assert.deepEqual(fake.taken().filter((call) => call.startsWith("list")), [
      "list d start",
      "list d 4",
      "list d 8",
    ]);
  }
});

Deno.test("readers at different lines of a directory that is not kept do not load each other's again", async () => {
  const fake = many(30, { pageSize: 10, freshness: VOLATILE });
  const kernel = new Kernel([fake]);
  const { nodeid } = await kernel.walk("/m/d");
  const seen: string[][] = [[], [], []];
  const cookies = [0, 0, 0];
  for (let round = 0; round < 40; round++) {
    for (const reader of [0, 1, 2].slice(0, round + 1)) {
      const { added } = await kernel.page(nodeid, cookies[reader] ?? 0, new Sink(false, 3));
      seen[reader]?.push(...added.map(({ line }) => line.name));
      cookies[reader] = added.at(-1)?.line.cookie ?? cookies[reader] ?? 0;
    }
  }
  for (const each of seen) assert.deepEqual(each, [".", "..", ...names(30)]);
  const lists = fake.taken().filter((call) => call.startsWith("list"));
  assert(lists.length <= 9, `${lists.length} pages were loaded for three readers of three pages`);
});

Deno.test("a reader goes on in the listing that it began, though another one has replaced it", async () => {
  const fake = many(20);
  const kernel = new Kernel([fake]);
  const { nodeid } = await kernel.walk("/m/d");
  const first = await kernel.page(nodeid, 0, new Sink(false, 12));
  for (let i = 0; i < 5; i++) fake.remove("d", `n${i}`);
  kernel.drop("/m/d");
  assert.deepEqual(await kernel.ls("/m/d"), names(15, 5));
  const rest: string[] = first.added.map(({ line }) => line.name);
  for (let cookie = first.added.at(-1)?.line.cookie ?? 0;;) {
    const { added } = await kernel.page(nodeid, cookie, new Sink(false, 3));
    if (added.length === 0) break;
    rest.push(...added.map(({ line }) => line.name));
    cookie = added.at(-1)?.line.cookie ?? 0;
  }
  assert.deepEqual(rest, [".", "..", ...names(20)]);
  assert.deepEqual(await kernel.ls("/m/d"), names(15, 5), "the old listing came back");
});

Deno.test("a reader whose listing is nowhere any more goes on at the same line", async () => {
  const fake = many(50);
  const kernel = new Kernel([fake], 1024);
  const { nodeid } = await kernel.walk("/m/d");
  const first = await kernel.page(nodeid, 0, new Sink(false, 12));
  // More readers than are remembered, none of whom comes to an end.
  for (let i = 0; i < 20; i++) {
    fake.directory(ROOT, `e${i}`);
    fake.file(`e${i}`, "f", "x\n");
    fake.file(`e${i}`, "g", "x\n");
    await kernel.page((await kernel.walk(`/m/e${i}`)).nodeid, 0, new Sink(false, 3));
  }
  fake.taken();
  const next = await kernel.page(nodeid, first.added.at(-1)?.line.cookie ?? 0, new Sink(false, 100));
  assert.deepEqual(next.added.map(({ line }) => line.name), names(40, 10));
  assert(fake.taken().includes("list d start"));
});

Deno.test("listings that only readers hold take no more than 32 MiB, beside the one that was read last", async () => {
  const fake = new FakeProjection();
  // 1.7 KB a line: its name, its identity and its key, at two bytes a character, and 200 bytes.
  const lines = 10_000;
  for (const directory of ["a", "b"]) {
    fake.directory(ROOT, directory, { freshness: VOLATILE });
    for (let i = 0; i < lines; i++) {
      fake.file(directory, `${i}`.padStart(250, directory), {
        bytes: new Uint8Array(0),
        freshness: VOLATILE,
      });
    }
  }
  const kernel = new Kernel([fake]);
  const [a, b] = [(await kernel.walk("/m/a")).nodeid, (await kernel.walk("/m/b")).nodeid];
  const cookieAfter = async (nodeid: number) =>
    (await kernel.page(nodeid, 0, new Sink(false, 5))).added.at(-1)?.line.cookie ?? 0;
  const [inA, inB] = [await cookieAfter(a), await cookieAfter(b)];
  fake.taken();
  await kernel.page(b, inB, new Sink(false, 5));
  assert.deepEqual(fake.taken(), []);
  await kernel.page(a, inA, new Sink(false, 5));
  assert.deepEqual(fake.taken().filter((call) => call.startsWith("list")), ["list a start"]);
});

Deno.test("a page that fails is an errno for this read, and the next read asks for it again", async () => {
  const fake = many(10, { pageSize: 5 });
  const kernel = new Kernel([fake]);
  const { nodeid } = await kernel.walk("/m/d");
  const { added } = await kernel.page(nodeid, 0, new Sink(false, 7));
  const cookie = added.at(-1)?.line.cookie ?? 0;
  fake.fail("list", "unavailable");
  await assert.rejects(kernel.page(nodeid, cookie, new Sink(false, 7)), /EIO/);
  fake.fail("list", undefined);
  const rest = await kernel.page(nodeid, cookie, new Sink(false, 7));
  assert.deepEqual(rest.added.map(({ line }) => line.name), names(5, 5));
});

Deno.test("an interrupted listing is EINTR, and its call is aborted when nobody else waits", async () => {
  const fake = many(10);
  const kernel = new Kernel([fake]);
  const { nodeid } = await kernel.walk("/m/d");
  const [first, second] = [new AbortController(), new AbortController()];
  const held = fake.hold("list");
  const readers = [first, second].map(({ signal }) => kernel.page(nodeid, 0, new Sink(false, 50), signal));
  await held.arrived;
  first.abort();
  await assert.rejects(readers[0] ?? Promise.resolve(), /EINTR/);
  assert.deepEqual(fake.aborted, []);
  second.abort();
  await assert.rejects(readers[1] ?? Promise.resolve(), /EINTR/);
  assert.deepEqual(fake.aborted, ["list d start"]);
  assert.deepEqual(kernel.troubles.latest(), []);
  assert.deepEqual(await kernel.ls("/m/d"), names(10));
});

Deno.test("names that were looked up while a directory was listed for the first time do not cost its listing", async () => {
  const fake = many(10, { exhaustive: false });
  const kernel = new Kernel([fake]);
  const { nodeid } = await kernel.walk("/m/d");
  const held = fake.hold("list");
  const listing = kernel.readAll(nodeid);
  await held.arrived;
  fake.file("d", "hidden", "h\n");
  await kernel.lookup(nodeid, "hidden");
  held.release();
  assert.equal((await listing).length, 12);
  fake.taken();
  assert.deepEqual(await kernel.ls("/m/d"), names(10));
  assert.equal(await kernel.outcome("/m/d", "hidden"), "found");
  assert.deepEqual(fake.taken(), []);
});

Deno.test("a provider whose next page is the same page again is at fault, and nobody waits for ever", async () => {
  const fake = many(10, { pageSize: 5 });
  const page = fake.listChildren.bind(fake);
  fake.listChildren = async (parent, cursor, signal) => ({
    ...await page(parent, cursor, signal),
    next: "5",
  });
  const kernel = new Kernel([fake]);
  const { nodeid } = await kernel.walk("/m/d");
  await assert.rejects(kernel.readAll(nodeid), /EIO/);
  assert.match(kernel.troubles.latest()[0]?.error.message ?? "", /as its own next one/);
});
