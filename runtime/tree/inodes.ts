/**
 * The inode table: what the kernel holds of the tree.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import { InodeNumbers, ROOT_INO } from "./inode_number.ts";
import { LookupCount } from "./lookup_count.ts";
import type { Place } from "./place.ts";
import { type Way, wayKey, Ways } from "./ways.ts";

/** The kernel's own number for the root, `FUSE_ROOT_ID` of `linux/fuse.h`. */
export const ROOT_NODEID = 1;

/** A node that the kernel holds. */
export interface Inode {
  /** The kernel's handle: counted up from 1, never used twice in one mount. */
  readonly nodeid: number;
  /** The number that users see. */
  readonly ino: number;
  /** Where it was last found; undefined for the root. A rename upstream changes it, and nothing else here. */
  place: Place | undefined;
  /** The directory through which the kernel found it. */
  parent: Inode | undefined;
  /** Other names by which the kernel found it and may still hold it; only files have any. */
  aliases: Map<string, { readonly parent: Inode; readonly place: Place }> | undefined;
  /** How often the kernel was given it. */
  readonly lookups: LookupCount;
  /** Names in this directory by which the kernel was given something, and what that was. */
  children: Map<string, Inode> | undefined;
  /** Names of this directory that the kernel was told to be absent for good. */
  absent: Set<string> | undefined;
  /** The watch that guards what the kernel keeps of it without an end; see {@linkcode InodeTable.guard}. */
  watch: string | undefined;
  /** The time of last change that the kernel was told, in milliseconds since the Unix epoch. */
  toldTime: number | undefined;
  /** When its lines last changed upstream, in the same unit; later than what the kernel was told before that. */
  linesChanged: number | undefined;
  /** What the table finds it by: its identity, for a directory with the way to the one that holds it. */
  readonly tableKey: string;
  /** The way to a directory; undefined for a file. */
  readonly way: Way | undefined;
}

/**
 * Finds and mints inodes.
 *
 * A file is one inode for its identity, however many names it has. A directory is one inode for its identity
 * in each directory that holds it: the kernel keeps a single dentry for a directory inode, so a second name
 * for one would take the first away. Both have the same `ino`, which is what users see.
 *
 * The kernel may forget a directory whose child it holds: an inotify watch holds an inode and not the way there. Whoever
 * walks there again has to find the inode that is watched, so a directory is found by its {@linkcode Way}.
 *
 * Invariants: the root is always there; every other inode has a lookup count above zero between two
 * operations; no two inodes have one `nodeid`, nor one table key, but for those that are buried.
 */
export class InodeTable {
  readonly #byNodeid = new Map<number, Inode>();
  readonly #byKey = new Map<string, Inode>();
  readonly #numbers: InodeNumbers;
  /** The inodes of each identity that is a directory. */
  readonly #directories = new Map<string, Set<Inode>>();
  readonly #guarded = new Map<string, Set<Inode>>();
  readonly #buried = new Set<Inode>();
  readonly #ways = new Ways();
  #next = ROOT_NODEID + 1;
  /** The root of the whole tree. */
  readonly root: Inode;

  /** A table that holds the root alone. */
  constructor(numbers: InodeNumbers = new InodeNumbers()) {
    this.#numbers = numbers;
    this.root = {
      nodeid: ROOT_NODEID,
      ino: ROOT_INO,
      place: undefined,
      parent: undefined,
      aliases: undefined,
      lookups: new LookupCount(),
      children: undefined,
      absent: undefined,
      watch: undefined,
      toldTime: undefined,
      linesChanged: undefined,
      tableKey: "",
      way: this.#ways.root,
    };
    this.#byNodeid.set(ROOT_NODEID, this.root);
  }

  /** How many inodes there are, with the root. */
  get size(): number {
    return this.#byNodeid.size;
  }

  /** Every inode, the root first. */
  all(): IterableIterator<Inode> {
    return this.#byNodeid.values();
  }

  /** The inode that the kernel calls `nodeid`, or undefined where it was never given or is forgotten. */
  get(nodeid: number): Inode | undefined {
    return this.#byNodeid.get(nodeid);
  }

  /** The number that users see for an identity, whether the kernel holds it or not. */
  numberOf(key: string): number {
    return this.#numbers.of(key);
  }

