/**
 * Ways from the root to directories, by the identities on them: what a directory is known by, whether or not the kernel
 * holds those above it.
 *
 * @module
 */

/** The way to one directory. */
export interface Way {
  /** A number that no other way has while this one is held. */
  readonly id: number;
  /** What it is found by. */
  readonly key: string;
  /** The way to the directory above; none for the root. */
  readonly above: Way | undefined;
  /** How many hold it: an inode, and each way that goes on from it. */
  holders: number;
}

/** Every way that is held. */
export class Ways {
  readonly #byKey = new Map<string, Way>();
  #next = 1;
  /** The way to the root, which is always held. */
  readonly root: Way = { id: 0, key: "", above: undefined, holders: 1 };

  /** How many there are, but for that to the root. */
  get size(): number {
    return this.#byKey.size;
  }

  /** The way that `key` says, by {@linkcode wayKey}, on from `above`; held once more. */
  hold(key: string, above: Way): Way {
    const way = this.#byKey.get(key) ?? this.#begin(key, above);
    way.holders++;
    return way;
  }

  /** Lets go of a way that was held once. */
  release(way: Way): void {
    // One that was held once more after its end, by somebody who had kept it, let go of what is above it then.
    if (--way.holders > 0 || way.above === undefined || this.#byKey.get(way.key) !== way) return;
    this.#byKey.delete(way.key);
    this.release(way.above);
  }

  #begin(key: string, above: Way): Way {
    const way = { id: this.#next++, key, above, holders: 0 };
    above.holders++;
    this.#byKey.set(key, way);
    return way;
  }
}

/** What the way is found by that leads on from `above` to a directory of the identity `identity`. */
export function wayKey(above: Way, identity: string): string {
  return `${above.id}:${identity}`;
}
