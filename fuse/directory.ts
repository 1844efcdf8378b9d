/**
 * The lines of one READDIR or READDIRPLUS, written straight into the reply.
 *
 * @module
 */
import { DIRENT_HEAD, DT_DIR, DT_REG, ENTRY_SIZE, OUT_HEADER } from "./constants.ts";
import type { DirectoryLine, DirectorySink, Entry } from "./filesystem.ts";
import { putEntry, putInteger, putName, putZeros, Reply, wideName } from "./wire.ts";

/** Collects lines for one request, and knows which nodes it counted a lookup of. */
export class Lines implements DirectorySink {
  /** True for READDIRPLUS. */
  readonly plus: boolean;
  /** Nodes for which the kernel counts a lookup once it has the reply, one for each line with an entry. */
  readonly counted: number[] = [];
  readonly #limit: number;
  #reply: Reply;
  #size = 0;

  /** Writes into `reply` at most `limit` bytes. */
  constructor(reply: Reply, limit: number, plus: boolean) {
    this.#reply = reply;
    this.#limit = Math.min(limit, reply.bytes.length - OUT_HEADER);
    this.plus = plus;
  }

  /**
   * Adds a line; false where it does not fit.
   *
   * @throws {TypeError} for a name that no directory can hold, or an entry with `.` or `..`, which the
   * kernel would not count
   */
  add(line: DirectoryLine, entry?: Entry): boolean {
    const wide = wideName(line.name);
    const nameSize = wide?.length ?? line.name.length;
    refuseOddLine(line.name, nameSize, entry);
    const head = this.plus ? ENTRY_SIZE : 0;
    const size = (head + DIRENT_HEAD + nameSize + 7) & ~7;
    if (this.#size + size > this.#limit) return false;
    const at = OUT_HEADER + this.#size;
    if (this.plus) this.#putEntry(at, entry);
    this.#putLine(at + head, line, nameSize);
    putName(this.#reply.bytes, at + head + DIRENT_HEAD, line.name, wide);
    this.#reply.bytes.fill(0, at + head + DIRENT_HEAD + nameSize, at + size);
    this.#size += size;
    return true;
  }

  /** Goes on in a buffer of its own, because the answer comes later. */
  detach(): void {
    const own = new Reply(this.#limit);
    own.bytes.set(this.#reply.bytes.subarray(OUT_HEADER, OUT_HEADER + this.#size), OUT_HEADER);
    this.#reply = own;
  }

  /** Makes the lines the body of `reply`. */
  deliver(reply: Reply): void {
    if (reply !== this.#reply) {
      reply.bytes.set(this.#reply.bytes.subarray(OUT_HEADER, OUT_HEADER + this.#size), OUT_HEADER);
    }
    reply.size = this.#size;
  }

  #putEntry(at: number, entry: Entry | undefined): void {
    if (entry === undefined) return putZeros(this.#reply.view, at, ENTRY_SIZE);
    putEntry(this.#reply.view, at, entry);
    if (entry.nodeid !== 0) this.counted.push(entry.nodeid);
  }

  /** `struct fuse_dirent` without its name. */
  #putLine(at: number, line: DirectoryLine, nameSize: number): void {
    const view = this.#reply.view;
    putInteger(view, at, line.ino);
    putInteger(view, at + 8, line.cookie);
    view.setUint32(at + 16, nameSize, true);
    view.setUint32(at + 20, line.directory ? DT_DIR : DT_REG, true);
  }
}

/** The kernel fails a whole listing for one name that is empty, holds a slash or is too long. */
function refuseOddLine(name: string, size: number, entry: Entry | undefined): void {
  if (size === 0 || size > 255 || name.includes("/") || name.includes("\0")) {
    throw new TypeError(`directory line ${JSON.stringify(name)}: not a legal file name`);
  }
  if (entry !== undefined && (name === "." || name === "..")) {
    throw new TypeError(`directory line ${JSON.stringify(name)}: takes no entry`);
  }
}
