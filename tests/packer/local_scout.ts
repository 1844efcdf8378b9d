/**
 * A scout without a thread, for tests that open hundreds of workspaces, and one that counts what it looks at.
 *
 * @module
 */
import type { Digested, LookDisk, Place } from "../../runtime/packer/look.ts";
import { lookDisk } from "../../runtime/packer/look_disk.ts";
import type { Changes, Found, RootFound, Scout } from "../../runtime/packer/scout.ts";
import { digestsOf, finding, paced, rootFound, surveyed } from "../../runtime/packer/scouting.ts";

const pause = () => Promise.resolve();

/** Answers at once, with the same code as the thread. */
export class Scouting implements Scout {
  /** How often something was asked. */
  asked = 0;
  /** Called with what a watch would tell. */
  tell: (changes: Changes) => void = () => {};
  readonly #assets: string;
  readonly #disk: LookDisk;

  /** Looks at `assets`. */
  constructor(assets: string, disk: LookDisk = lookDisk) {
    this.#assets = assets;
    this.#disk = disk;
  }

  survey(
    from: string,
    registered: readonly string[],
    take: (places: readonly Place[]) => void,
  ): Promise<void> {
    this.asked++;
    for (const places of surveyed(this.#disk, this.#assets, from, registered)) take(places);
    return Promise.resolve();
  }

  find(path: string): Promise<Found> {
    this.asked++;
    return paced(finding(this.#disk, this.#assets, path), pause);
  }

  declaration(root: string): Promise<RootFound> {
    this.asked++;
    return Promise.resolve(rootFound(this.#disk, this.#assets, root));
  }

  digests(paths: readonly string[]): Promise<readonly Digested[]> {
    this.asked++;
    return digestsOf(this.#disk, this.#assets, paths, pause);
  }

  watch(listener: (changes: Changes) => void): Promise<void> {
    this.tell = listener;
    return Promise.resolve();
  }

  onDeath(_listener: (why: string) => void): void {}

  close(): void {}
}
