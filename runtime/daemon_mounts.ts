/**
 * The directories on which one daemon shows its tree: one or more, each with what its kernel holds to itself. They share
 * the providers, the cache, the grants and the drafts.
 *
 * @module
 */
import { type Mount, sessionOf } from "../fuse/mod.ts";
import type { Bus } from "./base/bus.ts";
import type { Clock } from "./base/clock.ts";
import { OmnifsError } from "./base/errors.ts";
import type { Log } from "./base/log.ts";
import type { DaemonOptions } from "./control/options.ts";
import type { MountDocument } from "./control/protocol.ts";
import { attach, release } from "./daemon_mount.ts";
import type { Drafts } from "./drafts/mod.ts";
import { InodeTable } from "./tree/inodes.ts";
import type { InodeNumbers } from "./tree/inode_number.ts";
import { OmnifsFileSystem, type TreeParts } from "./vfs/filesystem.ts";
import type { Kernel, Kernels } from "./vfs/kernels.ts";
import { Notices } from "./vfs/notices.ts";
import { FileSystemWithDrafts } from "./vfs/with_drafts.ts";

/** What the mounts share. */
export interface DaemonMountsParts {
  /** What the daemon was started with. */
  readonly options: DaemonOptions;
  /** The time. */
  readonly clock: Clock;
  /** Where failures go. */
  readonly log: Log;
  /** Where a mount that ends is told. */
  readonly bus: Bus;
  /** The tree, all of whose providers are known. */
  readonly tree: Omit<TreeParts, "inodes"> & {
    /** Who is told what changes. */
    readonly kernels: Kernels;
    /** The numbers that users see, the same in each mount. */
    readonly numbers: InodeNumbers;
  };
  /** The drafts; none for a daemon that keeps none. */
  readonly drafts: Drafts | undefined;
  /** Told whenever a mount came or went. */
  readonly changed: () => void;
  /** Told when the last one has ended, and why. */
  readonly over: (cause: string) => void;
}

interface Served extends MountDocument {
  readonly mount: Mount;
}

/** See the module. */
export class DaemonMounts {
  readonly #parts: DaemonMountsParts;
  #served: readonly Served[] = [];
  /** Mounts that are being made. */
  readonly #coming = new Set<Promise<void>>();
  /** How many are taking all of them away now. */
  #closing = 0;
  /** True once the last one has ended. */
  #over = false;

  /** None is mounted yet. */
  constructor(parts: DaemonMountsParts) {
    this.#parts = parts;
  }

  /** Every mount, in the order of mounting. */
  all(): readonly MountDocument[] {
    return this.#served.map(({ dir, shows }) => ({ dir, shows }));
  }

  /** Requests and notifications of all of them, by name; see {@linkcode Mount.counters}. */
  counters(): Record<string, number> {
    const sum: Record<string, number> = {};
    for (const { mount } of this.#served) {
      for (const [name, count] of Object.entries(mount.counters())) sum[name] = (sum[name] ?? 0) + count;
    }
    return sum;
  }

  /**
   * Shows the tree at `dir`, with the providers `shows`, or all.
   *
   * @throws {OmnifsError} where it cannot be mounted, or there is no such provider; `busy` while the others are taken away
   */
  async add(dir: string, shows: readonly string[] | null): Promise<void> {
    if (this.#over || this.#closing > 0) {
      throw new OmnifsError("busy", "this omnifs is ending", { path: dir, mend: `omnifs mount ${dir}` });
    }
    const coming = this.#add(dir, shows);
    this.#coming.add(coming);
    await coming.finally(() => this.#coming.delete(coming));
  }

  async #add(dir: string, shows: readonly string[] | null): Promise<void> {
    const { tree, options, clock, log, bus, drafts, changed } = this.#parts;
    const began = clock.monotonic();
    const mounts = shows === null ? tree.mounts : tree.mounts.only(shows);
    const inodes = new InodeTable(tree.numbers);
    const side: { mount: Mount | undefined } = { mount: undefined };
    const kernel: Kernel = { inodes, notices: new Notices(inodes, clock, () => side.mount?.notify) };
    const withdraw = tree.kernels.add(kernel);
    const leave = () => {
      withdraw();
      inodes.clear();
    };
    const parts = { ...tree, mounts, inodes };
    const live = new OmnifsFileSystem(parts);
    const filesystem = drafts === undefined
      ? live
      : new FileSystemWithDrafts({ ...parts, live, drafts, sessionOf });
    try {
      side.mount = await attach(dir, options, { ...parts, live, filesystem, kernel }, log);
    } catch (error) {
      leave();
      throw error;
    }
    const served: Served = { dir: side.mount.dir, shows, mount: side.mount };
    this.#served = [...this.#served, served];
    bus.publish("mount.ready", { dir: served.dir, milliseconds: Math.round(clock.monotonic() - began) });
    served.mount.done.then(({ reason, error }) => {
      leave();
      this.#gone(served, error === undefined ? reason : `${reason}: ${error.message}`);
    });
    changed();
  }

  /**
   * Takes away the mount at `dir`, unless it is the last.
   *
   * @throws {OmnifsError} `not-found` where there is none, `unavailable` where it is in use and `force` is not set
   */
  async remove(dir: string, force: boolean): Promise<void> {
    const served = this.#served.find((each) => each.dir === dir);
    if (served === undefined) {
      throw new OmnifsError("not-found", `nothing is mounted on ${dir} by this omnifs`);
    }
    if (this.#served.length === 1) {
      throw new OmnifsError("conflict", `${dir} is the last mount of this omnifs`, {
        mend: `omnifs unmount ${dir}`,
      });
    }
    await release(served.mount, force);
  }

  /** Takes all of them away. @throws {OmnifsError} for the first that is in use, unless `force` */
  async close(force: boolean): Promise<void> {
    this.#closing++;
    try {
      // Nobody would serve one that comes later.
      await Promise.allSettled(this.#coming);
      for (const { mount } of this.#served.toReversed()) await release(mount, force);
    } finally {
      this.#closing--;
    }
  }

  #gone(served: Served, cause: string): void {
    this.#served = this.#served.filter((each) => each !== served);
    this.#parts.bus.publish("mount.gone", { dir: served.dir, cause });
    if (this.#served.length === 0) {
      this.#over = true;
      this.#parts.over(cause);
    } else this.#parts.changed();
  }
}
