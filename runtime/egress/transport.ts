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
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.byteLength;
    // Leaving the loop cancels the body.
    if (length > limit) throw new BodyTooLarge();
    // A chunk is a view of a buffer of 64 KiB however short it is: kept as it came, lines sent one by one would
    // take thousands of times their length.
    chunks.push(chunk.byteLength * 2 < chunk.buffer.byteLength ? chunk.slice() : chunk);
  }
  return joined(chunks, length);
}

/** Lets go of an answer that nobody reads. */
export async function discard(response: Response): Promise<void> {
  await response.body?.cancel();
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1 && first.byteLength === first.buffer.byteLength) {
    return first;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
