/**
 * Lengths and bytes: where they come from, what they cost, and what a provider that lies about them gets.
 *
 * @module
 */
import assert from "node:assert/strict";
import { BLOCK_BYTES, WHOLE_BYTES } from "../../runtime/vfs/bodies.ts";
import { type FakeFile, FakeProjection, ROOT, VOLATILE } from "./fake_projection.ts";
import { atOnce, Kernel, request } from "./kernel.ts";

const MIB = 1024 * 1024;
const text = (words: string) => new TextEncoder().encode(words);

/** A kernel over one file `/m/f`. */
function having(file: FakeFile, cacheBytes?: number): { fake: FakeProjection; kernel: Kernel } {
  const fake = new FakeProjection();
  fake.file(ROOT, "f", file);
  return { fake, kernel: new Kernel([fake], cacheBytes) };
}

/** Bytes that differ from block to block and in each block. */
function pattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i += 4093) bytes[i] = (i / 4093) & 0xff;
  return bytes;
}

Deno.test("inline bytes cost no call beyond their name", async () => {
  const { fake, kernel } = having({ bytes: text("hello\n"), via: "inline" });
  assert.equal(await kernel.cat("/m/f"), "hello\n");
  assert.equal(await kernel.cat("/m/f", 2), "hello\n");
  assert.deepEqual(fake.taken(), ["lookup . f"]);
  assert(atOnce(kernel.fs.read((await kernel.walk("/m/f")).nodeid, 0, 10, request())));
});

Deno.test("a told size is believed until the bytes come: stat costs no read, and the bytes are read once", async () => {
  for (const via of ["ask", "upstream"] as const) {
    const { fake, kernel } = having({ bytes: text("hello\n"), via });
    assert.equal((await kernel.attributes("/m/f")).size, 6);
    assert.deepEqual(fake.taken(), ["lookup . f"]);
    for (let i = 0; i < 2; i++) assert.equal(await kernel.cat("/m/f", 4), "hello\n");
    assert.deepEqual(fake.taken(), [via === "ask" ? "read f 0+7" : "download f whole"]);
  }
});

Deno.test("the length of an upstream body is found by HEAD, once", async () => {
  const { fake, kernel } = having({ bytes: new Uint8Array(3 * MIB), via: "upstream", size: "unknown" });
  const both = await Promise.all([kernel.attributes("/m/f"), kernel.attributes("/m/f")]);
  assert.deepEqual(both.map(({ size }) => size), [3 * MIB, 3 * MIB]);
  assert.equal((await kernel.attributes("/m/f")).size, 3 * MIB);
  assert.deepEqual(fake.taken(), ["lookup . f", "measure f"]);
});

Deno.test("where no HEAD tells, the body is read whole, and its bytes are kept", async () => {
  const cases: [FakeFile, string[]][] = [
    [{ bytes: text("abc\n"), via: "upstream", size: "unknown", head: false }, [
      "measure f",
      "download f whole",
    ]],
    [{ bytes: text("abc\n"), size: "unknown" }, [`read f 0+${WHOLE_BYTES + 1}`]],
  ];
  for (const [file, calls] of cases) {
    const { fake, kernel } = having(file);
    assert.equal((await kernel.attributes("/m/f")).size, 4);
    assert.equal(await kernel.cat("/m/f"), "abc\n");
    assert.deepEqual(fake.taken(), ["lookup . f", ...calls]);
  }
});

Deno.test("a length that was found out survives that the same state is told once more without it", async () => {
  const { fake, kernel } = having({ bytes: text("abc\n"), via: "upstream", size: "unknown", version: "1" });
  await kernel.attributes("/m/f");
  await kernel.ls("/m");
  fake.taken();
  assert.equal((await kernel.attributes("/m/f")).size, 4);
  assert.deepEqual(fake.taken(), []);
});

