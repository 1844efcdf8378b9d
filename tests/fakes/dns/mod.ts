/**
 * A name server on loopback that answers as a test says: over UDP, or over HTTPS in HTTP/1.1. What it knows is what
 * the demo's knows; how a real one behaves is BIND's to show.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import dgram from "node:dgram";
import https from "node:https";
import type { AddressInfo } from "node:net";
// @ts-types="../../../runtime/base/dns_packet.d.ts"
import packet from "dns-packet";
import { answerTo } from "../../../runtime/cli/demo/dns/answers.ts";
import { RECORDS } from "../../../runtime/cli/demo/dns/data.ts";

/** A query as it arrived. */
export interface Seen {
  /** Its number. */
  readonly id: number;
  /** `name type`. */
  readonly question: string;
  /** True where it speaks EDNS(0). */
  readonly edns: boolean;
}

/** The messages that go back for the `turn`th query (from 1 on); `usual` is the right answer. */
export type Behaviour = (query: Seen, turn: number, usual: Uint8Array) => readonly Uint8Array[];

/** Answers rightly. */
export const RIGHTLY: Behaviour = (_query, _turn, usual) => [usual];

/** A server that listens. */
export interface NameServer extends AsyncDisposable {
  /** The port. */
  readonly port: number;
  /** What arrived, oldest first. */
  readonly seen: readonly Seen[];
}

/** Listens for datagrams on `host`, an address of loopback. */
export async function startUdp(host: string, behave: Behaviour): Promise<NameServer> {
  const seen: Seen[] = [];
  const socket = dgram.createSocket(host.includes(":") ? "udp6" : "udp4");
  socket.on("message", (message, { address, port }) => {
    for (const answer of answersTo(message, seen, behave)) socket.send(answer, port, address);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(0, host, resolve);
  });
  return {
    port: socket.address().port,
    seen,
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** How an HTTPS server frames its answers. */
export interface HttpsOptions {
  /** Its certificate and key (PEM). */
  readonly identity: { readonly cert: string; readonly key: string };
  /** The status of each answer; 200 unless told. */
  readonly status?: number;
  /** Their type; `application/dns-message` unless told. */
  readonly type?: string;
}

/** Listens for GET requests (RFC 8484, 4.1) on 127.0.0.1, in HTTP/1.1 alone. */
export async function startHttps(options: HttpsOptions, behave: Behaviour = RIGHTLY): Promise<NameServer> {
  const { identity, status = 200, type = "application/dns-message" } = options;
  const seen: Seen[] = [];
  const server = https.createServer({ ...identity, ALPNProtocols: ["http/1.1"] }, (request, response) => {
    const query = new URL(request.url ?? "", "https://localhost").searchParams.get("dns") ?? "";
    const [answer = new Uint8Array()] = answersTo(Buffer.from(query, "base64url"), seen, behave);
    response.writeHead(request.method === "GET" ? status : 405, { "content-type": type });
    response.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answersTo(message: Uint8Array, seen: Seen[], behave: Behaviour): readonly Uint8Array[] {
  const { id, questions, additionals } = packet.decode(Buffer.from(message));
  const question = questions.map(({ name, type }) => `${name} ${type}`).join();
  const query = { id, question, edns: additionals.some(({ type }) => type === "OPT") };
  seen.push(query);
  return behave(query, seen.length, answerTo(RECORDS, message) ?? new Uint8Array());
}
