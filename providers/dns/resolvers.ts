/**
 * Questions and what their replies mean: what is there, what is not, what failed.
 *
 * @module
 */
import { type DnsReply, notFound, unauthorized, unavailable } from "../sdk/mod.ts";
import { resolverTarget } from "./addresses.ts";
import type { Settings } from "./config.ts";
import { bareName, isWithin } from "./domains.ts";
import type { RecordType } from "./ids.ts";

/** Asks the host one question; throws a `ProviderError`. */
export type Ask = (name: string, type: string, resolver: string | undefined) => DnsReply;

/** The zone that a name lies in, as an SOA tells. */
export interface Zone {
  /** Its apex, without a trailing dot. */
  readonly apex: string;
  /** The number that grows with each change. */
  readonly serial: string;
  /** Seconds until it is worth while to look again. */
  readonly ttl: number;
}

/** Asks the resolvers that paths name. */
export class Resolvers {
  readonly #ask: Ask;
  readonly #settings: Settings;

  /** Asks through `ask`. */
  constructor(ask: Ask, settings: Settings) {
    this.#ask = ask;
    this.#settings = settings;
  }

  /** What `resolver` is called in files; `system` for the system's. */
  nameOf(resolver: string): string {
    return resolver || this.#settings.resolver || "system";
  }

  /** The reply to any question, whatever it says. */
  reply(resolver: string, name: string, type: RecordType): DnsReply {
    const usual = resolver || this.#settings.resolver;
    return this.#ask(name, type, usual === undefined ? undefined : resolverTarget(usual));
  }

  /** The reply to a question, where it tells what is there: NOERROR or NXDOMAIN. Throws for any other. */
  told(resolver: string, name: string, type: RecordType): DnsReply {
    const reply = this.reply(resolver, name, type);
    const who = this.nameOf(resolver);
    switch (reply.rcode) {
      case "noerror":
      case "nxdomain":
        return reply;
      case "refused":
        throw unauthorized(`${who} refuses to answer for ${name}`);
      default:
        throw unavailable(`${who} answered ${reply.rcode.toUpperCase()} for ${name}`);
    }
  }

  /** The reply of {@linkcode Resolvers.told} about a name that is there. Throws `not-found` for one that is not. */
  present(resolver: string, name: string, type: RecordType): DnsReply {
    const reply = this.told(resolver, name, type);
    if (!exists(reply)) throw notFound();
    return reply;
  }
}

/** False where there is no such name. An alias is there, though what it leads to may not be (RFC 6604). */
export function exists({ rcode, answers }: DnsReply): boolean {
  return rcode !== "nxdomain" || answers.length > 0;
}

/** The data of the records of `type`, those at the end of a chain of aliases included, sorted. */
export function dataOf({ answers }: DnsReply, type: RecordType): string[] {
  return answers.filter(({ rtype }) => rtype === type).map(({ data }) => data).sort();
}

/** The zone of `name`, where the reply holds its SOA. An alias brings that of another name too. */
export function zoneOf({ answers, authority }: DnsReply, name: string): Zone | undefined {
  for (const { name: owner, rtype, data, ttl } of [...answers, ...authority]) {
    const apex = bareName(owner);
    const serial = data.split(" ")[2];
    if (rtype === "SOA" && serial !== undefined && isWithin(name, apex)) return { apex, serial, ttl };
  }
  return undefined;
}
