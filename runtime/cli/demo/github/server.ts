/**
 * A stand-in for GitHub on this machine: a small REST responder over the sample data, and the store of logs that
 * GitHub keeps on another host.
 *
 * @module
 */
import { failure, listen, type Route, routed } from "../http.ts";
import * as shape from "./answers.ts";
import { OWNER, REPOSITORIES, type SampleIssue, type SamplePull, type SampleRepository } from "./data.ts";

/** A stand-in that answers. */
export interface GitHub {
  /** The API: `127.0.0.1` and a port. */
  readonly api: string;
  /** The store of logs: `127.0.0.1` and another port. */
  readonly logs: string;
  /** Stops answering. */
  close(): Promise<void>;
}

/** Starts it, on ports that are free. */
export function startGitHub(): GitHub {
  const logs = listen(answerLog);
  const api = listen((request) => answerApi(request, logs.host));
  return {
    api: api.host,
    logs: logs.host,
    close: async () => void await Promise.all([api.close(), logs.close()]),
  };
}

/** What a question about a repository gets. */
interface Asked {
  /** The repository that the path names, where it names one. */
  readonly repo: SampleRepository;
  readonly query: URLSearchParams;
  readonly accept: string;
  /** The store of logs. */
  readonly logs: string;
}

/** A list is paged; `under` wraps a page as Actions does. */
type Found =
  | { readonly list: readonly shape.Answer[]; readonly under?: string }
  | { readonly one: shape.Answer | undefined }
  | { readonly diff: string }
  | { readonly redirect: string };

/** Questions about an owner. */
const OWNER_ROUTES: readonly Route<undefined, Found>[] = [
  [/^\/users\/([^/]+)$/, ([login = ""]) => ({ one: shape.account(login) })],
  [
    /^\/(?:users|orgs)\/([^/]+)\/repos$/,
    ([login]) => ({ list: login === OWNER ? REPOSITORIES.map(shape.repository) : [] }),
  ],
  [/^\/repos\/([^/]+)\/([^/]+)$/, ([login, name]) => ({
    one: login === OWNER
      ? optional(REPOSITORIES.find((repo) => repo.name === name), shape.repository)
      : undefined,
  })],
];

/** Questions about what is in a repository; the path is what follows the repository's own. */
const REPOSITORY_ROUTES: readonly Route<Asked, Found>[] = [
  [/^$/, (_, { repo }) => ({ one: shape.repository(repo) })],
  [/^\/issues$/, (_, { repo, query }) => ({
    list: newestFirst(talksOf(repo)).filter(inState(query)).map((item) => shape.issue(repo, item)),
  })],
  [/^\/issues\/(\d+)$/, (words, { repo }) => ({
    one: optional(numbered(talksOf(repo), words), (item) => shape.issue(repo, item)),
  })],
  [/^\/issues\/(\d+)\/comments$/, (words, { repo }) => ({
    list: optional(numbered(talksOf(repo), words), (item) => shape.comments(repo, item)) ?? [],
  })],
  [/^\/issues\/comments$/, (_, { repo }) => ({
    list: talksOf(repo).flatMap((item) => shape.comments(repo, item)),
  })],
  [/^\/labels$/, (_, { repo }) => ({ list: shape.labels(talksOf(repo)) })],
  [/^\/milestones$/, () => ({ list: [] })],
  [/^\/issues\/comments\/(\d+)$/, (words, { repo }) => ({
    one: identified(talksOf(repo).flatMap((item) => shape.comments(repo, item)), words),
  })],
  [/^\/pulls$/, (_, { repo, query }) => ({
    list: newestFirst(repo.pulls).filter(inState(query)).map((item) => shape.pull(repo, item)),
  })],
  [/^\/pulls\/(\d+)$/, (words, { repo, accept }) => wholeOrDiff(repo, numbered(repo.pulls, words), accept)],
  [/^\/pulls\/(\d+)\/files$/, (words, { repo }) => ({
    list: optional(numbered(repo.pulls, words), shape.files) ?? [],
  })],
  [/^\/pulls\/(\d+)\/reviews$/, (words, { repo }) => ({ list: reviewsOf(repo, words) })],
  [/^\/pulls\/(\d+)\/reviews\/(\d+)$/, (words, { repo }) => ({
    one: identified(reviewsOf(repo, words), words.slice(1)),
  })],
  [/^\/actions\/runs$/, (_, { repo, query }) => ({
    list: repo.runs.map((run) => shape.run(repo, run)).filter((run) =>
      (query.get("status") ?? run["status"]) === run["status"]
    ),
    under: "workflow_runs",
  })],
  [/^\/actions\/runs\/(\d+)$/, (words, { repo }) => ({
    one: identified(repo.runs.map((run) => shape.run(repo, run)), words),
  })],
  [/^\/actions\/runs\/(\d+)(?:\/attempts\/1)?\/jobs$/, ([run], { repo }) => ({
    list: jobsOf(repo).filter((job) => String(job["run_id"]) === run),
    under: "jobs",
  })],
  [/^\/actions\/jobs\/(\d+)$/, (words, { repo }) => ({ one: identified(jobsOf(repo), words) })],
  [
    /^\/actions\/jobs\/(\d+)\/logs$/,
    (words, { repo, logs }) =>
      identified(jobsOf(repo), words)?.["status"] === "completed"
        ? { redirect: `http://${logs}/logs/${words[0]}` }
        : { one: undefined },
  ],
];

