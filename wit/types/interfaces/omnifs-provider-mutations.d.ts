/** @module Interface omnifs:provider/mutations@1.0.0 **/
/**
 * Read the current upstream state, refuse what cannot be applied (every refusal, not the
 * first), and order the rest into steps. Changes nothing upstream.
 */
export function plan(changes: Array<Change>): Array<Step>;
export function perform(step: Step): Receipt;
export function undo(step: Step, undo: Uint8Array): void;
/**
 * After a crash between a `perform` and the note of its receipt.
 */
export function probe(step: Step): Outcome;
export type NodeId = import('./omnifs-provider-types.d.ts').NodeId;
export type Node = import('./omnifs-provider-types.d.ts').Node;
export type DirEntry = import('./omnifs-provider-types.d.ts').DirEntry;
export type Payload = import('./omnifs-provider-types.d.ts').Payload;
export type ProviderError = import('./omnifs-provider-types.d.ts').ProviderError;
export interface Write {
  file: NodeId,
  baseVersion?: string,
  content: Payload,
}
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
   * Unique within the plan.
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
   * Nodes as the upstream now holds them: they go into the cache as they are.
   */
  updated: Array<[NodeId, DirEntry]>,
}
/**
 * Whether a step that the host lost sight of took place.
 * # Variants
 * 
 * ## `"performed"`
 * 
 * ## `"not-performed"`
 * 
 * ## `"unknown"`
 */
export type Outcome = 'performed' | 'not-performed' | 'unknown';
