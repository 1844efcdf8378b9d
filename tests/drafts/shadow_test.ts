/**
 * The shadow tree as the kernel sees it: what is refused with which errno, what editors do, and names and counts that
 * stay right whatever happens between two reads.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Changes, RENAME, type Request, ROOT_ID } from "../../fuse/mod.ts";
import { checkProperty } from "../support/property.ts";
import { tempDir } from "../support/temp.ts";
import { FakeProjection, VOLATILE } from "../vfs/fake_projection.ts";
import { request } from "../vfs/kernel.ts";
import { Shadow, type ShadowOptions } from "./shadow.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const writable = (text: string) => ({ bytes: bytes(text), writable: true });

/** Two providers; each has a directory that takes files, with two that can be written and one that cannot. */
function providers(): FakeProjection[] {
  return ["m", "n"].map((mount) => {
    const projection = new FakeProjection(mount);
    const box = projection.directory("", "box", { writable: true });
    projection.file(box, "state", writable("open\n"));
    projection.file(box, "title", writable("old\n"));
    projection.file(box, "fixed", "fixed\n");
    projection.directory(box, "kept");
    projection.directory(box, "gone");
    projection.file(projection.directory("", "closed"), "state", writable("open\n"));
    return projection;
  });
}

function onShadow(name: string, test: (shadow: Shadow) => Promise<void>, options: ShadowOptions = {}): void {
  Deno.test(name, async () => {
    await using dir = await tempDir();
    await using shadow = await Shadow.open(dir.path, providers(), options);
    await shadow.draft();
    await test(shadow);
  });
}

onShadow("the live tree takes no change, whatever the operation and wherever it leads", async (shadow) => {
  const box = await shadow.directory("m/box");
  const state = (await shadow.walk("m/box/state")).nodeid;
  const staged = await shadow.directory("_drafts/d/m/box");
  const all: [string, (changes: Changes, by: Request) => unknown][] = [
    ["truncate", (changes, by) => changes.setattr(state, { size: 0 }, by)],
    ["touch", (changes, by) => changes.setattr(state, { size: undefined }, by)],
    ["write", (changes, by) => changes.write(state, 0, bytes("x"), by)],
    ["create", (changes, by) => changes.create({ parent: box, name: "x" }, by)],
    ["create in the root", (changes, by) => changes.create({ parent: ROOT_ID, name: "x" }, by)],
    ["mkdir", (changes, by) => changes.mkdir({ parent: box, name: "x" }, by)],
    ["unlink", (changes, by) => changes.unlink({ parent: box, name: "state" }, by)],
    ["rmdir", (changes, by) => changes.rmdir({ parent: box, name: "gone" }, by)],
    [
      "rename",
      (changes, by) => changes.rename({ parent: box, name: "state" }, { parent: box, name: "x" }, 0, by),
    ],
    [
      "rename away",
      (changes, by) => changes.rename({ parent: box, name: "state" }, { parent: staged, name: "x" }, 0, by),
    ],
    [
      "rename into",
      (changes, by) => changes.rename({ parent: staged, name: "state" }, { parent: box, name: "x" }, 0, by),
    ],
  ];
  for (const [name, change] of all) assert.equal(await shadow.outcome(change), "EROFS", name);
  assert.deepEqual(shadow.drafts.get("d").changes, []);
  assert.equal(await shadow.cat(state), "open\n");
});

onShadow(
  "_drafts is found by name and not listed, with the drafts and the session's link in it",
  async (shadow) => {
    assert.deepEqual(await shadow.ls(ROOT_ID), ["m", "n"]);
    await shadow.draft("e");
    const top = await shadow.directory("_drafts");
    assert.deepEqual(await shadow.ls(top, 1), ["@session", "d", "e"]);
    assert.deepEqual((await shadow.ls(await shadow.directory("_drafts/d"), 1)).sort(), ["m", "n"]);
    assert.equal(await shadow.lookup(top, "nobody"), "ENOENT");
    assert.equal(
      await shadow.outcome((changes, by) => changes.mkdir({ parent: top, name: "x" }, by)),
      "EPERM",
    );
    const draft = await shadow.directory("_drafts/d");
    assert.notEqual(
      await shadow.outcome((changes, by) => changes.mkdir({ parent: draft, name: "x" }, by)),
      "OK",
    );
    const entry = await shadow.walk("_drafts/d/m/box/state");
    assert.deepEqual([entry.entryTimeout, entry.attributeTimeout], [0, 0], "the kernel keeps nothing");
    assert.notEqual(entry.attributes.ino, (await shadow.walk("m/box/state")).attributes.ino);
  },
);

