/**
 * The first segment of every path: which provider answers below it.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { Projection } from "../provider/node.ts";
import { mountPlace, type Place } from "../tree/place.ts";

/** The root of one provider's tree. */
export interface MountPoint {
  /** Who answers below it. */
  readonly projection: Projection;
  /** Its place in the tree. */
  readonly place: Place;
}

/** The providers of one tree, by mount name; it does not change once the tree answers. */
export class Mounts {
  readonly #points = new Map<string, MountPoint>();
  readonly #withheld = new Map<string, OmnifsError>();

  /** Puts a provider at its mount name. */
  add(projection: Projection): void {
    this.#points.set(projection.mount, { projection, place: mountPlace(projection.mount) });
  }

  /** Says why there is no provider at `name`, though there could be. */
  withhold(name: string, reason: OmnifsError): void {
    this.#withheld.set(name, reason);
  }

  /** The mount point at `name`. */
  get(name: string): MountPoint | undefined {
    return this.#points.get(name);
  }

  /** Why nothing is at `name`, where that has a reason that the user can mend. */
  reasonFor(name: string): OmnifsError | undefined {
    return this.#withheld.get(name);
  }

  /**
   * Those of them that are called one of `names`, for a mount that does not show all.
   *
   * @throws {OmnifsError} `not-found` for a name that there is not, or the reason why nothing is there
   */
  only(names: readonly string[]): Mounts {
    const some = new Mounts();
    for (const name of names) {
      const point = this.#points.get(name);
      if (point === undefined) throw this.#withheld.get(name) ?? this.#unknown(name);
      some.#points.set(name, point);
    }
    return some;
  }

  /** The mount points, by name. */
  all(): MountPoint[] {
    return [...this.#points.values()].sort((a, b) => a.place.name < b.place.name ? -1 : 1);
  }

  #unknown(name: string): OmnifsError {
    const names = this.all().map(({ place }) => place.name).join(", ");
    return new OmnifsError("not-found", `nothing is mounted as ${name}`, { mend: `there are: ${names}` });
  }
}
