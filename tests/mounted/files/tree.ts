/**
 * A made-up tree that shows a file system everything that a tool can stumble over, and a folder to measure on.
 * The provider beside this file serves it; the tests write the same to a disk and compare.
 *
 * @module
 */

/** A directory. */
export interface Folder {
  /** Its children by name, in the order in which they are listed. Made when first asked for. */
  readonly children: () => ReadonlyMap<string, Item>;
}

/** A file with text that travels with the node. */
export interface TextFile {
  /** All of it. */
  readonly text: string;
}

/** A file of {@linkcode blob} bytes that are asked for. */
export interface BlobFile {
  /** Bytes. */
  readonly size: number;
}

/** One object of the tree. */
export type Item = Folder | TextFile | BlobFile;

/** How many files the folder to measure on holds. */
export const MANY = 10_000;

/** How many bytes each of those has. */
export const SMALL_BYTES = 100;

/** The size of the file to read in sequence: 256 MiB. */
export const HUGE_BYTES = 256 * 2 ** 20;

/** `number` with zeros before it. */
function padded(number: number, digits: number): string {
  return String(number).padStart(digits, "0");
}

const WORDS = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "omega"];

/** A text of `lines` lines that differ from each other, and from those of another `seed`. */
function prose(seed: number, lines: number): TextFile {
  const line = (n: number) =>
    Array.from(WORDS, (_, i) => WORDS[(seed * 7 + n * 3 + i * i) % WORDS.length]).join(" ");
  return { text: Array.from({ length: lines }, (_, n) => `${seed}:${n} ${line(n)}\n`).join("") };
}

/** What stands here at the top of the file ends up in the component, as memory: so nothing is made before its time. */
function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}

function folder(entries: () => readonly (readonly [string, Item])[]): Folder {
  return { children: once(() => new Map(entries())) };
}

function numbered(count: number, name: (n: number) => string, item: (n: number) => Item): Folder {
  return folder(() => Array.from({ length: count }, (_, n) => [name(n), item(n)] as const));
}

/** A chain of directories with a file at its end. */
function chain(names: readonly string[], end: Item): Item {
  return names.reduceRight<Item>((child, name) => folder(() => [[name, child]]), end);
}

/** Names that a shell, a terminal or a codec can trip over; each is legal. */
const AWKWARD = [
  "naïve café.txt",
  "日本語のファイル.txt",
  "🎈 balloon.txt",
  "e\u0301 decomposed.txt",
  "-rf",
  " spaces at both ends ",
  "a*star?and[brackets]",
  "quotes ' and \" and `",
  "back\\slash",
  "$HOME;true",
  ".hidden",
  "...",
  "x".repeat(255),
];

/** What the tools are let loose on. */
const box = folder(() => [
  ["README.md", { text: "# A box\n\nEverything in here is made up.\n\nThe last line is the omega.\n" }],
  ["empty", { text: "" }],
  ["no-newline", { text: "this line does not end" }],
  ["numbers.json", {
    text: JSON.stringify({ sum: 6, list: [1, 2, 3], nested: { omega: true } }, null, 2) + "\n",
  }],
  [
    "docs",
    numbered(
      20,
      (n) => `section-${padded(n, 2)}`,
      (n) => numbered(15, (m) => `page-${padded(m, 2)}.txt`, (m) => prose(n * 100 + m, 5 + m)),
    ),
  ],
  ["deep", chain([..."abcdefghijklmnopqrst"], prose(1, 3))],
  ["awkward", folder(() => AWKWARD.map((name, n) => [name, prose(n, 2)] as const))],
  ["large", numbered(2_500, (n) => `item-${padded(n, 4)}`, (n) => ({ text: `item ${n}\n` }))],
  ["blob.bin", { size: 3 * 2 ** 20 + 17 }],
]);

/** What the benchmark measures on. */
const bench = folder(() => [
  [
    "many",
    numbered(
      MANY,
      (n) => `file-${padded(n, 5)}`,
      (n) => ({ text: `${padded(n, 5)} `.padEnd(SMALL_BYTES - 1, "x") + "\n" }),
    ),
  ],
  ["huge.bin", { size: HUGE_BYTES }],
]);

/** All of it. */
const TREE: Folder = folder(() => [["box", box], ["bench", bench]]);

/** True for a directory. */
export function isFolder(item: Item): item is Folder {
  return "children" in item;
}

/** What is at `path`, whose segments are parted by slashes; the empty path is the root. */
export function find(path: string): Item | undefined {
  let item: Item | undefined = TREE;
  for (const name of path === "" ? [] : path.split("/")) {
    item = item !== undefined && isFolder(item) ? item.children().get(name) : undefined;
  }
  return item;
}

/** When the object at `path` last changed, in milliseconds since the Unix epoch: any time in 2023, a whole second. */
export function modifiedAt(path: string): number {
  let hash = 7;
  for (let i = 0; i < path.length; i++) hash = (hash * 31 + path.charCodeAt(i)) % 31_000_000;
  return (1_672_531_200 + hash) * 1_000;
}

/** The period of a blob in bytes: a prime, so that a read at a wrong offset never looks right. */
const PERIOD = 65_521;

/** {@linkcode PERIOD} bytes and a MiB more, so that every MiB of a blob lies in one piece of it. */
const pattern = once(() => patternOf(PERIOD + 2 ** 20));

function patternOf(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0, state = 1; i < PERIOD; i++) {
    state = (state * 48_271) % 2_147_483_647;
    bytes[i] = state & 0xff;
  }
  for (let filled = PERIOD; filled < length; filled *= 2) bytes.copyWithin(filled, 0, filled);
  return bytes;
}

/** The bytes of a blob from `offset`, `length` of them. */
export function blob(offset: number, length: number): Uint8Array<ArrayBuffer> {
  const begin = offset % PERIOD;
  if (length <= 2 ** 20) return pattern().slice(begin, begin + length);
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 2 ** 20) {
    bytes.set(blob(offset + at, Math.min(2 ** 20, length - at)), at);
  }
  return bytes;
}