onShadow("each caller's link leads to the draft of their own session", async (shadow) => {
  const link = (await shadow.walk("_drafts/@session")).nodeid;
  const read = async (pid: number) => await shadow.fs.readlink(link, { ...request(), pid });
  assert.deepEqual(await read(11), { target: "session-1" });
  assert.deepEqual(await read(12), { target: "session-1" });
  assert.deepEqual(await read(21), { target: "session-2" });
  assert.equal(typeof await read(99), "number");
}, { sessionOf: (pid) => pid < 90 ? Math.floor(pid / 10) : undefined });

onShadow("a second provider, and another draft, are other devices", async (shadow) => {
  await shadow.draft("e");
  const [box, other] = [await shadow.directory("_drafts/d/m/box"), await shadow.directory("_drafts/d/n/box")];
  assert.equal(await shadow.put((await shadow.walk("_drafts/d/m/box/state")).nodeid, "closed\n"), "OK");
  assert.equal(await shadow.put((await shadow.walk("_drafts/d/n/box/state")).nodeid, "closed\n"), "EXDEV");
  const outcome = (change: (changes: Changes, by: Request) => unknown) => shadow.outcome(change);
  assert.equal(await outcome((changes, by) => changes.create({ parent: other, name: "x" }, by)), "EXDEV");
  assert.equal(await outcome((changes, by) => changes.mkdir({ parent: other, name: "x" }, by)), "EXDEV");
  assert.equal(await outcome((changes, by) => changes.unlink({ parent: other, name: "state" }, by)), "EXDEV");
  assert.equal(await outcome((changes, by) => changes.rmdir({ parent: other, name: "gone" }, by)), "EXDEV");
  const from = { parent: box, name: "state" };
  const elsewhere = await shadow.directory("_drafts/e/m/box");
  for (const parent of [other, elsewhere]) {
    assert.equal(await outcome((changes, by) => changes.rename(from, { parent, name: "x" }, 0, by)), "EXDEV");
  }
});

onShadow("without the grant every change is EPERM, and every read goes on", async (shadow) => {
  const box = await shadow.directory("_drafts/d/m/box");
  const state = (await shadow.walk("_drafts/d/m/box/state")).nodeid;
  assert.equal(await shadow.put(state, "closed\n"), "EPERM");
  const outcome = (change: (changes: Changes, by: Request) => unknown) => shadow.outcome(change);
  assert.equal(await outcome((changes, by) => changes.create({ parent: box, name: "x" }, by)), "EPERM");
  assert.equal(await outcome((changes, by) => changes.mkdir({ parent: box, name: "x" }, by)), "EPERM");
  assert.equal(await outcome((changes, by) => changes.unlink({ parent: box, name: "state" }, by)), "EPERM");
  assert.equal(await outcome((changes, by) => changes.rmdir({ parent: box, name: "gone" }, by)), "EPERM");
  const move = [{ parent: box, name: "state" }, { parent: box, name: "title" }] as const;
  assert.equal(await outcome((changes, by) => changes.rename(...move, 0, by)), "EPERM");
  assert.equal(await shadow.cat(state), "open\n");
}, { granted: false });

onShadow("what a draft cannot hold is refused at once, each with its errno", async (shadow) => {
  const box = await shadow.directory("_drafts/d/m/box");
  const node = async (name: string) => (await shadow.walk(`_drafts/d/m/box/${name}`)).nodeid;
  const outcome = (change: (changes: Changes, by: Request) => unknown) => shadow.outcome(change);
  const state = await node("state");
  assert.equal(await shadow.put(state, "bogus\n"), "EINVAL");
  assert.equal(await shadow.cat(state), "open\n", "the truncation is put back");
  assert.equal(await shadow.put(await node("fixed"), "x\n"), "EPERM");
  assert.equal(await shadow.put(box, "x\n"), "EISDIR");
  const create = (parent: number, name: string) =>
    outcome((changes, by) => changes.create({ parent, name }, by));
  assert.equal(await create(box, "state"), "EEXIST");
  assert.equal(await create(await shadow.directory("_drafts/d/m/closed"), "x"), "EPERM");
  assert.equal(await create(await shadow.directory("_drafts/d/m/closed"), "x.swp~"), "OK", "an editor's own");
  assert.equal(await outcome((changes, by) => changes.rmdir({ parent: box, name: "state" }, by)), "ENOTDIR");
  assert.equal(await outcome((changes, by) => changes.unlink({ parent: box, name: "gone" }, by)), "EISDIR");
  assert.equal(await outcome((changes, by) => changes.unlink({ parent: box, name: "x" }, by)), "ENOENT");
  assert.equal(await outcome((changes, by) => changes.rmdir({ parent: box, name: "kept" }, by)), "EINVAL");
  assert.equal(await outcome((changes, by) => changes.rmdir({ parent: box, name: "gone" }, by)), "OK");
  const rename = (from: string, to: string, flags = 0) =>
    outcome((changes, by) =>
      changes.rename({ parent: box, name: from }, { parent: box, name: to }, flags, by)
    );
  assert.equal(await rename("fixed", "other"), "EPERM", "what nobody can write has no other name");
  const closed = await shadow.directory("_drafts/d/m/closed");
  const away = (parent: number, to: number) =>
    outcome((changes, by) => changes.rename({ parent, name: "state" }, { parent: to, name: "other" }, 0, by));
  assert.equal(await away(closed, closed), "EPERM", "nor has what is where nothing comes and goes");
  assert.equal(await away(closed, box), "EPERM");
  assert.equal(await away(box, closed), "EPERM");
  assert.equal(await rename("nothing", "other"), "ENOENT");
  assert.equal(await rename("state", "title", RENAME.EXCHANGE), "EINVAL");
  assert.equal(await create(box, "made"), "OK");
  assert.equal(await rename("made", "title", RENAME.NOREPLACE), "EEXIST");
  assert.equal(await outcome((changes, by) => changes.mkdir({ parent: box, name: "full" }, by)), "OK");
  assert.equal(await create(await node("full"), "inside"), "OK");
  assert.equal(await outcome((changes, by) => changes.mkdir({ parent: box, name: "empty" }, by)), "OK");
  assert.equal(await rename("empty", "full"), "ENOTEMPTY");
  assert.equal(await rename("empty", "made"), "ENOTDIR");
  assert.equal(await rename("made", "empty"), "EISDIR");
  assert.equal(await outcome((changes, by) => changes.rmdir({ parent: box, name: "full" }, by)), "ENOTEMPTY");
});

