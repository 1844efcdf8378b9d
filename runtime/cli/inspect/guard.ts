/**
 * Who may ask the page's server: the page itself, opened with the address that the command printed.
 *
 * The token is in the fragment of that address, which a browser sends to nobody. The page takes it out of the address
 * bar, keeps it for its tab, and sends it as a header. A cookie would not do: those of 127.0.0.1 go to every port
 * of it (RFC 6265, 8.5), so to whatever else listens there, and are sent by requests that other pages bring about.
 *
 * @module
 */

/** The header that carries the token. */
const TOKEN_HEADER = "x-omnifs-token";

/** Bytes of a token: more than anybody can try. */
const TOKEN_BYTES = 32;

/** A new token, in the alphabet of base64url. */
export function newToken(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(TOKEN_BYTES))))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** What a request has to show. */
export interface Guard {
  /** The address that was printed: `127.0.0.1` and a port. */
  readonly host: string;
  /** The token. */
  readonly token: string;
}

/** Below this path everything needs the token; the page's own files hold no secret. */
export const API = "/api/";

/**
 * Why `request` is not answered; undefined where it is.
 *
 * `Host` is the printed address and nothing else, so a name that was pointed at loopback (DNS rebinding) reaches nothing;
 * `Origin`, where there is one, and `Sec-Fetch-Site` are those of the page itself.
 */
export function refusal(request: Request, { host, token }: Guard): string | undefined {
  const { headers } = request;
  if (headers.get("host") !== host) return "this is not the address that omnifs printed";
  const origin = headers.get("origin");
  if (origin !== null && origin !== `http://${host}`) return "another page may not ask";
  if (!new URL(request.url).pathname.startsWith(API)) return undefined;
  const site = headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin") return "another page may not ask";
  if (request.method !== "GET" && origin === null) return "a change has to say which page asks for it";
  return isSame(headers.get(TOKEN_HEADER) ?? "", token)
    ? undefined
    : "the token is not the one that omnifs printed";
}

/** True where both are the same; takes as long wherever they differ. */
function isSame(given: string, token: string): boolean {
  let difference = given.length ^ token.length;
  for (let at = 0; at < token.length; at++) difference |= given.charCodeAt(at) ^ token.charCodeAt(at);
  return difference === 0;
}

/**
 * What every answer carries. Nothing is loaded, framed or sent anywhere but from and to this very server, and no text
 * becomes markup or script, whatever the page's own code does with it.
 */
export const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cache-control": "no-store",
};
