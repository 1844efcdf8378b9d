/**
 * Requests to arXiv. How far apart they are is the host's business: see `pace` in the manifest.
 *
 * @module
 */
import { type Answer, type HttpClient } from "../sdk/client.ts";
import { notFound, orAbsent, ProviderError, unavailable, withQuery } from "../sdk/mod.ts";
import type { Settings } from "./config.ts";
import { type Feed, type Paper, readFeed } from "./feed.ts";
import { type Versioned, versionText } from "./ids.ts";

/** Papers a page: arXiv allows more, but a page of this size is parsed in a fraction of a second. */
export const PAGE = 100;

const HEADERS = { "accept": "application/atom+xml", "user-agent": "omnifs" };

/** What a HEAD tells of a source. */
export interface SourceFile {
  /** The name that says what it is: `source.tar.gz`, `source.gz`, `source.pdf`, … */
  readonly name: string;
  /** Its length in bytes, where arXiv tells it. */
  readonly size: number | undefined;
}

/** arXiv at one address. Every method throws a `ProviderError`. */
export class Api {
  readonly #http: HttpClient;
  readonly #settings: Settings;

  /** The arXiv of `settings`, asked through `http`. */
  constructor(http: HttpClient, settings: Settings) {
    this.#http = http;
    this.#settings = settings;
  }

  /** Most papers that a list shows. */
  get results(): number {
    return this.#settings.results;
  }

  /** The latest version of the paper `id`, or undefined where there is none. */
  latest(id: string): Paper | undefined {
    return this.#one(id);
  }

  /** One version of a paper. */
  version(versioned: Versioned): Paper {
    const paper = this.#one(versionText(versioned));
    if (paper?.version !== versioned.version) throw notFound();
    return paper;
  }

  /** One slice of what `query` finds, in the order of `sorting`. */
  search(query: string, sorting: Readonly<Record<string, string>>, start: number, length: number): Feed {
    const feed = this.#feed({ search_query: query, ...sorting, start, max_results: length });
    // arXiv now and then answers an empty slice in the middle of a list; it must not pass for its end.
    if (feed.entries === 0 && start < feed.total) {
      throw unavailable(`arXiv told none of ${feed.total} papers from ${start} on: try again`);
    }
    return feed;
  }

  /** Where the PDF at `path` is. */
  pdfUrl(path: string): string {
    return this.#settings.content + path;
  }

  /** Where the source of a version is. */
  sourceUrl(versioned: Versioned): string {
    return `${this.#settings.content}/e-print/${versionText(versioned)}`;
  }

  /** What the source of a version is, or undefined where it has none. */
  source(versioned: Versioned): SourceFile | undefined {
    const url = this.sourceUrl(versioned);
    const answer = orAbsent(() => this.#http.request({ method: "head", url, headers: [], expect: "none" }));
    return answer && sourceOf(answer);
  }

  #one(id: string): Paper | undefined {
    try {
      return this.#feed({ id_list: id, max_results: 1 }).papers[0];
    } catch (error) {
      // An identifier that looks right and that arXiv calls wrong, such as one of a 13th month.
      if (error instanceof ProviderError && error.failure.tag === "invalid") return undefined;
      throw error;
    }
  }

  #feed(parameters: Readonly<Record<string, string | number>>): Feed {
    const url = withQuery(this.#settings.api, parameters);
    return readFeed(this.#http.get(url, { headers: HEADERS }).text);
  }
}

/** Endings by media type, for an answer that names no file. arXiv's own types are the two with an `x-`. */
const ENDINGS: Readonly<Record<string, string>> = {
  "application/gzip": ".tar.gz",
  "application/x-gzip": ".tar.gz",
  "application/x-eprint-tar": ".tar.gz",
  "application/x-eprint": ".gz",
  "application/pdf": ".pdf",
  "application/postscript": ".ps",
  "text/html": ".html",
  "text/plain": ".txt",
};

/** A source's name and length, by the headers of its HEAD. */
export function sourceOf(answer: Pick<Answer, "header">): SourceFile {
  const type = (answer.header("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const file = /filename\*?=(?:UTF-8'')?"?([^";]+)"?/i.exec(answer.header("content-disposition") ?? "")?.[1];
  const ending = /(\.tar\.gz|\.[a-z]{1,5}\.gz|\.[a-z]{1,5})$/i.exec(file ?? "")?.[1]?.toLowerCase();
  const length = answer.header("content-length");
  const plain = (answer.header("content-encoding") ?? "identity") === "identity";
  return {
    name: `source${endingOf(ending) ?? ENDINGS[type] ?? ".bin"}`,
    size: plain && length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined,
  };
}

/** `.tex.gz` is one gzipped file, like `.gz`; `.tgz` is a `.tar.gz`. */
function endingOf(ending: string | undefined): string | undefined {
  if (ending === ".tgz") return ".tar.gz";
  return ending !== undefined && ending !== ".tar.gz" && ending.endsWith(".gz") ? ".gz" : ending;
}