onShadow("a draft that is being applied is busy, for every change and for no read", async (shadow) => {
  const box = await shadow.directory("_drafts/d/m/box");
  const state = (await shadow.walk("_drafts/d/m/box/state")).nodeid;
  assert.equal(await shadow.put(state, "closed\n"), "OK");
  await shadow.drafts.get("d").record({ type: "applying", attempt: "a", by: "me" });
  const outcome = (change: (changes: Changes, by: Request) => unknown) => shadow.outcome(change);
  assert.equal(await shadow.put(state, "open\n"), "EBUSY");
  assert.equal(await outcome((changes, by) => changes.create({ parent: box, name: "x" }, by)), "EBUSY");
  assert.equal(await outcome((changes, by) => changes.unlink({ parent: box, name: "title" }, by)), "EBUSY");
  assert.equal(await shadow.cat(state), "closed\n");
});

onShadow("a node of a draft that has ended is gone, and the tree goes on", async (shadow) => {
  const state = (await shadow.walk("_drafts/d/m/box/state")).nodeid;
  const made = await shadow.directory("_drafts/d/m/box");
  assert.equal(await shadow.outcome((changes, by) => changes.create({ parent: made, name: "x" }, by)), "OK");
  const x = (await shadow.walk("_drafts/d/m/box/x")).nodeid;
  await shadow.drafts.discard(shadow.drafts.get("d"));
  assert.equal(await shadow.cat(x), "ENOENT");
  assert.equal(await shadow.put(state, "closed\n"), "ENOENT");
  assert.equal(await shadow.lookup(await shadow.directory("_drafts"), "d"), "ENOENT");
  await shadow.forgetAll();
});

Deno.test("a directory that nobody keeps is read to its end, line by line", async () => {
  const projection = new FakeProjection("m");
  const box = projection.directory("", "box", { freshness: VOLATILE });
  for (const name of ["a", "b", "c", "d"]) {
    projection.file(box, name, { ...writable(name), freshness: VOLATILE });
  }
  await using dir = await tempDir();
  await using shadow = await Shadow.open(dir.path, [projection]);
  await shadow.draft();
  for (const room of [1, 2, 100]) {
    assert.deepEqual(await shadow.ls(await shadow.directory("_drafts/d/m/box"), room), ["a", "b", "c", "d"]);
  }
});

/** What a tool does in one directory of a draft. */
type Act =
  | { readonly do: "put" | "create" | "mkdir" | "unlink" | "rmdir"; readonly name: string }
  | { readonly do: "rename"; readonly name: string; readonly to: string }
  | { readonly do: "read"; readonly room: number };

const NAMES = ["state", "title", "a", "b", "c", "dir"];
const anyName = fc.constantFrom(...NAMES);
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    do: fc.constantFrom(
      "put" as const,
      "create" as const,
      "mkdir" as const,
      "unlink" as const,
      "rmdir" as const,
    ),
    name: anyName,
  }),
  fc.record({ do: fc.constant("rename" as const), name: anyName, to: anyName }),
  fc.record({ do: fc.constant("read" as const), room: fc.integer({ min: 1, max: 4 }) }),
);