async function answerApi(request: Request, logs: string): Promise<Response> {
  const url = new URL(request.url);
  if (request.method !== "GET" && request.method !== "HEAD") return failure(405, "This stand-in only reads");
  const found = routed(OWNER_ROUTES, url.pathname, undefined) ??
    findInRepository(url, request.headers.get("accept") ?? "", logs);
  if (found === undefined) return failure(404, "Not Found");
  if ("redirect" in found) return new Response(null, { status: 302, headers: { location: found.redirect } });
  if ("diff" in found) {
    return await tagged(request, found.diff, { "content-type": "application/vnd.github.diff" });
  }
  if ("one" in found) {
    return found.one === undefined ? failure(404, "Not Found") : await tagged(request, json(found.one));
  }
  return await page(request, url, narrowed(found.list, url.searchParams), found.under);
}

function findInRepository(url: URL, accept: string, logs: string): Found | undefined {
  const [, id, owner, name, rest = ""] =
    /^\/(?:repositories\/(\d+)|repos\/([^/]+)\/([^/]+))(\/.*)?$/.exec(url.pathname) ?? [];
  const repo = REPOSITORIES.find((repo) => String(repo.id) === id || (owner === OWNER && repo.name === name));
  return repo && routed(REPOSITORY_ROUTES, rest, { repo, query: url.searchParams, accept, logs });
}

/** What changed since the date that a query names, in the order that it names. */
function narrowed(list: readonly shape.Answer[], query: URLSearchParams): readonly shape.Answer[] {
  const [since, sort] = [query.get("since"), query.get("sort")];
  const found = since === null ? list : list.filter((item) => String(item["updated_at"]) >= since);
  if (sort !== "created" && sort !== "updated") return found;
  const up = found.toSorted((a, b) => String(a[`${sort}_at`]) < String(b[`${sort}_at`]) ? -1 : 1);
  return query.get("direction") === "asc" ? up : up.reverse();
}

/** A page of a list, with the link to the next one that GitHub's clients follow. */
async function page(
  request: Request,
  url: URL,
  list: readonly shape.Answer[],
  under: string | undefined,
): Promise<Response> {
  // GitHub's own limits: 30 a page unless told, at most 100.
  const size = Math.min(100, Number(url.searchParams.get("per_page") ?? 30) || 30);
  const number = Math.max(1, Number(url.searchParams.get("page") ?? 1) || 1);
  const items = list.slice((number - 1) * size, number * size);
  const to = (page: number, rel: string) => {
    const target = new URL(url);
    target.searchParams.set("page", String(page));
    return `<${target.href}>; rel="${rel}"`;
  };
  const last = Math.ceil(list.length / size);
  const link: Record<string, string> = number < last
    ? { link: `${to(number + 1, "next")}, ${to(last, "last")}` }
    : {};
  return await tagged(
    request,
    json(under === undefined ? items : { total_count: list.length, [under]: items }),
    link,
  );
}

/** `body` with its ETag, or 304 where the asker has it already. */
async function tagged(
  request: Request,
  body: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const bytes = new TextEncoder().encode(body);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const etag = `W/"${[...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("")}"`;
  const all = { "content-type": "application/json; charset=utf-8", ...headers, etag };
  if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers: all });
  return new Response(bytes, { headers: all });
}

function answerLog(request: Request): Response {
  const id = new URL(request.url).pathname.replace(/^\/logs\//, "");
  for (const { runs } of REPOSITORIES) {
    for (const run of runs) {
      const job = run.jobs.find((job) => String(shape.jobId(run, job)) === id);
      if (job !== undefined) {
        return new Response(job.log, { headers: { "content-type": "text/plain; charset=utf-8" } });
      }
    }
  }
  return failure(404, "Not Found");
}

function wholeOrDiff(repo: SampleRepository, item: SamplePull | undefined, accept: string): Found {
  if (item !== undefined && accept.includes("diff")) return { diff: shape.diff(item) };
  return { one: optional(item, (pull) => shape.wholePull(repo, pull)) };
}

function reviewsOf(repo: SampleRepository, words: readonly string[]): shape.Answer[] {
  return optional(numbered(repo.pulls, words), (item) => shape.reviews(repo, item)) ?? [];
}

/** Issues and pull requests, which are issues too. */
function talksOf({ issues, pulls }: SampleRepository): (SampleIssue | SamplePull)[] {
  return [...issues, ...pulls];
}

function jobsOf(repo: SampleRepository): shape.Answer[] {
  return repo.runs.flatMap((run) => run.jobs.map((job) => shape.job(repo, run, job)));
}

/** GitHub lists open ones unless told otherwise. */
function inState(query: URLSearchParams): (item: { readonly closed?: string }) => boolean {
  const state = query.get("state") ?? "open";
  return (item) => state === "all" || (item.closed === undefined) === (state === "open");
}

function newestFirst<Item extends { readonly number: number }>(items: readonly Item[]): Item[] {
  return [...items].sort((a, b) => b.number - a.number);
}

function numbered<Item extends { readonly number: number }>(
  items: readonly Item[],
  words: readonly string[],
): Item | undefined {
  return items.find((item) => String(item.number) === words[0]);
}

function identified(items: readonly shape.Answer[], words: readonly string[]): shape.Answer | undefined {
  return items.find((item) => String(item["id"]) === words[0]);
}

function optional<From, To>(value: From | undefined, make: (value: From) => To): To | undefined {
  return value === undefined ? undefined : make(value);
}

function json(value: unknown): string {
  return JSON.stringify(value);
}
