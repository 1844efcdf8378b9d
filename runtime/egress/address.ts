/**
 * IP addresses: one spelling for each, and which of them belong to the public internet.
 *
 * @module
 */
import ipaddr from "ipaddr.js";

/** The canonical text of an address (mapped IPv4 as IPv4, IPv6 without brackets), or undefined for anything else. */
export function canonicalAddress(text: string): string | undefined {
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  if (bare.includes("%")) return undefined;
  if (!bare.includes(":")) {
    return ipaddr.IPv4.isValidFourPartDecimal(bare) ? ipaddr.process(bare).toString() : undefined;
  }
  // Spelled anew by the URL parser: ipaddr.js takes the IPv6 address `::8.8.8.8` for the IPv4 address in it.
  const spelled = URL.parse(`http://[${bare}]/`)?.hostname.slice(1, -1);
  return spelled === undefined ? undefined : ipaddr.process(spelled).toString();
}

/**
 * Addresses from public ranges at which a cloud answers its own machines: Azure's host
 * (https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16).
 */
const OWN_MACHINE: ReadonlySet<string> = new Set(["168.63.129.16"]);

/** True for 127.0.0.0/8 and ::1. */
export function isLoopback(address: string): boolean {
  return ipaddr.process(address).range() === "loopback";
}

/**
 * True for a globally routable unicast address. Everything else (private, loopback, link-local, carrier-grade
 * NAT, multicast, reserved, unspecified, tunnels such as 6to4 and Teredo) is not, by the registries of RFC 6890.
 * A NAT64 address (RFC 6052) is judged by the IPv4 address inside it. Of IPv6, only 2000::/3 has been given out
 * (https://www.iana.org/assignments/ipv6-address-space).
 */
export function isPublic(address: string): boolean {
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv6" && parsed.match(ipaddr.parse("64:ff9b::"), 96)) {
    return isPublic(ipaddr.fromByteArray(parsed.toByteArray().slice(12)).toString());
  }
  if (parsed.range() !== "unicast" || OWN_MACHINE.has(parsed.toString())) return false;
  return parsed.kind() === "ipv4" || parsed.match(ipaddr.parse("2000::"), 3);
}

/** True where `address` lies in the range of `bits` leading bits of `network`; both canonical. */
export function inRange(address: string, network: string, bits: number): boolean {
  const [one, other] = [ipaddr.parse(address), ipaddr.parse(network)];
  return one.kind() === other.kind() && one.match(other, bits);
}

/** `address` as it stands in a URL: IPv6 in brackets. */
export function hostText(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}
