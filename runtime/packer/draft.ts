/**
 * What commands come to, before anything is written: which paths change, and what is expected to be there.
 *
 * @module
 */
import type { PackerCommand, Registered } from "../base/packer.ts";
import type { Fingerprint } from "./facts.ts";
import type { Registry } from "./registry.ts";

/** A file that has to be at a path for a change to be made. */
export interface ExpectedFile extends Fingerprint {
  /** The digest of its bytes, where it is known or asked for. */
  readonly digest?: string;
  /** True where nobody has read the bytes with this fingerprint yet, so that the digest is still to be checked. */
  readonly unread?: boolean;
}

/** What has to be at a path for a change to be made; null where nothing may be there. */
export type Expected = ExpectedFile | null;

/** A file that is to be written. */
export interface DraftWrite {
  /** The asset that it belongs to. */
  readonly asset: number;
  /** Relative to the asset's root. */
  readonly file: string;
  /** Where it goes, relative to `assets/`, once every move is made. */
  readonly path: string;
  /** Where the file that it replaces is now. */
  readonly origin: string;
  /** Its bytes. */
  readonly bytes: Uint8Array;
  /** What is there now. */
  readonly expected: Expected;
}

/** A file that is to be removed. */
export interface DraftRemove {
  /** The asset that it belongs to. */
  readonly asset: number;
  /** Relative to the asset's root. */
  readonly file: string;
  /** Where it is once every move is made. */
  readonly path: string;
  /** Where it is now. */
  readonly origin: string;
  /** What is there now. */
  readonly expected: ExpectedFile;
}

/** A directory that is to go elsewhere. */
export interface DraftMove {
  /** The asset that it is. */
  readonly asset: number;
  /** Relative to `assets/`. */
  readonly from: string;
  /** Nothing is there. */
  readonly to: string;
}

/** One commit to be. */
export interface Draft {
  /** Directories to make, the outermost first. */
  readonly folders: readonly string[];
  /** Directories to move. */
  readonly moves: readonly DraftMove[];
  /** Files to write, but for the registry. */
  readonly writes: readonly DraftWrite[];
  /** Files to remove. */
  readonly removes: readonly DraftRemove[];
  /** The registry after it; undefined where it stays as it is. */
  readonly registry: Registry | undefined;
  /** Assets that it registers. */
  readonly registered: readonly Registered[];
}

/** A commit that changes nothing. */
export const EMPTY_DRAFT: Draft = {
  folders: [],
  moves: [],
  writes: [],
  removes: [],
  registry: undefined,
  registered: [],
};

/** What a reviewer reads of `draft`, one line for each change. */
export function stepsOfDraft({ folders, moves, writes, removes, registry }: Draft): string[] {
  return [
    ...folders.map((path) => `make the directory ${path}`),
    ...moves.map(({ from, to }) => `move ${from} to ${to}`),
    ...removes.map(({ path }) => `remove ${path}`),
    ...writes.map(({ path, expected, bytes }) =>
      `${expected === null ? "write" : "replace"} ${path} (${bytes.length} bytes)`
    ),
    ...(registry === undefined ? [] : ["replace the registry"]),
  ];
}

/** A command in words, for the events that it causes. */
export function commandText(command: PackerCommand): string {
  switch (command.do) {
    case "register":
      return `register ${command.root}`;
    case "relocate":
      return `relocate asset ${command.asset} to ${command.root}`;
    case "set-included":
      return `${command.included ? "include" : "exclude"} asset ${command.asset}`;
    case "put":
    case "remove":
      return `${command.do} ${command.path} of asset ${command.asset}`;
    case "unregister":
      return `unregister asset ${command.asset}`;
  }
}
