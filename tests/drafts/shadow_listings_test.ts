/**
 * The lines of shadow directories before a kernel that keeps them: it is told another time whenever they are others, and
 * the same one where nothing changed.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { createKey, removeKey } from "../../runtime/drafts/staged.ts";
import { ToldTime } from "../../runtime/vfs/shadow/told_time.ts";
import { checkProperty } from "../support/property.ts";
import { tempDir } from "../support/temp.ts";
import { FakeProjection, VOLATILE } from "../vfs/fake_projection.ts";
import { KeepingKernel } from "../vfs/keeping_kernel.ts";
import { request } from "../vfs/kernel.ts";
import { Shadow } from "./shadow.ts";

/** A mount, and a kernel that keeps what it is given of it. */
interface Scene {
  readonly shadow: Shadow;
  readonly upstream: FakeProjection;
  readonly keeping: KeepingKernel;
  /** The names that a reader is shown, sorted. */
  ls(path: string): Promise<string[]>;
  /** The time of a directory, in milliseconds since the Unix epoch. */
  time(path: string): Promise<number>;
}

/** A directory `box` with the files `a` and `b` that take drafts, and `loose`, which nobody keeps. */
function onScene(name: string, test: (scene: Scene) => Promise<void>): void {
  Deno.test(name, async () => await withScene(test));
}

async function withScene(test: (scene: Scene) => Promise<void>): Promise<void> {
  const upstream = new FakeProjection("m");
  const box = upstream.directory("", "box", { writable: true });
  for (const name of ["a", "b"]) {
    upstream.file(box, name, { bytes: new TextEncoder().encode(name), writable: true });
  }
  upstream.file(upstream.directory("", "loose", { freshness: VOLATILE }), "a", "a");
  await using dir = await tempDir();
  await using shadow = await Shadow.open(dir.path, [upstream]);
  await shadow.draft();
  const keeping = new KeepingKernel();
  keeping.mount(shadow.fs);
  const ls = async (path: string) => {
    const names = await keeping.ls(path);
    assert(typeof names !== "string", `ls ${path}: ${names}`);
    return [...names].sort();
  };
  const time = async (path: string) => {
    const status = await shadow.fs.getattr((await shadow.walk(path)).nodeid, request());
    assert(typeof status !== "number");
    return status.attributes.mtime;
  };
  await test({ shadow, upstream, keeping, ls, time });
}

const BOX = "_drafts/d/m/box";

onScene("what a command stages is in the next listing", async ({ shadow, ls }) => {
  const draft = await shadow.draft();
  const { paths } = shadow.drafts;
  assert.deepEqual(await ls(BOX), ["a", "b"]);
  await paths.write(draft, "m", "/box/new", new Uint8Array(1));
  assert.deepEqual(await ls(BOX), ["a", "b", "new"]);
  await paths.remove(draft, "m", "/box/a");
  assert.deepEqual(await ls(BOX), ["b", "new"]);
  await paths.unstage(draft, "/box/a");
  await paths.unstage(draft, "/box/new");
  assert.deepEqual(await ls(BOX), ["a", "b"]);
});

onScene(
  "drafts that come and go are in the next listing, and one's own is not that of a namesake",
  async (scene) => {
    const { shadow, ls } = scene;
    assert.deepEqual(await ls("_drafts"), ["@session", "d"]);
    const draft = await shadow.draft("e");
    assert.deepEqual(await ls("_drafts"), ["@session", "d", "e"]);
    await shadow.drafts.paths.write(draft, "m", "/box/new", new Uint8Array(1));
    assert.deepEqual(await ls("_drafts/e/m/box"), ["a", "b", "new"]);
    await shadow.drafts.discard(draft);
    assert.deepEqual(await ls("_drafts"), ["@session", "d"]);
    await shadow.draft("e");
    assert.deepEqual(await ls("_drafts/e/m/box"), ["a", "b"]);
  },
);

onScene("a change of the live directory below is in the next listing", async ({ shadow, upstream, ls }) => {
  const told = () => shadow.kernel.apply([{ tag: "children", id: "box" }]);
  assert.deepEqual(await ls(BOX), ["a", "b"]);
  upstream.file("box", "c", "c");
  told();
  assert.deepEqual(await ls(BOX), ["a", "b", "c"]);
  upstream.remove("box", "c");
  shadow.kernel.apply([{ tag: "removed", parent: "box", id: "box/c" }]);
  assert.deepEqual(await ls(BOX), ["a", "b"]);
  const id = upstream.file("box", "d", "d");
  shadow.kernel.apply([{ tag: "placed", parent: "box", entry: upstream.entry("d", id) }]);
  assert.deepEqual(await ls(BOX), ["a", "b", "d"]);
});

