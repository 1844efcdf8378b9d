/**
 * Makes changes visible to those who watch a mount by inotify.
 *
 * No notification of the protocol raises an event there. A real system call does: so this process makes one on its own
 * mount, on another thread, and the session answers it as already done (`scene.ts`). One at a time, and never for
 * anybody else: whatever another process would change is refused as ever.
 *
 * A path is never trusted to lead into the mount: the directory is opened first, found to be of this mount, and the call
 * is made relative to it. Otherwise a call that arrives after an unmount would change the files underneath.
 *
 * @module
 */
import type { Libc } from "./libc.ts";
import { readMounts } from "./mountinfo.ts";
import type { Notifier, Quiet } from "./notify.ts";
import type { Change } from "./scene.ts";

/** Announcements that may wait for their turn; more are not made. */
const MOST_WAITING = 256;

/** How often one is tried: somebody may look the new name up in between, which then is there already. */
const TRIES = 3;

/** Bits of a new node that the kernel compares with its type. */
const NEW_FILE = 0o100444;
const NEW_DIRECTORY = 0o555;

/** Where a change took place, as the path of its directory from the root of the mount; empty for the root. */
export interface Where {
  /** The directory of the name. */
  readonly directory: string;
  /** The directory of the new name, where the name is another one now. */
  readonly newDirectory?: string;
}

/** What an {@linkcode Announcer} needs of a mount. */
export interface AnnouncerParts {
  /** The calls. */
  readonly libc: Libc;
  /** Where it is mounted. */
  readonly dir: string;
  /** The number of its connection. */
  readonly connection: number;
  /** Drops names that the kernel knows already. */
  readonly notify: Notifier;
  /** Tells when no request holds a lock that a call needs: whoever else wants it would have to wait behind the call. */
  readonly quiet: Quiet;
  /** From now on the session answers our own threads as `change` has it; as anybody where it is undefined. */
  readonly stage: (change: Change | undefined) => void;
}

/** Announces changes that have happened. */
export class Announcer {
  readonly #parts: AnnouncerParts;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();
  #paused = false;

  /** Announces on one mount. */
  constructor(parts: AnnouncerParts) {
    this.#parts = parts;
  }

  /**
   * Makes whoever watches see `change`, after those before it. Resolves to false where that was not possible; never
   * rejects, and is not to be waited for in a request.
   */
  announce(change: Change, where: Where): Promise<boolean> {
    if (this.#paused || this.#waiting >= MOST_WAITING) return Promise.resolve(false);
    this.#waiting++;
    const turn = this.#last.then(() => this.#paused ? false : this.#perform(change, where)).catch(() =>
      false
    );
    this.#last = turn.finally(() => this.#waiting--);
    return turn;
  }

  /** Makes no announcement until {@linkcode resume}, not even of what waits; resolves when none is under way. */
  async pause(): Promise<void> {
    this.#paused = true;
    await this.#last;
  }

  /** Goes on after {@linkcode pause}. */
  resume(): void {
    this.#paused = false;
  }

  async #perform(change: Change, where: Where): Promise<boolean> {
    const { stage, quiet } = this.#parts;
    await Promise.all(nodesOf(change).map((nodeid) => quiet(nodeid)));
    stage(change);
    try {
      for (let tries = 0; tries < TRIES; tries++) {
        if (await this.#try(change, where)) return true;
      }
      return false;
    } finally {
      stage(undefined);
    }
  }

  async #try(change: Change, { directory, newDirectory = directory }: Where): Promise<boolean> {
    const { libc } = this.#parts;
    const fds: number[] = [];
    try {
      const fd = await this.#open(directory, fds);
      const newFd = change.tag === "moved" && newDirectory !== directory
        ? await this.#open(newDirectory, fds)
        : fd;
      return fd >= 0 && newFd >= 0 && await this.#call(change, fd, newFd) >= 0;
    } finally {
      for (const fd of fds) libc.close(fd);
    }
  }

  /** Whoever looked a name up meanwhile made the kernel keep what it leads to now, or that it leads nowhere. */
  async #call(change: Change, fd: number, newFd: number): Promise<number> {
    const { libc, notify } = this.#parts;
    const { name } = change.at;
    switch (change.tag) {
      case "modified":
        return await libc.truncateLater(`/proc/self/fd/${fd}/${name}`, change.size);
      case "created":
        await notify.invalidateEntry(change.at.parent, name);
        if (change.directory) return await libc.mkdiratLater(fd, name, NEW_DIRECTORY);
        return await libc.mknodatLater(fd, name, NEW_FILE);
      case "deleted":
        await notify.invalidateEntry(change.at.parent, name);
        return await libc.unlinkatLater(fd, name, change.directory);
      case "moved": {
        const { to } = change;
        await notify.invalidateEntry(change.at.parent, name);
        await notify.invalidateEntry(to.parent, to.name);
        const result = await libc.renameatLater(fd, name, newFd, to.name);
        // Where somebody looked the old name up in between, something else has the new one: it is asked for anew.
        await notify.expireEntry(to.parent, to.name);
        return result;
      }
    }
  }

  /** The directory `path` of this mount; -1 where it is not there, or where this is not on top at its mount point. */
  async #open(path: string, opened: number[]): Promise<number> {
    const { libc, dir } = this.#parts;
    const root = await libc.openDirectoryLater(dir);
    if (root < 0) return -1;
    opened.push(root);
    if (!this.#isOurs(root)) return -1;
    if (path === "") return root;
    const fd = await libc.openInsideLater(root, path);
    if (fd >= 0) opened.push(fd);
    return fd;
  }

  /** Asked of `/proc` alone: to ask the descriptor itself would be a call into our own mount. */
  #isOurs(fd: number): boolean {
    const { libc, dir, connection } = this.#parts;
    const [, id = ""] = /^mnt_id:\s*(\d+)$/m.exec(libc.readText(`/proc/self/fdinfo/${fd}`)) ?? [];
    return readMounts().some((mount) =>
      mount.id === Number(id) && mount.dir === dir && mount.connection === connection
    );
  }
}

/** The nodes whose locks the call for `change` takes. */
function nodesOf(change: Change): number[] {
  if (change.tag === "modified") return [change.nodeid];
  return change.tag === "moved" ? [change.at.parent, change.to.parent] : [change.at.parent];
}
