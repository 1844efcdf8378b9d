/**
 * The few calls into the C library that the binding needs; the only file that opens a library.
 *
 * @module
 */

const SYMBOLS = {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  // A transfer is below 2^31 bytes, so its result fits in the low half of an ssize_t, and so does -1.
  read: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  write: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  writeLater: { name: "write", parameters: ["i32", "buffer", "usize"], result: "i32", nonblocking: true },
  pollLater: { name: "poll", parameters: ["buffer", "u64", "i32"], result: "i32", nonblocking: true },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  mount: { parameters: ["buffer", "buffer", "buffer", "u64", "buffer"], result: "i32" },
  umount2Later: { name: "umount2", parameters: ["buffer", "i32"], result: "i32", nonblocking: true },
  socketpair: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
  recvmsg: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  prctl: { parameters: ["i32", "usize", "usize", "usize", "usize"], result: "i32" },
  opendir: { parameters: ["buffer"], result: "pointer" },
  readdir: { parameters: ["pointer"], result: "pointer" },
  closedir: { parameters: ["pointer"], result: "i32" },
  getpriority: { parameters: ["i32", "u32"], result: "i32" },
  setpriority: { parameters: ["i32", "u32", "i32"], result: "i32" },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  __errno_location: { parameters: [], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Where distributions keep the library: glibc on Debian and its kin, on Fedora and its kin, then musl. */
const CANDIDATES: Readonly<Record<"x86_64" | "aarch64", readonly string[]>> = {
  x86_64: [
    "/lib/x86_64-linux-gnu/libc.so.6",
    "/lib64/libc.so.6",
    "/usr/lib/libc.so.6",
    "/lib/ld-musl-x86_64.so.1",
  ],
  aarch64: [
    "/lib/aarch64-linux-gnu/libc.so.6",
    "/lib64/libc.so.6",
    "/usr/lib/libc.so.6",
    "/lib/ld-musl-aarch64.so.1",
  ],
};

/** The absolute paths that {@linkcode libc} may open, for `--allow-ffi`. */
export const LIBC_CANDIDATES: readonly string[] = CANDIDATES[Deno.build.arch];

/** `POLLIN`, `POLLERR`, `POLLHUP`, `POLLNVAL` of `asm-generic/poll.h`. */
const POLL = { IN: 1, ERR: 8, HUP: 16, NVAL: 32 } as const;

/** Flags of `open(2)` and `fcntl(2)`, from `asm-generic/fcntl.h`. */
const O_RDONLY = 0;
const O_RDWR = 2;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
/** `AF_UNIX`, `SOCK_STREAM` and `SOCK_CLOEXEC` of `sys/socket.h`. */
const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = O_CLOEXEC;
/** `MSG_DONTWAIT | MSG_CMSG_CLOEXEC` of `sys/socket.h`. */
const RECEIVE_FLAGS = 0x40 | 0x40000000;
/** `SOL_SOCKET` and `SO_PEERCRED` of `asm-generic/socket.h`, `SHUT_RDWR` of `sys/socket.h`. */
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const SHUT_RDWR = 2;
/** Bytes of `struct sockaddr_un` (`sys/un.h`): the family, then the path. */
const SOCKADDR_UN = 110;
/** `MNT_FORCE | MNT_DETACH` of `sys/mount.h`: end the connection, and go even while in use. */
const MNT_FORCE_DETACH = 1 | 2;

/** `PR_SET_DUMPABLE` of `linux/prctl.h`. */
const PR_SET_DUMPABLE = 4;

/** `PRIO_PROCESS` of `sys/resource.h`; on Linux its subject is a thread. */
const PRIO_PROCESS = 0;

/** `d_name` in a `struct dirent` of a 64-bit machine (`bits/dirent.h`). */
const DIRENT_NAME = 19;

/** Bytes that {@linkcode Libc.readText} reads at once. */
const PIECE = 64 * 1024;

/** `value` as C has text: with a NUL behind it. */
function text(value: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${value}\0`);
}

/** The number of a failed call, beside what was tried. */
class SystemError extends Error {
  /** The errno. */
  readonly errno: number;

  /** The failure of `call` with `errno`. */
  constructor(call: string, errno: number) {
    super(`${call}: errno ${errno}`);
    this.name = "SystemError";
    this.errno = errno;
  }
}

/** The calls, with numbers in and numbers out. A result below 0 is a negated errno. */
export class Libc {
  readonly #library: Deno.DynamicLibrary<typeof SYMBOLS>;
  readonly #errno: Deno.UnsafePointerView;

  /** Opens the library at an absolute path. */
  constructor(path: string) {
    this.#library = Deno.dlopen(path, SYMBOLS);
    const location = this.#library.symbols.__errno_location();
    if (location === null) throw new Error(`${path}: has no errno`);
    // A thread's errno stays where it is, and all of JavaScript runs on one thread.
    this.#errno = new Deno.UnsafePointerView(location);
  }

  /** Opens a file for reading and writing, not inherited by children. */
  open(path: string): number {
    return this.#result(this.#library.symbols.open(text(path), O_RDWR | O_CLOEXEC));
  }

  /** The whole of a file of the kernel, which grows while it is read if it must. @throws {SystemError} */
  readText(path: string): string {
    const fd = this.#result(this.#library.symbols.open(text(path), O_RDONLY | O_CLOEXEC));
    if (fd < 0) throw new SystemError(`open ${path}`, -fd);
    const decoder = new TextDecoder();
    const piece = new Uint8Array(PIECE);
    let whole = "";
    try {
      for (;;) {
        const count = this.read(fd, piece, BigInt(piece.length));
        if (count < 0) throw new SystemError(`read ${path}`, -count);
        if (count === 0) return whole + decoder.decode();
        whole += decoder.decode(piece.subarray(0, count), { stream: true });
      }
    } finally {
      this.close(fd);
    }
  }

  /** The names in a directory of the kernel, without `.` and `..`. @throws {SystemError} */
  readNames(path: string): string[] {
    const { opendir, readdir, closedir } = this.#library.symbols;
    const stream = opendir(text(path));
    if (stream === null) throw new SystemError(`opendir ${path}`, this.#errno.getInt32());
    const names: string[] = [];
    for (let entry = readdir(stream); entry !== null; entry = readdir(stream)) {
      names.push(new Deno.UnsafePointerView(entry).getCString(DIRENT_NAME));
    }
    closedir(stream);
    return names.filter((name) => name !== "." && name !== "..");
  }

  /** Closes a descriptor. */
  close(fd: number): void {
    this.#library.symbols.close(fd);
  }

  /** Keeps this process out of core files, and its memory from other processes of its user. @throws {SystemError} */
  forbidDump(): void {
    const result = this.#result(this.#library.symbols.prctl(PR_SET_DUMPABLE, 0n, 0n, 0n, 0n));
    if (result < 0) throw new SystemError("prctl PR_SET_DUMPABLE", -result);
  }

  /** Adds to the nice value of one thread, up to 19, the lowest priority (setpriority(2)). @throws {SystemError} */
  lowerPriority(thread: number, by: number): void {
    // A thread that has ended answers -1, which is a nice value too; the next call says what it is.
    const nice = Math.min(19, this.#library.symbols.getpriority(PRIO_PROCESS, thread) + by);
    const result = this.#result(this.#library.symbols.setpriority(PRIO_PROCESS, thread, nice));
    if (result < 0) throw new SystemError(`setpriority of thread ${thread}`, -result);
  }

  /** Nanoseconds of processor time of one thread of this process; undefined where it has ended. */
  threadTime(thread: number): bigint | undefined {
    // How the kernel names such a clock: CPUCLOCK_PERTHREAD | CPUCLOCK_SCHED of `linux/posix-timers.h`.
    const clock = (~thread << 3) | 4 | 2;
    const time = new BigInt64Array(2);
    const result = this.#library.symbols.clock_gettime(clock, new Uint8Array(time.buffer));
    const [seconds = 0n, nanoseconds = 0n] = time;
    return result < 0 ? undefined : seconds * 1_000_000_000n + nanoseconds;
  }

  /** Makes reads from `fd` answer EAGAIN where they would wait. */
  setNonblocking(fd: number): void {
    const flags = this.#library.symbols.fcntl(fd, F_GETFL, 0);
    this.#library.symbols.fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  }

  /** Lets children inherit `fd`. */
  setInheritable(fd: number): void {
    this.#library.symbols.fcntl(fd, F_SETFD, 0);
  }

  /** Reads at most `size` bytes to the start of `bytes`. `size` is a bigint because that is the fast way in. */
  read(fd: number, bytes: Uint8Array<ArrayBuffer>, size: bigint): number {
    const result = this.#library.symbols.read(fd, bytes, size);
    return result < 0 ? -this.#errno.getInt32() : result;
  }

  /** Writes all of `bytes`. */
  write(fd: number, bytes: Uint8Array<ArrayBuffer>): number {
    return this.#result(this.#library.symbols.write(fd, bytes, BigInt(bytes.length)));
  }

  /** Writes all of `bytes` on another thread, which may wait; -1 where it failed, for whatever reason. */
  writeLater(fd: number, bytes: Uint8Array<ArrayBuffer>): Promise<number> {
    return this.#library.symbols.writeLater(fd, bytes, BigInt(bytes.length));
  }

  /** Waits on another thread, at most `timeout` milliseconds, until `fd` is readable or broken. */
  async pollLater(fd: number, timeout: number): Promise<number> {
    const entry = new DataView(new ArrayBuffer(8));
    entry.setInt32(0, fd, true);
    entry.setInt16(4, POLL.IN, true);
    await this.#library.symbols.pollLater(new Uint8Array(entry.buffer), 1n, timeout);
    return entry.getInt16(6, true);
  }

  /** Resolves after `milliseconds`, by a `poll(2)` of nothing on another thread. */
  async sleep(milliseconds: number): Promise<void> {
    await this.#library.symbols.pollLater(new Uint8Array(8), 0n, milliseconds);
  }

  /** `mount(2)` with `MS_NOSUID | MS_NODEV`. */
  mount(source: string, target: string, type: string, options: string): number {
    return this.#result(
      this.#library.symbols.mount(text(source), text(target), text(type), 6n, text(options)),
    );
  }

  /** `umount2(2)` on another thread; -1 where it failed. With `force` whoever uses the mount gets errors. */
  umountLater(target: string, force: boolean): Promise<number> {
    return this.#library.symbols.umount2Later(text(target), force ? MNT_FORCE_DETACH : 0);
  }

  /** Two connected Unix sockets, not inherited by children. */
  socketpair(): [number, number] {
    const ends = new Int32Array(2);
    const result = this.#library.symbols.socketpair(
      AF_UNIX,
      SOCK_STREAM | SOCK_CLOEXEC,
      0,
      new Uint8Array(ends.buffer),
    );
    if (result < 0) throw new SystemError("socketpair", this.#errno.getInt32());
    const [ours = -1, theirs = -1] = ends;
    return [ours, theirs];
  }

  /** The path that the Unix socket `fd` is bound to; undefined where it is none, or has none. */
  socketPath(fd: number): string | undefined {
    const name = new Uint8Array(SOCKADDR_UN);
    const length = new Uint32Array([SOCKADDR_UN]);
    const result = this.#library.symbols.getsockname(fd, name, new Uint8Array(length.buffer));
    if (result < 0 || new DataView(name.buffer).getUint16(0, true) !== AF_UNIX) return undefined;
    const path = name.subarray(2, length[0]);
    const end = path.indexOf(0);
    return new TextDecoder().decode(end < 0 ? path : path.subarray(0, end)) || undefined;
  }

  /** The user that connected to the Unix socket `fd`, as it was then (unix(7)); undefined where nobody did. */
  peerUser(fd: number): number | undefined {
    const credentials = new Uint32Array(3); // struct ucred: process, user, group
    const length = new Uint8Array(new Uint32Array([credentials.byteLength]).buffer);
    const bytes = new Uint8Array(credentials.buffer);
    const result = this.#library.symbols.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, bytes, length);
    return result < 0 ? undefined : credentials[1];
  }

  /** Ends the connection `fd` for both sides; whoever has the descriptor closes it. */
  hangUp(fd: number): void {
    this.#library.symbols.shutdown(fd, SHUT_RDWR);
  }

  /** The descriptor that lies ready in a Unix socket; a negated errno, or -EBADF where there is none. */
  receiveDescriptor(socket: number): number {
    const data = new Uint8Array(8);
    const control = new Uint8Array(64);
    const vector = new BigUint64Array([address(data), BigInt(data.length)]);
    const head = new Uint8Array(56); // struct msghdr on 64-bit machines
    const view = new DataView(head.buffer);
    view.setBigUint64(16, address(vector), true);
    view.setBigUint64(24, 1n, true);
    view.setBigUint64(32, address(control), true);
    view.setBigUint64(40, BigInt(control.length), true);
    const result = this.#result(this.#library.symbols.recvmsg(socket, head, RECEIVE_FLAGS));
    if (result < 0) return result;
    const header = new DataView(control.buffer); // struct cmsghdr, then the descriptor
    const whole = view.getBigUint64(40, true) >= 20n && header.getInt32(12, true) === 1; // SCM_RIGHTS
    return whole ? header.getInt32(16, true) : -9;
  }

  #result(value: number): number {
    return value < 0 ? -this.#errno.getInt32() : value;
  }
}

function address(bytes: Uint8Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>): bigint {
  return BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)));
}

let opened: Libc | undefined;

/**
 * The C library, opened once in a process.
 *
 * @throws {Error} where none of {@linkcode LIBC_CANDIDATES} opens
 */
export function libc(): Libc {
  opened ??= openFirst();
  return opened;
}

function openFirst(): Libc {
  let reason: unknown;
  for (const path of LIBC_CANDIDATES) {
    try {
      return new Libc(path);
    } catch (error) {
      // A permission that is missing says more than a file that is missing, as most of them are anywhere.
      if (reason === undefined || error instanceof Deno.errors.NotCapable) reason = error;
    }
  }
  throw new Error(`the C library does not open: looked at ${LIBC_CANDIDATES.join(", ")}`, { cause: reason });
}
