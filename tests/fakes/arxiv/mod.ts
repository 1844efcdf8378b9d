/**
 * An arXiv on loopback for tests: the demo's answers, recordings of arXiv's own, faults, and the rule of one request
 * every so many milliseconds over all of it.
 *
 * @module
 */
import { ArxivAnswers, feed } from "../../../runtime/cli/demo/arxiv/answers.ts";
import type { Format, PaperSeed } from "../../../runtime/cli/demo/arxiv/atom.ts";

export type { PaperSeed } from "../../../runtime/cli/demo/arxiv/atom.ts";
export { pdfOf, sourceOf } from "../../../runtime/cli/demo/arxiv/files.ts";

/** A request as it was seen. */
export interface Seen {
  /** Upper case. */
  readonly method: string;
  /** Path and query, decoded. */
  readonly path: string;
  /** What it was answered with. */
  readonly status: number;
  /** Milliseconds since some fixed moment. */
  readonly at: number;
}

/** How a stand-in answers. */
export interface StandInOptions {
  /** The format of its feeds; the newer one unless told. */
  readonly format?: Format;
  /** Least milliseconds between the arrivals of two requests; earlier ones get a 429. None unless told. */
  readonly pace?: number;
}

/** What is answered in place of the truth, once. */
export interface Fault {
  /** The status. */
  readonly status: number;
  /** Headers beside that. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body. */
  readonly body?: string;
}

/** An answer of arXiv that was recorded. */
export async function recording(name: string): Promise<string> {
  return await Deno.readTextFile(new URL(`./data/${name}.xml`, import.meta.url));
}

/** The query whose answer was recorded. */
export const RECORDED_QUERY = "all:electron AND all:proton";

/** The server. */
export class ArxivStandIn implements AsyncDisposable {
  /** Every request, oldest first. */
  readonly requests: Seen[] = [];
  readonly #answers: ArxivAnswers;
  readonly #format: Format;
  readonly #pace: number;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #faults: Fault[] = [];
  #last = -Infinity;
  #underWay = 0;

  /** Starts it, without a paper. */
  constructor(options: StandInOptions = {}) {
    this.#format = options.format ?? "after";
    this.#answers = new ArxivAnswers(this.#format);
    this.#pace = options.pace ?? 0;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#answer(request),
    );
  }

  /** `127.0.0.1:port`. */
  get host(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  /** What the provider has to be told to ask this one. */
  get settings(): { readonly api_url: string; readonly content_url: string } {
    return { api_url: `http://${this.host}/api/query`, content_url: `http://${this.host}` };
  }

  /** Adds papers, or replaces those with the same id. */
  add(...papers: readonly PaperSeed[]): void {
    this.#answers.add(...papers);
  }

  /** Answers the next request with `fault`. */
  fault(fault: Fault): void {
    this.#faults.push(fault);
  }

  /** `METHOD path` of every request since `from`. */
  asked(from = 0): string[] {
    return this.requests.slice(from).map(({ method, path }) => `${method} ${path}`);
  }

  /** The requests that came too early, or before the one before them was answered. */
  get violations(): number {
    return this.requests.filter(({ status }) => status === 429).length;
  }

  /** Stops listening. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const at = performance.now();
    const early = at - this.#last < this.#pace || (this.#pace > 0 && this.#underWay > 0);
    this.#last = at;
    this.#underWay++;
    try {
      const url = new URL(request.url);
      const response = early ? refusal() : await this.#told(url);
      const path = decodeURIComponent(url.pathname + url.search.replaceAll("+", " "));
      this.requests.push({ method: request.method, path, status: response.status, at });
      return response;
    } finally {
      this.#underWay--;
    }
  }

  async #told(url: URL): Promise<Response> {
    const fault = this.#faults.shift();
    if (fault !== undefined) {
      return new Response(fault.body ?? "", { status: fault.status, headers: { ...fault.headers } });
    }
    if (url.searchParams.get("search_query") === RECORDED_QUERY) {
      return feed(await recording(`${this.#format}-2025-11_query`));
    }
    return await this.#answers.answer(url);
  }
}

function refusal(): Response {
  return new Response("Rate exceeded.", { status: 429, headers: { "retry-after": "0" } });
}
