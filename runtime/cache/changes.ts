/**
 * What was said to have changed while loads were under way: an answer may be older than what was said after its load
 * began, whenever it arrives.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import type { Tracker } from "../base/single_flight.ts";

/** A load that is under way. */
export interface Underway {
  /** The provider that was asked. */
  readonly mount: string;
  /** When it began, in the order of everything that this log saw. */
  readonly tick: number;
  /** When it began, in milliseconds since the Unix epoch. */
  readonly since: number;
  /** True for a load of one thing, false for a look at what several loads may tell. */
  readonly single: boolean;
}

/**
 * What can change: a node's `state` is no longer true, or was `replaced` by another one; the names in a directory; all
 * that a watch guards.
 */
export type Changing = "state" | "replaced" | "lines" | "watch";

interface Said<Word> {
  readonly tick: number;
  readonly word: Word;
}

/** Entries after which the log looks for what no load can miss any more. */
const PRUNE_AT = 4_096;

/**
 * Remembers what changed, for as long as a load is under way that began before.
 *
 * `Word` is what is said of one child of a directory, in full, so that a listing that arrives later can be put right
 * rather than asked for once more: a stream of such words never starves a slow listing.
 */
export class Changes<Word> implements Tracker<Underway> {
  readonly #clock: Clock;
  readonly #underway = new Set<Underway>();
  readonly #latest = new Map<string, number>();
  readonly #words = new Map<string, Said<Word>[]>();
  #entries = 0;
  #pruneAt = PRUNE_AT;
  #tick = 0;
  #loads = 0;
  #everything = 0;

  /** Nothing is under way; loads begin by `clock`. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Where the log is now; what happens later has a higher number. */
  get tick(): number {
    return this.#tick;
  }

  /** How much is remembered. */
  get size(): number {
    return this.#entries;
  }

  /** How many loads are under way. */
  get underway(): number {
    return this.#underway.size;
  }

  /** The loads of single things that are under way; looks at several of them (see `begin`) do not count. */
  get loads(): number {
    return this.#loads;
  }

  /** When the oldest of all that is under way began. */
  get oldest(): number {
    const [oldest] = this.#underway;
    return oldest?.tick ?? this.#tick;
  }

  /** A moment after everything that was noted until now. */
  moment(): number {
    return ++this.#tick;
  }

  /** A load of something of the provider whose mount name is the first segment of `key` begins. */
  begin(key: string): Underway {
    const [mount = ""] = key.split("/", 1);
    const load = { mount, tick: ++this.#tick, since: this.#clock.now(), single: key.includes("/") };
    this.#underway.add(load);
    if (load.single) this.#loads++;
    return load;
  }

  /** What `load` loaded was kept, or never will be. */
  end(load: Underway): void {
    if (this.#underway.delete(load) && load.single) this.#loads--;
    if (this.#underway.size > 0) return;
    this.#latest.clear();
    this.#words.clear();
    this.#entries = 0;
    this.#pruneAt = PRUNE_AT;
  }

  /** When the oldest load of `mount` that is under way began, in milliseconds since the Unix epoch; now where none is. */
  since(mount: string): number {
    for (const load of this.#underway) if (load.mount === mount) return load.since;
    return this.#clock.now();
  }

  /** What was known of `key` until now is no longer true. */
  note(what: Changing, key: string): void {
    this.#set(`${what} ${key}`, ++this.#tick);
  }

  /** Nothing that was known until now need be true any more. */
  noteEverything(): void {
    this.#everything = ++this.#tick;
  }

  /** True where {@linkcode note} was called for it after `load` began. */
  noted(what: Changing, key: string, load: Underway): boolean {
    return this.#everything > load.tick || this.#after(`${what} ${key}`, load);
  }

  /** The state of `key` that is kept was told by a load that began at `asOf`; by an event, now, where that is left out. */
  kept(key: string, asOf: number = ++this.#tick): void {
    this.#set(`kept ${key}`, asOf);
  }

  /** True where what is kept of `key` was told after `load` began. */
  keptAfter(key: string, load: Underway): boolean {
    return this.#after(`kept ${key}`, load);
  }

  /** `word` was said of a child of the directory `key`. */
  say(key: string, word: Word): void {
    const said = { tick: ++this.#tick, word };
    if (this.#underway.size === 0) return;
    const words = this.#words.get(key);
    if (words === undefined) this.#words.set(key, [said]);
    else words.push(said);
    this.#count();
  }

  /** What was said of the children of the directory `key` after `load` began, in order. */
  said(key: string, load: Underway): Word[] {
    const words = this.#words.get(key);
    return words === undefined ? [] : words.flatMap(({ tick, word }) => tick > load.tick ? [word] : []);
  }

  #after(key: string, load: Underway): boolean {
    return (this.#latest.get(key) ?? 0) > load.tick;
  }

  #set(key: string, tick: number): void {
    if (this.#underway.size === 0) return;
    const before = this.#latest.get(key);
    if (before === undefined) this.#count();
    this.#latest.set(key, Math.max(tick, before ?? 0));
  }

  #count(): void {
    if (++this.#entries >= this.#pruneAt) this.#prune();
  }

  /** Forgets what happened before the oldest load under way began. */
  #prune(): void {
    const [oldest] = this.#underway;
    if (oldest === undefined) return;
    for (const [key, tick] of this.#latest) if (tick <= oldest.tick) this.#latest.delete(key);
    for (const [key, words] of this.#words) {
      const left = words.filter(({ tick }) => tick > oldest.tick);
      if (left.length === 0) this.#words.delete(key);
      else this.#words.set(key, left);
    }
    this.#entries = this.#latest.size +
      [...this.#words.values()].reduce((sum, words) => sum + words.length, 0);
    this.#pruneAt = Math.max(PRUNE_AT, 2 * this.#entries);
  }
}
