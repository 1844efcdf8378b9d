/**
 * What the packer tells and takes: plain data, so that the command line, the mount, the control socket and an
 * embedding program share one set of words and none of them holds a rule. The rules are in `runtime/packer`.
 *
 * @module
 */

/** How the packer's snapshot stands to the workspace on disk. */
export const PACKER_STATES = {
  clean: "the snapshot is what the disk holds",
  stale: "an edit was seen and is not taken in yet, or cannot be read",
  diverged: "the disk says something that needs a decision",
  reconciling: "a decision is being carried out",
  failed: "what the disk holds is neither the old generation nor the new one",
} as const;

/** One of {@linkcode PACKER_STATES}. */
export type PackerState = keyof typeof PACKER_STATES;

/** Everything that waits for a decision, each with its one-line meaning. */
export const DIVERGENCES = {
  "registry-edited": "index.json was changed by another program",
  "registry-invalid": "index.json is not a registry",
  "registry-missing": "index.json is gone",
  "root-missing": "the directory of a registered asset is gone",
  "root-moved": "a registered asset lies in another directory",
  "uuid-twice": "two directories claim the same asset_uuid",
  "uuid-changed": "a registered directory claims another asset_uuid",
  "declaration-missing": "a registered directory has no asset.json",
  "declaration-invalid": "an asset.json is not a declaration",
  "commit-torn": "a commit was cut off, and somebody has changed its files since",
} as const;

/** One of {@linkcode DIVERGENCES}. */
export type DivergenceKind = keyof typeof DIVERGENCES;

/** One way to settle a divergence. */
export interface DivergenceChoice {
  /** What `--accept ID=…` takes. */
  readonly name: string;
  /** What would be done, for people. */
  readonly does: string;
}

/** One thing that waits for a decision. */
export interface DivergenceDocument {
  /** Counts up from 1; the same for as long as it lasts. */
  readonly id: number;
  /** What it is. */
  readonly kind: DivergenceKind;
  /** Relative to `assets/`. */
  readonly path: string;
  /** From 1; where a line of `path` is to blame. */
  readonly line?: number;
  /** The asset that it is about. */
  readonly asset?: number;
  /** What was found, one sentence. */
  readonly detail: string;
  /** What can be done about it by the packer; none where only an edit by hand mends it. */
  readonly choices: readonly DivergenceChoice[];
  /** The choice that `--all` takes: the one that follows the disk. None where nothing is safe to take unasked. */
  readonly preferred?: string;
}

/** What the start found of a commit that was under way. */
export interface RecoveryDocument {
  /** `none`: there was nothing to do. `back`: generation n stands. `forward`: n+1 stands. `torn`: neither. */
  readonly outcome: "none" | "back" | "forward" | "torn";
  /** One sentence. */
  readonly detail: string;
}

/** The state of one project. */
export interface PackerStatus {
  /** Its name. */
  readonly project: string;
  /** The absolute path of the workspace. */
  readonly workspace: string;
  /** How the snapshot stands to the disk. */
  readonly state: PackerState;
  /** Increases by one with every commit and every edit that was taken in. */
  readonly generation: number;
  /** One sentence for people. */
  readonly detail: string;
  /** When anything of this last changed, in milliseconds since the Unix epoch. */
  readonly changed: number;
  /** Registered assets, and how many of them a build takes. */
  readonly assets: { readonly registered: number; readonly included: number };
  /** Their files and bytes. */
  readonly files: { readonly count: number; readonly bytes: number };
  /** How changes on disk are noticed: by the system's word, by walking now and then, or not at all. */
  readonly noticing: "watch" | "walk" | "nothing";
  /** What the start found. */
  readonly recovery: RecoveryDocument;
  /** What waits for a decision. */
  readonly divergences: readonly DivergenceDocument[];
}

/** One registered asset. */
export interface AssetDocument {
  /** `asset_id` of the registry. */
  readonly id: number;
  /** `asset_uuid`. */
  readonly uuid: string;
  /** From its declaration; the last part of its root where it has none. */
  readonly name: string;
  /** Relative to `assets/`. */
  readonly root: string;
  /** Whether a build takes it. */
  readonly includedInBuild: boolean;
  /** The latest change of one of its files, in milliseconds since the Unix epoch; 0 where it has none. */
  readonly modified: number;
  /** How many files it has. */
  readonly files: number;
  /** Their bytes. */
  readonly bytes: number;
  /** The text of its `asset.json`, as the author wrote it; null where it was never a valid one. */
  readonly declaration: string | null;
}

