/**
 * What the packer's events mean for the tree: of an edit exactly what it touched, of everything else what it may have.
 *
 * @module
 */
import {
  type Event,
  type Invalidation,
  lineOf,
  lost,
  type Polled,
  relisted,
  type Source,
  stale,
} from "../sdk/mod.ts";
import type { PackerClient } from "../sdk/packer.ts";
import { ASSET_FILES, idOf, parentIn, PROJECT_FILES, projectOf, SETS, watchOf } from "./ids.ts";

/** Milliseconds between two looks while nothing can be followed. */
const PACE = 10_000;

/** How many paths an event names at most: one with so many may have left some out. */
const TOLD_PATHS = 100;

/** Where the changes behind a watch come from: the bus of this very process. */
export function sourcesOf(watch: string): Source[] {
  return [{ tag: "subscribe", val: `packer:${projectOf(watch)}` }, { tag: "poll", val: PACE }];
}

/** One look: whether anything has changed since the cursor, or since the time where there is none. */
export function pollWatch(
  packer: PackerClient,
  watch: string,
  cursor: string | undefined,
  since: number,
): Polled {
  const { generation, state, changed } = packer.status(projectOf(watch));
  const now = `${generation} ${state} ${changed}`;
  const isSame = cursor === undefined ? changed < since : cursor === now;
  return { invalidations: isSame ? [] : [lost(watch)], cursor: now };
}

interface Told {
  readonly type: string;
  readonly project: string;
  readonly by: string;
  readonly assets: readonly number[];
  readonly paths: readonly string[];
}

/** What one event of the bus means. */
export function meaningOf(packer: PackerClient, event: Event): Invalidation[] {
  const told = readEvent(lineOf(event));
  if (told === undefined) return [];
  const { type, project } = told;
  const status = stale(idOf(PROJECT_FILES.status, project));
  switch (type) {
    case "packer.generation":
      return [status, stale(idOf(PROJECT_FILES.generation, project)), ...generation(packer, told)];
    case "packer.state":
      return [status];
    case "packer.diverged":
    case "packer.settled":
      return [status, relisted(idOf("divergences", project))];
    case "packer.built":
      return [
        relisted(idOf("builds", project)),
        relisted(idOf("build", project)),
        stale(idOf("manifest", project)),
        stale(idOf("archive", project)),
      ];
    default:
      return [];
  }
}

/** What a new generation changed: of an edit and of a commit what they name; a decision may have done anything. */
function generation(packer: PackerClient, told: Told): Invalidation[] {
  const { project, by, paths, assets } = told;
  if (by === "reconcile" || paths.length >= TOLD_PATHS) return [lost(watchOf(project))];
  const changed = packer.assets(project).filter(({ id }) => assets.includes(id));
  const files: [asset: number, path: string][] = [];
  for (const path of paths) {
    const asset = changed.find(({ root }) => path.startsWith(`${root}/`));
    if (asset !== undefined) files.push([asset.id, path.slice(asset.root.length + 1)]);
    // The whole directory of an asset came or went; a commit moves it, which changes no identity.
    else if (by === "intake") return [lost(watchOf(project))];
  }
  return by === "intake" ? edited(project, assets, files) : committed(project, assets, files);
}

/** What a commit changed that is about `assets`, and wrote or removed `files` of them. */
export function committed(
  project: string,
  assets: readonly number[],
  files: readonly (readonly [asset: number, path: string])[],
): Invalidation[] {
  return [
    stale(idOf(PROJECT_FILES.status, project)),
    stale(idOf(PROJECT_FILES.generation, project)),
    stale(idOf(PROJECT_FILES["index.json"], project)),
    ...SETS.map((set) => relisted(idOf("set", project, set))),
    ...assets.map((id) => relisted(idOf("asset", project, id))),
    ...edited(project, assets, files),
  ];
}

function edited(
  project: string,
  assets: readonly number[],
  files: readonly (readonly [asset: number, path: string])[],
): Invalidation[] {
  return [
    ...assets.flatMap((id) => [
      stale(idOf("asset", project, id)),
      stale(idOf("files", project, id)),
      ...Object.values(ASSET_FILES).map((kind) => stale(idOf(kind, project, id))),
    ]),
    ...files.flatMap(([asset, path]) => touched(project, asset, path)),
  ];
}

/** A file or a directory that differs: itself, and every directory that leads to it. */
function touched(project: string, asset: number, path: string): Invalidation[] {
  const invalidations = [
    stale(idOf("file", project, asset, path)),
    stale(idOf("folder", project, asset, path)),
    relisted(idOf("folder", project, asset, path)),
  ];
  for (let folder = parentIn(path); folder !== ""; folder = parentIn(folder)) {
    invalidations.push(relisted(idOf("folder", project, asset, folder)));
  }
  return [...invalidations, relisted(idOf("files", project, asset))];
}

function readEvent(value: unknown): Told | undefined {
  if (typeof value !== "object" || value === null || !("type" in value) || !("data" in value)) {
    return undefined;
  }
  const { type, data } = value;
  if (typeof type !== "string" || typeof data !== "object" || data === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(data));
  const project = fields.get("project");
  if (typeof project !== "string") return undefined;
  const list = (key: string): unknown[] => {
    const found = fields.get(key);
    return Array.isArray(found) ? found : [];
  };
  return {
    type,
    project,
    by: String(fields.get("by")),
    assets: list("assets").filter((id) => typeof id === "number"),
    paths: list("paths").filter((path) => typeof path === "string"),
  };
}
