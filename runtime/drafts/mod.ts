/**
 * Drafts: writes that are staged, reviewed and applied as one transaction.
 *
 * @module
 */
export { type FileDiff } from "./diff.ts";
export { Draft } from "./draft.ts";
export type { DraftState } from "./life.ts";
export type { ApplyMode, Asker, Work } from "./applies.ts";
export { Drafts, type DraftsParts } from "./drafts.ts";
export { leftOut, scratchOf } from "./left_out.ts";
export type { LivePlace, LiveTree } from "./live.ts";
export type { RebaseResult } from "./rebase.ts";
export { isScratch } from "./scratch.ts";
export {
  FILE_LIMIT,
  type Folder,
  type GoneFile,
  type LiveEntry,
  type MadeAt,
  SHOWN_BYTES,
  SHOWN_FILES,
  type StagedCreate,
  type StagedWrite,
} from "./staged.ts";
export { DraftStore } from "./store.ts";
export type { ApplyOutcome, RefusedChange, ToldStep } from "./outcome.ts";
export type { NextStep } from "./transaction.ts";
export type { Mutation } from "../provider/mod.ts";
