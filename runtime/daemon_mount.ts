/**
 * A daemon's tree on its mount point: made, and taken away.
 *
 * @module
 */
import { type FileSystem, type Mount, mount, MountError } from "../fuse/mod.ts";
import { messageOf, OmnifsError } from "./base/errors.ts";
import type { Log } from "./base/log.ts";
import type { DaemonOptions } from "./control/options.ts";
import { Announcements } from "./vfs/announcements.ts";
import type { Kernel } from "./vfs/kernels.ts";
import type { OmnifsFileSystem, TreeParts } from "./vfs/filesystem.ts";

/** What is mounted. */
export interface MountedTree extends TreeParts {
  /** The live tree: only there is something announced. */
  readonly live: OmnifsFileSystem;
  /** Who answers the kernel: the live tree, and the drafts over it. */
  readonly filesystem: FileSystem;
  /** What the kernel holds of it, and who is told. */
  readonly kernel: Kernel;
}

/**
 * Mounts `tree` at `dir`. From then on whoever watches the mount by inotify is told of what changes upstream, until the
 * mount ends.
 *
 * @throws {OmnifsError} where it cannot be mounted
 */
export async function attach(
  dir: string,
  { allowOther, inotify = "auto" }: DaemonOptions,
  tree: MountedTree,
  log: Log,
): Promise<Mount> {
  const mounted = await mounting(dir, tree.filesystem, allowOther, log);
  const announcements = new Announcements({
    ...tree,
    filesystem: tree.live,
    stage: () => mounted,
    mode: inotify,
  });
  tree.kernel.witness = announcements;
  mounted.done.then(() => announcements.close());
  return mounted;
}

/** Takes the mount away. @throws {OmnifsError} where somebody uses it, unless `force` */
export async function release(mounted: Mount, force: boolean): Promise<void> {
  try {
    await mounted.unmount({ force });
  } catch (error) {
    const { dir } = mounted;
    throw new OmnifsError("unavailable", messageOf(error), {
      op: "unmount",
      path: dir,
      mend: `leave it (fuser -vm ${dir} tells who is there), or omnifs unmount --force ${dir}`,
      cause: error,
    });
  }
}

async function mounting(
  dir: string,
  filesystem: FileSystem,
  allowOther: boolean,
  log: Log,
): Promise<Mount> {
  try {
    return await mount(dir, filesystem, {
      allowOther,
      // Everything is readable by whoever may enter, and a write has to be EROFS rather than EACCES.
      defaultPermissions: false,
      onError: (error: unknown) => log.error(`the file system failed: ${messageOf(error)}`),
    });
  } catch (error) {
    throw new OmnifsError("unavailable", messageOf(error), {
      op: "mount",
      path: dir,
      mend: (error instanceof MountError ? error.mend : undefined) ?? "omnifs doctor",
      cause: error,
    });
  }
}
