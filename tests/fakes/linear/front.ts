/**
 * The address that clients talk to: counts, injects faults, checks the key and the query's cost.
 *
 * @module
 */
import { errorOf, statusOf } from "../../../runtime/cli/demo/linear/errors.ts";
import { complexityOf, MOST_COMPLEX } from "./complexity.ts";
import { Faults } from "./faults.ts";

/** The one API key that the stand-in takes: bare, as Linear wants it. */
export const KEY = "lin_api_standin0123456789abcdefghijklmnopqrs";

/** The one OAuth token that it takes: as a bearer token (RFC 6750). */
export const OAUTH_TOKEN = "lin_oauth_standin0123456789abcdef";

/** One request that the stand-in answered. */
export interface Seen {
  /** The operation's name. */
  readonly operation: string;
  readonly status: number;
  /** What the query costs by Linear's rule. */
  readonly complexity: number;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Answers a POST of this JSON. */
export type Answer = (body: string) => Response | Promise<Response>;

interface Asked {
  readonly query?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

/** Serves the API. */
export class Front {
  /** Everything that was asked since the last reset, oldest first. */
  seen: Seen[] = [];
  /** What is to go wrong. */
  readonly faults = new Faults();
  readonly #usual: Answer;
  readonly #port: number;
  #server: Deno.HttpServer<Deno.NetAddr>;
  #refusing = false;

  /** Listens on a free loopback port and asks `usual` for every answer that is none of its own. */
  constructor(usual: Answer) {
    this.#usual = usual;
    this.#server = this.#listen(0);
    this.#port = this.#server.addr.port;
  }

  /** What the setting `endpoint` has to be. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}/graphql`;
  }

  /** Refuses connections, or takes them again. */
  async refuse(on: boolean): Promise<void> {
    if (on === this.#refusing) return;
    this.#refusing = on;
    if (on) await this.#server.shutdown();
    else this.#server = this.#listen(this.#port);
  }

  #listen(port: number): Deno.HttpServer<Deno.NetAddr> {
    return Deno.serve({ hostname: "127.0.0.1", port, onListen() {} }, (request) => this.#answer(request));
  }

  async #answer(request: Request): Promise<Response> {
    const body = await request.text();
    const asked = askedIn(body);
    const { query = "", variables = {} } = asked;
    const operation = asked.operationName ?? /\b(?:query|mutation)\s+(\w+)/.exec(query)?.[1] ?? "";
    const complexity = complexityOf(query, variables);
    const fault = this.faults.take(operation);
    const response = fault?.answer ?? refusal(request, complexity) ?? await this.#usual(body);
    this.seen.push({ operation, status: response.status, complexity, variables });
    if (fault?.loses === true) return new Response("the answer was lost", { status: 502 });
    const headers = new Headers(response.headers);
    headers.set("x-complexity", String(complexity));
    if (!headers.has("x-ratelimit-requests-remaining")) headers.set("x-ratelimit-requests-remaining", "2499");
    return new Response(await response.arrayBuffer(), { status: response.status, headers });
  }
}

function askedIn(body: string): Asked {
  try {
    return JSON.parse(body);
  } catch {
    return {};
  }
}

function refusal(request: Request, complexity: number): Response | undefined {
  if (![KEY, `Bearer ${OAUTH_TOKEN}`].includes(request.headers.get("authorization") ?? "")) {
    return refused("AUTHENTICATION_ERROR", "Authentication required, not authenticated");
  }
  if (complexity <= MOST_COMPLEX) return undefined;
  return refused("INPUT_ERROR", `Query too complex: ${complexity} of ${MOST_COMPLEX} points`);
}

function refused(code: string, message: string): Response {
  return Response.json({ errors: [errorOf(code, message)] }, { status: statusOf(code) });
}
