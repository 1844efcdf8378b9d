/**
 * The system's resolver: what stands for it in grants and needs, and where it is.
 *
 * @module
 */
import { canonicalAddress } from "./address.ts";
import type { Endpoint } from "./destination.ts";

/** The port of DNS servers. */
export const DNS_PORT = 53;

/** The target of a need that asks for the domain name system. */
export const DNS_NEED = "dns";

/** Stands for the system's resolver among endpoints: `--allow-net=dns` grants it. */
export const SYSTEM_RESOLVER: Endpoint = { kind: "name", host: DNS_NEED, port: 443 };

/** Most servers that are asked, `MAXNS` of resolv.h. */
const MOST_SERVERS = 3;

/** The servers of a resolv.conf(5); the machine itself where it names none, as that page says. */
export function nameserversIn(text: string): { host: string; port: number }[] {
  const hosts = [...text.matchAll(/^nameserver[ \t]+(\S+)/gm)].map(([, host = ""]) => canonicalAddress(host));
  const known = hosts.filter((host) => host !== undefined).slice(0, MOST_SERVERS);
  return (known.length > 0 ? known : ["127.0.0.1"]).map((host) => ({ host, port: DNS_PORT }));
}

/** The servers of this machine. */
export async function systemNameservers(): Promise<{ host: string; port: number }[]> {
  return nameserversIn(await Deno.readTextFile("/etc/resolv.conf").catch(() => ""));
}
