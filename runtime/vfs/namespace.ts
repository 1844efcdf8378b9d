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
import type { Underway } from "../cache/changes.ts";
import type { DirEntry, Listing as ProviderListing, Node, Projection } from "../provider/node.ts";
import { keyOf, type Place, placeIn } from "../tree/place.ts";
import { Directory } from "./directory.ts";
import { EarlyAnswers } from "./early.ts";
import { checkBounds, standingStill } from "./endless.ts";
import { isOf, Knowledge, type TreeStore } from "./knowledge.ts";
import { Look } from "./look.ts";
import type { Mounts } from "./mounts.ts";
import { isKept, isListingKept, ROOT_NODE } from "./node_rules.ts";
import { putRight } from "./righting.ts";
import { Told } from "./told.ts";

/** A node and where it was found. */
export interface Found {
  /** Where. */
  readonly place: Place;
  /** What. */
  readonly node: Node;
}

/** Loads of one thing that may be overtaken one after the other before its reader gets one all the same, unkept. */
const MOST_OVERTAKEN = 4;

interface LoadedPage {
  readonly page: ProviderListing;
  directory: Directory;
}

interface LookedUp {
  found: Found | undefined;
}

/** The names of the whole tree below its root. */
export class Namespace {
  readonly #mounts: Mounts;
  readonly #store: TreeStore;
  readonly #lookups: SingleFlight<LookedUp, Underway>;
  readonly #pages: SingleFlight<LoadedPage, Underway>;
  /** What is kept. */
  readonly knowledge: Knowledge;
  /** What came before anybody asked. */
  readonly early: EarlyAnswers;

