/**
 * A tree over a fake provider, and a kernel that walks it by `nodeid`, keeps nothing and counts its lookups.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  type Answer,
  type Attributes,
  type DirectoryLine,
  type DirectorySink,
  type Entry,
  type Errno,
  errnoName,
  type Request,
  ROOT_ID,
  type Status,
} from "../../fuse/mod.ts";
import { Bus } from "../../runtime/base/bus.ts";
import { Log } from "../../runtime/base/log.ts";
import { DEFAULT_CACHE_BYTES, Store } from "../../runtime/cache/store.ts";
import type { Invalidation } from "../../runtime/provider/mod.ts";
import type { Node, Projection } from "../../runtime/provider/node.ts";
import { InodeTable } from "../../runtime/tree/inodes.ts";
import { Bodies } from "../../runtime/vfs/bodies.ts";
import { Browser } from "../../runtime/vfs/browse.ts";
import type { Directory } from "../../runtime/vfs/directory.ts";
import { OmnifsFileSystem } from "../../runtime/vfs/filesystem.ts";
import { forget } from "../../runtime/vfs/forget.ts";
import { type Applied, Invalidator } from "../../runtime/vfs/invalidator.ts";
import { Kernels } from "../../runtime/vfs/kernels.ts";
import { Mounts } from "../../runtime/vfs/mounts.ts";
import { Namespace } from "../../runtime/vfs/namespace.ts";
import { type KernelNotifier, Notices } from "../../runtime/vfs/notices.ts";
import { Troubles } from "../../runtime/vfs/troubles.ts";
import { ManualClock } from "../base/manual_clock.ts";

/** The hour of the clock in these tests. */
export const NOW = 1_000_000;

/** Collects as many lines as it has room for. */
export class Sink implements DirectorySink {
  readonly plus: boolean;
  /** What was added. */
  readonly added: { readonly line: DirectoryLine; readonly entry: Entry | undefined }[] = [];
  readonly #room: number;

  /** Room for `room` lines. */
  constructor(plus: boolean, room: number) {
    this.plus = plus;
    this.#room = room;
  }

  /** See {@linkcode DirectorySink}. */
  add(line: DirectoryLine, entry?: Entry): boolean {
    if (this.added.length >= this.#room) return false;
    this.added.push({ line, entry });
    return true;
  }
}

/** A tree, its kernel and its browser. */
export class Kernel {
  /** What the kernel was told, such as `inode 3` or `expire 2 title`. */
  readonly told: string[] = [];
  /** The operator's log. */
  readonly lines: string[] = [];
  readonly mounts = new Mounts();
  readonly store: Store<Node, Directory>;
  readonly inodes = new InodeTable();
  readonly namespace: Namespace;
  readonly bodies: Bodies;
  readonly troubles: Troubles;
  readonly browser: Browser;
  readonly fs: OmnifsFileSystem;
  readonly notices: Notices;
  readonly clock = new ManualClock(NOW);
  readonly #invalidator: Invalidator;
  readonly #held = new Map<number, number>();
  readonly #notifier: KernelNotifier;
  /** The one kernel that is told. */
  readonly kernels: Kernels;

