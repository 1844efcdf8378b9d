/**
 * Which watches are needed: a watch is alive exactly while the cache holds something that names it.
 *
 * @module
 */

/** Hears of watches that begin and end to be needed. */
export interface WatchListener {
  /** The first thing that names `watch` is kept. */
  started(watch: string): void;
  /** The last thing that named `watch` is gone. */
  stopped(watch: string): void;
}

/** Counts, for each watch, what the cache keeps under it. */
export class Watches {
  readonly #guarded = new Map<string, Set<string>>();
  readonly #listener: WatchListener | undefined;

  /** `listener` starts and stops what watches the upstream. */
  constructor(listener?: WatchListener) {
    this.#listener = listener;
  }

  /** How many watches are alive. */
  get size(): number {
    return this.#guarded.size;
  }

  /** `key` is kept under `watch`. */
  retain(watch: string, key: string): void {
    const keys = this.#guarded.get(watch);
    if (keys !== undefined) return void keys.add(key);
    this.#guarded.set(watch, new Set([key]));
    this.#listener?.started(watch);
  }

  /** `key` is no longer kept under `watch`. */
  release(watch: string, key: string): void {
    const keys = this.#guarded.get(watch);
    if (keys === undefined || !keys.delete(key) || keys.size > 0) return;
    this.#guarded.delete(watch);
    this.#listener?.stopped(watch);
  }

  /** What is kept under `watch`. */
  guardedBy(watch: string): string[] {
    return [...this.#guarded.get(watch) ?? []];
  }
}
