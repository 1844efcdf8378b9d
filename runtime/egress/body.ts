/**
 * The reading of an answer's body, up to a limit.
 *
 * @module
 */
import type { Readable } from "node:stream";

/** An upstream's answer, before its body is read. */
export interface Answer {
  /** The HTTP status. */
  readonly status: number;
  /** As they came. */
  readonly headers: Headers;
  /** The body; destroying it ends the connection. */
  readonly body: Readable;
  /** True where the body is unpacked on the way, so that its packed length and its encoding are no longer true. */
  readonly unpacked: boolean;
}

/** A body was longer than its limit. */
export class BodyTooLarge extends Error {}

/** The longest body that is read to its end only to keep the connection: a redirect's page, a short error. */
const WORTH_READING = 64 * 1_024;

/**
 * The whole body of `answer`, at most `limit` bytes of it.
 *
 * @throws BodyTooLarge where `content-length` says more, before anything is read, or where more arrives.
 */
export async function readBody({ headers, body }: Answer, limit: number): Promise<Uint8Array> {
  if (Number(headers.get("content-length") ?? 0) > limit) {
    body.destroy();
    throw new BodyTooLarge();
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > limit) {
      // Leaving the loop does it too, but not in Deno 2.7.
      body.destroy();
      throw new BodyTooLarge();
    }
    chunks.push(compact(chunk));
  }
  return joined(chunks, length);
}

/** A chunk may be a short view of a large buffer, and a log comes line by line: a view would keep all of it. */
function compact(chunk: Uint8Array): Uint8Array {
  return chunk.byteLength * 2 < chunk.buffer.byteLength ? new Uint8Array(chunk) : chunk;
}

/** Lets go of an answer that nobody reads; the connection is kept where the rest of it is short. */
export async function discard(answer: Answer): Promise<void> {
  const length = answer.headers.get("content-length");
  const short = answer.body.readableEnded || (length !== null && Number(length) <= WORTH_READING);
  if (short || BODILESS.has(answer.status)) await readBody(answer, WORTH_READING);
  else answer.body.destroy();
}

/** Statuses of answers without a body (RFC 9110, 6.4.1). */
export const BODILESS: ReadonlySet<number> = new Set([204, 304]);

/** One array of its own, since it is handed over to another thread whole. */
function joined(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
