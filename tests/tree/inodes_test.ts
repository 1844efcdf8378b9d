/**
 * What the kernel holds: lookup counts, inodes, inode numbers.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { hash53, InodeNumbers, ROOT_INO } from "../../runtime/tree/inode_number.ts";
import { type Inode, InodeTable, ROOT_NODEID } from "../../runtime/tree/inodes.ts";
import { LookupCount } from "../../runtime/tree/lookup_count.ts";
import { keyOf, mountPlace, type Place, placeIn } from "../../runtime/tree/place.ts";
import { ofKind } from "../support/loads.ts";
import { checkProperty } from "../support/property.ts";

const MOUNT = mountPlace("github");

Deno.test("a lookup count gives back what was taken, and refuses to give back more", () => {
  const count = new LookupCount();
  for (let i = 0; i < 3; i++) count.increment();
  assert.equal(count.decrement(2), false);
  assert.equal(count.value, 1);
  assert.throws(() => count.decrement(2), ofKind("internal", /2 lookups where 1 /));
  assert.equal(count.value, 0, "it stays at zero after the fault");
  assert.throws(() => count.decrement(1), ofKind("internal"));
  count.increment();
  assert.equal(count.decrement(1), true);
});

Deno.test("one identity in two directories: a file is one inode, a directory two with one inode number", () => {
  const table = new InodeTable();
  const [open, all] = ["_open", "_all"].map((name) => placeIn(MOUNT, name, name, true));
  assert(open !== undefined && all !== undefined);
  const [openInode, allInode] = [given(table, table.root, open), given(table, table.root, all)];
  const file = [placeIn(open, "f", "file", false), placeIn(all, "g", "file", false)] as const;
  const directory = [placeIn(open, "7", "issue", true), placeIn(all, "7", "issue", true)] as const;
  const files = [given(table, openInode, file[0]), given(table, allInode, file[1])] as const;
  assert.equal(files[0], files[1]);
  assert.deepEqual([files[0].lookups.value, files[0].place, files[0].parent], [2, file[1], allInode]);
  const directories = [given(table, openInode, directory[0]), given(table, allInode, directory[1])] as const;
  assert.notEqual(directories[0].nodeid, directories[1].nodeid);
  assert.equal(directories[0].ino, directories[1].ino);
  assert.equal(table.numberOf(keyOf("github", "issue")), directories[0].ino);
  table.forget(directories[0].nodeid, 1);
  assert.equal(table.get(directories[0].nodeid), undefined);
  assert.equal(table.get(directories[1].nodeid), directories[1]);
  assert.equal(given(table, openInode, directory[0]).ino, directories[1].ino);
  table.check();
});

Deno.test("a directory that the kernel took for deleted is another inode when it comes back, and so is one that departs", () => {
  const table = new InodeTable();
  const open = placeIn(MOUNT, "open", "open", true);
  const at = given(table, table.root, open);
  const issue = placeIn(open, "42", "issue", true);
  const old = given(table, at, issue);
  const comments = given(table, old, placeIn(issue, "comments", "comments", true));
  table.unname(at, "42");
  table.bury(old);
  table.check();
  assert.deepEqual([table.finds(old), table.get(old.nodeid), table.identities(issue.key)], [false, old, []]);
  const back = given(table, at, issue);
  assert.notEqual(back.nodeid, old.nodeid);
  assert.equal(back.ino, old.ino, "users see the same one");
  // The kernel moves what it still holds below the old one to the new one.
  assert.equal(given(table, back, placeIn(issue, "comments", "comments", true)), comments);
  const gone = table.depart(at, issue);
  gone.lookups.increment();
  table.check();
  assert.deepEqual(table.identities(issue.key), [back]);
  for (const inode of [old, gone]) {
    table.forget(inode.nodeid, 1);
    assert.equal(table.get(inode.nodeid), undefined);
    table.check();
  }
  assert.equal(given(table, at, issue), back);
  table.clear();
  assert.deepEqual([table.size, table.ways], [1, 0]);
});

Deno.test("a directory that is held is found again although those above it were forgotten", () => {
  const table = new InodeTable();
  const places = ["a", "b", "c"].reduce<Place[]>(
    (above, name) => [...above, placeIn(above.at(-1) ?? MOUNT, name, name, true)],
    [],
  );
  const walk = () =>
    places.reduce((above, place) => given(table, above, place), given(table, table.root, MOUNT));
  const watched = walk();
  // The kernel forgets the way and holds the last one, as for a watch.
  for (const inode of [...table.all()].filter((inode) => inode !== watched)) table.forget(inode.nodeid, 1);
  assert.deepEqual([...table.all()], [table.root, watched]);
  assert.equal(walk(), watched);
  assert.deepEqual([watched.parent?.place?.name, watched.parent?.parent?.place?.name], ["b", "a"]);
  // The same identity in another directory is another inode still.
  const elsewhere = given(table, table.root, placeIn(MOUNT, "c", "c", true));
  assert.notEqual(elsewhere, watched);
  table.check();
  table.forget(watched.nodeid, 2);
  for (const inode of table.all()) table.forget(inode.nodeid, 1);
  assert.deepEqual([table.size, table.ways], [1, 0]);
});

Deno.test("the root is never forgotten, what is unknown is ignored, and too much is refused", () => {
  const table = new InodeTable();
  const inode = given(table, table.root, MOUNT);
  table.forget(ROOT_NODEID, 1_000_000);
  table.forget(12_345, 1);
  assert.equal(table.get(ROOT_NODEID), table.root);
  assert.throws(() => table.forget(inode.nodeid, 2), ofKind("internal"));
  assert.equal(table.size, 1, "an inode with a broken count is let go");
  table.check();
});

Deno.test("an inode that was entered and not given leaves no trace; one that was given stays", () => {
  const table = new InodeTable();
  table.dropUnused(table.enter(table.root, MOUNT));
  table.dropUnused(table.root);
  assert.equal(table.size, 1);
  const inode = given(table, table.root, MOUNT);
  table.dropUnused(inode);
  assert.equal(table.get(inode.nodeid), inode);
});

Deno.test("check notices an inode that the kernel does not hold", () => {
  const table = new InodeTable();
  table.enter(table.root, MOUNT);
  assert.throws(() => table.check(), ofKind("internal", /does not hold/));
});

/** One step of a kernel that walks by chance: it takes a name in something it holds, or forgets. */
const STEP = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("take" as const), in: fc.nat(20), id: fc.nat(12) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("forget" as const), in: fc.nat(20), id: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("peep" as const), in: fc.nat(20), id: fc.nat(12) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("unname" as const), in: fc.nat(20), id: fc.nat(12) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("guard" as const), in: fc.nat(20), id: fc.nat(3) }) },
);

