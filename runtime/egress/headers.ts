/**
 * What of a guest's headers goes out, and what of an upstream's headers comes back.
 *
 * @module
 */
import type { Header } from "./callout.ts";

/** Headers of one connection only (RFC 9110, 7.6.1), and those that the transport writes itself. */
const CONNECTION = [
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** What a guest never sends: its own idea of who it is, and what belongs to the connection or to the gate. */
const GUEST_DROPPED: ReadonlySet<string> = new Set([
  ...CONNECTION,
  "accept-encoding",
  "authorization",
  "content-encoding",
  "cookie",
  // Each makes a server take one method for another.
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
]);

/** What a guest never sees. */
const ANSWER_DROPPED: ReadonlySet<string> = new Set(["set-cookie", "set-cookie2"]);

/** RFC 9110, 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What a header value may hold: visible ASCII, obs-text, space and tab (RFC 9110, 5.5). */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Says who asks; GitHub, for one, refuses requests without it. */
const USER_AGENT = "omnifs";

/** The guest's headers as they may go out, or why they may not. */
export function guestHeaders(given: readonly Header[]): { headers: Headers } | { refused: string } {
  const named = new Set(
    given.filter(isConnection).flatMap(({ value }) => value.toLowerCase().split(/\s*,\s*/)),
  );
  const headers = new Headers({ "user-agent": USER_AGENT });
  const seen = new Set<string>();
  for (const { name, value } of given) {
    if (!TOKEN.test(name)) return { refused: "the name of a header is no token" };
    if (!VALUE.test(value)) {
      return { refused: `the value of the header ${name} holds a line break or another control` };
    }
    const lower = name.toLowerCase();
    if (GUEST_DROPPED.has(lower) || named.has(lower)) continue;
    if (seen.has(lower)) headers.append(lower, value);
    else headers.set(lower, value);
    seen.add(lower);
  }
  return { headers };
}

/**
 * An upstream's headers as a guest sees them: lower case, without cookies, and with `redact` over every value.
 * `unpacked` says that the body was unpacked on the way, so that its packed length and encoding are no longer true.
 */
export function answerHeaders(
  headers: Headers,
  unpacked: boolean,
  redact: (text: string) => string,
): Header[] {
  return [...headers]
    .filter(([name]) => !ANSWER_DROPPED.has(name))
    .filter(([name]) => !(unpacked && (name === "content-encoding" || name === "content-length")))
    .map(([name, value]) => ({ name, value: redact(value) }));
}

function isConnection({ name }: Header): boolean {
  return name.toLowerCase() === "connection";
}
