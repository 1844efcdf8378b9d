/**
 * The only way to the network: the one `fetch` of omnifs, over pooled connections and Unix sockets, and the
 * reading of a body up to a limit.
 *
 * @module
 */
import type { Destination } from "./destination.ts";

/** A request as it goes out. */
export interface Outgoing {
  /** Upper case. */
  readonly method: string;
  /** Everything that goes out, the credential included. */
  readonly headers: Headers;
  /** The body, where there is one. */
  readonly body: string | Uint8Array | undefined;
  /** Ends the request and the reading of its answer. */
  readonly signal: AbortSignal;
}

/** The room for a body to begin with; it doubles as more arrives. */
const FIRST_BYTES = 64 * 1024;

/** A body was longer than its limit. */
export class BodyTooLarge extends Error {}

/** Sends requests and keeps their connections alive. */
export class Transport {
  readonly #web: Deno.HttpClient = Deno.createHttpClient({});
  readonly #sockets = new Map<string, Deno.HttpClient>();

  /** Sends one request; redirects are the caller's to follow. Rejects where there is no answer. */
  send(destination: Destination, { method, headers, body, signal }: Outgoing): Promise<Response> {
    const { endpoint, url } = destination;
    const socket = endpoint.kind === "unix";
    if (socket) headers.set("host", "localhost");
    return fetch(url, {
      method,
      headers,
      signal,
      redirect: "manual",
      client: socket ? this.#socket(endpoint.host) : this.#web,
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : new Uint8Array(body) }),
    });
  }

  /** Closes every kept connection. */
  close(): void {
    this.#web.close();
    for (const client of this.#sockets.values()) client.close();
    this.#sockets.clear();
  }

  #socket(path: string): Deno.HttpClient {
    const known = this.#sockets.get(path);
    if (known !== undefined) return known;
    const client = Deno.createHttpClient({ proxy: { transport: "unix", path }, allowHost: true });
    this.#sockets.set(path, client);
    return client;
  }
}

/**
 * The whole body of `response`, at most `limit` bytes of it.
 *
 * @throws BodyTooLarge where `content-length` says more, before anything is read, or where more arrives.
 */
export async function readBody(response: Response, limit: number): Promise<Uint8Array> {
  const body = response.body;
  if (body === null) return new Uint8Array();
  if (Number(response.headers.get("content-length") ?? 0) > limit) {
    await body.cancel();
    throw new BodyTooLarge();
  }
  // Into one buffer of ours: a chunk by itself takes 64 KiB however short it is, and a log comes line by line.
  const reader = body.getReader({ mode: "byob" });
  let buffer = new Uint8Array(FIRST_BYTES);
  for (let length = 0;;) {
    if (length === buffer.length) buffer = doubled(buffer);
    const { done, value } = await reader.read(buffer.subarray(length));
    if (value !== undefined) buffer = new Uint8Array(value.buffer);
    if (done) return buffer.slice(0, length);
    length += value.byteLength;
    if (length <= limit) continue;
    await reader.cancel();
    throw new BodyTooLarge();
  }
}

/** Lets go of an answer that nobody reads. */
export async function discard(response: Response): Promise<void> {
  await response.body?.cancel();
}

function doubled(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes.length * 2);
  larger.set(bytes);
  return larger;
}
