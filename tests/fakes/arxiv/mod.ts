/**
 * An arXiv on loopback for tests: the query API in both of its formats, PDFs and sources, and the rule of one request
 * every so many milliseconds over all of it.
 *
 * @module
 */
import { type Entry, errorFeed, feedOf, type Format, type PaperSeed } from "./atom.ts";
import { pdfOf, sourceOf } from "./files.ts";

export type { Format, PaperSeed } from "./atom.ts";
export { pdfOf, sourceOf } from "./files.ts";

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
  readonly #papers = new Map<string, PaperSeed>();
  readonly #format: Format;
  readonly #pace: number;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #faults: Fault[] = [];
  #last = -Infinity;
  #underWay = 0;

  /** Starts it, without a paper. */
  constructor(options: StandInOptions = {}) {
    this.#format = options.format ?? "after";
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
    for (const paper of papers) this.#papers.set(paper.id, paper);
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
    if (url.pathname === "/api/query") return await this.#query(url.searchParams);
    const [, kind, id = "", version = ""] = /^\/(pdf|e-print)\/(.+)v(\d+)$/.exec(url.pathname) ?? [];
    return await this.#file(kind, this.#papers.get(id), Number(version));
  }

  async #file(kind: string | undefined, paper: PaperSeed | undefined, version: number): Promise<Response> {
    const isHere = paper !== undefined && version <= (paper.versions ?? 1);
    if (!isHere || kind === undefined || paper.source === "none") {
      return new Response("no such paper", { status: 404 });
    }
    const { bytes, headers } = kind === "pdf"
      ? { bytes: pdfOf(paper.id, version), headers: { "content-type": "application/pdf" } }
      : await sourceOf(paper.id, version, paper.source ?? "tar.gz");
    return new Response(bytes, { headers: { ...headers, "content-length": String(bytes.length) } });
  }

  async #query(query: URLSearchParams): Promise<Response> {
    const [ids, search] = [query.get("id_list") ?? "", query.get("search_query") ?? ""];
    const [start, length] = [Number(query.get("start") ?? 0), Number(query.get("max_results") ?? 10)];
    if (search === RECORDED_QUERY) return feed(await recording(`${this.#format}-2025-11_query`));
    if (/[()]/.test(search)) return this.#error("the query could not be parsed");
    if (/^\d\d(1[3-9]|[2-9]\d)\./.test(ids)) return this.#error(`incorrect id format for ${ids}`);
    const found = ids === "" ? this.#search(search) : this.#byId(ids);
    const entries = found.slice(start, start + length);
    return feed(feedOf(this.#format, { total: found.length, start, length }, entries));
  }

  #error(why: string): Response {
    return feed(errorFeed(why), this.#format === "before" ? 200 : 400);
  }

  #byId(ids: string): Entry[] {
    const [, id = "", asked] = /^(.+?)(?:v(\d+))?$/.exec(ids) ?? [];
    const paper = this.#papers.get(id);
    const version = Number(asked ?? paper?.versions ?? 1);
    if (paper !== undefined && version <= (paper.versions ?? 1)) return [{ paper, version }];
    // The older format has an entry for each identifier that was asked for, and leaves it empty.
    return this.#format === "before" ? [undefined] : [];
  }

  /** Those in a category, the newest first, or those whose title has the words. */
  #search(query: string): Entry[] {
    const category = /^cat:(.+)$/.exec(query)?.[1];
    const holds = ({ categories = ["cs.CL"], title = "" }: PaperSeed) =>
      category === undefined ? title.includes(query) : categories.includes(category);
    return [...this.#papers.values()].filter(holds).reverse().map((paper) => ({
      paper,
      version: paper.versions ?? 1,
    }));
  }
}

function feed(text: string, status = 200): Response {
  return new Response(text, { status, headers: { "content-type": "application/atom+xml; charset=utf-8" } });
}

function refusal(): Response {
  return new Response("Rate exceeded.", { status: 429, headers: { "retry-after": "0" } });
}