  /** The tree of `mounts`, kept in `store`; loads begin by `clock`. */
  constructor(mounts: Mounts, store: TreeStore, clock: Clock) {
    this.#mounts = mounts;
    this.#store = store;
    this.knowledge = new Knowledge(store, clock);
    this.early = new EarlyAnswers(this.knowledge.changes, clock);
    this.#lookups = new SingleFlight({ tracker: this.knowledge.changes });
    this.#pages = new SingleFlight({ tracker: this.knowledge.changes });
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
    const early = this.#findEarly(parent, name);
    if (early !== undefined) return early;
    if (this.peek(parent)?.listFirst) {
      const listed = await this.#findByListing(parent, name, signal);
      if (listed !== undefined) return listed ?? undefined;
    }
    const { found } = await this.#lookups.run(
      `${parent.key}\0${name}`,
      (abort) => this.#lookUp(parent, name, abort),
      signal,
      (told, load, tries) => this.#landFound(parent, name, told, load, tries),
    );
    return found;
  }

  /**
   * What `look` comes to, done again where what it looked at changed meanwhile: whoever is given it keeps it for good,
   * and was told already to forget what was before.
   *
   * @returns the value; `passing` where it changed time after time, so that it may be no more than shown once
   */
  async steady<Value>(
    mount: string,
    look: (look: Look) => Promise<Value>,
    signal: AbortSignal,
  ): Promise<{ readonly value: Value; readonly passing: boolean }> {
    const { changes } = this.knowledge;
    for (let tries = 0;; tries++) {
      const load = changes.begin(mount);
      const looked = new Look(changes, load);
      try {
        const value = await look(looked);
        const passing = looked.changed;
        if (!passing || tries >= MOST_OVERTAKEN) return { value, passing };
      } catch (error) {
        if (!looked.changed || signal.aborted || tries >= MOST_OVERTAKEN) throw error;
      } finally {
        changes.end(load);
      }
    }
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
    return (await this.#loadPage(place, current, signal)).directory;
  }

  /** One more page, as {@linkcode nextPage} tells, with what the provider answered; undefined where there is none. */
  async #loadPage(
    place: Place,
    current: Directory | undefined,
    signal?: AbortSignal,
  ): Promise<Pick<LoadedPage, "directory"> & Partial<LoadedPage>> {
    if (current !== undefined) checkBounds(place, current);
    const node = await this.resolve(place, signal);
    // Another reader may have loaded the last page meanwhile; there is none after it.
    if (current?.listing.complete) return { directory: current };
    return await this.#pages.run(
      `${place.key}\0${current?.listing.generation ?? ""}`,
      async (abort) => {
        const cursor = current?.listing.next;
        const page = await this.projection(place).listChildren(place.id, cursor, abort);
        if (page.next !== undefined && page.next === cursor) throw standingStill(place);
        return { page, directory: current?.listing.pages ? current : new Directory(place) };
      },
      signal,
      (told, load, tries) => this.#land(place, node, told, load, tries),
    );
  }

  /** Keeps `fuller`, which tells more of the state that `node` tells, unless that is no longer what is kept. */
  refine(key: string, node: Node, fuller: Node): void {
    if (this.#store.peekNode(key) === node) this.knowledge.put(key, fuller);
  }

  /** Makes the loads under way of the directories `keys`, or of all, answer nobody: what they load is no longer true. */
  disown(keys?: ReadonlySet<string>): void {
    const theirs = (flight: string) => keys === undefined || isOf(flight, keys);
    this.#lookups.disownAll(theirs);
    this.#pages.disownAll(theirs);
  }

  /** As {@linkcode peek}, for nobody's sake. */
  #nodeOf(place: Place): Node | undefined {
    return place.parent === undefined ? ROOT_NODE : this.#store.peekNode(place.key);
  }

  /** Null where the pages that were loaded show that there is no such name; undefined where they do not tell. */
  async #findByListing(parent: Place, name: string, signal?: AbortSignal): Promise<Found | null | undefined> {
    let directory = this.#store.directory(parent.key);
    let page: ProviderListing | undefined;
    while (directory === undefined || (directory.find(name) === undefined && !directory.listing.complete)) {
      ({ directory, page } = await this.#loadPage(parent, directory, signal));
    }
    const place = directory.find(name);
    if (place === undefined || place === null) return place;
    // What may not be kept is as new as the page that told it, which was asked for just now.
    const node = this.#store.node(place.key) ??
      page?.entries.find((entry) => entry.node.id === place.id)?.node;
    return node === undefined ? undefined : { place, node };
  }

  /** What came before anybody asked, unless it is overtaken by now. */
  #findEarly(parent: Place, name: string): Found | undefined {
    const early = this.early.find(parent.key, name);
    if (early === undefined) return undefined;
    const { node, load } = early;
    const told: LookedUp = { found: { place: placeIn(parent, name, node.id, node.directory), node } };
    return this.#landFound(parent, name, told, load, 0) ? told.found : undefined;
  }

  async #lookUp(parent: Place, name: string, signal: AbortSignal): Promise<LookedUp> {
    const node = await this.projection(parent).lookupChild(parent.id, name, signal);
    if (node === undefined) return { found: undefined };
    return { found: { place: placeIn(parent, name, node.id, node.directory), node } };
  }

  /** Keeps what a look-up told; false where it is overtaken. */
  #landFound(parent: Place, name: string, told: LookedUp, load: Underway, tries: number): boolean {
    const { found } = told;
    const last = tries >= MOST_OVERTAKEN;
    if (this.#isOvertaken(parent, name, found, load)) return last;
    const directory = this.#store.peekDirectory(parent.key);
    const known = directory?.find(name);
    const agrees = known === undefined || (known?.key === found?.place.key);
    // What was listed after this look began is newer than this.
    if (!agrees && directory !== undefined && directory.asOf > load.tick) return false;
    if (found === undefined) {
      if (!agrees && known) this.#contradict(parent, directory, known);
      this.knowledge.shown.name(parent.key, name, undefined);
      return true;
    }
    const node = this.knowledge.promised(parent.mount, found.node);
    const arrived = this.knowledge.arrive(found.place.key, node, load);
    if (arrived === undefined && !last) return false;
    const kept = arrived ?? node;
    told.found = { ...found, node: kept };
    this.knowledge.shown.name(parent.key, name, found.node.id);
    if (!isKept(kept)) return true;
    if (!agrees) this.knowledge.witness.lines(parent.key, directory);
    this.#noteFound(parent, agrees ? directory : undefined, found.place, load);
    return true;
  }

  #isOvertaken(parent: Place, name: string, found: Found | undefined, load: Underway): boolean {
    const { changes } = this.knowledge;
    const node = this.#nodeOf(parent);
    if (changes.noted("lines", parent.key, load)) return true;
    if (node !== undefined && this.knowledge.overtaken("", node, load)) return true;
    const words = changes.said(parent.key, load);
    if (words.some(({ id, entry }) => id === found?.node.id || entry?.name === name)) return true;
    if (this.knowledge.shown.otherwise(parent.key, name, found?.node.id, load.tick)) return true;
    return found !== undefined && this.knowledge.overtaken(found.place.key, found.node, load);
  }

  /** The upstream says that a name which is known to be there is not: the event that says so is still to come. */
  #contradict(parent: Place, directory: Directory | undefined, known: Place): void {
    const gone = directory?.remove(known.key, this.knowledge.now) ?? [];
    for (const place of gone) this.knowledge.witness.line(parent.key, place, undefined);
    this.knowledge.hearer.lines(parent.key);
    this.knowledge.hearer.name(parent.key, known.name, true);
  }

  #noteFound(parent: Place, known: Directory | undefined, place: Place, load: Underway): void {
    const directory = known ?? new Directory(parent);
    directory.note(place, load.tick);
    this.knowledge.landed(directory, load);
    this.knowledge.putDirectory(parent, this.#nodeOf(parent), directory);
  }

  /** Puts one answer of the provider where it belongs; false where it is overtaken. */
  #land(place: Place, node: Node, loaded: LoadedPage, load: Underway, tries: number): boolean {
    const { page, directory } = loaded;
    const { changes } = this.knowledge;
    const first = directory.listing.pages === 0;
    const moved = changes.noted("lines", place.key, load) || this.knowledge.overtaken("", node, load);
    const fresh = first && tries < MOST_OVERTAKEN;
    if (fresh && (moved || this.#wasShownOtherwise(place, page, load))) return false;
    const known = this.#store.peekDirectory(place.key);
    if (first && known !== undefined && known.listing.pages > 0) {
      // What other readers are shown, until an event says otherwise, is what this one is shown.
      for (const { node } of page.entries) this.knowledge.arrive(keyOf(place.mount, node.id), node, load);
      loaded.directory = known;
      return true;
    }
    // A listing that is kept was put right when the word came.
    const righted = putRight(page.entries, changes.said(place.key, load), load, known === directory);
    const told = new Told(place);
    const entries = righted.entries.map((entry) => this.#promise(place.mount, entry));
    const places = entries.map((entry) => told.add(place, entry));
    // Names that were looked up while this was loaded are known still.
    if (first && known?.listing.pages === 0) directory.noteAll(known);
    const cursor = directory.listing.next;
    const agrees = directory.append(
      { places, cursor, next: page.next, exhaustive: page.exhaustive },
      load.tick,
    );
    const whole = !righted.shorter || (first ? page.next === undefined : directory.listing.rewind(2));
    this.knowledge.landed(directory, load);
    for (const entry of entries) this.knowledge.arrive(keyOf(place.mount, entry.node.id), entry.node, load);
    // A listing that was dropped while its reader went on must not come back with its next page.
    const current = known === directory || first && !known?.listing.pages;
    const lasting = !moved && agrees && whole && righted.sure && isListingKept(node, entries);
    if (current && lasting) {
      this.knowledge.putDirectory(place, this.knowledge.promised(place.mount, node), directory);
    } else if (current && known === directory) this.knowledge.dropLines(place.key);
    // Readers get it all the same, and the kernel with them.
    if (!agrees || !whole || !righted.sure) this.knowledge.hearer.lines(place.key);
    this.#landElsewhere(told, page, load);
    this.#show(place, page, first);
    return true;
  }

  /** True where readers were shown other names, after `load` began, than `page` has in their place. */
  #wasShownOtherwise(
    { key }: Place,
    { entries, next, exhaustive }: ProviderListing,
    load: Underway,
  ): boolean {
    const { shown } = this.knowledge;
    if (entries.some(({ name, node }) => shown.otherwise(key, name, node.id, load.tick))) return true;
    return next === undefined && exhaustive &&
      shown.more(key, new Set(entries.map(({ name }) => name)), load.tick);
  }

  /** Readers are shown what was told. */
  #show({ key }: Place, { entries, next, exhaustive }: ProviderListing, first: boolean): void {
    const { shown } = this.knowledge;
    const lines = entries.map(({ name, node }) => [name, node.id] as const);
    if (first && next === undefined && exhaustive) shown.whole(key, lines);
    else for (const [name, id] of lines) shown.name(key, name, id);
  }

  #promise(mount: string, entry: DirEntry): DirEntry {
    const node = this.knowledge.promised(mount, entry.node);
    return node === entry.node ? entry : { ...entry, node };
  }

  /** What the answer told of other directories. */
  #landElsewhere(told: Told, page: ProviderListing, load: Underway): void {
    for (const { parent, entry } of page.also) {
      const holder = told.placeOf(parent);
      if (holder !== undefined) told.add(holder, this.#promise(holder.mount, entry));
    }
    const complete = new Set(page.complete);
    for (const holder of told.holders()) {
      this.#landIn(holder, told.childrenOf(holder), complete.has(holder.id), load);
    }
  }

  /** What the answer told of the directory `holder`: `children`, which are all of them where it is `complete`. */
  #landIn(holder: Place, told: readonly DirEntry[], complete: boolean, load: Underway): void {
    const { changes } = this.knowledge;
    const known = this.#store.peekDirectory(holder.key);
    if (told.some(({ name, node }) => this.knowledge.shown.otherwise(holder.key, name, node.id, load.tick))) {
      return;
    }
    const righted = putRight(told, changes.said(holder.key, load), load, !complete && known !== undefined);
    for (const { node } of righted.entries) this.knowledge.arrive(keyOf(holder.mount, node.id), node, load);
    if (changes.noted("lines", holder.key, load) || known?.listing.complete) return;
    if (!complete && righted.entries.length === 0) return;
    const places = righted.entries.map(({ name, node }) => placeIn(holder, name, node.id, node.directory));
    const directory = complete || known === undefined ? new Directory(holder) : known;
    if (complete && !righted.sure) return;
    if (complete) directory.append({ places, next: undefined, exhaustive: true }, load.tick);
    else for (const place of places) directory.note(place, load.tick);
    this.knowledge.landed(directory, load);
    this.knowledge.putDirectory(holder, this.#nodeOf(holder), directory);
  }
}
