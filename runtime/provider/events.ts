/**
 * Where changes come from, in the shape in which the rest of the runtime holds it: the interface `events` of the
 * contract (`wit/events.wit`), every limit already checked.
 *
 * @module
 */
import type { StreamEnd, StreamListener } from "../egress/callout.ts";
import type { Verification } from "../egress/webhook.ts";
import type { DirEntry } from "./node.ts";

/** How the host keeps one watch. */
export type Source =
  /** Asked again after `milliseconds`. */
  | { readonly tag: "poll"; readonly milliseconds: number }
  /** A GET that is held open; each line of the answer is an event. */
  | { readonly tag: "subscribe"; readonly url: string }
  /** Delivered to the host's address, signed in that way. */
  | { readonly tag: "webhook"; readonly verification: Verification };

/** One thing that happened upstream, for the provider to say what it means. */
export type UpstreamEvent =
  | {
    readonly tag: "webhook";
    readonly headers: readonly (readonly [name: string, value: string])[];
    readonly body: Uint8Array;
  }
  | { readonly tag: "line"; readonly line: Uint8Array };

/**
 * What is no longer true, and what is true instead where the provider knows it.
 *
 * Deliveries overtake each other, and so do a delivery and the answer of a poll or of a load: nothing here is newer
 * than what the cache holds only because it came later. So `placed` may be kept as it is only where it is known to be
 * newer (the upstream's own `modified` says so) than the child that is held, or, for a child that is not held, than the
 * directory's listing; otherwise it says no more than that the child or the listing is to be asked for anew. And
 * `removed` may be believed as it is only where no `placed` of the same child beside it turned out to be old.
 */
export type Invalidation =
  /** The attributes and bytes of a node. */
  | { readonly tag: "node"; readonly id: string }
  /** The listing of a directory. */
  | { readonly tag: "children"; readonly id: string }
  /** A child of the directory `parent` as the upstream told it. */
  | { readonly tag: "placed"; readonly parent: string; readonly entry: DirEntry }
  /** The directory `parent` has no child of the identity `id` any more. */
  | { readonly tag: "removed"; readonly parent: string; readonly id: string }
  /** All that a watch guards. */
  | { readonly tag: "watch"; readonly watch: string }
  /** Nothing: a webhook of that watch was delivered. */
  | { readonly tag: "heard"; readonly watch: string };

/** What one look at the upstream came to. */
export interface Polled {
  /** What is no longer true. */
  readonly invalidations: readonly Invalidation[];
  /** For the next poll of this watch. */
  readonly cursor: string | undefined;
  /** Milliseconds until then, where the upstream asks for a pace of its own. */
  readonly wait: number | undefined;
}

/** The events of one mounted provider. Every method but `subscribe` rejects with an `OmnifsError`. */
export interface ProviderEvents {
  /** The sources of a watch, best first; none where nobody would tell. */
  sources(watch: string, signal?: AbortSignal): Promise<readonly Source[]>;
  /** What changed since `cursor`, or, without one, since `since` (milliseconds since the Unix epoch). */
  poll(watch: string, cursor: string | undefined, since: number, signal?: AbortSignal): Promise<Polled>;
  /** What one event means. */
  onEvent(event: UpstreamEvent, signal?: AbortSignal): Promise<readonly Invalidation[]>;
  /** Holds a GET open on behalf of this provider, through the gate, until it ends or `signal` is aborted. */
  subscribe(url: string, listener: StreamListener, signal: AbortSignal): Promise<StreamEnd>;
}
