/**
 * Puts a mount into the tree and takes it away: as root by `mount(2)`, otherwise through the setuid
 * program `fusermount3`, which hands back the device over a socket.
 *
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import { ERRNO, errnoName } from "./errno.ts";
import { type Libc, libc } from "./libc.ts";
import { abortConnection, isFuse, mountAt, type MountInfo } from "./mountinfo.ts";

/** Why a mount could not be made or taken away. */
export type MountErrorKind =
  | "no-device"
  | "no-permission"
  | "no-fusermount"
  | "not-a-directory"
  | "already-mounted"
  | "stale"
  | "busy"
  | "failed";

/** A failure to mount or unmount, in words for people, with what to do about it. */
export class MountError extends Error {
  /** Which of the known reasons. */
  readonly kind: MountErrorKind;
  /** What to run or change next. */
  readonly mend: string | undefined;

  /** A failure of `kind`, told as `message`. */
  constructor(kind: MountErrorKind, message: string, mend?: string) {
    super(message);
    this.name = "MountError";
    this.kind = kind;
    this.mend = mend;
  }
}

/** How the mount presents itself. */
export interface AttachOptions {
  /** The type after `fuse.`, as `mount` and `df` show it. */
  readonly subtype: string;
  /** What is mounted, as `mount` and `df` show it. */
  readonly source: string;
  /** Other users may enter too. Without root, `/etc/fuse.conf` must allow it. */
  readonly allowOther: boolean;
  /** The kernel checks owner and mode; otherwise the file system's `access` decides. */
  readonly defaultPermissions: boolean;
}

const DEVICE = "/dev/fuse";

/**
 * Mounts at `dir`, an absolute path without symbolic links that {@linkcode checkTarget} approved of.
 *
 * @returns the descriptor of the device
 * @throws {MountError}
 */
export async function attach(dir: string, options: AttachOptions): Promise<number> {
  await checkDevice();
  if (Deno.uid() === 0) {
    const fd = attachAsRoot(libc(), dir, options);
    if (fd !== undefined) return fd;
  }
  return await attachAsUser(libc(), dir, options);
}

async function checkDevice(): Promise<void> {
  try {
    await Deno.lstat(DEVICE);
  } catch {
    throw new MountError(
      "no-device",
      `${DEVICE}: does not exist`,
      "modprobe fuse, or give the container --device /dev/fuse",
    );
  }
}

/** `undefined` where this root may not mount, as in most containers. */
function attachAsRoot(c: Libc, dir: string, options: AttachOptions): number | undefined {
  const fd = c.open(DEVICE);
  if (fd < 0) {
    throw new MountError(
      "no-permission",
      `${DEVICE}: ${errnoName(-fd)}`,
      "give the container --device /dev/fuse",
    );
  }
  const result = c.mount(options.source, dir, `fuse.${options.subtype}`, kernelOptions(fd, options));
  if (result >= 0) return fd;
  c.close(fd);
  if (result === -ERRNO.EPERM) return undefined;
  throw new MountError("failed", `${dir}: mount answered ${errnoName(-result)}`);
}

/** `Documentation/filesystems/fuse.rst`, "Mount options". */
function kernelOptions(fd: number, options: AttachOptions): string {
  const list = [`fd=${fd}`, "rootmode=40000", `user_id=${Deno.uid()}`, `group_id=${Deno.gid()}`];
  return [...list, ...commonOptions(options)].join(",");
}

function commonOptions({ allowOther, defaultPermissions }: AttachOptions): string[] {
  return [...(defaultPermissions ? ["default_permissions"] : []), ...(allowOther ? ["allow_other"] : [])];
}

/** The protocol of `fusermount3`: the descriptor comes over the socket whose number `_FUSE_COMMFD` names. */
async function attachAsUser(c: Libc, dir: string, options: AttachOptions): Promise<number> {
  const { subtype, source } = options;
  const list = [`fsname=${source}`, `subtype=${subtype}`, "nosuid", "nodev", ...commonOptions(options)];
  const [ours, theirs] = c.socketpair();
  try {
    c.setInheritable(theirs);
    await fusermount(
      ["-o", list.join(","), "--", dir],
      { _FUSE_COMMFD: String(theirs) },
      () => c.close(theirs),
    );
    const fd = c.receiveDescriptor(ours);
    if (fd < 0) throw new MountError("failed", `fusermount3: handed over no device (${errnoName(-fd)})`);
    return fd;
  } finally {
    c.close(ours);
  }
}

/** Runs `fusermount3`; `started` is called as soon as it runs, or could not be run. */
async function fusermount(args: string[], env: Record<string, string>, started = () => {}): Promise<void> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command("fusermount3", { args, env, stdin: "null", stdout: "null", stderr: "piped" })
      .spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new MountError("no-fusermount", "fusermount3: not found", "install fuse3, or run as root");
  } finally {
    started();
  }
  const { success, stderr } = await child.output();
  if (success) return;
  const said = new TextDecoder().decode(stderr).trim().replace(/^(\S*fusermount3: )+/, "");
  throw new MountError(
    kindOf(said),
    `fusermount3: ${said === "" ? "failed without a word" : said}`,
    mendOf(said),
  );
}

