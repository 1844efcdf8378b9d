/**
 * The host's end of the webhook receiver: which mounts take deliveries and by which secrets, what is done with a
 * delivery, and what became of the latest ones.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import { messageOf, OmnifsError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { hostText, isLoopback } from "./address.ts";
import type { Deliver, Verification, WebhookDelivery } from "./webhook.ts";
import { DeliveryLog, type DeliveryRecord } from "./webhook_log.ts";
import type { FromReceiver, ListenAddress, Refusal, Tested, ToReceiver } from "./webhook_protocol.ts";
import { reachable } from "./webhook_sample.ts";
import type { FoundSecrets, SecretSource } from "./webhook_secrets.ts";
import { Seen } from "./webhook_seen.ts";

/** What {@linkcode Webhooks} stands on. */
export interface WebhookParts {
  /** Where to listen. */
  readonly address: ListenAddress;
  /** Finds the secrets of a mount; asked again and again, so that a secret can be changed while omnifs runs. */
  readonly secrets: SecretSource;
  /** Does what a delivery asks for. */
  readonly deliver: Deliver;
  /** The time. */
  readonly clock: Clock;
  /** Gets refusals and failures. */
  readonly log?: Log | undefined;
  /** Is told of everything that came, as soon as it is known what became of it. */
  readonly told?: (record: DeliveryRecord) => void;
}

/** How a mount takes deliveries; holds no secret. */
export interface WebhookRoute {
  /** The mount. */
  readonly mount: string;
  /** How they are verified. */
  readonly verification: Verification;
  /** Where the secrets came from; undefined where there is none, and then nothing is taken. */
  readonly source: string | undefined;
  /** How many secrets are good. */
  readonly secrets: number;
  /** What is wrong, or not as it should be. */
  readonly problem: string | undefined;
  /** What to do about it. */
  readonly mend: string | undefined;
}

/** How many requests to a mount (empty for none) came to a verdict. */
export interface Verdicts {
  /** The mount. */
  readonly mount: string;
  /** As of a {@linkcode DeliveryRecord}. */
  readonly verdict: string;
  /** How many. */
  readonly count: number;
}

/** What became of a test: of the sample itself, and of the delivery that it was. */
export interface WebhookTest extends Tested {
  /** The delivery, where it arrived. */
  readonly delivery?: DeliveryRecord;
}

/** Milliseconds that a test waits for the end of the work. */
const TEST_TIMEOUT = 10_000;

/** Takes deliveries from the egress thread, in order, and answers what it asks. */
export class Webhooks {
  readonly #parts: WebhookParts;
  readonly #log: DeliveryLog;
  readonly #seen = new Seen();
  readonly #routes = new Map<string, WebhookRoute>();
  readonly #queues = new Map<string, Promise<void>>();
  readonly #asked = new Map<number, (message: FromReceiver) => void>();
  readonly #verdicts = new Map<string, Verdicts>();
  #post: ((message: ToReceiver) => void) | undefined;
  #open = false;
  #attached = 0;
  #lastId = 0;

  /** Nothing is listened to yet. */
  constructor(parts: WebhookParts) {
    this.#parts = parts;
    this.#log = new DeliveryLog((record) => this.#told(record));
  }

  /** The `net` permission that the egress thread needs for it: to listen, and to reach itself for a test. */
  get scopes(): string[] {
    const { hostname, port } = this.#parts.address;
    return [...new Set([hostname, reachable(hostname)])].map((host) => `${hostText(host)}:${port}`);
  }

  /** Where it listens: `127.0.0.1:9911`. */
  get address(): string {
    const { hostname, port } = this.#parts.address;
    return `${hostText(hostname)}:${port}`;
  }

