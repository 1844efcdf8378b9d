/**
 * What is told of the webhook receiver: plain JSON documents.
 *
 * @module
 */

/** How a mount takes what its upstream delivers; holds no secret. */
export interface WebhookRouteDocument {
  /** The mount. */
  readonly mount: string;
  /** The name of its provider. */
  readonly provider: string;
  /** Where deliveries to it go, below the receiver's address: `/hooks/github`. */
  readonly path: string;
  /** How they are signed. */
  readonly verification: "hub-signature256" | "linear-signature";
  /** Where the secrets came from: a file, `environment`, `helper` or `store`; null where there is none, and nothing is taken. */
  readonly source: string | null;
  /** How many secrets are good. */
  readonly secrets: number;
  /** What is wrong, or not as it should be. */
  readonly problem?: string;
  /** What to do about it. */
  readonly mend?: string;
}

/** The webhook receiver. */
export interface WebhookDocument {
  /** Where it listens: `127.0.0.1:9911`. */
  readonly address: string;
  /** The mounts that take deliveries, by name. */
  readonly routes: readonly WebhookRouteDocument[];
  /** How many requests came to what: by mount (empty for none) and verdict, as of a {@linkcode DeliveryDocument}. */
  readonly verdicts: readonly { readonly mount: string; readonly verdict: string; readonly count: number }[];
}

/** What came to the webhook receiver, and what became of it. */
export interface DeliveryDocument {
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** The mount; empty where there is none of the name that was asked for. */
  readonly mount: string;
  /** What happened, in the upstream's word; a stranger's where the signature did not hold. */
  readonly event: string;
  /** The upstream's number of it; a stranger's where the signature did not hold. */
  readonly id: string;
  /** Bytes of its body; 0 where it was refused. */
  readonly bytes: number;
  /** `waiting`, `applied`, `failed`, or why it was refused: `signature`, `replay`, `stale`, … */
  readonly verdict: string;
  /** How many things it said are no longer true; null until that is known. */
  readonly invalidations: number | null;
  /** Milliseconds until the kernel knew; null where it was told nothing. */
  readonly milliseconds: number | null;
  /** Why it failed. */
  readonly reason?: string;
}

/** What became of a sample delivery that omnifs signed and sent to itself. */
export interface WebhookTestDocument {
  /** Whom it was for. */
  readonly mount: string;
  /** The number of the delivery. */
  readonly id: string;
  /** The status that the receiver answered; null where it did not answer. */
  readonly status: number | null;
  /** What it said, or why it was not reached. */
  readonly says: string;
  /** Milliseconds from the connection to the answer. */
  readonly milliseconds: number;
  /** What became of the delivery; null where there was none. */
  readonly delivery: DeliveryDocument | null;
}
