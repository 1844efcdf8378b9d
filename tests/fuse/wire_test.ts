import assert from "node:assert/strict";
import type { Attributes, Entry, FileSystem, Request } from "../../fuse/mod.ts";
import { Session } from "../../fuse/session.ts";
import { deleteFrame, invalidateEntryFrame, invalidateInodeFrame } from "../../fuse/notify.ts";
import { body, hex, readBody, request } from "./frames.ts";
import { MemoryFileSystem } from "./memory_fs.ts";

const ATTRIBUTES: Attributes = {
  ino: 0x0010_1112_1314_1516,
  size: 0x2122_2324_2526,
  mtime: 1_700_000_000_123,
  mode: 0o100644,
  nlink: 0x3132,
  uid: 0x4142,
  gid: 0x5152,
};

const ATTRIBUTES_HEX = `
  16151413 12111000 # ino
  26252423 22210000 # size
  13921191 10000000 # blocks of 512 bytes, rounded up
  00f15365 00000000 # atime: 1700000000
  00f15365 00000000 # mtime
  00f15365 00000000 # ctime
  c0d45407          # atimensec: 123000000
  c0d45407          # mtimensec
  c0d45407          # ctimensec
  a4810000          # mode
  32310000          # nlink
  42410000          # uid
  52510000          # gid
  00000000          # rdev
  00100000          # blksize
  00000000          # flags
`;

const ENTRY: Entry = {
  nodeid: 0x0001_0203_0405_0607,
  attributes: ATTRIBUTES,
  entryTimeout: 6.5,
  attributeTimeout: Infinity,
};

const ENTRY_HEX = `
  07060504 03020100 # nodeid
  00000000 00000000 # generation
  06000000 00000000 # entry_valid
  00000000 00010000 # attr_valid: 2^40, for ever
  0065cd1d          # entry_valid_nsec: 500000000
  00000000          # attr_valid_nsec
  ${ATTRIBUTES_HEX}
`;

/** A memory file system with some answers replaced. */
function session(answers: Partial<FileSystem>): Session {
  const filesystem = Object.assign(new MemoryFileSystem(), answers);
  const send = () => assert.fail("nothing comes later here");
  return new Session(filesystem, {
    send,
    onError: (error) => {
      throw error;
    },
  });
}

Deno.test("INIT agrees on the older minor version and on the flags that both sides know", () => {
  const reply = session({}).handle(hex(`
    68000000 1a000000 # length 104, INIT
    01000000 00000000 # unique
    00000000 00000000 # nodeid
    00000000 00000000 # uid, gid
    00000000 00000000 # pid, extensions
    07000000 2d000000 # protocol 7.45
    00000200          # max_readahead: 128 KiB
    ffffffff          # flags: all
    ffffffff          # flags2: all
    ${"00000000".repeat(11)}
  `));
  assert.deepEqual(
    reply,
    hex(`
    50000000 00000000 # length 80, no error
    01000000 00000000 # unique
    07000000 26000000 # protocol 7.38
    00000200          # max_readahead
    21f06601          # flags
    4000 3000         # max_background, congestion_threshold
    00001000          # max_write: 1 MiB
    01000000          # time_gran
    0001 0000         # max_pages, map_alignment
    00000000          # flags2
    ${"00000000".repeat(7)}
  `),
  );
});

Deno.test("INIT tells a kernel with a later major version ours, and refuses one that is too old", () => {
  const ask = (major: number, minor: number) =>
    session({}).handle(request(26, {}, body([4, major], [4, minor], [4, 0], [4, 0])));
  assert.deepEqual(ask(8, 1)?.subarray(0, 24), hex("50000000 00000000 01000000 00000000 07000000 26000000"));
  const refusal = hex("10000000 b9ffffff 01000000 00000000"); // EPROTO
  assert.deepEqual(ask(6, 99), refusal);
  assert.deepEqual(ask(7, 27), refusal);
});

Deno.test("LOOKUP carries every field of the header and of the entry", () => {
  let asked: unknown[] = [];
  const reply = session({
    lookup(parent: number, name: string, { uid, gid, pid }: Request) {
      asked = [parent, name, uid, gid, pid];
      return ENTRY;
    },
  }).handle(hex(`
    2e000000 01000000 # length 46, LOOKUP
    08070605 04030281 # unique
    11100f0e 0d0c0a00 # nodeid
    a1a20000 b1b20000 # uid, gid
    c1c20000          # pid
    0000 0000         # extensions, padding
    68c3a96c 6f00     # "hélo"
  `));
  assert.deepEqual(asked, [0x000a_0c0d_0e0f_1011, "hélo", 0xa2a1, 0xb2b1, 0xc2c1]);
  assert.deepEqual(reply, hex(`90000000 00000000 08070605 04030281 ${ENTRY_HEX}`));
});

Deno.test("LOOKUP of an absent name may be an entry without a node, which blanks everything but the timeout", () => {
  const reply = session({ lookup: () => ({ ...ENTRY, nodeid: 0 }) }).handle(request(1, {}, body("x")));
  const expected = `${"00".repeat(16)} 06000000 00000000 ${"00".repeat(8)} 0065cd1d ${"00".repeat(92)}`;
  assert.deepEqual(reply, hex(`90000000 00000000 01000000 00000000 ${expected}`));
});

Deno.test("LOOKUP of bytes that are not UTF-8 finds nothing, and never asks", () => {
  const asked = session({ lookup: () => assert.fail("asked") });
  const reply = asked.handle(request(1, {}, hex("66 ff 6f 00")));
  assert.deepEqual(reply, hex("10000000 feffffff 01000000 00000000"));
});

