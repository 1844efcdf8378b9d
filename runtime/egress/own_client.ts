/**
 * Requests of omnifs itself, on behalf of the person at the keyboard: a login, and the question whose token it is.
 * No provider has a part in them, and the person names the server; so they pass no grant, but go where the URL says
 * and nowhere else: over TLS or to loopback, without following redirects.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import { messageOf, OmnifsError } from "../base/errors.ts";
import { readBody } from "./body.ts";
import { Credentials } from "./credentials.ts";
import { type Destination, isLoopbackEndpoint, parseDestination } from "./destination.ts";
import { endpointText } from "./grant.ts";
import { Transport } from "./transport.ts";

/** A question. */
export interface OwnRequest {
  /** Where; absolute. */
  readonly url: string;
  /** Headers beside those of every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The fields of a form, or a JSON document; a question with a body is a POST. */
  readonly body?: URLSearchParams | Readonly<Record<string, unknown>>;
  /** The credential to ask with. */
  readonly credential?: { readonly name: string; readonly secret: string };
  /** Gives it up. */
  readonly signal?: AbortSignal;
}

/** An answer. */
export interface OwnAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** As they came. */
  readonly headers: Headers;
  /** The JSON object of the body; empty where it is none. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Who answered, as a grant names it. */
  readonly host: string;
}

/** Most bytes of an answer. */
const BODY_LIMIT = 1024 * 1024;

/** Milliseconds that an answer may take. */
const DEADLINE = 30_000;

/** Asks. */
export class OwnClient {
  readonly #clock: Clock;
  // The person named the server, and TLS proves that it is the one; an Enterprise Server has a private address.
  readonly #transport = new Transport({ judge: () => {} });

  /** Measures its deadlines by `clock`; nothing is sent yet. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Sends one request.
   *
   * @throws {OmnifsError} `invalid` for a URL that may not be asked, `unavailable` where there is no answer, or one that
   *   leads elsewhere
   */
  async ask(request: OwnRequest): Promise<OwnAnswer> {
    const destination = destinationOf(request.url);
    const host = endpointText(destination.endpoint);
    const stop = new AbortController();
    const cancel = this.#clock.after(DEADLINE, () => stop.abort());
    try {
      return { ...await this.#exchange(destination, request, stop.signal), host };
    } catch (error) {
      if (request.signal?.aborted) throw request.signal.reason;
      if (error instanceof OmnifsError) throw error;
      const why = stop.signal.aborted ? `no answer within ${DEADLINE / 1000} s` : messageOf(error);
      throw new OmnifsError("unavailable", `${host}: ${why}`, { cause: error });
    } finally {
      cancel();
    }
  }

  /** Closes every connection. */
  close(): void {
    this.#transport.close();
  }

  async #exchange(
    destination: Destination,
    { headers: own = {}, body, credential, signal: given }: OwnRequest,
    late: AbortSignal,
  ): Promise<Omit<OwnAnswer, "host">> {
    const headers = new Headers({ "user-agent": "omnifs", "accept": "application/json", ...own });
    if (credential !== undefined) attached(headers, credential);
    if (body !== undefined && !headers.has("content-type")) headers.set("content-type", typeOf(body));
    const answer = await this.#transport.send(destination, {
      method: body === undefined ? "GET" : "POST",
      headers,
      body: body === undefined
        ? undefined
        : body instanceof URLSearchParams
        ? `${body}`
        : JSON.stringify(body),
      unpack: true,
      signal: given === undefined ? late : AbortSignal.any([given, late]),
    });
    const bytes = await readBody(answer, BODY_LIMIT);
    const { status } = answer;
    // Followed, it could take the credential, or the code of a login, to another host.
    if (status >= 300 && status < 400) throw new Error(`it answered with a redirect (${status})`);
    return { status, headers: answer.headers, fields: fieldsOf(bytes) };
  }
}

/** The target by which a provider asks for the host of `url`. @throws {OmnifsError} `invalid` where it may not be asked */
export function targetOf(url: string): string {
  return endpointText(destinationOf(url).endpoint);
}

function destinationOf(url: string): Destination {
  const parsed = parseDestination(url);
  const refused = "refused" in parsed
    ? parsed.refused
    : parsed.destination.secure || isLoopbackEndpoint(parsed.destination.endpoint)
    ? undefined
    : "plain http: is for loopback addresses only";
  if ("destination" in parsed && refused === undefined) return parsed.destination;
  throw new OmnifsError("invalid", `this address cannot be asked: ${refused}`, {
    mend: "--url https://HOST/…",
  });
}

function attached(headers: Headers, { name, secret }: { name: string; secret: string }): void {
  const credentials = new Credentials();
  credentials.store({ mount: "", name, target: "" }, secret);
  credentials.attach(headers, "", { target: "", write: false, why: "", credential: name });
}

function typeOf(body: URLSearchParams | object): string {
  return body instanceof URLSearchParams ? "application/x-www-form-urlencoded" : "application/json";
}

function fieldsOf(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