/** What `fusermount3` says (`util/fusermount.c` of libfuse), by its words. */
const SAYINGS: readonly [said: RegExp, kind: MountErrorKind, mend: string | undefined][] = [
  [/failed to open \/dev\/fuse: Permission/, "no-permission", "as root: chmod 666 /dev/fuse"],
  [/user_allow_other/, "no-permission", "add the line user_allow_other to /etc/fuse.conf"],
  [/busy/i, "busy", "close what uses it, or force it"],
  [
    /not permitted|permission denied|no write access|user has no/i,
    "no-permission",
    "mount on a directory of your own",
  ],
  [/device not found|modprobe/i, "no-device", "modprobe fuse, or give the container --device /dev/fuse"],
];

function kindOf(said: string): MountErrorKind {
  return SAYINGS.find(([words]) => words.test(said))?.[1] ?? "failed";
}

function mendOf(said: string): string | undefined {
  return SAYINGS.find(([words]) => words.test(said))?.[2];
}

/**
 * Whether something can be mounted at `dir`.
 *
 * @returns the absolute path without symbolic links
 * @throws {MountError} `not-a-directory`, `already-mounted` (a living FUSE mount) or `stale` (one whose
 * server is gone)
 */
export async function checkTarget(dir: string): Promise<string> {
  const known = await mountAt(await parentResolved(dir));
  if (known !== undefined && isFuse(known)) throw await occupied(known);
  let real: string;
  try {
    real = await Deno.realPath(dir);
    if (!(await Deno.stat(real)).isDirectory) {
      throw new MountError("not-a-directory", `${dir}: is not a directory`);
    }
  } catch (error) {
    if (error instanceof MountError) throw error;
    if (error instanceof Deno.errors.NotFound) {
      throw new MountError("not-a-directory", `${dir}: does not exist`, `mkdir -p ${dir}`);
    }
    throw new MountError("no-permission", `${dir}: ${error instanceof Error ? error.message : error}`);
  }
  const mounted = await mountAt(real);
  if (mounted !== undefined && isFuse(mounted)) throw await occupied(mounted);
  return real;
}

/** `dir` with its parent resolved, but itself untouched, since it may be a mount that does not answer. */
async function parentResolved(dir: string): Promise<string> {
  const absolute = resolve(dir);
  const parent = dirname(absolute);
  return join(await Deno.realPath(parent).catch(() => parent), basename(absolute));
}

/** The error for a FUSE mount that is in the way. */
async function occupied({ dir, type, connection }: MountInfo): Promise<MountError> {
  if (await probe(dir) === "gone") {
    const mend = `fusermount3 -u ${dir}, or as root: umount ${dir}`;
    return new MountError(
      "stale",
      `${dir}: Transport endpoint is not connected: the server of a ${type} mount is gone`,
      mend,
    );
  }
  const mend = `unmount it first; if it hangs: echo 1 > /sys/fs/fuse/connections/${connection}/abort`;
  return new MountError("already-mounted", `${dir}: a ${type} is mounted there`, mend);
}

/** How long a mount may take to show that it lives, in milliseconds. */
const PROBE_DEADLINE = 2000;
/** Milliseconds between two looks at whether it did. */
const PROBE_STEP = 50;

/** Looks up a name that nobody can have cached; a server that is gone cannot say that it is absent. */
async function probe(dir: string): Promise<"alive" | "gone" | "silent"> {
  let answer: "alive" | "gone" | undefined;
  const asked = Deno.lstat(join(dir, `.${crypto.randomUUID()}`)).then(
    () => answer = "alive",
    (error) => answer = isDisconnected(error) ? "gone" : "alive",
  );
  for (let waited = 0; waited < PROBE_DEADLINE && answer === undefined; waited += PROBE_STEP) {
    await Promise.race([asked, libc().sleep(PROBE_STEP)]);
  }
  return answer ?? "silent";
}

function isDisconnected(error: unknown): boolean {
  return error instanceof Error && error.message.includes(`os error ${ERRNO.ENOTCONN}`);
}

/**
 * Takes away the mount at `dir`; nothing happens where there is none.
 *
 * @param force take it away even while somebody uses it, who then gets errors
 * @throws {MountError} `busy`, `no-permission` or `failed`
 */
export async function detach(dir: string, force: boolean): Promise<void> {
  if (await mountAt(dir) === undefined) return;
  if (Deno.uid() === 0 && await libc().umountLater(dir, force) >= 0) return;
  if (await mountAt(dir) === undefined) return;
  if (Deno.uid() === 0) {
    throw new MountError("busy", `${dir}: is in use`, `close what uses it (fuser -vm ${dir}), or force it`);
  }
  await fusermount(force ? ["-u", "-z", "--", dir] : ["-u", "--", dir], {});
}

/**
 * Takes away a mount whose server is gone or hangs: aborts its connection, where that is permitted, and
 * detaches it even while it is in use.
 *
 * @throws {MountError} `no-permission` or `failed`; also where there is no FUSE mount at `dir`
 */
export async function forceUnmount(dir: string): Promise<void> {
  const path = await parentResolved(dir);
  const mounted = await mountAt(path);
  if (mounted === undefined || !isFuse(mounted)) {
    throw new MountError("failed", `${dir}: no FUSE file system is mounted there`);
  }
  await abortConnection(mounted.connection);
  await detach(path, true);
}
