/**
 * The tree as the kernel sees it. What the cache knows is answered at once, without a promise; everything
 * else is a load, and the kernel hears of it later.
 *
 * @module
 */
import {
  type Answer,
  type DirectorySink,
  type Entry,
  ERRNO,
  type Errno,
  type FileSystem,
  type Request,
  type Status,
  type VolumeStatus,
  W_OK,
} from "../../fuse/mod.ts";
import type { Clock } from "../base/clock.ts";
import { asOmnifsError } from "../base/errors.ts";
import { isTooLong, NAME_MAX, nameFault } from "../base/path.ts";
import { watchKey } from "../cache/watches.ts";
import type { Node } from "../provider/node.ts";
import type { Inode, InodeTable } from "../tree/inodes.ts";
import type { Place } from "../tree/place.ts";
import { attributesOf, type Ownership } from "./attributes.ts";
import type { Bodies } from "./bodies.ts";
import { DirectoryReader } from "./directory_reader.ts";
import { ERRNO_OF } from "./errno.ts";
import type { Mounts } from "./mounts.ts";
import type { Look } from "./look.ts";
import type { Found, Namespace } from "./namespace.ts";
import { isKept, ROOT_NODE, sizeOf, watchOf } from "./node_rules.ts";
import type { Operations } from "./operations.ts";
import { PassingStates } from "./passing.ts";
import type { Troubles } from "./troubles.ts";

/** What a kernel may keep: as long as nobody says otherwise, or not at all. */
const KEPT = Infinity;
const NOT_KEPT = 0;

/** How many absent names of one directory the kernel may keep: each is one to take back when that changes. */
const MAX_ABSENT = 4096;

/** What the tree is made of. */
export interface TreeParts {
  /** The time. */
  readonly clock: Clock;
  /** The providers. */
  readonly mounts: Mounts;
  /** Names and nodes. */
  readonly namespace: Namespace;
  /** Lengths and bytes. */
  readonly bodies: Bodies;
  /** What the kernel holds. */
  readonly inodes: InodeTable;
  /** Where failures are noted. */
  readonly troubles: Troubles;
  /** Where it is told what readers wait for; nobody is told where it is missing. */
  readonly operations?: Operations;
  /** Whose the files are. */
  readonly ownership: Ownership;
}

/** Answers the kernel for one mount. */
export class OmnifsFileSystem implements FileSystem {
  readonly #parts: TreeParts;
  readonly #reader: DirectoryReader;
  readonly #passing: PassingStates;

  /** The tree of `parts`. */
  constructor(parts: TreeParts) {
    this.#parts = parts;
    this.#passing = new PassingStates(parts.clock);
    this.#reader = new DirectoryReader(parts, (parent, found) => this.#entryAtHand(parent, found));
  }

  /** See {@linkcode FileSystem.lookup}. */
  lookup(parentId: number, name: string, request: Request): Answer<Entry> {
    const parent = this.#parts.inodes.get(parentId);
    if (parent === undefined) return ERRNO.ESTALE;
    if (nameFault(name) !== undefined) return isTooLong(name) ? ERRNO.ENAMETOOLONG : ERRNO.ENOENT;
    if (parent.place === undefined) return this.#lookupMount(parent, name);
    const found = this.#parts.namespace.peekChild(parent.place, name);
    if (found === null) return this.#absentEntry(parent, name);
    if (found !== undefined && sizeOf(found.node) !== undefined) return this.#entry(parent, found);
    return this.#later("lookup", parent, name, this.#load(parent, parent.place, name, request));
  }

  /** See {@linkcode FileSystem.forget}. */
  forget(nodeid: number, count: number): void {
    const inode = this.#passing.empty ? undefined : this.#parts.inodes.get(nodeid);
    this.#parts.inodes.forget(nodeid, count);
    if (inode?.lookups.value === 0) this.#passing.forget(inode);
  }

  /** See {@linkcode FileSystem.getattr}. */
  getattr(nodeid: number, request: Request): Answer<Status> {
    const inode = this.#parts.inodes.get(nodeid);
    if (inode === undefined) return ERRNO.ESTALE;
    const node = inode.place === undefined ? ROOT_NODE : this.#parts.namespace.peek(inode.place);
    if (node !== undefined && sizeOf(node) !== undefined) return this.#status(inode, node);
    const load = async (place: Place) => {
      const { value, passing } = await this.#current(place, request);
      return this.#status(inode, value, passing);
    };
    return inode.place === undefined ? ERRNO.ESTALE : this.#later("stat", inode, "", load(inode.place));
  }

