/**
 * A mounted file system, from `mount` to its end.
 *
 * @module
 */
import { Announcer } from "./announcer.ts";
import { attach, detach } from "./attach.ts";
import { Connection, type Ending } from "./connection.ts";
import { MAX_TRANSFER } from "./constants.ts";
import type { FileSystem } from "./filesystem.ts";
import { libc } from "./libc.ts";
import { MountError } from "./mount_error.ts";
import { mountAt, type MountInfo, readMounts, setReadAhead } from "./mountinfo.ts";
import type { Notifier } from "./notify.ts";
import { checkTarget } from "./target.ts";
import { type Watched, watchedInodes } from "./watchers.ts";

/** The type of our mounts after `fuse.`, unless another is asked for. */
export const SUBTYPE = "omnifs";

/** How long an announcement may take when the mount ends, in milliseconds. */
const ANNOUNCED_WITHIN = 1_000;

/** How to mount. */
export interface MountOptions {
  /** The type after `fuse.`; {@linkcode SUBTYPE} by default. */
  readonly subtype?: string;
  /** What `mount` and `df` show as the source; the subtype by default. */
  readonly source?: string;
  /** Other users may enter too; false by default. Without root, `/etc/fuse.conf` must allow it. */
  readonly allowOther?: boolean;
  /** The kernel checks owner and mode, and never asks `access`; true by default. */
  readonly defaultPermissions?: boolean;
  /** Hears what the file system threw, with the operation's name. */
  readonly onError?: (error: unknown, operation: string) => void;
}

/** A file system that is mounted. */
export interface Mount {
  /** Where, as an absolute path without symbolic links. */
  readonly dir: string;
  /** The number of its control files, `/sys/fs/fuse/connections/{connection}`. */
  readonly connection: number;
  /** Resolves when the mount has ended, by whomever; never rejects. */
  readonly done: Promise<Ending>;
  /** Tells the kernel what is out of date. Call it after the change, and do not wait for it in a request. */
  readonly notify: Notifier;
  /** Makes those who watch by inotify see a change. Call it after the kernel was told, and never in a request. */
  readonly announcer: Announcer;
  /** What somebody watches by inotify here, as far as this process may know. */
  watched(): Promise<Watched>;
  /** How many requests came and notifications went so far, by name, as `READ` or `NOTIFY_INVAL_INODE`. */
  counters(): Record<string, number>;
  /**
   * Takes the mount away and waits for its end.
   *
   * @param options with `force` even while it is in use: users of open files get errors
   * @throws {MountError} `busy` where somebody uses it and `force` is not set
   */
  unmount(options?: { readonly force?: boolean }): Promise<void>;
}

/**
 * Mounts `filesystem` at `dir` and serves it until it is unmounted.
 *
 * @returns when the kernel and the binding have agreed on a protocol, so the mount answers
 * @throws {MountError} where it cannot be mounted
 */
export async function mount(dir: string, filesystem: FileSystem, options: MountOptions = {}): Promise<Mount> {
  const target = await checkTarget(dir);
  const subtype = options.subtype ?? SUBTYPE;
  const fd = await attach(target, {
    subtype,
    source: options.source ?? subtype,
    allowOther: options.allowOther ?? false,
    defaultPermissions: options.defaultPermissions ?? true,
  });
  const ready = Promise.withResolvers<void>();
  const { onError } = options;
  const connection = new Connection(libc(), fd, filesystem, {
    ...(onError === undefined ? {} : { onError }),
    onReady: ready.resolve,
  });
  const done = connection.run();
  await Promise.race([ready.promise, done.then((ending) => refuse(target, ending))]);
  const number = mountAt(target)?.connection ?? 0;
  setReadAhead(number, MAX_TRANSFER / 1024);
  const { notify } = connection;
  const announcer = new Announcer({
    libc: libc(),
    dir: target,
    connection: number,
    notify,
    quiet: (nodeid) => connection.quiet(nodeid),
    stage: (change) => connection.stage(change),
  });
  const ended = { dir: target, connection: number, done, announcer, stop: () => connection.stop() };
  return {
    dir: target,
    connection: number,
    done,
    notify,
    announcer,
    watched: () => watchedInodes(number),
    counters: () => connection.counters(),
    unmount: ({ force = false } = {}) => unmount(ended, force),
  };
}

function refuse(dir: string, ending: Ending): never {
  throw new MountError(
    "failed",
    `${dir}: the mount ended before it began (${ending.error?.message ?? ending.reason})`,
  );
}

async function unmount(mounted: Unmountable, force: boolean): Promise<void> {
  // An announcement uses the mount for a moment; one that hangs there ends with it.
  await Promise.race([mounted.announcer.pause(), libc().sleep(ANNOUNCED_WITHIN)]);
  const here = mountAt(mounted.dir);
  try {
    if (here?.connection === mounted.connection) await detach(mounted.dir, force);
  } catch (error) {
    mounted.announcer.resume();
    throw error;
  }
  if (force) mounted.stop();
  await mounted.done;
}

/** What it takes to end a mount. */
interface Unmountable extends Pick<Mount, "dir" | "connection" | "done" | "announcer"> {
  /** Ends the service even where the kernel still has users of the mount. */
  readonly stop: () => void;
}

/** The mounts of ours (or of another `subtype`) that this process sees, whoever serves them, dead ones too. */
export function listMounts(subtype = SUBTYPE): MountInfo[] {
  return readMounts().filter((mounted) => mounted.type === `fuse.${subtype}`);
}
