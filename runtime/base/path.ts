/**
 * Paths inside the tree, and what a name may be.
 *
 * @module
 */
import { OmnifsError } from "./errors.ts";

/** Longest name in bytes of UTF-8, as `NAME_MAX` of `linux/limits.h`. */
export const NAME_MAX = 255;

const encoder = new TextEncoder();

/** Why `name` cannot be a name in the tree, or undefined where it can. */
export function nameFault(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name === "." || name === "..") return "it means a directory to every tool";
  if (name.includes("/")) return "it contains a slash";
  if (name.includes("\0")) return "it contains a NUL";
  return isTooLong(name) ? `it is longer than ${NAME_MAX} bytes` : undefined;
}

/** True where `name` takes more than {@linkcode NAME_MAX} bytes. */
export function isTooLong(name: string): boolean {
  // A UTF-16 unit takes at most three bytes, so most names need no encoding to be known short enough.
  return name.length * 3 > NAME_MAX && encoder.encode(name).length > NAME_MAX;
}

/**
 * The names that lead to `path` from the root of the tree. Empty segments and `.` are skipped, `..` goes up
 * and stops at the root, as in the kernel's own walk.
 *
 * @throws {OmnifsError} `invalid` where a segment cannot be a name
 */
export function segments(path: string): string[] {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      names.pop();
      continue;
    }
    const fault = nameFault(name);
    if (fault !== undefined) throw new OmnifsError("invalid", `not a path in the tree: ${fault}`, { path });
    names.push(name);
  }
  return names;
}

/** The path of `name` in the directory at `parent`, which starts with a slash. */
export function join(parent: string, name: string): string {
  return parent === "/" ? `/${name}` : `${parent}/${name}`;
}
