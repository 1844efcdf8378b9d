/**
 * What is staged, as a tree over the live one: the records of a draft alone say what it holds.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { systemClock } from "../../runtime/base/clock.ts";
import { Draft } from "../../runtime/drafts/draft.ts";
import { Overlay } from "../../runtime/drafts/overlay.ts";
import type { DraftRecord } from "../../runtime/drafts/records.ts";
import { byPath, type Folder, type LiveEntry, pathOf, writeKey } from "../../runtime/drafts/staged.ts";
import { checkProperty } from "../support/property.ts";
import { Disk, reopened } from "./scene.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);
const ROOT: Folder = { made: false, id: "root" };

function live(name: string, directory = false, parent = "root"): LiveEntry {
  const path = parent === "root" ? `/${name}` : `/${parent}/${name}`;
  return {
    parent,
    name,
    path,
    id: parent === "root" ? name : `${parent}/${name}`,
    version: undefined,
    directory,
  };
}

async function emptyDraft(): Promise<{ draft: Draft; disk: Disk }> {
  const disk = new Disk();
  const draft = new Draft(disk, [], systemClock);
  await draft.record({ type: "created", name: "d" });
  return { draft, disk };
}

Deno.test("bytes land where they are put, and zeros lie between", async () => {
  const { draft } = await emptyDraft();
  await draft.write("m", live("title"), bytes("0123456789"));
  const key = writeKey("title");
  await draft.put(key, 4, bytes("ab"));
  assert.equal(text(draft.overlay.write("title")?.content), "0123ab6789");
  await draft.resize(key, 3);
  await draft.put(key, 5, bytes("z"));
  assert.equal(text(draft.overlay.write("title")?.content), "012\0\0z");
  assert.equal(text(draft.overlay.write("title")?.base), "0123456789");
  assert.equal(draft.overlay.bytes, 6);
});

Deno.test("a file that holds what it held is no change", async () => {
  const { draft } = await emptyDraft();
  await draft.write("m", live("title"), bytes("same"));
  await draft.resize(writeKey("title"), 0);
  assert.equal(draft.changes.length, 1);
  await draft.put(writeKey("title"), 0, bytes("same"));
  assert.deepEqual(draft.changes, []);
});

Deno.test("a directory that moves takes along what is in it, however deep", async () => {
  const { draft } = await emptyDraft();
  const make = (folder: Folder, name: string, path: string, directory: boolean) =>
    draft.create("m", { folder, name, path, directory, scratch: false });
  const wish = await make(ROOT, "wish", "/wish", true);
  const deep = await make({ made: true, id: wish.id }, "deep", "/wish/deep", true);
  const title = await make({ made: true, id: deep.id }, "title", "/wish/deep/title", false);
  await draft.put(title.key, 0, bytes("x"));
  await draft.move(wish.key, { folder: ROOT, name: "hope", path: "/hope", scratch: false });
  const [change, ...more] = draft.changes;
  assert.deepEqual(more, []);
  assert(change?.mutation.tag === "create");
  assert.equal(pathOf(change.staged), "/hope/deep/title");
  assert.equal(change.mutation.name, "hope/deep/title");
  await draft.unstage(wish.key);
  assert.deepEqual(draft.overlay.all(), []);
  assert.equal(draft.overlay.bytes, 0);
});

Deno.test("what an editor makes on its way is in no journal until it gets a name that counts", async () => {
  const { draft, disk } = await emptyDraft();
  const before = disk.records.length;
  const where = { folder: ROOT, name: "4913", path: "/4913", directory: false, scratch: true };
  const { key } = await draft.create("m", where);
  await draft.put(key, 0, bytes("text"));
  assert.equal(draft.changes.length, 0);
  assert.equal(draft.overlay.size, 0);
  assert.deepEqual(disk.records.slice(before).map(({ type }) => type), ["bound"]);
  await draft.move(key, { folder: ROOT, name: "kept", path: "/kept", scratch: false });
  assert.deepEqual(draft.changes.map(({ mutation }) => mutation.tag === "create" && text(mutation.content)), [
    "text",
  ]);
  assert.deepEqual(disk.records.slice(before + 1).map(({ type }) => type), ["create"]);
  await draft.move(key, { folder: ROOT, name: "kept~", path: "/kept~", scratch: true });
  assert.equal(draft.changes.length, 0);
  assert.equal(text(draft.overlay.child(ROOT, "kept~")?.content), "text");
  assert.equal(draft.overlay.child(ROOT, "kept"), undefined);
  assert.equal(disk.records.at(-1)?.type, "unstaged");
});

Deno.test("scratch that gets a name that counts is lost by no journal that takes nothing, at any point", async () => {
  for (let taken = 0; taken < 3; taken++) {
    const { draft, disk } = await emptyDraft();
    const held = { folder: ROOT, name: "wish.tmp", path: "/wish.tmp", directory: true, scratch: true };
    const { id, key } = await draft.create("m", held);
    for (const name of ["body", "title"]) {
      const within = { folder: { made: true, id } as const, name, path: `/wish.tmp/${name}` };
      const file = await draft.create("m", { ...within, directory: false, scratch: true });
      await draft.put(file.key, 0, bytes(name));
    }
    const append = disk.append.bind(disk);
    let left = taken;
    disk.append = (record) => left-- > 0 ? append(record) : Promise.reject(new Error("no space"));
    await assert.rejects(
      draft.move(key, { folder: ROOT, name: "wish", path: "/wish", scratch: false }),
      /no space/,
    );
    assert.deepEqual(
      draft.overlay.children({ made: true, id }).map(({ name, content }) => [name, text(content)]),
      [["body", "body"], ["title", "title"]],
    );
    // What a restart would find is what is part of the draft.
    assert.deepEqual(part(reopened(disk)), part(draft), `${taken} records taken`);
    assert.equal(part(draft).length, taken);
  }
});

/** What of a draft is part of it, by path. */
function part({ overlay }: Draft): (readonly [path: string, content: string | undefined])[] {
  return overlay.all().flatMap((each) =>
    each.kind === "create" && !each.scratch ? [[each.path, text(each.content)] as const] : []
  );
}

