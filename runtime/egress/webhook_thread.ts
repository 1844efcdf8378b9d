/**
 * The webhook receiver's end of the messages, in the egress thread.
 *
 * @module
 */
import { type Clock, sleep } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Credentials } from "./credentials.ts";
import type { Verification, WebhookDelivery } from "./webhook.ts";
import type { FromReceiver, ListenAddress, Refusal, ToReceiver } from "./webhook_protocol.ts";
import { Receiver, type ReceiverLimits } from "./webhook_receiver.ts";
import { sendSample } from "./webhook_sample.ts";

/** What it stands on. */
export interface ReceiverThreadParts {
  /** The secrets. */
  readonly credentials: Credentials;
  /** The time. */
  readonly clock: Clock;
  /** Sends the host a message. */
  post(message: FromReceiver, transfer?: Transferable[]): void;
  /** Limits that differ from the receiver's own. */
  readonly limits?: Partial<ReceiverLimits>;
}

/** How long a port may be held by the thread before this one, in milliseconds, and how often it is tried. */
const TAKEOVER_MILLISECONDS = 10_000;
const TAKEOVER_PAUSE = 20;

/** Refusals that the host is told of in one second; the others are counted. */
const TOLD_A_SECOND = 20;

/** Answers the host's messages about the receiver. */
export class ReceiverThread {
  readonly #parts: ReceiverThreadParts;
  readonly #receiver: Receiver;
  readonly #renewals = new Map<number, () => void>();
  readonly #verifications = new Map<string, Verification>();
  #address: ListenAddress | undefined;
  #lastRenewal = 0;
  #told = { since: 0, number: 0, untold: 0 };
  #closed = false;

  /** Nothing is listened to yet. */
  constructor(parts: ReceiverThreadParts) {
    this.#parts = parts;
    this.#receiver = new Receiver({
      ...parts,
      deliver: (delivery, marks) => this.#deliver(delivery, marks),
      refused: (refusal) => this.#refused(refusal),
      renew: (mount) => this.#renew(mount),
    });
  }

  /** Does what the host asks for. */
  async handle(message: ToReceiver): Promise<void> {
    switch (message.type) {
      case "webhook-listen":
        return await this.#listen(message);
      case "webhook-route":
        return this.#route(message);
      case "webhook-settled":
        return this.#receiver.settled(message.bytes);
      case "webhook-test":
        return await this.#test(message);
    }
  }

  /** Stops listening. */
  close(): void {
    this.#closed = true;
    this.#receiver.close();
  }

  async #listen({ id, address, seen, again }: ToReceiver & { type: "webhook-listen" }): Promise<void> {
    const { clock, post } = this.#parts;
    this.#receiver.remember(seen);
    const until = clock.monotonic() + (again ? TAKEOVER_MILLISECONDS : 0);
    while (!this.#closed) {
      try {
        this.#receiver.listen(address);
        this.#address = address;
        return post({ type: "webhook-listening", id });
      } catch (error) {
        const taken = error instanceof Deno.errors.AddrInUse && clock.monotonic() < until;
        if (!taken) return post({ type: "webhook-listening", id, error: messageOf(error) });
        await sleep(clock, TAKEOVER_PAUSE);
      }
    }
  }

  #route({ mount, verification, secrets, renewal }: ToReceiver & { type: "webhook-route" }): void {
    this.#parts.credentials.storeWebhook(mount, secrets);
    this.#verifications.set(mount, verification);
    this.#receiver.route(mount, verification);
    if (renewal === undefined) return;
    this.#renewals.get(renewal)?.();
    this.#renewals.delete(renewal);
  }

  #renew(mount: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const renewal = ++this.#lastRenewal;
    this.#renewals.set(renewal, resolve);
    this.#parts.post({ type: "webhook-renew", renewal, mount });
    return promise;
  }

  #deliver(delivery: WebhookDelivery, marks: readonly string[]): void {
    const { buffer } = delivery.body;
    const transfer = buffer instanceof ArrayBuffer ? [buffer] : [];
    this.#parts.post({ type: "webhook-delivery", delivery, marks }, transfer);
  }

  #refused(refusal: Omit<Refusal, "untold">): void {
    const now = this.#parts.clock.monotonic();
    if (now - this.#told.since > 1_000) this.#told = { ...this.#told, since: now, number: 0 };
    if (this.#told.number >= TOLD_A_SECOND) return void this.#told.untold++;
    const { untold } = this.#told;
    this.#told = { ...this.#told, number: this.#told.number + 1, untold: 0 };
    this.#parts.post({ type: "webhook-refused", refusal: { ...refusal, untold } });
  }

  async #test({ id, mount }: ToReceiver & { type: "webhook-test" }): Promise<void> {
    const { credentials, clock, post } = this.#parts;
    const verification = this.#verifications.get(mount);
    const address = this.#address;
    const tested = verification === undefined || address === undefined
      ? { id: "", says: "nothing takes deliveries here", milliseconds: 0 }
      : await sendSample({ credentials, clock, address, mount, verification });
    post({ type: "webhook-tested", id, tested });
  }
}
