/**
 * Names and nodes: answered from the cache where it can, asked of the provider where it must.
 *
 * What is kept here is kept because somebody has promised to say when it changes; a `volatile` node is handed
 * on and forgotten.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import { OmnifsError } from "../base/errors.ts";
import { SingleFlight } from "../base/single_flight.ts";
import type { Store } from "../cache/store.ts";
import { type Guard, watchKey } from "../cache/watches.ts";
import type { DirEntry, Listing as ProviderListing, Node, Projection } from "../provider/node.ts";
import { keyOf, type Place, placeIn } from "../tree/place.ts";
import { Directory } from "./directory.ts";
import type { Mounts } from "./mounts.ts";
import { isKept, ROOT_NODE, sameState, watchOf, weightOf } from "./node_rules.ts";

/** A node and where it was found. */
export interface Found {
  /** Where. */
  readonly place: Place;
  /** What. */
  readonly node: Node;
}

/** The store that the vfs keeps its knowledge in. */
export type TreeStore = Store<Node, Directory>;

/** Most pages and most names of one directory; a provider whose listing never ends is stopped there. */
const MOST_PAGES = 10_000;
const MOST_NAMES = 250_000;

interface LoadedPage {
  readonly page: ProviderListing;
  readonly directory: Directory;
}

/** Hears that the upstream told another state of a node than the one that was kept. */
export type ChangeListener = (key: string) => void;

/** The names of the whole tree below its root. */
export class Namespace {
  readonly #mounts: Mounts;
  readonly #store: TreeStore;
  readonly #lookups = new SingleFlight<Found | undefined>();
  readonly #pages = new SingleFlight<LoadedPage>();
  readonly #changed: ChangeListener;
  readonly #clock: Clock;
  #epoch = 0;

  /** The tree of `mounts`, kept in `store`; loads begin by `clock`. */
  constructor(mounts: Mounts, store: TreeStore, clock: Clock, changed: ChangeListener = () => {}) {
    this.#mounts = mounts;
    this.#store = store;
    this.#clock = clock;
    this.#changed = changed;
  }

  /** The promise under which what is told of `node` is kept; undefined where it needs none. */
  guardOf(mount: string, node: Node): Guard | undefined {
    const watch = watchOf(node);
    return watch === undefined ? undefined : { watch: watchKey(mount, watch), since: this.#clock.now() };
  }

  /** What the loads came to: lookups and pages together. */
  get counts(): { readonly started: number; readonly joined: number; readonly overtaken: number } {
    const [a, b] = [this.#lookups.counts, this.#pages.counts];
    return {
      started: a.started + b.started,
      joined: a.joined + b.joined,
      overtaken: a.overtaken + b.overtaken,
    };
  }

  /** Counts up with every {@linkcode disown}: what was found out under an earlier one may no longer be true. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The provider that answers for `place`. */
  projection(place: Place): Projection {
    const point = this.#mounts.get(place.mount);
    if (point === undefined) throw new OmnifsError("not-found", `nothing is mounted as ${place.mount}`);
    return point.projection;
  }

  /** The node at `place`, where it is kept. */
  peek(place: Place): Node | undefined {
    return place.parent === undefined ? ROOT_NODE : this.#store.node(place.key);
  }

  /** The child of `parent` called `name`, from the cache alone: null where it is known to be absent. */
  peekChild(parent: Place, name: string): Found | null | undefined {
    const place = this.#store.directory(parent.key)?.find(name);
    if (place === undefined || place === null) return place;
    const node = this.#store.node(place.key);
    return node === undefined ? undefined : { place, node };
  }

  /** What is known of the children of `place`. */
  peekDirectory(place: Place): Directory | undefined {
    return this.#store.directory(place.key);
  }

  /**
   * The child of `parent` called `name`, or undefined where there is none.
   *
   * @throws {OmnifsError} whatever the provider fails with; `interrupted` where `signal` is aborted
   */
  async find(parent: Place, name: string, signal?: AbortSignal): Promise<Found | undefined> {
    const known = this.peekChild(parent, name);
    if (known !== undefined) return known ?? undefined;
    if (this.peek(parent)?.listFirst) {
      const listed = await this.#findByListing(parent, name, signal);
      if (listed !== undefined) return listed ?? undefined;
    }
    return await this.#lookups.run(
      `${parent.key}\0${name}`,
      (abort) => this.#lookUp(parent, name, abort),
      signal,
      (found) => this.#keepFound(parent, found),
    );
  }

  /**
   * The node at `place` now: the kept one, or a new look at it.
   *
   * @throws {OmnifsError} `not-found` where the name no longer leads to this identity
   */
  async resolve(place: Place, signal?: AbortSignal): Promise<Node> {
    const known = this.peek(place);
    if (known !== undefined) return known;
    if (place.parent === undefined) return ROOT_NODE;
    const found = await this.find(place.parent, place.name, signal);
    if (found?.node.id !== place.id) {
      throw new OmnifsError("not-found", `${place.name} is no longer what it was`);
    }
    return found.node;
  }

  /**
   * Loads one more page: the one after those of `current`, or the first one of a directory of which nothing is
   * known. Everybody who asks for the same page meanwhile gets the same directory.
   *
   * @returns the directory with that page
   * @throws {OmnifsError} whatever the provider fails with; `too-large` where it has told more than a directory may have
   */
  async nextPage(place: Place, current: Directory | undefined, signal?: AbortSignal): Promise<Directory> {
    if (current !== undefined) checkBounds(place, current);
    const node = await this.resolve(place, signal);
    // Another reader may have loaded the last page meanwhile; there is none after it.
    if (current?.listing.complete) return current;
    const loaded = await this.#pages.run(
      `${place.key}\0${current?.listing.generation ?? ""}`,
      async (abort) => {
        const cursor = current?.listing.next;
        const page = await this.projection(place).listChildren(place.id, cursor, abort);
        if (page.next !== undefined && page.next === cursor) throw standingStill(place);
        return { page, directory: current?.listing.pages ? current : new Directory() };
      },
      signal,
      ({ page, directory }) => this.#land(place, node, directory, page),
    );
    return loaded.directory;
  }

