/**
 * The contract's `dns`: one question to the system's resolver, to a server by address, or to one by HTTPS.
 *
 * @module
 */
import { canonicalAddress } from "./address.ts";
import type { DnsReply, Question } from "./callout.ts";
import { type Checkpoint, denied, Refusal } from "./checkpoint.ts";
import { type Destination, parseDestination } from "./destination.ts";
import { DnsHttps } from "./dns_https.ts";
import { encodeQuery, type Message, type Query, questionFault } from "./dns_message.ts";
import { type ExchangeParts, NoAnswer, overTcp, overUdp, type Server } from "./dns_socket.ts";
import { MalformedMessage } from "./dns_text.ts";
import type { Clock } from "../base/clock.ts";
import type { Transport } from "./transport.ts";
import { DNS_PORT, SYSTEM_RESOLVER } from "./dns_system.ts";

/** What the client stands on. */
export interface DnsParts {
  /** Says what may be asked. */
  readonly checkpoint: Checkpoint;
  /** The way to DoH servers. */
  readonly transport: Transport;
  /** Where timeouts come from. */
  readonly clock: Clock;
  /** The system's servers, in the order in which they are asked. */
  readonly nameservers: readonly Server[];
}

/** Where a question goes. */
type Resolver =
  | { readonly kind: "servers"; readonly servers: readonly Server[] }
  | { readonly kind: "https"; readonly destination: Destination };

/** Asks questions. */
export class DnsClient {
  readonly #parts: DnsParts;
  readonly #https: DnsHttps;

  /** Asks nobody yet. */
  constructor(parts: DnsParts) {
    this.#parts = parts;
    this.#https = new DnsHttps(parts.transport);
  }

  /**
   * Asks one question on behalf of `mount`. Rejects with a {@linkcode Refusal} where it may not be asked or nobody
   * answers, and with what went wrong otherwise.
   */
  async ask(mount: string, question: Question, signal: AbortSignal): Promise<DnsReply> {
    const resolver = this.#resolver(mount, question.resolver);
    const fault = questionFault(question);
    if (fault !== undefined) throw new MalformedMessage(fault);
    const { reply } = await this.#withoutEdns(resolver, question, signal);
    return reply;
  }

  /** Closes every kept connection. */
  close(): void {
    this.#https.close();
  }

  /** The resolver that `text` names, if it may be asked. */
  #resolver(mount: string, text: string | undefined): Resolver {
    const { checkpoint, nameservers } = this.#parts;
    if (text === undefined) {
      checkpoint.permitResolver(mount, SYSTEM_RESOLVER);
      for (const { host, port } of nameservers) {
        checkpoint.checkForbidden({ kind: "address", host, port });
      }
      if (nameservers.length > 0) return { kind: "servers", servers: nameservers };
      throw new MalformedMessage("/etc/resolv.conf names no server");
    }
    const server = serverOf(text);
    if (server !== undefined) {
      checkpoint.permitResolver(mount, { kind: "address", ...server });
      return { kind: "servers", servers: [server] };
    }
    const destination = httpsDestination(text);
    checkpoint.permitResolver(mount, destination.endpoint);
    return { kind: "https", destination };
  }

  /** A server that does not know EDNS answers FORMERR or NOTIMP, and is asked without it (RFC 6891, 7). */
  async #withoutEdns(resolver: Resolver, question: Question, signal: AbortSignal): Promise<Message> {
    const message = await this.#exchange(resolver, encodeQuery(question, idFor(resolver)), signal);
    const { rcode } = message.reply;
    if (rcode !== "formerr" && rcode !== "notimp") return message;
    return await this.#exchange(resolver, encodeQuery(question, idFor(resolver), false), signal);
  }

  async #exchange(resolver: Resolver, query: Query, signal: AbortSignal): Promise<Message> {
    if (resolver.kind === "https") return await this.#https.ask(resolver.destination, query, signal);
    const parts = { clock: this.#parts.clock, signal };
    let last: unknown;
    for (const server of resolver.servers) {
      try {
        return await exchange(server, query, parts);
      } catch (error) {
        signal.throwIfAborted();
        last = error;
      }
    }
    throw last instanceof NoAnswer ? new Refusal({ tag: "timeout" }) : last;
  }
}

/** UDP first; what it could not hold comes over TCP. */
async function exchange(server: Server, query: Query, parts: ExchangeParts): Promise<Message> {
  const message = await overUdp(server, query, parts);
  return message.truncated ? await overTcp(server, query, parts) : message;
}

/** A number that nobody can guess; over HTTPS zero, so that caches on the way can tell equals (RFC 8484, 4.1). */
function idFor({ kind }: Resolver): number {
  return kind === "https" ? 0 : crypto.getRandomValues(new Uint16Array(1))[0] ?? 0;
}

/** `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353`; undefined for anything else. */
export function serverOf(text: string): Server | undefined {
  const whole = canonicalAddress(text);
  if (whole !== undefined) return { host: whole, port: DNS_PORT };
  const [, bare = "", digits = ""] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  const host = bare.includes(":") && !bare.startsWith("[") ? undefined : canonicalAddress(bare);
  const port = Number(digits);
  return host !== undefined && port > 0 && port < 65_536 ? { host, port } : undefined;
}

function httpsDestination(text: string): Destination {
  const parsed = parseDestination(text);
  if ("refused" in parsed) throw new MalformedMessage(`${text.slice(0, 300)}: ${parsed.refused}`);
  const { endpoint, secure } = parsed.destination;
  if (endpoint.kind !== "unix" && secure) return parsed.destination;
  throw denied(endpoint, "a resolver is an address or an https: URL", "");
}
