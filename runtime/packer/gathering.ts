/**
 * One look at what happened: what of it is a content edit of a registered asset, and what was merely seen.
 *
 * @module
 */
import { folderFrom } from "./columns.ts";
import { type Facts, sameBytes, sameFingerprint } from "./facts.ts";
import { type Entry, entryAt, type FileRecord } from "./folder.ts";
import { BEING_WRITTEN, type Skipped } from "./look.ts";
import { DECLARATION, within } from "./paths.ts";
import type { Project } from "./project.ts";
import type { Found, Scout } from "./scout.ts";
import {
  assetFrom,
  assetWith,
  changedPaths,
  sameDeclaration,
  seenDeclaration,
  withEntries,
} from "./seeing.ts";
import type { SeenDeclaration } from "./divergence.ts";
import { type Asset, assetAt, rootsOf } from "./snapshot.ts";
import type { Sorted } from "./sorting.ts";

/** What a look needs to say while it goes on. */
export interface Onlooker {
  /** Something differs from the snapshot. */
  stale(): void;
  /** Milliseconds until the file at `path` (relative to `assets/`) may be looked at, where it is being written; 0 where it may. */
  wait(path: string, before: Entry | undefined): Promise<number>;
  /** Look at `path` again after so many milliseconds; `isStale` where it is known to differ. */
  later(path: string, milliseconds: number, isStale: boolean): void;
}

/** Milliseconds after which a new directory is looked at again: the watch on it begins a little after it is there. */
const SECOND_LOOK = 1_000;

/** Milliseconds after which a file is looked at again that was written while it was read. */
const RETRY = 40;

/** See the module. */
export class Gathering {
  /** The assets that differ, by id. */
  readonly edited = new Map<number, Asset>();
  /** Those that differ in facts that nobody can see: the same bytes, with the same time. */
  readonly refreshed = new Map<number, Asset>();
  /** The files that differ, relative to `assets/`. */
  readonly paths: string[] = [];
  /** True where something was seen that may need a decision. */
  structure = false;

  readonly #project: Project;
  readonly #scout: Scout;
  readonly #onlooker: Onlooker;

  /** Nothing was looked at yet. */
  constructor(project: Project, scout: Scout, onlooker: Onlooker) {
    this.#project = project;
    this.#scout = scout;
    this.#onlooker = onlooker;
  }

