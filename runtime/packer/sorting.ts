/**
 * Sorts paths at which something happened by what has to be looked at.
 *
 * @module
 */
import { ancestors, below, CONTROL, DECLARATION, INDEX, parentOf, within } from "./paths.ts";

/** What has to be looked at. */
export interface Sorted {
  /** True where `index.json` may differ. */
  registry: boolean;
  /** Files and folders in assets: root, then the paths relative to it. */
  readonly contents: Map<string, Set<string>>;
  /** Roots whose `asset.json` may differ. */
  readonly declarations: Set<string>;
  /** Paths at and below which there may be other places than before: roots that came or went, folders of them. */
  readonly regions: Set<string>;
  /** True where anything may differ. */
  all: boolean;
}

/** Sorts `paths`, which are relative to `assets/`; `isPlace` tells of directories with an `asset.json`. */
export function sorted(
  paths: Iterable<string>,
  isRegistered: (root: string) => boolean,
  isPlace: (root: string) => boolean,
): Sorted {
  const result: Sorted = {
    registry: false,
    contents: new Map(),
    declarations: new Set(),
    regions: new Set(),
    all: false,
  };
  for (const path of paths) sortOne(path, result, isRegistered, isPlace);
  return result;
}

function sortOne(
  path: string,
  result: Sorted,
  isRegistered: (root: string) => boolean,
  isPlace: (root: string) => boolean,
): void {
  if (path === "") return void (result.all = true);
  if (within(CONTROL, path)) {
    if (path === CONTROL || path === INDEX) result.registry = true;
    return;
  }
  if (isRegistered(path)) return void result.regions.add(path);
  const outer = ancestors(path);
  const root = outer.find(isRegistered);
  if (root !== undefined) return sortContent(root, below(root, path), result);
  const place = outer.find(isPlace);
  // What lies in a directory that is not registered is nobody's concern but its declaration.
  if (place !== undefined) return void (path === `${place}/${DECLARATION}` && result.declarations.add(place));
  const isDeclaration = path.endsWith(`/${DECLARATION}`);
  result.regions.add(isDeclaration ? parentOf(path) : path);
}

function sortContent(root: string, path: string, { contents, declarations }: Sorted): void {
  if (path === DECLARATION) return void declarations.add(root);
  const known = contents.get(root);
  if (known === undefined) contents.set(root, new Set([path]));
  else known.add(path);
}
