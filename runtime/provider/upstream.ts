/**
 * Bodies that the host fetches by itself: their length by HEAD, their bytes by GET, both through the gate.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { CalloutResponse, Gate, Header, Method } from "../egress/callout.ts";
import { calloutFailure, statusFailure } from "./failures.ts";
import type { Content, Measure } from "./node.ts";

/** Where the bytes are. */
export type UpstreamBody = Content & { readonly tag: "upstream" };

/** A part of a body, in bytes. */
export interface Range {
  /** Where it begins. */
  readonly offset: number;
  /** How long it is. */
  readonly length: number;
  /** How long the whole body is, as it was told before; not known where it is missing. */
  readonly whole?: number;
}

/** Statuses that say no more than that HEAD is not for this URL. */
const NO_HEAD: ReadonlySet<number> = new Set([403, 405, 501]);

/** What a HEAD tells of `body`; where the upstream refuses HEAD, nothing is known. */
export async function measureBody(
  gate: Gate,
  mount: string,
  body: UpstreamBody,
  signal?: AbortSignal,
): Promise<Measure> {
  const response = await send(gate, mount, "head", body, body.headers, signal);
  if (NO_HEAD.has(response.status)) return { size: undefined, ranges: false };
  throwOnStatus(body.url, response);
  const length = headerOf(response, "content-length");
  // The length of a body that is encoded on the way is not that of the bytes that arrive.
  const plain = (headerOf(response, "content-encoding") ?? "identity") === "identity";
  return {
    size: plain && length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined,
    ranges: headerOf(response, "accept-ranges") === "bytes",
  };
}

/**
 * The bytes of `body`, or a range of them. An upstream that does not know ranges sends all, and gets cut.
 *
 * @throws {OmnifsError} `conflict` where the whole body is no longer as long as it was told before
 */
export async function downloadBody(
  gate: Gate,
  mount: string,
  body: UpstreamBody,
  range: Range | undefined,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (range?.length === 0) return new Uint8Array();
  const headers = range === undefined ? body.headers : [...body.headers, rangeHeader(range)];
  const response = await send(gate, mount, "get", body, headers, signal);
  if (range !== undefined && response.status === 416) return new Uint8Array();
  throwOnStatus(body.url, response);
  const bytes = bytesOf(response);
  if (range === undefined) return bytes;
  const whole = response.status === 206 ? wholeOf(response) : bytes.length;
  if (range.whole !== undefined && whole !== undefined && whole !== range.whole) {
    throw new OmnifsError("conflict", `${mount}: ${body.url} has ${whole} bytes now, and not ${range.whole}`);
  }
  if (response.status !== 206) return bytes.subarray(range.offset, range.offset + range.length);
  return bytes.subarray(0, range.length);
}

/** The length of the whole body that a part is of: `Content-Range: bytes 0-9/100` of RFC 9110, section 14.4. */
function wholeOf(response: CalloutResponse): number | undefined {
  const [, whole] = /^bytes \d+-\d+\/(\d{1,15})$/.exec(headerOf(response, "content-range") ?? "") ?? [];
  return whole === undefined ? undefined : Number(whole);
}

/** `Range` of RFC 9110, section 14.2: both ends count. */
function rangeHeader({ offset, length }: Range): Header {
  return { name: "range", value: `bytes=${offset}-${offset + length - 1}` };
}

async function send(
  gate: Gate,
  mount: string,
  method: Method,
  body: UpstreamBody,
  headers: readonly Header[],
  signal: AbortSignal | undefined,
): Promise<CalloutResponse> {
  const expect = method === "head" ? "none" : "bytes";
  const result = await gate.send({ mount, method, url: body.url, headers, expect, write: false }, signal);
  if (signal?.aborted) throw new OmnifsError("interrupted", "the caller gave up", { op: "callout" });
  if (!result.ok) throw calloutFailure(body.url, result.failure);
  return result.response;
}

function throwOnStatus(url: string, response: CalloutResponse): void {
  const failure = statusFailure(url, response.status, (name) => headerOf(response, name));
  if (failure !== undefined) throw failure;
}

function headerOf(response: CalloutResponse, name: string): string | undefined {
  return response.headers.find((header) => header.name === name)?.value;
}

function bytesOf({ body }: CalloutResponse): Uint8Array {
  return typeof body === "string" ? new TextEncoder().encode(body) : body;
}
