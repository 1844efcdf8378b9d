/**
 * Components that do harm, each in one way, and what becomes of it.
 *
 * @module
 */
import type { ErrorKind } from "../../runtime/base/errors.ts";
import { AT, type Deviation, ENTRY } from "./component.ts";

/** An operation of a provider; `mount` is all that happens before the first one. */
export type Operation = "mount" | "lookup" | "list" | "read";

/** One component and what its operation comes to. */
export interface Offender {
  /** What it does. */
  readonly deviation: Deviation;
  /** Where it does it. */
  readonly operation: Operation;
  /** The kind of the failure. */
  readonly kind: ErrorKind;
  /** Words that the failure must have. */
  readonly words: string;
  /** True where it gets time enough to meet another limit first, on a slow machine too. */
  readonly patient?: boolean;
}

const TOO_LONG = "it computed for too long";
const OUT_OF_MEMORY = "unreachable";
const TOO_MUCH = "it told more than";

/** Grows the memory by a page, and writes to it, for as long as that goes. */
const GROW = `(loop $more
    (if (i32.ne (memory.grow (i32.const 16)) (i32.const -1)) (then
      (memory.fill (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 1048576)) (i32.const 1) (i32.const 1048576))
      (br $more))))`;

/** Makes the listing one of `count` entries from {@linkcode AT}`.free`, each filled in by `fill` at `(local.get 5)`. */
function entries(count: number, fill: string): string {
  const end = AT.free + count * ENTRY;
  return `(local i32 i32)
    (local.set 5 (i32.const ${AT.free}))
    (loop $next
      (i32.store8 (i32.add (local.get 5) (i32.const 80)) (i32.const 2))
      ${fill}
      (local.set 5 (i32.add (local.get 5) (i32.const ${ENTRY})))
      (local.set 6 (i32.add (local.get 6) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get 5) (i32.const ${end}))))
    (i32.store (i32.const ${AT.listing + 8}) (i32.const ${AT.free}))
    (i32.store (i32.const ${AT.listing + 12}) (i32.const ${count}))`;
}

/** Stores a text's address and length at `offset` of the entry. */
function text(offset: number, address: string, length: number): string {
  const at = (more: number) => `(i32.add (local.get 5) (i32.const ${offset + more}))`;
  return `(i32.store ${at(0)} ${address}) (i32.store ${at(4)} (i32.const ${length}))`;
}

/** Four letters at `offset` of the entry for the 16 bits of its number from `bit`. */
function letters(offset: number, bit: number): string {
  const nibble = (n: number) =>
    `(i32.shl (i32.and (i32.shr_u (local.get 6) (i32.const ${bit + 4 * n})) (i32.const 15)) (i32.const ${
      8 * n
    }))`;
  const sum = [1, 2, 3].reduce((all, n) => `(i32.add ${all} ${nibble(n)})`, nibble(0));
  return `(i32.store (i32.add (local.get 5) (i32.const ${offset})) (i32.add (i32.const 0x61616161) ${sum}))`;
}

/** Spells the entry's number where its content would be, and makes that its name and its identity. */
const NUMBERED = [
  letters(84, 0),
  letters(88, 16),
  ...[0, 8].map((field) => text(field, "(i32.add (local.get 5) (i32.const 84))", 8)),
].join(" ");

/** An answer of `read-file`: that many bytes from `address`. */
function bytes(address: number, length: number): string {
  return `(i32.store8 (i32.const ${AT.payload + 8}) (i32.const 1))
    (i32.store (i32.const ${AT.payload + 12}) (i32.const ${address}))
    (i32.store (i32.const ${AT.payload + 16}) (i32.const ${length}))`;
}

const NEXT = { some: AT.listing + 20, address: AT.listing + 24, length: AT.listing + 28 };

/** Says that there is another page, whose cursor has `length` bytes. */
function nextPage(length: string): string {
  return `(i32.store8 (i32.const ${NEXT.some}) (i32.const 1))
    (i32.store (i32.const ${NEXT.address}) (i32.const 128)) (i32.store (i32.const ${NEXT.length}) ${length})`;
}

/** The cursor is another one than the page itself was asked for with: three bytes and four, in turn. */
const MORE_PAGES = nextPage(
  `(i32.add (i32.const 3) (i32.and (i32.load (i32.const ${NEXT.length})) (i32.const 1)))`,
);

const LOOP = "(loop $again br $again)";
const MIB = 2 ** 20;