Deno.test("whatever the kernel takes and forgets, the table agrees with a count of its own", async () => {
  // Hashes into five numbers, so that nearly every identity collides with another.
  const numbers = () => new InodeNumbers((key) => hash53(key) % 5);
  await checkProperty(
    fc.property(fc.array(STEP, { maxLength: 120, size: "max" }), (steps) => {
      const table = new InodeTable(numbers());
      const held = new Map<Inode, number>();
      for (const step of steps) {
        const holders = [table.root, ...[...held.keys()].filter(({ place }) => place?.directory)];
        const parent = holders[step.in % holders.length] ?? table.root;
        if (step.do === "forget") {
          const [inode, count] = [...held][step.in % Math.max(1, held.size)] ?? [];
          if (inode === undefined || count === undefined) continue;
          const back = Math.min(count, step.id + 1);
          table.forget(inode.nodeid, back);
          if (back === count) held.delete(inode);
          else held.set(inode, count - back);
          continue;
        }
        if (step.do === "unname") {
          table.unname(parent, `n${step.id}`);
          assert.equal(parent.children?.has(`n${step.id}`) ?? false, false);
          continue;
        }
        if (step.do === "guard") {
          const watch = step.id === 0 ? undefined : `m/${step.id}`;
          table.guard(parent, watch);
          assert(watch === undefined || table.guardedBy(watch).includes(parent));
          continue;
        }
        const place = placeIn(parent.place ?? MOUNT, `n${step.id}`, `${step.id}`, step.id % 2 === 0);
        const inode = table.enter(parent, place);
        if (step.do === "take") {
          inode.lookups.increment();
          held.set(inode, (held.get(inode) ?? 0) + 1);
        } else table.dropUnused(inode);
        agrees(table, held);
      }
      for (const [inode, count] of held) table.forget(inode.nodeid, count);
      assert.deepEqual([...table.all()], [table.root]);
      assert.equal(table.ways, 0);
      table.check();
    }),
    300,
  );
});

function agrees(table: InodeTable, held: ReadonlyMap<Inode, number>): void {
  table.check();
  assert.deepEqual(new Set(table.all()), new Set([table.root, ...held.keys()]));
  const byIno = new Map<number, string>([[ROOT_INO, ""]]);
  const byKey = new Map<string, number>();
  for (const [inode, count] of held) {
    assert.equal(inode.lookups.value, count);
    const key = inode.place?.key ?? "";
    assert.equal(byIno.get(inode.ino) ?? key, key, "two live identities with one inode number");
    assert.equal(byKey.get(key) ?? inode.ino, inode.ino, "one live identity with two inode numbers");
    assert.equal(table.numberOf(key), inode.ino, "a listing shows another number than stat");
    assert(table.identities(key).includes(inode), "an inode that is not found by its identity");
    byIno.set(inode.ino, key);
    byKey.set(key, inode.ino);
  }
}

