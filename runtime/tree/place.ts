/**
 * A place is one name in one directory, together with the identity of the node that it leads to. It is what
 * is needed to ask a provider for that node once more.
 *
 * @module
 */

/** One name in one directory, and the identity behind it. */
export interface Place {
  /** The provider's mount name. */
  readonly mount: string;
  /** The node's identity, in its provider. */
  readonly id: string;
  /** The identity across providers; see {@linkcode keyOf}. */
  readonly key: string;
  /** True for a directory. */
  readonly directory: boolean;
  /** The directory that holds the name; undefined for the root of a provider's tree. */
  readonly parent: Place | undefined;
  /** The name. */
  readonly name: string;
}

/** The identity `id` of the provider at `mount`, as one string: a mount name holds no slash, so none collide. */
export function keyOf(mount: string, id: string): string {
  return `${mount}/${id}`;
}

/** The place of the root of the tree that is mounted as `mount`. */
export function mountPlace(mount: string): Place {
  return { mount, id: "", key: keyOf(mount, ""), directory: true, parent: undefined, name: mount };
}

/** The place of `name` in `parent`. */
export function placeIn(parent: Place, name: string, id: string, directory: boolean): Place {
  return { mount: parent.mount, id, key: keyOf(parent.mount, id), directory, parent, name };
}
