/**
 * The webhook receiver: `POST /hooks/{mount}`, in the egress thread. Nothing of a body is parsed before its signature
 * holds, whoever sends slowly or much is bounded, and who sends something wrong learns nothing but that.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { type Clock, sleep } from "../base/clock.ts";
import type { Credentials } from "./credentials.ts";
import { REFUSALS, type Refused, type Verification, type WebhookDelivery } from "./webhook.ts";
import { isTimely, passedHeaders, type Scheme, SCHEMES, signatureOf, wordOf } from "./webhook_check.ts";
import { type Head, RequestRefused } from "./webhook_head.ts";
import type { ListenAddress, Refusal } from "./webhook_protocol.ts";
import { Seen } from "./webhook_seen.ts";
import { type Connection, Wire } from "./webhook_wire.ts";

/** What the receiver puts up with. */
export interface ReceiverLimits {
  /** Bytes of a body. GitHub sends none over 25 MB (https://docs.github.com/webhooks/webhook-events-and-payloads). */
  readonly bodyBytes: number;
  /** Milliseconds until the head is there. */
  readonly headMilliseconds: number;
  /** Milliseconds until the body is there: GitHub gives up after 10 s, Linear after 5 s. */
  readonly milliseconds: number;
  /** Milliseconds for which what still comes is dropped after an answer. */
  readonly drainMilliseconds: number;
  /** Connections at a time; one more ends the one that has been sending for the longest. */
  readonly connections: number;
  /** Bytes of bodies that are being received, or wait to be worked off. */
  readonly waitingBytes: number;
  /** Deliveries that wait to be worked off. */
  readonly waitingDeliveries: number;
}

/** The receiver's own limits. */
export const RECEIVER_LIMITS: ReceiverLimits = {
  bodyBytes: 25 * 1024 * 1024,
  headMilliseconds: 5_000,
  milliseconds: 10_000,
  drainMilliseconds: 2_000,
  connections: 64,
  waitingBytes: 64 * 1024 * 1024,
  waitingDeliveries: 1_000,
};

/** Milliseconds after which a mount's secrets are asked for anew before they are used. */
const FRESH = 5_000;

/** Milliseconds for which they are not asked for again although a signature does not match. */
const ASK_AGAIN_AFTER = 1_000;

/** Milliseconds that the host has to tell them. */
const RENEWAL_TIMEOUT = 2_000;

/** What a receiver stands on. */
export interface ReceiverParts {
  /** The secrets. */
  readonly credentials: Credentials;
  /** The time. */
  readonly clock: Clock;
  /** Takes a delivery; what is done about it follows. */
  deliver(delivery: WebhookDelivery, marks: readonly string[]): void;
  /** Is told of a request that was not taken. */
  refused(refusal: Omit<Refusal, "untold">): void;
  /** Has the secrets of a mount stored as they are now. */
  renew(mount: string): Promise<void>;
  /** Limits that differ from {@linkcode RECEIVER_LIMITS}. */
  readonly limits?: Partial<ReceiverLimits>;
}

/** One connection. */
interface Visit {
  readonly connection: Connection;
  readonly wire: Wire;
  /** What is known of the request, for the report of a refusal. */
  told: { mount: string; id: string; event: string };
  /** Bytes of its body so far. */
  bytes: number;
  /** True until the body is there. */
  sending: boolean;
  /** Why it was ended from outside. */
  cut: Refused | undefined;
}

/** Where a delivery goes. */
interface Route {
  readonly mount: string;
  readonly scheme: Scheme;
}

/** Listens, verifies and hands on. */
export class Receiver {
  readonly #parts: ReceiverParts;
  readonly #limits: ReceiverLimits;
  readonly #routes = new Map<string, Route>();
  readonly #visits = new Set<Visit>();
  readonly #seen = new Seen();
  readonly #renewedAt = new Map<string, number>();
  #listener: Deno.TcpListener | undefined;
  #waiting = { deliveries: 0, bytes: 0 };
  /** Bodies are judged one after the other, in the order in which they were whole. */
  #turn: Promise<unknown> = Promise.resolve();

  /** A receiver that does not listen yet. */
  constructor(parts: ReceiverParts) {
    this.#parts = parts;
    this.#limits = { ...RECEIVER_LIMITS, ...parts.limits };
  }

