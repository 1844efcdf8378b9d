/**
 * The head of a request to the webhook receiver (RFC 9112), read strictly: what two readers could understand in two
 * ways is refused.
 *
 * The receiver reads HTTP itself, since it has to bound the time in which a stranger sends a head and a body:
 * `Deno.serve` waits for a half-sent head without an end (tried for 45 s on Deno 2.9.6), and so does `node:http` on
 * Deno 2.7.
 *
 * @module
 */
import type { Refused } from "./webhook.ts";

/** How long the body is. */
export type Framing = { readonly length: number } | "chunked" | "none";

/** A request without its body. */
export interface Head {
  /** As it was sent: `POST`. */
  readonly method: string;
  /** The path without its query. */
  readonly path: string;
  /** Values by name in lower case; those of a name that may stand twice are joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
  /** How the body ends. */
  readonly framing: Framing;
  /** True where the sender waits for `100 Continue` before it sends the body (RFC 9110, 10.1.1). */
  readonly waits: boolean;
}

/** Ends a request; thrown and caught within the receiver. */
export class RequestRefused extends Error {
  /** Why. */
  readonly refused: Refused;

  /** Ends a request as `refused`. */
  constructor(refused: Refused) {
    super(refused);
    this.refused = refused;
  }
}

/** Names that may stand once: a second value would be another meaning. Whatever a proxy adds may come several times. */
const SINGLE = /^(?:host|expect|content-.+|transfer-encoding|x-hub-.+|x-github-.+|linear-.+)$/;

// `token`, and a target in origin form (RFC 9112, 3). HTTP/1.0 is what nginx speaks to what is behind it unless told.
const REQUEST_LINE = /^([A-Z]{1,20}) (\/[\x21-\x7e]{0,2000}) HTTP\/1\.[01]$/;

// A field name is a token, and no white space stands before the colon (RFC 9112, 5.1).
const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/;

/** Reads a head, the empty line at its end left out. @throws RequestRefused `malformed` */
export function parseHead(bytes: Uint8Array): Head {
  // Latin-1: each byte is one character, as RFC 9110, 5.5 has it.
  const [first = "", ...lines] = new TextDecoder("latin1").decode(bytes).split("\r\n");
  const [, method, target] = REQUEST_LINE.exec(first) ?? [];
  if (method === undefined || target === undefined) throw new RequestRefused("malformed");
  const headers = fieldsOf(lines);
  return {
    method,
    path: target.split("?", 1)[0] ?? "",
    headers,
    framing: framingOf(headers),
    waits: headers.get("expect")?.toLowerCase() === "100-continue",
  };
}

function fieldsOf(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, spelled, value] = FIELD.exec(line) ?? [];
    if (spelled === undefined || value === undefined) throw new RequestRefused("malformed");
    const name = spelled.toLowerCase();
    const before = headers.get(name);
    if (before !== undefined && SINGLE.test(name)) throw new RequestRefused("malformed");
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

/** A body with a length and chunks, or with chunks under another coding, is how requests are smuggled (RFC 9112, 6.1). */
function framingOf(headers: ReadonlyMap<string, string>): Framing {
  const length = headers.get("content-length");
  const coding = headers.get("transfer-encoding");
  if (coding !== undefined) {
    if (length !== undefined || coding.toLowerCase() !== "chunked") throw new RequestRefused("malformed");
    return "chunked";
  }
  if (length === undefined) return "none";
  if (!/^\d{1,15}$/.test(length)) throw new RequestRefused("malformed");
  return { length: Number(length) };
}
