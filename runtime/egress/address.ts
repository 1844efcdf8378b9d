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
  if (!bare.includes(":") && !ipaddr.IPv4.isValidFourPartDecimal(bare)) return undefined;
  return ipaddr.isValid(bare) ? ipaddr.process(bare).toString() : undefined;
}

/** True for 127.0.0.0/8 and ::1. */
export function isLoopback(address: string): boolean {
  return ipaddr.process(address).range() === "loopback";
}

/**
 * True for a globally routable unicast address. Everything else (private, loopback, link-local, carrier-grade
 * NAT, multicast, reserved, unspecified, tunnels such as 6to4 and Teredo) is not, by the registries of RFC 6890.
 * A NAT64 address (RFC 6052) is judged by the IPv4 address inside it.
 */
export function isPublic(address: string): boolean {
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv6" && parsed.range() === "rfc6052") {
    return isPublic(ipaddr.fromByteArray(parsed.toByteArray().slice(12)).toString());
  }
  return parsed.range() === "unicast";
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