Deno.test("an identity keeps its inode number after a remount, whatever was looked up in between", () => {
  const ids = Array.from({ length: 500 }, (_, i) => `issue/${i}`);
  const numbersIn = (order: readonly string[]) => {
    const table = new InodeTable();
    const inos = order.map((id) => [id, given(table, table.root, placeIn(MOUNT, id, id, true)).ino] as const);
    return new Map(inos);
  };
  const [first, second] = [numbersIn(ids), numbersIn(ids.toReversed())];
  for (const id of ids) assert.equal(first.get(id), second.get(id));
});

Deno.test("colliding identities get numbers of their own, and keep them when the first one goes", () => {
  const numbers = new InodeNumbers(() => 7);
  assert.deepEqual(["a", "b", "c"].map((key) => numbers.claim(key)), [7, 8, 9]);
  numbers.release(7);
  assert.deepEqual(["b", "c"].map((key) => numbers.of(key)), [8, 9]);
  assert.deepEqual([numbers.claim("b"), numbers.claim("d"), numbers.claim("e")], [8, 7, 10]);
});

Deno.test("what a mount held is free when it has ended, and what another one holds is not", () => {
  const numbers = new InodeNumbers(() => 7);
  const [first, second] = [new InodeTable(numbers), new InodeTable(numbers)];
  const enter = (table: InodeTable, id: string) =>
    given(table, table.root, placeIn(MOUNT, id, id, false)).ino;
  assert.deepEqual([enter(first, "a"), enter(first, "b"), enter(second, "b")], [7, 8, 8]);
  first.clear();
  assert.deepEqual([first.size, enter(second, "c"), enter(second, "d")], [1, 7, 9]);
});

Deno.test("a number is never that of the root, never 0, and wraps below 2^53", () => {
  for (const hash of [0, 1]) assert.equal(new InodeNumbers(() => hash).of("a"), 2);
  const numbers = new InodeNumbers(() => Number.MAX_SAFE_INTEGER);
  assert.deepEqual(["a", "b"].map((key) => numbers.claim(key)), [Number.MAX_SAFE_INTEGER, 2]);
});

Deno.test("no two of a million identities of real shape share a hash, and every bit is used", () => {
  const hex = "0123456789abcdef";
  const digits = (n: number) =>
    Array.from({ length: 64 }, (_, i) => hex[(n * 31 + i * 7 + (n >> i % 20)) & 15]).join("");
  const shapes: ((n: number) => string)[] = [
    (n) => `github/issue:${n}`,
    (n) => `github/issue:${n}/title`,
    (n) => `github/repo:1296269/comment:${1_000_000_000 + n}`,
    (n) => `docker/${n.toString(16)}${digits(n)}`,
    (n) => `arxiv/${2000 + n % 100}.${String(n).padStart(5, "0")}v${n % 3}`,
    (n) => `dns/host-${n}.example.com/${["A", "AAAA", "TXT"][n % 3]}`,
    (n) => `linear/${digits(n).slice(0, 8)}-0000-4000-8000-${String(n).padStart(12, "0")}`,
    (n) => `hello/${String.fromCharCode(n % 0xd000 + 1)}${n}`,
  ];
  const seen = new Set<number>();
  let [or, and] = [0n, (1n << 53n) - 1n];
  let total = 0;
  for (const shape of shapes) {
    for (let n = 0; n < 125_000; n++) {
      const hash = hash53(shape(n));
      if (!Number.isSafeInteger(hash) || hash < 0) assert.fail(`${hash} for ${shape(n)}`);
      seen.add(hash);
      total++;
      if (n % 100 === 0) [or, and] = [or | BigInt(hash), and & BigInt(hash)];
    }
  }
  assert.equal(seen.size, total);
  assert.deepEqual([or, and], [(1n << 53n) - 1n, 0n]);
});

Deno.test("a place knows the identity behind it", () => {
  const repo = placeIn(placeIn(MOUNT, "octo", "owner:octo", true), "hello", "repo:1", true);
  assert.deepEqual([repo.key, repo.mount, repo.directory], ["github/repo:1", "github", true]);
});

/** The inode of `place`, given to the kernel once. */
function given(table: InodeTable, parent: Inode, place: Place): Inode {
  const inode = table.enter(parent, place);
  inode.lookups.increment();
  return inode;
}
