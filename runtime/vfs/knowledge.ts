/**
 * What is kept of the tree, and how it changes: an answer lands, an event speaks, somebody says that it is no longer
 * true. Nothing here asks a provider.
 *
 * No state is ever replaced by one that may be older than it: see {@linkcode Knowledge.arrive}.
 *
 * @module
 */
import { Changes, type Underway } from "../cache/changes.ts";
import { Latest } from "../cache/latest.ts";
import { Shown } from "../cache/shown.ts";
import type { Store } from "../cache/store.ts";
import { type Guard, watchKey } from "../cache/watches.ts";
import type { Clock } from "../base/clock.ts";
import type { DirEntry, Node } from "../provider/node.ts";
import type { Place } from "../tree/place.ts";
import type { Directory } from "./directory.ts";
import { isKept, order, sameState, watchOf, weightOf } from "./node_rules.ts";
import { NO_WITNESS, type Witness } from "./witness.ts";

/** The store that the vfs keeps its knowledge in. */
export type TreeStore = Store<Node, Directory>;

/** What an event said of one child of a directory: how it is now, or (where `entry` is undefined) that it is gone. */
export interface ChildWord {
  /** The child's identity. */
  readonly id: string;
  /** The child. */
  readonly entry: DirEntry | undefined;
}

/** Hears what a kernel may hold that is no longer true. It is called in the middle of a change, so it only takes note. */
export interface Hearer {
  /** The attributes and the bytes of the node `key`. */
  state(key: string): void;
  /** The lines of the directory `key`. */
  lines(key: string): void;
  /** Where the names in the directory `key` lead. */
  names(key: string): void;
  /** Where `name` in the directory `key` leads; `gone` where it leads nowhere. */
  name(key: string, name: string, gone: boolean): void;
  /** The directory `key` has the child `child` as `name` now, or (undefined) no more. */
  child(key: string, child: string, name: string | undefined): void;
  /** The whole of what `key` has: attributes, bytes, lines, each name in it and each name of it. */
  all(key: string): void;
}

const DEAF: Hearer = { state() {}, lines() {}, names() {}, name() {}, child() {}, all() {} };

/** The kept tree. */
export class Knowledge {
  /** Where it is kept. */
  readonly store: TreeStore;
  /** What changed while loads were under way. */
  readonly changes: Changes<ChildWord>;
  /** What readers were shown while loads were under way. */
  readonly shown: Shown<Node>;
  /** How new the states are that were told and are no longer kept, by the upstream's time. */
  readonly latest = new Latest();
  /** When it was last said, by this host's time, that a node is no longer what it was. */
  readonly #doubts = new Latest();
  /** The same of everything that a watch guards. */
  readonly #watchDoubts = new Latest();
  /** Who tells the kernel. */
  hearer: Hearer = DEAF;
  /** Who tells those that watch. */
  witness: Witness = NO_WITNESS;
  readonly #clock: Clock;
  #touched = new Set<string>();

  /** What `store` holds, which nobody else changes. */
  constructor(store: TreeStore, clock: Clock) {
    this.store = store;
    this.#clock = clock;
    this.changes = new Changes(clock);
    this.shown = new Shown(this.changes);
    store.onGone((key, { modified }) => {
      if (modified !== undefined) this.latest.note(key, modified);
    });
  }

  /** `node` as it may be kept: under a watch that is lost nobody promises anything. */
  promised(mount: string, node: Node): Node {
    const watch = watchOf(node);
    if (watch === undefined || !this.store.watches.isLost(watchKey(mount, watch))) return node;
    this.store.watches.want(watchKey(mount, watch));
    return { ...node, freshness: { tag: "volatile" } };
  }

