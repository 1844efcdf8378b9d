/**
 * One generation: all that a read needs, in memory, never changed once it is published.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { AssetDocument, AssetSelection, EntryDocument } from "../base/packer.ts";
import type { Declaration } from "./declaration.ts";
import { type Entry, entryAt, type Folder } from "./folder.ts";
import { markOfAll, markOfNamed, markOfText } from "./mark.ts";
import { byCode } from "./paths.ts";
import type { Registry, RegistryEntry } from "./registry.ts";

/** A declaration with the text that says it. */
export interface DeclaredText {
  /** As the author wrote it. */
  readonly text: string;
  /** SHA-256 of its bytes. */
  readonly digest: string;
  /** What it says. */
  readonly value: Declaration;
}

/** One registered asset. */
export interface Asset {
  /** As the registry has it. */
  readonly entry: RegistryEntry;
  /** The latest valid declaration; undefined where there was none yet. */
  readonly declared: DeclaredText | undefined;
  /** Its files; undefined where its directory was not there. */
  readonly folder: Folder | undefined;
}

/** One generation of a project. */
export interface Snapshot {
  /** Its number. */
  readonly generation: number;
  /** The registry. */
  readonly registry: Registry;
  /** The assets by id, in the order of the registry. */
  readonly assets: ReadonlyMap<number, Asset>;
}

/** A generation before the first one. */
export const NO_SNAPSHOT: Snapshot = {
  generation: 0,
  registry: { text: "", next_asset_id: 1, assets: [] },
  assets: new Map(),
};

/** The asset with this id. @throws {OmnifsError} `not-found` */
export function assetOf({ assets, generation }: Snapshot, id: number): Asset {
  const asset = assets.get(id);
  if (asset !== undefined) return asset;
  throw new OmnifsError("not-found", `generation ${generation} has no asset ${id}`, { op: "read" });
}

const idsByRoot = new WeakMap<Registry, ReadonlyMap<string, number>>();

/** The asset whose directory is `root`. */
export function assetAt({ registry, assets }: Snapshot, root: string): Asset | undefined {
  let ids = idsByRoot.get(registry);
  if (ids === undefined) {
    ids = new Map(registry.assets.map((entry) => [entry.root, entry.asset_id]));
    idsByRoot.set(registry, ids);
  }
  const id = ids.get(root);
  return id === undefined ? undefined : assets.get(id);
}

/** The roots that `registry` names. */
export function rootsOf(registry: Registry): string[] {
  return registry.assets.map(({ root }) => root);
}

/** What lies at `path` of the asset `id`. @throws {OmnifsError} `not-found` */
export function entryOf(snapshot: Snapshot, id: number, path: string): Entry {
  const { folder, entry } = assetOf(snapshot, id);
  const found = folder === undefined ? undefined : entryAt(folder, path);
  if (found !== undefined) return found;
  throw new OmnifsError("not-found", `generation ${snapshot.generation} has no such file`, {
    op: "read",
    path: path === "" ? entry.root : `${entry.root}/${path}`,
  });
}

/** The assets of `snapshot` as others see them, by id. */
export function assetDocuments(snapshot: Snapshot, selection: AssetSelection = "all"): AssetDocument[] {
  return [...snapshot.assets.values()]
    .filter(({ entry }) => selection === "all" || entry.included_in_build === (selection === "included"))
    .sort((a, b) => a.entry.asset_id - b.entry.asset_id)
    .map(assetDocument);
}

/** What a generation comes to. */
export interface Totals {
  /** Files of all assets. */
  readonly count: number;
  /** Their bytes. */
  readonly bytes: number;
  /** Assets that a build takes. */
  readonly included: number;
}

const totals = new WeakMap<Snapshot["assets"], Totals>();

/** What `snapshot` comes to; counted once. */
export function totalsOf({ assets }: Snapshot): Totals {
  const known = totals.get(assets);
  if (known !== undefined) return known;
  let [count, bytes, included] = [0, 0, 0];
  for (const { folder, entry } of assets.values()) {
    count += folder?.files ?? 0;
    bytes += folder?.bytes ?? 0;
    included += entry.included_in_build ? 1 : 0;
  }
  totals.set(assets, { count, bytes, included });
  return { count, bytes, included };
}

/** One asset as others see it. */
export function assetDocument({ entry, declared, folder }: Asset): AssetDocument {
  return {
    id: entry.asset_id,
    uuid: entry.asset_uuid,
    name: declared?.value.name ?? entry.root.slice(entry.root.lastIndexOf("/") + 1),
    root: entry.root,
    includedInBuild: entry.included_in_build,
    modified: folder?.newest ?? 0,
    files: folder?.files ?? 0,
    bytes: folder?.bytes ?? 0,
    declaration: declared?.text ?? null,
  };
}

/** What the directory `path` of an asset holds, by name. @throws {OmnifsError} `not-found`, `not-a-directory` */
export function entryDocuments(snapshot: Snapshot, id: number, path: string): EntryDocument[] {
  const folder = entryOf(snapshot, id, path);
  if (folder.kind === "file") throw new OmnifsError("not-a-directory", "it is a file", { op: "read", path });
  return [...folder.entries].sort(([a], [b]) => byCode(a, b))
    .map(([name, entry]) => entryDocument(path === "" ? name : `${path}/${name}`, entry));
}

function entryDocument(path: string, entry: Entry): EntryDocument {
  return entry.kind === "file"
    ? { path, kind: "file", size: entry.size, modified: entry.mtime, digest: entry.digest ?? null }
    : { path, kind: "directory", size: entry.bytes, modified: entry.newest, digest: null };
}

/** Stands for the facts of all of `snapshot` but its number, see `mark.ts`. */
export function markOfSnapshot({ registry, assets }: Snapshot): number {
  const marks = [markOfText(registry.text)];
  for (const { entry, folder } of assets.values()) marks.push(markOfNamed(entry.root, folder?.mark ?? 0));
  return markOfAll(marks);
}

/** The asset ids that two generations do not share, ascending. */
export function differing(before: Snapshot, after: Snapshot): number[] {
  const ids = new Set([...before.assets.keys(), ...after.assets.keys()]);
  return [...ids].filter((id) => before.assets.get(id) !== after.assets.get(id)).sort((a, b) => a - b);
}
