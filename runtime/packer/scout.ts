/**
 * What the packer asks of the disk: a thread of its own looks, digests and watches, so that neither a hundred
 * thousand files nor one huge one hold the mount up.
 *
 * @module
 */
import type { Columns, Digested, FoundDeclaration, Place } from "./look.ts";

/** What lies at one path. */
export type Found =
  /** A file with its bytes' digest, nothing, or what is in the way. */
  | { readonly kind: "file"; readonly file: Digested }
  /** A folder with all that is in it. */
  | { readonly kind: "folder"; readonly columns: Columns };

/** What a root is without its files. */
export interface RootFound {
  /** True where it is a directory. */
  readonly isFolder: boolean;
  /** Its `asset.json`; undefined where it has none. */
  readonly declaration: FoundDeclaration | undefined;
}

/** What the watch saw. */
export interface Changes {
  /** Absolute paths at which something happened. */
  readonly paths: readonly string[];
  /** True where events were lost, so that anything may have happened. */
  readonly lost: boolean;
}

/** Looks at one workspace. Paths are relative to `assets/`. */
export interface Scout {
  /** Hands over every place at or below `from` (all of them for the empty path), in batches; files only of those in `registered`. */
  survey(
    from: string,
    registered: readonly string[],
    take: (places: readonly Place[]) => void,
  ): Promise<void>;
  /** What lies at `path`. */
  find(path: string): Promise<Found>;
  /** The `asset.json` of the directory `root`; `folder` tells whether the directory is there. */
  declaration(root: string): Promise<RootFound>;
  /** The digests of these files, in order. Small ones go on in one go; large ones let other questions through. */
  digests(paths: readonly string[]): Promise<readonly Digested[]>;
  /**
   * Calls `listener` for whatever happens below `assets/` from now on.
   *
   * @throws {OmnifsError} `unavailable` where the system does not let us watch; the mend says what to raise
   */
  watch(listener: (changes: Changes) => void): Promise<void>;
  /** Calls `listener` where the thread ended by itself. */
  onDeath(listener: (why: string) => void): void;
  /** Ends it. */
  close(): void;
}

/** A question to the scout's thread. */
export type ScoutAsk =
  | { readonly ask: "survey"; readonly from: string; readonly registered: readonly string[] }
  | { readonly ask: "find"; readonly path: string }
  | { readonly ask: "declaration"; readonly root: string }
  | { readonly ask: "digests"; readonly paths: readonly string[] }
  | { readonly ask: "watch" };

/** From the host. */
export type ToScout =
  /** The first message: the absolute path of `assets/`. */
  | { readonly type: "start"; readonly assets: string }
  /** Answered by any number of `places`, then by `answer` or `fault`. */
  | { readonly type: "ask"; readonly id: number; readonly question: ScoutAsk };

/** From the scout's thread. */
export type FromScout =
  | { readonly type: "places"; readonly id: number; readonly places: readonly Place[] }
  | { readonly type: "answer"; readonly id: number; readonly answer: ScoutAnswer }
  | { readonly type: "fault"; readonly id: number; readonly message: string; readonly mend?: string }
  | { readonly type: "changes"; readonly changes: Changes };

/** What a question came to. */
export type ScoutAnswer =
  | { readonly ask: "survey" }
  | { readonly ask: "find"; readonly found: Found }
  | { readonly ask: "declaration"; readonly found: RootFound }
  | { readonly ask: "digests"; readonly digests: readonly Digested[] }
  | { readonly ask: "watch" };
