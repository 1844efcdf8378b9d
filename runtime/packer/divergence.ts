/**
 * What on disk needs a decision: a function of the snapshot and of what was seen, so that what was found does not
 * depend on the order of events.
 *
 * @module
 */
import type { DivergenceChoice, DivergenceDocument } from "../base/packer.ts";
import { sameCase } from "./declaration.ts";
import type { Fault } from "./fault.ts";
import type { FoundDeclaration } from "./look.ts";
import { byCode, DECLARATION, INDEX } from "./paths.ts";
import { repairsOf, type Torn } from "./recovery.ts";
import type { Registry } from "./registry.ts";
import type { Declaration } from "./declaration.ts";
import type { Reading } from "./fault.ts";
import { type Asset, assetAt, type Snapshot } from "./snapshot.ts";

/** The `asset.json` of a directory as it was seen. */
export type SeenDeclaration =
  | {
    readonly found: Extract<FoundDeclaration, { readonly text: string }>;
    readonly reading: Reading<Declaration>;
  }
  | { readonly trouble: string };

/** `index.json` as it was seen, where it is not that of the snapshot. */
export type SeenRegistry =
  | { readonly is: "edited"; readonly registry: Registry }
  | { readonly is: "invalid"; readonly faults: readonly [Fault, ...Fault[]] }
  | { readonly is: "missing" };

/** What was seen on disk. */
export interface Seen {
  /** Undefined where it is that of the snapshot. */
  readonly registry: SeenRegistry | undefined;
  /** Every directory with an `asset.json`, and every registered one that is there, by root; its declaration. */
  readonly places: ReadonlyMap<string, SeenDeclaration | undefined>;
  /** A commit that nobody can finish without a decision. */
  readonly torn: Torn | undefined;
}

/** One thing that needs a decision. */
export interface Divergence extends Omit<DivergenceDocument, "id"> {
  /** Another place that it is about: where an asset went, which directory is the copy. */
  readonly other?: string;
  /** The `asset_uuid` that was found. */
  readonly uuid?: string;
}

const UNREGISTER: DivergenceChoice = { name: "unregister", does: "take the asset out of the registry" };

/** Everything that needs a decision, in order of path. */
export function divergencesOf(snapshot: Snapshot, seen: Seen): Divergence[] {
  const found: Divergence[] = [];
  if (seen.torn !== undefined) found.push(tornCommit(seen.torn));
  if (seen.registry !== undefined) found.push(registryDivergence(snapshot, seen.registry));
  const byUuid = rootsByUuid(seen);
  const copies = new Set<string>();
  for (const [uuid, roots] of byUuid) {
    if (roots.length === 1) continue;
    const keeper = keeperOf(snapshot, uuid, roots);
    for (const root of roots) {
      if (root === keeper) continue;
      copies.add(root);
      found.push(copy(snapshot, uuid, keeper, root));
    }
  }
  for (const asset of snapshot.assets.values()) {
    const divergence = copies.has(asset.entry.root) ? undefined : assetDivergence(asset, seen, byUuid);
    if (divergence !== undefined) found.push(divergence);
  }
  return found.sort((a, b) => byCode(a.path, b.path));
}

function rootsByUuid({ places }: Seen): Map<string, string[]> {
  const byUuid = new Map<string, string[]>();
  for (const [root, declaration] of places) {
    const uuid = uuidOf(declaration);
    if (uuid === undefined) continue;
    const roots = byUuid.get(uuid);
    if (roots === undefined) byUuid.set(uuid, [root]);
    else roots.push(root);
  }
  return byUuid;
}

/** The `asset_uuid` of a valid declaration. */
function uuidOf(declaration: SeenDeclaration | undefined): string | undefined {
  if (declaration === undefined || "trouble" in declaration || !declaration.reading.ok) return undefined;
  return sameCase(declaration.reading.value.asset_uuid);
}

/** Of several directories with one uuid, the one that is not the copy: the registered one, or the first. */
function keeperOf({ assets }: Snapshot, uuid: string, roots: readonly string[]): string | undefined {
  const registered = [...assets.values()].find(({ entry }) => sameCase(entry.asset_uuid) === uuid);
  const home = roots.find((root) => root === registered?.entry.root);
  return home ?? roots.toSorted(byCode)[0];
}

function copy(snapshot: Snapshot, uuid: string, keeper: string | undefined, root: string): Divergence {
  const asset = assetAt(snapshot, root);
  return {
    kind: "uuid-twice",
    path: `${root}/${DECLARATION}`,
    uuid,
    other: root,
    detail: `asset_uuid ${uuid} is that of ${keeper}, too`,
    ...(asset === undefined ? {} : { asset: asset.entry.asset_id }),
    choices: [
      asset === undefined
        ? { name: "new-uuid", does: `write a new asset_uuid into ${root}/${DECLARATION}` }
        : { name: "restore-uuid", does: `write ${asset.entry.asset_uuid} into ${root}/${DECLARATION} again` },
    ],
    preferred: asset === undefined ? "new-uuid" : "restore-uuid",
  };
}

