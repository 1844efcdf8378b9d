/**
 * From a path to what is there, asking as little as can be.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import { segments } from "../base/path.ts";
import type { Mounts } from "./mounts.ts";
import type { Found, Namespace } from "./namespace.ts";
import { ROOT_NODE } from "./node_rules.ts";

/** What a walk needs of the tree. */
export interface WalkParts {
  /** The providers. */
  readonly mounts: Mounts;
  /** Names and nodes. */
  readonly namespace: Namespace;
}

/**
 * What is at `path`; undefined for the root of the whole tree.
 *
 * @throws {OmnifsError} `not-found` and `not-a-directory`, or whatever a provider fails with
 */
export async function walk(
  { mounts, namespace }: WalkParts,
  path: string,
  signal?: AbortSignal,
): Promise<Found | undefined> {
  const [first, ...rest] = segments(path);
  if (first === undefined) return undefined;
  const point = mounts.get(first);
  if (point === undefined) {
    throw mounts.reasonFor(first) ?? new OmnifsError("not-found", `nothing is mounted as ${first}`);
  }
  let found: Found = { place: point.place, node: ROOT_NODE };
  for (const name of rest) {
    if (!found.node.directory) throw new OmnifsError("not-a-directory", `${found.place.name} is a file`);
    const next = await namespace.find(found.place, name, signal);
    if (next === undefined) throw new OmnifsError("not-found", "no such file or directory");
    found = next;
  }
  return found;
}