/** One file or directory of an asset. */
export interface EntryDocument {
  /** Relative to the asset's root. */
  readonly path: string;
  /** What it is. */
  readonly kind: "directory" | "file";
  /** Bytes of a file; those of all files in it for a directory. */
  readonly size: number;
  /** Milliseconds since the Unix epoch; the latest of its files for a directory. */
  readonly modified: number;
  /** SHA-256 of a file's bytes, in lower-case hexadecimal; null until they were read, and for a directory. */
  readonly digest: string | null;
}

/** Which assets to tell of. */
export type AssetSelection = "all" | "included" | "excluded";

/** One change of a workspace; several make one commit. */
export type PackerCommand =
  /** Registers the directory `root`; with `declaration` (the text of an `asset.json`) it is made where it is missing. */
  | {
    readonly do: "register";
    readonly root: string;
    readonly declaration?: string;
    /** Whether a build takes it; true unless told. */
    readonly included?: boolean;
    /** Files to write beside its `asset.json`; none of them is there yet. */
    readonly files?: readonly { readonly path: string; readonly content: Uint8Array | string }[];
  }
  /** Takes an asset out of the registry; its files stay. */
  | { readonly do: "unregister"; readonly asset: number }
  /** Says whether a build takes an asset. */
  | { readonly do: "set-included"; readonly asset: number; readonly included: boolean }
  /** Moves an asset's directory. */
  | { readonly do: "relocate"; readonly asset: number; readonly root: string }
  /** Writes one file of an asset. */
  | {
    readonly do: "put";
    readonly asset: number;
    readonly path: string;
    readonly content: Uint8Array | string;
    /** The digest of the bytes to be replaced; null where no file may be there. */
    readonly expectedDigest?: string | null;
  }
  /** Removes one file of an asset. */
  | {
    readonly do: "remove";
    readonly asset: number;
    readonly path: string;
    readonly expectedDigest?: string;
  };

/** An asset that a commit registered. */
export interface Registered {
  /** Its new `asset_id`. */
  readonly id: number;
  /** Its `asset_uuid`. */
  readonly uuid: string;
  /** Its root. */
  readonly root: string;
}

/** What a commit would do. Nothing was changed. */
export interface PreviewDocument {
  /** The generation that it was computed from. */
  readonly generation: number;
  /** One line for each change on disk, in order. */
  readonly steps: readonly string[];
  /** The assets that it would register. */
  readonly registered: readonly Registered[];
}

/** A commit that is durably visible. */
export interface CommitDocument extends PreviewDocument {
  /** Goes with every event that this commit caused. */
  readonly correlation: string;
}

/** What reconciling came to. */
export interface ReconcileDocument {
  /** The generation that stands now. */
  readonly generation: number;
  /** Goes with every event that it caused. */
  readonly correlation: string;
  /** What was settled, and by which choice. */
  readonly settled: readonly { readonly divergence: DivergenceDocument; readonly choice: string }[];
  /** What still waits for a decision. */
  readonly left: readonly DivergenceDocument[];
}

/** A decision about one divergence. */
export interface Decision {
  /** Its id. */
  readonly id: number;
  /** The name of a choice; the preferred one where it is missing. */
  readonly choice?: string;
}

/** One inconsistency. */
export interface Finding {
  /** Relative to `assets/`. */
  readonly path: string;
  /** From 1; where a line is to blame. */
  readonly line?: number;
  /** The rule that is broken. */
  readonly rule: string;
  /** An `error` keeps an asset from being built or changed; a `note` is good to know. */
  readonly severity: "error" | "warning" | "note";
  /** What is wrong. */
  readonly message: string;
  /** What mends it. */
  readonly mend: string;
}

/** Everything that is inconsistent. */
export interface DoctorDocument {
  /** The generation that was held against the disk. */
  readonly generation: number;
  /** True where there is no error and no warning. */
  readonly healthy: boolean;
  /** How many files' bytes were read again. */
  readonly digested: number;
  /** In order of path. */
  readonly findings: readonly Finding[];
}

/** One file in a build. */
export interface BuiltFile {
  /** In the archive. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 in lower-case hexadecimal. */
  readonly sha256: string;
}

