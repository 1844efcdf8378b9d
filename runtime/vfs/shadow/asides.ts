/**
 * What was moved out of the way in a draft, and from where: a file that gets a name of an editor's, such as `a.txt.bak`, is
 * a backup if another one comes under its old name, and has only another name if none does.
 *
 * @module
 */
import type { Draft, MadeAt } from "../../drafts/mod.ts";

/** A name in a directory of a draft. */
export type Spot = Pick<MadeAt, "folder" | "name">;

/** The files that were moved out of the way, of every draft. Kept in memory: after a restart they have another name. */
export class Asides {
  readonly #all = new WeakMap<Draft, Map<string, string>>();

  /** What is staged as `key` was moved away from `from`. */
  set(draft: Draft, from: Spot, key: string): void {
    this.#of(draft).set(spotKey(from), key);
  }

  /** The key of what was moved away from `from`, which is told once. */
  take(draft: Draft, from: Spot): string | undefined {
    const known = this.#of(draft).get(spotKey(from));
    this.#of(draft).delete(spotKey(from));
    return known;
  }

  /** What is staged as `key` is out of nobody's way. */
  forget(draft: Draft, key: string): void {
    const all = this.#of(draft);
    for (const [spot, held] of all) if (held === key) all.delete(spot);
  }

  #of(draft: Draft): Map<string, string> {
    const known = this.#all.get(draft) ?? new Map<string, string>();
    this.#all.set(draft, known);
    return known;
  }
}

function spotKey({ folder, name }: Spot): string {
  return `${folder.made ? "made" : "live"} ${folder.id}\0${name}`;
}
