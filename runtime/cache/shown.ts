/**
 * What answers showed that arrived while other loads were under way: one that began before, and arrives with something
 * else, may be older than what a reader has seen.
 *
 * @module
 */

/** Where the order of everything comes from. */
export interface Order {
  /** The loads that are under way, the one that has just arrived among them. */
  readonly loads: number;
  /** When the oldest load under way began. */
  readonly oldest: number;
  /** A moment after all that was asked for before. */
  moment(): number;
}

/** Records after which the log looks for what no load can miss any more. */
const PRUNE_AT = 16_384;

interface At<Value> {
  readonly tick: number;
  readonly value: Value;
}

interface Names {
  /** When the whole directory was shown: a name that was not shown since is absent. */
  whole: number;
  readonly shown: Map<string, At<string | undefined>>;
}

/** Remembers what was shown, for as long as a load is under way that began before. */
export class Shown<State> {
  readonly #order: Order;
  readonly #names = new Map<string, Names>();
  readonly #states = new Map<string, At<State>>();
  #records = 0;
  #pruneAt = PRUNE_AT;

  /** Nothing was shown; moments are those of `order`. */
  constructor(order: Order) {
    this.#order = order;
  }

  /** `name` in the directory `key` was shown as the identity `id`; undefined where it was shown to be absent. */
  name(key: string, name: string, id: string | undefined): void {
    if (this.#isAlone()) return;
    this.#count(1);
    this.#namesOf(key).shown.set(name, { tick: this.#order.moment(), value: id });
  }

  /** Every name in the directory `key` was shown. */
  whole(key: string, entries: Iterable<readonly [name: string, id: string]>): void {
    if (this.#isAlone()) return;
    const names = this.#namesOf(key);
    const tick = this.#order.moment();
    names.shown.clear();
    for (const [name, value] of entries) names.shown.set(name, { tick, value });
    names.whole = tick;
    this.#count(names.shown.size);
  }

  /** The node `key` was shown in this state. */
  state(key: string, state: State): void {
    if (this.#isAlone()) return;
    this.#count(1);
    this.#states.set(key, { tick: this.#order.moment(), value: state });
  }

  /** True where `name` in the directory `key` was shown as something else than `id` after `tick`. */
  otherwise(key: string, name: string, id: string | undefined, tick: number): boolean {
    const names = this.#names.get(key);
    const shown = names?.shown.get(name);
    if (shown !== undefined && shown.tick > tick) return shown.value !== id;
    return names !== undefined && names.whole > tick && id !== undefined;
  }

  /** True where a name was shown in the directory `key` after `tick` that is not among `names`. */
  more(key: string, names: ReadonlySet<string>, tick: number): boolean {
    for (const [name, shown] of this.#names.get(key)?.shown ?? []) {
      if (shown.tick > tick && shown.value !== undefined && !names.has(name)) return true;
    }
    return false;
  }

  /** The state in which the node `key` was shown after `tick`. */
  stateAfter(key: string, tick: number): State | undefined {
    const shown = this.#states.get(key);
    return shown !== undefined && shown.tick > tick ? shown.value : undefined;
  }

  /** With no other load under way nobody can arrive late: then nothing needs to be remembered. */
  #isAlone(): boolean {
    if (this.#order.loads > 1) return false;
    if (this.#records > 0) this.#clear();
    return true;
  }

  #namesOf(key: string): Names {
    const known = this.#names.get(key) ?? { whole: 0, shown: new Map() };
    this.#names.set(key, known);
    return known;
  }

  #count(records: number): void {
    this.#records += records;
    if (this.#records >= this.#pruneAt) this.#prune();
  }

  #prune(): void {
    const { oldest } = this.#order;
    for (const [key, { tick }] of this.#states) if (tick <= oldest) this.#states.delete(key);
    for (const [key, names] of this.#names) {
      for (const [name, { tick }] of names.shown) if (tick <= oldest) names.shown.delete(name);
      if (names.shown.size === 0 && names.whole <= oldest) this.#names.delete(key);
    }
    this.#records = this.#states.size +
      [...this.#names.values()].reduce((sum, { shown }) => sum + shown.size + 1, 0);
    this.#pruneAt = Math.max(PRUNE_AT, 2 * this.#records);
  }

  #clear(): void {
    this.#names.clear();
    this.#states.clear();
    this.#records = 0;
    this.#pruneAt = PRUNE_AT;
  }
}
