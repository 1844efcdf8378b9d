/**
 * The cache: its bound, its order, its counts, and the watches that it keeps alive.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Store } from "../../runtime/cache/store.ts";
import { type Guard, Watches } from "../../runtime/cache/watches.ts";
import { checkProperty } from "../support/property.ts";

const KIB = 1024;

/** A store whose values are texts. */
type TextStore = Store<string, string>;

const store = (maxBytes: number, watches?: Watches): TextStore => new Store(maxBytes, watches);

function under(watch: string): Guard;
function under(watch: string | undefined): Guard | undefined;
function under(watch: string | undefined): Guard | undefined {
  return watch === undefined ? undefined : { watch: `m/${watch}`, since: 0 };
}

/** What a listener of watches heard; checks on its own that no watch starts or stops twice in a row. */
class WatchLog {
  readonly alive = new Set<string>();
  readonly lines: string[] = [];
  readonly watches = new Watches({
    started: (_mount, watch) => {
      assert(!this.alive.has(watch), `${watch} started twice`);
      this.alive.add(watch);
      this.lines.push(`+${watch}`);
    },
    stopped: (_mount, watch) => {
      assert(this.alive.delete(watch), `${watch} stopped twice`);
      this.lines.push(`-${watch}`);
    },
  });
}

Deno.test("what is put is what is got, each kind by its own name", () => {
  const cache = store(100 * KIB);
  cache.putNode("m/a", "node", 10);
  cache.putDirectory("m/a", "listing", 10);
  cache.putBlock("m/a", 0, new Uint8Array([1]));
  cache.putBlock("m/a", 3, new Uint8Array([4]));
  assert.deepEqual([cache.node("m/a"), cache.directory("m/a")], ["node", "listing"]);
  assert.deepEqual([cache.block("m/a", 0), cache.block("m/a", 3)], [
    new Uint8Array([1]),
    new Uint8Array([4]),
  ]);
  assert.deepEqual([cache.block("m/a", 1), cache.node("m/b"), cache.directory("m/b")], [
    undefined,
    undefined,
    undefined,
  ]);
  assert.deepEqual((["node", "listing", "block"] as const).map((kind) => cache.count(kind)), [1, 1, 2]);
  assert.equal(cache.size, 4);
});

Deno.test("an identity that reads like a listing's or a block's key gets nothing of another kind", () => {
  const cache = store(100 * KIB);
  cache.putNode("m/a\0d", "forged", 10);
  cache.putNode("m/a\0b0", "forged", 10);
  assert.equal(cache.directory("m/a"), undefined);
  assert.equal(cache.block("m/a", 0), undefined);
});

Deno.test("hits, misses, evictions and invalidations are counted, and a look aside counts nothing", () => {
  const cache = store(4 * KIB);
  cache.putNode("m/a", "a", KIB);
  cache.putBlock("m/a", 0, new Uint8Array(KIB));
  cache.node("m/a");
  cache.node("m/b");
  assert.deepEqual([cache.hasBlock("m/a", 0), cache.hasBlock("m/a", 1)], [true, false]);
  assert.deepEqual(cache.counts, { hits: 1, misses: 1, evictions: 0, invalidations: 0 });
  cache.putNode("m/c", "c", 3 * KIB);
  assert.equal(cache.counts.evictions, 2);
  assert.equal(cache.drop("m/c"), 1);
  assert.equal(cache.drop("m/c"), 0);
  assert.equal(cache.counts.invalidations, 1);
});

Deno.test("what was used last stays longest", () => {
  const cache = store(4 * KIB);
  for (const key of ["m/a", "m/b", "m/c"]) cache.putNode(key, key, KIB);
  cache.node("m/a");
  cache.putNode("m/d", "m/d", KIB);
  assert.deepEqual(["m/a", "m/b", "m/c", "m/d"].map((key) => cache.node(key) !== undefined), [
    true,
    false,
    true,
    true,
  ]);
});