/** What a build's `manifest.json` says. */
export interface BuildManifest {
  /** Counts up with every change of this format. */
  readonly manifest_version: 1;
  /** The generation that was built. */
  readonly generation: number;
  /** The archive beside it. */
  readonly archive: BuiltFile;
  /** What is in it, by `asset_id`. */
  readonly assets: readonly {
    readonly asset_id: number;
    readonly asset_uuid: string;
    readonly name: string;
    readonly root: string;
    readonly files: readonly BuiltFile[];
  }[];
}

/** A build that was written. */
export interface BuildDocument {
  /** The absolute folder with `assets.tar` and `manifest.json`. */
  readonly folder: string;
  /** What `manifest.json` says. */
  readonly manifest: BuildManifest;
}

/** The latest build, as it lies on disk. */
export interface LatestBuild {
  /** The absolute folder that it was written to. */
  readonly folder: string;
  /** The generation that was packed. */
  readonly generation: number;
  /** The text of its `manifest.json`. */
  readonly manifest: string;
  /** Bytes of its `assets.tar`. */
  readonly size: number;
  /** When it was written, in milliseconds since the Unix epoch. */
  readonly modified: number;
}

/** Every question to the packer that can be asked as data: what goes in, and what comes out. */
export interface PackerCalls {
  /** How it stands. */
  status: { readonly request: Readonly<Record<never, never>>; readonly response: PackerStatus };
  /** The text of `index.json`. */
  registry: { readonly request: Readonly<Record<never, never>>; readonly response: string };
  /** Assets by id. */
  assets: {
    readonly request: { readonly selection?: AssetSelection };
    readonly response: readonly AssetDocument[];
  };
  /** One asset. */
  asset: { readonly request: { readonly asset: number }; readonly response: AssetDocument };
  /** What the directory `path` of an asset holds, by name; its root where `path` is missing. */
  files: {
    readonly request: { readonly asset: number; readonly path?: string };
    readonly response: readonly EntryDocument[];
  };
  /** Bytes of a file of an asset, of one generation; not over the control socket. */
  read: {
    readonly request: {
      readonly asset: number;
      readonly path: string;
      readonly offset?: number;
      readonly length?: number;
    };
    readonly response: Uint8Array;
  };
  /** What waits for a decision. */
  divergences: {
    readonly request: Readonly<Record<never, never>>;
    readonly response: readonly DivergenceDocument[];
  };
  /** What a commit would do. */
  preview: {
    readonly request: { readonly commands: readonly PackerCommand[] };
    readonly response: PreviewDocument;
  };
  /** Changes the workspace: all of it, or nothing. */
  commit: {
    readonly request: { readonly commands: readonly PackerCommand[]; readonly correlation?: string };
    readonly response: CommitDocument;
  };
  /** Now, as `committed` takes it: opaque, and good over a restart. */
  moment: { readonly request: Readonly<Record<never, never>>; readonly response: string };
  /**
   * Whether the commit of this correlation has taken place since that moment, once nothing is under way any more; null
   * where nobody can know.
   */
  committed: {
    readonly request: { readonly correlation: string; readonly since: string };
    readonly response: boolean | null;
  };
  /** Carries decisions out; `all` is every divergence that has a preferred choice. */
  reconcile: {
    readonly request: { readonly accept: readonly Decision[] | "all"; readonly correlation?: string };
    readonly response: ReconcileDocument;
  };
  /** Looks for every inconsistency; `deep` reads every file again. */
  doctor: { readonly request: { readonly deep?: boolean }; readonly response: DoctorDocument };
  /** Packs what is included into the absolute folder `to`. */
  build: { readonly request: { readonly to: string }; readonly response: BuildDocument };
  /** The latest build, where it still is. */
  latestBuild: { readonly request: Readonly<Record<never, never>>; readonly response: LatestBuild | null };
  /** Bytes of its archive; not over the control socket. */
  readBuild: {
    readonly request: { readonly offset?: number; readonly length?: number };
    readonly response: Uint8Array;
  };
}

/** The name of a question. */
export type PackerAsk = keyof PackerCalls;

/** Answers questions about one project. */
export interface PackerDesk {
  /** The answer to `ask`. @throws {OmnifsError} why there is none */
  call<Ask extends PackerAsk>(
    ask: Ask,
    request: PackerCalls[Ask]["request"],
  ): Promise<PackerCalls[Ask]["response"]>;
}
