/**
 * The commit record: what one commit changes on disk, written down before the first change, so that whoever comes
 * after a crash can finish it.
 *
 * @module
 */
import { Ajv } from "ajv";
import { OmnifsError } from "../base/errors.ts";
import { INDEX, pathFault, rootFault } from "./paths.ts";

/** The bytes that a path has before or after. */
export interface FileState {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the Unix epoch. */
  readonly mtime: number;
  /** Inode number: staged files keep theirs when they are renamed into place. */
  readonly ino: number;
  /** SHA-256, for a workspace that was copied meanwhile; missing where nobody has read the bytes. */
  readonly digest?: string;
}

/** A directory that goes from one place to another. */
export interface MoveStep {
  /** Relative to `assets/`, as every path here. */
  readonly from: string;
  /** Nothing is there before. */
  readonly to: string;
  /** Its inode number. */
  readonly ino: number;
}

/** A file that is written. */
export interface WriteStep {
  /** Where it goes. */
  readonly path: string;
  /** What is staged for it. */
  readonly after: FileState;
  /** What it takes the place of; null where nothing is there. */
  readonly before: FileState | null;
}

/** A file that is removed. */
export interface RemoveStep {
  /** Where it is. */
  readonly path: string;
  /** What it is. */
  readonly before: FileState;
}

/** One commit. Moves come first, then every other path is touched once, so that each step can be judged alone. */
export interface CommitRecord {
  /** Counts up with every change of this format. */
  readonly record_version: 1;
  /** Goes with the events of the commit. */
  readonly correlation: string;
  /** The generation before. */
  readonly from: number;
  /** The generation after. */
  readonly to: number;
  /** Directories to make, the outermost first. */
  readonly folders: readonly string[];
  /** See {@linkcode MoveStep}. */
  readonly moves: readonly MoveStep[];
  /** See {@linkcode WriteStep}; the registry is the last of them. */
  readonly writes: readonly WriteStep[];
  /** See {@linkcode RemoveStep}. */
  readonly removes: readonly RemoveStep[];
}

const number = { type: "number" };
const text = { type: "string" };
const state = {
  type: "object",
  required: ["size", "mtime", "ino"],
  properties: { size: number, mtime: number, ino: number, digest: text },
};
const list = (required: readonly string[], properties: Readonly<Record<string, unknown>>) => ({
  type: "array",
  items: { type: "object", required, properties },
});

const validate = new Ajv({ allowUnionTypes: true }).compile<CommitRecord>({
  type: "object",
  required: ["record_version", "correlation", "from", "to", "folders", "moves", "writes", "removes"],
  properties: {
    record_version: { const: 1 },
    correlation: text,
    from: number,
    to: number,
    folders: { type: "array", items: text },
    moves: list(["from", "to", "ino"], { from: text, to: text, ino: number }),
    writes: list(["path", "after", "before"], {
      path: text,
      after: state,
      before: { anyOf: [state, { type: "null" }] },
    }),
    removes: list(["path", "before"], { path: text, before: state }),
  },
});

/**
 * The record that `text` says. A workspace can come from anywhere, so its paths are checked as those of a command.
 *
 * @throws {OmnifsError} `invalid` where it is none, or reaches out of `assets/`
 */
export function readRecord(text: string): CommitRecord {
  const value = parsed(text);
  if (!validate(value)) throw new OmnifsError("invalid", "it is not a commit record");
  const named = [...value.folders, ...value.moves.flatMap(({ from, to }) => [from, to]), ...files(value)];
  for (const path of named) {
    const fault = path === INDEX ? undefined : rootFault(path) ?? pathFault(path);
    if (fault !== undefined) throw new OmnifsError("invalid", `it names ${JSON.stringify(path)}: ${fault}`);
  }
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new OmnifsError("invalid", "it is not a commit record");
  }
}

function files({ writes, removes }: CommitRecord): string[] {
  return [...writes, ...removes].map(({ path }) => path);
}

/** How many changes `record` makes. */
export function countOf({ folders, moves, writes, removes }: CommitRecord): number {
  return folders.length + moves.length + writes.length + removes.length;
}
