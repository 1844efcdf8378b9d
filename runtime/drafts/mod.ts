/**
 * Drafts: writes that are staged, reviewed and applied as one transaction.
 *
 * @module
 */
export { type FileDiff } from "./diff.ts";
export { Draft, type DraftState } from "./draft.ts";
export { type ApplyMode, Drafts, type DraftsParts, type Rebased } from "./drafts.ts";
export type { LivePlace, LiveTree } from "./live.ts";
export type { Folder, LiveEntry, StagedCreate, StagedWrite } from "./staged.ts";
export { DraftStore } from "./store.ts";
export type { ApplyOutcome, RefusedChange, ToldStep } from "./transaction.ts";
export type { Mutation } from "../provider/mod.ts";
