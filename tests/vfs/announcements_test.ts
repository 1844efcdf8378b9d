/**
 * What those who watch a directory are told, and what happens while they are told.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Change } from "../../fuse/mod.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import type { Invalidation } from "../../runtime/provider/mod.ts";
import { Announcements } from "../../runtime/vfs/announcements.ts";
import { until } from "../support/deadline.ts";
import { FakeProjection, ROOT } from "./fake_projection.ts";
import { atOnce, Kernel, NOW, request } from "./kernel.ts";

const text = (words: string) => ({ bytes: new TextEncoder().encode(words), via: "inline" as const });
const LISTING: Invalidation = { tag: "children", id: "open" };

/** Files `a` and `b` in `/m/open`, which somebody watches. */
interface Scene {
  readonly fake: FakeProjection;
  readonly kernel: Kernel;
  /** Takes the place of the kernel, which answers each announcement with whether the call went well; so does `at`. */
  play: (change: Change) => boolean;
  /** True where the kernel would be answered without waiting for `name`. */
  isAtHand(name: string): boolean;
  /** Resolves once `line` was announced as played; lines are such as `created c` and `moved a b`. */
  heard(line: string): Promise<void>;
  /** All that was announced as played. */
  readonly said: readonly string[];
}

async function onWatched(test: (scene: Scene) => Promise<void>): Promise<void> {
  const fake = new FakeProjection();
  fake.directory(ROOT, "open");
  fake.file("open", "a", text("a\n"), "a");
  fake.file("open", "b", text("b\n"), "b");
  const kernel = new Kernel([fake]);
  await kernel.ls("/m/open");
  const open = await kernel.walk("/m/open");
  const said: string[] = [];
  const scene: Scene = {
    fake,
    kernel,
    said,
    play: () => true,
    isAtHand: (name) => atOnce(kernel.fs.lookup(open.nodeid, name, request())),
    heard: (line) => until(() => said.includes(line), 5_000, line).then(() => {}),
  };
  const announce = (change: Change) => {
    const isPlayed = scene.play(change);
    const names = change.tag === "moved" ? [change.at.name, change.to.name] : [change.at.name];
    if (isPlayed) said.push([change.tag, ...names].join(" "));
    return Promise.resolve(isPlayed);
  };
  const { namespace, bodies, inodes, fs: filesystem } = kernel;
  const announcements = new Announcements({
    clock: systemClock,
    namespace,
    bodies,
    inodes,
    filesystem,
    mode: "auto",
    stage: () => ({
      announcer: { announce },
      watched: () => Promise.resolve({ inodes: new Set([open.attributes.ino]), milliseconds: 0 }),
    }),
  });
  for (const each of kernel.kernels.all()) each.witness = announcements;
  try {
    await test(scene);
  } finally {
    await announcements.close();
  }
}

Deno.test("what is dropped while it is announced is announced anew, once it is at hand again", () =>
  onWatched(async (scene) => {
    const { fake, kernel, heard, said } = scene;
    let drops = 2;
    scene.play = ({ at }) => {
      // The second one comes without the length.
      if (drops-- > 0) kernel.apply([LISTING, { tag: "node", id: at.name }]);
      return scene.isAtHand(at.name);
    };
    fake.file("open", "c", text("c\n"), "c");
    kernel.apply([LISTING]);
    await heard("created c");
    assert.deepEqual(said.filter((line) => line.startsWith("created")), ["created c"]);
    await kernel.walk("/m/open/a");
    drops = 2;
    fake.file("open", "a", text("another\n"), "a");
    kernel.apply([{ tag: "node", id: "a" }]);
    await heard("modified a");
  }));

Deno.test("a changed file that nobody holds is announced also where its directory is dropped again before", () =>
  onWatched(async (scene) => {
    const { fake, kernel, heard, said } = scene;
    scene.play = ({ tag }) => {
      if (tag === "created") kernel.apply([LISTING]);
      return true;
    };
    fake.file("open", "c", text("c\n"), "c");
    fake.file("open", "b", text("another\n"), "b");
    assert.equal([...kernel.inodes.identities("m/b")].length, 0);
    kernel.apply([LISTING, { tag: "node", id: "b" }]);
    await heard("modified b");
    assert.deepEqual(said, ["created c", "modified b"]);
  }));

Deno.test("a name is told to be gone before it is taken, by a file as by one that makes room itself", () =>
  onWatched(async ({ fake, kernel, heard, said }) => {
    fake.remove("open", "a");
    fake.file("open", "b", text("a\n"), "a");
    kernel.apply([LISTING]);
    await heard("moved a b");
    assert.deepEqual(said, ["deleted b", "moved a b"]);
    fake.file("open", "c", text("c\n"), "c");
    kernel.apply([LISTING]);
    await heard("created c");
    fake.remove("open", "b");
    fake.file("open", "c", text("a\n"), "a");
    fake.file("open", "d", text("c\n"), "c");
    kernel.apply([LISTING]);
    await heard("moved b c");
    assert.deepEqual(said.slice(-2), ["moved c d", "moved b c"]);
  }));

Deno.test("the same by an event that places the file", () =>
  onWatched(async ({ fake, kernel, heard, said }) => {
    fake.remove("open", "a");
    fake.file("open", "b", { ...text("a\n"), modified: NOW + 1_000 }, "a");
    kernel.apply([{ tag: "placed", parent: "open", entry: fake.entry("b", "a") }]);
    await heard("moved a b");
    assert.deepEqual(said.slice(0, 2), ["deleted b", "moved a b"]);
  }));

Deno.test("what a look-up finds out before the event is told: that a file is gone, and that it is another one", () =>
  onWatched(async ({ fake, kernel, heard, said }) => {
    await kernel.walk("/m/open/a");
    await kernel.walk("/m/open/b");
    fake.remove("open", "a");
    kernel.apply([{ tag: "node", id: "a" }]);
    await heard("deleted a");
    kernel.apply([{ tag: "removed", parent: "open", id: "a" }]);
    fake.file("open", "b", text("another\n"), "other");
    kernel.apply([{ tag: "node", id: "b" }]);
    await heard("created b");
    assert.deepEqual(said, ["deleted a", "deleted b", "created b"]);
  }));

Deno.test("a file that is gone before its new name is told is told to be gone by the old one", () =>
  onWatched(async (scene) => {
    const { fake, kernel, heard } = scene;
    scene.play = ({ tag, at }) => {
      if (tag === "deleted" && at.name === "a") {
        fake.remove("open", "c");
        kernel.apply([LISTING, { tag: "node", id: "b" }]);
      }
      return true;
    };
    fake.remove("open", "a");
    fake.remove("open", "b");
    fake.file("open", "c", text("b\n"), "b");
    kernel.apply([LISTING]);
    await heard("deleted b");
  }));

Deno.test("a changed file is announced where it is watched, and once, although the kernel holds it elsewhere", () =>
  onWatched(async ({ fake, kernel, heard, said }) => {
    fake.directory(ROOT, "all");
    fake.link("all", "a", "a");
    await kernel.walk("/m/all/a");
    fake.file("open", "a", text("another\n"), "a");
    kernel.apply([{ tag: "node", id: "a" }]);
    await heard("modified a");
    await kernel.walk("/m/open/a");
    fake.file("open", "a", text("a third\n"), "a");
    kernel.apply([{ tag: "node", id: "a" }]);
    fake.file("open", "c", text("c\n"), "c");
    kernel.apply([LISTING]);
    await heard("created c");
    assert.deepEqual(said.filter((line) => line === "modified a").length, 2);
  }));
