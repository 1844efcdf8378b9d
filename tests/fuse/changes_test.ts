/**
 * The operations that change a tree, on the wire: what the file system is asked, and what the kernel is told.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  type Answer,
  type Changes,
  type Entry,
  ERRNO,
  type Errno,
  S_IFREG,
  type Status,
} from "../../fuse/mod.ts";
import { Session } from "../../fuse/session.ts";
import { answered, body, request } from "./frames.ts";
import { MemoryFileSystem } from "./memory_fs.ts";

const text = (value: string) => new TextEncoder().encode(value);
const attributes = { ino: 77, size: 5, mtime: 1_000, mode: S_IFREG | 0o644, nlink: 1, uid: 0, gid: 0 };
const ENTRY: Entry = { nodeid: 9, attributes, entryTimeout: 0, attributeTimeout: 0 };
const STATUS: Status = { attributes, attributeTimeout: 0 };

/** A tree that notes what it is asked to change, and the session before it. */
function scene(answers: { readonly entry?: Answer<Entry>; readonly errno?: Errno } = {}) {
  const asked: unknown[][] = [];
  const { entry = ENTRY, errno = 0 } = answers;
  const note = <Value>(answer: Value) => (...given: unknown[]) => {
    asked.push(given.slice(0, -1));
    return answer;
  };
  const changes: Changes = {
    setattr: note(STATUS),
    write: (nodeid, offset, data) => {
      asked.push([nodeid, offset, new TextDecoder().decode(data)]);
      return { size: data.length };
    },
    create: note(entry),
    mkdir: note(entry),
    unlink: note(errno),
    rmdir: note(errno),
    rename: note(errno),
    refusal: (nodeid) => nodeid === 4 ? ERRNO.EROFS : ERRNO.EOPNOTSUPP,
  };
  const forgotten: number[] = [];
  const filesystem = Object.assign(new MemoryFileSystem(), {
    changes,
    readlink: () => ({ target: "session-7" }),
    forget: (nodeid: number) => void forgotten.push(nodeid),
  });
  const session = new Session(filesystem, { send: () => false });
  const ask = (code: number, nodeid: number, sent: Uint8Array) =>
    answered(session.handle(request(code, { unique: 5n, nodeid }, sent)));
  return { asked, forgotten, ask, session };
}

const joined = (...parts: Uint8Array[]) => {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
};

Deno.test("SETATTR hands the size on where it counts, and nothing else", () => {
  const { asked, ask } = scene();
  const sent = (valid: number) => joined(body([4, valid], [4, 0], [8, 0], [8, 123]), new Uint8Array(64));
  assert.equal(ask(4, 3, sent(8)).errno, 0);
  assert.equal(ask(4, 3, sent(1 | 16 | 32)).errno, 0);
  assert.deepEqual(asked, [[3, { size: 123 }], [3, { size: undefined }]]);
  assert.equal(ask(4, 3, sent(8)).body.length, 104);
});

Deno.test("WRITE hands on exactly its bytes, and answers how many were taken", () => {
  const { asked, ask } = scene();
  const head = (size: number) => joined(body([8, 0], [8, 4096], [4, size]), new Uint8Array(20));
  const reply = ask(16, 3, joined(head(6), text("closed")));
  assert.deepEqual(asked, [[3, 4096, "closed"]]);
  assert.equal(reply.view.getUint32(reply.body.byteOffset - reply.view.byteOffset, true), 6);
  assert.equal(ask(16, 3, joined(head(7), text("closed"))).errno, ERRNO.EINVAL, "a byte is missing");
});

Deno.test("MKNOD and MKDIR answer an entry, and take its lookup back where nobody gets it", async () => {
  const { asked, ask } = scene();
  const regular = joined(body([4, 0o100644]), new Uint8Array(12), text("new\0"));
  assert.equal(ask(8, 3, regular).body.length, 128);
  assert.equal(ask(9, 3, joined(new Uint8Array(8), text("dir\0"))).body.length, 128);
  assert.deepEqual(asked, [[{ parent: 3, name: "new" }], [{ parent: 3, name: "dir" }]]);
  const late = scene({ entry: Promise.resolve(ENTRY) });
  const frame = request(8, { unique: 6n, nodeid: 3 }, regular);
  assert.equal(late.session.handle(frame), undefined);
  await new Promise((resolve) =>
    queueMicrotask(() => queueMicrotask(() => queueMicrotask(() => resolve(0))))
  );
  assert.deepEqual(late.forgotten, [9]);
});

Deno.test("UNLINK, RMDIR and both RENAMEs name what they are about", () => {
  const { asked, ask } = scene();
  ask(10, 3, text("a\0"));
  ask(11, 3, text("b\0"));
  ask(12, 3, joined(body([8, 4]), text("a\0b\0")));
  ask(45, 3, joined(body([8, 4], [4, 1], [4, 0]), text("a\0ä\0")));
  assert.deepEqual(asked, [
    [{ parent: 3, name: "a" }],
    [{ parent: 3, name: "b" }],
    [{ parent: 3, name: "a" }, { parent: 4, name: "b" }, 0],
    [{ parent: 3, name: "a" }, { parent: 4, name: "ä" }, 1],
  ]);
  assert.equal(scene({ errno: ERRNO.EPERM }).ask(10, 3, text("a\0")).errno, ERRNO.EPERM);
});

Deno.test("a name without an end is EINVAL, and one that is no UTF-8 leads nowhere", () => {
  const { asked, ask } = scene();
  assert.equal(ask(10, 3, text("abc")).errno, ERRNO.EINVAL);
  assert.equal(ask(10, 3, new Uint8Array([0xff, 0x61, 0])).errno, ERRNO.ENOENT);
  assert.equal(ask(12, 3, joined(body([8, 4]), text("a\0b"))).errno, ERRNO.EINVAL);
  assert.deepEqual(asked, []);
});

Deno.test("CREATE sends the kernel to MKNOD, and READLINK answers the bare target", () => {
  const { ask } = scene();
  assert.equal(ask(35, 3, joined(new Uint8Array(16), text("a\0"))).errno, ERRNO.ENOSYS);
  const { body: target } = ask(5, 3, new Uint8Array());
  assert.equal(new TextDecoder().decode(target), "session-7");
});

Deno.test("a pipe, a link, an attribute and space for bytes are refused by the node, and nothing is made", () => {
  const { asked, ask } = scene();
  const pipe = joined(body([4, 0o010644]), new Uint8Array(12), text("pipe\0"));
  const others: readonly [number, Uint8Array][] = [
    [8, pipe],
    [6, text("a\0b\0")],
    [13, joined(new Uint8Array(8), text("a\0"))],
    [21, joined(body([4, 1], [4, 0]), text("user.x\0v"))],
    [24, text("user.x\0")],
    [43, new Uint8Array(32)],
    [51, joined(new Uint8Array(16), text("a\0"))],
  ];
  for (const [code, sent] of others) {
    assert.equal(ask(code, 3, sent).errno, ERRNO.EOPNOTSUPP, `${code}`);
    assert.equal(ask(code, 4, sent).errno, ERRNO.EROFS, `${code}`);
  }
  for (const code of [47, 53]) assert.equal(ask(code, 3, new Uint8Array(56)).errno, ERRNO.ENOSYS);
  assert.deepEqual(asked, []);
});
