/**
 * From what an upstream said to what a reader sees: the cache changes first, then the kernel is told.
 *
 * @module
 */
import type { Bus } from "../base/bus.ts";
import { watchKey } from "../cache/watches.ts";
import type { Invalidation } from "../provider/mod.ts";
import { keyOf } from "../tree/place.ts";
import type { Bodies } from "./bodies.ts";
import { isGuide } from "./guided.ts";
import type { Kernels } from "./kernels.ts";
import type { Namespace } from "./namespace.ts";
import { Placing } from "./placing.ts";

/** What an {@linkcode Invalidator} needs of the tree. */
export interface InvalidatorParts {
  /** Names and nodes. */
  readonly namespace: Namespace;
  /** Lengths and bytes. */
  readonly bodies: Bodies;
  /** Who is told. */
  readonly kernels: Kernels;
  /** Where it is told what was dropped. */
  readonly bus: Bus;
}

/** What one batch of invalidations came to. */
export interface Applied {
  /** How many items of the cache were dropped or replaced. */
  readonly items: number;
  /** Resolves when the kernel has taken in all that it was told; to how many notifications that were. Never rejects. */
  readonly told: Promise<number>;
}

/** Whatever changes something. */
type Change = Exclude<Invalidation, { tag: "heard" }>;

/** False for what changes nothing, and for the one name that is no provider's to give. */
function isChange(each: Invalidation): each is Change {
  return each.tag !== "heard" && !(each.tag === "placed" && isGuide(each.parent, each.entry.name));
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
    return this.#apply(mount, invalidations, cause).applied;
  }

  /**
   * The same with the receipt of a change of ours. What it tells of directories that nobody has looked at waits for
   * whoever does: people look at what they have changed.
   */
  receive(mount: string, receipt: readonly Invalidation[], cause: string): Applied {
    const { applied, placing } = this.#apply(mount, receipt, cause);
    this.#parts.namespace.early.keep(mount, placing.early);
    return applied;
  }

  #apply(
    mount: string,
    invalidations: readonly Invalidation[],
    cause: string,
  ): { readonly applied: Applied; readonly placing: Placing } {
    const { namespace, bodies, bus, kernels } = this.#parts;
    const changes = invalidations.filter(isChange);
    const placing = new Placing(namespace.knowledge, mount);
    for (const each of changes) if (each.tag === "placed") placing.judge(each.entry.node);
    let items = 0;
    for (const each of changes) items += this.#change(mount, each, placing);
    const touched = namespace.knowledge.touched();
    namespace.disown(touched);
    bodies.disown(touched);
    for (const each of changes) bus.publish("cache.invalidated", { mount, what: wordsOf(each), cause });
    return { applied: { items, told: kernels.flush() }, placing };
  }

  /** Nobody can promise anything for `watch` any more: what it guarded goes, and nothing is kept under it. */
  lose(mount: string, watch: string, cause: string): Applied {
    this.#parts.namespace.knowledge.store.watches.lose(watchKey(mount, watch));
    return this.apply(mount, [{ tag: "watch", watch }], cause);
  }

  /** `watch` tells of every change again: what it guards may be kept. */
  regain(mount: string, watch: string): void {
    this.#parts.namespace.knowledge.store.watches.regain(watchKey(mount, watch));
  }

  #change(mount: string, each: Change, placing: Placing): number {
    const { knowledge } = this.#parts.namespace;
    switch (each.tag) {
      case "node":
        return knowledge.dropState(keyOf(mount, each.id));
      case "children":
        return knowledge.dropLines(keyOf(mount, each.id));
      case "placed":
        return placing.placed(each.parent, each.entry);
      case "removed":
        return placing.removed(each.parent, each.id);
      case "watch":
        return this.#dropWatch(watchKey(mount, each.watch));
    }
  }

  #dropWatch(watch: string): number {
    // The kernel may hold what the cache has evicted.
    this.#parts.kernels.guarded(watch);
    return this.#parts.namespace.knowledge.dropGuarded(watch);
  }
}

/** What the event log calls it. */
function wordsOf(each: Change): string {
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