  /** Looks at all of `what` but the registry. */
  async look(what: Sorted): Promise<void> {
    for (const region of what.regions) await this.#lookAtRegion(region);
    for (const [root, paths] of what.contents) {
      // Where the root itself is gone, its files did not go one by one.
      if (await this.#lookAtRoot(root)) { for (const path of paths) await this.#lookAtPath(root, path); }
    }
    for (const root of what.declarations) if (!what.contents.has(root)) await this.#lookAtRoot(root);
  }

  /** Looks at all places at and below `region`. */
  async #lookAtRegion(region: string): Promise<void> {
    const { places, snapshot, unread } = this.#project;
    const gone = new Set([...places.keys()].filter((root) => within(region, root)));
    const again: [root: string, path: string][] = [];
    await this.#scout.survey(region, rootsOf(snapshot.registry), (found) => {
      for (const place of found) {
        gone.delete(place.root);
        this.#saw(place.root, seenDeclaration(place.root, place.declaration));
        const asset = this.#asset(place.root);
        if (asset === undefined) continue;
        for (const path of unread.saw(place.root, place.columns?.unread)) again.push([place.root, path]);
        const next = assetFrom(asset.entry, place, asset);
        if (next === asset) continue;
        this.#edit(next, [...changedPaths(asset.folder, next.folder)]);
      }
    });
    for (const root of gone) this.#lost(root);
    // A walk reads no bytes: what could not be read has to be tried.
    for (const [root, path] of again) await this.#lookAtPath(root, path);
  }

  /** Looks at a root and its declaration; false where it is gone. */
  async #lookAtRoot(root: string): Promise<boolean> {
    const { isFolder, declaration } = await this.#scout.declaration(root);
    const asset = this.#asset(root);
    if (!isFolder || (declaration === undefined && asset === undefined)) {
      this.#lost(root);
      return false;
    }
    const seen = seenDeclaration(root, declaration);
    this.#saw(root, seen);
    if (asset !== undefined && seen !== undefined && "found" in seen) this.#lookAtDeclaration(asset, seen);
    return true;
  }

  /** Takes the bytes of an `asset.json` in, whatever they say: they are the file's. */
  #lookAtDeclaration(asset: Asset, seen: Extract<SeenDeclaration, { readonly found: unknown }>): void {
    const { facts: { size, mtime, ctime, ino }, digest } = seen.found;
    const before = asset.folder === undefined ? undefined : entryAt(asset.folder, DECLARATION);
    if (before?.kind === "file" && sameFingerprint(before, seen.found.facts) && before.digest === digest) {
      return;
    }
    const record: FileRecord = { kind: "file", size, mtime, ctime, ino, digest };
    const next = assetWith(asset.entry, seen, withEntries(asset.folder, [[DECLARATION, record]]), asset);
    if (looksTheSame(before, record)) this.#refresh(next);
    else this.#edit(next, [DECLARATION]);
  }

  async #lookAtPath(root: string, path: string): Promise<void> {
    const asset = this.#asset(root);
    if (asset === undefined) return;
    const whole = `${root}/${path}`;
    const before = asset.folder === undefined ? undefined : entryAt(asset.folder, path);
    const wait = await this.#onlooker.wait(whole, before);
    if (wait > 0) return this.#onlooker.later(whole, wait, true);
    const found = await this.#scout.find(whole);
    this.#project.unread.saw(whole, unreadIn(found));
    const next = entryFrom(found, before);
    if (next === "being written") return this.#onlooker.later(whole, RETRY, true);
    if (next === before) return;
    if (next?.kind === "folder") this.#onlooker.later(whole, SECOND_LOOK, false);
    const changed = { ...asset, folder: withEntries(asset.folder, [[path, next]]) };
    if (looksTheSame(before, next)) this.#refresh(changed);
    else this.#edit(changed, [path]);
  }

  /** Remembers a declaration. */
  #saw(root: string, seen: SeenDeclaration | undefined): void {
    const { places } = this.#project;
    if (!places.has(root) || !sameDeclaration(places.get(root), seen)) this.structure = true;
    places.set(root, seen);
  }

  #lost(root: string): void {
    this.#project.unread.saw(root, []);
    if (this.#project.places.delete(root)) this.structure = true;
  }

  #edit(asset: Asset, paths: readonly string[]): void {
    this.#onlooker.stale();
    this.edited.set(asset.entry.asset_id, asset);
    for (const path of paths) this.paths.push(path === "" ? asset.entry.root : `${asset.entry.root}/${path}`);
  }

  #refresh(asset: Asset): void {
    const id = asset.entry.asset_id;
    if (this.edited.has(id)) this.edited.set(id, asset);
    else this.refreshed.set(id, asset);
  }

  /** The asset at `root` as it is by now. */
  #asset(root: string): Asset | undefined {
    const known = assetAt(this.#project.snapshot, root);
    if (known === undefined) return undefined;
    const id = known.entry.asset_id;
    return this.edited.get(id) ?? this.refreshed.get(id) ?? known;
  }
}

/** What `found` is in a tree, `before` itself where nothing differs; undefined where nothing is to be taken. */
function entryFrom(found: Found, before: Entry | undefined): Entry | undefined | "being written" {
  if (found.kind === "folder") {
    return folderFrom(found.columns, before?.kind === "folder" ? before : undefined);
  }
  const { file } = found;
  if ("trouble" in file) return file.trouble === BEING_WRITTEN ? "being written" : undefined;
  if ("unread" in file) return unreadFrom(file.facts, before);
  if ("absent" in file) return undefined;
  const { size, mtime, ctime, ino } = file.facts;
  const isKnown = before?.kind === "file" && sameFingerprint(before, file.facts) &&
    (before.digest ?? file.digest) === file.digest;
  if (!isKnown) return { kind: "file", size, mtime, ctime, ino, digest: file.digest };
  before.digest = file.digest;
  return before;
}

/** The entry of a file that is there and cannot be read: what is known of it stays, digest and all. */
function unreadFrom(facts: Facts | undefined, before: Entry | undefined): Entry | undefined {
  if (facts === undefined) return before;
  const known = before?.kind === "file" && sameBytes(before, facts) ? before : undefined;
  if (known !== undefined && sameFingerprint(known, facts)) return known;
  const { size, mtime, ctime, ino } = facts;
  return { kind: "file", size, mtime, ctime, ino, digest: known?.digest };
}

/** What in `found` could not be read. */
function unreadIn(found: Found): readonly Skipped[] {
  if (found.kind === "folder") return found.columns.unread;
  return "unread" in found.file ? [{ path: "", why: found.file.unread }] : [];
}

/** True where two entries are the same file to everybody: they differ in what the system counts alone. */
function looksTheSame(before: Entry | undefined, after: Entry | undefined): boolean {
  if (before?.kind !== "file" || after?.kind !== "file") return false;
  const sameDigest = before.digest === undefined ? before.ino === after.ino : before.digest === after.digest;
  return before.size === after.size && before.mtime === after.mtime && sameDigest;
}