  /**
   * Keeps what a load told of `key`, where it may be kept.
   *
   * What was said to be no longer true after the load began is overtaken: the answer may be older. What was told
   * meanwhile by an event or by a later load stays, unless the upstream's own time says that this is newer.
   *
   * @returns what is true of it: `node`, or what is kept instead; undefined where the answer is overtaken
   */
  arrive(key: string, node: Node, load: Underway): Node | undefined {
    if (this.overtaken(key, node, load)) return undefined;
    const before = this.store.peekNode(key);
    if (before !== undefined && this.changes.keptAfter(key, load) && order(node, before) !== "newer") {
      return before;
    }
    if (this.#wasShownNewer(key, node, load)) return undefined;
    const same = before !== undefined && sameState(before, node);
    // Bytes outlive an evicted node; whether they are of this state, nobody knows any more.
    if (before === undefined && node.freshness.tag !== "immutable") this.store.dropBlocks(key);
    // A length that was found out is not forgotten because it is not told again.
    const whole = same && node.size === undefined ? { ...node, size: before.size } : node;
    this.changes.kept(key, load.tick);
    this.shown.state(key, whole);
    if (isKept(node)) this.put(key, whole);
    if (before === undefined || same && isKept(node)) return whole;
    // After the new one was put, so that the watch of both does not end in between.
    this.witness.state(key, before, true);
    this.witness.lines(key, this.store.peekDirectory(key));
    if (isKept(node)) {
      this.store.dropBlocks(key);
      this.store.dropDirectory(key);
    } else this.store.drop(key);
    this.changes.note("replaced", key);
    this.hearer.state(key);
    return whole;
  }

  /** Keeps `node`, as an event told it, in place of what is kept of `key`. */
  replace(key: string, node: Node): void {
    this.witness.state(key, this.store.peekNode(key), true);
    this.changes.note("replaced", key);
    this.changes.kept(key);
    this.shown.state(key, node);
    this.#touched.add(key);
    this.put(key, node);
    this.store.dropBlocks(key);
    this.hearer.state(key);
  }

  /** True where what is told of `node` is kept, or never changes: then a kernel may keep it as long. */
  isPromised(mount: string, node: Node): boolean {
    const watch = watchOf(node);
    return isKept(node) && (watch === undefined || this.store.watches.isAlive(watchKey(mount, watch)));
  }

  /** When, by this host's time, it was last said that `node`, whose key is `key`, is no longer what it was. */
  doubtedAt(key: string, mount: string, node: Node): number {
    const watch = watchOf(node);
    const guarded = watch === undefined ? -Infinity : this.#watchDoubts.of(watchKey(mount, watch));
    return Math.max(this.#doubts.of(key), guarded);
  }

  /** The keys of what was dropped or replaced since this was last asked. */
  touched(): ReadonlySet<string> {
    const touched = this.#touched;
    this.#touched = new Set();
    return touched;
  }

  /** True where what `load` told of the node `key` may be older than what was said since. */
  overtaken(key: string, node: Node, load: Underway): boolean {
    const watch = watchOf(node);
    return this.changes.noted("state", key, load) ||
      watch !== undefined && this.changes.noted("watch", watchKey(load.mount, watch), load);
  }

  /** True where a reader was shown another state of `key` after `load` began, and `node` is not known to be newer. */
  #wasShownNewer(key: string, node: Node, load: Underway): boolean {
    const shown = this.shown.stateAfter(key, load.tick);
    if (shown === undefined) return false;
    const how = order(node, shown);
    // Without bytes at hand the same marks are believed to be the same state.
    return how === "older" || how === "unsure" && (node.content.tag === "inline" || !sameState(node, shown));
  }

  /** Keeps `node`, where it may be kept. */
  put(key: string, node: Node): void {
    if (isKept(node)) this.store.putNode(key, node, weightOf(node), this.guardOf(mountOf(key), node));
  }

  /** Keeps what is known of the directory at `place`, whose node is `node`, where it may be kept. */
  putDirectory(place: Place, node: Node | undefined, directory: Directory): void {
    if (node === undefined || !isKept(node)) return;
    this.store.putDirectory(place.key, directory, directory.bytes, this.guardOf(place.mount, node));
  }

  /** The time, in milliseconds since the Unix epoch. */
  get now(): number {
    return this.#clock.now();
  }

  /** Notes in `directory` that an answer of `load` was put in. */
  landed(directory: Directory, load: Underway): void {
    directory.landed(load.tick, this.#clock.now());
  }

  /** The promise under which what is told of `node` is kept; undefined where it needs none. */
  guardOf(mount: string, node: Node): Guard | undefined {
    const watch = watchOf(node);
    return watch === undefined
      ? undefined
      : { watch: watchKey(mount, watch), since: this.changes.since(mount) };
  }

  /** Drops the attributes and the bytes of `key`. How many items that were. */
  dropState(key: string): number {
    this.#touched.add(key);
    this.changes.note("state", key);
    this.#doubts.note(key, this.now);
    this.witness.state(key, this.store.peekNode(key), true);
    this.hearer.state(key);
    return this.store.dropNode(key);
  }

  /** Drops what is known of the children of `key`. How many items that were. */
  dropLines(key: string): number {
    this.#touched.add(key);
    this.changes.note("lines", key);
    this.witness.lines(key, this.store.peekDirectory(key));
    this.hearer.lines(key);
    this.hearer.names(key);
    return this.store.dropDirectory(key);
  }

  /** Drops all that `watch` guards, here and in the kernel. How many items that were. */
  dropGuarded(watch: string): number {
    this.changes.note("watch", watch);
    this.#watchDoubts.note(watch, this.now);
    return this.store.dropGuarded(watch, (key) => {
      this.witness.state(key, this.store.peekNode(key), false);
      this.witness.lines(key, this.store.peekDirectory(key));
      this.#overtake(key);
    });
  }

  /** Drops everything that is kept of `key`. How many items that were. */
  dropAll(key: string): number {
    this.#overtake(key);
    return this.store.drop(key);
  }

  #overtake(key: string): void {
    this.#touched.add(key);
    this.changes.note("state", key);
    this.changes.note("lines", key);
    this.hearer.all(key);
  }
}

/** True where the load `flight`, whose key is that of a node and more behind a NUL, is one of a node of `keys`. */
export function isOf(flight: string, keys: ReadonlySet<string>): boolean {
  for (let at = flight.indexOf("\0"); at >= 0; at = flight.indexOf("\0", at + 1)) {
    if (keys.has(flight.slice(0, at))) return true;
  }
  return false;
}

/** The mount name in a key; see `keyOf`. */
function mountOf(key: string): string {
  return key.slice(0, key.indexOf("/"));
}
