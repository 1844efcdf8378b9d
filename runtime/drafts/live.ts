/**
 * The live tree, as drafts need it.
 *
 * @module
 */
import { messageOf, OmnifsError } from "../base/errors.ts";
import type { GoneFile, LiveEntry } from "./staged.ts";

/** A place of the live tree, as a draft needs it. */
export interface LivePlace {
  /** What is there; undefined where the directory has no such name. */
  readonly entry: LiveEntry | undefined;
  /** A file's bytes. */
  readonly bytes: Uint8Array | undefined;
  /** The directory above. */
  readonly parent: string;
  /** True where the provider lets a draft write there. */
  readonly writable: boolean;
}

/** The live tree, which drafts lie over. */
export interface LiveTree {
  /**
   * `path` as the tree has it: where it has no such name and a view of that name, the view is meant, as with `open` for
   * `_open`. What is not there stays as it is.
   */
  spelled(mount: string, path: string, signal?: AbortSignal): Promise<string>;
  /**
   * What is at `path` below `mount`; with `fresh` it is asked of the upstream now.
   *
   * @throws {OmnifsError} `not-found` and `not-a-directory` where the directory above is not there
   */
  at(mount: string, path: string, fresh: boolean, signal?: AbortSignal): Promise<LivePlace>;
  /** The files at and below the directory `path`, as far as a diff shows them; paths are those below the mount. */
  below(mount: string, path: string, signal?: AbortSignal): Promise<readonly GoneFile[]>;
}

/** A place whose directory is gone is one where nothing is. */
export function missing(error: unknown): undefined {
  const gone: readonly unknown[] = ["not-found", "not-a-directory"];
  if (error instanceof OmnifsError && gone.includes(error.kind)) return undefined;
  if (error instanceof OmnifsError) throw error;
  throw new OmnifsError("unavailable", `the upstream does not answer: ${messageOf(error)}`, { cause: error });
}