Deno.test("one large file makes room by its own blocks, and many names leave it a share", () => {
  const cache = store(16 * KIB);
  for (let n = 0; n < 4; n++) cache.putNode(`m/${n}`, `${n}`, KIB);
  for (let index = 0; index < 100; index++) cache.putBlock("m/large", index, new Uint8Array(2 * KIB));
  for (let n = 0; n < 4; n++) assert.equal(cache.node(`m/${n}`), `${n}`);
  assert(cache.block("m/large", 99) !== undefined, "the latest block is kept");
  for (let n = 0; n < 100; n++) cache.putNode(`m/new-${n}`, `${n}`, KIB);
  assert(cache.block("m/large", 99) !== undefined, "and stays while blocks take no more than their share");
  assert(cache.bytes <= 16 * KIB);
});

Deno.test("to drop a node drops its lines and all its blocks, with holes between them, and nothing else", () => {
  const log = new WatchLog();
  const cache = store(100 * KIB, log.watches);
  cache.putNode("m/a", "node", 10, under("w:a"));
  cache.putDirectory("m/a", "listing", 10, under("w:a"));
  for (const index of [0, 2, 17, 400]) cache.putBlock("m/a", index, new Uint8Array(10), under("w:a"));
  cache.putNode("m/ab", "neighbour", 10, under("w:a"));
  cache.putBlock("m/ab", 0, new Uint8Array(10));
  assert.equal(cache.drop("m/a"), 6);
  assert.equal(cache.size, 2);
  assert.equal(cache.node("m/ab"), "neighbour");
  assert.deepEqual(log.watches.guardedBy("m/w:a"), ["m/ab"]);
  assert.equal(cache.drop("m/ab"), 2);
  assert.deepEqual([cache.bytes, cache.size, log.watches.size], [0, 0, 0]);
});

Deno.test("to drop a prefix drops one provider's items, and not those of one with a longer name", () => {
  const cache = store(100 * KIB);
  for (const key of ["git/a", "git/b", "github/a"]) {
    cache.putNode(key, key, 10);
    cache.putDirectory(key, key, 10);
    cache.putBlock(key, 1, new Uint8Array(10));
  }
  assert.equal(cache.dropPrefix("git/"), 6);
  assert.deepEqual([cache.node("git/a"), cache.node("github/a")], [undefined, "github/a"]);
  assert.equal(cache.counts.invalidations, 6);
  assert.equal(cache.drop("git/a"), 0);
});

Deno.test("what is larger than the bound is not kept, promises nothing, and evicts nobody", () => {
  const log = new WatchLog();
  const cache = store(8 * KIB, log.watches);
  cache.putNode("m/a", "a", KIB, under("w:a"));
  cache.putBlock("m/big", 0, new Uint8Array(8 * KIB), under("w:big"));
  assert.deepEqual([cache.hasBlock("m/big", 0), cache.node("m/a"), cache.counts.evictions], [false, "a", 0]);
  assert.deepEqual(log.lines, ["+w:a"]);
});

Deno.test("an item that outgrows the bound goes, with the watch that it kept alive", () => {
  const log = new WatchLog();
  const cache = store(8 * KIB, log.watches);
  cache.putDirectory("m/a", "short", KIB, under("w:a"));
  cache.putBlock("m/b", 0, new Uint8Array(KIB), under("w:b"));
  cache.putDirectory("m/a", "long", 9 * KIB, under("w:a"));
  cache.putBlock("m/b", 0, new Uint8Array(9 * KIB), under("w:b"));
  assert.deepEqual([cache.directory("m/a"), cache.hasBlock("m/b", 0), cache.bytes], [undefined, false, 0]);
  assert.deepEqual(log.lines, ["+w:a", "+w:b", "-w:a", "-w:b"]);
});

