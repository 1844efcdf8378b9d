/**
 * A file system in memory: the simplest that does all that {@linkcode FileSystem} asks for.
 *
 * It counts the kernel's lookups itself and throws where the kernel, or the session, breaks the rules.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  type Answer,
  type Attributes,
  type DirectorySink,
  type Entry,
  ERRNO,
  type Errno,
  type FileSystem,
  type Request,
  ROOT_ID,
  S_IFDIR,
  S_IFREG,
  type Status,
  type VolumeStatus,
  W_OK,
} from "../../fuse/mod.ts";

/** A file's bytes, or how to make them. */
export type Content = Uint8Array | {
  readonly size: () => number;
  /** Seconds for the attributes; that of {@linkcode MemoryOptions} by default. */
  readonly timeout?: number;
  readonly read: (offset: number, size: number, request: Request) => Answer<Uint8Array>;
};

/** A directory or a file. */
export interface Node {
  /** The inode number that users see. */
  readonly ino: number;
  /** The names in it; `undefined` for a file. */
  readonly children: Map<string, Node> | undefined;
  /** A file's bytes. */
  content: Content;
}

/** What {@linkcode MemoryFileSystem} does differently from the plainest case. */
export interface MemoryOptions {
  /** Seconds for names and attributes; `Infinity` by default. */
  readonly timeout?: number;
  /** True: a name that is absent is answered with nodeid 0, which the kernel caches. */
  readonly negative?: boolean;
  /** Makes an answer come later. */
  readonly later?: <Value>(answer: Value | Errno, request: Request) => Answer<Value>;
}

/** A tree of maps. */
export class MemoryFileSystem implements FileSystem {
  /** How often each node was given to the kernel and not forgotten. */
  readonly lookups = new Map<number, number>();
  /** Whether `destroy` was called. */
  destroyed = false;
  readonly root: Node;
  readonly #options: MemoryOptions;
  readonly #byId = new Map<number, Node>();
  readonly #ids = new Map<Node, number>();
  #nextIno = 1;
  #nextId = ROOT_ID;

