/**
 * Where a request goes: one normal form for a URL of the contract, so that the check and the request never read
 * it differently.
 *
 * @module
 */
import { canonicalAddress, hostText, isLoopback } from "./address.ts";

/** The end of a connection. */
export type Endpoint =
  /** A DNS name: lower case, punycode, without its trailing dot. */
  | { readonly kind: "name"; readonly host: string; readonly port: number }
  /** A canonical IP address (`address.ts`). */
  | { readonly kind: "address"; readonly host: string; readonly port: number }
  /** The absolute path of a Unix socket. */
  | { readonly kind: "unix"; readonly host: string };

/** One URL, ready to be checked and sent. */
export interface Destination {
  /** What is connected to. */
  readonly endpoint: Endpoint;
  /** False for plain `http:`; a Unix socket counts as secure, since nothing leaves the machine. */
  readonly secure: boolean;
  /** What is asked for: normalised, without a fragment. */
  readonly url: string;
  /** Scheme, host and port, or the socket: a credential never passes from one to another. */
  readonly origin: string;
  /** The URL as the provider would write it: the base for a redirect's relative `location`. */
  readonly text: string;
}

/** Stands for the socket in the URL of a request through one; a name that never resolves (RFC 6761, 6.4). */
export const SOCKET_HOST = "unix.invalid";

/** A destination, or why there is none. */
export type Parsed = { readonly destination: Destination } | { readonly refused: string };

/** Reads a callout's URL. */
export function parseDestination(text: string): Parsed {
  // deno-lint-ignore no-control-regex -- a URL parser drops some of these in silence
  if (/[\u0000-\u0020\u007f\\]/.test(text)) {
    return { refused: "the URL holds a space, a control character or a backslash" };
  }
  return text.startsWith("unix:") ? parseSocket(text) : parseWeb(text);
}

/** Reads a redirect's `location` as seen from `from`. */
export function parseRedirect(location: string, from: Destination): Parsed {
  const url = URL.parse(location, from.url);
  if (url === null) return { refused: "the redirect leads to no URL" };
  if (from.endpoint.kind === "unix" && url.hostname === SOCKET_HOST) {
    return parseSocket(`unix:${from.endpoint.host}:${url.pathname}${url.search}`);
  }
  return parseDestination(url.href);
}

/** The text of a host in a grant, a need or a URL: a name or an address in normal form; undefined for neither. */
export function canonicalHost(text: string): { kind: "name" | "address"; host: string } | undefined {
  if (/[\s/@?#\\%]/.test(text)) return undefined;
  const url = URL.parse(`https://${text}/`);
  if (url === null || url.port !== "" || url.hostname === "") return undefined;
  const address = canonicalAddress(url.hostname);
  if (address !== undefined) return { kind: "address", host: address };
  const name = url.hostname.replace(/\.$/, "");
  return isName(name) ? { kind: "name", host: name } : undefined;
}

/** True for an endpoint on this machine by its very spelling: a loopback address, or `localhost` (RFC 6761, 6.3). */
export function isLoopbackEndpoint(endpoint: Endpoint): boolean {
  if (endpoint.kind === "unix") return false;
  return endpoint.kind === "name" ? endpoint.host === "localhost" : isLoopback(endpoint.host);
}

/** A DNS name as it is spelled in a URL: labels of 1 to 63 characters, 253 in all (RFC 1035, 2.3.4). */
function isName(name: string): boolean {
  return name.length <= 253 && name.split(".").every((label) => /^[a-z0-9_-]{1,63}$/.test(label));
}

function parseWeb(text: string): Parsed {
  const url = URL.parse(text);
  if (url === null) return { refused: "it is no absolute URL" };
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    return { refused: `${url.protocol} is neither https: nor unix:` };
  }
  if (url.username !== "" || url.password !== "") {
    return { refused: "the URL holds a user name or a password" };
  }
  const found = canonicalHost(url.hostname);
  if (found === undefined) return { refused: "its host is neither a name nor an address" };
  const secure = url.protocol === "https:";
  const port = url.port === "" ? (secure ? 443 : 80) : Number(url.port);
  if (port === 0) return { refused: "port 0 is no port" };
  url.hash = "";
  url.hostname = found.kind === "address" ? hostText(found.host) : found.host;
  return {
    destination: { endpoint: { ...found, port }, secure, url: url.href, origin: url.origin, text: url.href },
  };
}

function parseSocket(text: string): Parsed {
  const rest = text.slice("unix:".length);
  const cut = rest.indexOf(":/");
  const path = cut < 0 ? rest : rest.slice(0, cut);
  if (!isSocketPath(path)) {
    return { refused: "a socket's path is absolute and holds no empty, `.` or `..` part" };
  }
  const url = URL.parse(`http://${SOCKET_HOST}${cut < 0 ? "/" : rest.slice(cut + 1)}`);
  if (url === null || url.host !== SOCKET_HOST) return { refused: "it is no URL" };
  url.hash = "";
  const target = url.pathname + url.search;
  return {
    destination: {
      endpoint: { kind: "unix", host: path },
      secure: true,
      url: url.href,
      origin: `unix:${path}`,
      text: `unix:${path}:${target}`,
    },
  };
}

/** True for an absolute path in normal form. */
export function isSocketPath(path: string): boolean {
  const [first, ...parts] = path.split("/");
  return first === "" && parts.length > 0 &&
    parts.every((part) => part !== "" && part !== "." && part !== "..");
}