Deno.test("what is written and made while scratch gets its name, or is moved out of the way, is where it belongs", async () => {
  const { draft, disk } = await emptyDraft();
  const held = { folder: ROOT, name: "wish.tmp", path: "/wish.tmp", directory: true, scratch: true };
  const { id, key } = await draft.create("m", held);
  const within = { made: true, id } as const;
  const body = { folder: within, name: "body", path: "/wish.tmp/body", directory: false, scratch: true };
  const file = await draft.create("m", body);
  await draft.put(file.key, 0, bytes("first "));
  const moved = draft.move(key, { folder: ROOT, name: "wish", path: "/wish", scratch: false });
  // Another process does not wait for the rename; each of these begins before it is in the journal.
  const all = [
    draft.put(file.key, 6, bytes("second")),
    draft.create("m", { ...body, name: "title", path: "/wish.tmp/title" }),
  ];
  await Promise.all([moved, ...all]);
  assert.deepEqual(part(draft), [["/wish", ""], ["/wish/body", "first second"], ["/wish/title", ""]]);
  assert.deepEqual(part(reopened(disk)), part(draft));

  const aside = draft.move(file.key, { folder: within, name: "body~", path: "/wish/body~", scratch: true });
  await Promise.all([aside, draft.put(file.key, 12, bytes(" third"))]);
  assert.deepEqual(part(draft).map(([path]) => path), ["/wish", "/wish/title"]);
  assert.equal(text(draft.overlay.child(within, "body~")?.content), "first second third");
  assert.deepEqual(part(reopened(disk)), part(draft));
});

Deno.test("a file that was to go and is written again stays, and a directory that goes takes what was staged in it", async () => {
  const { draft } = await emptyDraft();
  await draft.remove("m", live("title"), bytes("old"));
  assert(draft.overlay.isRemoved("root", "title"));
  await draft.write("m", live("title"), bytes("old"));
  assert(!draft.overlay.isRemoved("root", "title"));
  await draft.write("m", live("body", false, "7"), bytes("said"));
  await draft.create("m", {
    folder: { made: false, id: "7" },
    name: "new",
    path: "/7/new",
    directory: false,
    scratch: false,
  });
  await draft.remove("m", live("7", true), undefined, [{ path: "/7/body", bytes: bytes("said") }]);
  assert.deepEqual(
    draft.overlay.all().map((each) => [each.kind, pathOf(each)]),
    [["remove", "/7"], ["write", "/title"]],
  );
});

Deno.test("paths come as diff -r meets them", () => {
  const paths = ["/b", "/a/x", "/a.md", "/a", "/a-b/c", "/B"];
  assert.deepEqual(paths.sort(byPath), ["/B", "/a", "/a/x", "/a-b/c", "/a.md", "/b"]);
});

/** Records of any kind about few names, whether they make sense one after the other or not. */
const anyRecord: fc.Arbitrary<DraftRecord> = fc.oneof(
  fc.record({ name: fc.constantFrom("a", "b", "c"), base: fc.string() }).map(({ name, base }) => ({
    type: "write" as const,
    live: live(name),
    base: bytes(base).toBase64(),
  })),
  fc.record({
    id: fc.integer({ min: 1, max: 4 }),
    name: fc.constantFrom("x", "y"),
    directory: fc.boolean(),
  }).map((made) => ({ type: "create" as const, ...made, folder: ROOT, path: `/${made.name}` })),
  fc.constantFrom("a", "b").map((name) => ({ type: "remove" as const, live: live(name) })),
  fc.record({
    key: fc.constantFrom("write a", "write b", "create 1", "create 2", "remove root\0a"),
    offset: fc.integer({ min: 0, max: 20 }),
    bytes: fc.string().map((content) => bytes(content).toBase64()),
  }).map((put) => ({ type: "bytes" as const, ...put })),
  fc.record({ key: fc.constantFrom("write a", "create 1"), size: fc.integer({ min: 0, max: 20 }) })
    .map((cut) => ({ type: "resized" as const, ...cut })),
  fc.constantFrom("write a", "create 1", "create 2", "remove root\0a").map((key) => ({
    type: "unstaged" as const,
    key,
  })),
);

Deno.test("whatever the records are, the count of bytes is that of what is held, and a replay holds the same", async () => {
  await checkProperty(
    fc.property(fc.array(anyRecord, { maxLength: 40 }), (records) => {
      const [first, again] = [new Overlay(), new Overlay()];
      for (const record of records) first.apply(record, 1);
      for (const record of records) again.apply(structuredClone(record), 1);
      const held = first.all().reduce(
        (sum, each) => sum + (each.kind === "remove" ? 0 : each.content.length),
        0,
      );
      assert.equal(first.bytes, held);
      assert.equal(first.pieces, first.all().length);
      assert.deepEqual(again.all(), first.all());
      for (const each of first.all()) assert.deepEqual(first.get(each.key), each);
    }),
    2_000,
  );
});
