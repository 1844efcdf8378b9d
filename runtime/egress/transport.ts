/**
 * The only way to the network: requests over kept connections, each of which leads to an address that was judged.
 *
 * `fetch` resolves a name by itself, out of reach of any check. Here a connection resolves its name, each address
 * is judged before anything is connected to, and the connection goes to one of those: a name that answers
 * differently the next time (DNS rebinding) gets nowhere. The TLS certificate is checked against the name.
 *
 * `HTTPS_PROXY` and its like are not heeded: a proxy resolves names by itself, and no address that it connects to
 * could be checked. Where the network has no other way out, callouts fail as `connection`.
 *
 * @module
 */
import http from "node:http";
import https from "node:https";
import net from "node:net";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import { canonicalAddress } from "./address.ts";
import type { Answer } from "./body.ts";
import { type Destination, type Endpoint, SOCKET_HOST } from "./destination.ts";
import { type Lookup, nodeLookup } from "./resolver.ts";
import { answerOf } from "./unpack.ts";

/** A request as it goes out. */
export interface Outgoing {
  /** Upper case. */
  readonly method: string;
  /** Everything that goes out, the credential included; the transport adds `host` and `accept-encoding`. */
  readonly headers: Headers;
  /** The body, where there is one. */
  readonly body: string | Uint8Array | undefined;
  /** True where the body may come packed, and is to be unpacked. */
  readonly unpack: boolean;
  /** Ends the request and the reading of its answer. */
  readonly signal: AbortSignal;
}

/** Throws where `address`, to which `asked` leads, may not be connected to. */
export type Judge = (address: string, asked: Endpoint) => void;

/** What a transport stands on. */
export interface TransportParts {
  /** Asked about each address before it is connected to. */
  readonly judge: Judge;
  /** The resolver of names; the system's by default. */
  readonly lookup?: Lookup | undefined;
  /** Certificates (PEM) to trust in place of the usual ones. */
  readonly roots?: string | undefined;
}

/** Connections to one host at once; more requests wait for one of them. */
const CONNECTIONS = 64;

/** Idle connections to one host that are kept. */
const KEPT = 16;

/**
 * How connections are kept. Not at all in Deno 2.7, whose `node:http` does not let go of an idle one at the end, and keeps
 * one wherever their number is bounded; the instances of providers bound it too.
 */
const KEEPING: http.AgentOptions = Deno.version.deno.startsWith("2.7.")
  ? { keepAlive: false }
  : { keepAlive: true, maxSockets: CONNECTIONS, maxFreeSockets: KEPT };

/** The codings that {@linkcode answerOf} unpacks. */
const PACKED = "gzip, br";

/** Methods that may be sent twice (RFC 9110, 9.2.2) where a kept connection turns out to be closed. */
const REPEATABLE: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** A request that got no answer. */
class Unanswered extends Error {
  /** True where it went over a kept connection, which the upstream may have closed meanwhile. */
  readonly stale: boolean;

  constructor(cause: unknown, stale: boolean) {
    super("no answer", { cause });
    this.stale = stale;
  }
}

/** Sends requests and keeps their connections alive. */
export class Transport {
  readonly #parts: TransportParts;
  readonly #agents = new Map<string, http.Agent>();

  /** Connects to what `parts.judge` lets pass. */
  constructor(parts: TransportParts) {
    this.#parts = parts;
  }