function assetDivergence(
  asset: Asset,
  seen: Seen,
  byUuid: ReadonlyMap<string, string[]>,
): Divergence | undefined {
  const { asset_id: id, asset_uuid: uuid, root } = asset.entry;
  const about = { asset: id, path: root };
  const declaration = seen.places.get(root);
  if (uuidOf(declaration) === sameCase(uuid)) return undefined;
  const [home] = byUuid.get(sameCase(uuid)) ?? [];
  if (home !== undefined) return moved(asset, home);
  if (!seen.places.has(root)) {
    const detail = `the directory of asset ${id} is gone`;
    return { ...about, kind: "root-missing", detail, choices: [UNREGISTER], preferred: UNREGISTER.name };
  }
  const path = `${root}/${DECLARATION}`;
  if (declaration === undefined) {
    const detail = `asset ${id} has no ${DECLARATION}`;
    return {
      ...about,
      path,
      kind: "declaration-missing",
      detail,
      choices: [...restoring(asset), UNREGISTER],
    };
  }
  if ("trouble" in declaration) {
    return { ...about, path, kind: "declaration-invalid", detail: declaration.trouble, choices: [] };
  }
  return declaration.reading.ok
    ? changedUuid(asset, declaration.reading.value.asset_uuid)
    : invalid(asset, declaration.reading.faults);
}

function moved({ entry: { asset_id: id, root } }: Asset, home: string): Divergence {
  return {
    kind: "root-moved",
    asset: id,
    path: root,
    other: home,
    detail: `asset ${id} lies in ${home}`,
    choices: [{ name: "relocate", does: `register ${home} as its directory` }, UNREGISTER],
    preferred: "relocate",
  };
}

function changedUuid(asset: Asset, uuid: string): Divergence {
  const { asset_id: id, asset_uuid: old, root } = asset.entry;
  return {
    kind: "uuid-changed",
    asset: id,
    path: `${root}/${DECLARATION}`,
    uuid,
    detail: `asset ${id} is ${old}, and its directory claims to be ${uuid}`,
    choices: [
      { name: "adopt", does: `register ${uuid} as the asset_uuid of asset ${id}` },
      { name: "restore-uuid", does: `write ${old} into ${root}/${DECLARATION} again` },
      UNREGISTER,
    ],
    preferred: "adopt",
  };
}

function invalid(asset: Asset, [first, ...others]: readonly [Fault, ...Fault[]]): Divergence {
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return {
    kind: "declaration-invalid",
    asset: asset.entry.asset_id,
    path: first.path,
    line: first.line,
    detail: `${first.message}${more}; ${first.mend}`,
    choices: restoring(asset),
  };
}

function restoring({ declared, entry }: Asset): DivergenceChoice[] {
  if (declared === undefined) return [];
  return [{ name: "restore", does: `write the last valid ${entry.root}/${DECLARATION} again` }];
}

function registryDivergence({ registry }: Snapshot, seen: SeenRegistry): Divergence {
  const about = { path: INDEX };
  const restore = { name: "restore", does: "write the registry of this generation again" };
  const known = registry.text === "" ? [] : [restore];
  if (seen.is === "edited") {
    const detail = `another program has changed it: ${differences(registry, seen.registry)}`;
    const accept = { name: "accept", does: "take the registry on disk as the new generation" };
    return { ...about, kind: "registry-edited", detail, choices: [accept, restore], preferred: "accept" };
  }
  const rebuild = {
    name: "rebuild",
    does: "write a registry of every directory with an asset.json; ids begin anew",
  };
  const choices = known.length > 0 ? known : [rebuild];
  const preferred = known.length > 0 ? { preferred: restore.name } : {};
  if (seen.is === "missing") {
    return { ...about, kind: "registry-missing", detail: "index.json is gone", choices, ...preferred };
  }
  const [first] = seen.faults;
  const detail = `${first.message}; ${first.mend}`;
  return { ...about, kind: "registry-invalid", line: first.line, detail, choices, ...preferred };
}

/** What a person would say has changed between two registries. */
function differences(before: Registry, after: Registry): string {
  const old = new Map(before.assets.map((entry) => [entry.asset_id, entry]));
  const told: string[] = [];
  for (const entry of after.assets) {
    const was = old.get(entry.asset_id);
    old.delete(entry.asset_id);
    if (was === undefined) told.push(`asset ${entry.asset_id} is new`);
    else {
      const keys = (["asset_uuid", "root", "included_in_build"] as const).filter((key) =>
        was[key] !== entry[key]
      );
      if (keys.length > 0) told.push(`asset ${entry.asset_id} has another ${keys.join(" and ")}`);
    }
  }
  told.push(...[...old.keys()].map((id) => `asset ${id} is gone`));
  return told.join(", ") || "nothing that the packer reads";
}

function tornCommit(torn: Torn): Divergence {
  return { kind: "commit-torn", path: torn.path, detail: torn.detail, choices: repairsOf(torn) };
}
