/**
 * Addresses and resolvers as they stand in paths.
 *
 * @module
 */

/** The eight groups of an IPv6 address, or undefined for what is none. */
function groupsOf(text: string): number[] | undefined {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (tail !== null) {
    const octets = octetsOf(tail[2] ?? "");
    if (octets === undefined) return undefined;
    const [a = 0, b = 0, c = 0, d = 0] = octets;
    return groupsOf(`${tail[1]}${(a << 8 | b).toString(16)}:${(c << 8 | d).toString(16)}`);
  }
  if (!/^[0-9a-f:]+$/i.test(text)) return undefined;
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [before = [], after = []] = halves.map((half) => half === "" ? [] : half.split(":"));
  const gap = 8 - before.length - after.length;
  if (halves.length === 2 ? gap < 1 : gap !== 0) return undefined;
  const groups = [...before, ...new Array<string>(halves.length === 2 ? gap : 0).fill("0"), ...after];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.map((group) => parseInt(group, 16));
}

/** The four numbers of an IPv4 address, or undefined for what is none. */
function octetsOf(text: string): number[] | undefined {
  const parts = text.split(".");
  const legal = parts.length === 4 &&
    parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  return legal ? parts.map(Number) : undefined;
}

/** The name under which the names of an address are found (RFC 1035, 3.5; RFC 3596, 2.5); undefined for no address. */
export function reverseName(address: string): string | undefined {
  const octets = octetsOf(address);
  if (octets !== undefined) return `${octets.reverse().join(".")}.in-addr.arpa`;
  const groups = groupsOf(address);
  if (groups === undefined) return undefined;
  const digits = groups.map((group) => group.toString(16).padStart(4, "0")).join("");
  return `${[...digits].reverse().join(".")}.ip6.arpa`;
}

/**
 * A resolver in its one spelling: `9.9.9.9`, `127.0.0.1:5353`, `[2001:db8::1]`, `dns.example:8443`; undefined for what
 * is none. A port that is the usual one is left out.
 */
export function resolverOf(text: string): string | undefined {
  if (groupsOf(text) !== undefined) return `[${text.toLowerCase()}]`;
  const [, host = "", digits] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(text.toLowerCase()) ?? [];
  const port = digits === undefined ? undefined : Number(digits);
  if (port === 0 || (port ?? 0) > 65_535 || !isHost(host)) return undefined;
  return port === undefined || port === (isAddress(host) ? 53 : 443) ? host : `${host}:${port}`;
}

/** What the host is asked with: an address, or the URL of a DoH server (RFC 8484 has its path by custom only). */
export function resolverTarget(resolver: string): string {
  return isAddress(hostOf(resolver)) ? resolver : `https://${resolver}/dns-query`;
}

/** The target of the need for a resolver: `9.9.9.9:53`, `dns.example`. */
export function needTarget(resolver: string): string {
  return isAddress(resolver) ? `${resolver}:53` : resolver;
}

function hostOf(resolver: string): string {
  return resolver.replace(/:\d+$/, "");
}

function isAddress(host: string): boolean {
  return octetsOf(host) !== undefined || (/^\[.*\]$/.test(host) && groupsOf(host.slice(1, -1)) !== undefined);
}

function isHost(host: string): boolean {
  if (isAddress(host)) return true;
  const labels = host.split(".");
  return host.length <= 253 && !/^[\d.]*$/.test(host) &&
    labels.every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label));
}