  /** Listens from now on, and answers the port. Throws where the address is taken, or is not this machine's. */
  listen({ hostname, port }: ListenAddress): number {
    const listener = Deno.listen({ hostname, port });
    this.#listener = listener;
    this.#accept(listener);
    return listener.addr.port;
  }

  /** Deliveries to `mount` are verified so, from now on. */
  route(mount: string, verification: Verification): void {
    this.#routes.set(mount, { mount, scheme: SCHEMES[verification] });
    this.#renewedAt.set(mount, this.#parts.clock.monotonic());
  }

  /** What was taken before, by another receiver at the same address. */
  remember(marks: readonly string[]): void {
    this.#seen.add(marks);
  }

  /** A delivery of so many bytes does not wait any more. */
  settled(bytes: number): void {
    this.#waiting.deliveries--;
    this.#waiting.bytes -= bytes;
  }

  /** Hangs up on everybody. */
  close(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.close();
    for (const { connection } of this.#visits) hangUp(connection);
  }

  async #accept(listener: Deno.TcpListener): Promise<void> {
    while (this.#listener === listener) {
      try {
        const connection = await listener.accept();
        if (this.#visits.size >= this.#limits.connections) this.#cutOldest();
        this.#visit(connection);
      } catch {
        // Closed, or for want of descriptors: those come back as visits end.
        await sleep(this.#parts.clock, 50);
      }
    }
  }

  async #visit(connection: Connection): Promise<void> {
    const visit: Visit = {
      connection,
      wire: new Wire(connection),
      told: { mount: "", id: "", event: "" },
      bytes: 0,
      sending: true,
      cut: undefined,
    };
    this.#visits.add(visit);
    try {
      const status = await this.#taken(visit);
      if (status !== undefined) await visit.wire.answer(status, "");
    } catch (error) {
      await this.#refuse(visit, error).catch(() => {});
    } finally {
      this.#visits.delete(visit);
      hangUp(connection);
    }
  }

  /** The status for a delivery that was taken; undefined where the visitor left without a word. */
  async #taken(visit: Visit): Promise<number | undefined> {
    const { clock } = this.#parts;
    const began = clock.monotonic();
    const { headMilliseconds, milliseconds } = this.#limits;
    let late = clock.after(headMilliseconds, () => this.#cut(visit, "slow"));
    try {
      const head = await visit.wire.head();
      if (head === undefined) return undefined;
      late();
      late = clock.after(milliseconds - (clock.monotonic() - began), () => this.#cut(visit, "slow"));
      const route = this.#routeOf(head);
      const { mount, scheme } = route;
      visit.told = { mount, id: wordOf(head, scheme.id), event: wordOf(head, scheme.event) };
      const signature = signatureOf(head, scheme);
      if (signature === undefined || !await this.#canVouch(mount)) throw new RequestRefused("signature");
      const body = await this.#body(visit, head);
      const turn = this.#turn.then(() => this.#judge(visit, route, head, body, signature));
      this.#turn = turn.catch(() => {});
      await turn;
      return scheme.taken;
    } finally {
      late();
    }
  }

  #routeOf({ method, path }: Head): Route {
    const [, name = ""] = /^\/hooks\/([^/]+)$/.exec(path) ?? [];
    const route = this.#routes.get(decoded(name));
    if (route === undefined) throw new RequestRefused("unknown");
    if (method !== "POST") throw new RequestRefused("method");
    return route;
  }

  async #body(visit: Visit, { framing, waits }: Head): Promise<Uint8Array> {
    const { bodyBytes } = this.#limits;
    if (framing === "none") throw new RequestRefused("no-length");
    if (framing !== "chunked" && framing.length > bodyBytes) throw new RequestRefused("too-large");
    if (waits) await visit.wire.proceed();
    const body = await visit.wire.body(framing, bodyBytes, (bytes) => {
      visit.bytes += bytes;
      this.#makeRoom();
    });
    visit.sending = false;
    return body;
  }

  /** Hands the delivery on if everything is right with it. @throws RequestRefused */
  async #judge(
    visit: Visit,
    { mount, scheme }: Route,
    head: Head,
    body: Uint8Array,
    signature: Uint8Array,
  ): Promise<void> {
    if (visit.cut !== undefined) throw new RequestRefused(visit.cut);
    if (!await this.#vouched(mount, body, signature)) throw new RequestRefused("signature");
    if (isForm(head)) throw new RequestRefused("content-type");
    const receivedAt = this.#parts.clock.now();
    if (!isTimely(body, scheme, receivedAt)) throw new RequestRefused("stale");
    const { id, event } = visit.told;
    const digest = Buffer.from(signature).toString("hex");
    const marks = [`${mount} ${digest}`, ...(id === "" ? [] : [`${mount} ${id}`])];
    if (this.#seen.has(marks)) throw new RequestRefused("replay");
    const { waitingDeliveries, waitingBytes } = this.#limits;
    const { deliveries, bytes } = this.#waiting;
    if (deliveries >= waitingDeliveries || bytes + body.length > waitingBytes) {
      throw new RequestRefused("busy");
    }
    this.#seen.add(marks);
    this.#waiting = { deliveries: deliveries + 1, bytes: bytes + body.length };
    const headers = passedHeaders(head);
    this.#parts.deliver({ mount, id: id === "" ? digest : id, event, headers, body, receivedAt }, marks);
  }

  /** False where no body has to be read to know that its signature will not hold. */
  async #canVouch(mount: string): Promise<boolean> {
    const { credentials } = this.#parts;
    if (!credentials.hasWebhook(mount) && this.#age(mount) > ASK_AGAIN_AFTER) await this.#renew(mount);
    return credentials.hasWebhook(mount);
  }

  /** True where the signature holds under the secrets as they are now; they may have been changed a moment ago. */
  async #vouched(mount: string, body: Uint8Array, signature: Uint8Array): Promise<boolean> {
    const { credentials } = this.#parts;
    if (this.#age(mount) > FRESH) await this.#renew(mount);
    if (credentials.vouches(mount, body, signature)) return true;
    if (this.#age(mount) <= ASK_AGAIN_AFTER) return false;
    await this.#renew(mount);
    return credentials.vouches(mount, body, signature);
  }

  #age(mount: string): number {
    return this.#parts.clock.monotonic() - (this.#renewedAt.get(mount) ?? -Infinity);
  }

  async #renew(mount: string): Promise<void> {
    const { clock, renew } = this.#parts;
    this.#renewedAt.set(mount, clock.monotonic());
    const over = new AbortController();
    await Promise.race([renew(mount), sleep(clock, RENEWAL_TIMEOUT, over.signal).catch(() => {})]);
    over.abort();
  }

  /** Ends the visit that has been sending for the longest while there are more bytes than may wait. */
  #makeRoom(): void {
    let bytes = this.#waiting.bytes;
    for (const visit of this.#visits) bytes += visit.bytes;
    if (bytes > this.#limits.waitingBytes) this.#cutOldest();
  }

  #cutOldest(): void {
    for (const visit of this.#visits) {
      if (visit.sending && visit.cut === undefined) return this.#cut(visit, "busy");
    }
  }

  /** Ends a visit from outside; whatever it waits for fails. */
  #cut(visit: Visit, refused: Refused): void {
    visit.cut ??= refused;
    const { status, says } = REFUSALS[refused];
    // So few bytes always find room on their way out.
    visit.wire.answer(status, says).catch(() => {}).finally(() => hangUp(visit.connection));
  }

  async #refuse(visit: Visit, error: unknown): Promise<void> {
    const refused = visit.cut ?? (error instanceof RequestRefused ? error.refused : undefined);
    // A visitor who broke off asked for no answer.
    if (refused === undefined) return;
    this.#parts.refused({ ...visit.told, refused, time: this.#parts.clock.now() });
    if (visit.cut !== undefined) return;
    visit.bytes = 0;
    const { status, says } = REFUSALS[refused];
    await visit.wire.answer(status, says, refused === "method" ? ["allow: POST"] : []);
    const { clock } = this.#parts;
    const cancel = clock.after(this.#limits.drainMilliseconds, () => hangUp(visit.connection));
    await visit.wire.drain().finally(cancel);
  }
}

/** A form instead of JSON, which GitHub sends where nobody chose. */
function isForm({ headers }: Head): boolean {
  return (headers.get("content-type") ?? "").toLowerCase().startsWith("application/x-www-form-urlencoded");
}

/** A segment of a path; empty where it is none. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return "";
  }
}

function hangUp(connection: Connection): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
