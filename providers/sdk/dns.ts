/**
 * The host's side of a DNS provider, for the world `dns-provider`: `ask`, `settings`, `now`, `log`. Importing this file
 * also installs `console` and `Date.now`.
 *
 * @module
 */
/// <reference path="./imports.d.ts" />
import { query } from "omnifs:provider/dns@1.0.0";
import type { DnsError, DnsReply } from "./contract.ts";
import { denied, type ProviderError, unavailable } from "./errors.ts";

export { log } from "./console.ts";
export { settings } from "./settings.ts";
export { now } from "./time.ts";

/** Asks one question. `resolver` is an address, `address:port` or an `https:` URL. Throws a `ProviderError`. */
export function ask(name: string, type: string, resolver: string | undefined): DnsReply {
  try {
    return query(name, type, resolver);
  } catch (error) {
    throw failureOf(name, error);
  }
}

function failureOf(name: string, thrown: unknown): unknown {
  if (typeof thrown !== "object" || thrown === null || !("payload" in thrown)) return thrown;
  return dnsFailure(name, thrown.payload as DnsError);
}

function dnsFailure(name: string, error: DnsError): ProviderError {
  switch (error.tag) {
    case "denied":
      return denied(error.val);
    case "timeout":
      return unavailable(`no DNS server answered in time for ${name}`);
    case "malformed":
      return unavailable(`${name}: ${error.val}`);
  }
}
