/**
 * Where things lie in a workspace, and which paths a command may name. All paths are relative to `assets/`, with
 * slashes and without one at either end.
 *
 * @module
 */
import { nameFault } from "../base/path.ts";

/** The packer's own folder; everything else below `assets/` is the author's. */
export const CONTROL = ".prometeu";

/** The registry. */
export const INDEX = `${CONTROL}/index.json`;

/** What is under way: staged files, the commit record, the lock. Nothing in it is the author's. */
export const STAGING = `${CONTROL}/staging`;

/** Where the author's bytes go that a repair had to move out of its way. Nothing here is ever removed. */
export const RESCUED = `${CONTROL}/rescued`;

/** The name of an asset's declaration in its root. */
export const DECLARATION = "asset.json";

/** Longest `asset.json` that is read, in bytes. */
export const DECLARATION_LIMIT = 1024 * 1024;

/** Longest `index.json` that is read, in bytes. */
export const REGISTRY_LIMIT = 64 * 1024 * 1024;

/** Longest path in bytes: `PATH_MAX` of `linux/limits.h`, less what leads to `assets/`. */
const LONGEST = 3_072;

const encoder = new TextEncoder();

/** Why `path` cannot be one below an asset's root, or undefined where it can. */
export function pathFault(path: string): string | undefined {
  if (path.startsWith("/")) return "it does not begin in the asset's root";
  if (encoder.encode(path).length > LONGEST) return `it is longer than ${LONGEST} bytes`;
  for (const name of path.split("/")) {
    const fault = nameFault(name);
    if (fault !== undefined) {
      return name === "" ? "a part of it is empty" : `a part of it is no name: ${fault}`;
    }
  }
  return undefined;
}

/** Why `root` cannot be an asset's root, or undefined where it can. */
export function rootFault(root: string): string | undefined {
  const fault = pathFault(root);
  if (fault !== undefined) return fault;
  return within(CONTROL, root) ? `${CONTROL} is the packer's own` : undefined;
}

/** True where `path` is `folder` or lies below it. */
export function within(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** True where one of two roots lies in the other, or they are the same. */
export function overlap(a: string, b: string): boolean {
  return within(a, b) || within(b, a);
}

/** Every folder that leads to `path`, the outermost first: `a`, `a/b` for `a/b/c`. */
export function ancestors(path: string): string[] {
  const names = path.split("/");
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"));
}

/** The folder that holds `path`; the empty string for `assets/` itself. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** `path` seen from `folder`, which it lies in. */
export function below(folder: string, path: string): string {
  return path.slice(folder.length + 1);
}

/** Order of code units: the same everywhere, and that of the archive. */
export function byCode(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
