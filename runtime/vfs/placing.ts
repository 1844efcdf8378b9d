/**
 * What an event says of one child of a directory: how it is now, or that it is gone.
 *
 * Events come late, twice, and in another order than they happened. So each is held against what is known first: by
 * the upstream's own time of either state. What is surely newer is kept as it is; what is older is ignored; and where
 * nobody can tell, the event says no more than that the child has to be asked for anew.
 *
 * @module
 */
import type { DirEntry, Node } from "../provider/node.ts";
import { keyOf, type Place, placeIn } from "../tree/place.ts";
import { Directory } from "./directory.ts";
import type { EarlyAnswer } from "./early.ts";
import type { Knowledge } from "./knowledge.ts";
import { type Order, order } from "./node_rules.ts";

/** What a child is, as an event has it, beside what is known; `first` where nothing ever was. */
type Verdict = Order | "first";

/** Applies the words of one delivery. */
export class Placing {
  readonly #knowledge: Knowledge;
  readonly #mount: string;
  readonly #verdicts = new Map<string, Verdict>();
  /** The upstream's time of what is told, in milliseconds since the Unix epoch. */
  readonly #times = new Map<string, number>();
  /** Identities that were kept by this delivery: what it tells of their children is of the same moment. */
  readonly #kept = new Map<string, Place>();
  /** Children of directories of which nothing is known, for those who ask for them soon. */
  readonly early: EarlyAnswer[] = [];

  /** The words of a delivery of the provider at `mount`, about what `knowledge` holds. */
  constructor(knowledge: Knowledge, mount: string) {
    this.#knowledge = knowledge;
    this.#mount = mount;
  }

