/**
 * The messages about streams between the host and the egress thread.
 *
 * @module
 */
import type { StreamEnd, Subscription } from "./callout.ts";
import type { Settled } from "./trace.ts";

/** From the host. `abort` ends a stream as it ends a callout. */
export type ToStreams =
  /** Answered by `opening`, and in the end by `ended`. */
  | { readonly type: "subscribe"; readonly id: number; readonly subscription: Subscription }
  /** One line has been dealt with. */
  | { readonly type: "taken"; readonly id: number };

/** From the egress thread. */
export type FromStreams =
  /** The upstream answered, or nothing was sent: what a callout would have come to. */
  | { readonly type: "opening"; readonly id: number; readonly settled: Settled }
  /** What happens from now on comes as lines. */
  | { readonly type: "opened"; readonly id: number }
  | { readonly type: "line"; readonly id: number; readonly line: Uint8Array }
  | { readonly type: "ended"; readonly id: number; readonly end: StreamEnd };
