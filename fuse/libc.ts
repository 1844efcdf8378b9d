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
  recvmsg: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  openLater: { name: "open", parameters: ["buffer", "i32"], result: "i32", nonblocking: true },
  openat2Later: {
    name: "syscall",
    parameters: ["i64", "i64", "buffer", "buffer", "usize"],
    result: "i64",
    nonblocking: true,
  },
  truncateLater: { name: "truncate", parameters: ["buffer", "i64"], result: "i32", nonblocking: true },
  mknodatLater: {
    name: "syscall",
    parameters: ["i64", "i64", "buffer", "u64", "u64"],
    result: "i64",
    nonblocking: true,
  },
  mkdiratLater: { name: "mkdirat", parameters: ["i32", "buffer", "u32"], result: "i32", nonblocking: true },
  unlinkatLater: { name: "unlinkat", parameters: ["i32", "buffer", "i32"], result: "i32", nonblocking: true },
  renameatLater: {
    name: "renameat",
    parameters: ["i32", "buffer", "i32", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  access: { parameters: ["buffer", "i32"], result: "i32" },
  opendir: { parameters: ["buffer"], result: "pointer" },
  readdir: { parameters: ["pointer"], result: "pointer" },
  closedir: { parameters: ["pointer"], result: "i32" },
  readlink: { parameters: ["buffer", "buffer", "usize"], result: "isize" },
  prctl: { parameters: ["i32", "usize", "usize", "usize", "usize"], result: "i32" },
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
/** The same for x86_64 and aarch64. */
const O_PATH = 0o10000000;
const O_DIRECTORY = Deno.build.arch === "aarch64" ? 0o40000 : 0o200000;
/** `AT_REMOVEDIR` of `fcntl.h`. */
const AT_REMOVEDIR = 0x200;
/** `RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH` of `linux/openat2.h`. */
const RESOLVE_INSIDE = 0x01 | 0x04 | 0x08;
/** Numbers of `openat2(2)` and `mknodat(2)`: old C libraries have no function for them. */
const SYSCALL = Deno.build.arch === "aarch64"
  ? { openat2: 437n, mknodat: 33n }
  : { openat2: 437n, mknodat: 259n };
/** Where `d_name` begins in `struct dirent` of 64-bit machines, in glibc and musl. */
const DIRENT_NAME = 19;
/** `AF_UNIX`, `SOCK_STREAM` and `SOCK_CLOEXEC` of `sys/socket.h`. */
const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = O_CLOEXEC;
/** `MSG_DONTWAIT | MSG_CMSG_CLOEXEC` of `sys/socket.h`. */
const RECEIVE_FLAGS = 0x40 | 0x40000000;
/** `MNT_FORCE | MNT_DETACH` of `sys/mount.h`: end the connection, and go even while in use. */
const MNT_FORCE_DETACH = 1 | 2;

/** `PR_SET_DUMPABLE` of `linux/prctl.h`. */
const PR_SET_DUMPABLE = 4;

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
  readonly #used = new Set<readonly Uint8Array[]>();

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

  /** Closes a descriptor. */
  close(fd: number): void {
    this.#library.symbols.close(fd);
  }

  /** Keeps this process out of core files, and its memory from other processes of its user. @throws {SystemError} */
  forbidDump(): void {
    const result = this.#result(this.#library.symbols.prctl(PR_SET_DUMPABLE, 0n, 0n, 0n, 0n));
    if (result < 0) throw new SystemError("prctl PR_SET_DUMPABLE", -result);
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
    return this.#keeping([bytes], this.#library.symbols.writeLater(fd, bytes, BigInt(bytes.length)));
  }

  /** Waits on another thread, at most `timeout` milliseconds, until `fd` is readable or broken. */
  async pollLater(fd: number, timeout: number): Promise<number> {
    const entry = new DataView(new ArrayBuffer(8));
    entry.setInt32(0, fd, true);
    entry.setInt16(4, POLL.IN, true);
    const bytes = new Uint8Array(entry.buffer);
    await this.#keeping([bytes], this.#library.symbols.pollLater(bytes, 1n, timeout));
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
    const bytes = text(target);
    return this.#keeping([bytes], this.#library.symbols.umount2Later(bytes, force ? MNT_FORCE_DETACH : 0));
  }

  /**
   * The directory `path`, only to be named in other calls; -1 where it failed. On another thread, since the file system
   * of that directory may be ours.
   */
  openDirectoryLater(path: string): Promise<number> {
    const bytes = text(path);
    return this.#keeping([bytes], this.#library.symbols.openLater(bytes, O_PATH | O_DIRECTORY | O_CLOEXEC));
  }

  /**
   * The same for `path` below the directory `fd`, which may lead neither out of it nor to another mount (`openat2(2)`,
   * Linux 5.6).
   */
  async openInsideLater(fd: number, path: string): Promise<number> {
    // struct open_how: flags, mode, resolve
    const fields = new BigUint64Array([BigInt(O_PATH | O_DIRECTORY | O_CLOEXEC), 0n, BigInt(RESOLVE_INSIDE)]);
    const [name, how] = [text(path), new Uint8Array(fields.buffer)];
    const { openat2Later } = this.#library.symbols;
    const call = openat2Later(SYSCALL.openat2, BigInt(fd), name, how, BigInt(how.length));
    return Number(await this.#keeping([name, how], call));
  }

  /** `truncate(2)` on another thread; -1 where it failed. */
  truncateLater(path: string, size: number): Promise<number> {
    const bytes = text(path);
    return this.#keeping([bytes], this.#library.symbols.truncateLater(bytes, BigInt(size)));
  }

  /** `mknodat(2)` on another thread; -1 where it failed. */
  async mknodatLater(fd: number, name: string, mode: number): Promise<number> {
    const bytes = text(name);
    const { mknodatLater } = this.#library.symbols;
    const call = mknodatLater(SYSCALL.mknodat, BigInt(fd), bytes, BigInt(mode), 0n);
    return Number(await this.#keeping([bytes], call));
  }

  /** `mkdirat(2)` on another thread; -1 where it failed. */
  mkdiratLater(fd: number, name: string, mode: number): Promise<number> {
    const bytes = text(name);
    return this.#keeping([bytes], this.#library.symbols.mkdiratLater(fd, bytes, mode));
  }

  /** `unlinkat(2)` of a file or an empty directory, on another thread; -1 where it failed. */
  unlinkatLater(fd: number, name: string, directory: boolean): Promise<number> {
    const bytes = text(name);
    const call = this.#library.symbols.unlinkatLater(fd, bytes, directory ? AT_REMOVEDIR : 0);
    return this.#keeping([bytes], call);
  }

  /** `renameat(2)` on another thread; -1 where it failed. */
  renameatLater(from: number, name: string, to: number, newName: string): Promise<number> {
    const [old, bytes] = [text(name), text(newName)];
    return this.#keeping([old, bytes], this.#library.symbols.renameatLater(from, old, to, bytes));
  }

  /** True where `tid` is a thread of this process. */
  isOwnThread(tid: number): boolean {
    return tid > 0 && this.#library.symbols.access(text(`/proc/self/task/${tid}`), 0) === 0;
  }

  /** The names in a directory of the kernel, without the dots; none where it cannot be read. */
  names(path: string): string[] {
    const directory = this.#library.symbols.opendir(text(path));
    if (directory === null) return [];
    const names: string[] = [];
    for (let entry = this.#next(directory); entry !== null; entry = this.#next(directory)) {
      const name = Deno.UnsafePointerView.getCString(entry, DIRENT_NAME);
      if (name !== "." && name !== "..") names.push(name);
    }
    this.#library.symbols.closedir(directory);
    return names;
  }

  /** Where a symbolic link leads, at most 255 bytes of it; empty where it cannot be read. */
  link(path: string): string {
    const bytes = new Uint8Array(255);
    const length = Number(this.#library.symbols.readlink(text(path), bytes, BigInt(bytes.length)));
    return length < 0 ? "" : new TextDecoder().decode(bytes.subarray(0, length));
  }

  /** What `call` comes to; another thread uses `bytes` until then, and does not keep them by itself. */
  async #keeping<Value>(bytes: readonly Uint8Array[], call: Promise<Value>): Promise<Value> {
    this.#used.add(bytes);
    try {
      return await call;
    } finally {
      this.#used.delete(bytes);
    }
  }

  #next(directory: Deno.PointerValue): Deno.PointerObject | null {
    return this.#library.symbols.readdir(directory);
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