  constructor(options: MemoryOptions = {}) {
    this.#options = options;
    this.root = { ino: this.#nextIno++, children: new Map(), content: new Uint8Array(0) };
    this.#idOf(this.root);
  }

  /** Adds a file. */
  file(parent: Node, name: string, content: Content | string): Node {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    return this.#adopt(parent, name, { ino: this.#nextIno++, children: undefined, content: bytes });
  }

  /** Adds a directory. */
  directory(parent: Node, name: string): Node {
    const node: Node = { ino: this.#nextIno++, children: new Map(), content: new Uint8Array(0) };
    return this.#adopt(parent, name, node);
  }

  /** The kernel's number of a node that it knows. */
  nodeid(node: Node): number | undefined {
    return this.#ids.get(node);
  }

  /** Asserts that the tables agree: a node has a number exactly while the kernel holds it. */
  checkInvariants(): void {
    for (const [nodeid, count] of this.lookups) {
      assert.ok(count > 0, `node ${nodeid} has ${count} lookups`);
      assert.ok(this.#byId.has(nodeid), `node ${nodeid} is counted but has no number`);
    }
    for (const nodeid of this.#byId.keys()) {
      assert.ok(nodeid === ROOT_ID || this.lookups.has(nodeid), `node ${nodeid} has a number, but no lookup`);
    }
    assert.equal(this.#ids.size, this.#byId.size);
  }

  lookup(parent: number, name: string, request: Request): Answer<Entry> {
    const directory = this.#node(parent).children;
    const child = directory?.get(name);
    if (directory === undefined) return this.#later<Entry>(ERRNO.ENOTDIR, request);
    if (child !== undefined) return this.#later<Entry>(this.#count(child), request);
    const absent = this.#options.negative ? { ...this.#entry(0, this.root), nodeid: 0 } : ERRNO.ENOENT;
    return this.#later<Entry>(absent, request);
  }

  forget(nodeid: number, count: number): void {
    const left = (this.lookups.get(nodeid) ?? 0) - count;
    assert.ok(left >= 0, `forget of node ${nodeid}: ${count} more than ${left + count}`);
    if (left > 0) return void this.lookups.set(nodeid, left);
    this.lookups.delete(nodeid);
    if (nodeid === ROOT_ID) return;
    this.#ids.delete(this.#node(nodeid));
    this.#byId.delete(nodeid);
  }

  getattr(nodeid: number, request: Request): Answer<Status> {
    const node = this.#node(nodeid);
    const attributeTimeout = this.#attributeTimeout(node);
    return this.#later<Status>({ attributes: this.#attributes(node), attributeTimeout }, request);
  }

  read(nodeid: number, offset: number, size: number, request: Request): Answer<Uint8Array> {
    const { content, children } = this.#node(nodeid);
    if (children !== undefined) return this.#later<Uint8Array>(ERRNO.EISDIR, request);
    if (!(content instanceof Uint8Array)) return content.read(offset, size, request);
    return this.#later<Uint8Array>(content.subarray(offset, offset + size), request);
  }

  readdir(nodeid: number, cookie: number, sink: DirectorySink, request: Request): Answer<Errno> {
    const { children } = this.#node(nodeid); // before it is late: the kernel may forget an interrupted one
    if (children === undefined) return ERRNO.ENOTDIR;
    const answer = this.#later<object>({}, request);
    if (answer instanceof Promise) return answer.then(() => this.#list(children, cookie, sink));
    return this.#list(children, cookie, sink);
  }

  statfs(_nodeid: number, request: Request): Answer<VolumeStatus> {
    const files = this.#nextIno - 1;
    return this.#later<VolumeStatus>({ blockSize: 4096, blocks: files, files, nameMax: 255 }, request);
  }

  access(nodeid: number, mask: number): Answer<Errno> {
    this.#node(nodeid);
    return (mask & W_OK) === 0 ? 0 : ERRNO.EROFS;
  }

  destroy(): void {
    assert.ok(!this.destroyed, "destroyed twice");
    this.destroyed = true;
  }

  get #timeout(): number {
    return this.#options.timeout ?? Infinity;
  }

  #attributeTimeout({ content }: Node): number {
    return content instanceof Uint8Array ? this.#timeout : content.timeout ?? this.#timeout;
  }

  #list(children: Map<string, Node>, cookie: number, sink: DirectorySink): Errno {
    let index = 0;
    for (const [name, node] of children) {
      if (++index <= cookie) continue;
      const line = { name, ino: node.ino, directory: node.children !== undefined, cookie: index };
      const id = this.#idOf(node);
      const added = sink.plus ? sink.add(line, this.#entry(id, node)) : sink.add(line);
      if (added && sink.plus) this.#count(node);
      else this.#release(id);
      if (!added) break;
    }
    return 0;
  }

  #adopt(parent: Node, name: string, node: Node): Node {
    assert.ok(parent.children !== undefined, "a file has no children");
    parent.children.set(name, node);
    return node;
  }

  #node(nodeid: number): Node {
    const node = this.#byId.get(nodeid);
    assert.ok(node !== undefined, `node ${nodeid} was never given out, or is forgotten`);
    return node;
  }

  #idOf(node: Node): number {
    const known = this.#ids.get(node);
    if (known !== undefined) return known;
    const id = this.#nextId++;
    this.#ids.set(node, id);
    this.#byId.set(id, node);
    return id;
  }

  #release(id: number): void {
    if (id === ROOT_ID || this.lookups.has(id)) return;
    this.#ids.delete(this.#node(id));
    this.#byId.delete(id);
  }

  #count(node: Node): Entry {
    const id = this.#idOf(node);
    this.lookups.set(id, (this.lookups.get(id) ?? 0) + 1);
    return this.#entry(id, node);
  }

  #entry(nodeid: number, node: Node): Entry {
    const attributeTimeout = this.#attributeTimeout(node);
    return { nodeid, attributes: this.#attributes(node), entryTimeout: this.#timeout, attributeTimeout };
  }

  #attributes({ ino, children, content }: Node): Attributes {
    const directory = children !== undefined;
    return {
      ino,
      size: content instanceof Uint8Array ? content.length : content.size(),
      mtime: 1_700_000_000_123,
      mode: directory ? S_IFDIR | 0o755 : S_IFREG | 0o644,
      nlink: directory ? 2 : 1,
      uid: 0,
      gid: 0,
    };
  }

  #later<Value>(answer: Value | Errno, request: Request): Answer<Value> {
    return this.#options.later === undefined ? answer : this.#options.later(answer, request);
  }
}
