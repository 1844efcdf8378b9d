/**
 * What a decision about a divergence comes to: changes of the registry, and files that the packer writes because
 * somebody said so.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { Decision } from "../base/packer.ts";
import { withUuid } from "./declaration.ts";
import type { SeenDeclaration } from "./divergence.ts";
import type { Draft, DraftWrite } from "./draft.ts";
import { EMPTY_DRAFT } from "./draft.ts";
import { DECLARATION, rootFault } from "./paths.ts";
import type { NumberedDivergence, Project } from "./project.ts";
import {
  changedRegistry,
  EMPTY_REGISTRY,
  readRegistry,
  type Registry,
  type RegistryChange,
} from "./registry.ts";
import { type Asset, assetOf } from "./snapshot.ts";

/** A divergence, and the name of the choice that was made. */
export interface Decided {
  /** What it is about. */
  readonly divergence: NumberedDivergence;
  /** One of its choices. */
  readonly choice: string;
}

/**
 * What `accept` says about `divergences`.
 *
 * @throws {OmnifsError} `not-found` for an id that there is not, `invalid` for a choice that there is not
 */
export function decided(
  divergences: readonly NumberedDivergence[],
  accept: readonly Decision[] | "all",
): Decided[] {
  if (accept === "all") {
    return divergences.flatMap((divergence) =>
      divergence.preferred === undefined ? [] : [{ divergence, choice: divergence.preferred }]
    );
  }
  return accept.map(({ id, choice }) => {
    const divergence = divergences.find((each) => each.id === id);
    if (divergence === undefined) throw refusal("not-found", `there is no divergence ${id}`, divergences);
    const names = divergence.choices.map(({ name }) => name);
    const chosen = choice ?? divergence.preferred;
    if (chosen !== undefined && names.includes(chosen)) return { divergence, choice: chosen };
    const what = chosen === undefined ? "nothing is chosen" : `there is no choice ${chosen}`;
    const offered = names.length === 0
      ? `mend ${divergence.path} by hand`
      : names.map((name) => `${id}=${name}`).join(", ");
    throw new OmnifsError("invalid", `divergence ${id}: ${what}`, { op: "reconcile", mend: offered });
  });
}

function refusal(
  kind: "not-found",
  message: string,
  divergences: readonly NumberedDivergence[],
): OmnifsError {
  const ids = divergences.map(({ id }) => id).join(", ");
  return new OmnifsError(kind, message, {
    op: "reconcile",
    mend: ids === "" ? "nothing waits" : `there are: ${ids}`,
  });
}

/** What decisions about assets come to, as one commit. */
export interface Resolution {
  /** What changes on disk. */
  readonly draft: Draft;
  /** Roots whose files nobody has looked at yet. */
  readonly unknown: readonly string[];
}

/** The commit that carries out decisions about assets and copies of them. */
export function resolution(project: Project, decisions: readonly Decided[]): Resolution {
  const changes: RegistryChange[] = [];
  const writes: DraftWrite[] = [];
  const unknown: string[] = [];
  for (const { divergence, choice } of decisions) {
    const part = RESOLUTIONS[choice]?.(project, divergence);
    if (part === undefined) {
      throw new OmnifsError("internal", `nobody knows how to ${choice}`, { op: "reconcile" });
    }
    changes.push(...part.changes ?? []);
    writes.push(...part.writes ?? []);
    unknown.push(...part.unknown ?? []);
  }
  const registry = changes.length === 0 ? undefined : changedRegistry(project.snapshot.registry, changes);
  return { draft: { ...EMPTY_DRAFT, writes, registry }, unknown };
}

interface Part {
  readonly changes?: readonly RegistryChange[];
  readonly writes?: readonly DraftWrite[];
  readonly unknown?: readonly string[];
}

const RESOLUTIONS: Readonly<Record<string, (project: Project, divergence: NumberedDivergence) => Part>> = {
  "unregister": (_project, { asset = 0 }) => ({ changes: [{ change: "drop", id: asset }] }),
  "relocate": (_project, { asset = 0, other = "" }) => ({
    changes: [{ change: "set", id: asset, values: { root: other } }],
    unknown: [other],
  }),
  "adopt": (_project, { asset = 0, uuid = "" }) => ({
    changes: [{ change: "set", id: asset, values: { asset_uuid: uuid } }],
  }),
  "new-uuid": (project, { other = "" }) => ({
    writes: [withNewUuid(project, other, 0, crypto.randomUUID())],
  }),
  "restore-uuid": (project, { asset = 0 }) => {
    const { entry } = assetOf(project.snapshot, asset);
    return { writes: [withNewUuid(project, entry.root, asset, entry.asset_uuid)] };
  },
  "restore": (project, { asset = 0 }) => ({ writes: [restored(project, assetOf(project.snapshot, asset))] }),
};

function withNewUuid(project: Project, root: string, asset: number, uuid: string): DraftWrite {
  const seen = project.places.get(root);
  if (seen === undefined || "trouble" in seen) {
    throw new OmnifsError("conflict", `${root}/${DECLARATION} is not what it was`, {
      op: "reconcile",
      path: root,
    });
  }
  return written(root, asset, withUuid(seen.found.text, uuid), seen);
}

function restored(project: Project, { declared, entry }: Asset): DraftWrite {
  if (declared === undefined) {
    throw new OmnifsError("not-found", `no valid ${entry.root}/${DECLARATION} was ever seen`, {
      op: "reconcile",
    });
  }
  return written(entry.root, entry.asset_id, declared.text, project.places.get(entry.root));
}

function written(root: string, asset: number, text: string, seen: SeenDeclaration | undefined): DraftWrite {
  const path = `${root}/${DECLARATION}`;
  const expected = seen === undefined || "trouble" in seen
    ? null
    : { ...seen.found.facts, digest: seen.found.digest };
  return { asset, file: DECLARATION, path, origin: path, bytes: new TextEncoder().encode(text), expected };
}

/** A registry of every directory with a valid `asset.json`, for a workspace that has lost its own. */
export function rebuilt(project: Project, nextId: number): Registry {
  const changes: RegistryChange[] = [];
  let id = nextId;
  for (const root of [...project.places.keys()].sort()) {
    const seen = project.places.get(root);
    if (seen === undefined || "trouble" in seen || !seen.reading.ok || rootFault(root) !== undefined) {
      continue;
    }
    const { asset_uuid } = seen.reading.value;
    changes.push({ change: "add", entry: { asset_id: id++, asset_uuid, root, included_in_build: true } });
  }
  const empty = readRegistry(EMPTY_REGISTRY);
  if (!empty.ok) throw new OmnifsError("internal", "the empty registry is none");
  return changedRegistry(empty.value, changes);
}
