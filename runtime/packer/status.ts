/**
 * How a project stands, in the words that everybody is told.
 *
 * @module
 */
import type { PackerStatus } from "../base/packer.ts";
import { divergenceDocument, type Project } from "./project.ts";
import { totalsOf } from "./snapshot.ts";

/** How `project` stands now. */
export function statusOf(project: Project): PackerStatus {
  const { name, workspace, state, snapshot, detail, changed, noticing, recovery } = project;
  const { count, bytes, included } = totalsOf(snapshot);
  return {
    project: name,
    workspace,
    state,
    generation: snapshot.generation,
    detail,
    changed,
    assets: { registered: snapshot.assets.size, included },
    files: { count, bytes },
    noticing,
    recovery: { outcome: recovery.outcome, detail: recovery.detail },
    divergences: project.divergences.map(divergenceDocument),
  };
}
