/**
 * The webhook receiver with everything around it: the egress thread, signers, and a peer that sends bytes as it likes.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { type Clock, systemClock } from "../../runtime/base/clock.ts";
import { Bus } from "../../runtime/base/bus.ts";
import { Log } from "../../runtime/base/log.ts";
import { Egress } from "../../runtime/egress/egress.ts";
import {
  type DeliveryOutcome,
  parseGrants,
  type Verification,
  type WebhookDelivery,
} from "../../runtime/egress/mod.ts";
import type { DeliveryRecord } from "../../runtime/egress/webhook_log.ts";
import { Webhooks } from "../../runtime/egress/webhooks.ts";
import { Credentials } from "../../runtime/egress/credentials.ts";
import type { Refusal } from "../../runtime/egress/webhook_protocol.ts";
import { Receiver, type ReceiverLimits } from "../../runtime/egress/webhook_receiver.ts";
import { alwaysFound, ManualClock } from "./fixture.ts";

/** The secret that tests plant and look for. */
export const SECRET = "whsec_Planted-0123456789abcdef";

/** A port of loopback that nobody listens on. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** What differs from a receiver for `github` and `linear` that takes everything. */
export interface DeskSetup {
  /** The secrets of a mount, asked for anew each time. */
  readonly secrets?: (mount: string) => readonly string[];
  /** Does the work. */
  readonly deliver?: (mount: string, delivery: WebhookDelivery) => Promise<DeliveryOutcome>;
  /** How each mount takes deliveries. */
  readonly mounts?: Readonly<Record<string, Verification>>;
  /** Started in place of the egress thread's own module. */
  readonly module?: URL;
  /** Where to listen; a free port unless told. */
  readonly port?: number;
}

const MOUNTS: Readonly<Record<string, Verification>> = {
  github: "hub-signature256",
  linear: "linear-signature",
};

/** The egress thread with a receiver, and what arrived. */
export class Desk implements AsyncDisposable {
  /** Deliveries, as they came to the host. */
  readonly delivered: WebhookDelivery[] = [];
  /** Records of what ended. */
  readonly told: DeliveryRecord[] = [];
  /** Lines of the log. */
  readonly lines: string[] = [];
  /** The host's end. */
  readonly webhooks: Webhooks;
  /** The thread. */
  readonly egress: Egress;
  /** `http://127.0.0.1:port`. */
  readonly origin: string;

  private constructor(setup: DeskSetup, port: number) {
    const clock: Clock = systemClock;
    const log = new Log(clock, (line) => this.lines.push(line), "debug");
    const secrets = setup.secrets ?? (() => [SECRET]);
    this.origin = `http://127.0.0.1:${port}`;
    this.webhooks = new Webhooks({
      address: { hostname: "127.0.0.1", port },
      secrets: (mount) => {
        const found = secrets(mount);
        const source = found.length > 0 ? "test" : undefined;
        return Promise.resolve({ secrets: found, source, problem: undefined, mend: undefined });
      },
      deliver: async (mount, delivery) => {
        this.delivered.push(delivery);
        return await setup.deliver?.(mount, delivery) ?? { invalidations: 0, milliseconds: undefined };
      },
      clock,
      log,
      told: (record) => void this.told.push(record),
    });
    this.egress = new Egress({
      grants: parseGrants({ allow: [] }),
      credentials: alwaysFound(() => ""),
      clock,
      bus: new Bus(clock),
      log,
      webhooks: this.webhooks,
      ...(setup.module === undefined ? {} : { module: setup.module }),
    });
  }

  /** A receiver that listens. */
  static async open(setup: DeskSetup = {}): Promise<Desk> {
    const desk = new Desk(setup, setup.port ?? freePort());
    try {
      await desk.webhooks.open();
    } catch (error) {
      await desk.egress.close();
      throw error;
    }
    for (const [mount, verification] of Object.entries(setup.mounts ?? MOUNTS)) {
      await desk.webhooks.admit(mount, verification);
    }
    return desk;
  }

  /** Sends one request; the connection is not kept. */
  async post(mount: string, body: Uint8Array | string, headers: HeadersInit = {}): Promise<Answer> {
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : new Uint8Array(body);
    const request = { method: "POST", body: bytes, headers };
    const response = await fetch(`${this.origin}/hooks/${mount}`, request);
    return { status: response.status, says: (await response.text()).trim() };
  }

  /** Has the thread die, where its module does so when it is asked for `/die`. */
  async die(): Promise<void> {
    const callout = { mount: "m", method: "get", headers: [], expect: "text", write: false } as const;
    await this.egress.send({ ...callout, url: "https://example.com/die" });
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.egress.close();
  }
}

/** What the receiver said. */
export interface Answer {
  /** The status. */
  readonly status: number;
  /** The body without its newline. */
  readonly says: string;
}

/** Hexadecimal HMAC-SHA256. */
export function hmac(body: Uint8Array | string, secret = SECRET): string {
  return createHmac("sha256", secret).update(body).digest("hex");
}

