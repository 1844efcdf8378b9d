/**
 * Directories that nobody keeps, before a kernel that keeps their lines for as long as they have the same time.
 *
 * @module
 */
import assert from "node:assert/strict";
import { FakeProjection, ROOT, VOLATILE, watched } from "./fake_projection.ts";
import { KeepingKernel } from "./keeping_kernel.ts";
import { Kernel, NOW, request } from "./kernel.ts";

/** The directory `loose`, which nobody keeps, and `bound`, both with a time of their own; `a` is in each. */
function scene(): { fake: FakeProjection; kernel: Kernel; keeping: KeepingKernel } {
  const fake = new FakeProjection();
  fake.directory(ROOT, "loose", { freshness: VOLATILE, modified: NOW });
  fake.directory(ROOT, "bound", { freshness: watched("w"), modified: NOW });
  for (const parent of ["loose", "bound"]) fake.file(parent, "a", "a");
  const keeping = new KeepingKernel();
  const kernel = new Kernel([fake], undefined, undefined, keeping);
  keeping.mount(kernel.fs);
  return { fake, kernel, keeping };
}

for (const asks of [0, 1, 2]) {
  Deno.test(`each listing of a directory that nobody keeps is a new one, ${asks} looks at it in between`, async () => {
    const { fake, kernel, keeping } = scene();
    const { nodeid } = await kernel.walk("/m/loose");
    const names = ["a"];
    for (let n = 0; n < 6; n++) {
      assert.deepEqual(await keeping.ls("m/loose"), names);
      for (let k = 0; k < asks; k++) await kernel.fs.getattr(nodeid, request());
      names.push(`${n}`);
      fake.file("loose", `${n}`, "new");
    }
  });
}

Deno.test("what was listed while nobody kept a directory is listed anew when it is kept again", async () => {
  const { fake, kernel, keeping } = scene();
  assert.deepEqual(await keeping.ls("m/bound"), ["a"]);
  kernel.lose("w");
  for (const name of ["b", "c"]) {
    fake.file("bound", name, "new");
    assert.deepEqual((await keeping.ls("m/bound")).at(-1), name);
  }
  fake.file("bound", "d", "new");
  kernel.regain("w");
  assert.deepEqual(await keeping.ls("m/bound"), ["a", "b", "c", "d"]);
});
