/**
 * Changes that are played once more: who is answered so, and who never is.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Change, ERRNO, ROOT_ID } from "../../fuse/mod.ts";
import { Session } from "../../fuse/session.ts";
import { answered, body, request } from "./frames.ts";
import { MemoryFileSystem } from "./memory_fs.ts";

const [LOOKUP, SETATTR, MKNOD, MKDIR, UNLINK, RMDIR, RENAME, RENAME2] = [1, 4, 8, 9, 10, 11, 12, 45];
const OWN = 77;

/** A session over `f` and `new`, the nodeid of `f`, and what a thread gets for a message. */
function staged(change: (nodeid: number) => Change | undefined) {
  const filesystem = new MemoryFileSystem();
  const file = filesystem.file(filesystem.root, "f", "hello\n");
  filesystem.file(filesystem.root, "new", "new\n");
  filesystem.directory(filesystem.root, "newdir");
  const session = new Session(filesystem, { send: () => true, isOwnThread: (tid) => tid === OWN });
  session.handle(request(26, {}, body([4, 7], [4, 45], [4, 131072], [4, 0xffffffff])));
  session.handle(request(LOOKUP, { nodeid: ROOT_ID }, body("f")));
  const nodeid = filesystem.nodeid(file) ?? 0;
  session.stage(change(nodeid));
  const ask = (code: number, pid: number, bytes: Uint8Array, at = ROOT_ID) =>
    answered(session.handle(request(code, { nodeid: at, pid }, bytes)));
  return { filesystem, session, nodeid, ask };
}

const at = { parent: ROOT_ID, name: "new" };
const zeros = (count: number) => new Uint8Array(count);
const mknod = body([4, 0o100444], [4, 0], [4, 0], [4, 0], "new");
const mkdir = body([4, 0o555], [4, 0], "newdir");
const rename = body([8, ROOT_ID], "f", "new");
const rename2 = body([8, ROOT_ID], [4, 0], [4, 0], "f", "new");

Deno.test("a new length is answered as done, with the attributes that there are", () => {
  const { ask, nodeid } = staged((nodeid) => ({
    tag: "modified",
    nodeid,
    at: { ...at, name: "f" },
    size: 6,
  }));
  const reply = ask(SETATTR, OWN, zeros(88), nodeid);
  assert.deepEqual([reply.errno, reply.body.length, Number(reply.view.getBigUint64(24, true))], [0, 104, 6]);
});

Deno.test("a new name is absent when it is looked up, and there when it is made", () => {
  for (
    const [directory, name, code, bytes] of [[false, "new", MKNOD, mknod], [
      true,
      "newdir",
      MKDIR,
      mkdir,
    ]] as const
  ) {
    const { ask, filesystem } = staged(() => ({ tag: "created", at: { ...at, name }, directory }));
    assert.equal(ask(LOOKUP, OWN, body(name)).errno, ERRNO.ENOENT);
    const made = ask(code, OWN, bytes);
    assert.deepEqual([made.errno, made.body.length], [0, 128]);
    assert.equal(filesystem.lookups.get(Number(made.view.getBigUint64(0, true))), 1, "the kernel holds it");
    // Everybody else sees what is there.
    assert.equal(ask(LOOKUP, 1, body(name)).errno, 0);
    filesystem.checkInvariants();
  }
});

Deno.test("a name that is gone is there when it is looked up, and its end is answered as done", () => {
  for (const [directory, code] of [[false, UNLINK], [true, RMDIR]] as const) {
    const { ask, session, filesystem } = staged(() => undefined);
    const old = () => {
      const entry = filesystem.lookup(ROOT_ID, "f", { uid: 0, gid: 0, pid: 0, signal: AbortSignal.abort() });
      assert(typeof entry === "object" && !(entry instanceof Promise));
      return entry;
    };
    session.stage({ tag: "deleted", at: { parent: ROOT_ID, name: "gone" }, directory, old });
    assert.equal(ask(LOOKUP, 1, body("gone")).errno, ERRNO.ENOENT);
    assert.equal(ask(LOOKUP, OWN, body("gone")).errno, 0);
    assert.equal(ask(code, OWN, body("gone")).errno, 0);
    assert.equal(ask(directory ? UNLINK : RMDIR, OWN, body("gone")).errno, ERRNO.EROFS, "another call");
  }
});

Deno.test("a rename is answered as done, over the old name as it was", () => {
  for (const [code, bytes] of [[RENAME, rename], [RENAME2, rename2]] as const) {
    const { ask } = staged((nodeid) => ({
      tag: "moved",
      at: { parent: ROOT_ID, name: "old" },
      to: at,
      old: () => ({
        nodeid,
        attributes: { ino: 5, size: 6, mtime: 0, mode: 0o100444, nlink: 1, uid: 0, gid: 0 },
        entryTimeout: 0,
        attributeTimeout: 0,
      }),
    }));
    assert.equal(ask(LOOKUP, OWN, body("old")).errno, 0);
    assert.equal(ask(LOOKUP, OWN, body("new")).errno, ERRNO.ENOENT);
    assert.equal(ask(code, OWN, bytes).errno, 0);
  }
});

Deno.test("whatever is played, nobody else changes anything, and afterwards nobody at all", () => {
  const changes: ((nodeid: number) => Change | undefined)[] = [
    (nodeid) => ({ tag: "modified", nodeid, at, size: 6 }),
    () => ({ tag: "created", at, directory: false }),
    () => ({ tag: "created", at, directory: true }),
    () => undefined,
  ];
  const messages = [
    [MKNOD, mknod],
    [MKDIR, mkdir],
    [UNLINK, body("f")],
    [RMDIR, body("f")],
    [RENAME, rename],
    [
      RENAME2,
      rename2,
    ],
  ] as const;
  for (const [index, change] of changes.entries()) {
    const { ask, nodeid } = staged(change);
    const pids = index === changes.length - 1 ? [0, 1, OWN] : [0, 1];
    for (const pid of pids) {
      assert.equal(ask(SETATTR, pid, zeros(88), nodeid).errno, ERRNO.EROFS);
      for (const [code, bytes] of messages) assert.equal(ask(code, pid, bytes).errno, ERRNO.EROFS);
    }
  }
});

Deno.test("a thread of our own waits for nobody: what is not at hand fails, and what comes of it is taken back", async () => {
  const filesystem = new MemoryFileSystem({ later: (answer) => Promise.resolve(answer) });
  filesystem.file(filesystem.root, "f", "hello\n");
  const session = new Session(filesystem, { send: () => true, isOwnThread: (tid) => tid === OWN });
  session.handle(request(26, {}, body([4, 7], [4, 45], [4, 131072], [4, 0xffffffff])));
  session.stage({ tag: "created", at, directory: false });
  assert.equal(answered(session.handle(request(LOOKUP, { pid: OWN }, body("f")))).errno, ERRNO.EIO);
  assert.equal(session.waiting, 0);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.deepEqual([...filesystem.lookups], []);
});