Deno.test("an empty file has no bytes to ask for", async () => {
  const { fake, kernel } = having({ bytes: new Uint8Array(0) });
  const { nodeid, attributes } = await kernel.walk("/m/f");
  assert.equal(attributes.size, 0);
  assert.equal((await kernel.read(nodeid, 0, 4096)).length, 0);
  assert.deepEqual(fake.taken(), ["lookup . f"]);
});

Deno.test("a read beyond the end is empty, one across the end is cut, and neither asks for more", async () => {
  const { fake, kernel } = having({ bytes: text("hello\n") });
  const { nodeid } = await kernel.walk("/m/f");
  assert.equal((await kernel.read(nodeid, 6, 10)).length, 0);
  assert.equal((await kernel.read(nodeid, 1e12, 10)).length, 0);
  assert.deepEqual(fake.taken(), ["lookup . f"]);
  assert.deepEqual(await kernel.read(nodeid, 4, 100), text("o\n"));
});

Deno.test("a body of some MiB comes in blocks, each once, and every byte where it belongs", async () => {
  const bytes = pattern(3 * MIB + 17);
  const { fake, kernel } = having({ bytes, via: "upstream" });
  const { nodeid } = await kernel.walk("/m/f");
  fake.taken();
  assert.deepEqual(await kernel.read(nodeid, 2 * MIB + 5, 100), bytes.slice(2 * MIB + 5, 2 * MIB + 105));
  assert.deepEqual(fake.taken(), [`download f ${2 * MIB}+${MIB}`]);
  const across = await kernel.read(nodeid, MIB - 7, 14);
  assert.deepEqual(across, bytes.slice(MIB - 7, MIB + 7));
  assert.deepEqual(fake.taken(), [`download f 0+${MIB}`, `download f ${MIB}+${MIB}`]);
  const all: number[] = [];
  for (let at = 0; at < bytes.length; at += 128 * 1024) {
    const piece = await kernel.read(nodeid, at, 128 * 1024);
    assert.deepEqual(piece, bytes.slice(at, at + 128 * 1024));
    all.push(piece.length);
  }
  assert.equal(all.reduce((a, b) => a + b), bytes.length);
  assert.deepEqual(fake.taken(), [`download f ${3 * MIB}+17`]);
});

Deno.test("a body that is asked for is read whole up to 64 MiB, and by blocks above", async () => {
  const small = having({ bytes: pattern(2 * MIB + 1) });
  await kernelReads(small.kernel, MIB, 10);
  assert.deepEqual(small.fake.taken(), ["lookup . f", `read f 0+${2 * MIB + 2}`]);
  const bytes = pattern(WHOLE_BYTES + 5);
  const large = having({ bytes });
  const { nodeid } = await large.kernel.walk("/m/f");
  large.fake.taken();
  assert.deepEqual(await large.kernel.read(nodeid, WHOLE_BYTES - 2, 100), bytes.slice(WHOLE_BYTES - 2));
  assert.deepEqual(large.fake.taken(), [
    `read f ${WHOLE_BYTES - BLOCK_BYTES}+${BLOCK_BYTES}`,
    `read f ${WHOLE_BYTES}+5`,
  ]);
});

Deno.test("what has no told length and is over 64 MiB is EFBIG, not a file that ends early", async () => {
  const { kernel } = having({ bytes: new Uint8Array(WHOLE_BYTES + 1), size: "unknown" });
  assert.equal(await kernel.outcome("/m", "f"), "EFBIG");
  const fits = having({ bytes: new Uint8Array(WHOLE_BYTES), size: "unknown" });
  assert.equal((await fits.kernel.attributes("/m/f")).size, WHOLE_BYTES);
});

