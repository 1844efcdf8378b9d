import assert from "node:assert/strict";
import { type Answer, type Entry, ERRNO, type Errno, type FileSystem, type Request } from "../../fuse/mod.ts";
import { MAX_TRANSFER } from "../../fuse/constants.ts";
import { OPERATIONS } from "../../fuse/opcodes.ts";
import type { Operation } from "../../fuse/operation.ts";
import { Session } from "../../fuse/session.ts";
import { answered, body, parseLines, random, readBody, request, seedOfRun } from "./frames.ts";
import { MemoryFileSystem } from "./memory_fs.ts";

const METHODS = ["lookup", "forget", "getattr", "read", "readdir", "statfs", "access", "destroy"] as const;

/** A file system that notes whatever it is asked, and fails it with EIO. */
function spy(): { filesystem: FileSystem; asked: string[] } {
  const asked: string[] = [];
  const answers = Object.fromEntries(METHODS.map((name) => [name, () => {
    asked.push(name);
    return ERRNO.EIO;
  }]));
  return { filesystem: Object.assign(new MemoryFileSystem(), answers), asked };
}

/** A session that sends what comes later to `sent` and what was thrown to `errors`. */
function open(filesystem: FileSystem, delivered = true) {
  const sent: Uint8Array[] = [];
  const errors: string[] = [];
  const session = new Session(filesystem, {
    send: (reply) => {
      sent.push(reply.slice());
      return delivered;
    },
    onError: (error, operation) =>
      errors.push(`${operation}: ${error instanceof Error ? error.message : error}`),
  });
  return { session, sent, errors };
}

const INIT_BODY = body([4, 7], [4, 45], [4, 131072], [4, 0xffffffff]);

/** How many one-letter names end the body of an operation. */
const NAMES: Readonly<Record<string, number>> = {
  LOOKUP: 1,
  MKNOD: 1,
  MKDIR: 1,
  UNLINK: 1,
  RMDIR: 1,
  RENAME: 2,
  RENAME2: 2,
};

/** A body that is whole for `operation`: zeros, and names where it reads any. */
function wholeBody(operation: Operation<unknown>): Uint8Array {
  if (operation.name === "INIT") return INIT_BODY;
  const bytes = new Uint8Array(operation.body).fill(0);
  for (let left = NAMES[operation.name] ?? 0; left > 0; left--) bytes[bytes.length - 2 * left] = 120;
  return bytes;
}

Deno.test("every operation of the header is in the table once", () => {
  const codes = OPERATIONS.map((operation) => operation.code);
  assert.equal(new Set(codes).size, codes.length);
  const expected = Array.from({ length: 53 }, (_, index) => index + 1).filter((code) =>
    code !== 7 && code !== 19
  );
  assert.deepEqual(codes.toSorted((a, b) => a - b), expected);
});

for (const operation of OPERATIONS) {
  const { code, name, replies } = operation;
  const whole = request(code, { unique: 77n }, wholeBody(operation));

  Deno.test(`${name}: a frame that breaks off is answered with EIO or not at all, and asks nothing`, () => {
    const { filesystem, asked } = spy();
    const { session } = open(filesystem);
    for (let length = 0; length < whole.length; length++) {
      const reply = session.handle(whole.subarray(0, length));
      if (length < 40 || !replies) assert.equal(reply, undefined);
      else assert.deepEqual(errnoOf(reply), [77n, ERRNO.EIO]);
    }
    assert.deepEqual(asked, []);
  });

  Deno.test(`${name}: a body that is too short is answered with EINVAL or not at all, and asks nothing`, () => {
    const { filesystem, asked } = spy();
    const { session } = open(filesystem);
    for (let length = 0; length < operation.body; length++) {
      const reply = session.handle(request(code, { unique: 78n }, wholeBody(operation).subarray(0, length)));
      if (replies) assert.deepEqual(errnoOf(reply), [78n, ERRNO.EINVAL]);
      else assert.equal(reply, undefined);
    }
    assert.deepEqual(asked, []);
  });

  Deno.test(`${name}: a whole frame is answered exactly when the kernel expects it`, () => {
    const { session } = open(new MemoryFileSystem());
    const reply = session.handle(whole);
    assert.equal(reply !== undefined, replies);
    if (reply !== undefined) assert.equal(answered(reply).unique, 77n);
    assert.deepEqual(session.counters(), { [name]: 1 });
  });
}

