/**
 * HTTP as a provider wants it: an answer that is no error, or a `ProviderError` with the right case.
 *
 * @module
 */
import type { Failure, Header, HttpError, Request, Response } from "./contract.ts";
import { ProviderError } from "./errors.ts";
import { headerList } from "./nodes.ts";
import { linkTarget } from "./url.ts";

/** What sends a request: `fetch` of `http`, or `send` of `http-write`. Throws `{ payload: HttpError }`. */
export type Transport = (request: Request) => Response;

/** What a request may say. */
export interface RequestOptions {
  /** More headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** An answer; with a status below 400, but from `exchange`. */
export class Answer {
  /** The HTTP status. */
  readonly status: number;
  /** The headers, names in lower case. */
  readonly headers: readonly Header[];
  /** The body as text; empty where bytes were asked for. */
  readonly text: string;
  /** The body as bytes; empty where text was asked for. */
  readonly bytes: Uint8Array;

  /** What the upstream said. */
  constructor(response: Response) {
    this.status = response.status;
    this.headers = response.headers;
    this.text = response.body.tag === "text" ? response.body.val : "";
    this.bytes = response.body.tag === "bytes" ? response.body.val : new Uint8Array();
  }

  /** The value of a header; `name` in lower case. */
  header(name: string): string | undefined {
    return this.headers.find((header) => header.name === name)?.value;
  }

  /** The next page, as `Link: <…>; rel="next"` says. */
  get next(): string | undefined {
    return linkTarget(this.header("link"), "next");
  }
}

/** A JSON answer. `Value` is what the upstream documents; nothing checks it. */
export interface JsonAnswer<Value> {
  /** The parsed body. */
  readonly value: Value;
  /** The next page, as `Link: <…>; rel="next"` says. */
  readonly next: string | undefined;
  /** Status and headers. */
  readonly answer: Answer;
}

/** Sends requests through one transport. Every method throws a `ProviderError`. */
export class HttpClient {
  readonly #transport: Transport;

  /** A client that sends through `transport`. */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** GET, as text. */
  get(url: string, options: RequestOptions = {}): Answer {
    return this.request({ method: "get", url, headers: headerList(options.headers ?? {}), expect: "text" });
  }

  /** GET, as bytes. */
  getBytes(url: string, options: RequestOptions = {}): Uint8Array {
    const headers = headerList(options.headers ?? {});
    return this.request({ method: "get", url, headers, expect: "bytes" }).bytes;
  }

  /** GET, parsed as JSON. */
  getJson<Value>(url: string, options: RequestOptions = {}): JsonAnswer<Value> {
    return parsed(url, this.get(url, { headers: { accept: "application/json", ...options.headers } }));
  }

  /** POST of `body` as JSON, the answer parsed as JSON: a GraphQL query, or a write. */
  postJson<Value>(url: string, body: unknown, options: RequestOptions = {}): JsonAnswer<Value> {
    const headers = { accept: "application/json", "content-type": "application/json", ...options.headers };
    const answer = this.request({
      method: "post",
      url,
      headers: headerList(headers),
      body: { tag: "text", val: JSON.stringify(body) },
      expect: "text",
    });
    return parsed(url, answer);
  }

  /** Any request at all. */
  request(request: Request): Answer {
    const answer = this.exchange(request);
    if (answer.status >= 400) throw new ProviderError(statusFailure(request, answer));
    return answer;
  }

  /** Any request at all, whatever the status: for an upstream that says in the body what went wrong. */
  exchange(request: Request): Answer {
    return new Answer(this.#send(request));
  }

  #send(request: Request): Response {
    try {
      return this.#transport(request);
    } catch (error) {
      throw new ProviderError(transportFailure(request, error));
    }
  }
}

function parsed<Value>(url: string, answer: Answer): JsonAnswer<Value> {
  try {
    return { value: JSON.parse(answer.text), next: answer.next, answer };
  } catch {
    throw new ProviderError({ tag: "unavailable", val: `${url} answered something that is not JSON` });
  }
}

/** The case for an HTTP status of 400 and more (the table of the project's error rules). */
export function statusFailure(request: Request, answer: Answer): Failure {
  const { status } = answer;
  const why = `${request.method.toUpperCase()} ${request.url} answered ${status}${told(answer.text)}`;
  if (status === 404 || status === 410) return { tag: "not-found" };
  if (status === 429 || (status === 403 && saysWait(answer))) {
    return { tag: "rate-limited", val: waitOf(answer) };
  }
  if (status === 401 || status === 403) return { tag: "unauthorized", val: why };
  if (status === 409 || status === 412) return { tag: "conflict", val: why };
  if (status === 413) return { tag: "too-large" };
  if (status === 400 || status === 422) return { tag: "invalid", val: why };
  return { tag: "unavailable", val: why };
}

function saysWait(answer: Answer): boolean {
  return answer.header("x-ratelimit-remaining") === "0" || answer.header("retry-after") !== undefined;
}

/** Milliseconds of `retry-after` where it is a number of seconds (RFC 9110, section 10.2.3). */
function waitOf(answer: Answer): number | undefined {
  const seconds = answer.header("retry-after");
  return seconds !== undefined && /^\d{1,9}$/.test(seconds) ? Number(seconds) * 1_000 : undefined;
}

/** What the upstream's JSON error says, as most APIs do in `message`. */
function told(body: string): string {
  const message = /^\s*\{/.test(body)
    ? /"message"\s*:\s*"((?:[^"\\]|\\.){1,200})"/.exec(body)?.[1]
    : undefined;
  return message === undefined ? "" : ` (${message})`;
}

function transportFailure(request: Request, thrown: unknown): Failure {
  const error = payloadOf(thrown);
  if (error === undefined) return { tag: "internal", val: `${request.url}: ${String(thrown)}` };
  switch (error.tag) {
    case "denied":
      return { tag: "denied", val: error.val };
    case "too-large":
      return { tag: "too-large" };
    case "rate-limited":
      return { tag: "rate-limited", val: error.val };
    case "timeout":
      return { tag: "unavailable", val: `${request.url} did not answer in time` };
    case "connection":
      return { tag: "unavailable", val: `${request.url} cannot be reached: ${error.val}` };
  }
}

/** The `http-error` inside what an import throws. */
function payloadOf(thrown: unknown): HttpError | undefined {
  if (typeof thrown !== "object" || thrown === null) return undefined;
  const value: unknown = "payload" in thrown ? thrown.payload : thrown;
  return isHttpError(value) ? value : undefined;
}

function isHttpError(value: unknown): value is HttpError {
  const tags = ["denied", "timeout", "too-large", "rate-limited", "connection"];
  return typeof value === "object" && value !== null && "tag" in value && tags.includes(String(value.tag));
}
