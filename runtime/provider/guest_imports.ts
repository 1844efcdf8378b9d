/**
 * What an instance is given: the interfaces of the contract, each as little as it can be. A component that does not
 * import an interface never sees it.
 *
 * @module
 */
import { systemClock } from "../base/clock.ts";
import { type Level, LEVELS } from "../base/log.ts";
import { interfaceName } from "./contract.ts";

/** Asks the host for something; the guest is suspended until it has answered. */
export type Callout = (name: string, args: readonly unknown[]) => Promise<unknown>;

/** What the imports of an instance stand on. */
export interface GuestHost {
  /** Asks the host. */
  readonly callout: Callout;
  /** The settings as JSON. */
  readonly settings: () => string;
  /** Hands a line to the operator's log. */
  readonly log: (level: Level, message: string) => void;
}

/** Lines that an instance may log at once, and how many more it earns each second. */
const LOG_BURST = 50;
const LOG_RATE = 10;

/** Longest message, in UTF-16 units. */
const LOG_LENGTH = 2_000;

/** Why `dns` and `packer` refuse: their hosts are not part of this version. */
const LATER = "this version of omnifs does not offer it yet";

/** The import object of one instance, by interface name with and without its version. */
export function guestImports(host: GuestHost): Readonly<Record<string, unknown>> {
  const refuse = (payload: unknown) => () => Promise.reject({ payload });
  const noPacker = refuse({ tag: "denied", val: LATER });
  const interfaces: Readonly<Record<string, unknown>> = {
    "types": {},
    "http": { fetch: (request: unknown) => host.callout("http.fetch", [request]) },
    "http-write": { send: (request: unknown) => host.callout("http-write.send", [request]) },
    "settings": { get: host.settings },
    "clock": { now: () => BigInt(systemClock.now()) },
    "log": { log: limitedLog(host.log) },
    "dns": { query: refuse({ tag: "denied", val: LATER }) },
    "packer": {
      projects: () => Promise.resolve([]),
      getStatus: noPacker,
      registry: noPacker,
      assets: noPacker,
      files: noPacker,
      read: noPacker,
      divergences: noPacker,
    },
    "packer-write": { commit: noPacker },
  };
  return Object.fromEntries(
    Object.entries(interfaces).flatMap(([short, functions]) => {
      const name = interfaceName(short);
      return [[name, functions], [name.replace(/@.*/, ""), functions]];
    }),
  );
}

/** A log that a chatty guest cannot flood; how many lines it lost is told with the next one. */
function limitedLog(write: GuestHost["log"]): (level: string, message: string) => void {
  let tokens = LOG_BURST;
  let last = systemClock.monotonic();
  let lost = 0;
  return (level, message) => {
    const now = systemClock.monotonic();
    tokens = Math.min(LOG_BURST, tokens + (now - last) * LOG_RATE / 1_000);
    last = now;
    if (tokens < 1) return void lost++;
    tokens--;
    const known = LEVELS.find((candidate) => candidate === level) ?? "info";
    const before = lost === 0 ? "" : `(${lost} lines before this one were too many) `;
    lost = 0;
    write(known, before + message.slice(0, LOG_LENGTH));
  };
}
