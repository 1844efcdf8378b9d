/**
 * A delivery of our own, to see that the receiver takes one: signed as the upstream would, and sent over a connection
 * to the receiver's own address.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { hostText } from "./address.ts";
import type { Credentials } from "./credentials.ts";
import type { Verification } from "./webhook.ts";
import { SCHEMES } from "./webhook_check.ts";
import type { ListenAddress, Tested } from "./webhook_protocol.ts";

/** What a sample is made of. */
export interface SampleParts {
  /** Signs it. */
  readonly credentials: Credentials;
  /** The time. */
  readonly clock: Clock;
  /** Where the receiver listens. */
  readonly address: ListenAddress;
  /** Whom it is for. */
  readonly mount: string;
  /** How it is signed. */
  readonly verification: Verification;
}

/** Milliseconds until a receiver that says nothing is given up. */
const TIMEOUT = 10_000;

/** What happened, in the upstream's words: GitHub's own ping, and for Linear, which has none, a type of nothing. */
const EVENTS: Readonly<Record<Verification, string>> = {
  "hub-signature256": "ping",
  "linear-signature": "Ping",
};

/** Sends a sample and tells how it was answered. Never rejects. */
export async function sendSample(parts: SampleParts): Promise<Tested> {
  const { clock, verification } = parts;
  const id = crypto.randomUUID();
  const began = clock.monotonic();
  const elapsed = () => clock.monotonic() - began;
  try {
    const request = requestOf(parts, id);
    if (request === undefined) {
      return { id, says: "there is no secret to sign with", milliseconds: elapsed() };
    }
    const answer = await exchange(parts, request);
    const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(answer) ?? [];
    const says = answer.slice(answer.indexOf("\r\n\r\n") + 4).trim();
    return { id, says, milliseconds: elapsed(), ...(status === undefined ? {} : { status: Number(status) }) };
  } catch (error) {
    return {
      id,
      says: `not reached: ${messageOf(error)} (${EVENTS[verification]})`,
      milliseconds: elapsed(),
    };
  }
}

/** The whole request; undefined where there is no secret. */
function requestOf(
  { credentials, clock, address, mount, verification }: SampleParts,
  id: string,
): Uint8Array | undefined {
  const scheme = SCHEMES[verification];
  const event = EVENTS[verification];
  const facts = {
    type: event,
    action: "test",
    zen: "omnifs webhook test",
    webhookTimestamp: clock.now(),
    id,
  };
  const body = new TextEncoder().encode(JSON.stringify(facts));
  const signature = credentials.signature(mount, body);
  if (signature === undefined) return undefined;
  const head = [
    `POST /hooks/${encodeURIComponent(mount)} HTTP/1.1`,
    `host: ${hostText(address.hostname)}:${address.port}`,
    "content-type: application/json",
    `content-length: ${body.length}`,
    `${scheme.id}: ${id}`,
    `${scheme.event}: ${event}`,
    `${scheme.signature}: ${scheme.prefix}${signature}`,
    "",
    "",
  ];
  return new Uint8Array([...new TextEncoder().encode(head.join("\r\n")), ...body]);
}

async function exchange({ clock, address }: SampleParts, request: Uint8Array): Promise<string> {
  const connection = await Deno.connect({ hostname: reachable(address.hostname), port: address.port });
  const cancel = clock.after(TIMEOUT, () => connection.close());
  try {
    for (let at = 0; at < request.length;) at += await connection.write(request.subarray(at));
    return await textOf(connection);
  } finally {
    cancel();
    connection.close();
  }
}

async function textOf(connection: Deno.Conn): Promise<string> {
  const decoder = new TextDecoder();
  const piece = new Uint8Array(4_096);
  let text = "";
  for (let length = await connection.read(piece); length !== null; length = await connection.read(piece)) {
    text += decoder.decode(piece.subarray(0, length), { stream: true });
  }
  return text;
}

/** The address at which this machine reaches itself where `hostname` stands for all of its addresses. */
export function reachable(hostname: string): string {
  if (hostname === "0.0.0.0") return "127.0.0.1";
  return hostname === "::" ? "::1" : hostname;
}
