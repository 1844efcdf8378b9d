/**
 * The mounts of one tree: each has what its kernel holds of it to itself, and what changes is told to all.
 *
 * @module
 */
import { watchKey } from "../cache/watches.ts";
import type { InodeTable } from "../tree/inodes.ts";
import type { Hearer, Knowledge } from "./knowledge.ts";
import type { Notices } from "./notices.ts";
import type { Witness } from "./witness.ts";

/** One mount. */
export interface Kernel {
  /** What its kernel holds. */
  readonly inodes: InodeTable;
  /** Who tells it. */
  readonly notices: Notices;
  /** Who announces to those who watch the mount by inotify; nobody until there is a mount. */
  witness?: Witness;
}

/** Hands on what changes in the knowledge of a tree to each of its mounts, of which there may be none. */
export class Kernels {
  readonly #kernels = new Set<Kernel>();

  /** From now on hears what changes in `knowledge`, and what nobody promises any more. */
  constructor(knowledge: Knowledge) {
    const kernels = this.#kernels;
    const each = (tell: (hearer: Hearer) => void) => kernels.forEach(({ notices }) => tell(notices));
    const note = (tell: (witness: Witness) => void) =>
      kernels.forEach(({ witness }) => witness === undefined ? undefined : tell(witness));
    knowledge.hearer = {
      state: (key) => each((hearer) => hearer.state(key)),
      lines: (key) => each((hearer) => hearer.lines(key)),
      names: (key) => each((hearer) => hearer.names(key)),
      name: (key, name, gone) => each((hearer) => hearer.name(key, name, gone)),
      child: (key, child, name) => each((hearer) => hearer.child(key, child, name)),
      all: (key) => each((hearer) => hearer.all(key)),
    };
    knowledge.witness = {
      state: (key, before, sure) => note((witness) => witness.state(key, before, sure)),
      line: (key, before, after) => note((witness) => witness.line(key, before, after)),
      lines: (key, before) => note((witness) => witness.lines(key, before)),
    };
    knowledge.store.watches.listen({
      started: () => {},
      stopped: (mount, watch) => this.guarded(watchKey(mount, watch)),
    });
  }

  /** Tells `kernel` too, until the returned function is called. */
  add(kernel: Kernel): () => void {
    this.#kernels.add(kernel);
    return () => void this.#kernels.delete(kernel);
  }

  /** Every mount there is. */
  all(): readonly Kernel[] {
    return [...this.#kernels];
  }

  /** See {@linkcode Notices.guarded}. */
  guarded(watch: string): void {
    for (const { notices } of this.#kernels) notices.guarded(watch);
  }

  /** See {@linkcode Notices.flush}; resolves to how many notifications all of them came to. */
  async flush(): Promise<number> {
    const counts = await Promise.all(this.all().map(({ notices }) => notices.flush()));
    return counts.reduce((sum, count) => sum + count, 0);
  }
}