onScene("a live directory that nobody keeps is asked for at each listing", async ({ upstream, ls }) => {
  assert.deepEqual(await ls("_drafts/d/m/loose"), ["a"]);
  upstream.file("loose", "b", "b");
  assert.deepEqual(await ls("_drafts/d/m/loose"), ["a", "b"]);
  upstream.remove("loose", "a");
  assert.deepEqual(await ls("_drafts/d/m/loose"), ["b"]);
});

onScene(
  "the time moves with the names, and with nothing else",
  async ({ shadow, upstream, keeping, ls, time }) => {
    const draft = await shadow.draft();
    const { paths } = shadow.drafts;
    await ls(BOX);
    const before = await time(BOX);
    await paths.write(draft, "m", "/box/a", new TextEncoder().encode("other"));
    const told = [{ tag: "placed" as const, parent: "box", entry: upstream.entry("b", "box/b") }];
    shadow.kernel.apply(told);
    await ls(BOX);
    assert.equal(await time(BOX), before, "bytes are no names");
    const { requests } = keeping;
    await ls(BOX);
    assert(keeping.requests - requests < 6, "the lines that are kept are true, and nobody reads them again");
    await paths.write(draft, "m", "/box/new", new Uint8Array(1));
    const after = await time(BOX);
    assert(after > before);
    assert.equal(after, draft.overlay.made(1)?.modified, "it is when the file was made");
    assert.equal(await time("_drafts/d/m/loose"), await time("_drafts/d/m/loose"));
  },
);

/** What may happen between two looks. */
type Step = readonly [
  what: "make" | "unmake" | "remove" | "return" | "come" | "go" | "ls" | "renew",
  which: number,
];

const STEP: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom("make", "unmake", "remove", "return", "come", "go", "ls", "renew"),
  fc.nat(2),
);

/** The kernel looks first: a new reader would give it away that there is something new. */
async function check({ shadow, ls }: Scene): Promise<void> {
  const kept = await ls(BOX);
  assert.deepEqual(kept, (await shadow.ls(await shadow.directory(BOX))).sort());
}

async function take([what, which]: Step, scene: Scene): Promise<void> {
  const { shadow, upstream } = scene;
  const draft = await shadow.draft();
  const [name, made] = [["a", "b", "c"][which] ?? "", `made${which}`];
  const folder = { made: false, id: "box" } as const;
  const held = draft.overlay.child(folder, made);
  if (what === "ls") return await check(scene);
  if (what === "make" && held === undefined) {
    await draft.create("m", {
      folder,
      name: made,
      path: `/box/${made}`,
      directory: false,
      scratch: which === 0,
    });
  }
  if (what === "unmake" && held !== undefined) await draft.unstage(createKey(held.id));
  if (what === "remove") await shadow.drafts.paths.remove(draft, "m", `/box/${name}`).catch(() => {});
  if (what === "return") await draft.unstage(removeKey("box", name));
  if (what === "come") {
    const id = upstream.file("box", name, name);
    shadow.kernel.apply([{ tag: "placed", parent: "box", entry: upstream.entry(name, id) }]);
  }
  if (what === "go") {
    upstream.remove("box", name);
    shadow.kernel.apply([{ tag: "removed", parent: "box", id: `box/${name}` }]);
  }
  if (what === "renew") {
    await shadow.drafts.discard(draft);
    await shadow.draft();
  }
}

Deno.test("whatever happens, the kept listing is the one that a new reader is given", async () => {
  const property = fc.asyncProperty(fc.array(STEP, { maxLength: 12 }), async (steps) => {
    await withScene(async (scene) => {
      for (const step of steps) await take(step, scene);
      await check(scene);
    });
  });
  await checkProperty(property, 60);
});

Deno.test("no time is told twice for two listings, whatever the times of what is listed are", async () => {
  const look = fc.record({
    modified: fc.nat(9),
    lines: fc.option(fc.constantFrom("a", "b"), { nil: undefined }),
    gives: fc.boolean(),
  });
  const property = fc.asyncProperty(fc.array(look, { maxLength: 20 }), (looks) => {
    const [time, given] = [new ToldTime(), new Map<number, string | undefined>()];
    for (const { modified, lines, gives } of looks) {
      const told = time.tell({ modified, lines }, 5);
      if (given.has(told)) {
        assert.equal(given.get(told) ?? "unknown", lines, "the kernel keeps the old lines");
      }
      if (!gives) continue;
      time.give(lines);
      given.set(told, lines);
    }
    return Promise.resolve();
  });
  await checkProperty(property, 500);
});
