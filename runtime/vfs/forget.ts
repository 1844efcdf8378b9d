/**
 * Dropping what is kept, and telling the kernel: the cache first, so that whoever the kernel sends to ask
 * gets the new answer.
 *
 * @module
 */
import { segments } from "../base/path.ts";
import type { Inode, InodeTable } from "../tree/inodes.ts";
import type { Place } from "../tree/place.ts";
import type { Bodies } from "./bodies.ts";
import type { Kernels } from "./kernels.ts";
import type { Mounts } from "./mounts.ts";
import type { Namespace } from "./namespace.ts";

/** What forgetting needs of the tree. */
export interface ForgetParts {
  /** The providers. */
  readonly mounts: Mounts;
  /** Names and nodes. */
  readonly namespace: Namespace;
  /** Lengths and bytes. */
  readonly bodies: Bodies;
  /** What the kernel holds in each mount. */
  readonly kernels: Kernels;
}

/**
 * Forgets what is kept at and below `path`, by the cache and by the kernel, which may hold what the cache has
 * evicted: the next read asks the provider. Asks nobody anything itself.
 *
 * @returns how many items were dropped
 */
export function forget(parts: ForgetParts, path: string): number {
  const { namespace, bodies, kernels } = parts;
  const { knowledge } = namespace;
  knowledge.changes.noteEverything();
  const dropped = new Set<string>();
  let items = 0;
  for (const place of placesAt(parts, path)) {
    collect(parts, place, dropped);
    if (place.parent === undefined) items += knowledge.store.dropPrefix(place.key);
  }
  for (const { inodes, notices } of kernels.all()) {
    for (const inode of held(inodes, path)) {
      notices.inode(inode);
      if (inode.place !== undefined) collect(parts, inode.place, dropped);
    }
  }
  for (const key of dropped) items += knowledge.dropAll(key);
  knowledge.touched();
  namespace.disown();
  bodies.disown();
  void kernels.flush();
  return items;
}

function placesAt({ mounts, namespace }: ForgetParts, path: string): Place[] {
  const [first, ...rest] = segments(path);
  if (first === undefined) return mounts.all().map((point) => point.place);
  let place = mounts.get(first)?.place;
  for (const name of rest) {
    if (place === undefined) return [];
    place = namespace.knowledge.store.peekDirectory(place.key)?.find(name) ?? undefined;
  }
  return place === undefined ? [] : [place];
}

/** The inodes at and below `path`, by whatever name the kernel holds them. */
function held(inodes: InodeTable, path: string): Set<Inode> {
  let at: Inode | undefined = inodes.root;
  for (const name of segments(path)) at = at?.children?.get(name);
  const found = new Set<Inode>();
  const waiting = at === undefined ? [] : [at];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    waiting.push(...next.children?.values() ?? []);
  }
  found.delete(inodes.root);
  return found;
}

/** Adds the key of `place`, and of everything that is kept below it. */
function collect(parts: ForgetParts, place: Place, keys: Set<string>): void {
  if (keys.has(place.key)) return;
  keys.add(place.key);
  const directory = parts.namespace.knowledge.store.peekDirectory(place.key);
  for (const child of directory?.places() ?? []) collect(parts, child, keys);
}