Deno.test("to put an item again under another watch ends the old watch and begins the new one", () => {
  const log = new WatchLog();
  const cache = store(8 * KIB, log.watches);
  cache.putNode("m/a", "1", 10, under("w:1"));
  cache.putNode("m/a", "2", 10, under("w:1"));
  cache.putNode("m/a", "3", 10, under("w:2"));
  cache.putNode("m/a", "4", 10);
  assert.deepEqual(log.lines, ["+w:1", "+w:2", "-w:1", "-w:2"]);
  assert.equal(cache.node("m/a"), "4");
});

Deno.test("a watch does not stop and start again where its last item makes room for its next", () => {
  const log = new WatchLog();
  const cache = store(4 * KIB, log.watches);
  for (let i = 0; i < 10; i++) cache.putBlock("m/a", i, new Uint8Array(3 * KIB), under("w:a"));
  assert.equal(cache.counts.evictions, 9);
  assert.deepEqual(log.lines, ["+w:a"]);
});

const KEYS = ["m/a", "m/b", "m/c", "n/a"];
const WATCHES = [undefined, "w:1", "w:2", "w:3"];
const COMMAND = fc.record({
  do: fc.constantFrom("node", "directory", "block", "block", "drop", "get", "prefix"),
  key: fc.constantFrom(...KEYS),
  index: fc.nat(4),
  bytes: fc.oneof(fc.nat(3 * KIB), fc.nat(20 * KIB)),
  watch: fc.constantFrom(...WATCHES),
});

Deno.test("whatever is put and dropped, the bound holds and a watch is alive while something names it", async () => {
  const most = 8 * KIB;
  await checkProperty(
    fc.property(fc.array(COMMAND, { maxLength: 80, size: "max" }), (commands) => {
      const log = new WatchLog();
      const cache = store(most, log.watches);
      // Every item under its own name, with the watch it was last put under: what is left of it is asked below.
      const put = new Map<string, { there: () => boolean; watch: string | undefined }>();
      for (const { do: what, key, index, bytes, watch } of commands) {
        if (what === "node") {
          cache.putNode(key, key, bytes, under(watch));
          put.set(`${key} node`, { there: () => cache.node(key) !== undefined, watch });
        } else if (what === "directory") {
          cache.putDirectory(key, key, bytes, under(watch));
          put.set(`${key} lines`, { there: () => cache.directory(key) !== undefined, watch });
        } else if (what === "block") {
          cache.putBlock(key, index, new Uint8Array(bytes), under(watch));
          put.set(`${key} ${index}`, { there: () => cache.hasBlock(key, index), watch });
        } else if (what === "drop") {
          cache.drop(key);
          assert([...put].every(([name, { there }]) => !name.startsWith(`${key} `) || !there()));
        } else if (what === "prefix") cache.dropPrefix("m/");
        else cache.node(key);
        assert(cache.bytes <= most, `${cache.bytes} bytes are kept`);
        const kept = [...put.values()].filter(({ there }) => there());
        assert.equal(cache.size, kept.length);
        const named = new Set(kept.flatMap(({ watch }) => watch ?? []));
        assert.deepEqual(log.alive, named);
        assert.equal(log.watches.size, named.size);
      }
      for (const key of KEYS) cache.drop(key);
      assert.deepEqual([cache.bytes, cache.size, log.alive.size], [0, 0, 0]);
    }),
    500,
  );
});

Deno.test("watches name what they guard, and a release of what is not there stops nothing", () => {
  const log = new WatchLog();
  for (const key of ["a", "b", "a"]) log.watches.retain({ watch: "m/w", since: 0 }, key);
  assert.deepEqual(log.watches.guardedBy("m/w"), ["a", "b"]);
  log.watches.release("m/w", "x");
  log.watches.release("m/v", "a");
  log.watches.release("m/w", "a");
  assert.deepEqual(log.lines, ["+w"]);
  log.watches.release("m/w", "b");
  assert.deepEqual([log.lines, log.watches.guardedBy("m/w")], [["+w", "-w"], []]);
});