Deno.test("a provider that lies about a size gets EIO for the reader, and nothing of it is kept", async () => {
  for (const via of ["ask", "upstream"] as const) {
    for (const size of [5, 7, 2 * MIB]) {
      const file: FakeFile = { bytes: text("hello\n"), via, size };
      const { fake, kernel } = having(file);
      const { nodeid } = await kernel.walk("/m/f");
      await assert.rejects(kernel.read(nodeid, 0, 4096), /EIO/);
      assert.equal(kernel.store.count("block"), 0, `${via}, ${size}`);
      assert.match(kernel.lines.at(-1) ?? "", /gave 6 bytes of f where it had promised/);
      // It mends its ways, and the next reader is none the worse.
      fake.file(ROOT, "f", { ...file, size: "told" });
      kernel.drop("/m");
      assert.equal(await kernel.cat("/m/f"), "hello\n");
    }
  }
});

Deno.test("bytes that contradict a told length are read with their new one, before any event says so", async () => {
  for (const via of ["ask", "upstream"] as const) {
    const { fake, kernel } = having({ bytes: text("hello\n"), via, version: "1" });
    const { nodeid } = await kernel.walk("/m/f");
    fake.file(ROOT, "f", { bytes: text("hello, world\n"), via, version: "2" });
    assert.equal(new TextDecoder().decode(await kernel.read(nodeid, 0, 4096)), "hello, world\n");
    assert.equal(await kernel.cat("/m/f"), "hello, world\n");
    assert.deepEqual(kernel.troubles.latest(), []);
  }
});

Deno.test("a volatile file has the length and the bytes of one moment, from one look to the next", async () => {
  for (const via of ["ask", "upstream", "inline"] as const) {
    const { fake, kernel } = having({ bytes: text("1\n"), via, freshness: VOLATILE });
    const { nodeid, attributes } = await kernel.walk("/m/f");
    fake.file(ROOT, "f", { bytes: text("1\n2\n"), via, freshness: VOLATILE });
    assert.equal(attributes.size, 2);
    assert.equal(new TextDecoder().decode(await kernel.read(nodeid, 0, 4096)), "1\n");
    assert.equal((await kernel.stat(nodeid)).attributes.size, 4);
    assert.equal(new TextDecoder().decode(await kernel.read(nodeid, 2, 4096)), "2\n");
    assert.equal(kernel.store.count("block"), 0);
    assert.equal(kernel.store.node("m/f"), undefined);
  }
});

Deno.test("a volatile file tells its exact size, whatever its provider believes", async () => {
  const { kernel } = having({ bytes: text("grown\n"), size: 3, freshness: VOLATILE });
  assert.equal(await kernel.cat("/m/f"), "grown\n");
});

Deno.test("many readers of one block at once cost one call", async () => {
  const { fake, kernel } = having({ bytes: pattern(3 * MIB), via: "upstream" });
  const { nodeid } = await kernel.walk("/m/f");
  fake.taken();
  await Promise.all(Array.from({ length: 8 }, (_, i) => kernel.read(nodeid, i * 128 * 1024, 128 * 1024)));
  assert.deepEqual(fake.taken(), [`download f 0+${MIB}`]);
});

Deno.test("an interrupted read is EINTR, and its call is aborted when nobody else waits", async () => {
  for (const via of ["ask", "upstream"] as const) {
    const { fake, kernel } = having({ bytes: text("hello\n"), via });
    const { nodeid } = await kernel.walk("/m/f");
    const [first, second] = [new AbortController(), new AbortController()];
    const held = fake.hold(via === "ask" ? "read" : "download");
    const readers = [first, second].map(({ signal }) => kernel.read(nodeid, 0, 4096, signal));
    await held.arrived;
    first.abort();
    await assert.rejects(readers[0] ?? Promise.resolve(), /EINTR/);
    assert.deepEqual(fake.aborted, []);
    second.abort();
    await assert.rejects(readers[1] ?? Promise.resolve(), /EINTR/);
    assert.equal(fake.aborted.length, 1);
    assert.equal(await kernel.cat("/m/f"), "hello\n");
    assert.deepEqual(kernel.troubles.latest(), []);
  }
});

