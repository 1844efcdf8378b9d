/**
 * The messages between the host and the webhook receiver in the egress thread.
 *
 * @module
 */
import type { Refused, Verification, WebhookDelivery } from "./webhook.ts";

/** From the host. */
export type ToReceiver =
  /** Begins to listen; answered by `webhook-listening`. `again` where a thread before this one may still let go of the port. */
  | {
    readonly type: "webhook-listen";
    readonly id: number;
    readonly address: ListenAddress;
    readonly seen: readonly string[];
    readonly again: boolean;
  }
  /** How deliveries to a mount are verified, in place of what was known; no secret, no deliveries. Answers `renewal`. */
  | {
    readonly type: "webhook-route";
    readonly mount: string;
    readonly verification: Verification;
    readonly secrets: readonly string[];
    readonly renewal?: number;
  }
  /** A delivery of so many bytes does not wait any more. */
  | { readonly type: "webhook-settled"; readonly bytes: number }
  /** Has a sample signed and sent to the receiver's own address; answered by `webhook-tested`. */
  | { readonly type: "webhook-test"; readonly id: number; readonly mount: string };

/** From the receiver. */
export type FromReceiver =
  | { readonly type: "webhook-listening"; readonly id: number; readonly error?: string }
  /** Asks for the secrets of a mount as they are now; answered by a `webhook-route`. */
  | { readonly type: "webhook-renew"; readonly renewal: number; readonly mount: string }
  /** `marks` are what a replay of it would be known by. */
  | {
    readonly type: "webhook-delivery";
    readonly delivery: WebhookDelivery;
    readonly marks: readonly string[];
  }
  | { readonly type: "webhook-refused"; readonly refusal: Refusal }
  | { readonly type: "webhook-tested"; readonly id: number; readonly tested: Tested };

/** Where to listen. */
export interface ListenAddress {
  /** An IP address, without brackets. */
  readonly hostname: string;
  /** From 1. */
  readonly port: number;
}

/** A request that was not taken. Who sent it is a stranger, and so is every word of it. */
export interface Refusal {
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** The mount, where there is one of that name. */
  readonly mount: string;
  /** The delivery's number, as the sender has it. */
  readonly id: string;
  /** What happened, as the sender has it. */
  readonly event: string;
  /** Why. */
  readonly refused: Refused;
  /** How many more were refused since the last one that was told. */
  readonly untold: number;
}

/** What became of a sample. */
export interface Tested {
  /** The number of the delivery. */
  readonly id: string;
  /** The status that the receiver answered; undefined where it did not answer. */
  readonly status?: number;
  /** What it said, or why it was not reached. */
  readonly says: string;
  /** Milliseconds from the connection to the answer. */
  readonly milliseconds: number;
}
