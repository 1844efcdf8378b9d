/**
 * Every operation of the kernel in one table, from which dispatch, counters, logs and tests derive.
 *
 * @module
 */
import type { Call } from "./call.ts";
import { CHANGING } from "./changes.ts";
import { ENTRY_SIZE, FOPEN, INIT_OUT_SIZE, OUT_HEADER, STATFS_SIZE, STATUS_SIZE } from "./constants.ts";
import type { Cursor } from "./cursor.ts";
import { Lines } from "./directory.ts";
import { ERRNO } from "./errno.ts";
import type { Answer, Entry, Status, VolumeStatus } from "./filesystem.ts";
import { type InitAnswer, negotiate, putInit } from "./init.ts";
import { absent, type Desk, DONE, done, type Operation, operation, refused } from "./operation.ts";
import { putEntry, putInteger, putStatus, putText, putVolume, putZeros } from "./wire.ts";

const LOOKUP = operation<Entry>(1, "LOOKUP", 2, {
  locks: true,
  decode(call, body) {
    call.name = body.name();
  },
  ask({ filesystem }, call) {
    return call.name === undefined ? ERRNO.ENOENT : filesystem.lookup(call.nodeid, call.name, call);
  },
  encode(reply, entry) {
    putEntry(reply.view, OUT_HEADER, entry);
    reply.size = ENTRY_SIZE;
  },
  drop(filesystem, entry) {
    if (entry.nodeid !== 0) filesystem.forget(entry.nodeid, 1);
  },
});

const FORGET = operation<object>(2, "FORGET", 8, {
  replies: false,
  decode(call, body) {
    call.size = body.u64();
  },
  ask({ filesystem }, call) {
    filesystem.forget(call.nodeid, call.size);
    return DONE;
  },
});

const BATCH_FORGET = operation<object>(42, "BATCH_FORGET", 8, {
  replies: false,
  decode(call, body) {
    call.size = body.u32();
    body.skip(4);
  },
  ask({ filesystem }, call, body) {
    if (body.left < call.size * 16) return ERRNO.EINVAL;
    for (let left = call.size; left > 0; left--) filesystem.forget(body.u64(), body.u64());
    return DONE;
  },
});

const GETATTR = operation<Status>(3, "GETATTR", 16, {
  ask: ({ filesystem }, call) => filesystem.getattr(call.nodeid, call),
  encode(reply, status) {
    putStatus(reply.view, OUT_HEADER, status);
    reply.size = STATUS_SIZE;
  },
});

/** READ, READDIR and READDIRPLUS have the same body, `struct fuse_read_in`. */
function decodeRead(call: Call, body: Cursor): void {
  body.skip(8); // fh: there is no per-open state
  call.offset = body.u64();
  call.size = body.u32();
}

const READ = operation<Uint8Array>(15, "READ", 40, {
  locks: true,
  decode: decodeRead,
  ask: ({ filesystem }, call) => filesystem.read(call.nodeid, call.offset, call.size, call),
  encode(reply, data, call) {
    // More than was asked for would make the kernel refuse the reply, and the reader wait for ever.
    const most = Math.min(call.size, reply.bytes.length - OUT_HEADER);
    reply.bytes.set(data.length > most ? data.subarray(0, most) : data, OUT_HEADER);
    reply.size = Math.min(data.length, most);
  },
});

/** The lines that the file system adds to a sink for `call`. */
function list({ filesystem, reply }: Desk, call: Call, plus: boolean): Answer<Lines> {
  const lines = new Lines(reply, call.size, plus);
  call.lines = lines;
  const answer = filesystem.readdir(call.nodeid, call.offset, lines, call);
  if (typeof answer === "number") return answer === 0 ? lines : answer;
  lines.detach();
  return answer.then((errno) => errno === 0 ? lines : errno);
}

const READDIR = operation<Lines>(28, "READDIR", 40, {
  locks: true,
  decode: decodeRead,
  ask: (desk, call) => list(desk, call, false),
  encode: (reply, lines) => lines.deliver(reply),
});

const READDIRPLUS = operation<Lines>(44, "READDIRPLUS", 40, {
  locks: true,
  decode: decodeRead,
  ask: (desk, call) => list(desk, call, true),
  encode: (reply, lines) => lines.deliver(reply),
});

/** Longest target of a symbolic link: `PATH_MAX` of `linux/limits.h` without its NUL. */
const PATH_LIMIT = 4095;