/** What a directory holds, as POSIX has it: texts, and directories as undefined. */
class Model {
  readonly entries = new Map<string, string | undefined>([
    ["state", "open\n"],
    ["title", "old\n"],
    ["fixed", "fixed\n"],
    ["kept", undefined],
    ["gone", undefined],
  ]);

  /** The errno of an act, which is done where it is none; `text` is what `put` writes. */
  act(act: Exclude<Act, { do: "read" }>, text: string): string {
    const { entries } = this;
    const { name } = act;
    const [there, isFile] = [entries.has(name), entries.get(name) !== undefined];
    switch (act.do) {
      case "put":
        if (!there) return "ENOENT";
        if (!isFile) return "EISDIR";
        entries.set(name, text);
        return "OK";
      case "create":
      case "mkdir":
        if (there) return "EEXIST";
        // What was a live file is one that a draft writes, and no directory.
        if (act.do === "mkdir" && isLive(name)) return "EPERM";
        entries.set(name, act.do === "create" ? "" : undefined);
        return "OK";
      case "unlink":
      case "rmdir":
        if (!there) return "ENOENT";
        if (isFile !== (act.do === "unlink")) return isFile ? "ENOTDIR" : "EISDIR";
        entries.delete(name);
        return "OK";
      case "rename":
        return this.#rename(name, act.to);
    }
  }

  #rename(from: string, to: string): string {
    const { entries } = this;
    if (!entries.has(from)) return "ENOENT";
    // The kernel does not ask about a name that stays.
    if (from === to) return "SAME";
    const content = entries.get(from);
    if (isLive(to) && content === undefined) return "EPERM";
    if (entries.has(to) && (entries.get(to) === undefined) !== (content === undefined)) {
      return content === undefined ? "ENOTDIR" : "EISDIR";
    }
    entries.delete(from);
    entries.set(to, content);
    return "OK";
  }
}

function isLive(name: string): boolean {
  return name === "state" || name === "title";
}

Deno.test("whatever is done in a directory of a draft, it holds what POSIX says, and every read of it is whole", async () => {
  await checkProperty(
    fc.asyncProperty(fc.array(anyAct, { maxLength: 40 }), async (acts) => {
      await using dir = await tempDir();
      await using shadow = await Shadow.open(dir.path, providers());
      await shadow.draft();
      const parent = await shadow.directory("_drafts/d/m/box");
      const model = new Model();
      let reading: { cookie: number; seen: string[]; always: Set<string>; touched: Set<string> } | undefined;
      for (const [step, act] of acts.entries()) {
        if (act.do === "read") {
          reading ??= { cookie: 0, seen: [], always: new Set(model.entries.keys()), touched: new Set() };
          const lines = await shadow.lines(parent, reading.cookie, act.room);
          reading.seen.push(...lines.map(({ name }) => name));
          reading.cookie = lines.at(-1)?.cookie ?? reading.cookie;
          if (lines.length === 0) reading = whole(reading);
          continue;
        }
        const text = `text ${step}\n`;
        const wanted = model.act(act, text);
        if (wanted === "SAME") continue;
        assert.equal(await done(shadow, parent, act, text), wanted, `${step}: ${JSON.stringify(act)}`);
        for (const name of [act.name, act.do === "rename" ? act.to : act.name]) reading?.touched.add(name);
      }
      assert.deepEqual((await shadow.ls(parent, 3)).sort(), [...model.entries.keys()].sort());
      for (const [name, content] of model.entries) {
        const entry = await shadow.walk(`_drafts/d/m/box/${name}`);
        if (content !== undefined) assert.equal(await shadow.cat(entry.nodeid), content, name);
      }
      await shadow.forgetAll();
    }),
    150,
  );
});

/** What was there all the time was seen, and nothing of it twice. */
function whole(reading: { seen: string[]; always: Set<string>; touched: Set<string> }): undefined {
  const steady = [...reading.always].filter((name) => !reading.touched.has(name));
  const seen = reading.seen.filter((name) => steady.includes(name));
  assert.deepEqual(seen.sort(), steady.sort());
}

async function done(
  shadow: Shadow,
  parent: number,
  act: Exclude<Act, { do: "read" }>,
  text: string,
): Promise<string> {
  const where = { parent, name: act.name };
  if (act.do === "put") {
    const entry = await shadow.lookup(parent, act.name);
    return typeof entry === "string" ? entry : await shadow.put(entry.nodeid, text);
  }
  if (act.do === "rename") {
    const to = { parent, name: act.to };
    return await shadow.outcome((changes, by) => changes.rename(where, to, 0, by));
  }
  const { do: change } = act;
  return await shadow.outcome((changes, by) => changes[change](where, by));
}
