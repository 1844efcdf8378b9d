/** @module Interface omnifs:provider/events@1.0.0 **/
/**
 * The sources of this watch, best first; the host uses every one that it can run.
 */
export function sources(watch: WatchKey): Array<Source>;
/**
 * One look at the upstream on behalf of a watch, as cheap as the upstream allows: what changed since the cursor
 * was taken. Without a cursor the answer begins at `since` (milliseconds since the Unix epoch, by the host's
 * clock, before the first load that the watch guards): a provider whose upstream cannot tell what happened
 * between the two answers with the watch itself. A cursor that is too old for the upstream is answered so, too.
 */
export function poll(watch: WatchKey, cursor: string | undefined, since: bigint): Polled;
/**
 * What one delivered event means. The host has verified its signature.
 */
export function onEvent(event: Event): Array<Invalidation>;
export type NodeId = import('./omnifs-provider-types.d.ts').NodeId;
export type WatchKey = import('./omnifs-provider-types.d.ts').WatchKey;
export type DirEntry = import('./omnifs-provider-types.d.ts').DirEntry;
export type ProviderError = import('./omnifs-provider-types.d.ts').ProviderError;
/**
 * # Variants
 * 
 * ## `"hub-signature256"`
 * 
 * ## `"linear-signature"`
 */
export type Verification = 'hub-signature256' | 'linear-signature';
/**
 * How the host keeps one watch.
 */
export type Source = SourcePoll | SourceSubscribe | SourceWebhook;
/**
 * Ask again after this many milliseconds, through `poll`.
 */
export interface SourcePoll {
  tag: 'poll',
  val: bigint,
}
/**
 * Hold this GET open and hand on each line of the answer.
 */
export interface SourceSubscribe {
  tag: 'subscribe',
  val: string,
}
/**
 * Delivered to the host's webhook address; signed as `verification` says.
 */
export interface SourceWebhook {
  tag: 'webhook',
  val: Verification,
}
export interface WebhookDelivery {
  headers: Array<[string, string]>,
  body: Uint8Array,
}
export type Event = EventWebhook | EventLine;
export interface EventWebhook {
  tag: 'webhook',
  val: WebhookDelivery,
}
export interface EventLine {
  tag: 'line',
  val: Uint8Array,
}
/**
 * What is no longer true, and what is true instead where the provider knows it.
 */
export type Invalidation = InvalidationNode | InvalidationChildren | InvalidationPlaced | InvalidationRemoved | InvalidationWatch | InvalidationHeard;
/**
 * The node's attributes and bytes.
 */
export interface InvalidationNode {
  tag: 'node',
  val: NodeId,
}
/**
 * The directory's listing; its children are asked for anew, each by its name.
 */
export interface InvalidationChildren {
  tag: 'children',
  val: NodeId,
}
/**
 * A child of this directory as the upstream now holds it, under the name that it now has there. The host
 * keeps it as it is: neither the child nor the directory's listing is asked for again. A child of the same
 * identity that had another name there has been renamed.
 */
export interface InvalidationPlaced {
  tag: 'placed',
  val: [NodeId, DirEntry],
}
/**
 * This directory no longer has a child of this identity (the second one); the rest of its listing stays true.
 */
export interface InvalidationRemoved {
  tag: 'removed',
  val: [NodeId, NodeId],
}
/**
 * All that this watch guards.
 */
export interface InvalidationWatch {
  tag: 'watch',
  val: WatchKey,
}
/**
 * Nothing changed: a webhook of this watch was delivered, so the host may ask less often.
 */
export interface InvalidationHeard {
  tag: 'heard',
  val: WatchKey,
}
export interface Polled {
  invalidations: Array<Invalidation>,
  /**
   * Handed to the next `poll` of this watch.
   */
  cursor?: string,
  /**
   * Milliseconds until then, where the upstream asks for a pace of its own.
   */
  wait?: bigint,
}
