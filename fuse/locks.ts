/**
 * Which nodes the kernel holds a lock of while it waits for an answer of ours.
 *
 * @module
 */

/** A request that holds the lock of a node. */
interface Held {
  readonly nodeid: number;
  readonly free: PromiseWithResolvers<void>;
}

/** The locks of requests that are answered later. */
export class Locks {
  readonly #byRequest = new Map<bigint, Held>();
  readonly #byNode = new Map<number, Set<Held>>();

  /** The request `unique` holds a lock of `nodeid` until it is answered. */
  take(nodeid: number, unique: bigint): void {
    const held = { nodeid, free: Promise.withResolvers<void>() };
    this.#byRequest.set(unique, held);
    const others = this.#byNode.get(nodeid);
    if (others === undefined) this.#byNode.set(nodeid, new Set([held]));
    else others.add(held);
  }

  /** The request `unique` is answered. */
  free(unique: bigint): void {
    const held = this.#byRequest.get(unique);
    if (held === undefined) return;
    this.#byRequest.delete(unique);
    const others = this.#byNode.get(held.nodeid);
    if (others?.delete(held) && others.size === 0) this.#byNode.delete(held.nodeid);
    held.free.resolve();
  }

  /** Nobody will be answered any more. */
  freeAll(): void {
    for (const unique of [...this.#byRequest.keys()]) this.free(unique);
  }

  /** Resolves when every request is answered that holds a lock of `nodeid` now; undefined where none does. */
  quiet(nodeid: number): Promise<unknown> | undefined {
    const held = this.#byNode.get(nodeid);
    return held && Promise.all([...held].map(({ free }) => free.promise));
  }
}
