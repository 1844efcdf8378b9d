/**
 * The operations of the kernel that change a tree. A file system that offers no changes answers EROFS to each.
 *
 * @module
 */
import type { Call } from "./call.ts";
import {
  ENTRY_SIZE,
  FATTR_SIZE,
  OUT_HEADER,
  S_IFMT,
  S_IFREG,
  STATUS_SIZE,
  WRITE_OUT_SIZE,
} from "./constants.ts";
import type { Cursor } from "./cursor.ts";
import { ERRNO } from "./errno.ts";
import type { Answer, Changes, Entry, Errno, Status, Target } from "./filesystem.ts";
import { type Desk, done, type Operation, operation } from "./operation.ts";
import { putEntry, putStatus } from "./wire.ts";

/** What `change` answers, or EROFS. */
function changed<Value>(
  { filesystem }: Desk,
  change: (changes: Changes) => Answer<Value>,
): Answer<Value> {
  return filesystem.changes === undefined ? ERRNO.EROFS : change(filesystem.changes);
}

/** The name that `call` is about; undefined where it is not UTF-8, which no name here is. */
function target(call: Call): Target | undefined {
  return call.name === undefined ? undefined : { parent: call.nodeid, name: call.name };
}

/** `struct fuse_setattr_in`. */
const SETATTR = operation<Status>(4, "SETATTR", 88, {
  decode(call, body) {
    call.mask = body.u32();
    body.skip(12); // padding, fh
    call.size = body.u64();
  },
  ask: (desk, call) =>
    changed(desk, (changes) => {
      const size = (call.mask & FATTR_SIZE) === 0 ? undefined : call.size;
      return changes.setattr(call.nodeid, { size }, call);
    }),
  encode(reply, status) {
    putStatus(reply.view, OUT_HEADER, status);
    reply.size = STATUS_SIZE;
  },
});

/** `struct fuse_write_in`, then the bytes. */
const WRITE = operation<{ readonly size: number }>(16, "WRITE", 40, {
  decode(call, body) {
    body.skip(8); // fh
    call.offset = body.u64();
    call.size = body.u32();
    body.skip(20); // write_flags, lock_owner, flags, padding
  },
  ask: (desk, call, body) =>
    changed(desk, (changes) => {
      if (body.left < call.size) return ERRNO.EINVAL;
      return changes.write(call.nodeid, call.offset, body.bytes(call.size), call);
    }),
  encode(reply, { size }) {
    reply.view.setUint32(OUT_HEADER, size, true);
    reply.view.setUint32(OUT_HEADER + 4, 0, true);
    reply.size = WRITE_OUT_SIZE;
  },
});

/** MKNOD and MKDIR: `head` bytes that begin with the mode, then a name; the answer is an entry, whose lookup counts. */
function making(
  code: number,
  name: string,
  head: number,
  make: (changes: Changes, target: Target, call: Call) => Answer<Entry>,
): Operation<Entry> {
  return operation<Entry>(code, name, head + 2, {
    decode(call, body) {
      call.mask = body.u32();
      body.skip(head - 4);
      call.name = body.name();
    },
    ask: (desk, call) =>
      changed(desk, (changes) => {
        const made = target(call);
        return made === undefined ? ERRNO.EINVAL : make(changes, made, call);
      }),
    encode(reply, entry) {
      putEntry(reply.view, OUT_HEADER, entry);
      reply.size = ENTRY_SIZE;
    },
    drop(filesystem, entry) {
      filesystem.forget(entry.nodeid, 1);
    },
  });
}

/** UNLINK and RMDIR: a name. */
function removing(
  code: number,
  name: string,
  remove: (changes: Changes, target: Target, call: Call) => Answer<Errno>,
): Operation<object> {
  return operation<object>(code, name, 2, {
    decode(call, body) {
      call.name = body.name();
    },
    ask: (desk, call) =>
      changed(desk, (changes) => {
        const gone = target(call);
        return gone === undefined ? ERRNO.ENOENT : done(remove(changes, gone, call));
      }),
  });
}

/** RENAME and RENAME2: the new directory, flags where there are any, then both names. */
function renaming(code: number, name: string, body: number, readFlags: (body: Cursor) => number) {
  return operation<object>(code, name, body + 4, {
    decode(call, body) {
      call.newParent = body.u64();
      call.flags = readFlags(body);
      call.name = body.name();
      call.newName = body.name();
    },
    ask: (desk, call) =>
      changed(desk, (changes) => {
        const from = target(call);
        if (from === undefined || call.newName === undefined) return ERRNO.EINVAL;
        const to = { parent: call.newParent, name: call.newName };
        return done(changes.rename(from, to, call.flags, call));
      }),
  });
}

const RENAME2 = renaming(45, "RENAME2", 16, (body) => {
  const flags = body.u32();
  body.skip(4);
  return flags;
});

/** A file of any other type than a regular one is none of this tree's. */
function makeFile(changes: Changes, made: Target, call: Call): Answer<Entry> {
  return (call.mask & S_IFMT) === S_IFREG ? changes.create(made, call) : changes.refusal(made.parent);
}

/** One that no tree takes, whatever else it lets be changed. */
function untaken(code: number, name: string, body: number): Operation<object> {
  return operation<object>(code, name, body, {
    ask: (desk, call) => changed(desk, (changes) => changes.refusal(call.nodeid)),
  });
}

/** One that the kernel does by itself, with reads and writes, after the first ENOSYS. */
function helped(code: number, name: string, body: number): Operation<object> {
  return operation<object>(code, name, body, { ask: (desk) => changed(desk, () => ERRNO.ENOSYS) });
}

/** Every one that a file system may offer. */
export const CHANGING: readonly Operation<unknown>[] = [
  SETATTR,
  making(8, "MKNOD", 16, makeFile),
  making(9, "MKDIR", 8, (changes, made, call) => changes.mkdir(made, call)),
  removing(10, "UNLINK", (changes, gone, call) => changes.unlink(gone, call)),
  removing(11, "RMDIR", (changes, gone, call) => changes.rmdir(gone, call)),
  renaming(12, "RENAME", 8, () => 0),
  WRITE,
  RENAME2,
  untaken(6, "SYMLINK", 4),
  untaken(13, "LINK", 10),
  untaken(21, "SETXATTR", 10),
  untaken(24, "REMOVEXATTR", 2),
  untaken(43, "FALLOCATE", 32),
  untaken(51, "TMPFILE", 16),
  helped(35, "CREATE", 18), // a file is made by MKNOD then, which needs no answer about an open
  helped(47, "COPY_FILE_RANGE", 56),
  helped(53, "COPY_FILE_RANGE_64", 56), // since 7.45
];