  /** Keeps `fuller`, which tells more of the state that `node` tells, unless that is no longer what is kept. */
  refine(key: string, node: Node, fuller: Node): void {
    if (this.#store.node(key) === node) this.#put(key, fuller);
  }

  /** Makes every load under way answer nobody: what they load is no longer true. */
  disown(): void {
    this.#epoch++;
    this.#lookups.disownAll();
    this.#pages.disownAll();
  }

  /** Null where the pages that were loaded show that there is no such name; undefined where they do not tell. */
  async #findByListing(parent: Place, name: string, signal?: AbortSignal): Promise<Found | null | undefined> {
    let directory = this.#store.directory(parent.key);
    while (directory === undefined || (directory.find(name) === undefined && !directory.listing.complete)) {
      directory = await this.nextPage(parent, directory, signal);
    }
    const place = directory.find(name);
    if (place === undefined || place === null) return place;
    const node = this.#store.node(place.key);
    return node === undefined ? undefined : { place, node };
  }

  async #lookUp(parent: Place, name: string, signal: AbortSignal): Promise<Found | undefined> {
    const node = await this.projection(parent).lookupChild(parent.id, name, signal);
    if (node === undefined) return undefined;
    return { place: placeIn(parent, name, node.id, node.directory), node };
  }

  #keepFound(parent: Place, found: Found | undefined): void {
    if (found === undefined) return;
    this.#keepNode(found.place.key, found.node);
    if (!isKept(found.node)) return;
    const directory = this.#store.directory(parent.key) ?? new Directory();
    directory.note(found.place);
    this.#keepDirectory(parent, directory);
  }

  #keepNode(key: string, node: Node): void {
    const before = this.#store.node(key);
    const same = before !== undefined && sameState(before, node);
    if (before !== undefined && !(same && isKept(node))) {
      this.#store.drop(key);
      this.#changed(key);
    }
    // Bytes outlive an evicted node; whether they are of this state, nobody knows any more.
    if (before === undefined && node.freshness.tag !== "immutable") this.#store.dropBlocks(key);
    // A length that was found out is not forgotten because it is not told again.
    this.#put(key, same && node.size === undefined ? { ...node, size: before.size } : node);
  }

  #put(key: string, node: Node): void {
    if (isKept(node)) this.#store.putNode(key, node, weightOf(node), this.guardOf(mountOf(key), node));
  }

  #keepDirectory(place: Place, directory: Directory): void {
    const node = this.peek(place);
    if (node === undefined || !isKept(node)) return;
    this.#store.putDirectory(place.key, directory, directory.bytes, this.guardOf(place.mount, node));
  }

  /** Puts one answer of the provider where it belongs. */
  #land(place: Place, node: Node, directory: Directory, page: ProviderListing): void {
    const told = new Told(place);
    const places = page.entries.map((entry) => told.add(place, entry));
    const known = this.#store.directory(place.key);
    const first = directory.listing.pages === 0;
    // Names that were looked up while this was loaded are known still.
    if (first && known?.listing.pages === 0) { for (const each of known.places()) directory.note(each); }
    directory.append({ places, next: page.next, exhaustive: page.exhaustive });
    for (const entry of page.entries) this.#keepNode(keyOf(place.mount, entry.node.id), entry.node);
    // A listing that was dropped while its reader went on must not come back with its next page.
    const current = known === directory || first && !known?.listing.pages;
    const lasting = isKept(node) && page.entries.every((entry) => isKept(entry.node));
    if (current && lasting) {
      this.#store.putDirectory(place.key, directory, directory.bytes, this.guardOf(place.mount, node));
    }
    this.#landElsewhere(told, page);
  }

  /** What the answer told of other directories. */
  #landElsewhere(told: Told, page: ProviderListing): void {
    for (const { parent, entry } of page.also) {
      const holder = told.placeOf(parent);
      if (holder === undefined) continue;
      told.add(holder, entry);
      this.#keepNode(keyOf(holder.mount, entry.node.id), entry.node);
    }
    const complete = new Set(page.complete);
    for (const holder of told.holders()) {
      const children = told.childrenOf(holder);
      if (complete.has(holder.id)) this.#landComplete(holder, children);
      else if (children.length > 0) this.#landSome(holder, children);
    }
  }

  #landComplete(holder: Place, children: readonly Place[]): void {
    if (this.#store.directory(holder.key)?.listing.complete) return;
    const directory = new Directory();
    directory.append({ places: children, next: undefined, exhaustive: true });
    this.#keepDirectory(holder, directory);
  }

  #landSome(holder: Place, children: readonly Place[]): void {
    const directory = this.#store.directory(holder.key) ?? new Directory();
    for (const child of children) directory.note(child);
    this.#keepDirectory(holder, directory);
  }
}

