/**
 * What the kernel holds of the shadow tree.
 *
 * @module
 */
import { hash53 } from "../../tree/inode_number.ts";
import { LookupCount } from "../../tree/lookup_count.ts";
import type { Place } from "../../tree/place.ts";
import { ToldTime } from "./told_time.ts";

/** Where the numbers of this tree begin: far beyond those of the live one, which count up from 1. */
export const FIRST_NODEID = 2 ** 48;

/** What a node of the shadow tree is. */
export type Shadow =
  /** `/_drafts`. */
  | { readonly kind: "top" }
  /** `/_drafts/@session`: a symbolic link to the draft of whoever reads it. */
  | { readonly kind: "session" }
  /** `/_drafts/NAME`. */
  | { readonly kind: "draft"; readonly draft: string }
  /** What lies over something live; `path` is that below its mount. */
  | { readonly kind: "live"; readonly draft: string; readonly place: Place; readonly path: string }
  /** What the draft made. */
  | { readonly kind: "made"; readonly draft: string; readonly id: number };

/** A node that belongs to one draft. */
export type DraftShadow = Exclude<Shadow, { readonly kind: "top" | "session" }>;

/** One node that the kernel holds. */
export interface ShadowInode {
  /** The kernel's handle. */
  readonly nodeid: number;
  /** The number that users see: never that of the live file, or `diff` would take both for one. */
  readonly ino: number;
  /** What it is. */
  shadow: Shadow;
  /** How often the kernel was given it. */
  readonly lookups: LookupCount;
  /** The time that the kernel was told of a directory. */
  readonly time: ToldTime;
  /** What it is found by. */
  readonly key: string;
}

/** Finds and mints the nodes of the shadow tree. */
export class ShadowTable {
  readonly #byNodeid = new Map<number, ShadowInode>();
  readonly #byKey = new Map<string, ShadowInode>();
  #next = FIRST_NODEID;

  /** How many the kernel holds. */
  get size(): number {
    return this.#byNodeid.size;
  }

  /** The node that the kernel calls `nodeid`. */
  get(nodeid: number): ShadowInode | undefined {
    return this.#byNodeid.get(nodeid);
  }

  /** The node for `shadow`, for one lookup of the kernel's. */
  enter(shadow: Shadow): ShadowInode {
    const key = keyOf(shadow);
    const inode = this.#byKey.get(key) ?? this.#mint(shadow, key);
    inode.shadow = shadow;
    inode.lookups.increment();
    return inode;
  }

  /** The kernel takes back `count` lookups. */
  forget(nodeid: number, count: number): void {
    const inode = this.#byNodeid.get(nodeid);
    if (inode === undefined || !inode.lookups.decrement(count)) return;
    this.#byNodeid.delete(nodeid);
    this.#byKey.delete(inode.key);
  }

  #mint(shadow: Shadow, key: string): ShadowInode {
    const [nodeid, ino, lookups, time] = [this.#next++, inoOf(shadow), new LookupCount(), new ToldTime()];
    const inode = { nodeid, ino, shadow, lookups, time, key };
    this.#byNodeid.set(inode.nodeid, inode);
    this.#byKey.set(key, inode);
    return inode;
  }
}

/** The number that users see for `shadow`. */
export function inoOf(shadow: Shadow): number {
  return hash53(keyOf(shadow));
}

/** Two names of one live file are two nodes here: what is staged for either is looked up by its identity. */
function keyOf(shadow: Shadow): string {
  switch (shadow.kind) {
    case "top":
      return "_drafts";
    case "session":
      return "_drafts/@session";
    case "draft":
      return `_drafts/${shadow.draft}`;
    case "live":
      return `_drafts/${shadow.draft}/${shadow.place.mount}${shadow.path}`;
    case "made":
      return `_drafts/${shadow.draft}//${shadow.id}`;
  }
}
