/**
 * The provider's settings, and the manifest that follows from them.
 *
 * @module
 */
import { invalid, type ManifestDefinition, type Need } from "../sdk/mod.ts";

/** Where arXiv is, and how it is asked. */
export interface Settings {
  /** The address of the query API. */
  readonly api: string;
  /** The site that PDFs and sources are read from, without a slash at its end. */
  readonly content: string;
  /** Most papers that a category or a search lists. */
  readonly results: number;
  /** Least milliseconds between two requests. */
  readonly pace: number;
}

/** arXiv's host for programs (https://info.arxiv.org/help/api/user-manual.html). */
const DEFAULT_API = "https://export.arxiv.org/api/query";
const DEFAULT_CONTENT = "https://export.arxiv.org";

/** "no more than one request every three seconds" (https://info.arxiv.org/help/api/tou.html). */
const ARXIV_PACE = 3_000;

const DEFAULT_RESULTS = 100;

/** The most that arXiv gives out in one slice, and more than anybody reads in a directory. */
const MOST_RESULTS = 2_000;

/** JSON Schema of the settings. */
const SCHEMA = {
  type: "object",
  properties: {
    api_url: {
      type: "string",
      pattern: "^https?://[^/?#@]+(/[^?#]*)?$",
      default: DEFAULT_API,
      description: "Address of the query API",
    },
    content_url: {
      type: "string",
      pattern: "^https?://[^/?#@]+(/[^?#]*)?$",
      default: DEFAULT_CONTENT,
      description: "Site that PDFs and sources are read from",
    },
    results: {
      type: "integer",
      minimum: 1,
      maximum: MOST_RESULTS,
      default: DEFAULT_RESULTS,
      description: "Most papers that a category or a search lists; each 100 are one request",
    },
    pace_ms: {
      type: "integer",
      minimum: 0,
      maximum: 60_000,
      default: ARXIV_PACE,
      description: "Least milliseconds between two requests; never less than 3,000 for arxiv.org itself",
    },
  },
  additionalProperties: false,
};

/** What `given`, the user's settings, come to. */
export function settingsOf(given: unknown): Settings {
  const api = (text(given, "api_url") ?? DEFAULT_API).replace(/\/+$/, "");
  const content = (text(given, "content_url") ?? DEFAULT_CONTENT).replace(/\/+$/, "");
  const asked = number(given, "pace_ms") ?? ARXIV_PACE;
  return {
    api,
    content,
    results: number(given, "results") ?? DEFAULT_RESULTS,
    pace: [api, content].some((url) => isArxiv(hostOf(url))) ? Math.max(asked, ARXIV_PACE) : asked,
  };
}

function text(given: unknown, key: string): string | undefined {
  const value = valueOf(given, key);
  return typeof value === "string" ? value : undefined;
}

function number(given: unknown, key: string): number | undefined {
  const value = valueOf(given, key);
  return typeof value === "number" ? value : undefined;
}

function valueOf(given: unknown, key: string): unknown {
  return typeof given === "object" && given !== null ? Reflect.get(given, key) : undefined;
}

/** Host and port of a URL, in lower case. */
export function hostOf(url: string): string {
  const host = /^https?:\/\/([^/?#@\\]+)(?=[/?#]|$)/i.exec(url)?.[1];
  if (host === undefined) throw invalid(`not an address of a site: ${url}`);
  return host.toLowerCase();
}

function isArxiv(host: string): boolean {
  return /(^|\.)arxiv\.org(:\d+)?$/.test(host);
}

/** The manifest under these settings. */
export function manifestOf(settings: Settings): ManifestDefinition {
  const { pace } = settings;
  const [api, content] = [hostOf(settings.api), hostOf(settings.content)];
  const reasons = new Map([[content, "Read PDFs and sources"], [api, "Read what arXiv tells of papers"]]);
  // export.arxiv.org hands some papers over to the main site, which counts requests together with it.
  if (isArxiv(content) && !reasons.has("arxiv.org")) reasons.set("arxiv.org", "Read what arXiv keeps there");
  const needs = [...reasons].map(([target, why]): Need => ({ target, write: false, why, pace }));
  return {
    name: "arxiv",
    version: "1.0.0",
    summary: "Papers of arXiv with their PDFs and sources, categories and searches",
    needs,
    settings: SCHEMA,
  };
}
