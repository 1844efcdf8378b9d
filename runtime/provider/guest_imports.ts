/**
 * What an instance is given: the interfaces of the contract, each as little as it can be. A component that does not
 * import an interface never sees it.
 *
 * @module
 */
import { systemClock } from "../base/clock.ts";
import { LEVELS } from "../base/log.ts";
import { interfaceName, suspending } from "./contract.ts";
import { limited, type Say } from "./log_limit.ts";

/** Asks the host for something; the guest is suspended until it has answered. */
export type Callout = (name: string, args: readonly unknown[]) => Promise<unknown>;

/** What the imports of an instance stand on. */
export interface GuestHost {
  /** Asks the host. */
  readonly callout: Callout;
  /** The settings as JSON. */
  readonly settings: () => string;
  /** Hands a line to the operator's log. */
  readonly log: Say;
}

/** Longest message, in UTF-16 units. */
const LOG_LENGTH = 2_000;

/** The import object of one instance, by interface name with and without its version. */
export function guestImports(host: GuestHost): Readonly<Record<string, unknown>> {
  const interfaces: Readonly<Record<string, unknown>> = {
    "types": {},
    "http": { fetch: (request: unknown) => host.callout("http.fetch", [request]) },
    "http-write": { send: (request: unknown) => host.callout("http-write.send", [request]) },
    "settings": { get: host.settings },
    "clock": { now: () => BigInt(systemClock.now()) },
    "log": { log: logOf(host.log) },
    "dns": {
      query: (name: unknown, type: unknown, resolver: unknown) =>
        host.callout("dns.query", [name, type, resolver]),
    },
    "packer": questionsOf("packer", host.callout),
    "packer-write": questionsOf("packer-write", host.callout),
  };
  return Object.fromEntries(
    Object.entries(interfaces).flatMap(([short, functions]) => {
      const name = interfaceName(short);
      return [[name, functions], [name.replace(/@.*/, ""), functions]];
    }),
  );
}

/** An interface of the contract of which every question is the host's to answer. */
function questionsOf(
  short: string,
  callout: Callout,
): Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>> {
  return Object.fromEntries(
    suspending(short).map((name) => [
      name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      (...args) => callout(`${short}.${name}`, args),
    ]),
  );
}

/** `log` of the contract. The host counts lines too: this keeps them from being sent at all. */
function logOf(log: Say): (level: string, message: string) => void {
  const say = limited(log);
  return (level, message) => {
    const known = LEVELS.find((candidate) => candidate === level) ?? "info";
    say(known, message.slice(0, LOG_LENGTH));
  };
}