  /** The inode of `place` below `parent`: the one that is there, or a new one. Does not count a lookup. */
  enter(parent: Inode, place: Place): Inode {
    const tableKey = place.directory ? wayKey(parent.way ?? this.#ways.root, place.key) : place.key;
    const known = this.#byKey.get(tableKey);
    const inode = known ?? this.#found(this.#mint(parent, place, tableKey));
    if (known !== undefined) {
      noteAlias(known, parent, place.name);
      known.place = place;
      known.parent = parent;
    }
    const before = parent.children?.get(place.name);
    if (before !== undefined && before !== inode) unlink(before, parent, place.name);
    (parent.children ??= new Map()).set(place.name, inode);
    return inode;
  }

  /**
   * An inode for the directory `place` of `parent`, which is gone: for the kernel to take for deleted, and for nobody to
   * find. Does not count a lookup.
   */
  depart(parent: Inode, place: Place): Inode {
    const inode = this.#mint(parent, place, wayKey(parent.way ?? this.#ways.root, place.key));
    this.#buried.add(inode);
    return inode;
  }

  /**
   * The kernel takes the directory `inode` for deleted (`S_DEAD` of `linux/fs.h`) and finds nothing in it any more, for as
   * long as somebody stands there. Where the directory comes back, it is another inode.
   */
  bury(inode: Inode): void {
    if (this.#byNodeid.get(inode.nodeid) !== inode || inode === this.root) return;
    this.#unfind(inode);
    this.#buried.add(inode);
  }

  /** True where a look-up may lead to `inode`: it is held, and not buried. */
  finds(inode: Inode): boolean {
    return this.#byNodeid.get(inode.nodeid) === inode && !this.#buried.has(inode);
  }

  /** Every inode of the identity `key`: one where it is a file, one in each directory where it is a directory. */
  identities(key: string): Inode[] {
    const file = this.#byKey.get(key);
    return [...file === undefined ? [] : [file], ...this.#directories.get(key) ?? []];
  }

  /** What the kernel keeps of `inode` without an end is true until `watch` says otherwise; undefined: for ever. */
  guard(inode: Inode, watch: string | undefined): void {
    if (inode.watch === watch) return;
    this.#unguard(inode);
    inode.watch = watch;
    if (watch !== undefined) addTo(this.#guarded, watch, inode);
  }

  /** What the kernel keeps under `watch`. */
  guardedBy(watch: string): Inode[] {
    return [...this.#guarded.get(watch) ?? []];
  }

  /**
   * The name `name` in `parent` leads nowhere any more, or elsewhere: the kernel was told so. An inode whose only name
   * it was keeps it as the one by which it was last found.
   */
  unname(parent: Inode, name: string): void {
    const inode = parent.children?.get(name);
    if (inode !== undefined) unlink(inode, parent, name);
  }

  /** Forgets an inode that was entered and never given to the kernel; leaves any other as it is. */
  dropUnused(inode: Inode): void {
    const isThere = this.#byNodeid.get(inode.nodeid) === inode;
    if (isThere && inode.lookups.value === 0 && inode !== this.root) this.#remove(inode);
  }

  /**
   * The kernel takes back `count` lookups of `nodeid`; with the last one the inode goes. The root stays, and
   * what is not known is ignored: the kernel does not wait for an answer.
   *
   * @throws {OmnifsError} `internal` where the kernel takes back more than it was given
   */
  forget(nodeid: number, count: number): void {
    const inode = this.#byNodeid.get(nodeid);
    if (inode === undefined || inode === this.root) return;
    try {
      if (inode.lookups.decrement(count)) this.#remove(inode);
    } catch (error) {
      this.#remove(inode);
      throw error;
    }
  }

  /** The mount has ended: nothing is held any more, and the numbers of all of it are free. */
  clear(): void {
    for (const inode of this.#byNodeid.values()) if (inode !== this.root) this.#remove(inode);
  }

  /** How many directories are held, or lie on the way to one that is. */
  get ways(): number {
    return this.#ways.size;
  }

  /**
   * Checks the invariants, for tests.
   *
   * @throws {OmnifsError} `internal`, naming the one that does not hold
   */
  check(): void {
    const broken = (what: string) => new OmnifsError("internal", `inode table: ${what}`);
    if (this.#byNodeid.get(ROOT_NODEID) !== this.root) throw broken("the root is gone");
    if (this.#byKey.size + this.#buried.size !== this.#byNodeid.size - 1) {
      throw broken("a table key without its inode");
    }
    for (const inode of this.#byNodeid.values()) {
      if (inode === this.root) continue;
      if (inode.lookups.value <= 0) throw broken(`inode ${inode.nodeid} that the kernel does not hold`);
      if (this.#buried.has(inode)) continue;
      if (this.#byKey.get(inode.tableKey) !== inode) throw broken(`inode ${inode.nodeid} under no key`);
      if (!this.identities(inode.place?.key ?? "").includes(inode)) {
        throw broken(`inode ${inode.nodeid} unfound`);
      }
      for (const [name, child] of inode.children ?? []) {
        if (this.#byNodeid.get(child.nodeid) !== child) {
          throw broken(`${name} leads to an inode that is gone`);
        }
      }
      if (inode.watch !== undefined && !this.#guarded.get(inode.watch)?.has(inode)) {
        throw broken("a lost guard");
      }
    }
  }

  #mint(parent: Inode, place: Place, tableKey: string): Inode {
    const inode: Inode = {
      nodeid: this.#next++,
      ino: this.#numbers.claim(place.key),
      place,
      parent,
      aliases: undefined,
      lookups: new LookupCount(),
      children: undefined,
      absent: undefined,
      watch: undefined,
      toldTime: undefined,
      linesChanged: undefined,
      tableKey,
      way: place.directory ? this.#ways.hold(tableKey, parent.way ?? this.#ways.root) : undefined,
    };
    this.#byNodeid.set(inode.nodeid, inode);
    return inode;
  }

  #found(inode: Inode): Inode {
    this.#byKey.set(inode.tableKey, inode);
    if (inode.place?.directory) addTo(this.#directories, inode.place.key, inode);
    return inode;
  }

  /** From now on it is found by its `nodeid` alone. */
  #unfind(inode: Inode): void {
    if (this.#byKey.get(inode.tableKey) === inode) this.#byKey.delete(inode.tableKey);
    if (inode.place?.directory) takeFrom(this.#directories, inode.place.key, inode);
  }

  #unguard(inode: Inode): void {
    if (inode.watch !== undefined) takeFrom(this.#guarded, inode.watch, inode);
  }

  /** The kernel holds `inode` no more, so no name leads to it; and no name is in it. */
  #forgetNames(inode: Inode): void {
    const { place, parent } = inode;
    if (place !== undefined && parent?.children?.get(place.name) === inode) {
      parent.children.delete(place.name);
    }
    for (const other of inode.aliases?.values() ?? []) {
      if (other.parent.children?.get(other.place.name) === inode) {
        other.parent.children.delete(other.place.name);
      }
    }
    for (const [name, child] of inode.children ?? []) unlink(child, inode, name);
  }

  #remove(inode: Inode): void {
    this.#byNodeid.delete(inode.nodeid);
    this.#buried.delete(inode);
    this.#unfind(inode);
    this.#unguard(inode);
    this.#forgetNames(inode);
    this.#numbers.release(inode.ino);
    if (inode.way !== undefined) this.#ways.release(inode.way);
  }
}

function addTo(sets: Map<string, Set<Inode>>, key: string, inode: Inode): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([inode]));
  else set.add(inode);
}

function takeFrom(sets: Map<string, Set<Inode>>, key: string, inode: Inode): void {
  const set = sets.get(key);
  if (set?.delete(inode) && set.size === 0) sets.delete(key);
}

/** Takes the name `name` in `parent` from `inode`, which is then found by another one where it has one. */
function unlink(inode: Inode, parent: Inode, name: string): void {
  parent.children?.delete(name);
  inode.aliases?.delete(aliasKey(parent, name));
  if (inode.parent !== parent || inode.place?.name !== name) return;
  for (const [key, other] of inode.aliases ?? []) {
    inode.aliases?.delete(key);
    inode.parent = other.parent;
    inode.place = other.place;
    return;
  }
}

function aliasKey(parent: Inode, name: string): string {
  return `${parent.nodeid}/${name}`;
}

/** Notes the name by which `inode` was found before, where it is now found by another one. */
function noteAlias(inode: Inode, parent: Inode, name: string): void {
  if (inode.place === undefined || inode.parent === undefined) return;
  if (inode.parent === parent && inode.place.name === name) return;
  inode.aliases ??= new Map();
  // A name that was taken back meanwhile is none by which the kernel may still hold it.
  if (inode.parent.children?.get(inode.place.name) === inode) {
    inode.aliases.set(aliasKey(inode.parent, inode.place.name), { parent: inode.parent, place: inode.place });
  }
  inode.aliases.delete(aliasKey(parent, name));
}
