/**
 * From a directory to a project whose reads are answered: recovery, the registry, one walk.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { SeenDeclaration } from "./divergence.ts";
import type { Disk } from "./disk.ts";
import { readWhole, removeFile, replaceWhole } from "./files.ts";
import type { KeptGeneration } from "./generation.ts";
import type { Place } from "./look.ts";
import { REGISTRY_LIMIT, STAGING } from "./paths.ts";
import type { Project } from "./project.ts";
import { readRegistry, type Registry } from "./registry.ts";
import type { Scout } from "./scout.ts";
import { assetFrom, readIndex, seenDeclaration, textOf } from "./seeing.ts";
import { type Asset, markOfSnapshot, NO_SNAPSHOT, rootsOf, type Snapshot } from "./snapshot.ts";

/** A copy of the latest valid registry, for a workspace whose own was lost. */
const KEPT_REGISTRY = `${STAGING}/registry.json`;

/** The absolute path of `assets/` in `workspace`, without links. @throws {OmnifsError} `invalid` where there is none */
export async function assetsOf(workspace: string): Promise<string> {
  const path = `${workspace.replace(/\/+$/, "")}/assets`;
  const info = await Deno.stat(path).catch(() => undefined);
  if (info?.isDirectory) return await Deno.realPath(path);
  throw new OmnifsError("invalid", `${workspace} is no workspace: it has no directory assets/`, {
    op: "open",
    path: workspace,
    mend: `mkdir ${path}`,
  });
}

/** Reads the registry into `project` and remembers how it stands; the registry to go by. */
export async function readRegistryInto(project: Project, disk: Disk, assets: string): Promise<Registry> {
  const index = await readIndex(disk, assets);
  if (index.is === "valid") {
    project.sawRegistry(undefined);
    return index.registry;
  }
  const kept = await readKept(disk, assets);
  // A workspace that never had one has nothing to miss.
  project.sawRegistry(index.is === "missing" && kept === undefined ? undefined : index);
  return kept ?? NO_SNAPSHOT.registry;
}

async function readKept(disk: Disk, assets: string): Promise<Registry | undefined> {
  const bytes = await readWhole(disk, `${assets}/${KEPT_REGISTRY}`, REGISTRY_LIMIT);
  const reading = bytes === undefined ? undefined : readRegistry(textOf(bytes));
  return reading?.ok ? reading.value : undefined;
}

/** Keeps a copy of `registry`. */
export async function keepRegistry(disk: Disk, assets: string, { text }: Registry): Promise<void> {
  if (text === "") await removeFile(disk, `${assets}/${KEPT_REGISTRY}`);
  else await replaceWhole(disk, `${assets}/${KEPT_REGISTRY}`, text);
}

/** Walks the workspace: remembers every place in `project`, and tells the snapshot of `registry`. */
export async function survey(
  project: Project,
  scout: Scout,
  registry: Registry,
): Promise<Omit<Snapshot, "generation">> {
  const entries = new Map(registry.assets.map((entry) => [entry.root, entry]));
  const seen = new Map<string, SeenDeclaration | undefined>();
  const found = new Map<number, Asset>();
  const before = project.snapshot.assets;
  project.unread.saw("", []);
  await scout.survey("", rootsOf(registry), (places: readonly Place[]) => {
    for (const place of places) {
      seen.set(place.root, seenDeclaration(place.root, place.declaration));
      const entry = entries.get(place.root);
      project.unread.saw(place.root, place.columns?.unread ?? []);
      if (entry !== undefined) found.set(entry.asset_id, assetFrom(entry, place, before.get(entry.asset_id)));
    }
  });
  project.places.clear();
  for (const [root, declaration] of seen) project.places.set(root, declaration);
  const assets = new Map<number, Asset>();
  for (const entry of registry.assets) {
    const missing = { entry, declared: before.get(entry.asset_id)?.declared, folder: undefined };
    assets.set(entry.asset_id, found.get(entry.asset_id) ?? missing);
  }
  return { registry, assets };
}

/** The number of the generation that was found: a new one where somebody changed something while nobody looked. */
export function numberOf(found: Omit<Snapshot, "generation">, { generation, mark }: KeptGeneration): number {
  if (generation === 0) return 1;
  const isSame = mark === undefined || mark === markOfSnapshot({ ...found, generation });
  return isSame ? generation : generation + 1;
}