function errnoOf(reply: Uint8Array | undefined): [bigint, number] {
  const { unique, errno, body } = answered(reply);
  assert.equal(body.length, 0);
  return [unique, errno];
}

Deno.test("whatever would change the tree is EROFS", () => {
  const names = [
    "SETATTR SYMLINK MKNOD MKDIR UNLINK RMDIR RENAME LINK WRITE SETXATTR REMOVEXATTR CREATE",
    "FALLOCATE RENAME2 COPY_FILE_RANGE TMPFILE COPY_FILE_RANGE_64",
  ].join(" ").split(" ");
  const { session } = open(spy().filesystem);
  const refused = OPERATIONS.filter((operation) => {
    const reply = session.handle(request(operation.code, {}, wholeBody(operation)));
    return reply !== undefined && answered(reply).errno === ERRNO.EROFS;
  });
  assert.deepEqual(refused.map((operation) => operation.name).toSorted(), names.toSorted());
});

Deno.test("a number that is in no table is answered with ENOSYS", () => {
  const { session } = open(spy().filesystem);
  for (const code of [0, 7, 19, 54, 4096, 436207616, 0xffffffff]) {
    assert.deepEqual(errnoOf(session.handle(request(code, { unique: 5n }))), [5n, ERRNO.ENOSYS]);
  }
});

Deno.test("OPEN and OPENDIR tell the kernel to stop asking where it can, and answer where it cannot", () => {
  const { session } = open(new MemoryFileSystem());
  const opened = () =>
    [14, 27].map((code) => answered(session.handle(request(code, {}, new Uint8Array(8)))).errno);
  assert.deepEqual(opened(), [0, 0]);
  session.handle(request(26, {}, INIT_BODY));
  assert.deepEqual(opened(), [ERRNO.ENOSYS, ERRNO.ENOSYS]);
});

Deno.test("a name without an end, an empty one and a number beyond 2^53 are EINVAL", () => {
  const { filesystem, asked } = spy();
  const { session } = open(filesystem);
  const refused = [
    request(1, {}, new TextEncoder().encode("abc")),
    request(1, {}, new Uint8Array([0xc3, 0xa9, 0xc3])),
    request(1, {}, new Uint8Array([0, 0])),
    request(15, {}, body([8, 0], [8, 2n ** 53n], [4, 9], [4, 0], [8, 0], [8, 0])),
    request(42, {}, body([4, 2], [4, 0], [8, 1], [8, 1])),
  ];
  const errnos = refused.map((frame) => session.handle(frame)).map((reply) => reply && answered(reply).errno);
  assert.deepEqual(errnos, [ERRNO.EINVAL, ERRNO.EINVAL, ERRNO.EINVAL, ERRNO.EINVAL, undefined]);
  assert.deepEqual(asked, []);
});

Deno.test("a file system that throws, or answers with no errno, is told and the caller gets EIO", () => {
  const answers: [Partial<FileSystem>, string][] = [
    [{
      lookup: () => {
        throw new Error("broken");
      },
    }, "LOOKUP: broken"],
    [{ lookup: () => 0 }, "LOOKUP: LOOKUP: 0 is no errno"],
    [{ lookup: () => -2 }, "LOOKUP: LOOKUP: -2 is no errno"],
    [{ lookup: () => 512 }, "LOOKUP: LOOKUP: 512 is no errno"],
  ];
  for (const [answer, told] of answers) {
    const { session, errors } = open(Object.assign(new MemoryFileSystem(), answer));
    assert.deepEqual(errnoOf(session.handle(request(1, { unique: 9n }, body("x")))), [9n, ERRNO.EIO]);
    assert.deepEqual(errors, [told]);
  }
});

Deno.test("a listing with an illegal name fails, and the lookups of its lines are taken back", () => {
  for (const name of ["", "a/b", "a\0b", "x".repeat(256)]) {
    const forgotten: number[] = [];
    const { session, errors } = open(Object.assign(new MemoryFileSystem(), {
      readdir(...[, , sink]: Parameters<FileSystem["readdir"]>) {
        sink.add({ name: "good", ino: 4, directory: false, cookie: 1 }, entryOf(4));
        sink.add({ name, ino: 5, directory: false, cookie: 2 }, entryOf(5));
        return 0;
      },
      forget: (nodeid: number, count: number) => forgotten.push(nodeid, count),
    }));
    assert.equal(answered(session.handle(request(44, {}, readBody(0, 4096)))).errno, ERRNO.EIO);
    assert.equal(errors.length, 1);
    assert.deepEqual(forgotten, [4, 1]);
  }
});

