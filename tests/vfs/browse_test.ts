/**
 * The tree by path, without a kernel.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Sight } from "../../runtime/vfs/browse.ts";
import { BLOCK_BYTES } from "../../runtime/vfs/bodies.ts";
import { ofKind } from "../support/loads.ts";
import { FakeProjection, ROOT, VOLATILE } from "./fake_projection.ts";
import { Kernel } from "./kernel.ts";

const SIGNAL = new AbortController().signal;

function planted(): { fake: FakeProjection; kernel: Kernel } {
  const fake = new FakeProjection();
  fake.directory(ROOT, "d", { pageSize: 2 });
  for (const name of ["a", "b", "c"]) fake.file("d", name, `of ${name}\n`);
  return { fake, kernel: new Kernel([fake]) };
}

async function all(lines: AsyncIterable<Sight>): Promise<Sight[]> {
  return await Array.fromAsync(lines);
}

async function cat(kernel: Kernel, path: string): Promise<string> {
  const pieces = await Array.fromAsync(kernel.browser.read(path, SIGNAL));
  return await new Blob(pieces.map((piece) => new Uint8Array(piece))).text();
}

Deno.test("a path shows what the mount shows: kind, length, inode number", async () => {
  const { kernel } = planted();
  for (const path of ["/m", "/m/d", "/m/d/a"]) {
    const sight = await kernel.browser.stat(path, SIGNAL);
    const { ino, size } = await kernel.attributes(path);
    assert.deepEqual([sight.ino, sight.path, sight.mount], [ino, path, "m"]);
    if (!sight.node.directory) assert.equal(sight.node.size, size);
  }
  const root = await kernel.browser.stat("/", SIGNAL);
  assert.deepEqual([root.path, root.ino, root.node.directory], ["/", 1, true]);
});

Deno.test("a listing goes page by page, and stops where its reader does", async () => {
  const { fake, kernel } = planted();
  for await (const { path } of kernel.browser.list("/m/d/", SIGNAL)) {
    assert.equal(path, "/m/d/a");
    break;
  }
  assert.deepEqual(fake.taken(), ["lookup . d", "list d start"]);
  assert.deepEqual(
    (await all(kernel.browser.list("/m/d", SIGNAL))).map(({ path, name, node }) => [path, name, node.size]),
    [
      ["/m/d/a", "a", 5],
      ["/m/d/b", "b", 5],
      ["/m/d/c", "c", 5],
    ],
  );
  assert.deepEqual((await all(kernel.browser.list("/", SIGNAL))).map(({ path }) => path), ["/m"]);
  assert.deepEqual(fake.taken(), ["list d 2"]);
});

Deno.test("the bytes come in pieces of at most a block", async () => {
  const { fake, kernel } = planted();
  fake.file("d", "large", { bytes: new Uint8Array(2 * BLOCK_BYTES + 3), via: "upstream" });
  const pieces = await Array.fromAsync(kernel.browser.read("/m/d/large", SIGNAL));
  assert.deepEqual(pieces.map(({ length }) => length), [BLOCK_BYTES, BLOCK_BYTES, 3]);
  assert.equal(await cat(kernel, "/m/d/b"), "of b\n");
});

Deno.test("a volatile file is read in one call, and one that grows meanwhile is no failure", async () => {
  const { fake, kernel } = planted();
  for (const via of ["ask", "upstream"] as const) {
    fake.file(ROOT, "log", { bytes: new TextEncoder().encode("1\n"), via, freshness: VOLATILE });
    fake.taken();
    assert.equal(await cat(kernel, "/m/log"), "1\n");
    assert.equal(fake.taken().filter((call) => !call.startsWith("lookup")).length, 1);
    const held = fake.hold("lookup");
    const reading = cat(kernel, "/m/log");
    await held.arrived;
    fake.file(ROOT, "log", { bytes: new TextEncoder().encode("1\n2\n"), via, freshness: VOLATILE });
    held.release();
    assert.equal(await reading, "1\n2\n");
  }
});

Deno.test("every failure names its path, and is noted where somebody has to mend it", async () => {
  const { fake, kernel } = planted();
  const { browser } = kernel;
  const failing = async (work: Promise<unknown>, kind: Parameters<typeof ofKind>[0], path: string) => {
    await assert.rejects(work, (error) => ofKind(kind)(error) && (error as { path?: string }).path === path);
  };
  await failing(browser.stat("/m/d/x", SIGNAL), "not-found", "/m/d/x");
  await failing(browser.stat("/nobody", SIGNAL), "not-found", "/nobody");
  await failing(browser.stat("/m/d/a/b", SIGNAL), "not-a-directory", "/m/d/a/b");
  await failing(all(browser.list("/m/d/a", SIGNAL)), "not-a-directory", "/m/d/a");
  await failing(cat(kernel, "/m/d"), "is-a-directory", "/m/d");
  await failing(cat(kernel, "/"), "is-a-directory", "/");
  await failing(browser.stat(`/m/${"x".repeat(256)}`, SIGNAL), "invalid", `/m/${"x".repeat(256)}`);
  kernel.drop("/");
  for (const op of ["lookup", "list", "read"] as const) fake.fail(op, "unavailable");
  await failing(all(browser.list("/m", SIGNAL)), "unavailable", "/m");
  await failing(browser.stat("/m/d", SIGNAL), "unavailable", "/m/d");
  assert.deepEqual(kernel.troubles.latest().map(({ op, path }) => [op, path]).slice(0, 2), [
    ["stat", "/m/d"],
    ["list", "/m"],
  ]);
});

Deno.test("a line that cannot be looked at fails with its directory's path", async () => {
  const { fake, kernel } = planted();
  fake.file(ROOT, "v", { bytes: new Uint8Array(1), freshness: VOLATILE });
  fake.fail("lookup", "unavailable");
  await assert.rejects(all(kernel.browser.list("/m", SIGNAL)), (error) => {
    return ofKind("unavailable")(error) && (error as { path?: string }).path === "/m";
  });
});

Deno.test("a walk that is interrupted ends with its call", async () => {
  const { fake, kernel } = planted();
  const abort = new AbortController();
  const held = fake.hold("lookup");
  const waiting = kernel.browser.stat("/m/d", abort.signal);
  await held.arrived;
  abort.abort();
  await assert.rejects(waiting, ofKind("interrupted"));
  assert.deepEqual(fake.aborted, ["lookup . d"]);
});
