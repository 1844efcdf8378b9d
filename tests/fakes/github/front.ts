/**
 * The address that clients talk to: counts, injects faults, checks the token, tags the answer.
 *
 * @module
 */
import { failure, tagged } from "./answer.ts";
import { apply, Faults, lost } from "./faults.ts";
import type { Overlay } from "./overlay.ts";

/** The one token that the stand-in takes. */
export const TOKEN = "ghp_standin_0123456789abcdef";

/** One request that the stand-in answered. */
export interface Seen {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly status: number;
  /** `api`, or `logs` for the host that keeps the logs. */
  readonly host: "api" | "logs";
  /** True where it carried an `authorization` header. */
  readonly credential: boolean;
}

/** Serves the API and the logs, each on a port of its own. */
export class Front {
  /** Everything that was asked since the last reset, oldest first. */
  seen: Seen[] = [];
  /** What is to go wrong. */
  readonly faults = new Faults();
  #overlay: Overlay | undefined;
  #api: Deno.HttpServer<Deno.NetAddr>;
  readonly #logs: Deno.HttpServer<Deno.NetAddr>;
  readonly #port: number;
  #refusing = false;

  /** Listens on two free loopback ports. */
  constructor() {
    this.#api = this.#listen(0);
    this.#port = this.#api.addr.port;
    this.#logs = serve(0, (request, url) => this.#log(request, url));
  }

  /** The API's own address. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The address of the host that keeps the logs. */
  get logsUrl(): string {
    return `http://127.0.0.1:${this.#logs.addr.port}`;
  }

  /** Answers from `overlay` from now on. */
  use(overlay: Overlay): void {
    this.#overlay = overlay;
  }

  /** Refuses connections to the API, or takes them again. */
  async refuse(on: boolean): Promise<void> {
    if (on === this.#refusing) return;
    this.#refusing = on;
    if (on) await this.#api.shutdown();
    else this.#api = this.#listen(this.#port);
  }

  /** Stops listening. */
  async close(): Promise<void> {
    this.faults.clear();
    await Promise.all([this.#refusing ? undefined : this.#api.shutdown(), this.#logs.shutdown()]);
  }

  #listen(port: number): Deno.HttpServer<Deno.NetAddr> {
    return serve(port, (request, url) => this.#answer(request, url));
  }

  async #answer(request: Request, url: URL): Promise<Response> {
    const path = url.pathname + url.search;
    const fault = this.faults.take(request.method, path);
    const injected = fault === undefined ? undefined : await apply(fault, request);
    const response = injected ?? await this.#usual(request, url);
    await lost(fault, request);
    this.#note(request, path, response.status, "api");
    return await finished(request, response);
  }

  async #usual(request: Request, url: URL): Promise<Response> {
    if (this.#overlay === undefined) return failure(503, "Starting");
    const [, token] = /^(?:token|bearer) (.+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
    if (request.headers.has("authorization") && token !== TOKEN) return failure(401, "Bad credentials");
    return await tagged(request, await this.#overlay.answer(request, url));
  }

  #log(request: Request, url: URL): Promise<Response> {
    const response = this.#overlay?.actions.answerLog(request, url) ?? failure(503, "Starting");
    this.#note(request, url.pathname + url.search, response.status, "logs");
    return finished(request, response);
  }

  #note(request: Request, path: string, status: number, host: Seen["host"]): void {
    this.seen.push({
      method: request.method,
      path,
      status,
      host,
      credential: request.headers.has("authorization"),
    });
  }
}

/** `response` with the headers that every answer has; that to a HEAD tells its length and leaves the body out. */
async function finished(request: Request, response: Response): Promise<Response> {
  const headers = new Headers(response.headers);
  headers.set("x-github-request-id", crypto.randomUUID());
  if (!headers.has("x-ratelimit-remaining")) headers.set("x-ratelimit-remaining", "4999");
  if (request.method !== "HEAD") return new Response(response.body, { status: response.status, headers });
  headers.set("content-length", String((await response.arrayBuffer()).byteLength));
  return new Response(null, { status: response.status, headers });
}

function serve(
  port: number,
  answer: (request: Request, url: URL) => Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  const onError = (error: unknown) => failure(500, error instanceof Error ? error.message : String(error));
  const options = { hostname: "127.0.0.1", port, onListen() {}, onError };
  return Deno.serve(options, (request) => answer(request, new URL(request.url)));
}
