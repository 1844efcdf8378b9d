/**
 * `README.md` at the root of a mount: what a reader sees of it, and that no provider has a say in it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { GUIDE_ID, GuidedProjection, type GuidePage } from "../../runtime/vfs/guided.ts";
import { FakeProjection, ROOT } from "./fake_projection.ts";
import { Kernel, NOW } from "./kernel.ts";

/** A tree with a page, and the page that its readers are told. */
class Scene {
  readonly fake = new FakeProjection();
  readonly kernel: Kernel;
  page: GuidePage = pageOf("# m\n", NOW);

  constructor(fill: (fake: FakeProjection) => void = () => {}) {
    this.fake.file(ROOT, "a", "of a\n");
    fill(this.fake);
    this.kernel = new Kernel([new GuidedProjection(this.fake, () => this.page)]);
  }
}

function pageOf(text: string, modified: number): GuidePage {
  return { bytes: new TextEncoder().encode(text), modified };
}

Deno.test("the page is the first line of the root, and looking it up or reading it asks no provider", async () => {
  const { kernel, fake } = new Scene();
  const { attributes, entryTimeout, attributeTimeout } = await kernel.walk("/m/README.md");
  assert.deepEqual([attributes.size, attributes.mtime, attributes.mode], [4, NOW, 0o100444]);
  assert.deepEqual([entryTimeout, attributeTimeout], [Infinity, Infinity]);
  assert.equal(await kernel.cat("/m/README.md"), "# m\n");
  assert.deepEqual(fake.taken(), []);
  assert.deepEqual(await kernel.ls("/m", { plus: true }), ["README.md", "a"]);
  assert.deepEqual(fake.taken(), ["list . start"]);
  const again = new Scene();
  assert.equal((await again.kernel.attributes("/m/README.md")).ino, attributes.ino);
  kernel.forgetAll();
  again.kernel.forgetAll();
});

Deno.test("a child of the same name is not shown, on whatever page or by whatever way it is told", async () => {
  const { kernel, fake } = new Scene((fake) => {
    fake.directory(ROOT, "d", { tells: [ROOT] });
    fake.file("d", "README.md", "another one\n");
    fake.file(ROOT, "README.md", "the provider's\n");
    fake.directory(ROOT, "z");
  });
  await kernel.ls("/m/d");
  assert.deepEqual((await kernel.ls("/m")).toSorted(), ["README.md", "a", "d", "z"]);
  assert.equal(await kernel.cat("/m/README.md"), "# m\n");
  assert.equal(await kernel.cat("/m/d/README.md"), "another one\n");
  kernel.forgetAll();
  const told = await new GuidedProjection(fake, () => pageOf("# m\n", NOW)).listChildren("d", undefined);
  assert.deepEqual(told.entries.map(({ name }) => name), ["README.md"]);
  assert.deepEqual(told.also.map(({ entry }) => entry.name), ["README.md", "a", "d", "z"]);
  assert.equal(told.also[0]?.entry.node.id, GUIDE_ID);

  const paged = new Scene((fake) => {
    fake.directory(ROOT, "d");
    fake.file(ROOT, "README.md", "the provider's\n");
    fake.directory(ROOT, "", { pageSize: 1 }, ROOT);
    fake.remove(ROOT, "");
  });
  assert.deepEqual(await paged.kernel.ls("/m"), ["README.md", "a", "d"]);
  assert.deepEqual(paged.fake.taken(), ["list . start", "list . 1", "list . 2"]);
  paged.kernel.forgetAll();
});

Deno.test("an event that places a child of that name changes nothing", async () => {
  const { kernel, fake } = new Scene();
  await kernel.ls("/m");
  fake.file(ROOT, "README.md", { bytes: new TextEncoder().encode("the provider's\n"), modified: NOW + 5 });
  const entry = fake.entry("README.md", "README.md");
  await kernel.apply([{ tag: "placed", parent: ROOT, entry }]).told;
  assert.equal(await kernel.cat("/m/README.md"), "# m\n");
  assert.deepEqual(await kernel.ls("/m"), ["README.md", "a"]);
  kernel.forgetAll();
});

Deno.test("a page that changed is told to the kernel, and read with its new length under the same number", async () => {
  const scene = new Scene();
  const { kernel } = scene;
  const before = await kernel.walk("/m/README.md");
  await kernel.ls("/m");
  scene.page = pageOf("# m, with a credential\n", NOW + 1);
  assert.equal(await kernel.cat("/m/README.md"), "# m\n", "nobody said yet that it changed");
  kernel.notes();
  await kernel.apply([{ tag: "node", id: GUIDE_ID }]).told;
  assert.ok(kernel.notes().includes(`inode ${before.nodeid}`));
  const after = await kernel.walk("/m/README.md");
  assert.equal(after.attributes.ino, before.attributes.ino);
  assert.ok(after.attributes.mtime > before.attributes.mtime);
  assert.equal(await kernel.cat("/m/README.md"), "# m, with a credential\n");
  kernel.forgetAll();
});