  /** False where others reach it without a tunnel or proxy. */
  get isLoopback(): boolean {
    return isLoopback(this.#parts.address.hostname);
  }

  /** How each mount takes deliveries, by mount name. */
  get routes(): readonly WebhookRoute[] {
    return [...this.#routes.values()].sort((a, b) => a.mount < b.mount ? -1 : 1);
  }

  /** True where there is a secret by which deliveries to `mount` can be verified. */
  takes(mount: string): boolean {
    return (this.#routes.get(mount)?.secrets ?? 0) > 0;
  }

  /** How many requests came to what. */
  get verdicts(): readonly Verdicts[] {
    return [...this.#verdicts.values()];
  }

  /** The latest deliveries and refusals, the latest first. */
  get deliveries(): readonly DeliveryRecord[] {
    return this.#log.latest;
  }

  /** Begins to listen. Rejects with `unavailable` where the address cannot be had. */
  async open(): Promise<void> {
    this.#open = true;
    await this.#listen(false);
  }

  /** Takes deliveries to `mount` from now on, verified so. */
  async admit(mount: string, verification: Verification): Promise<void> {
    if (this.#routes.get(mount)?.verification === verification) return;
    await this.#route(mount, verification);
  }

  /** Asks for the secrets of every mount anew. */
  async reload(): Promise<void> {
    await Promise.all(this.routes.map(({ mount, verification }) => this.#route(mount, verification)));
  }

  /** Has a signed sample sent to the receiver's own address, and waits for what comes of it. */
  async test(mount: string, signal: AbortSignal): Promise<WebhookTest> {
    if (!this.#routes.has(mount)) throw unknown(mount, this.routes.map((route) => route.mount));
    const answer = await this.#ask((id) => ({ type: "webhook-test", id, mount }));
    if (answer.type !== "webhook-tested") throw lost();
    const { tested } = answer;
    const taken = tested.status !== undefined && tested.status < 300;
    const delivery = taken ? await this.#ended(mount, tested.id, signal) : undefined;
    return { ...tested, ...(delivery === undefined ? {} : { delivery }) };
  }

  /** A thread is there, and `post` reaches it: told all that the one before it knew. */
  attach(post: (message: ToReceiver) => void): void {
    this.#post = post;
    const again = this.#attached++ > 0;
    for (const { mount, verification } of this.routes) {
      this.#route(mount, verification).catch((error) => this.#failed(error));
    }
    if (this.#open) this.#listen(again).catch((error) => this.#failed(error));
  }

  /** The thread is gone. */
  lost(): void {
    this.#post = undefined;
    for (const settle of [...this.#asked.values()]) settle({ type: "webhook-listening", id: 0, error: LOST });
    this.#asked.clear();
  }

  /** Does what the thread asks for. */
  receive(message: FromReceiver): void {
    switch (message.type) {
      case "webhook-delivery":
        return this.#deliver(message.delivery, message.marks);
      case "webhook-refused":
        return this.#refused(message.refusal);
      case "webhook-renew":
        return void this.#renew(message.mount, message.renewal);
      case "webhook-listening":
      case "webhook-tested":
        this.#asked.get(message.id)?.(message);
        return void this.#asked.delete(message.id);
    }
  }

  async #ended(mount: string, id: string, signal: AbortSignal): Promise<DeliveryRecord | undefined> {
    const late = new AbortController();
    const cancel = this.#parts.clock.after(TEST_TIMEOUT, () => late.abort());
    return await this.#log.ended(mount, id, AbortSignal.any([signal, late.signal])).finally(cancel);
  }

  async #listen(again: boolean): Promise<void> {
    const { address } = this.#parts;
    const seen = this.#seen.marks;
    const answer = await this.#ask((id) => ({ type: "webhook-listen", id, address, seen, again }));
    if (answer.type !== "webhook-listening" || answer.error === undefined) return;
    throw new OmnifsError("unavailable", `cannot listen on ${this.address}: ${answer.error}`, {
      op: "webhook",
      mend: "--webhook-listen with another port",
    });
  }

  async #ask(message: (id: number) => ToReceiver): Promise<FromReceiver> {
    if (this.#post === undefined) throw lost();
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<FromReceiver>();
    this.#asked.set(id, resolve);
    this.#post(message(id));
    return await promise;
  }

  async #route(mount: string, verification: Verification, renewal?: number): Promise<void> {
    const post = this.#post;
    const found = await this.#parts.secrets(mount, renewal !== undefined);
    const before = this.#routes.get(mount);
    this.#routes.set(mount, routeOf(mount, verification, found));
    if (before?.problem !== found.problem && found.problem !== undefined) {
      this.#parts.log?.warn("webhook", { mount, problem: found.problem });
    }
    const { secrets } = found;
    post?.({
      type: "webhook-route",
      mount,
      verification,
      secrets,
      ...(renewal === undefined ? {} : { renewal }),
    });
  }

  async #renew(mount: string, renewal: number): Promise<void> {
    const known = this.#routes.get(mount);
    if (known === undefined) return;
    await this.#route(mount, known.verification, renewal).catch((error) => this.#failed(error));
  }

  /** Works deliveries off one after the other, in the order in which they came. */
  #deliver(delivery: WebhookDelivery, marks: readonly string[]): void {
    const { mount, body } = delivery;
    const post = this.#post;
    const size = body.length;
    this.#seen.add(marks);
    this.#log.arrived(delivery);
    const before = this.#queues.get(mount) ?? Promise.resolve();
    const done = before.then(() => this.#work(delivery)).finally(() => {
      post?.({ type: "webhook-settled", bytes: size });
      if (this.#queues.get(mount) === done) this.#queues.delete(mount);
    });
    this.#queues.set(mount, done);
  }

  async #work(delivery: WebhookDelivery): Promise<void> {
    try {
      const outcome = await this.#parts.deliver(delivery.mount, delivery);
      this.#log.ends(delivery, { verdict: "applied", ...outcome });
    } catch (error) {
      const reason = messageOf(error);
      this.#parts.log?.warn("a webhook delivery failed", { mount: delivery.mount, id: delivery.id, reason });
      this.#log.ends(delivery, { verdict: "failed", reason });
    }
  }

  #told(record: DeliveryRecord): void {
    this.#countVerdict(record, 1);
    this.#parts.told?.(record);
  }

  #countVerdict({ mount, verdict }: Pick<DeliveryRecord, "mount" | "verdict">, number: number): void {
    const key = `${mount} ${verdict}`;
    const { count } = this.#verdicts.get(key) ?? { count: 0 };
    this.#verdicts.set(key, { mount, verdict, count: count + number });
  }

  #refused(refusal: Refusal): void {
    const { mount, refused, untold } = refusal;
    // Those that were only counted are taken for the like of the one that is told.
    this.#countVerdict({ mount, verdict: refused }, untold);
    this.#parts.log?.info("a webhook request was refused", {
      mount,
      refused,
      ...(untold > 0 ? { untold } : {}),
    });
    this.#log.refused(refusal);
  }

  #failed(error: unknown): void {
    this.#parts.log?.error("the webhook receiver", { reason: messageOf(error) });
  }
}

const LOST = "the egress thread is gone";

function lost(): OmnifsError {
  return new OmnifsError("unavailable", `the webhook receiver: ${LOST}`, { mend: "omnifs logs" });
}

function unknown(mount: string, mounts: readonly string[]): OmnifsError {
  const mend = mounts.length > 0 ? `one of ${mounts.join(", ")}` : "omnifs status tells what is mounted";
  return new OmnifsError("not-found", `${mount} takes no webhooks`, { op: "webhook", mend });
}

function routeOf(mount: string, verification: Verification, found: FoundSecrets): WebhookRoute {
  const { source, secrets, problem, mend } = found;
  return { mount, verification, source, secrets: secrets.length, problem, mend };
}
