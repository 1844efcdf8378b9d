/**
 * DNS over HTTPS (RFC 8484): HTTP/2 where the server speaks it, HTTP/1.1 otherwise. The connections are the
 * transport's, so each address is judged before anything is connected to.
 *
 * @module
 */
import http2 from "node:http2";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { readBody } from "./body.ts";
import type { Destination } from "./destination.ts";
import { decodeAnswer, type Message, type Query } from "./dns_message.ts";
import { MalformedMessage } from "./dns_text.ts";
import type { Transport } from "./transport.ts";

/** The media type of a message. */
const MESSAGE = "application/dns-message";

/** Bytes of the longest message: its length has 16 bits over TCP. */
const LONGEST = 65_535;

/** Asks DoH servers, over connections that it keeps. */
export class DnsHttps {
  readonly #transport: Transport;
  readonly #sessions = new Map<string, Promise<http2.ClientHttp2Session | undefined>>();

  /** Connects through `transport`. */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Asks the server at `destination`. Rejects where it gives no answer of its own. */
  async ask(destination: Destination, query: Query, signal: AbortSignal): Promise<Message> {
    const session = await this.#session(destination);
    const bytes = session === undefined
      ? await this.#plain(destination, query, signal)
      : await posted(session, destination, query, signal);
    const message = decodeAnswer(query, bytes);
    if (message !== undefined && !message.truncated) return message;
    throw new MalformedMessage("the answer is not that of the question");
  }

  /** Closes every connection. */
  close(): void {
    for (const session of this.#sessions.values()) session.then((open) => open?.destroy(), () => {});
    this.#sessions.clear();
  }

  /** The kept connection; undefined where the server does not speak HTTP/2. */
  #session(destination: Destination): Promise<http2.ClientHttp2Session | undefined> {
    const { origin } = destination;
    const known = this.#sessions.get(origin);
    if (known !== undefined) return known;
    const forget = () => {
      if (this.#sessions.get(origin) === opening) this.#sessions.delete(origin);
    };
    const opening = this.#open(destination, forget);
    this.#sessions.set(origin, opening);
    opening.catch(forget);
    return opening;
  }

  async #open(destination: Destination, forget: () => void): Promise<http2.ClientHttp2Session | undefined> {
    const socket = await this.#transport.connect(destination, ["h2", "http/1.1"]);
    if (!speaksHttp2(socket)) {
      socket.destroy();
      return undefined;
    }
    const session = http2.connect(destination.origin, { createConnection: () => socket });
    session.on("error", forget);
    session.on("goaway", forget);
    session.on("close", forget);
    return session;
  }

  /** A GET over HTTP/1.1, with the message in the URL (RFC 8484, 4.1). */
  async #plain(destination: Destination, query: Query, signal: AbortSignal): Promise<Uint8Array> {
    const url = new URL(destination.url);
    url.searchParams.set("dns", query.bytes.toBase64({ alphabet: "base64url", omitPadding: true }));
    const headers = new Headers({ accept: MESSAGE });
    const outgoing = { method: "GET", headers, body: undefined, unpack: false, signal };
    const answer = await this.#transport.send({ ...destination, url: url.href }, outgoing);
    checkAnswer(answer.status, answer.headers.get("content-type"));
    return await readBody(answer, LONGEST);
  }
}

/** A POST over HTTP/2. */
async function posted(
  session: http2.ClientHttp2Session,
  { url }: Destination,
  { bytes }: Query,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { pathname, search } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const stream = session.request({
    ":method": "POST",
    ":path": pathname + search,
    "content-type": MESSAGE,
    "accept": MESSAGE,
    "content-length": String(bytes.length),
  });
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  const body: number[] = [];
  stream.on("response", (headers) => {
    try {
      checkAnswer(Number(headers[":status"]), headers["content-type"]);
    } catch (error) {
      reject(error);
    }
  });
  stream.on("data", (chunk: Uint8Array) => {
    for (const byte of chunk) body.push(byte);
    if (body.length > LONGEST) reject(new MalformedMessage("an answer of more than 65,535 bytes"));
  });
  stream.on("end", () => resolve(new Uint8Array(body)));
  stream.on("error", reject);
  stream.on("close", () => reject(new MalformedMessage("the server closed the connection")));
  stream.end(bytes);
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", stop);
    stream.destroy();
  }
}

function checkAnswer(status: number, type: string | null | undefined): void {
  if (status !== 200) throw new MalformedMessage(`the DoH server answered ${status}`);
  if (type?.split(";")[0]?.trim().toLowerCase() !== MESSAGE) {
    throw new MalformedMessage(`the server answered ${type ?? "nothing"}: is it a DoH server?`);
  }
}

function speaksHttp2(socket: Duplex): boolean {
  return (socket as TLSSocket).alpnProtocol === "h2";
}
