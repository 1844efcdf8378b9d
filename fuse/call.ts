/**
 * One request of the kernel, from its frame until its reply.
 *
 * @module
 */
import type { Cursor } from "./cursor.ts";
import type { Lines } from "./directory.ts";
import type { Request } from "./filesystem.ts";

/**
 * A request: who asks for what. What a decoder found in the body lies in the fields below; each operation
 * sets those that it has.
 *
 * One object serves request after request as long as each is answered at once.
 */
export class Call implements Request {
  /** Bytes of the whole frame, as its header has it. */
  length = 0;
  /** The operation's number. */
  code = 0;
  /** What the reply must repeat. */
  unique = 0n;
  /** The node that the request is about. */
  nodeid = 0;
  /** The user's id. */
  uid = 0;
  /** The group's id. */
  gid = 0;
  /** The thread's id; 0 where it lives in another pid namespace. */
  pid = 0;
  /** A name in {@linkcode nodeid}; `undefined` where it is not UTF-8. */
  name: string | undefined = undefined;
  /** The directory of a RENAME's new name. */
  newParent = 0;
  /** The new name of a RENAME; `undefined` where it is not UTF-8. */
  newName: string | undefined = undefined;
  /** The flags of a RENAME2. */
  flags = 0;
  /** Where a READ or a WRITE begins, or the cookie of a READDIR. */
  offset = 0;
  /** How many bytes a READ or a READDIR may answer with, a WRITE brings, or a SETATTR leaves. */
  size = 0;
  /** The bits of an ACCESS, which fields of a SETATTR count, or the mode of a MKNOD or MKDIR. */
  mask = 0;
  /** The lines of a READDIR. */
  lines: Lines | undefined = undefined;
  #abort: AbortController | undefined;

  /** Aborted when the caller was interrupted. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    return this.#abort.signal;
  }

  /** True once somebody holds the {@linkcode signal}: then the object may not serve another request. */
  get watched(): boolean {
    return this.#abort !== undefined;
  }

  /** Reads `struct fuse_in_header`. */
  begin(head: Cursor): void {
    this.length = head.u32();
    this.code = head.u32();
    this.unique = head.big();
    this.nodeid = head.u64();
    this.uid = head.u32();
    this.gid = head.u32();
    this.pid = head.u32();
    head.skip(4);
    this.lines = undefined;
  }

  /** Tells whoever holds the signal that the caller is gone. */
  abort(): void {
    this.#abort?.abort(new DOMException("the caller was interrupted", "AbortError"));
  }
}
