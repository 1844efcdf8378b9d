/**
 * The few calls into the C library that the binding needs; the only file that opens a library.
 *
 * @module
 */
import { LIBC_CANDIDATES, SYMBOLS } from "./libc_symbols.ts";

/** `POLLIN`, `POLLERR`, `POLLHUP`, `POLLNVAL` of `asm-generic/poll.h`. */
const POLL = { IN: 1, ERR: 8, HUP: 16, NVAL: 32 } as const;

/** Flags of `open(2)` and `fcntl(2)`, from `asm-generic/fcntl.h`. */
const O_RDONLY = 0;
const O_WRONLY = 1;
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

  /** Opens a file that is there for writing, not inherited by children. */
  openForWriting(path: string): number {
    return this.#result(this.#library.symbols.open(text(path), O_WRONLY | O_CLOEXEC));
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
      names.push(Deno.UnsafePointerView.getCString(entry, DIRENT_NAME));
    }
    closedir(stream);
    return names.filter((name) => name !== "." && name !== "..");
  }

  /** The same, and none where it cannot be read. */
  names(path: string): string[] {
    try {
      return this.readNames(path);
    } catch {
      return [];
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
