/**
 * The latest deliveries, and the latest requests that were no deliveries: two lists, so that strangers cannot push
 * out what the upstream said.
 *
 * @module
 */
import type { DeliveryOutcome, Refused, WebhookDelivery } from "./webhook.ts";
import type { Refusal } from "./webhook_protocol.ts";

/** What came to the receiver, and what became of it. */
export interface DeliveryRecord {
  /** When it was whole, in milliseconds since the Unix epoch. */
  readonly time: number;
  /** The mount; empty where there is none of the name that was asked for. */
  readonly mount: string;
  /** What happened, in the upstream's word. */
  readonly event: string;
  /** The upstream's number of it. */
  readonly id: string;
  /** Bytes of its body; 0 where it was refused. */
  readonly bytes: number;
  /** `waiting` until it is worked off, then `applied` or `failed`; or why it was refused. */
  readonly verdict: "waiting" | "applied" | "failed" | Refused;
  /** How many things it said are no longer true; null until that is known. */
  readonly invalidations: number | null;
  /** Milliseconds until the kernel knew; null where it was told nothing. */
  readonly milliseconds: number | null;
  /** Why it failed. */
  readonly reason?: string;
}

/** How a delivery ended. */
export type DeliveryEnd =
  | { readonly verdict: "applied" } & DeliveryOutcome
  | { readonly verdict: "failed"; readonly reason: string };

/** How many of each list are kept. */
const KEPT = 100;

/** Keeps the latest. */
export class DeliveryLog {
  readonly #told: (record: DeliveryRecord) => void;
  #deliveries: DeliveryRecord[] = [];
  #refusals: DeliveryRecord[] = [];
  #ends = new Set<(record: DeliveryRecord) => void>();

  /** `told` is told of each record that will not change any more. */
  constructor(told: (record: DeliveryRecord) => void) {
    this.#told = told;
  }

  /** All of them, the latest first. */
  get latest(): readonly DeliveryRecord[] {
    return [...this.#deliveries, ...this.#refusals].sort((a, b) => b.time - a.time);
  }

  /** A delivery is there, and waits. */
  arrived({ mount, event, id, body, receivedAt }: WebhookDelivery): void {
    const known = { time: receivedAt, mount, event, id, bytes: body.length };
    this.#deliveries.push({ ...known, verdict: "waiting", invalidations: null, milliseconds: null });
    this.#deliveries = this.#deliveries.slice(-KEPT);
  }

  /** A delivery is worked off. */
  ends({ mount, id }: Pick<WebhookDelivery, "mount" | "id">, end: DeliveryEnd): void {
    const at = this.#deliveries.findIndex((each) => each.mount === mount && each.id === id);
    const before = this.#deliveries[at];
    // So many came since that it is not kept any more.
    if (before === undefined) return;
    const record: DeliveryRecord = end.verdict === "failed" ? { ...before, ...end } : {
      ...before,
      verdict: "applied",
      invalidations: end.invalidations,
      milliseconds: end.milliseconds ?? null,
    };
    this.#deliveries[at] = record;
    this.#tell(record);
  }

  /** A request was not taken. */
  refused({ time, mount, event, id, refused }: Refusal): void {
    const record = {
      time,
      mount,
      event,
      id,
      bytes: 0,
      verdict: refused,
      invalidations: null,
      milliseconds: null,
    };
    this.#refusals.push(record);
    this.#refusals = this.#refusals.slice(-KEPT);
    this.#tell(record);
  }

  /** The record of a delivery once it is worked off; as it is then where `signal` is aborted before. */
  async ended(mount: string, id: string, signal: AbortSignal): Promise<DeliveryRecord | undefined> {
    const known = () => this.latest.find((each) => each.mount === mount && each.id === id);
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (signal.aborted || (known()?.verdict ?? "waiting") !== "waiting") resolve();
    };
    this.#ends.add(look);
    signal.addEventListener("abort", look, { once: true });
    look();
    await promise;
    this.#ends.delete(look);
    signal.removeEventListener("abort", look);
    return known();
  }

  #tell(record: DeliveryRecord): void {
    for (const end of this.#ends) end(record);
    this.#told(record);
  }
}
