/**
 * A rebase: the upstream's state of now becomes what a draft is staged on, and what is staged stays.
 *
 * @module
 */
import type { Draft } from "./draft.ts";
import { type LivePlace, type LiveTree, missing } from "./live.ts";
import {
  type GoneFile,
  type LiveEntry,
  pathOf,
  sameBytes,
  type Staged,
  type StagedCreate,
  type StagedRemove,
  type StagedWrite,
} from "./staged.ts";

/** What became of one change. */
export type RebaseResult =
  /** The upstream holds what it was staged on. */
  | "same"
  /** The upstream held something else, which it is staged on now. */
  | "moved-on"
  /** What was to go is gone: it is out of the draft. */
  | "dropped"
  /** What was new is there by now: it is a write over that. */
  | "written-over"
  /** Nothing of this identity is at its path: it is as it was. */
  | "gone"
  /** What was new cannot be written over what is there by now: it is as it was. */
  | "taken";

/** What a rebase came to, by change. */
export interface Rebased {
  /** The path below the mount. */
  readonly path: string;
  /** What became of it. */
  readonly result: RebaseResult;
}

/** What a rebase stands on. */
export interface RebaseParts {
  /** What is rebased. */
  readonly draft: Draft;
  /** The mount that it belongs to. */
  readonly mount: string;
  /** What it lies over. */
  readonly live: LiveTree;
  /** Stages `content` over the live file `entry`, which holds `bytes`. */
  readonly over: (entry: LiveEntry, bytes: Uint8Array, content: Uint8Array) => Promise<void>;
  /** Aborted where nobody waits any more. */
  readonly signal: AbortSignal | undefined;
}

/** One rebase of one draft. */
export class Rebase {
  readonly #parts: RebaseParts;

  /** Over what `parts` say. */
  constructor(parts: RebaseParts) {
    this.#parts = parts;
  }

  /** Rebases everything; a new file whose name is still free has nothing that it stands on, and is not told of. */
  async all(): Promise<Rebased[]> {
    const results: Rebased[] = [];
    for (const staged of this.#parts.draft.overlay.all()) {
      const result = await this.#one(staged);
      if (result !== undefined) results.push({ path: pathOf(staged), result });
    }
    return results;
  }

  async #one(staged: Staged): Promise<RebaseResult | undefined> {
    if (staged.kind === "create" && (staged.scratch || staged.directory)) return undefined;
    const { live, mount, signal, draft } = this.#parts;
    // A directory that goes takes along what was staged below it.
    if (draft.overlay.get(staged.key) === undefined) return undefined;
    const place = await live.at(mount, pathOf(staged), true, signal).catch(missing);
    if (staged.kind === "write") return await this.#write(staged, place);
    return staged.kind === "create" ? await this.#create(staged, place) : await this.#remove(staged, place);
  }

  async #write(
    { key, live, base }: StagedWrite,
    { entry, bytes }: Partial<LivePlace> = {},
  ): Promise<RebaseResult> {
    if (entry === undefined || bytes === undefined || entry.id !== live.id) return "gone";
    const same = sameBytes(bytes, base);
    if (!same || entry.version !== live.version) await this.#parts.draft.rebase(key, entry, bytes);
    return same ? "same" : "moved-on";
  }

  async #remove(staged: StagedRemove, place: LivePlace | undefined): Promise<RebaseResult> {
    const { draft, mount } = this.#parts;
    const { key, live } = staged;
    // Where the directory itself is elsewhere by now, so may be what was to go.
    if (place?.parent !== live.parent) return "gone";
    const { entry, bytes } = place;
    if (entry === undefined) {
      await draft.unstage(key);
      return "dropped";
    }
    if (entry.id !== live.id || entry.directory !== live.directory) return "gone";
    const files = await this.#below(entry);
    if (isUnchanged(staged, entry, bytes, files)) return "same";
    // Where nobody could make it again, no bytes were kept.
    await draft.remove(mount, entry, staged.base && bytes, files);
    return "moved-on";
  }

  async #create({ key, folder, content }: StagedCreate, place: LivePlace | undefined) {
    const { draft, over } = this.#parts;
    if (place?.entry === undefined) return undefined;
    const { entry, bytes, writable, parent } = place;
    // A file in a directory that the draft makes, too, would be hidden by that.
    const free = !folder.made && folder.id === parent && writable && bytes !== undefined;
    if (!free) return "taken";
    await over(entry, bytes, content);
    await draft.unstage(key);
    return "written-over";
  }

  async #below({ directory, path }: LiveEntry): Promise<readonly GoneFile[]> {
    const { live, mount, signal } = this.#parts;
    return directory ? await live.below(mount, path, signal) : [];
  }
}

function isUnchanged(
  { live, base, files }: StagedRemove,
  entry: LiveEntry,
  bytes: Uint8Array | undefined,
  now: readonly GoneFile[],
): boolean {
  const sameBase = base === undefined || bytes !== undefined && sameBytes(base, bytes);
  const sameFiles = files.length === now.length &&
    files.every((file, at) => file.path === now[at]?.path && sameBytes(file.bytes, now[at].bytes));
  return entry.version === live.version && sameBase && sameFiles;
}
