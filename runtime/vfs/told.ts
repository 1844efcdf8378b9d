/**
 * What one answer of a provider spoke of, directory by directory.
 *
 * @module
 */
import type { DirEntry } from "../provider/node.ts";
import { type Place, placeIn } from "../tree/place.ts";

/** What one answer spoke of. A parent has to be told before its children. */
export class Told {
  readonly #places = new Map<string, Place>();
  readonly #children = new Map<string, DirEntry[]>();
  readonly #listed: Place;

  /** Nothing yet but the directory that was listed. */
  constructor(listed: Place) {
    this.#listed = listed;
  }

  /** Notes `entry` of `parent`; answers its place. */
  add(parent: Place, entry: DirEntry): Place {
    const place = placeIn(parent, entry.name, entry.node.id, entry.node.directory);
    if (place.directory) this.#places.set(place.id, place);
    if (parent !== this.#listed) this.childrenOf(parent).push(entry);
    return place;
  }

  /** The directory `id` among those that were told. */
  placeOf(id: string): Place | undefined {
    return this.#places.get(id);
  }

  /** Every directory that was told, without the one that was listed. */
  holders(): IterableIterator<Place> {
    return this.#places.values();
  }

  /** The children of `parent` that were told. */
  childrenOf(parent: Place): DirEntry[] {
    const known = this.#children.get(parent.id);
    if (known !== undefined) return known;
    const children: DirEntry[] = [];
    this.#children.set(parent.id, children);
    return children;
  }
}
