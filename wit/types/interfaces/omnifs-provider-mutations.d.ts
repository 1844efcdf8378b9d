/** @module Interface omnifs:provider/mutations@1.0.0 **/
/**
 * Whether a draft may hold this change at all, by its own look alone: the value of a short field, a directory that
 * takes no children. It is asked on each write of a shell and may not call out; what needs the upstream is refused
 * by `plan`.
 */
export function check(change: Change): void;
/**
 * Read the current upstream state, refuse what cannot be applied (every refusal, not the
 * first), and order the rest into steps. Changes nothing upstream. A write whose base is no longer what the upstream
 * holds is refused as a `conflict` that names both texts. Steps that cannot be taken back come last.
 */
export function plan(changes: Array<Change>): Array<Step>;
export function perform(step: Step): Receipt;
/**
 * Take a performed step back; one that was taken back already is no error.
 */
export function undo(step: Step, undo: Uint8Array): void;
/**
 * After a crash between a `perform` and the note of its receipt.
 */
export function probe(step: Step): Outcome;
export type NodeId = import('./omnifs-provider-types.d.ts').NodeId;
export type Payload = import('./omnifs-provider-types.d.ts').Payload;
export type Invalidation = import('./omnifs-provider-types.d.ts').Invalidation;
export type ProviderError = import('./omnifs-provider-types.d.ts').ProviderError;
/**
 * `base` is the whole file as it was when it was staged, and `base-version` the mark of that state: what the
 * upstream must still hold for the write to be no conflict.
 */
export interface Write {
  file: NodeId,
  baseVersion?: string,
  base: Payload,
  content: Payload,
}
/**
 * A new file. `parent` exists upstream; `name` is the path below it, so that a file `title` in a directory `x`
 * that the draft made is `x/title`. All that a draft makes in one new directory is one object.
 */
export interface Create {
  parent: NodeId,
  name: string,
  content: Payload,
}
export interface Remove {
  parent: NodeId,
  name: string,
  node: NodeId,
  baseVersion?: string,
}
/**
 * What was staged at one place. Targets are identities: a rename between staging and apply
 * does not move the write.
 */
export type Change = ChangeWrite | ChangeCreate | ChangeRemove;
export interface ChangeWrite {
  tag: 'write',
  val: Write,
}
export interface ChangeCreate {
  tag: 'create',
  val: Create,
}
export interface ChangeRemove {
  tag: 'remove',
  val: Remove,
}
/**
 * One upstream operation.
 */
export interface Step {
  /**
   * Unique within the plan. The host makes it unique for ever before it performs the step, and the same again
   * when it asks about it: an idempotency token.
   */
  id: string,
  /**
   * What a reviewer reads: `close issue acme/api#42`.
   */
  summary: string,
  /**
   * The provider's own notes for `perform`, opaque to the host and kept in its journal.
   */
  payload: Uint8Array,
  /**
   * False where nothing can take it back, such as a mail that was sent.
   */
  reversible: boolean,
}
export interface Refusal {
  change: number,
  error: ProviderError,
}
export interface Receipt {
  /**
   * What `undo` needs, opaque to the host and kept in its journal.
   */
  undo?: Uint8Array,
  /**
   * What the step changed, as far as the upstream's answer tells: it goes into the cache as it is.
   */
  changed: Array<Invalidation>,
}
/**
 * Whether a step that the host lost sight of took place.
 */
export type Outcome = OutcomePerformed | OutcomeNotPerformed | OutcomeUnknown;
/**
 * It did, and this would have been its receipt.
 */
export interface OutcomePerformed {
  tag: 'performed',
  val: Receipt,
}
/**
 * It did not, and will not any more.
 */
export interface OutcomeNotPerformed {
  tag: 'not-performed',
}
/**
 * The upstream does not tell.
 */
export interface OutcomeUnknown {
  tag: 'unknown',
}
