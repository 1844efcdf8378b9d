/**
 * Where the C library is, and the functions of it that the binding calls, as Deno's FFI wants them described. Those named `…Later` run on
 * another thread.
 *
 * @module
 */

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

/** The absolute paths that `libc` may open, for `--allow-ffi`. */
export const LIBC_CANDIDATES: readonly string[] = CANDIDATES[Deno.build.arch];

/** Name, parameters and result of each; the C library's manual pages say what they do. */
export const SYMBOLS = {
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
  readlink: { parameters: ["buffer", "buffer", "usize"], result: "isize" },
  prctl: { parameters: ["i32", "usize", "usize", "usize", "usize"], result: "i32" },
  opendir: { parameters: ["buffer"], result: "pointer" },
  readdir: { parameters: ["pointer"], result: "pointer" },
  closedir: { parameters: ["pointer"], result: "i32" },
  getpriority: { parameters: ["i32", "u32"], result: "i32" },
  setpriority: { parameters: ["i32", "u32", "i32"], result: "i32" },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  __errno_location: { parameters: [], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;
