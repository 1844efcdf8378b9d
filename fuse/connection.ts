/**
 * Carries frames between the device and a session.
 *
 * The device does not block. After a reply it is read again for some 50 µs, since the next request of a
 * serial client arrives within that; only then does another thread wait for it. Under steady load the
 * event loop gets a turn every millisecond.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import { OUT_HEADER, REQUEST_BUFFER } from "./constants.ts";
import { ERRNO, errnoName } from "./errno.ts";
import type { FileSystem } from "./filesystem.ts";
import type { Libc } from "./libc.ts";
import { Notifier } from "./notify.ts";
import type { Change } from "./scene.ts";
import { Session } from "./session.ts";

/** How a mount ended. */
export interface Ending {
  /** `unmounted` by anybody; `aborted` through the connection's control file; `failed` for what `error` says. */
  readonly reason: "unmounted" | "aborted" | "failed";
  /** What went wrong, where the reason is `failed`. */
  readonly error?: Error;
}

/** What {@linkcode Connection} needs beside a device. */
export interface ConnectionOptions {
  /** Hears what the file system threw, with the operation's name. */
  readonly onError?: (error: unknown, operation: string) => void;
  /** Called once, when INIT has been answered. */
  readonly onReady: () => void;
}

/** Milliseconds of reading again after a reply. */
const SPIN = 0.05;
/** Milliseconds after which the event loop gets a turn, however many requests there are. */
const TURN = 1;
/** Milliseconds that a wait for the next request lasts at most; then it is begun again. */
const IDLE = 1000;

/** What one turn of reading came to: quiet for a while, busy for too long, or the end of the mount. */
type Turn = "quiet" | "busy" | Ending;

/** A device, the session behind it, and the loop between them. */
export class Connection {
  /** Tells the kernel what is out of date. */
  readonly notify: Notifier;
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #session: Session;
  readonly #options: ConnectionOptions;
  readonly #buffer = new Uint8Array(REQUEST_BUFFER);
  readonly #capacity = BigInt(REQUEST_BUFFER);
  #quiet = 0;
  #ready = false;
  #stopped = false;
  #ended = false;

  /** A connection over `fd`, which it owns from now on. */
  constructor(libc: Libc, fd: number, filesystem: FileSystem, options: ConnectionOptions) {
    this.#libc = libc;
    this.#fd = fd;
    this.#options = options;
    this.notify = new Notifier((frame) => this.#notify(frame), (nodeid) => this.#session.quiet(nodeid));
    this.#session = new Session(filesystem, {
      send: (reply) => this.#write(reply),
      onError: (error, operation) => options.onError?.(error, operation),
      isOwnThread: (tid) => libc.isOwnThread(tid),
    });
  }

  /** How many requests came and notifications went, by name. */
  counters(): Record<string, number> {
    return { ...this.#session.counters(), ...this.notify.counters() };
  }

  /** See {@linkcode Session.quiet}. */
  quiet(nodeid: number): Promise<unknown> | undefined {
    return this.#session.quiet(nodeid);
  }

  /** From now on threads of this process are answered as if `change` took place; see {@linkcode Session.stage}. */
  stage(change: Change | undefined): void {
    this.#session.stage(change);
  }

  /** Ends the service within a second, whoever still uses the mount: closing the device ends it for them. */
  stop(): void {
    this.#stopped = true;
  }

  /** Serves until the mount ends, then closes the device. */
  async run(): Promise<Ending> {
    this.#libc.setNonblocking(this.#fd);
    let ending: Ending;
    try {
      ending = await this.#serve();
    } catch (error) {
      ending = { reason: "failed", error: error instanceof Error ? error : new Error(String(error)) };
    }
    this.#ended = true;
    this.#session.close();
    await this.notify.settled();
    this.#libc.close(this.#fd);
    return ending;
  }

  async #serve(): Promise<Ending> {
    for (;;) {
      const turn = this.#turn();
      if (typeof turn === "object") return turn;
      if (this.#stopped) return { reason: "unmounted" };
      if (turn === "busy") await new Promise((resume) => setImmediate(resume));
      else await this.#libc.pollLater(this.#fd, IDLE);
    }
  }

  /** Serves until nothing has come for a while, or it took long enough. */
  #turn(): Turn {
    const end = performance.now() + TURN;
    for (;;) {
      const size = this.#libc.read(this.#fd, this.#buffer, this.#capacity);
      // An answer that comes later needs the event loop, so do not hold it up.
      if (size > 0 && !this.#answer(size)) return "busy";
      if (size === 0) return { reason: "unmounted" };
      const now = performance.now();
      if (size < 0) {
        const ending = endingOf(-size);
        if (ending !== undefined) return ending;
        if (now >= this.#quiet) return "quiet";
      }
      if (now >= end) return "busy";
    }
  }

  /** False where the answer comes later. */
  #answer(size: number): boolean {
    const reply = this.#session.handle(this.#buffer.subarray(0, size));
    if (reply === undefined) return this.#session.waiting === 0;
    this.#write(reply);
    if (!this.#ready) this.#greet();
    return true;
  }

  #greet(): void {
    if (this.#session.agreed === undefined) return;
    this.#ready = true;
    this.#options.onReady();
  }

  /** False where nobody waits for the reply. */
  #write(reply: Uint8Array<ArrayBuffer>): boolean {
    if (this.#ended) return false;
    const result = this.#libc.write(this.#fd, reply);
    this.#quiet = performance.now() + SPIN;
    if (result >= 0) return true;
    if (result === -ERRNO.ENOENT || result === -ERRNO.ENODEV) return false;
    this.#refuse(reply, -result);
    return false;
  }

  /** Without an answer the caller would hang: where the kernel dislikes a reply, it gets EIO. */
  #refuse(reply: Uint8Array<ArrayBuffer>, errno: number): void {
    this.#options.onError?.(new Error(`the kernel refused a reply: ${errnoName(errno)}`), "reply");
    const header = reply.slice(0, OUT_HEADER);
    const view = new DataView(header.buffer);
    view.setUint32(0, OUT_HEADER, true);
    view.setInt32(4, -ERRNO.EIO, true);
    this.#libc.write(this.#fd, header);
  }

  async #notify(frame: Uint8Array<ArrayBuffer>): Promise<boolean> {
    return !this.#ended && await this.#libc.writeLater(this.#fd, frame) >= 0;
  }
}

/** What an errno of a read means for the mount; `undefined` where it goes on. */
function endingOf(errno: number): Ending | undefined {
  switch (errno) {
    case ERRNO.EAGAIN:
    case ERRNO.EINTR:
    case ERRNO.ENOENT: // the request was interrupted while it was read
      return undefined;
    case ERRNO.ENODEV:
      return { reason: "unmounted" };
    case ERRNO.ECONNABORTED:
      return { reason: "aborted" };
    default:
      return { reason: "failed", error: new Error(`reading /dev/fuse: ${errnoName(errno)}`) };
  }
}
