/**
 * A tracker of items, as a service holds it: with the whole of its past, so that what a reader was shown can be held
 * against it.
 *
 * @module
 */

/** One item. It is in exactly one box. */
export interface Item {
  /** Its identity; none is ever used again. */
  readonly id: string;
  /** The tracker that it belongs to. */
  readonly repo: string;
  /** The box that it is in. */
  readonly box: Box;
  /** Its name there. */
  readonly name: string;
  /** Counts up with every change of it. */
  readonly version: number;
  /** When it changed last, as the service tells it: in whole seconds. */
  readonly modified: number;
}

/** The directories of a repo. */
export const BOXES = ["open", "closed"] as const;

/** One of {@linkcode BOXES}. */
export type Box = (typeof BOXES)[number];

/** What happened to one item. */
export interface Change {
  /** Counts up with every change of the tracker. */
  readonly sequence: number;
  /** When, in milliseconds. */
  readonly at: number;
  /** The item after it; undefined where it was deleted. */
  readonly item: Item | undefined;
  /** Its identity, and where it was. */
  readonly id: string;
  readonly repo: string;
}

/** A value, from a change on. */
interface Since<Value> {
  readonly sequence: number;
  readonly value: Value;
}

/** The service. */
export class Tracker {
  readonly #items = new Map<string, Item>();
  readonly #log: Change[] = [];
  readonly #names = new Map<string, Since<string | undefined>[]>();
  readonly #versions = new Map<string, Since<number>[]>();
  #sequence = 0;
  #trimmed = 0;
  #ids = 0;

  /** How many changes there were. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Every item of `repo` that there is. */
  items(repo?: string): Item[] {
    return [...this.#items.values()].filter((item) => repo === undefined || item.repo === repo);
  }

  /** The items in a box. */
  box(repo: string, box: Box): Item[] {
    return this.items(repo).filter((item) => item.box === box);
  }

  /** The item, where there is one. */
  item(id: string): Item | undefined {
    return this.#items.get(id);
  }

  /** A new item, where its name is free. */
  create(repo: string, name: string, now: number): Change | undefined {
    if (this.#taken(repo, name)) return undefined;
    const id = `${repo}:${++this.#ids}`;
    return this.#put({ id, repo, box: "open", name, version: 0, modified: 0 }, now);
  }

  /** The same item with `what` of it changed. */
  change(item: Item, what: Partial<Pick<Item, "box" | "name">>, now: number): Change | undefined {
    if (what.name !== undefined && this.#taken(item.repo, what.name)) return undefined;
    return this.#put({ ...item, ...what }, now);
  }

  /** The item is gone for good. */
  remove({ id, repo, box, name }: Item, now: number): Change {
    const sequence = ++this.#sequence;
    this.#items.delete(id);
    this.#name(repo, box, name, undefined);
    return this.#logged({ sequence, at: now, item: undefined, id, repo });
  }

  /**
   * What changed in `repo` after the change number `sequence`, or since the time `since`; undefined where that is longer
   * ago than the log goes back.
   */
  after(
    repo: string,
    from: { readonly sequence: number } | { readonly since: number },
  ): Change[] | undefined {
    const oldest = this.#log[0];
    if ("sequence" in from) {
      if (from.sequence < this.#trimmed) return undefined;
      return this.#log.filter((change) => change.repo === repo && change.sequence > from.sequence);
    }
    if (this.#trimmed > 0 && (oldest === undefined || from.since <= oldest.at)) return undefined;
    return this.#log.filter((change) => change.repo === repo && change.at >= from.since);
  }

  /** Forgets all but the latest `kept` changes, as a service does whose log is short. */
  trim(kept: number): void {
    const gone = this.#log.splice(0, Math.max(0, this.#log.length - kept));
    this.#trimmed = gone.at(-1)?.sequence ?? this.#trimmed;
  }

  /** Forgets how everything was before it is as it is now, and all but the latest changes. */
  forgetPast(): void {
    this.trim(100);
    for (const histories of [this.#names, this.#versions] as Map<string, Since<unknown>[]>[]) {
      for (const [key, history] of histories) {
        const last = history.at(-1);
        const gone = last === undefined || last.value === undefined || this.#isGone(key);
        if (gone) histories.delete(key);
        else histories.set(key, [last]);
      }
    }
  }

  /**
   * The first moment, as a number of changes, at or after `from`, at which `name` in a box led to `id` (undefined: to
   * nothing); undefined where there was none yet.
   */
  momentOfName(
    repo: string,
    box: Box,
    name: string,
    id: string | undefined,
    from: number,
  ): number | undefined {
    return momentOf(this.#names.get(`${repo}/${box}/${name}`) ?? [], id, undefined, from);
  }

  /** The same for an item at `version`. */
  momentOfVersion(id: string, version: number, from: number): number | undefined {
    return momentOf(this.#versions.get(id) ?? [], version, -1, from);
  }

  #isGone(key: string): boolean {
    return key.includes(":") && !this.#items.has(key);
  }

  #taken(repo: string, name: string): boolean {
    return this.items(repo).some((item) => item.name === name);
  }

  #put(next: Item, now: number): Change {
    const sequence = ++this.#sequence;
    const before = this.#items.get(next.id);
    const item = { ...next, version: (before?.version ?? 0) + 1, modified: Math.floor(now / 1_000) * 1_000 };
    this.#items.set(item.id, item);
    if (before !== undefined) this.#name(before.repo, before.box, before.name, undefined);
    this.#name(item.repo, item.box, item.name, item.id);
    since(this.#versions, item.id, { sequence, value: item.version });
    return this.#logged({ sequence, at: now, item, id: item.id, repo: item.repo });
  }

  #name(repo: string, box: Box, name: string, value: string | undefined): void {
    since(this.#names, `${repo}/${box}/${name}`, { sequence: this.#sequence, value });
  }

  #logged(change: Change): Change {
    this.#log.push(change);
    return change;
  }
}

/** Adds a value to a history, in place of one of the same change. */
function since<Value>(histories: Map<string, Since<Value>[]>, key: string, value: Since<Value>): void {
  const history = histories.get(key) ?? [];
  if (history.at(-1)?.sequence === value.sequence) history.pop();
  history.push(value);
  histories.set(key, history);
}

function momentOf<Value>(
  history: readonly Since<Value>[],
  wanted: Value,
  before: Value,
  from: number,
): number | undefined {
  const all = [{ sequence: 0, value: before }, ...history];
  for (const [index, { sequence, value }] of all.entries()) {
    const next = all[index + 1]?.sequence ?? Infinity;
    if (value === wanted && next > from) return Math.max(sequence, from);
  }
  return undefined;
}
