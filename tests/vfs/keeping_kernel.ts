/**
 * A kernel that keeps what it may keep, for as long as nobody says otherwise, and takes the locks that the real one
 * takes: names, attributes, pages and lines, as `fs/fuse` has them.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  type Attributes,
  type Entry,
  errnoName,
  type FileSystem,
  ROOT_ID,
  type Status,
} from "../../fuse/mod.ts";
import type { KernelNotifier } from "../../runtime/vfs/notices.ts";
import { request, Sink } from "./kernel.ts";

/** What is kept of one node; `version` counts the words that its attributes are out of date. */
interface Kept {
  version: number;
  attributes: Attributes | undefined;
  pages: { readonly time: number; readonly size: number; readonly bytes: Uint8Array } | undefined;
  lines: { readonly time: number; readonly names: readonly string[] } | undefined;
}

/** Answers paths from what it keeps, and asks a file system for the rest. */
export class KeepingKernel implements KernelNotifier {
  /** How many requests it sent. */
  requests = 0;
  readonly #nodes = new Map<number, Kept>();
  readonly #names = new Map<string, number>();
  /** Requests that hold the lock of a directory. */
  readonly #locks = new Map<number, Set<Promise<unknown>>>();
  #fs: FileSystem | undefined;

  /** From now on `fs` answers. */
  mount(fs: FileSystem): void {
    this.#fs = fs;
    this.#nodes.set(ROOT_ID, { version: 0, attributes: undefined, pages: undefined, lines: undefined });
  }

  /** What `cat` prints, or the errno as a word. */
  async cat(path: string): Promise<string> {
    const nodeid = await this.#walk(path);
    if (typeof nodeid === "string") return nodeid;
    const attributes = await this.#attributes(nodeid);
    if (typeof attributes === "string") return attributes;
    const kept = this.#node(nodeid);
    if (kept.pages === undefined) {
      const { version } = kept;
      this.requests++;
      const bytes = await this.#server.read(nodeid, 0, attributes.size, request());
      if (typeof bytes === "number") return errnoName(bytes);
      const pages = { time: attributes.mtime, size: attributes.size, bytes: bytes.slice() };
      // A page that is being read is locked: whoever drops it waits, and then does.
      if (kept.version === version) kept.pages = pages;
      return new TextDecoder().decode(pages.bytes);
    }
    return new TextDecoder().decode(kept.pages.bytes);
  }

  /** The names in a directory, or the errno as a word. */
  async ls(path: string): Promise<string | readonly string[]> {
    const nodeid = await this.#walk(path);
    if (typeof nodeid === "string") return nodeid;
    const attributes = await this.#attributes(nodeid);
    if (typeof attributes === "string") return attributes;
    const { mtime } = attributes;
    const kept = this.#node(nodeid);
    if (kept.lines?.time === mtime) return kept.lines.names;
    const names = await this.#locked(nodeid, () => this.#readAll(nodeid));
    // Whatever was said meanwhile, the lines go where they were to go: only the time tells that they are old.
    if (typeof names !== "string") kept.lines = { time: mtime, names };
    return names;
  }

  /** See {@linkcode KernelNotifier}. */
  invalidateInode(nodeid: number): Promise<boolean> {
    const kept = this.#nodes.get(nodeid);
    if (kept === undefined) return Promise.resolve(false);
    kept.version++;
    kept.attributes = undefined;
    kept.pages = undefined;
    kept.lines = undefined;
    return Promise.resolve(true);
  }

  /** See {@linkcode KernelNotifier}. */
  async invalidateEntry(parent: number, name: string): Promise<boolean> {
    await Promise.allSettled([...this.#locks.get(parent) ?? []]);
    const directory = this.#nodes.get(parent);
    // `fuse_dir_changed`
    if (directory !== undefined) directory.attributes = undefined;
    return this.#names.delete(`${parent}/${name}`);
  }

  /** See {@linkcode KernelNotifier}. */
  expireEntry(parent: number, name: string): Promise<boolean> {
    return this.invalidateEntry(parent, name);
  }

  /** See {@linkcode KernelNotifier}. */
  delete(parent: number, _child: number, name: string): Promise<boolean> {
    return this.invalidateEntry(parent, name);
  }

  get #server(): FileSystem {
    assert(this.#fs !== undefined, "nothing is mounted");
    return this.#fs;
  }

  async #walk(path: string): Promise<number | string> {
    let at = ROOT_ID;
    for (const name of path.split("/").filter((each) => each !== "")) {
      const next = this.#names.get(`${at}/${name}`) ?? await this.#locked(at, () => this.#lookup(at, name));
      if (typeof next === "string") return next;
      if (next === 0) return "ENOENT";
      at = next;
    }
    return at;
  }

  async #lookup(parent: number, name: string): Promise<number | string> {
    this.requests++;
    const before = new Map([...this.#nodes].map(([nodeid, { version }]) => [nodeid, version]));
    const entry: Entry | number = await this.#server.lookup(parent, name, request());
    if (typeof entry === "number") return errnoName(entry);
    // The reply is written; the one who asked goes on when the scheduler lets them.
    await Promise.resolve();
    if (entry.entryTimeout === Infinity) this.#names.set(`${parent}/${name}`, entry.nodeid);
    else this.#names.delete(`${parent}/${name}`);
    if (entry.nodeid === 0) return 0;
    const kept = this.#nodes.get(entry.nodeid) ??
      { version: 0, attributes: undefined, pages: undefined, lines: undefined };
    this.#nodes.set(entry.nodeid, kept);
    this.#take(kept, entry, before.get(entry.nodeid) ?? kept.version);
    return entry.nodeid;
  }

  async #attributes(nodeid: number): Promise<Attributes | string> {
    const kept = this.#node(nodeid);
    if (kept.attributes !== undefined) return kept.attributes;
    const { version } = kept;
    this.requests++;
    const status = await this.#server.getattr(nodeid, request());
    if (typeof status === "number") return errnoName(status);
    await Promise.resolve();
    this.#take(kept, status, version);
    return status.attributes;
  }

  /** `fuse_change_attributes`: those of a request that began before they were called out of date are not kept. */
  #take(kept: Kept, { attributes, attributeTimeout }: Status, version: number): void {
    if (kept.version !== version) return;
    const { mtime, size } = attributes;
    if (kept.pages !== undefined && (kept.pages.time !== mtime || kept.pages.size !== size)) {
      kept.pages = undefined;
    }
    kept.attributes = attributeTimeout === Infinity ? attributes : undefined;
  }

  async #readAll(nodeid: number): Promise<readonly string[] | string> {
    const names: string[] = [];
    for (let cookie = 0;;) {
      const sink = new Sink(false, 3);
      this.requests++;
      const answer = await this.#server.readdir(nodeid, cookie, sink, request());
      if (answer !== 0) return errnoName(answer);
      if (sink.added.length === 0) return names.slice(2);
      names.push(...sink.added.map(({ line }) => line.name));
      cookie = sink.added.at(-1)?.line.cookie ?? 0;
    }
  }

  #node(nodeid: number): Kept {
    const kept = this.#nodes.get(nodeid);
    assert(kept !== undefined, `the kernel does not know ${nodeid}`);
    return kept;
  }

  async #locked<Value>(nodeid: number, work: () => Promise<Value>): Promise<Value> {
    const locks = this.#locks.get(nodeid) ?? new Set();
    this.#locks.set(nodeid, locks);
    const working = work();
    locks.add(working);
    try {
      return await working;
    } finally {
      locks.delete(working);
    }
  }
}
