/**
 * From the runtime's HTTP messages to answers, unpacked where that was asked for.
 *
 * @module
 */
import type { IncomingMessage } from "node:http";
import { pipeline, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip } from "node:zlib";
import { type Answer, BODILESS } from "./body.ts";

/** By the names of RFC 9110, 8.4.1. */
const UNPACKERS: Readonly<Record<string, () => Transform>> = {
  "gzip": createGunzip,
  "x-gzip": createGunzip,
  "br": createBrotliDecompress,
};

/** `message` as an answer; with `unpack`, its body is unpacked where its coding is known. */
export function answerOf(message: IncomingMessage, unpack: boolean): Answer {
  const headers = headersOf(message.rawHeaders);
  const status = message.statusCode ?? 0;
  const unpacker = unpack && !BODILESS.has(status)
    ? UNPACKERS[headers.get("content-encoding")?.trim().toLowerCase() ?? ""]
    : undefined;
  if (unpacker === undefined) return { status, headers, body: message, unpacked: false };
  // Whoever reads the body sees the fault; there is nobody else to tell. In Deno 2.7 the connection has to be ended by hand.
  const body = pipeline(message, unpacker(), (error) => void (error && message.destroy()));
  return { status, headers, body, unpacked: true };
}

/** Names and values in turn; a character that cannot stand in a header value becomes a question mark. */
function headersOf(raw: readonly string[]): Headers {
  const headers = new Headers();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    // deno-lint-ignore no-control-regex -- everything outside one byte, and the two that `Headers` refuses
    headers.append(raw[index] ?? "", (raw[index + 1] ?? "").replace(/[^\u0000-\u00ff]|[\u0000\r\n]/g, "?"));
  }
  return headers;
}
