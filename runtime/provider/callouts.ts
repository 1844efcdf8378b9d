/**
 * A guest's request on its way to the gate, and the answer on its way back.
 *
 * @module
 */
import { messageOf } from "../base/errors.ts";
import type { BodyKind, Callout, CalloutFailure, CalloutResult, Gate, Method } from "../egress/callout.ts";
import { header } from "./answers.ts";
import type { CalloutReply } from "./protocol.ts";

/** Longest URL, in UTF-16 units, and most headers of one request. */
const URL_LENGTH = 8_192;
const HEADERS = 64;

/** What a guest asks for. */
export interface GuestCallout {
  /** Such as `http.fetch`. */
  readonly name: string;
  /** Its arguments. */
  readonly args: readonly unknown[];
  /** The call of the guest on behalf of which it asks, such as `read-file`. */
  readonly op: string;
}

const METHODS: readonly Method[] = ["get", "head", "post", "put", "patch", "delete"];
const BODIES: readonly BodyKind[] = ["text", "bytes", "none"];

/** The calls on behalf of which a change may go upstream; see `wit/mutations.wit`. */
export const APPLYING: ReadonlySet<string> = new Set(["perform", "undo"]);

/** The call that may not ask for anything. */
export const MUTE = "check";

/**
 * Sends what the guest asks for on behalf of the call `op` through the gate; a request that makes no sense never
 * reaches it.
 */
export async function answerCallout(
  gate: Gate,
  mount: string,
  { name, args, op }: GuestCallout,
  signal: AbortSignal,
): Promise<CalloutReply> {
  if (op === MUTE) return { error: { tag: "denied", val: `${op} may not ask for anything` } };
  let callout: Callout;
  try {
    const request = readRequest(mount, args[0]);
    callout = { ...request, write: name === "http-write.send", applying: APPLYING.has(op) };
  } catch (error) {
    return { error: { tag: "connection", val: messageOf(error) } };
  }
  return replyOf(await gate.send(callout, signal));
}

/** `request` of the contract's `http`, checked: the component's own types may say something else. */
function readRequest(mount: string, request: unknown): Omit<Callout, "write" | "applying"> {
  if (typeof request !== "object" || request === null) throw new Error("the request is no record");
  const { method, url, headers, body, expect } = request as Readonly<Record<string, unknown>>;
  const known = METHODS.find((candidate) => candidate === method);
  const kind = BODIES.find((candidate) => candidate === expect);
  if (known === undefined || kind === undefined || typeof url !== "string" || !Array.isArray(headers)) {
    throw new Error("the request is not one of the contract");
  }
  if (url.length > URL_LENGTH) throw new Error(`the URL is longer than ${URL_LENGTH} characters`);
  if (headers.length > HEADERS) throw new Error(`the request has more than ${HEADERS} headers`);
  const callout = {
    mount,
    method: known,
    url,
    headers: headers.map(header),
    expect: kind,
  };
  const sent = readBody(body);
  return sent === undefined ? callout : { ...callout, body: sent };
}

function readBody(body: unknown): string | Uint8Array | undefined {
  if (body === undefined || body === null) return undefined;
  const value = typeof body === "object" && "val" in body ? body.val : undefined;
  if (typeof value === "string" || value instanceof Uint8Array) return value;
  throw new Error("the body is neither text nor bytes");
}

function replyOf(result: CalloutResult): CalloutReply {
  if (!result.ok) return { error: httpError(result.failure) };
  const { status, headers, body } = result.response;
  const tag = typeof body === "string" ? "text" : "bytes";
  return {
    ok: { status, headers: headers.map(({ name, value }) => ({ name, value })), body: { tag, val: body } },
  };
}

/** A case of the contract's `http-error`. */
function httpError(
  failure: CalloutFailure,
): { readonly tag: string; readonly val?: string | bigint | undefined } {
  switch (failure.tag) {
    case "denied": {
      const flag = failure.flag === "" ? "" : ` (${failure.flag})`;
      return { tag: "denied", val: `${failure.target} was not granted${flag}: ${failure.reason}` };
    }
    case "connection":
      return { tag: "connection", val: failure.reason };
    case "rate-limited": {
      const { milliseconds } = failure;
      return {
        tag: "rate-limited",
        val: milliseconds === undefined ? undefined : BigInt(Math.ceil(milliseconds)),
      };
    }
    default:
      return { tag: failure.tag };
  }
}