Deno.test("an interrupted stat aborts the HEAD that it waits for", async () => {
  const { fake, kernel } = having({ bytes: text("hello\n"), via: "upstream", size: "unknown" });
  const held = fake.hold("measure");
  const abort = new AbortController();
  const waiting = kernel.lookup((await kernel.walk("/m")).nodeid, "f", abort.signal);
  await held.arrived;
  abort.abort();
  assert.equal(await waiting, "EINTR");
  assert.deepEqual(fake.aborted, ["measure f"]);
  assert.equal((await kernel.attributes("/m/f")).size, 6);
});

Deno.test("blocks never push the cache over its bound, and what does not fit is read again", async () => {
  const bytes = pattern(8 * MIB);
  const { kernel } = having({ bytes, via: "upstream" }, 3 * MIB);
  const { nodeid } = await kernel.walk("/m/f");
  for (let at = 0; at < bytes.length; at += MIB) {
    assert.deepEqual(await kernel.read(nodeid, at, MIB), bytes.slice(at, at + MIB));
    assert(kernel.store.bytes <= 3 * MIB);
  }
  const tiny = having({ bytes: pattern(2 * MIB), via: "upstream" }, 1024);
  const { nodeid: other } = await tiny.kernel.walk("/m/f");
  assert.deepEqual(await tiny.kernel.read(other, MIB, 9), pattern(2 * MIB).slice(MIB, MIB + 9));
  assert.equal(tiny.kernel.store.count("block"), 0);
});

Deno.test("a kept block keeps no more memory alive than its own bytes", async () => {
  const { kernel } = having({ bytes: pattern(2 * MIB + 3) });
  await kernelReads(kernel, 0, 10);
  for (const index of [0, 1, 2]) {
    const block = kernel.store.block("m/f", index);
    assert.equal(block?.buffer.byteLength, block?.length, `block ${index}`);
  }
});

Deno.test("bytes that outlived their evicted node are not taken for those of a newer state", async () => {
  const fake = new FakeProjection();
  fake.directory(ROOT, "d");
  fake.directory(ROOT, "e");
  fake.file("d", "f", { bytes: text("old\n"), version: "1" });
  for (let i = 0; i < 20; i++) fake.file("e", `f${i}`, { bytes: new Uint8Array(3 * 1024), via: "inline" });
  const kernel = new Kernel([fake], 16 * 1024);
  const { nodeid } = await kernel.walk("/m/d/f");
  assert.equal(await kernel.cat("/m/d/f"), "old\n");
  fake.file("d", "f", { bytes: text("new\n"), version: "2" });
  for (let i = 0; i < 20; i++) {
    await kernel.walk(`/m/e/f${i}`);
    // Whoever reads the bytes makes them younger than the node.
    kernel.store.block("m/d/f", 0);
  }
  assert.deepEqual([kernel.store.node("m/d/f"), kernel.store.count("block")], [undefined, 1]);
  assert.equal(new TextDecoder().decode(await kernel.read(nodeid, 0, 10)), "new\n");
});

Deno.test("a sequential reader of a large file finds the next block loaded", async () => {
  const bytes = pattern(WHOLE_BYTES + 8 * MIB);
  const { fake, kernel } = having({ bytes, via: "upstream" });
  const { nodeid } = await kernel.walk("/m/f");
  for (const index of [0, 1]) await kernel.read(nodeid, index * MIB, 1_000);
  assert(fake.calls.includes(`download f ${2 * MIB}+${MIB}`), "the third block was not loaded ahead");
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert(atOnce(kernel.fs.read(nodeid, 2 * MIB, 1_000, request())));
  assert.equal(new Set(fake.calls).size, fake.calls.length, "a block was loaded twice");
});

async function kernelReads(kernel: Kernel, offset: number, size: number): Promise<void> {
  const { nodeid } = await kernel.walk("/m/f");
  await kernel.read(nodeid, offset, size);
}