  /** See {@linkcode FileSystem.read}. */
  read(nodeid: number, offset: number, size: number, request: Request): Answer<Uint8Array> {
    const inode = this.#parts.inodes.get(nodeid);
    if (inode?.place === undefined) return ERRNO.EISDIR;
    const place = inode.place;
    const node = this.#stateOf(inode, place);
    if (node?.directory) return ERRNO.EISDIR;
    const bytes = node === undefined ? undefined : this.#parts.bodies.peek(place, node, offset, size);
    if (bytes !== undefined) return bytes;
    const { namespace, bodies } = this.#parts;
    const load = namespace.steady(place.mount, async (look) => {
      const current = this.#stateOf(inode, place) ?? await this.#look(place, look, request);
      look.state(place, current);
      return await bodies.read(place, this.#passing.show(inode, current), offset, size, request.signal);
    }, request.signal);
    return this.#later("read", inode, "", load.then(({ value }) => value));
  }

  /** See {@linkcode FileSystem.readdir}. */
  readdir(nodeid: number, cookie: number, sink: DirectorySink, request: Request): Answer<Errno> {
    const inode = this.#parts.inodes.get(nodeid);
    if (inode === undefined) return ERRNO.ESTALE;
    const answer = this.#reader.read(inode, cookie, sink, () => request.signal);
    return typeof answer === "number" ? answer : this.#later("list", inode, "", answer);
  }

  /** See {@linkcode FileSystem.statfs}. */
  statfs(): VolumeStatus {
    // Nobody knows how much an upstream holds; a size of nothing keeps `df` from showing a guess.
    return { blockSize: 4096, blocks: 0, files: this.#parts.inodes.size, nameMax: NAME_MAX };
  }

  /** See {@linkcode FileSystem.access}. */
  access(nodeid: number, mask: number): Answer<Errno> {
    if (this.#parts.inodes.get(nodeid) === undefined) return ERRNO.ESTALE;
    return (mask & W_OK) === 0 ? 0 : ERRNO.EROFS;
  }

  /** See {@linkcode FileSystem.destroy}. */
  destroy(): void {}

  #lookupMount(root: Inode, name: string): Answer<Entry> {
    const point = this.#parts.mounts.get(name);
    if (point !== undefined) return this.#entry(root, { place: point.place, node: ROOT_NODE });
    const reason = this.#parts.mounts.reasonFor(name);
    if (reason === undefined) return ERRNO.ENOENT;
    this.#parts.troubles.note("lookup", `/${name}`, reason);
    return ERRNO_OF[reason.kind];
  }

  async #load(parent: Inode, place: Place, name: string, request: Request): Promise<Entry | Errno> {
    const { namespace, bodies } = this.#parts;
    const { value: found, passing } = await namespace.steady(place.mount, async (look) => {
      look.name(place, name);
      const found = await namespace.find(place, name, request.signal);
      if (found === undefined) return undefined;
      look.state(found.place, found.node);
      return { ...found, node: await bodies.settled(found.place, found.node, request.signal) };
    }, request.signal);
    if (found !== undefined) return this.#entry(parent, found, passing);
    if (!passing && namespace.peekChild(place, name) === null) return this.#absentEntry(parent, name);
    this.#parts.inodes.unname(parent, name);
    return ERRNO.ENOENT;
  }

  /** The state of a node now, with its length: the kept one, or a new look. */
  #current(place: Place, request: Request): Promise<{ readonly value: Node; readonly passing: boolean }> {
    return this.#parts.namespace.steady(
      place.mount,
      (look) => this.#look(place, look, request),
      request.signal,
    );
  }

  async #look(place: Place, look: Look, request: Request): Promise<Node> {
    look.state(place, undefined);
    const node = await this.#parts.namespace.resolve(place, request.signal);
    look.state(place, node);
    return await this.#parts.bodies.settled(place, node, request.signal);
  }

  /** The state of a node from which its bytes are read: that which the reader was told, or the kept one. */
  #stateOf(inode: Inode, place: Place): Node | undefined {
    return this.#passing.get(inode) ?? this.#parts.namespace.peek(place);
  }

  /** An entry for a node whose length is known, or undefined where it is not. */
  #entryAtHand(parent: Inode, found: Found): { entry: Entry; inode: Inode } | undefined {
    if (sizeOf(found.node) === undefined || !isKept(found.node)) return undefined;
    const inode = this.#parts.inodes.enter(parent, found.place);
    return { entry: this.#describe(inode, found.node), inode };
  }

  #entry(parent: Inode, found: Found, passing = false): Entry {
    const inode = this.#parts.inodes.enter(parent, found.place);
    inode.lookups.increment();
    parent.absent?.delete(found.place.name);
    return this.#describe(inode, found.node, passing);
  }

  #describe(inode: Inode, node: Node, passing = false): Entry {
    const { attributes, attributeTimeout } = this.#status(inode, node, passing);
    return { nodeid: inode.nodeid, attributes, attributeTimeout, entryTimeout: attributeTimeout };
  }

  /** What the kernel is told of `node`; where it is `passing`, for this once. */
  #status(inode: Inode, node: Node, passing = false): Status {
    const { inodes, namespace, ownership } = this.#parts;
    const mount = inode.place?.mount ?? "";
    const watch = watchOf(node);
    inodes.guard(inode, watch === undefined ? undefined : watchKey(mount, watch));
    const kept = !passing && namespace.knowledge.isPromised(mount, node);
    const shown = this.#passing.show(inode, node);
    const attributes = attributesOf(shown, inode.ino, ownership, inode.linesChanged);
    inode.toldTime = attributes.mtime;
    return { attributes, attributeTimeout: kept ? KEPT : NOT_KEPT };
  }

  /**
   * The entry of `place` in `parent` as it was before it got another name, or went, where it is a file. Counts a lookup; what
   * the table of inodes notes of the name is to be taken back by {@linkcode InodeTable.unname}.
   */
  former(parent: Inode, place: Place): Entry {
    return this.#formerly(this.#parts.inodes.enter(parent, place), place);
  }

  /** The entry of the directory `place` in `parent` as it was before it went, for nobody else. Counts a lookup. */
  departed(parent: Inode, place: Place): Entry {
    return this.#formerly(this.#parts.inodes.depart(parent, place), place);
  }

  #formerly(inode: Inode, place: Place): Entry {
    const { namespace, ownership } = this.#parts;
    inode.lookups.increment();
    const node = namespace.peek(place) ?? { ...ROOT_NODE, directory: place.directory, size: 0 };
    const attributes = attributesOf(node, inode.ino, ownership, inode.linesChanged);
    return { nodeid: inode.nodeid, attributes, attributeTimeout: NOT_KEPT, entryTimeout: NOT_KEPT };
  }

  /** The answer that a name does not exist, which the kernel keeps as long as it can be told otherwise. */
  #absentEntry(parent: Inode, name: string): Entry | Errno {
    this.#parts.inodes.unname(parent, name);
    const absent = parent.absent ??= new Set();
    if (absent.size >= MAX_ABSENT && !absent.has(name)) return ERRNO.ENOENT;
    absent.add(name);
    const attributes = attributesOf(ROOT_NODE, 0, this.#parts.ownership);
    return { nodeid: 0, attributes, entryTimeout: KEPT, attributeTimeout: NOT_KEPT };
  }

  /** Turns a failure into its errno, and notes it with the path that the reader knows. */
  async #later<Value>(
    op: string,
    inode: Inode,
    name: string,
    load: Promise<Value | Errno>,
  ): Promise<Value | Errno> {
    const { operations } = this.#parts;
    try {
      return await (operations?.measure(op, () => pathOfInode(inode, name), load) ?? load);
    } catch (thrown) {
      const error = asOmnifsError(thrown, op);
      this.#parts.troubles.note(op, pathOfInode(inode, name), error);
      return ERRNO_OF[error.kind];
    }
  }
}

/** The path by which the kernel found `inode`, and `name` in it where one is given. */
export function pathOfInode(inode: Inode, name = ""): string {
  const names = name === "" ? [] : [name];
  for (let at: Inode | undefined = inode; at?.place !== undefined; at = at.parent) names.push(at.place.name);
  return `/${names.reverse().join("/")}`;
}
