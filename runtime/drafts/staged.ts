/**
 * What a draft holds: pieces of a tree that lie over the live one.
 *
 * @module
 */

/** Most bytes of one staged file; larger ones are no field, comment or declaration any more. */
export const FILE_LIMIT = 4 * 1_048_576;

/** Most bytes of all staged files of one draft. */
export const DRAFT_LIMIT = 32 * 1_048_576;

/** Most bytes of one draft's journal, where every write is a line of its own. */
export const JOURNAL_LIMIT = 256 * 1_048_576;

/** Most files, and most bytes of them, that are shown of a directory that goes. */
export const SHOWN_FILES = 64;
/** See {@linkcode SHOWN_FILES}. */
export const SHOWN_BYTES = 262_144;

/** A directory that something is staged in: one of the upstream, or one that the draft made. */
export type Folder =
  /** `id` is the provider's. */
  | { readonly made: false; readonly id: string }
  /** `id` is the draft's. */
  | { readonly made: true; readonly id: number };

/** One entry of a directory as far as the upstream knows it. */
export interface LiveEntry {
  /** The directory. */
  readonly parent: string;
  /** The name in it. */
  readonly name: string;
  /** The path below the mount by which it was reached, with a leading slash: for people and for diffs. */
  readonly path: string;
  /** Its identity. */
  readonly id: string;
  /** The upstream's mark of its state. */
  readonly version: string | undefined;
  /** True for a directory. */
  readonly directory: boolean;
}

/** A live file with other bytes. */
export interface StagedWrite {
  /** How it is known among what is staged. */
  readonly key: string;
  /** Which file. */
  readonly live: LiveEntry;
  /** Its bytes when it was staged. */
  readonly base: Uint8Array;
  /** Its bytes now. */
  content: Uint8Array;
  /** When it was last written, in milliseconds since the Unix epoch. */
  modified: number;
}

/** Where something is that a draft makes. */
export interface MadeAt {
  /** Where it is. */
  folder: Folder;
  /** Its name there. */
  name: string;
  /** Where it is, for people: see {@linkcode LiveEntry}. */
  path: string;
}

/** A file or directory that the upstream does not have. */
export interface StagedCreate extends MadeAt {
  /** How it is known among what is staged. */
  readonly key: string;
  /** The draft's own number for it. */
  readonly id: number;
  /** True for a directory. */
  readonly directory: boolean;
  /** True for what an editor makes on its way: it is never part of a diff or an apply, nor kept over a restart. */
  scratch: boolean;
  /** Its bytes; empty for a directory. */
  content: Uint8Array;
  /** When it was last written. */
  modified: number;
}

/** A file in a directory that is to go. */
export interface GoneFile {
  /** Where it is, for people and for diffs. */
  readonly path: string;
  /** Its bytes when it was staged. */
  readonly bytes: Uint8Array;
}

/** A live entry that is to go. */
export interface StagedRemove {
  /** How it is known among what is staged. */
  readonly key: string;
  /** Which. */
  readonly live: LiveEntry;
  /** Its bytes when it was staged; undefined for a directory, and for a file that nobody could write again. */
  readonly base: Uint8Array | undefined;
  /** What was in a directory, as far as a diff shows it. */
  readonly files: readonly GoneFile[];
  /** When it was staged. */
  readonly modified: number;
}

/** Something staged. */
export type Staged =
  | ({ readonly kind: "write" } & StagedWrite)
  | ({ readonly kind: "create" } & StagedCreate)
  | ({ readonly kind: "remove" } & StagedRemove);

/** The path below the mount under which `staged` is shown. */
export function pathOf(staged: Staged): string {
  return staged.kind === "create" ? staged.path : staged.live.path;
}

/** Orders paths as `diff -r` meets them: a directory with all that is in it, then whatever comes behind its name. */
export function byPath(a: string, b: string): number {
  const [first, second] = [a.replaceAll("/", "\0"), b.replaceAll("/", "\0")];
  return first < second ? -1 : first > second ? 1 : 0;
}

/** The key of a write to the file `id`. */
export function writeKey(id: string): string {
  return `write ${id}`;
}

/** The key of what the draft made as `id`. */
export function createKey(id: number): string {
  return `create ${id}`;
}

/** The key of the removal of `name` from `parent`. */
export function removeKey(parent: string, name: string): string {
  return `remove ${parent}\0${name}`;
}

/** How `folder` is told from others. */
export function folderKey(folder: Folder): string {
  return `${folder.made ? "made" : "live"} ${folder.id}`;
}

/** `bytes` with `piece` at `offset`; what lies between is zeros. */
export function patched(bytes: Uint8Array, offset: number, piece: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.max(bytes.length, offset + piece.length));
  whole.set(bytes);
  whole.set(piece, offset);
  return whole;
}

/** `bytes` cut or filled with zeros to `size`. */
export function resized(bytes: Uint8Array, size: number): Uint8Array {
  const whole = new Uint8Array(size);
  whole.set(bytes.subarray(0, size));
  return whole;
}

/** True where both hold the same bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
