/**
 * Carries decisions out: first about a torn commit, then about the registry, then about assets, each as a commit of
 * its own. Runs in the write lane.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { Decision } from "../base/packer.ts";
import { type Decided, decided, rebuilt, resolution } from "./decisions.ts";
import { type Disk, isGone } from "./disk.ts";
import { EMPTY_DRAFT } from "./draft.ts";
import { ensureFolder, readWhole } from "./files.ts";
import type { KeptGeneration } from "./generation.ts";
import { INDEX, REGISTRY_LIMIT, RESCUED } from "./paths.ts";
import type { Cause, Project } from "./project.ts";
import { repair, type Torn } from "./recovery.ts";
import { changedRegistry, type Registry } from "./registry.ts";
import { textOf } from "./seeing.ts";
import type { Writer } from "./writer.ts";

/** What a reconciler needs. */
export interface ReconcilerParts {
  /** What is changed. */
  readonly project: Project;
  /** Carries drafts out. */
  readonly writer: Writer;
  /** Reads the registry, keeps what is in the way. */
  readonly disk: Disk;
  /** The absolute path of `assets/`. */
  readonly assets: string;
  /** The least `asset_id` that was never given out. */
  readonly nextId: () => number;
  /** Looks at everything anew after a torn commit was repaired; what stands is its argument. */
  readonly reload: (kept: KeptGeneration, cause: Cause) => Promise<void>;
}

/** See the module. */
export class Reconciler {
  readonly #parts: ReconcilerParts;

  /** Decides nothing. */
  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
  }

  /** Carries `accept` out, and tells what was settled. @throws {OmnifsError} what could not be done; the rest stands */
  async run(accept: readonly Decision[] | "all", cause: Cause): Promise<Decided[]> {
    const { project } = this.#parts;
    const first = decided(project.divergences, accept);
    project.setReconciling(true, cause);
    try {
      const done = [
        ...await this.#ofKinds(first, "commit-", cause),
        ...await this.#ofKinds(first, "registry-", cause),
      ];
      // A registry that was decided on may have settled what else there was, or have brought up more.
      const rest = accept === "all" ? decided(project.divergences, "all") : still(project, first);
      const others = rest.filter(({ divergence: { kind } }) => !/^(commit|registry)-/.test(kind));
      if (others.length > 0) await this.#assets(others, cause);
      return [...done, ...others];
    } finally {
      project.setReconciling(false, cause);
    }
  }

  async #ofKinds(
    decisions: readonly Decided[],
    prefix: "commit-" | "registry-",
    cause: Cause,
  ): Promise<Decided[]> {
    const found = decisions.filter(({ divergence }) => divergence.kind.startsWith(prefix));
    for (const { choice } of found) {
      await (prefix === "commit-" ? this.#commit(choice, cause) : this.#registry(choice, cause));
    }
    return found;
  }

  async #commit(choice: string, cause: Cause): Promise<void> {
    const { project, disk, assets, reload } = this.#parts;
    const torn: Torn | undefined = project.torn;
    if (torn === undefined || (choice !== "finish" && choice !== "abandon")) return;
    const kept = await repair(disk, assets, torn, choice);
    project.tore(undefined);
    await reload(kept, cause);
  }

  async #registry(choice: string, cause: Cause): Promise<void> {
    const { project, writer, nextId } = this.#parts;
    const seen = project.seenRegistry;
    const how = { ...cause, by: "reconcile" as const };
    if (choice === "accept") {
      if (seen?.is !== "edited") return;
      const { registry } = seen;
      if (registry.next_asset_id >= nextId()) return await writer.adopt(registry, how);
      // No edit brings an id back that was given out.
      return await this.#write(changedRegistry(registry, [{ change: "next", id: nextId() }]), registry, how);
    }
    const registry = choice === "rebuild" ? rebuilt(project, nextId()) : project.snapshot.registry;
    await this.#write(registry, undefined, how);
  }

  /** Writes `registry`; what is there now is kept. `unless` is what is expected to be there, if it is known. */
  async #write(
    registry: Registry,
    unless: Registry | undefined,
    how: Cause & { by: "reconcile" },
  ): Promise<void> {
    const { writer, disk, assets, project } = this.#parts;
    const there = await readWhole(disk, `${assets}/${INDEX}`, REGISTRY_LIMIT);
    const registryText = there === undefined ? "" : textOf(there);
    if (unless !== undefined && registryText !== unless.text) {
      throw new OmnifsError("conflict", "index.json was changed once more", { op: "reconcile", path: INDEX });
    }
    if (unless === undefined && there !== undefined) await this.#keep();
    const known = new Set(project.snapshot.registry.assets.map(({ root }) => root));
    const unknown = registry.assets.map(({ root }) => root).filter((root) => !known.has(root));
    await writer.write({ ...how, draft: { ...EMPTY_DRAFT, registry }, registryText, unknown });
  }

  /** Gives `index.json` a second name among the rescued files. */
  async #keep(): Promise<void> {
    const { disk, assets } = this.#parts;
    await ensureFolder(disk, `${assets}/${RESCUED}`);
    for (let count = 1;; count++) {
      const path = `${assets}/${RESCUED}/index.json.${count}`;
      if (await disk.look(path) !== undefined) continue;
      try {
        return await disk.link(`${assets}/${INDEX}`, path);
      } catch (error) {
        if (isGone(error)) return;
        throw error;
      }
    }
  }

  async #assets(decisions: readonly Decided[], cause: Cause): Promise<void> {
    const { project, writer } = this.#parts;
    const { draft, unknown } = resolution(project, decisions);
    const registryText = project.snapshot.registry.text;
    await writer.write({ ...cause, by: "reconcile", draft, registryText, unknown });
  }
}

/** Those of `decisions` whose divergence is still there, as it is now. */
function still(project: Project, decisions: readonly Decided[]): Decided[] {
  return decisions.flatMap(({ divergence, choice }) => {
    const now = project.divergences.find(({ id }) => id === divergence.id);
    return now === undefined ? [] : [{ divergence: now, choice }];
  });
}
