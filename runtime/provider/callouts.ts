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

const METHODS: readonly Method[] = ["get", "head", "post", "put", "patch", "delete"];
const BODIES: readonly BodyKind[] = ["text", "bytes", "none"];

/** Sends what the guest asks for through the gate; a request that makes no sense never reaches it. */
export async function answerCallout(
  gate: Gate,
  mount: string,
  name: string,
  args: readonly unknown[],
  signal: AbortSignal,
): Promise<CalloutReply> {
  let callout: Callout;
  try {
    callout = readRequest(mount, name, args[0]);
  } catch (error) {
    return { error: { tag: "connection", val: messageOf(error) } };
  }
  return replyOf(await gate.send(callout, signal));
}

/** `request` of the contract's `http`, checked: the component's own types may say something else. */
function readRequest(mount: string, name: string, request: unknown): Callout {
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
    write: name === "http-write.send",
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
