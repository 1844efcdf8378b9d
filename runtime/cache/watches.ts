/**
 * Which watches are needed: a watch is alive exactly while the cache holds something that names it.
 *
 * @module
 */

/** Hears of watches that begin and end to be needed. It is called in the middle of a change of the cache, so it only takes note. */
export interface WatchListener {
  /**
   * The first thing that names `watch` is kept. Whatever changed since `since` (milliseconds since the Unix epoch) may
   * be missing in it: the first load of all that were under way for this mount began then.
   */
  started(mount: string, watch: string, since: number): void;
  /** The last thing that named `watch` is gone. */
  stopped(mount: string, watch: string): void;
  /** Something that names `watch` was told and is not kept, since {@linkcode Watches.lose} was called for it. */
  wanted?(mount: string, watch: string): void;
}

/** The promise under which something is kept. */
export interface Guard {
  /** The watch, across providers; see {@linkcode watchKey}. */
  readonly watch: string;
  /** When the oldest load of that provider that is under way began, in milliseconds since the Unix epoch. */
  readonly since: number;
}

/** The watch `watch` of the provider at `mount`, as one string: a mount name holds no slash, so none collide. */
export function watchKey(mount: string, watch: string): string {
  return `${mount}/${watch}`;
}

/** Counts, for each watch, what the cache keeps under it. */
export class Watches {
  readonly #guarded = new Map<string, Set<string>>();
  readonly #lost = new Set<string>();
  readonly #listeners: WatchListener[];

  /** `listener` starts and stops what watches the upstream. */
  constructor(listener?: WatchListener) {
    this.#listeners = listener === undefined ? [] : [listener];
  }

  /** From now on `listener` hears too, after those before it. */
  listen(listener: WatchListener): void {
    this.#listeners.push(listener);
  }

  /** How many watches are alive. */
  get size(): number {
    return this.#guarded.size;
  }

  /** True while something is kept under `watch`. */
  isAlive(watch: string): boolean {
    return this.#guarded.has(watch);
  }

  /** `key` is kept under a watch. */
  retain({ watch, since }: Guard, key: string): void {
    const keys = this.#guarded.get(watch);
    if (keys !== undefined) return void keys.add(key);
    this.#guarded.set(watch, new Set([key]));
    const [mount, name] = parts(watch);
    for (const listener of this.#listeners) listener.started(mount, name, since);
  }

  /** `key` is no longer kept under `watch`. */
  release(watch: string, key: string): void {
    const keys = this.#guarded.get(watch);
    if (keys === undefined || !keys.delete(key) || keys.size > 0) return;
    this.#guarded.delete(watch);
    for (const listener of this.#listeners) listener.stopped(...parts(watch));
  }

  /** What is kept under `watch`. */
  guardedBy(watch: string): string[] {
    return [...this.#guarded.get(watch) ?? []];
  }

  /** Nobody can promise anything for `watch` until {@linkcode regain}: what it would guard is not kept. */
  lose(watch: string): void {
    this.#lost.add(watch);
  }

  /** What `watch` guards may be kept again. */
  regain(watch: string): void {
    this.#lost.delete(watch);
  }

  /** True between {@linkcode lose} and {@linkcode regain}. */
  isLost(watch: string): boolean {
    return this.#lost.has(watch);
  }

  /** Something that names `watch`, which is lost, was told. */
  want(watch: string): void {
    for (const listener of this.#listeners) listener.wanted?.(...parts(watch));
  }
}

function parts(watch: string): [mount: string, watch: string] {
  const at = watch.indexOf("/");
  return [watch.slice(0, at), watch.slice(at + 1)];
}