/** Every one of them, by what it does. */
export const OFFENDERS: Readonly<Record<string, Offender>> = {
  "loops for ever": { deviation: { lookup: LOOP }, operation: "lookup", kind: "internal", words: TOO_LONG },
  "loops while it lists": { deviation: { list: LOOP }, operation: "list", kind: "internal", words: TOO_LONG },
  "loops while it reads": { deviation: { read: LOOP }, operation: "read", kind: "internal", words: TOO_LONG },
  "loops in its start function": {
    deviation: { more: `(func $start ${LOOP}) (start $start)` },
    operation: "mount",
    kind: "internal",
    words: TOO_LONG,
  },
  "loops while it is described": {
    deviation: { describe: LOOP },
    operation: "mount",
    kind: "internal",
    words: TOO_LONG,
  },
  "calls itself without end": {
    deviation: { lookup: "(call $deep)", more: "(func $deep (call $deep) (call $deep))" },
    operation: "lookup",
    kind: "internal",
    words: "call stack",
  },
  "fans out": {
    deviation: {
      lookup: "(call $fan (i32.const 200))",
      more: `(func $fan (param i32) (if (local.get 0) (then
        (call $fan (i32.sub (local.get 0) (i32.const 1))) (call $fan (i32.sub (local.get 0) (i32.const 1))))))`,
    },
    operation: "lookup",
    kind: "internal",
    words: TOO_LONG,
  },
  "calls its own tail": {
    deviation: { lookup: "(call $tail)", more: "(func $tail (return_call $tail))" },
    operation: "lookup",
    kind: "internal",
    words: TOO_LONG,
  },
  "takes memory until there is none": {
    deviation: { lookup: `${GROW} unreachable` },
    patient: true,
    operation: "lookup",
    kind: "internal",
    words: OUT_OF_MEMORY,
  },
  "wants more memory than there is": {
    deviation: { pages: 5_000 },
    operation: "mount",
    kind: "invalid",
    words: "it needs 5000 pages of memory",
  },
  "grows its table until it cannot": {
    deviation: {
      lookup:
        `(loop $more (br_if $more (i32.ne (table.grow (ref.null func) (i32.const 1024)) (i32.const -1)))) unreachable`,
      more: "(table 1 funcref)",
    },
    operation: "lookup",
    kind: "internal",
    words: OUT_OF_MEMORY,
  },
  "has a memory for every module": {
    deviation: {
      beside: Array.from(
        { length: 70 },
        (_, i) => `(core module $m${i} (memory 1)) (core instance (instantiate $m${i}))`,
      )
        .join(" "),
    },
    operation: "mount",
    kind: "invalid",
    words: "core modules",
  },
  "takes the same memory again and again": {
    deviation: {
      beside: `(core module $m (memory 8)) ${"(core instance (instantiate $m))".repeat(50)}`,
    },
    operation: "mount",
    kind: "internal",
    words: "more than once",
  },
  "makes handles without end": {
    deviation: {
      beside: `(type $r (resource (rep i32))) (core func $new (canon resource.new $r))
        (core module $m (import "h" "new" (func $new (param i32) (result i32)))
          (func $start (local i32) (loop $more
            (drop (call $new (local.get 0))) (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br $more)))
          (start $start))
        (core instance (instantiate $m (with "h" (instance (export "new" (func $new))))))`,
    },
    operation: "mount",
    kind: "internal",
    words: "handles",
  },
  "answers a name a thousand times, each of 100 MiB": {
    deviation: {
      pages: 1_700,
      list: entries(1_000, text(0, `(i32.const ${AT.free})`, 100 * MIB)),
    },
    operation: "list",
    kind: "internal",
    words: TOO_MUCH,
  },
  "answers two million entries": {
    deviation: { pages: 3_400, list: entries(2_000_000, "") },
    patient: true,
    operation: "list",
    kind: "internal",
    words: TOO_MUCH,
  },
  "answers more entries than a page may have": {
    deviation: { pages: 200, list: entries(10_001, NUMBERED) },
    operation: "list",
    kind: "internal",
    words: "its entries are 10001, more than 10000",
  },
  "answers a gigabyte": {
    deviation: { read: bytes(AT.free, 1024 * MIB) },
    operation: "read",
    kind: "internal",
    words: TOO_MUCH,
  },
  "answers 200 MiB": {
    deviation: { pages: 3_300, read: bytes(AT.free, 200 * MIB) },
    operation: "read",
    kind: "internal",
    words: TOO_MUCH,
  },
  "answers more than it was asked for": {
    deviation: { pages: 300, read: bytes(AT.free, 16 * MIB) },
    operation: "read",
    kind: "internal",
    words: "bytes were told where",
  },
  "answers from behind its memory": {
    deviation: {
      list: `(i32.store (i32.const ${AT.listing + 8}) (i32.const -8)) (i32.store (i32.const ${
        AT.listing + 12
      }) (i32.const 1))`,
    },
    operation: "list",
    kind: "internal",
    words: "broke down in list-children",
  },
  "answers what is not in the contract": {
    deviation: { lookup: `(i32.store8 (i32.const ${AT.absent}) (i32.const 77))` },
    operation: "lookup",
    kind: "internal",
    words: "broke down in lookup-child",
  },
  "names a file by a path": {
    deviation: {
      list: entries(1, text(0, "(i32.const 600)", 9)),
      more: `(data (i32.const 600) "../../etc")`,
    },
    operation: "list",
    kind: "internal",
    words: 'an entry is called "../../etc"',
  },
  "tells a page as its own next one": {
    deviation: { list: nextPage("(i32.const 4)") },
    operation: "list",
    kind: "internal",
    words: "its own next one",
  },
  "tells two pages in turn for ever": {
    deviation: { list: MORE_PAGES },
    operation: "list",
    kind: "too-large",
    words: "0 names on 10000 pages",
  },
  "tells new names for ever": {
    deviation: pagesOfNames(Infinity),
    patient: true,
    operation: "list",
    kind: "too-large",
    words: "does not end",
  },
};

/** A directory of `most` names, on pages of 4,096 that go on where the last one ended. */
export function pagesOfNames(most: number): Deviation {
  const full = entries(4_096, NUMBERED).replace(
    "(loop $next",
    "(local.set 6 (global.get $told)) (loop $next",
  );
  const more = most === Infinity ? "(i32.const 1)" : `(i32.lt_u (global.get $told) (i32.const ${most}))`;
  return {
    pages: 100,
    list: `${full} (global.set $told (local.get 6)) ${MORE_PAGES} (i32.store8 (i32.const ${
      AT.listing + 20
    }) ${more})`,
    more: "(global $told (mut i32) (i32.const 0))",
  };
}

/** The component that logs without end. */
export const CHATTERBOX: Deviation = {
  imports: `(import "omnifs:provider/log@1.0.0" "log" (func $log (param i32 i32 i32)))`,
  lookup: `(loop $again (call $log (i32.const 1) (i32.const 128) (i32.const 7)) br $again)`,
};
