/**
 * What a reader looked at, and whether it is still what it was.
 *
 * @module
 */
import type { Changes, Underway } from "../cache/changes.ts";
import { watchKey } from "../cache/watches.ts";
import type { Node } from "../provider/node.ts";
import type { Place } from "../tree/place.ts";
import type { ChildWord } from "./knowledge.ts";
import { watchOf } from "./node_rules.ts";

/** One look at the tree. */
export class Look {
  readonly #changes: Changes<ChildWord>;
  readonly #load: Underway;
  readonly #seen: (() => boolean)[] = [];

  /** A look that began with `load`. */
  constructor(changes: Changes<ChildWord>, load: Underway) {
    this.#changes = changes;
    this.#load = load;
  }

  /** It sees the state of `place`, as far as it is known `node`. */
  state({ key, mount }: Place, node: Node | undefined): void {
    const watch = node && watchOf(node);
    this.#seen.push(() =>
      this.#changes.noted("state", key, this.#load) || this.#changes.noted("replaced", key, this.#load) ||
      watch !== undefined && this.#changes.noted("watch", watchKey(mount, watch), this.#load)
    );
  }

  /** It sees where `name` in `parent` leads. */
  name(parent: Place, name: string): void {
    this.#seen.push(() =>
      this.#changes.noted("lines", parent.key, this.#load) ||
      this.#changes.said(parent.key, this.#load).some(({ entry }) =>
        entry === undefined || entry.name === name
      )
    );
  }

  /** True where something that it saw changed after it began. */
  get changed(): boolean {
    return this.#seen.some((changed) => changed());
  }
}