/** Headers of a delivery of GitHub. */
export function githubHeaders(
  body: Uint8Array | string,
  rest: Record<string, string> = {},
): Record<string, string> {
  return {
    "content-type": "application/json",
    "x-github-event": "issues",
    "x-github-delivery": crypto.randomUUID(),
    "x-hub-signature-256": `sha256=${hmac(body)}`,
    ...rest,
  };
}

/** Headers of a delivery of Linear. */
export function linearHeaders(
  body: Uint8Array | string,
  rest: Record<string, string> = {},
): Record<string, string> {
  return {
    "content-type": "application/json; charset=utf-8",
    "linear-event": "Issue",
    "linear-delivery": crypto.randomUUID(),
    "linear-signature": hmac(body),
    ...rest,
  };
}

/** A peer that writes what it likes, and reads what comes. */
export class Peer implements AsyncDisposable {
  readonly #connection: Deno.Conn;

  private constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** Connects to a receiver. */
  static async connect(port: number): Promise<Peer> {
    return new Peer(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  /** Writes text or bytes, all of them. */
  async write(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? Buffer.from(data, "latin1") : data;
    for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
  }

  /** Says that nothing follows. */
  async end(): Promise<void> {
    await this.#connection.closeWrite();
  }

  /** What has come so far; waits where nothing has. */
  async some(): Promise<string> {
    const piece = new Uint8Array(4_096);
    const length = await this.#connection.read(piece) ?? 0;
    return Buffer.from(piece.subarray(0, length)).toString("latin1");
  }

  /** Everything until the other side hangs up; what came where it breaks off. */
  async rest(): Promise<string> {
    const piece = new Uint8Array(4_096);
    let text = "";
    try {
      for (let length = await this.#connection.read(piece); length !== null;) {
        text += Buffer.from(piece.subarray(0, length)).toString("latin1");
        length = await this.#connection.read(piece);
      }
    } catch (error) {
      assert.ok(error instanceof Deno.errors.ConnectionReset, String(error));
    }
    return text;
  }

  /** Hangs up. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#connection.close();
    return Promise.resolve();
  }
}

/** A receiver in the test's own thread, so that the test can move its clock. */
export class Porch implements AsyncDisposable {
  /** Moved by the test. */
  readonly clock = new ManualClock();
  /** What was taken. */
  readonly delivered: WebhookDelivery[] = [];
  /** What was not. */
  readonly refusals: Omit<Refusal, "untold">[] = [];
  /** Times that the secrets were asked for. */
  asked = 0;
  /** What they are when they are asked for. */
  secrets: readonly string[] = [SECRET];
  /** Where it listens. */
  readonly port: number;
  /** The receiver. */
  readonly receiver: Receiver;

  /** Listens for `github` and `linear`. */
  constructor(limits: Partial<ReceiverLimits> = {}) {
    const credentials = new Credentials();
    this.receiver = new Receiver({
      credentials,
      clock: this.clock,
      limits,
      deliver: (delivery) => void this.delivered.push(delivery),
      refused: (refusal) => void this.refusals.push(refusal),
      renew: (mount) => {
        this.asked++;
        credentials.storeWebhook(mount, this.secrets);
        return Promise.resolve();
      },
    });
    this.port = this.receiver.listen({ hostname: "127.0.0.1", port: 0 });
    for (const [mount, verification] of Object.entries(MOUNTS)) {
      credentials.storeWebhook(mount, this.secrets);
      this.receiver.route(mount, verification);
    }
  }

  /** Sends bytes as they are, says that nothing follows, and answers what came back. */
  async exchange(...pieces: readonly (string | Uint8Array)[]): Promise<RawAnswer> {
    await using peer = await Peer.connect(this.port);
    for (const piece of pieces) await peer.write(piece);
    return readAnswer(await peer.rest());
  }

  /** Delivers `body` as GitHub would, with what differs from that. */
  async deliver(body: string, rest: Record<string, string> = {}): Promise<RawAnswer> {
    return await this.exchange(rawPost("/hooks/github", { ...githubHeaders(body), ...rest }, body));
  }

  /** Hangs up. */
  [Symbol.asyncDispose](): Promise<void> {
    this.receiver.close();
    return Promise.resolve();
  }
}

/** An answer, taken apart. */
export interface RawAnswer extends Answer {
  /** Header lines. */
  readonly fields: readonly string[];
}

/** Takes an answer apart. A status of 0 is none. */
export function readAnswer(text: string): RawAnswer {
  const final = text.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, "");
  const [head = "", ...rest] = final.split("\r\n\r\n");
  const [first = "", ...fields] = head.split("\r\n");
  const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(first) ?? [];
  return { status: Number(status ?? 0), says: rest.join("\r\n\r\n").trim(), fields };
}

/** A request with a length, as text of one byte a character. */
export function rawPost(path: string, headers: Record<string, string>, body: string): string {
  const bytes = Buffer.from(body, "utf8").toString("latin1");
  const lines = Object.entries({ "host": "x", "content-length": String(bytes.length), ...headers });
  return `POST ${path} HTTP/1.1\r\n${
    lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")
  }\r\n${bytes}`;
}
