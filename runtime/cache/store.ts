/**
 * The cache: nodes, listings and blocks of bytes under one bound in bytes, least recently used first out.
 *
 * Nothing in it has a time to live. What is here is true until somebody says otherwise, so whoever puts
 * something in must hold a promise for it: a watch, or that it never changes.
 *
 * @module
 */
import { LRUCache } from "lru-cache";
import { type Guard, Watches } from "./watches.ts";

/** The default of `--cache-size`, in bytes. */
export const DEFAULT_CACHE_BYTES = 256 * 1024 * 1024;

/** What the cache did since it was made; each figure counts up, except `bytes` and `items`. */
export interface StoreCounts {
  /** Questions that were answered from the cache. */
  hits: number;
  /** Questions that were not. */
  misses: number;
  /** Items that made room for others. */
  evictions: number;
  /** Items that were dropped on somebody's word. */
  invalidations: number;
}

/** The three kinds of thing that are kept. */
export type ItemKind = "node" | "listing" | "block";

interface Item {
  readonly kind: ItemKind;
  readonly value: unknown;
  readonly watch: string | undefined;
  /** The key of its node, where the item is a block. */
  readonly owner: string | undefined;
}

/** The part of the bound down to which blocks are the first to go. */
const BLOCK_SHARE = 0.25;

/** Bytes that an item takes beside its payload: the entry, its key, the objects around it. Measured, rounded up. */
const ITEM_OVERHEAD = 256;

/**
 * A bounded store of values by the key of their node.
 *
 * Blocks make room before names do, as long as they take more than {@linkcode BLOCK_SHARE} of the bound: to read one
 * large file through must not cost a thousand small ones their place.
 *
 * Invariants: the sizes of all items never exceed the bound; `watches` names exactly the watches of the items
 * that are kept.
 */
export class Store<Node, Directory> {
  readonly #maxBytes: number;
  /** Nodes and listings. */
  readonly #names: LRUCache<string, Item>;
  /** Blocks. */
  readonly #bodies: LRUCache<string, Item>;
  /** Keys of the blocks that are kept of each node. */
  readonly #blocks = new Map<string, Set<string>>();
  readonly #counts: StoreCounts = { hits: 0, misses: 0, evictions: 0, invalidations: 0 };
  #gone: (key: string, node: Node) => void = () => {};
  /** The watches that the kept items name. */
  readonly watches: Watches;

  /** An empty store that keeps at most `maxBytes`. */
  constructor(maxBytes: number, watches: Watches = new Watches()) {
    this.watches = watches;
    this.#maxBytes = Math.max(1, maxBytes);
    this.#names = this.#tier();
    this.#bodies = this.#tier();
  }

  /** What it did so far. */
  get counts(): Readonly<StoreCounts> {
    return this.#counts;
  }

  /** Bytes that are kept now. */
  get bytes(): number {
    return this.#names.calculatedSize + this.#bodies.calculatedSize;
  }

  /** How many items are kept now. */
  get size(): number {
    return this.#names.size + this.#bodies.size;
  }

  /** From now on `gone` hears of each node that is kept no more, whyever, and not replaced. */
  onGone(gone: (key: string, node: Node) => void): void {
    this.#gone = gone;
  }

  /** The node of `key`. */
  node(key: string): Node | undefined {
    return this.#get("node", key) as Node | undefined;
  }

  /** The same for nobody's sake: it counts neither hit nor miss and keeps nothing younger. */
  peekNode(key: string): Node | undefined {
    return this.#peek("node", key) as Node | undefined;
  }

  /** As {@linkcode directory}, and as {@linkcode peekNode} for nobody's sake. */
  peekDirectory(key: string): Directory | undefined {
    return this.#peek("listing", listingKey(key)) as Directory | undefined;
  }

  /** Keeps a node of `bytes` payload, under `guard` where a watch guards it. */
  putNode(key: string, node: Node, bytes: number, guard?: Guard): void {
    this.#put(key, { kind: "node", value: node, watch: guard?.watch, owner: undefined }, bytes, guard);
  }

  /** What is known of the directory `key`. */
  directory(key: string): Directory | undefined {
    return this.#get("listing", listingKey(key)) as Directory | undefined;
  }

  /** Keeps what is known of a directory; again after it grew, with its new size. */
  putDirectory(key: string, directory: Directory, bytes: number, guard?: Guard): void {
    const item: Item = { kind: "listing", value: directory, watch: guard?.watch, owner: undefined };
    this.#put(listingKey(key), item, bytes, guard);
  }

