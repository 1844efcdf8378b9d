/**
 * One entry of `--allow-net`, of `--deny-net` or of a manifest's needs, in Deno's own grammar.
 *
 * @module
 */
import { hostText, inRange } from "./address.ts";
import { canonicalHost, type Endpoint, isSocketPath } from "./destination.ts";

/** What one entry stands for. An absent port means every port. */
export type Pattern =
  /** That name alone. */
  | { readonly kind: "name"; readonly host: string; readonly port: number | undefined }
  /** Every name below `host`, at any depth, and not `host` itself (as in Deno). */
  | { readonly kind: "wildcard"; readonly host: string; readonly port: number | undefined }
  /** That address alone. */
  | { readonly kind: "address"; readonly host: string; readonly port: number | undefined }
  /** The IPv4 addresses that share `bits` leading bits with `host`. */
  | {
    readonly kind: "range";
    readonly host: string;
    readonly bits: number;
    readonly port: number | undefined;
  }
  /** That Unix socket. */
  | { readonly kind: "unix"; readonly host: string };

/** A pattern, or why the text is none, with the mend where there is one. */
export type PatternResult = Pattern | { readonly kind: "wrong"; readonly why: string; readonly mend: string };

const GRAMMAR =
  "write a host, host:port, [IPv6]:port, an IPv4 range such as 10.0.0.0/8, *.example.com, or unix:/path";

/** Reads one entry. */
export function parsePattern(text: string): PatternResult {
  if (text === "") return wrong("it is empty", GRAMMAR);
  if (text.startsWith("unix:")) return socketPattern(text.slice("unix:".length));
  if (text.includes("://")) return wrong("a URL is no target", urlMend(text));
  if (/^[0-9a-f]*:[0-9a-f:.]*:/i.test(text)) return wrong("IPv6 stands in brackets", `write [${text}]`);
  const [, rest = text, digits] = /^(.*?)(?::(\d*))?$/s.exec(text) ?? [];
  const port = digits === undefined ? undefined : Number(digits);
  if (digits === "" || (port !== undefined && (port < 1 || port > 65_535))) {
    return wrong("a port is a number from 1 to 65535", GRAMMAR);
  }
  return hostPattern(rest, port);
}

/** The entry as a user would write it. */
export function patternText(pattern: Pattern): string {
  if (pattern.kind === "unix") return `unix:${pattern.host}`;
  const port = pattern.port === undefined ? "" : `:${pattern.port}`;
  if (pattern.kind === "range") return `${pattern.host}/${pattern.bits}${port}`;
  return `${pattern.kind === "wildcard" ? "*." : ""}${hostText(pattern.host)}${port}`;
}

/** True where `pattern` stands for `endpoint` too. */
export function matches(pattern: Pattern, endpoint: Endpoint): boolean {
  if (pattern.kind === "unix" || endpoint.kind === "unix") {
    return pattern.kind === endpoint.kind && pattern.host === endpoint.host;
  }
  if (pattern.port !== undefined && pattern.port !== endpoint.port) return false;
  switch (pattern.kind) {
    case "name":
    case "address":
      return pattern.kind === endpoint.kind && pattern.host === endpoint.host;
    case "wildcard":
      return endpoint.kind === "name" && endpoint.host.endsWith(`.${pattern.host}`);
    case "range":
      return endpoint.kind === "address" && inRange(endpoint.host, pattern.host, pattern.bits);
  }
}

/**
 * True where everything that `inner` usually leads to lies in `outer`; a name or an address without a port
 * usually leads to 443.
 */
export function contains(outer: Pattern, inner: Pattern): boolean {
  if (inner.kind === "unix") return matches(outer, inner);
  if (inner.kind === "name" || inner.kind === "address") {
    return matches(outer, { kind: inner.kind, host: inner.host, port: inner.port ?? 443 });
  }
  if (outer.kind !== inner.kind || (outer.port !== undefined && outer.port !== (inner.port ?? 443))) {
    return false;
  }
  if (outer.kind === "range" && inner.kind === "range") {
    return outer.bits <= inner.bits && inRange(inner.host, outer.host, outer.bits);
  }
  return inner.host === outer.host || inner.host.endsWith(`.${outer.host}`);
}

/** How narrow a pattern is, for the choice between two that match: higher is narrower. */
export function narrowness(pattern: Pattern): number {
  if (pattern.kind === "unix") return 1_000;
  const port = pattern.port === undefined ? 0 : 1;
  if (pattern.kind === "wildcard") return pattern.host.length * 2 + port;
  if (pattern.kind === "range") return pattern.bits * 2 + port;
  return 1_000 + port;
}

function hostPattern(text: string, port: number | undefined): PatternResult {
  const range = /^(\d+\.\d+\.\d+\.\d+)\/(\d{1,2})$/.exec(text);
  if (range !== null) return rangePattern(range[1] ?? "", Number(range[2]), port);
  if (text.includes("/")) {
    return text.startsWith("[")
      ? wrong("a range is IPv4 only, as in Deno", "name each IPv6 address")
      : wrong("a path is no part of a target", GRAMMAR);
  }
  const wildcard = text.startsWith("*.");
  const found = canonicalHost(wildcard ? text.slice(2) : text);
  if (found === undefined || text.includes("*", 1) || text === "*") {
    return wrong("it is neither a host nor an address", GRAMMAR);
  }
  if (!wildcard) return { ...found, port };
  if (found.kind === "address") return wrong("`*.` goes before a name only", GRAMMAR);
  return { kind: "wildcard", host: found.host, port };
}

function rangePattern(network: string, bits: number, port: number | undefined): PatternResult {
  const found = canonicalHost(network);
  if (found?.kind !== "address" || bits > 32) return wrong("it is no range of IPv4 addresses", GRAMMAR);
  return { kind: "range", host: found.host, bits, port };
}

function socketPattern(path: string): PatternResult {
  return isSocketPath(path)
    ? { kind: "unix", host: path }
    : wrong("a socket's path is absolute and in normal form", "write unix:/path/to/socket");
}

function urlMend(text: string): string {
  const host = URL.parse(text)?.host;
  return host === undefined || host === "" ? GRAMMAR : `write ${host}`;
}

function wrong(why: string, mend: string): PatternResult {
  return { kind: "wrong", why, mend };
}
