/**
 * One query to one DNS server, over UDP and over TCP. The server was judged before.
 *
 * @module
 */
import dgram from "node:dgram";
import net from "node:net";
import type { Clock } from "../base/clock.ts";
import { decodeAnswer, type Message, type Query } from "./dns_message.ts";
import { MalformedMessage } from "./dns_text.ts";

/** A server by address. */
export interface Server {
  /** Canonical address. */
  readonly host: string;
  /** Its port. */
  readonly port: number;
}

/** What an exchange stands on. */
export interface ExchangeParts {
  /** Where timeouts come from. */
  readonly clock: Clock;
  /** Gives the exchange up. */
  readonly signal: AbortSignal;
}

/** No answer in time. */
export class NoAnswer extends Error {}

/** Milliseconds to wait for a datagram, for each try; resolv.conf(5) waits 5 s, and tries twice. */
const UDP_WAITS = [1_500, 3_500];

/** Milliseconds for a whole exchange over TCP. */
const TCP_WAIT = 5_000;

/** Asks over UDP; a lost datagram is sent again once. Answers that belong to another question are passed over. */
export async function overUdp(server: Server, query: Query, parts: ExchangeParts): Promise<Message> {
  for (const wait of UDP_WAITS) {
    const message = await datagram(server, query, wait, parts);
    if (message !== undefined) return message;
  }
  throw new NoAnswer(`${server.host} did not answer`);
}

function datagram(
  server: Server,
  query: Query,
  wait: number,
  parts: ExchangeParts,
): Promise<Message | undefined> {
  const socket = dgram.createSocket(server.host.includes(":") ? "udp6" : "udp4");
  return settled(parts, wait, () => socket.close(), (resolve, reject) => {
    socket.on("error", reject);
    socket.on("message", (bytes) => {
      try {
        const message = decodeAnswer(query, bytes);
        if (message !== undefined) resolve(message);
      } catch (error) {
        reject(error);
      }
    });
    // Connected, so that the kernel drops what comes from anybody else.
    socket.connect(server.port, server.host, () => {
      socket.send(query.bytes, (error) => error && reject(error));
    });
  });
}

/** Asks over TCP, where each message stands behind its length (RFC 1035, 4.2.2). */
export async function overTcp(server: Server, query: Query, parts: ExchangeParts): Promise<Message> {
  const socket = net.connect({ host: server.host, port: server.port });
  const bytes = await settled<Uint8Array>(parts, TCP_WAIT, () => socket.destroy(), (resolve, reject) => {
    const chunks: Uint8Array[] = [];
    socket.on("error", reject);
    socket.on("close", () => reject(new MalformedMessage("the server closed the connection")));
    socket.on("data", (chunk: Uint8Array) => {
      chunks.push(chunk);
      const whole = wholeMessage(chunks);
      if (whole !== undefined) resolve(whole);
    });
    const { length } = query.bytes;
    socket.write(new Uint8Array([length >> 8, length & 0xff, ...query.bytes]));
  });
  if (bytes === undefined) throw new NoAnswer(`${server.host} did not answer over TCP`);
  const message = decodeAnswer(query, bytes);
  if (message === undefined || message.truncated) {
    throw new MalformedMessage("the answer over TCP is not that of the question");
  }
  return message;
}

/** The first message of a stream, once it is whole. */
function wholeMessage(chunks: readonly Uint8Array[]): Uint8Array | undefined {
  const bytes = new Uint8Array(chunks.flatMap((chunk) => [...chunk]));
  if (bytes.length < 2) return undefined;
  const length = (bytes[0] ?? 0) << 8 | (bytes[1] ?? 0);
  return bytes.length < length + 2 ? undefined : bytes.subarray(2, length + 2);
}

/** Runs `begin` until it settles, `wait` is over (undefined) or the caller gives up; then `end`. */
async function settled<Value>(
  { clock, signal }: ExchangeParts,
  wait: number,
  end: () => void,
  begin: (resolve: (value: Value) => void, reject: (error: unknown) => void) => void,
): Promise<Value | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Value | undefined>();
  const cancel = clock.after(wait, () => resolve(undefined));
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    signal.throwIfAborted();
    begin(resolve, reject);
    return await promise;
  } finally {
    cancel();
    signal.removeEventListener("abort", stop);
    end();
  }
}
