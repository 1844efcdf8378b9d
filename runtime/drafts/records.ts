/**
 * What a draft's journal holds, line by line; a draft is what its records come to, and nothing else.
 *
 * @module
 */
import type { Invalidation } from "../provider/mod.ts";
import type { Folder, LiveEntry } from "./staged.ts";

/** Bytes as the journal holds them: base64 (RFC 4648, 4). */
export type Encoded = string;

/** A step of a plan as the journal holds it. */
export interface StepRecord {
  /** The provider's id of it. */
  readonly id: string;
  /** What a reviewer reads. */
  readonly summary: string;
  /** The provider's notes. */
  readonly payload: Encoded;
  /** False where nothing can take it back. */
  readonly reversible: boolean;
}

/** Everything that can happen to a draft. `step` counts the steps of the plan from 0. */
export type DraftRecord =
  /** It exists; `session` where it belongs to one terminal session, and `leader` where that has one. */
  | { readonly type: "created"; readonly name: string; readonly session?: number; readonly leader?: string }
  /** Its session has ended: it is a draft like any other from now on. */
  | { readonly type: "kept" }
  /** It belongs to this mount from now on. */
  | { readonly type: "bound"; readonly mount: string }
  | { readonly type: "write"; readonly live: LiveEntry; readonly base: Encoded }
  | {
    readonly type: "create";
    readonly id: number;
    readonly folder: Folder;
    readonly name: string;
    readonly path: string;
    readonly directory: boolean;
    /** What a file holds that had been written before it was part of the draft. */
    readonly content?: Encoded;
  }
  /** A file goes, whose bytes are `base`; or a directory with these `files` in it. */
  | {
    readonly type: "remove";
    readonly live: LiveEntry;
    readonly base?: Encoded;
    readonly files?: readonly { readonly path: string; readonly bytes: Encoded }[];
  }
  /** Bytes land in a file; with `whole` they are all that it holds from then on. */
  | {
    readonly type: "bytes";
    readonly key: string;
    readonly offset: number;
    readonly bytes: Encoded;
    readonly whole?: true;
  }
  | { readonly type: "resized"; readonly key: string; readonly size: number }
  | {
    readonly type: "moved";
    readonly key: string;
    readonly folder: Folder;
    readonly name: string;
    readonly path: string;
  }
  | { readonly type: "unstaged"; readonly key: string }
  /** The upstream's state that a write was staged on is another one. */
  | { readonly type: "rebased"; readonly key: string; readonly live: LiveEntry; readonly base: Encoded }
  /** An apply begins; `attempt` names it for ever. */
  | { readonly type: "applying"; readonly attempt: string; readonly by: string }
  /** An apply that had stopped goes on. */
  | { readonly type: "resumed"; readonly by: string }
  | { readonly type: "planned"; readonly steps: readonly StepRecord[] }
  /** The request of a step goes out next. */
  | { readonly type: "began"; readonly step: number }
  /** The step stands; `reverts` is what holds no longer once it is taken back, by this process or a later one. */
  | {
    readonly type: "performed";
    readonly step: number;
    readonly undo?: Encoded;
    readonly reverts?: readonly Invalidation[];
  }
  /** The step does not stand. */
  | { readonly type: "failed"; readonly step: number; readonly reason: string }
  /** Nobody knows whether the step stands. */
  | { readonly type: "uncertain"; readonly step: number; readonly reason: string }
  | { readonly type: "undoing"; readonly step: number }
  /** The step stands no more. */
  | { readonly type: "undone"; readonly step: number }
  | { readonly type: "undo-failed"; readonly step: number; readonly reason: string }
  /** No step stands: the draft is as it was before the apply. */
  | { readonly type: "reopened"; readonly reason: string }
  /** Some steps stand, and nobody works on it. */
  | { readonly type: "stopped"; readonly reason: string }
  /** Every step stands. */
  | { readonly type: "applied" }
  | { readonly type: "discarded" };

/** A record with the time at which it was written, in milliseconds since the Unix epoch. */
export type TimedRecord = DraftRecord & { readonly time: number };

/** `bytes` for the journal. */
export function encoded(bytes: Uint8Array): Encoded {
  return bytes.toBase64();
}

/** The bytes of `text`. */
export function decoded(text: Encoded): Uint8Array {
  return Uint8Array.fromBase64(text);
}