  /** The directory that is kept has another size now, or is another object; what it is kept under stays. */
  renewDirectory(key: string, directory: Directory, bytes: number): void {
    const watch = this.#names.peek(listingKey(key))?.watch;
    this.#put(
      listingKey(key),
      { kind: "listing", value: directory, watch, owner: undefined },
      bytes,
      undefined,
    );
  }

  /** Block `index` of the bytes of `key`. */
  block(key: string, index: number): Uint8Array | undefined {
    return this.#get("block", blockKey(key, index)) as Uint8Array | undefined;
  }

  /** True where {@linkcode block} would answer; counts neither hit nor miss and keeps nothing younger. */
  hasBlock(key: string, index: number): boolean {
    return this.#bodies.has(blockKey(key, index));
  }

  /** Keeps a block, under `guard` where a watch guards it. */
  putBlock(key: string, index: number, bytes: Uint8Array, guard?: Guard): void {
    const item: Item = { kind: "block", value: bytes, watch: guard?.watch, owner: key };
    this.#put(blockKey(key, index), item, bytes.length, guard);
  }

  /** Drops what is kept of one node: attributes, lines, bytes. How many items that were. */
  drop(key: string): number {
    return this.dropNode(key) + this.dropDirectory(key);
  }

  /** Drops the attributes and the bytes that are kept of one node, not its lines. How many items that were. */
  dropNode(key: string): number {
    const dropped = Number(this.#names.delete(key));
    this.#counts.invalidations += dropped;
    return dropped + this.dropBlocks(key);
  }

  /** Drops what is known of the children of one node. How many items that were. */
  dropDirectory(key: string): number {
    const dropped = Number(this.#names.delete(listingKey(key)));
    this.#counts.invalidations += dropped;
    return dropped;
  }

  /** Drops the bytes that are kept of one node. How many blocks that were. */
  dropBlocks(key: string): number {
    let dropped = 0;
    for (const block of [...this.#blocks.get(key) ?? []]) dropped += Number(this.#bodies.delete(block));
    this.#counts.invalidations += dropped;
    return dropped;
  }

  /** Drops everything that `watch` guards, and tells `dropped` the key of each node that something was kept of. */
  dropGuarded(watch: string, dropped: (key: string) => void): number {
    let items = 0;
    for (const key of this.watches.guardedBy(watch)) {
      const [tier] = [this.#names, this.#bodies].filter((each) => each.has(key));
      const item = tier?.peek(key);
      if (item === undefined) continue;
      dropped(item.owner ?? (item.kind === "listing" ? key.slice(0, -listingKey("").length) : key));
      items += Number(tier?.delete(key));
    }
    this.#counts.invalidations += items;
    return items;
  }

  /** Drops everything whose key starts with `prefix`. How many items that were. */
  dropPrefix(prefix: string): number {
    let dropped = 0;
    for (const tier of [this.#names, this.#bodies]) {
      for (const key of [...tier.keys()]) if (key.startsWith(prefix) && tier.delete(key)) dropped++;
    }
    this.#counts.invalidations += dropped;
    return dropped;
  }

  /** How many items of one kind are kept; for the status, not for a hot path. */
  count(kind: ItemKind): number {
    let count = 0;
    for (const item of this.#tierOf(kind).values()) if (item.kind === kind) count++;
    return count;
  }

  #peek(kind: ItemKind, key: string): unknown {
    const item = this.#tierOf(kind).peek(key);
    return item?.kind === kind ? item.value : undefined;
  }

  #get(kind: ItemKind, key: string): unknown {
    const item = this.#tierOf(kind).get(key);
    // A provider mints the identities, so it could mint one that reads like a listing's key.
    if (item === undefined || item.kind !== kind) {
      this.#counts.misses++;
      return undefined;
    }
    this.#counts.hits++;
    return item.value;
  }

  #put(key: string, item: Item, bytes: number, guard: Guard | undefined): void {
    const tier = this.#tierOf(item.kind);
    const size = bytes + key.length + ITEM_OVERHEAD;
    // What is larger than the whole bound is not kept, and then nothing is promised for it either.
    if (size > this.#maxBytes) return void tier.delete(key);
    const before = tier.peek(key);
    // The watch before the room: what makes room may be the last thing that kept the same watch alive.
    if (guard !== undefined) this.watches.retain(guard, key);
    if (item.owner !== undefined) this.#ownBlock(item.owner, key);
    tier.set(key, item, { size });
    if (before?.watch !== undefined && before.watch !== item.watch) this.watches.release(before.watch, key);
    if (before?.owner !== undefined && before.owner !== item.owner) this.#disownBlock(before.owner, key);
    while (this.bytes > this.#maxBytes) this.#victims().pop();
  }

  /** Where the next item to go is taken from. */
  #victims(): LRUCache<string, Item> {
    const share = this.#bodies.calculatedSize / this.#maxBytes;
    return share > BLOCK_SHARE || this.#names.size === 0 ? this.#bodies : this.#names;
  }

  #tierOf(kind: ItemKind): LRUCache<string, Item> {
    return kind === "block" ? this.#bodies : this.#names;
  }

  #tier(): LRUCache<string, Item> {
    return new LRUCache<string, Item>({
      maxSize: this.#maxBytes,
      dispose: (item, key, reason) => {
        if (reason === "set") return;
        if (reason === "evict") this.#counts.evictions++;
        this.#release(key, item);
        if (item.kind === "node") this.#gone(key, item.value as Node);
      },
    });
  }

  #release(key: string, item: Item): void {
    if (item.watch !== undefined) this.watches.release(item.watch, key);
    if (item.owner !== undefined) this.#disownBlock(item.owner, key);
  }

  #ownBlock(owner: string, block: string): void {
    const blocks = this.#blocks.get(owner);
    if (blocks === undefined) this.#blocks.set(owner, new Set([block]));
    else blocks.add(block);
  }

  #disownBlock(owner: string, block: string): void {
    const blocks = this.#blocks.get(owner);
    if (blocks?.delete(block) && blocks.size === 0) this.#blocks.delete(owner);
  }
}

function listingKey(key: string): string {
  return `${key}\0d`;
}

function blockKey(key: string, index: number): string {
  return `${key}\0b${index}`;
}
