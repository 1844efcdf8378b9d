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
import type { Knowledge } from "./knowledge.ts";
import { type Order, order } from "./node_rules.ts";

/** What a child is, as an event has it, beside what is known; `first` where nothing ever was. */
type Verdict = Order | "first";

/** Applies the words of one delivery. */
export class Placing {
  readonly #knowledge: Knowledge;
  readonly #mount: string;
  readonly #verdicts = new Map<string, Verdict>();
  /** Identities that were kept by this delivery: what it tells of their children is of the same moment. */
  readonly #kept = new Map<string, Place>();

  /** The words of a delivery of the provider at `mount`, about what `knowledge` holds. */
  constructor(knowledge: Knowledge, mount: string) {
    this.#knowledge = knowledge;
    this.#mount = mount;
  }

  /** Holds `node`, which is told as a child, against what is known before any of the delivery is applied. */
  judge(node: Node): void {
    if (!this.#verdicts.has(node.id)) this.#verdicts.set(node.id, this.#verdictOf(node));
  }

  /** `parent` has the child `entry`. How many items that changed. */
  placed(parent: string, entry: DirEntry): number {
    const node = this.#knowledge.promised(this.#mount, entry.node);
    const verdict = this.#verdicts.get(node.id) ?? "unsure";
    if (verdict === "older") return 0;
    const key = keyOf(this.#mount, parent);
    if (verdict === "same") return this.#confirm(key, entry);
    if (verdict === "unsure" || node.freshness.tag === "volatile") return this.#doubt(key, entry);
    this.#knowledge.changes.say(key, { id: node.id, entry: { name: entry.name, node } });
    return this.#keep(key, parent, { name: entry.name, node }, verdict);
  }

  /** `parent` no longer has the child `id`. How many items that changed. */
  removed(parent: string, id: string): number {
    const verdict = this.#verdicts.get(id);
    if (verdict === "older") return 0;
    const [key, child] = [keyOf(this.#mount, parent), keyOf(this.#mount, id)];
    const { hearer, store } = this.#knowledge;
    const directory = store.peekDirectory(key);
    if (verdict === "same" || verdict === "unsure") {
      return directory?.holding(child) === undefined && directory?.listing.complete
        ? 0
        : this.#knowledge.dropLines(key);
    }
    this.#knowledge.changes.say(key, { id, entry: undefined });
    const gone = directory?.remove(child) ?? [];
    hearer.lines(key);
    hearer.child(key, child, undefined);
    if (directory !== undefined && gone.length > 0) this.#rekeep(directory);
    return gone.length;
  }

  #verdictOf(node: Node): Verdict {
    const { store, latest } = this.#knowledge;
    const key = keyOf(this.#mount, node.id);
    const known = store.peekNode(key);
    if (known !== undefined) return order(node, known);
    if (node.modified === undefined) return "unsure";
    const seen = latest.of(key);
    if (seen === -Infinity) return "first";
    return node.modified > seen ? "newer" : node.modified < seen ? "older" : "unsure";
  }

  /** The child is as it was. Where its name is another one, nobody can tell which of both is the later. */
  #confirm(key: string, { name, node }: DirEntry): number {
    const place = this.#knowledge.store.peekDirectory(key)?.find(name);
    if (place === undefined || place?.id === node.id) return 0;
    return this.#knowledge.dropLines(key);
  }

  #doubt(key: string, { name, node }: DirEntry): number {
    const dropped = this.#knowledge.dropState(keyOf(this.#mount, node.id));
    const place = this.#knowledge.store.peekDirectory(key)?.find(name);
    return place === undefined || place?.id === node.id ? dropped : dropped + this.#knowledge.dropLines(key);
  }

  #keep(key: string, parent: string, entry: DirEntry, verdict: Verdict): number {
    const directory = this.#knowledge.store.peekDirectory(key);
    const at = directory?.place ?? this.#kept.get(parent);
    if (at === undefined || directory === undefined && !this.#kept.has(parent)) {
      return this.#keepAlone(key, entry, verdict);
    }
    const listed = directory?.holding(keyOf(this.#mount, entry.node.id)) !== undefined;
    const place = placeIn(at, entry.name, entry.node.id, entry.node.directory);
    this.#keepState(entry.node, place);
    // A child that is new here may have been and gone before the directory was listed.
    const doubtful = directory !== undefined && !listed &&
      !((entry.node.modified ?? -Infinity) > directory.landedAt);
    if (doubtful) return 1 + this.#knowledge.dropLines(key);
    this.#line(directory ?? new Directory(at), place);
    return 2;
  }

  /** Nothing is known of the directory: what is kept of the child is put right, and the kernel may know its names. */
  #keepAlone(key: string, { name, node }: DirEntry, verdict: Verdict): number {
    const { hearer } = this.#knowledge;
    hearer.lines(key);
    hearer.child(key, keyOf(this.#mount, node.id), name);
    if (verdict !== "newer" || this.#knowledge.store.peekNode(keyOf(this.#mount, node.id)) === undefined) {
      return 0;
    }
    this.#knowledge.replace(keyOf(this.#mount, node.id), node);
    return 1;
  }

  #keepState(node: Node, place: Place): void {
    this.#kept.set(node.id, place);
    this.#knowledge.replace(place.key, node);
  }

  /** Puts the child at `place` into what is known of its directory. */
  #line(directory: Directory, place: Place): void {
    const { hearer } = this.#knowledge;
    const key = directory.place?.key ?? "";
    const before = directory.find(place.name);
    const gone = directory.place === undefined ? [] : directory.put(place);
    for (const { name } of gone) hearer.name(key, name, false);
    if (before?.key !== place.key) hearer.lines(key);
    hearer.child(key, place.key, place.name);
    this.#rekeep(directory);
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