Deno.test("GETATTR answers with the status", () => {
  const status = { attributes: ATTRIBUTES, attributeTimeout: 0.25 };
  const reply = session({ getattr: () => status }).handle(request(3, { unique: 5n }, new Uint8Array(16)));
  assert.deepEqual(
    reply,
    hex(`
    78000000 00000000 05000000 00000000
    00000000 00000000 # attr_valid
    80b2e60e 00000000 # attr_valid_nsec: 250000000, dummy
    ${ATTRIBUTES_HEX}
  `),
  );
});

Deno.test("a time before 1970 is two's complement", () => {
  const status = { attributes: { ...ATTRIBUTES, mtime: -1500 }, attributeTimeout: 0 };
  const reply = session({ getattr: () => status }).handle(request(3, {}, new Uint8Array(16)));
  assert.deepEqual(reply?.subarray(32 + 32, 32 + 40), hex("feffffff ffffffff"));
  assert.deepEqual(reply?.subarray(32 + 52, 32 + 56), hex("0065cd1d"));
});

Deno.test("READ carries offset and size, and never answers with more than was asked for", () => {
  let asked: unknown[] = [];
  const reply = session({
    read(nodeid: number, offset: number, size: number) {
      asked = [nodeid, offset, size];
      return new Uint8Array([1, 2, 3, 4, 5]);
    },
  }).handle(hex(`
    50000000 0f000000 01000000 00000000 09000000 00000000 00000000 00000000 00000000 00000000
    ffffffff ffffffff # fh
    06050403 02010000 # offset
    03000000 00000000 # size, read_flags
    ffffffff ffffffff # lock_owner
    ffffffff 00000000 # flags, padding
  `));
  assert.deepEqual(asked, [9, 0x0102_0304_0506, 3]);
  assert.deepEqual(reply, hex("13000000 00000000 01000000 00000000 010203"));
});

Deno.test("READDIR pads each line to eight bytes and stops where the next does not fit", () => {
  const added: boolean[] = [];
  const reply = session({
    readdir(_nodeid, cookie, sink) {
      assert.equal(cookie, 7);
      assert.equal(sink.plus, false);
      added.push(sink.add({ name: "é", ino: 0x1112, directory: true, cookie: 0x2122 }));
      added.push(sink.add({ name: "12345678", ino: 0x3132, directory: false, cookie: 0x4142 }));
      added.push(sink.add({ name: "x", ino: 1, directory: false, cookie: 1 }));
      return 0;
    },
  }).handle(request(28, {}, readBody(7, 32 + 32 + 31)));
  assert.deepEqual(added, [true, true, false]);
  assert.deepEqual(
    reply,
    hex(`
    50000000 00000000 01000000 00000000
    12110000 00000000 # ino
    22210000 00000000 # cookie
    02000000 04000000 # length of the name, DT_DIR
    c3a90000 00000000 # name, padding
    32310000 00000000
    42410000 00000000
    08000000 08000000 # DT_REG
    31323334 35363738
  `),
  );
});

Deno.test("READDIRPLUS puts an entry before each line, a blank one where the file system has none", () => {
  const reply = session({
    readdir(_nodeid, _cookie, sink) {
      assert.equal(sink.plus, true);
      sink.add({ name: ".", ino: 2, directory: true, cookie: 1 });
      sink.add({ name: "abc", ino: 3, directory: false, cookie: 2 }, ENTRY);
      return 0;
    },
  }).handle(request(44, {}, readBody(0, 4096)));
  assert.deepEqual(
    reply,
    hex(`
    50010000 00000000 01000000 00000000
    ${"00".repeat(128)}
    02000000 00000000 01000000 00000000 01000000 04000000 2e000000 00000000
    ${ENTRY_HEX}
    03000000 00000000 02000000 00000000 03000000 08000000 61626300 00000000
  `),
  );
});

Deno.test("STATFS has nothing free", () => {
  const volume = { blockSize: 0x1000, blocks: 0x1112, files: 0x2122, nameMax: 0xff };
  const reply = session({ statfs: () => volume }).handle(request(17, {}));
  assert.deepEqual(
    reply,
    hex(`
    60000000 00000000 01000000 00000000
    12110000 00000000 # blocks
    ${"00".repeat(16)} # bfree, bavail
    22210000 00000000 # files
    00000000 00000000 # ffree
    00100000          # bsize
    ff000000          # namelen
    00100000          # frsize
    ${"00".repeat(28)}
  `),
  );
});

Deno.test("notifications have the kernel's layout", () => {
  assert.deepEqual(
    invalidateInodeFrame(0x1112, -1, 0x2122),
    hex(`
    28000000 02000000 00000000 00000000
    12110000 00000000 # ino
    ffffffff ffffffff # off
    22210000 00000000 # len
  `),
  );
  assert.deepEqual(
    invalidateEntryFrame(0x1112, "né", 1),
    hex(`
    24000000 03000000 00000000 00000000
    12110000 00000000 # parent
    03000000 01000000 # namelen, FUSE_EXPIRE_ONLY
    6ec3a900
  `),
  );
  assert.deepEqual(
    deleteFrame(0x1112, 0x2122, "n"),
    hex(`
    2a000000 06000000 00000000 00000000
    12110000 00000000 # parent
    22210000 00000000 # child
    01000000 00000000 # namelen, padding
    6e00
  `),
  );
});
