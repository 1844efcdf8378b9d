/**
 * The live tree as drafts see it; whoever has one hands it to them.
 *
 * @module
 */
import type { LiveEntry } from "./staged.ts";

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
   * What is at `path` below `mount`; with `fresh` it is asked of the upstream now.
   *
   * @throws {OmnifsError} `not-found` where the directory above is not there
   */
  at(mount: string, path: string, fresh: boolean, signal?: AbortSignal): Promise<LivePlace>;
}
