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
export type WatchKey = import('./omnifs-provider-types.d.ts').WatchKey;
export type Invalidation = import('./omnifs-provider-types.d.ts').Invalidation;
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