function entryOf(nodeid: number): Entry {
  const attributes = { ino: nodeid, size: 0, mtime: 0, mode: 0o100444, nlink: 1, uid: 0, gid: 0 };
  return { nodeid, attributes, entryTimeout: 1, attributeTimeout: 1 };
}

/** A file system whose lookups come when `resolve` is called. */
function slow() {
  const { promise, resolve, reject } = Promise.withResolvers<Entry | Errno>();
  const forgotten: number[] = [];
  let asked: Request | undefined;
  const filesystem = Object.assign(new MemoryFileSystem(), {
    lookup(_parent: number, _name: string, request: Request): Answer<Entry> {
      asked = request;
      request.signal; // asks for it, as a file system does that waits
      return promise;
    },
    forget: (nodeid: number, count: number) => void forgotten.push(nodeid, count),
  });
  return { filesystem, forgotten, resolve, reject, request: () => asked };
}

Deno.test("an answer that comes later is sent when it comes, and others are not held up", async () => {
  const { filesystem, resolve } = slow();
  const { session, sent } = open(filesystem);
  assert.equal(session.handle(request(1, { unique: 21n }, body("x"))), undefined);
  assert.equal(session.waiting, 1);
  assert.equal(answered(session.handle(request(3, { unique: 22n }, new Uint8Array(16)))).unique, 22n);
  resolve(entryOf(0x1234));
  await settle();
  const [reply] = sent.map(answered);
  assert.equal(sent.length, 1);
  assert.equal(reply?.unique, 21n);
  assert.equal(reply?.view.getUint32(0, true), 0x1234);
  assert.equal(session.waiting, 0);
});

Deno.test("what a promise rejects with is told, and the caller gets EIO", async () => {
  const { filesystem, reject } = slow();
  const { session, sent, errors } = open(filesystem);
  session.handle(request(1, { unique: 23n }, body("x")));
  reject(new Error("upstream burns"));
  await settle();
  assert.deepEqual(sent.map((reply) => errnoOf(reply)), [[23n, ERRNO.EIO]]);
  assert.deepEqual(errors, ["LOOKUP: upstream burns"]);
});

Deno.test("INTERRUPT answers EINTR at once, aborts the signal, and takes the late answer's lookup back", async () => {
  const { filesystem, forgotten, resolve, request: asked } = slow();
  const { session, sent } = open(filesystem);
  session.handle(request(1, { unique: 30n }, body("x")));
  assert.equal(asked()?.signal.aborted, false);
  assert.equal(session.handle(request(36, { unique: 31n }, body([8, 30]))), undefined);
  assert.deepEqual(sent.map((reply) => errnoOf(reply)), [[30n, ERRNO.EINTR]]);
  assert.equal(asked()?.signal.aborted, true);
  resolve(entryOf(9));
  await settle();
  assert.equal(sent.length, 1);
  assert.deepEqual(forgotten, [9, 1]);
});

Deno.test("INTERRUPT of a request that was answered already does nothing", () => {
  const { session, sent } = open(new MemoryFileSystem());
  session.handle(request(3, { unique: 40n }, new Uint8Array(16)));
  assert.equal(session.handle(request(36, { unique: 41n }, body([8, 40]))), undefined);
  assert.deepEqual(sent, []);
});

Deno.test("a signal that was asked for stays with its request", () => {
  const signals: AbortSignal[] = [];
  const memory = new MemoryFileSystem();
  const { session } = open(Object.assign(memory, {
    access: (_nodeid: number, _mask: number, request: Request) => {
      signals.push(request.signal);
      return 0;
    },
  }));
  for (let i = 0; i < 2; i++) session.handle(request(34, {}, body([4, 4], [4, 0])));
  assert.equal(signals.length, 2);
  assert.notEqual(signals[0], signals[1]);
});