  /** Holds `node`, which is told as a child, against what is known before any of the delivery is applied. */
  judge(node: Node): void {
    if (!this.#verdicts.has(node.id)) this.#verdicts.set(node.id, this.#verdictOf(node));
    if (node.modified !== undefined) this.#times.set(node.id, node.modified);
  }

  /** `parent` has the child `entry`. How many items that changed. */
  placed(parent: string, entry: DirEntry): number {
    const node = this.#knowledge.promised(this.#mount, entry.node);
    const [key, child] = [keyOf(this.#mount, parent), keyOf(this.#mount, node.id)];
    const verdict = node.freshness.tag === "volatile" ? "unsure" : this.#verdicts.get(node.id) ?? "unsure";
    if (verdict === "first" || verdict === "newer") {
      if (node.modified !== undefined) this.#knowledge.latest.note(child, node.modified);
      return this.#keep(key, parent, { name: entry.name, node }, verdict);
    }
    const dropped = verdict === "unsure" ? this.#knowledge.dropState(child) : 0;
    const known = this.#knowledge.store.peekDirectory(key)?.holding(child);
    return dropped + this.#believe(key, child, verdict, known?.name === entry.name, entry);
  }

  /** `parent` no longer has the child `id`. How many items that changed. */
  removed(parent: string, id: string): number {
    const verdict = this.#verdicts.get(id);
    const [key, child] = [keyOf(this.#mount, parent), keyOf(this.#mount, id)];
    const { hearer, store } = this.#knowledge;
    const directory = store.peekDirectory(key);
    if (verdict === "older" || verdict === "same" || verdict === "unsure") {
      const gone = directory?.listing.complete === true && directory.holding(child) === undefined;
      return this.#believe(key, child, verdict, gone, undefined);
    }
    this.#knowledge.changes.say(key, { id, entry: undefined });
    const gone = directory?.remove(child, this.#times.get(id) ?? this.#knowledge.now) ?? [];
    hearer.lines(key);
    hearer.child(key, child, undefined);
    for (const place of gone) this.#knowledge.witness.line(key, place, undefined);
    if (directory === undefined) this.#knowledge.witness.lines(key, undefined);
    if (directory === undefined || gone.length === 0) return 0;
    if (!directory.standsWithout(this.#times.get(id) ?? -Infinity)) {
      return gone.length + this.#knowledge.dropLines(key);
    }
    this.#rekeep(directory);
    return gone.length;
  }

  /**
   * What a word is worth that may be old: of the child `child` of the directory `key`, which is there as `entry`, or
   * not at all. `known` is true where that is what is known.
   */
  #believe(key: string, child: string, verdict: Order, known: boolean, entry: DirEntry | undefined): number {
    const { changes, store } = this.#knowledge;
    const directory = store.peekDirectory(key);
    const id = child.slice(this.#mount.length + 1);
    // Something later was said of the same child of the same directory.
    if (
      verdict === "older" && (this.#times.get(id) ?? -Infinity) < (directory?.saidAsOf(child) ?? -Infinity)
    ) return 0;
    const unheard = directory?.holding(child) === undefined &&
      (entry === undefined || directory?.find(entry.name) === undefined);
    if (!known && !(verdict === "same" && entry !== undefined && unheard)) {
      return this.#knowledge.dropLines(key);
    }
    if (known && verdict !== "same") {
      // Loads that are under way may tell something else.
      changes.note("lines", key);
      return 0;
    }
    changes.say(key, { id, entry });
    if (!known && entry !== undefined) this.#tell(key, entry);
    return 0;
  }

  #verdictOf(node: Node): Verdict {
    const { store, latest } = this.#knowledge;
    const key = keyOf(this.#mount, node.id);
    const known = store.peekNode(key);
    if (known !== undefined) return order(node, known);
    if (node.modified === undefined) return "unsure";
    const seen = latest.of(key);
    if (node.modified <= seen) return node.modified < seen ? "older" : "unsure";
    // What changed since may be what is told here, or something that came after it.
    if (node.modified <= this.#knowledge.doubtedAt(key, this.#mount, node)) return "unsure";
    return seen === -Infinity ? "first" : "newer";
  }

  #keep(key: string, parent: string, entry: DirEntry, verdict: Verdict): number {
    const directory = this.#knowledge.store.peekDirectory(key);
    const child = keyOf(this.#mount, entry.node.id);
    // A child that is new here may have been and gone before what is known was told.
    const doubtful = directory !== undefined && directory.holding(child) === undefined &&
      !((entry.node.modified ?? -Infinity) > directory.knownAsOf(child));
    if (!doubtful) this.#knowledge.changes.say(key, { id: entry.node.id, entry });
    const at = directory?.place ?? this.#kept.get(parent);
    if (at === undefined || directory === undefined && !this.#kept.has(parent)) {
      return this.#keepAlone(key, entry, verdict);
    }
    if (doubtful) return this.#knowledge.dropState(child) + this.#knowledge.dropLines(key);
    const place = placeIn(at, entry.name, entry.node.id, entry.node.directory);
    this.#keepState(entry.node, place);
    this.#line(directory ?? new Directory(at), place, entry.node.modified ?? -Infinity);
    return 2;
  }

  /** Nothing is known of the directory: what is kept of the child is put right, and the kernel may know its names. */
  #keepAlone(key: string, entry: DirEntry, verdict: Verdict): number {
    this.#tell(key, entry);
    this.early.push({ directory: key, entry });
    const child = keyOf(this.#mount, entry.node.id);
    const held = this.#knowledge.store.peekNode(child) !== undefined;
    if (!held || verdict !== "newer") return this.#knowledge.dropState(child);
    this.#knowledge.replace(child, entry.node);
    return 1;
  }

  /** The kernel may hold lines and names that the cache does not hold. */
  #tell(key: string, { name, node }: DirEntry): void {
    this.#knowledge.witness.lines(key, undefined);
    this.#knowledge.hearer.lines(key);
    this.#knowledge.hearer.child(key, keyOf(this.#mount, node.id), name);
  }

  #keepState(node: Node, place: Place): void {
    this.#kept.set(node.id, place);
    this.#knowledge.replace(place.key, node);
  }

  /** Puts the child at `place` into what is known of its directory, as of `time`. */
  #line(directory: Directory, place: Place, time: number): void {
    const { hearer } = this.#knowledge;
    const key = directory.place?.key ?? "";
    const before = directory.find(place.name);
    const gone = directory.place === undefined
      ? []
      : directory.put(place, this.#knowledge.changes.tick, time);
    for (const { name } of gone) hearer.name(key, name, false);
    this.#witness(key, directory, gone, before?.key === place.key ? undefined : place);
    if (gone.length > 0 && !directory.standsWithout(time)) return void this.#knowledge.dropLines(key);
    if (before?.key !== place.key) hearer.lines(key);
    hearer.child(key, place.key, place.name);
    this.#rekeep(directory);
  }

  /** Notes for those who watch which lines of `directory` are gone, and which one is new. */
  #witness(key: string, directory: Directory, gone: readonly Place[], fresh: Place | undefined): void {
    const { witness } = this.#knowledge;
    // What stands in the way of a name goes before the name is taken.
    for (const place of gone) if (place.key !== fresh?.key) witness.line(key, place, undefined);
    for (const place of gone) if (place.key === fresh?.key) witness.line(key, place, fresh);
    if (fresh === undefined || gone.some((place) => place.key === fresh.key)) return;
    // Of a directory that is not known whole, nobody can tell what is new in it.
    if (directory.listing.complete) witness.line(key, undefined, fresh);
    else witness.lines(key, undefined);
  }

  /** Keeps a directory that changed. One that is mostly gaps is written anew; its readers go on in the old one. */
  #rekeep(directory: Directory): void {
    const { place } = directory;
    if (place === undefined) return;
    const { store } = this.#knowledge;
    const written = directory.listing.sparse ? directory.rewritten() : directory;
    if (store.peekDirectory(place.key) === directory) store.renewDirectory(place.key, written, written.bytes);
    else this.#knowledge.putDirectory(place, store.peekNode(place.key), written);
  }
}
