/**
 * Requests to GitHub's REST API.
 *
 * @module
 */
import type { Answer, HttpClient, JsonAnswer } from "../sdk/client.ts";
import { ProviderError, tooLarge, unavailable } from "../sdk/mod.ts";
import { originOf, type Settings } from "./config.ts";
import { type Json, object } from "./json.ts";

/** Items a page: the most that GitHub gives. */
const PAGE = 100;

/** The media type and version that this provider was written against. */
const HEADERS: Readonly<Record<string, string>> = {
  "accept": "application/vnd.github+json",
  "x-github-api-version": "2022-11-28",
  "user-agent": "omnifs",
};

/** One page of a list. */
export interface Page {
  /** The parsed body. */
  readonly value: unknown;
  /** Where the list goes on: an absolute URL of the same API. */
  readonly next: string | undefined;
  /** Status and headers. */
  readonly answer: Answer;
}

/** GitHub's REST API at one address. Every method throws a `ProviderError`. */
export class Api {
  readonly #http: HttpClient;
  readonly #base: string;

  /** The API of `settings`, asked through `http`. */
  constructor(http: HttpClient, settings: Settings) {
    this.#http = http;
    this.#base = settings.api;
  }

  /** The absolute URL of a path that starts with a slash. */
  url(path: string): string {
    return this.#base + path;
  }

  /** The object at `path`. */
  object(path: string): Json {
    return object(this.answer(path).value);
  }

  /** The answer at `path`. */
  answer(path: string): JsonAnswer<unknown> {
    return this.#http.getJson<unknown>(this.url(path), { headers: HEADERS });
  }

  /**
   * One page of the list at `path`, or the page at `cursor`, the `next` of an earlier one. A page has 100 items,
   * unless the path says how many.
   *
   * A link is only followed within the API's own origin: whoever could write it must not choose where this
   * provider, and the credential with it, goes.
   */
  page(path: string, cursor: string | undefined): Page {
    const sign = path.includes("?") ? "&" : "?";
    const sized = /[?&]per_page=/.test(path) ? path : `${path}${sign}per_page=${PAGE}`;
    const url = cursor ?? this.url(sized);
    this.#keepWithin(url);
    const page = this.#http.getJson<unknown>(url, { headers: HEADERS });
    if (page.next !== undefined) this.#keepWithin(page.next);
    return page;
  }

  /** Every item of the list at `path`, across its pages; `items` takes them out of one. */
  all(path: string, items: (value: unknown) => Json[]): Json[] {
    return this.upTo(Infinity, path, items).items;
  }

  /** The items on the first `pages` pages of the list at `path`, and whether there are more of them. */
  upTo(pages: number, path: string, items: (value: unknown) => Json[]): { items: Json[]; more: boolean } {
    const found: Json[] = [];
    let cursor: string | undefined;
    let read = 0;
    do {
      const page = this.page(path, cursor);
      found.push(...items(page.value));
      cursor = page.next;
      read++;
    } while (cursor !== undefined && read < pages);
    return { items: found, more: cursor !== undefined };
  }

  /** The text at `path`, wherever the API's redirects lead. */
  text(path: string): string {
    return this.#http.get(this.url(path), { headers: HEADERS }).text;
  }

  /** The diff at `path`, byte by byte: it may hold text in any encoding. */
  diff(path: string): Uint8Array {
    try {
      const headers = { ...HEADERS, accept: "application/vnd.github.diff" };
      return this.#http.getBytes(this.url(path), { headers });
    } catch (error) {
      // GitHub answers 406 for a diff of more than 300 files or 20,000 lines.
      if (error instanceof ProviderError && / answered 406\b/.test(error.message)) throw tooLarge();
      throw error;
    }
  }

  /** Headers for a body that the host fetches by itself. */
  get headers(): Readonly<Record<string, string>> {
    return HEADERS;
  }

  #keepWithin(url: string): void {
    if (originOf(url) !== originOf(this.#base)) {
      throw unavailable(`the upstream's list goes on at another origin, which is not followed: ${url}`);
    }
  }
}