  /** Sends one request; redirects are the caller's to follow. Rejects where there is no answer. */
  async send(destination: Destination, outgoing: Outgoing): Promise<Answer> {
    try {
      return await this.#exchange(destination, outgoing);
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      if (!error.stale || !REPEATABLE.has(outgoing.method) || outgoing.signal.aborted) throw error.cause;
    }
    return await this.#exchange(destination, outgoing).catch((error) => {
      throw error instanceof Unanswered ? error.cause : error;
    });
  }

  /** A judged TLS connection of the caller's own, over which one of `protocols` was agreed on. */
  async connect({ endpoint }: Destination, protocols: string[]): Promise<Duplex> {
    if (endpoint.kind === "unix") throw new Error("no TLS through a Unix socket");
    const socket = this.#connect(endpoint.host, endpoint.port, protocols);
    const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
    socket.once("secureConnect", () => resolve(socket));
    socket.once("close", () => reject(new Error("the connection was closed before it was made")));
    socket.on("error", reject);
    return await promise;
  }

  /** Closes every connection. */
  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  #exchange(destination: Destination, outgoing: Outgoing): Promise<Answer> {
    const { signal, body, unpack } = outgoing;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    signal.throwIfAborted();
    const request = requestTo(destination, outgoing, this.#agent(destination));
    const stop = () => giveUp(request);
    signal.addEventListener("abort", stop, { once: true });
    request.once("error", (error) => reject(new Unanswered(error, request.reusedSocket)));
    request.once("close", () => {
      signal.removeEventListener("abort", stop);
      reject(new Unanswered(new Error("the connection was closed before an answer"), request.reusedSocket));
    });
    request.once("response", (message) => {
      const stopReading = () => message.destroy(new Error("the request was given up"));
      signal.addEventListener("abort", stopReading, { once: true });
      message.once("close", () => signal.removeEventListener("abort", stopReading));
      resolve(answerOf(message, unpack));
    });
    // A fault after the answer began shows in its body.
    request.on("error", () => {});
    request.end(body);
    return promise;
  }

  #agent({ endpoint, url }: Destination): http.Agent {
    const secure = url.startsWith("https:");
    const key = endpoint.kind === "unix" ? `unix:${endpoint.host}` : secure ? "https" : "http";
    const known = this.#agents.get(key);
    if (known !== undefined) return known;
    const agent = new (secure ? https.Agent : http.Agent)(KEEPING);
    agent.createConnection = endpoint.kind === "unix"
      ? () => net.connect({ path: endpoint.host })
      : ({ host, port }) => this.#connect(String(host), Number(port), secure ? ["http/1.1"] : undefined);
    this.#agents.set(key, agent);
    return agent;
  }

  /** A connection to `host`, given up before it is made where one of its addresses may not be used. */
  #connect(host: string, port: number, protocols: string[] | undefined): net.Socket {
    const { lookup, roots } = this.#parts;
    const to = { host, port, ...(lookup === undefined ? {} : { lookup: nodeLookup(lookup) }) };
    const name = canonicalAddress(host) === undefined;
    const socket = protocols !== undefined
      ? tls.connect({
        ...to,
        ALPNProtocols: protocols,
        ...(name ? { servername: host } : {}),
        ...(roots === undefined ? {} : { ca: roots }),
      })
      : net.connect(to);
    socket.setNoDelay(true);
    this.#guard(socket, { kind: name ? "name" : "address", host, port });
    return socket;
  }

  #guard(socket: net.Socket, asked: Endpoint): void {
    const judged = new Set<string>(asked.kind === "address" ? [asked.host] : []);
    // Comes once for each address, before the first of them is connected to.
    socket.on("lookup", (error: Error | null, address: string | undefined) => {
      if (error !== null && error !== undefined) return;
      guarded(socket, () => judged.add(this.#judged(address ?? "", asked)));
    });
    socket.once("connect", () =>
      guarded(socket, () => {
        if (!judged.has(canonicalAddress(socket.remoteAddress ?? "") ?? "")) {
          throw new Error("the connection led to another address than the one that was checked");
        }
      }));
  }

  #judged(text: string, asked: Endpoint): string {
    const address = canonicalAddress(text);
    if (address === undefined) throw new Error(`${asked.host} leads to what is no address`);
    this.#parts.judge(address, asked);
    return address;
  }
}

/** Ends `request`, wherever it is. */
function giveUp(request: http.ClientRequest): void {
  const given = new Error("the request was given up");
  try {
    request.destroy(given);
  } catch {
    // Deno 2.7 has nothing to cancel yet while a connection is being made; then that is what has to end.
    request.socket?.destroy(given);
    request.emit("close");
  }
}

/** Runs `check`, and ends `socket` with what it throws. */
function guarded(socket: net.Socket, check: () => void): void {
  try {
    check();
  } catch (error) {
    socket.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

function requestTo(destination: Destination, outgoing: Outgoing, agent: http.Agent): http.ClientRequest {
  const { endpoint, url } = destination;
  const { protocol, hostname, port, pathname, search } = new URL(url);
  const secure = protocol === "https:";
  const headers = Object.fromEntries(outgoing.headers);
  headers["accept-encoding"] = outgoing.unpack ? PACKED : "identity";
  if (endpoint.kind === "unix") headers["host"] = "localhost";
  return (secure ? https : http).request({
    agent,
    method: outgoing.method,
    hostname: endpoint.kind === "unix" ? SOCKET_HOST : hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? (secure ? 443 : 80) : Number(port),
    path: pathname + search,
    headers,
  });
}
