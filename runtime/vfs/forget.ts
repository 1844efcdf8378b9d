/**
 * Dropping what is kept, and telling the kernel: the cache first, so that whoever the kernel sends to ask
 * gets the new answer.
 *
 * @module
 */
import type { Notifier } from "../../fuse/mod.ts";
import { segments } from "../base/path.ts";
import type { Inode, InodeTable } from "../tree/inodes.ts";
import type { Place } from "../tree/place.ts";
import type { Bodies } from "./bodies.ts";
import { pathOfInode } from "./filesystem.ts";
import type { Mounts } from "./mounts.ts";
import type { Namespace, TreeStore } from "./namespace.ts";

/** What the kernel can be told. It is not waited for: the kernel may need an answer of ours first. */
export type KernelNotifier = Pick<Notifier, "invalidateInode" | "invalidateEntry" | "expireEntry">;

/** What forgetting needs of the tree. */
export interface ForgetParts {
  /** The providers. */
  readonly mounts: Mounts;
  /** Names and nodes. */
  readonly namespace: Namespace;
  /** Lengths and bytes. */
  readonly bodies: Bodies;
  /** What the kernel holds. */
  readonly inodes: InodeTable;
  /** Where all of it is kept. */
  readonly store: TreeStore;
}

/**
 * Forgets what is kept at and below `path`, by the cache and by the kernel, which may hold what the cache has
 * evicted: the next read asks the provider. Asks nobody anything itself.
 *
 * @returns how many items were dropped
 */
export function forget(parts: ForgetParts, path: string, kernel: KernelNotifier | undefined): number {
  parts.namespace.disown();
  parts.bodies.disown();
  const dropped = new Set<string>();
  let items = 0;
  for (const place of placesAt(parts, path)) {
    collect(parts, place, dropped);
    if (place.parent === undefined) items += parts.store.dropPrefix(place.key);
  }
  for (const place of placesHeld(parts.inodes, path)) collect(parts, place, dropped);
  for (const key of dropped) items += parts.store.drop(key);
  if (kernel !== undefined) tell(parts.inodes, dropped, kernel);
  return items;
}

function placesAt({ mounts, namespace }: ForgetParts, path: string): Place[] {
  const [first, ...rest] = segments(path);
  if (first === undefined) return mounts.all().map((point) => point.place);
  let place = mounts.get(first)?.place;
  for (const name of rest) {
    if (place === undefined) return [];
    place = namespace.peekDirectory(place)?.find(name) ?? undefined;
  }
  return place === undefined ? [] : [place];
}

/** The places at and below `path` that the kernel holds. */
function* placesHeld(inodes: InodeTable, path: string): Generator<Place> {
  const prefix = segments(path).map((name) => `/${name}`).join("");
  for (const inode of inodes.all()) {
    if (inode.place !== undefined && `${pathOfInode(inode)}/`.startsWith(`${prefix}/`)) yield inode.place;
  }
}

/** Adds the key of `place`, and of everything that is kept below it. */
function collect(parts: ForgetParts, place: Place, keys: Set<string>): void {
  if (keys.has(place.key)) return;
  keys.add(place.key);
  for (const child of parts.namespace.peekDirectory(place)?.places() ?? []) collect(parts, child, keys);
}

function tell(inodes: InodeTable, keys: ReadonlySet<string>, kernel: KernelNotifier): void {
  for (const inode of [...inodes.all()]) {
    if (inode.place === undefined || !keys.has(inode.place.key)) continue;
    void kernel.invalidateInode(inode.nodeid);
    tellNames(inode, kernel);
  }
}

/** Takes back the names that led to `inode`, and the names in it that were said to be absent. */
function tellNames(inode: Inode, kernel: KernelNotifier): void {
  for (const name of inode.absent ?? []) void kernel.invalidateEntry(inode.nodeid, name);
  inode.absent?.clear();
  // The root of a provider's tree does not move: its name is the mount's.
  if (inode.parent === undefined || inode.place?.parent === undefined) return;
  // Expired rather than dropped: whoever stands in that directory stays there, and it is looked up again.
  void kernel.expireEntry(inode.parent.nodeid, inode.place.name);
  for (const { parent, name } of inode.aliases?.values() ?? []) void kernel.expireEntry(parent.nodeid, name);
  inode.aliases = undefined;
}