/** The mount name in a key; see `keyOf`. */
function mountOf(key: string): string {
  return key.slice(0, key.indexOf("/"));
}

/** A cursor that leads to itself: to follow it would never end. */
function standingStill(place: Place): OmnifsError {
  return new OmnifsError(
    "internal",
    `the provider ${place.mount} told a page of ${place.name} as its own next one`,
  );
}

function checkBounds({ mount, name }: Place, { listing }: Directory): void {
  if (listing.pages < MOST_PAGES && listing.length < MOST_NAMES) return;
  const told = `${listing.length} names on ${listing.pages} pages`;
  throw new OmnifsError("too-large", `${mount}: the listing of ${name || "/"} does not end after ${told}`);
}

/** The places that one answer spoke of. A parent has to be told before its children. */
class Told {
  readonly #places = new Map<string, Place>();
  readonly #children = new Map<string, Place[]>();
  readonly #listed: Place;

  /** Nothing yet but the directory that was listed. */
  constructor(listed: Place) {
    this.#listed = listed;
  }

  /** Notes `entry` of `parent`; answers its place. */
  add(parent: Place, entry: DirEntry): Place {
    const place = placeIn(parent, entry.name, entry.node.id, entry.node.directory);
    if (place.directory) this.#places.set(place.id, place);
    if (parent !== this.#listed) this.childrenOf(parent).push(place);
    return place;
  }

  /** The directory `id` among those that were told. */
  placeOf(id: string): Place | undefined {
    return this.#places.get(id);
  }

  /** Every directory that was told, without the one that was listed. */
  holders(): IterableIterator<Place> {
    return this.#places.values();
  }

  /** The children of `parent` that were told. */
  childrenOf(parent: Place): Place[] {
    const known = this.#children.get(parent.id);
    if (known !== undefined) return known;
    const children: Place[] = [];
    this.#children.set(parent.id, children);
    return children;
  }
}
