/**
 * Identities of the packer's tree: what it is, the project, the asset, the path below it, with slashes between. An
 * asset's files are the same files wherever its directory goes.
 *
 * @module
 */

/** Files that a project has, by name, and the kinds of their identities. */
export const PROJECT_FILES = {
  "status": "status",
  "generation": "generation",
  "index.json": "index",
  "events.jsonl": "events",
} as const;

/** The sets of assets, by the name of their directory. */
export const SETS = ["_all", "_included", "_excluded"] as const;

/** One of {@linkcode SETS}. */
export type SetName = (typeof SETS)[number];

/** Files that an asset has, by name, and the kinds of their identities. */
export const ASSET_FILES = {
  "asset.json": "declaration",
  "uuid": "uuid",
  "root": "root",
  "included_in_build": "included",
} as const;

/** What a divergence tells, by file name. */
export const DIVERGENCE_FILES = ["kind", "path", "detail"] as const;

/** An identity, taken apart. */
export interface Id {
  /** What it is. */
  readonly kind: string;
  /** The project. */
  readonly project: string;
  /** What follows: a set's name, an asset's id, a divergence's id. */
  readonly first: string;
  /** What follows that: a path below an asset, the name of a file. */
  readonly rest: string;
}

/** The identity of `kind` in `project`. */
export function idOf(kind: string, project: string, first: string | number = "", rest = ""): string {
  return rest === ""
    ? first === "" ? `${kind}/${project}` : `${kind}/${project}/${first}`
    : `${kind}/${project}/${first}/${rest}`;
}

/** `id`, taken apart; the root is of the kind `""`. */
export function parsedId(id: string): Id {
  const [kind = "", project = "", first = "", ...rest] = id.split("/");
  return { kind, project, first, rest: rest.join("/") };
}

/** The watch of a project. */
export function watchOf(project: string): string {
  return `project:${project}`;
}

/** The project of a watch. */
export function projectOf(watch: string): string {
  return watch.slice("project:".length);
}

/** The last name of a path. */
export function nameIn(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The folder of an asset that holds `path`; empty for its root. */
export function parentIn(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
