/**
 * arXiv's answers about the papers that one has: the query API in both of its formats, PDFs and sources.
 *
 * @module
 */
import { type Entry, errorFeed, feedOf, type Format, type PaperSeed } from "./atom.ts";
import { pdfOf, sourceOf } from "./files.ts";

/** An arXiv that holds a few papers. */
export class ArxivAnswers {
  readonly #papers = new Map<string, PaperSeed>();
  readonly #format: Format;

  /** Without a paper; its feeds are in the newer format unless told. */
  constructor(format: Format = "after") {
    this.#format = format;
  }

  /** Adds papers, or replaces those with the same id. */
  add(...papers: readonly PaperSeed[]): void {
    for (const paper of papers) this.#papers.set(paper.id, paper);
  }

  /** The answer to a GET or a HEAD of `url`. */
  async answer(url: URL): Promise<Response> {
    if (url.pathname === "/api/query") return this.#query(url.searchParams);
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

  #query(query: URLSearchParams): Response {
    const [ids, search] = [query.get("id_list") ?? "", query.get("search_query") ?? ""];
    const [start, length] = [Number(query.get("start") ?? 0), Number(query.get("max_results") ?? 10)];
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
    const words = query.replace(/^(?:all|ti):/, "");
    const holds = ({ categories = ["cs.CL"], title = "" }: PaperSeed) =>
      category === undefined ? title.includes(words) : categories.includes(category);
    return [...this.#papers.values()].filter(holds).reverse().map((paper) => ({
      paper,
      version: paper.versions ?? 1,
    }));
  }
}

/** An answer of the query API. */
export function feed(text: string, status = 200): Response {
  return new Response(text, { status, headers: { "content-type": "application/atom+xml; charset=utf-8" } });
}
