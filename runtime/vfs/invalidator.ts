/**
 * From what an upstream said to what a reader sees: the cache changes first, then the kernel is told.
 *
 * @module
 */
import type { Bus } from "../base/bus.ts";
import { watchKey } from "../cache/watches.ts";
import type { Invalidation } from "../provider/mod.ts";
import { keyOf } from "../tree/place.ts";
import type { ForgetParts, KernelNotifier } from "./forget.ts";

/** What an {@linkcode Invalidator} needs of the tree. */
export interface InvalidatorParts extends ForgetParts {
  /** Where it is told what was dropped. */
  readonly bus: Bus;
  /** The kernel, once there is a mount. */
  readonly kernel: () => KernelNotifier | undefined;
}

/** What one batch of invalidations came to. */
export interface Applied {
  /** How many items of the cache were dropped or replaced. */
  readonly items: number;
  /** Resolves when the kernel has taken in all that it was told; to how many notifications that were. Never rejects. */
  readonly told: Promise<number>;
}

/**
 * Applies what upstreams say.
 *
 * Call it between requests, never inside one, and do not wait for {@linkcode Applied.told} in one: the kernel may
 * need an answer of ours first.
 */
export class Invalidator {
  readonly #parts: InvalidatorParts;

  /** Over the tree of `parts`. */
  constructor(parts: InvalidatorParts) {
    this.#parts = parts;
  }

  /**
   * One delivery, one line or one poll of the provider at `mount`, as a whole: when this returns, every read gets the
   * new state. `cause` is for the event log, such as `webhook issues`.
   */
  apply(mount: string, invalidations: readonly Invalidation[], cause: string): Applied {
    const { namespace, bodies, bus } = this.#parts;
    namespace.disown();
    bodies.disown();
    const keys = new Set<string>();
    let items = 0;
    for (const each of invalidations) {
      if (each.tag === "heard") continue;
      items += this.#drop(mount, each, keys);
      bus.publish("cache.invalidated", { mount, what: wordsOf(each), cause });
    }
    return { items, told: this.#tell(keys) };
  }

  /** Nobody can promise anything for `watch` any more: what it guarded goes, and nothing is kept under it. */
  lose(mount: string, watch: string, cause: string): Applied {
    this.#parts.store.watches.lose(watchKey(mount, watch));
    return this.apply(mount, [{ tag: "watch", watch }], cause);
  }

  /** `watch` tells of every change again: what it guards may be kept. */
  regain(mount: string, watch: string): void {
    this.#parts.store.watches.regain(watchKey(mount, watch));
  }

  #drop(mount: string, each: Exclude<Invalidation, { tag: "heard" }>, keys: Set<string>): number {
    const { store } = this.#parts;
    const dropping = (key: string) => (keys.add(key), key);
    switch (each.tag) {
      case "node":
        return store.dropNode(dropping(keyOf(mount, each.id)));
      case "children":
        return store.dropDirectory(dropping(keyOf(mount, each.id)));
      case "placed":
        return store.dropNode(dropping(keyOf(mount, each.entry.node.id))) +
          store.dropDirectory(dropping(keyOf(mount, each.parent)));
      case "removed":
        return store.dropNode(dropping(keyOf(mount, each.id))) +
          store.dropDirectory(dropping(keyOf(mount, each.parent)));
      case "watch":
        return store.dropGuarded(watchKey(mount, each.watch), (key) => void keys.add(key));
    }
  }

  async #tell(keys: ReadonlySet<string>): Promise<number> {
    const kernel = this.#parts.kernel();
    if (kernel === undefined) return 0;
    const sent: Promise<boolean>[] = [];
    for (const inode of this.#parts.inodes.all()) {
      if (inode.place !== undefined && keys.has(inode.place.key)) {
        sent.push(kernel.invalidateInode(inode.nodeid));
        if (inode.parent !== undefined) sent.push(kernel.expireEntry(inode.parent.nodeid, inode.place.name));
      }
    }
    return (await Promise.all(sent)).length;
  }
}

/** What the event log calls it. */
function wordsOf(each: Exclude<Invalidation, { tag: "heard" }>): string {
  switch (each.tag) {
    case "node":
    case "children":
      return `${each.tag} ${each.id}`;
    case "placed":
      return `placed ${each.entry.node.id} in ${each.parent}`;
    case "removed":
      return `removed ${each.id} from ${each.parent}`;
    case "watch":
      return `watch ${each.watch}`;
  }
}
