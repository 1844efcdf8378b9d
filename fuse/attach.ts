/**
 * Puts a mount into the tree and takes it away: as root by `mount(2)`, otherwise through the setuid
 * program `fusermount3`, which hands back the device over a socket.
 *
 * @module
 */
import { ERRNO, errnoName } from "./errno.ts";
import { fusermount } from "./fusermount.ts";
import { type Libc, libc } from "./libc.ts";
import { MountError } from "./mount_error.ts";
import { abortConnection, isFuse, mountAt } from "./mountinfo.ts";
import { parentResolved } from "./target.ts";

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
  checkDevice(libc());
  if (Deno.uid() === 0) {
    const fd = attachAsRoot(libc(), dir, options);
    if (fd !== undefined) return fd;
  }
  return await attachAsUser(libc(), dir, options);
}

/** Through the C library: Deno lets nobody look at a device who has given up any permission. */
function checkDevice(c: Libc): void {
  const fd = c.open(DEVICE);
  if (fd >= 0) c.close(fd);
  // Who may not open it may still mount: fusermount3 opens it with the rights of root.
  if (fd !== -ERRNO.ENOENT) return;
  throw new MountError(
    "no-device",
    `${DEVICE}: does not exist`,
    "modprobe fuse, or give the container --device /dev/fuse",
  );
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

/**
 * Takes away the mount at `dir`; nothing happens where there is none.
 *
 * @param force take it away even while somebody uses it, who then gets errors
 * @throws {MountError} `busy`, `no-permission` or `failed`
 */
export async function detach(dir: string, force: boolean): Promise<void> {
  if (mountAt(dir) === undefined) return;
  if (Deno.uid() === 0 && await libc().umountLater(dir, force) >= 0) return;
  if (mountAt(dir) === undefined) return;
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
  const mounted = mountAt(path);
  if (mounted === undefined || !isFuse(mounted)) {
    throw new MountError("failed", `${dir}: no FUSE file system is mounted there`);
  }
  abortConnection(mounted.connection);
  await detach(path, true);
}