const READLINK = operation<{ readonly target: string }>(5, "READLINK", 0, {
  ask: ({ filesystem }, call) => filesystem.readlink?.(call.nodeid, call) ?? ERRNO.EINVAL,
  encode(reply, { target }) {
    reply.size = putText(reply.bytes, OUT_HEADER, target, PATH_LIMIT);
  },
});

const STATFS = operation<VolumeStatus>(17, "STATFS", 0, {
  ask: ({ filesystem }, call) => filesystem.statfs(call.nodeid, call),
  encode(reply, volume) {
    putVolume(reply.view, OUT_HEADER, volume);
    reply.size = STATFS_SIZE;
  },
});

const ACCESS = operation<object>(34, "ACCESS", 8, {
  decode(call, body) {
    call.mask = body.u32();
  },
  ask: ({ filesystem }, call) => done(filesystem.access(call.nodeid, call.mask, call)),
});

const INIT = operation<InitAnswer>(26, "INIT", 16, {
  ask(desk, _call, body) {
    const answer = negotiate(body);
    if (typeof answer !== "number") desk.agree(answer);
    return answer;
  },
  encode(reply, answer) {
    putInit(reply.view, OUT_HEADER, answer);
    reply.size = INIT_OUT_SIZE;
  },
});

const INTERRUPT = operation<object>(36, "INTERRUPT", 8, {
  replies: false,
  ask(desk, _call, body) {
    desk.interrupt(body.big());
    return DONE;
  },
});

const DESTROY = operation<object>(38, "DESTROY", 0, {
  ask(desk) {
    desk.destroy();
    return DONE;
  },
});

/** An open: none where the kernel can do without, otherwise a handle of 0 that keeps what is cached. */
function open(code: number, name: string, flags: number, needless: (agreed: InitAnswer) => boolean) {
  return operation<object>(code, name, 8, {
    ask: ({ agreed }) => agreed !== undefined && needless(agreed) ? ERRNO.ENOSYS : DONE,
    encode(reply) {
      putInteger(reply.view, OUT_HEADER, 0);
      reply.view.setUint32(OUT_HEADER + 8, flags, true);
      putZeros(reply.view, OUT_HEADER + 12, 4);
      reply.size = 16;
    },
  });
}

const OPEN = open(14, "OPEN", FOPEN.KEEP_CACHE, (agreed) => agreed.openless);
const OPENDIR = open(
  27,
  "OPENDIR",
  FOPEN.KEEP_CACHE | FOPEN.CACHE_DIR,
  (agreed) => agreed.opendirless,
);

/** The end of an open, where there was one. */
function release(code: number, name: string): Operation<object> {
  return operation<object>(code, name, 24, { ask: () => DONE });
}

/** Every operation up to protocol 7.45, by number. The body lengths are those of the structures in `fuse.h`. */
export const OPERATIONS: readonly Operation<unknown>[] = [
  LOOKUP,
  FORGET,
  GETATTR,
  ...CHANGING,
  READLINK,
  OPEN,
  READ,
  STATFS,
  release(18, "RELEASE"),
  absent(20, "FSYNC", 16),
  absent(22, "GETXATTR", 10),
  absent(23, "LISTXATTR", 8),
  absent(25, "FLUSH", 24),
  INIT,
  OPENDIR,
  READDIR,
  release(29, "RELEASEDIR"),
  absent(30, "FSYNCDIR", 16),
  absent(31, "GETLK", 48),
  absent(32, "SETLK", 48),
  absent(33, "SETLKW", 48),
  ACCESS,
  INTERRUPT,
  absent(37, "BMAP", 16),
  DESTROY,
  refused(ERRNO.ENOTTY, 39, "IOCTL", 32),
  absent(40, "POLL", 24),
  { ...absent(41, "NOTIFY_REPLY", 0), replies: false },
  BATCH_FORGET,
  READDIRPLUS,
  absent(46, "LSEEK", 24),
  absent(48, "SETUPMAPPING", 40),
  absent(49, "REMOVEMAPPING", 4),
  absent(50, "SYNCFS", 8),
  absent(52, "STATX", 24), // since 7.39; the kernel then asks by GETATTR
];

/** For a number that is not in the table. */
const UNKNOWN: Operation<unknown> = absent(0, "UNKNOWN", 0);

const BY_CODE: (Operation<unknown> | undefined)[] = [];
for (const entry of OPERATIONS) BY_CODE[entry.code] = entry;

/** The operation of a number. */
export function operationOf(code: number): Operation<unknown> {
  return BY_CODE[code] ?? UNKNOWN;
}
