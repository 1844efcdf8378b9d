/**
 * What the two ways of signing a delivery have in common, and what sets them apart.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Verification } from "./webhook.ts";
import type { Head } from "./webhook_head.ts";

/** One way of signing. */
export interface Scheme {
  /** The header with the signature. */
  readonly signature: string;
  /** What stands before its hexadecimal digits. */
  readonly prefix: string;
  /** The header with the number of the delivery. */
  readonly id: string;
  /** The header with what happened. */
  readonly event: string;
  /** True where the body holds the time at which it was signed. */
  readonly timed: boolean;
  /** The status that says that a delivery was taken. */
  readonly taken: number;
}

/** Every way of signing that the contract knows. */
export const SCHEMES: Readonly<Record<Verification, Scheme>> = {
  // https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries; any 2xx will do.
  "hub-signature256": {
    signature: "x-hub-signature-256",
    prefix: "sha256=",
    id: "x-github-delivery",
    event: "x-github-event",
    timed: false,
    taken: 202,
  },
  // https://linear.app/developers/webhooks; any other status than 200 counts as a failure, and is tried again.
  "linear-signature": {
    signature: "linear-signature",
    prefix: "",
    id: "linear-delivery",
    event: "linear-event",
    timed: true,
    taken: 200,
  },
};

/** How old a delivery's timestamp may be, in milliseconds. */
const OLDEST = 5 * 60_000;

/** How far it may lie ahead of this machine's clock. */
const AHEAD = 60_000;

/** Longest number of a delivery, and longest word for what happened, that is passed on. */
const WORD_MAX = 100;

/** The signature of a request; undefined where it has none in the right form: 32 bytes, in hexadecimal. */
export function signatureOf({ headers }: Head, { signature, prefix }: Scheme): Uint8Array | undefined {
  const text = headers.get(signature) ?? "";
  const digits = text.slice(prefix.length);
  if (!text.startsWith(prefix) || !/^[0-9a-f]{64}$/i.test(digits)) return undefined;
  return new Uint8Array(Buffer.from(digits, "hex"));
}

/** True where a timed body was signed around `now`, in milliseconds since the Unix epoch. Only for a body whose signature holds. */
export function isTimely(body: Uint8Array, { timed }: Scheme, now: number): boolean {
  if (!timed) return true;
  const time = timestampOf(body);
  return time !== undefined && time > now - OLDEST && time < now + AHEAD;
}

/** `webhookTimestamp` of a JSON object; undefined where it has none. */
function timestampOf(body: Uint8Array): number | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    if (typeof value !== "object" || value === null || !("webhookTimestamp" in value)) return undefined;
    const { webhookTimestamp } = value;
    return typeof webhookTimestamp === "number" ? webhookTimestamp : undefined;
  } catch {
    return undefined;
  }
}

/** A word of a header, cut to a sane length; empty where there is none. */
export function wordOf({ headers }: Head, name: string): string {
  return (headers.get(name) ?? "").slice(0, WORD_MAX);
}

/** What a delivery may say beside its body: the upstream's own words. */
const PASSED = /^(?:content-type|user-agent|x-.+|linear-.+)$/;

/** And what it may not: what signs or opens something, and what is between here and there. */
const KEPT_BACK = /signature|token|secret|auth|cookie|password|-key|forwarded|real-ip/;

/** The headers for the provider. */
export function passedHeaders({ headers }: Head): [string, string][] {
  return [...headers].filter(([name]) => PASSED.test(name) && !KEPT_BACK.test(name));
}