Deno.test("the lookups of a late answer that the kernel does not take are taken back", async () => {
  const { filesystem, forgotten, resolve } = slow();
  const { session } = open(filesystem, false);
  session.handle(request(1, {}, body("x")));
  resolve(entryOf(9));
  await settle();
  assert.deepEqual(forgotten, [9, 1]);
});

Deno.test("a listing that comes later does not write into the replies in between", async () => {
  const memory = new MemoryFileSystem();
  const gate = Promise.withResolvers<void>();
  const { session, sent } = open(Object.assign(memory, {
    async readdir(...[, , sink]: Parameters<FileSystem["readdir"]>) {
      sink.add({ name: "early", ino: 1, directory: false, cookie: 1 });
      await gate.promise;
      sink.add({ name: "late", ino: 2, directory: false, cookie: 2 });
      return 0;
    },
  }));
  assert.equal(session.handle(request(28, { unique: 50n }, readBody(0, 4096))), undefined);
  const between = session.handle(request(3, { unique: 51n }, new Uint8Array(16)));
  const copy = between?.slice();
  gate.resolve();
  await settle();
  assert.deepEqual(between, copy);
  const [reply] = sent.map(answered);
  assert.deepEqual(reply && parseLines(reply, false).map((line) => line.name), ["early", "late"]);
});

Deno.test("the end of the mount aborts who waits, destroys once, and lets late answers fall", async () => {
  const { filesystem, forgotten, resolve, request: asked } = slow();
  const { session, sent } = open(filesystem);
  session.handle(request(1, {}, body("x")));
  session.handle(request(38, {}));
  session.close();
  assert.equal(asked()?.signal.aborted, true);
  resolve(entryOf(9));
  await settle();
  assert.deepEqual([sent, forgotten], [[], []]);
});

Deno.test("READ of more than a megabyte is cut to what a reply can hold", () => {
  const { session, errors } = open(
    Object.assign(new MemoryFileSystem(), { read: () => new Uint8Array(3 * MAX_TRANSFER) }),
  );
  const reply = answered(session.handle(request(15, {}, readBody(0, 2 * MAX_TRANSFER))));
  assert.deepEqual([reply.errno, reply.body.length, errors], [0, MAX_TRANSFER, []]);
});

Deno.test("random frames never throw, and no reply has a wrong unique or length", async () => {
  const seed = seedOfRun("random frames");
  const next = random(seed);
  const memory = new MemoryFileSystem({
    later: (answer) => next(4) === 0 ? Promise.resolve(answer) : answer,
  });
  for (const name of ["a", "b", "c"]) memory.file(memory.root, name, name.repeat(50));
  const waiting = new Set<bigint>();
  const session = new Session(memory, {
    send(reply) {
      const { unique, errno } = answered(reply);
      assert.ok(waiting.delete(unique), `nobody waits for ${unique}`);
      assert.ok(errno >= 0 && errno < 512);
      return true;
    },
  });
  for (let round = 0; round < 20_000; round++) {
    const frame = randomFrame(next, BigInt(round + 1));
    const silent = frame.length < 40 || [2, 36, 41, 42].includes(frame[4] ?? 0) && frame[5] === 0;
    const unique = BigInt(round + 1);
    if (!silent) waiting.add(unique);
    const reply = session.handle(frame);
    if (reply !== undefined) {
      assert.equal(answered(reply).unique, unique);
      assert.ok(waiting.delete(unique));
    }
    if (round % 100 === 0) await settle();
  }
  await settle();
  assert.deepEqual([...waiting], []);
});

/** A frame with a true unique, mostly with a true length, around bytes of chance. */
function randomFrame(next: (bound: number) => number, unique: bigint): Uint8Array {
  const bytes = Uint8Array.from({ length: next(120) }, () => next(3) === 0 ? next(256) : 0);
  const code = next(10) === 0 ? next(256) : next(56);
  const safe = code === 38 ? 3 : code; // DESTROY would end the game
  const frame = request(safe, { unique, nodeid: next(6) }, bytes);
  if (next(8) === 0) return frame.subarray(0, next(frame.length));
  if (next(8) === 0) new DataView(frame.buffer).setUint32(0, next(300), true);
  return frame;
}

/** Lets every promise that is ready run. */
async function settle(): Promise<void> {
  await new Promise((resume) => setTimeout(resume, 0));
}
