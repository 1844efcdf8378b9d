/**
 * The words that the webhook receiver in the egress thread and the host share.
 *
 * @module
 */

/** How an upstream signs a delivery: the contract's `verification`, as a provider's `sources` names it. */
export type Verification = "hub-signature256" | "linear-signature";

/** A delivery whose signature holds, that is new, and whose body nobody has looked into yet but for its timestamp. */
export interface WebhookDelivery {
  /** The mount that it is for. */
  readonly mount: string;
  /** The upstream's own number of it (`X-GitHub-Delivery`, `Linear-Delivery`); the signature where it has none. */
  readonly id: string;
  /** What happened, in the upstream's word (`X-GitHub-Event`, `Linear-Event`); empty where it does not say. */
  readonly event: string;
  /** What the upstream says of it beside the body, names in lower case; no signature and no credential is among them. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body, byte for byte as it was signed. */
  readonly body: Uint8Array;
  /** When its last byte was there, in milliseconds since the Unix epoch. */
  readonly receivedAt: number;
}

/** What a delivery came to in the tree. */
export interface DeliveryOutcome {
  /** How many things it said are no longer true. */
  readonly invalidations: number;
  /** Milliseconds from {@linkcode WebhookDelivery.receivedAt} until the kernel knew; undefined where nothing had to be told. */
  readonly milliseconds: number | undefined;
}

/** Does what a delivery asks for; the next one of the same mount waits until it is settled. */
export type Deliver = (mount: string, delivery: WebhookDelivery) => Promise<DeliveryOutcome>;

/** Why a request was not taken. The text of each is all that a stranger is told. */
export const REFUSALS = {
  "malformed": { status: 400, says: "not an HTTP/1.1 request as it should be" },
  "signature": { status: 401, says: "the signature is missing or wrong" },
  "stale": { status: 401, says: "the timestamp is missing or too far from now" },
  "unknown": { status: 404, says: "nothing takes deliveries here" },
  "method": { status: 405, says: "only POST" },
  "slow": { status: 408, says: "took too long" },
  "replay": { status: 409, says: "was delivered before" },
  "no-length": { status: 411, says: "neither a length nor chunks" },
  "too-large": { status: 413, says: "the body is over 25 MiB" },
  "content-type": { status: 415, says: "choose application/json as the content type" },
  "head-too-large": { status: 431, says: "the headers are too large" },
  "busy": { status: 503, says: "too much waits already; deliver it again" },
} as const;

/** One of {@linkcode REFUSALS}. */
export type Refused = keyof typeof REFUSALS;