  /** A tree over `projections`; `withhold` says which mounts are left out before it answers. */
  constructor(
    projections: readonly Projection[],
    cacheBytes = DEFAULT_CACHE_BYTES,
    withhold: (mounts: Mounts) => void = () => {},
    notifier?: KernelNotifier,
  ) {
    const { clock } = this;
    for (const projection of projections) this.mounts.add(projection);
    withhold(this.mounts);
    this.store = new Store(cacheBytes);
    this.namespace = new Namespace(this.mounts, this.store, clock);
    this.notices = new Notices(this.inodes, clock, () => this.#notifier);
    this.kernels = new Kernels(this.namespace.knowledge);
    this.kernels.add({ inodes: this.inodes, notices: this.notices });
    this.bodies = new Bodies(this.namespace, this.store);
    this.troubles = new Troubles(clock, new Log(clock, (line) => this.lines.push(line)));
    const ownership = { uid: 1000, gid: 100, since: NOW };
    const parts = { ...this.#shared(), clock, troubles: this.troubles, ownership };
    this.fs = new OmnifsFileSystem(parts);
    this.browser = new Browser(parts);
    const tell = (text: string) => {
      this.told.push(text);
      return Promise.resolve(true);
    };
    this.#notifier = notifier ?? {
      invalidateInode: (nodeid) => tell(`inode ${nodeid}`),
      invalidateEntry: (parent, name) => tell(`entry ${parent} ${name}`),
      expireEntry: (parent, name) => tell(`expire ${parent} ${name}`),
      delete: (parent, child, name) => tell(`delete ${parent} ${child} ${name}`),
    };
    const bus = new Bus(clock);
    this.#invalidator = new Invalidator({ ...this.#shared(), bus });
  }

  /** Takes `name` in `parent`. */
  async lookup(parent: number, name: string, signal?: AbortSignal): Promise<Entry | string> {
    return this.#taken(await this.fs.lookup(parent, name, request(signal)));
  }

  /** Takes every name of `path`; the last one's entry. */
  async walk(path: string): Promise<Entry> {
    let entry: Entry | undefined;
    for (const name of path.split("/").filter((each) => each !== "")) {
      const next = await this.lookup(entry?.nodeid ?? ROOT_ID, name);
      assert(typeof next !== "string", `${name} of ${path}: ${next}`);
      assert(next.nodeid !== 0, `${name} of ${path} is absent`);
      entry = next;
    }
    assert(entry !== undefined);
    return entry;
  }

  /** The answer to a lookup of `name` in the directory at `path`, as a word where it is none. */
  async outcome(path: string, name: string): Promise<string> {
    const answer = await this.lookup(path === "/" ? ROOT_ID : (await this.walk(path)).nodeid, name);
    return typeof answer === "string" ? answer : answer.nodeid === 0 ? "absent" : "found";
  }

  /** `stat` by nodeid. */
  async stat(nodeid: number, signal?: AbortSignal): Promise<Status> {
    return told(await this.fs.getattr(nodeid, request(signal)));
  }

  /** The attributes at `path`. */
  async attributes(path: string): Promise<Attributes> {
    return (await this.walk(path)).attributes;
  }

  /** `read` by nodeid. */
  async read(nodeid: number, offset: number, size: number, signal?: AbortSignal): Promise<Uint8Array> {
    return told(await this.fs.read(nodeid, offset, size, request(signal)));
  }

  /** What `cat` prints: as many bytes as the attributes say, in pieces of `piece` bytes. */
  async cat(path: string, piece = 128 * 1024): Promise<string> {
    const { nodeid, attributes } = await this.walk(path);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (let offset = 0; offset < attributes.size; offset += piece) {
      const bytes = await this.read(nodeid, offset, piece);
      assert.equal(bytes.length, Math.min(piece, attributes.size - offset), "a short read");
      parts.push(new Uint8Array(bytes));
    }
    return await new Blob(parts).text();
  }

  /** One read of the directory `nodeid` after `cookie`; its lines, with the lookups counted. */
  async page(nodeid: number, cookie: number, sink: Sink, signal?: AbortSignal): Promise<Sink> {
    const answer = await this.fs.readdir(nodeid, cookie, sink, request(signal));
    if (answer !== 0) throw new Error(errnoName(answer));
    for (const { entry } of sink.added) if (entry !== undefined) this.#taken(entry);
    return sink;
  }

  /** Every line of a directory, read `room` lines at a time. */
  async readAll(nodeid: number, { plus = false, room = 1_000 } = {}): Promise<DirectoryLine[]> {
    const lines: DirectoryLine[] = [];
    for (let cookie = 0;;) {
      const { added } = await this.page(nodeid, cookie, new Sink(plus, room));
      if (added.length === 0) return lines;
      lines.push(...added.map(({ line }) => line));
      cookie = added.at(-1)?.line.cookie ?? 0;
      assert(lines.length < 100_000, "the directory does not end");
    }
  }

  /** The names in the directory at `path`, without the dots. */
  async ls(path: string, options?: { plus?: boolean; room?: number }): Promise<string[]> {
    const nodeid = path === "/" ? ROOT_ID : (await this.walk(path)).nodeid;
    const names = (await this.readAll(nodeid, options)).map(({ name }) => name);
    assert.deepEqual(names.slice(0, 2), [".", ".."]);
    return names.slice(2);
  }

  /** What `omnifs cache drop` does. */
  drop(path: string): number {
    return forget(this.#shared(), path);
  }

  /** What an upstream says. */
  apply(invalidations: readonly Invalidation[], mount = "m"): Applied {
    return this.#invalidator.apply(mount, invalidations, "a test");
  }

  /** The receipt of a change of ours. */
  receive(receipt: readonly Invalidation[], mount = "m"): Applied {
    return this.#invalidator.receive(mount, receipt, "a test");
  }

  /** Nobody can promise anything for `watch`, from now until {@linkcode regain}. */
  lose(watch: string, mount = "m"): Applied {
    return this.#invalidator.lose(mount, watch, "a test");
  }

  /** What `watch` guards may be kept again. */
  regain(watch: string, mount = "m"): void {
    this.#invalidator.regain(mount, watch);
  }

  /** What the kernel was told since the last time this was asked. */
  notes(): string[] {
    return this.told.splice(0);
  }

  /** Gives everything back but what is the root's; checks the counts before and that nothing is left. */
  forgetAll(): void {
    this.checkCounts();
    for (const [nodeid, count] of this.#held) this.fs.forget(nodeid, count);
    this.#held.clear();
    this.inodes.check();
    assert.equal(this.inodes.size, 1, "inodes that the kernel does not hold");
  }

  /** Checks that the table counts what the kernel holds. */
  checkCounts(): void {
    this.inodes.check();
    const counted = [...this.inodes.all()].slice(1).map(({ nodeid, lookups }) =>
      [nodeid, lookups.value] as const
    );
    assert.deepEqual(new Map(counted), this.#held);
  }

  #shared() {
    const { mounts, namespace, bodies, inodes, kernels } = this;
    return { mounts, namespace, bodies, inodes, kernels };
  }

  #taken(answer: Entry | Errno): Entry | string {
    if (typeof answer === "number") return errnoName(answer);
    if (answer.nodeid !== 0) this.#held.set(answer.nodeid, (this.#held.get(answer.nodeid) ?? 0) + 1);
    return answer;
  }
}

/** A request of nobody in particular. */
export function request(signal: AbortSignal = new AbortController().signal): Request {
  return { uid: 1000, gid: 100, pid: 1, signal };
}

/** True where the answer came without a promise. */
export function atOnce<Value>(answer: Answer<Value>): answer is Value | Errno {
  return !(answer instanceof Promise);
}

function told<Value>(answer: Value | Errno): Value {
  if (typeof answer === "number") throw new Error(errnoName(answer));
  return answer;
}
