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
import type { Node } from "../provider/node.ts";
import type { Inode, InodeTable } from "../tree/inodes.ts";
import type { Place } from "../tree/place.ts";
import { attributesOf, type Ownership } from "./attributes.ts";
import type { Bodies } from "./bodies.ts";
import { DirectoryReader } from "./directory_reader.ts";
import { ERRNO_OF } from "./errno.ts";
import type { Mounts } from "./mounts.ts";
import type { Found, Namespace } from "./namespace.ts";
import { isKept, ROOT_NODE, sizeOf } from "./node_rules.ts";
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
    const load = async (place: Place) => this.#status(inode, await this.#current(place, request));
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
    const load = this.#undisturbed(request, async () => {
      const current = this.#stateOf(inode, place) ?? await this.#current(place, request);
      return await this.#parts.bodies.read(
        place,
        this.#passing.show(inode, current),
        offset,
        size,
        request.signal,
      );
    });
    return this.#later("read", inode, "", load);
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
    const found = await this.#undisturbed(request, async () => {
      const found = await namespace.find(place, name, request.signal);
      return found && { ...found, node: await bodies.settled(found.place, found.node, request.signal) };
    });
    if (found !== undefined) return this.#entry(parent, found);
    return namespace.peekChild(place, name) === null ? this.#absentEntry(parent, name) : ERRNO.ENOENT;
  }

  /** The state of a node now, with its length: the kept one, or a new look. */
  #current(place: Place, request: Request): Promise<Node> {
    const { namespace, bodies } = this.#parts;
    return this.#undisturbed(request, async () => {
      const node = await namespace.resolve(place, request.signal);
      return await bodies.settled(place, node, request.signal);
    });
  }

  /**
   * What `load` comes to, done again where something was forgotten meanwhile: the kernel keeps the answer for
   * good, and was told already to forget the one before.
   */
  async #undisturbed<Value>(request: Request, load: () => Promise<Value>): Promise<Value> {
    for (;;) {
      const { epoch } = this.#parts.namespace;
      const disturbed = () => epoch !== this.#parts.namespace.epoch;
      try {
        const value = await load();
        if (!disturbed()) return value;
      } catch (error) {
        if (!disturbed() || request.signal.aborted) throw error;
      }
    }
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

  #entry(parent: Inode, found: Found): Entry {
    const inode = this.#parts.inodes.enter(parent, found.place);
    inode.lookups.increment();
    parent.absent?.delete(found.place.name);
    return this.#describe(inode, found.node);
  }

  #describe(inode: Inode, node: Node): Entry {
    const shown = this.#passing.show(inode, node);
    const timeout = isKept(node) ? KEPT : NOT_KEPT;
    return {
      nodeid: inode.nodeid,
      attributes: attributesOf(shown, inode.ino, this.#parts.ownership),
      entryTimeout: timeout,
      attributeTimeout: timeout,
    };
  }

  #status(inode: Inode, node: Node): Status {
    return {
      attributes: attributesOf(this.#passing.show(inode, node), inode.ino, this.#parts.ownership),
      attributeTimeout: isKept(node) ? KEPT : NOT_KEPT,
    };
  }

  /** The answer that a name does not exist, which the kernel keeps as long as it can be told otherwise. */
  #absentEntry(parent: Inode, name: string): Entry | Errno {
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
    try {
      return await load;
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
