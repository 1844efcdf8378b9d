/**
 * What GitHub answers and `emulate` does not, or answers in another shape: owners that are organisations,
 * pull requests among the issues, diffs, changed files, moved repositories.
 *
 * @module
 */
import { Actions } from "./actions.ts";
import { failure, json, paged, seconds } from "./answer.ts";
import type { Backend } from "./backend.ts";
import { type Json, number, object, objects, text } from "./json.ts";
import { chosen, inOrder } from "./lists.ts";

/** Keys of a single pull request that GitHub leaves out of a list of them. */
const ONLY_SINGLE = [
  "merged",
  "mergeable",
  "rebaseable",
  "mergeable_state",
  "merged_by",
  "comments",
  "review_comments",
  "maintainer_can_modify",
  "commits",
  "additions",
  "deletions",
  "changed_files",
];

/** A request for a part of one repository. */
interface Part {
  readonly request: Request;
  readonly url: URL;
  /** The repository's numeric id. */
  readonly id: number;
  /** Its path in the backend, `/repos/acme/api`. */
  readonly at: string;
  /** The rest of the path, without its slash. */
  readonly rest: string;
}

type PartHandler = (overlay: Overlay, part: Part, match: RegExpExecArray) => Promise<Response> | Response;

/** Answers GET requests in GitHub's way, on top of the emulated service. */
export class Overlay {
  /** The runs of Actions. */
  readonly actions: Actions;
  readonly #api: string;
  readonly #backend: Backend;
  readonly #moved = new Map<string, number>();
  /** Issues that were deleted, as `acme/api#7`; one that was transferred with its path now. */
  readonly #gone = new Map<string, string | undefined>();
  /** Lists that took many requests to put together; cleared whenever anything changes. */
  readonly #kept = new Map<string, Promise<Json[]>>();

  /** Answers under the address `api`, with logs at `logs`. */
  constructor(api: string, logs: string, backend: Backend) {
    this.#api = api;
    this.#backend = backend;
    this.actions = new Actions(api, logs);
  }

  /** To be called after every change in the backend. */
  changed(): void {
    this.#kept.clear();
  }

  /** From now on `owner/name` answers 301 to the repository with this id. */
  move(fullName: string, id: number): void {
    this.#moved.set(fullName.toLowerCase(), id);
  }

  /** From now on the issue `number` of `owner/name` is not there, but, where that is told, at the path `now`. */
  remove(fullName: string, issue: number, now?: string): void {
    this.#gone.set(`/repos/${fullName}#${issue}`, now);
    this.changed();
  }

  /** The answer to one request. */
  async answer(request: Request, url: URL): Promise<Response> {
    const path = url.pathname;
    const owner = /^\/users\/([^/]+)(\/repos)?$/.exec(path);
    if (owner !== null) {
      return await this.#owner(decodeURIComponent(owner[1] ?? ""), owner[2] !== undefined, url);
    }
    const account = /^\/(?:user|organizations)\/(\d+)\/repos$/.exec(path);
    if (account !== null) return await this.#reposOfAccount(Number(account[1]), path, url);
    const organisation = /^\/orgs\/([^/]+)\/repos$/.exec(path);
    if (organisation !== null) return await this.#owner(decodeURIComponent(organisation[1] ?? ""), true, url);
    const moved = /^\/repos\/([^/]+\/[^/]+)(\/.*)?$/.exec(path);
    const target = moved === null ? undefined : this.#moved.get((moved[1] ?? "").toLowerCase());
    if (target !== undefined) return this.#redirect(target, moved?.[2] ?? "", url);
    const part = await this.#part(request, url);
    return part === undefined ? await this.#pass(request, url, undefined) : await this.#ofRepository(part);
  }

  #redirect(id: number, rest: string, url: URL): Response {
    const location = `${this.#api}/repositories/${id}${rest}${url.search}`;
    return json({ message: "Moved Permanently", url: location }, 301, { location });
  }

  async #owner(login: string, repos: boolean, url: URL): Promise<Response> {
    const user = await this.#backend.get(`/users/${encodeURIComponent(login)}`);
    const found = user ?? await this.#organisation(login);
    if (found === undefined) return failure(404, "Not Found");
    if (!repos) return json(found);
    return await this.#reposOf(found, url);
  }

  /** An organisation in the shape in which `GET /users/{name}` shows one. */
  async #organisation(login: string): Promise<Json | undefined> {
    const organisation = await this.#backend.get(`/orgs/${encodeURIComponent(login)}`);
    if (organisation === undefined) return undefined;
    const { members_can_create_repositories: _, billing_email: __, ...shown } = organisation;
    return shown;
  }

  async #reposOf(owner: Json, url: URL): Promise<Response> {
    const kind = owner["type"] === "Organization" ? "organizations" : "user";
    const query = `/search/repositories?q=${kind === "user" ? "user" : "org"}:${text(owner, "login")}`;
    const found = await this.#once(query, () => this.#backend.all(query, "items"));
    const sorted = found.map(({ score: _, ...repo }) => repo).toSorted(byFullName);
    return paged(sorted, url, `${this.#api}/${kind}/${number(owner, "id")}/repos`);
  }

  async #reposOfAccount(id: number, path: string, url: URL): Promise<Response> {
    const list = path.startsWith("/user/") ? ["admin", "octocat"] : ["acme"];
    for (const login of list) {
      const owner = await this.#backend.get(`/users/${login}`) ?? await this.#organisation(login);
      if (owner !== undefined && number(owner, "id") === id) return await this.#reposOf(owner, url);
    }
    return failure(404, "Not Found");
  }

  /** What part of which repository `url` names, by its name or its id; undefined where it names none. */
  async #part(request: Request, url: URL): Promise<Part | undefined> {
    const match = /^\/(?:repos\/([^/]+\/[^/]+)|repositories\/(\d+))(?:\/(.*))?$/.exec(url.pathname);
    if (match === null) return undefined;
    const at = match[1] === undefined ? `/repositories/${match[2]}` : `/repos/${match[1]}`;
    const repo = await this.#backend.get(at);
    if (repo === undefined) return undefined;
    const full = `/repos/${text(repo, "full_name")}`;
    return { request, url, id: number(repo, "id"), at: full, rest: match[3] ?? "" };
  }

  async #ofRepository(part: Part): Promise<Response> {
    if (["GET", "HEAD"].includes(part.request.method)) {
      for (const [pattern, handler] of PARTS) {
        const match = pattern.exec(part.rest);
        if (match !== null) return await handler(this, part, match);
      }
    }
    const edited = /^issues\/(\d+)$/.exec(part.rest);
    if (part.request.method === "PATCH" && edited !== null) return await this.#edit(part, edited[1] ?? "");
    return await this.#pass(part.request, part.url, part);
  }

  /** Changes an issue, or a pull request in an issue's shape: the emulated service assigns nobody to one. */
  async #edit(part: Part, issue: string): Promise<Response> {
    const path = `${part.at}/pulls/${issue}`;
    if (await this.#backend.get(`${part.at}/issues/${issue}`) !== undefined) {
      return await this.#pass(part.request, part.url, part);
    }
    if (await this.#backend.get(path) === undefined) return failure(404, "Not Found");
    const { labels, ...fields } = object(await part.request.json());
    if (labels !== undefined) {
      const headers = { "content-type": "application/json" };
      const init = { method: "PUT", headers, body: JSON.stringify({ labels }) };
      await (await this.#backend.fetch(`${part.at}/issues/${issue}/labels`, init)).body?.cancel();
    }
    const changed = await this.#backend.change("PATCH", path, fields);
    this.changed();
    return json(asIssue(await this.#counted(part.at, changed)));
  }

  /** Hands the request on as it is, and makes the links of the answer as GitHub's are. */
  async #pass(request: Request, url: URL, part: Part | undefined): Promise<Response> {
    const reads = ["GET", "HEAD"].includes(request.method);
    const path = part === undefined ? url.pathname : `${part.at}${part.rest === "" ? "" : `/${part.rest}`}`;
    const init: RequestInit = reads ? {} : {
      method: request.method,
      headers: { "content-type": request.headers.get("content-type") ?? "application/json" },
      body: await request.arrayBuffer(),
    };
    const response = await this.#backend.fetch(path + url.search, init);
    if (!reads) this.changed();
    const headers = new Headers({
      "content-type": response.headers.get("content-type") ?? "application/json",
    });
    const link = response.headers.get("link");
    if (link !== null && part !== undefined) headers.set("link", this.#relink(link, part));
    const empty = [204, 304].includes(response.status);
    const body = seconds(await response.text());
    return new Response(empty ? null : body, { status: response.status, headers });
  }

  #relink(link: string, part: Part): string {
    return link.replace(/<https?:\/\/[^/]+\/repos\/[^/]+\/[^/]+/g, `<${this.#api}/repositories/${part.id}`);
  }

  #once(key: string, load: () => Promise<Json[]>): Promise<Json[]> {
    const kept = this.#kept.get(key) ?? load();
    this.#kept.set(key, kept);
    return kept;
  }

  /** Issues and pull requests together, as GitHub lists them, newest first. */
  async issues({ at, id, url }: Part): Promise<Response> {
    const all = await this.#once(`${at}/issues`, async () => {
      const issues = await this.#backend.all(`${at}/issues?state=all`);
      const pulls = await this.#backend.all(`${at}/pulls?state=all`);
      const counted = await Promise.all(pulls.map((pull) => this.#counted(at, pull)));
      return [...issues, ...counted.map(asIssue)].filter((issue) =>
        !this.#isGone(at, number(issue, "number"))
      );
    });
    return paged(inOrder(chosen(all, url), url, "number"), url, `${this.#api}/repositories/${id}/issues`);
  }

  /** Every comment on the issues and pull requests of a repository. */
  async comments({ at, id, url }: Part): Promise<Response> {
    const all = await this.#once(`${at}/issues/comments`, async () => {
      const issues = await this.#backend.all(`${at}/issues?state=all`);
      const pulls = await this.#backend.all(`${at}/pulls?state=all`);
      const lists = [...issues, ...pulls.map(asIssue)].map(async (one) => {
        const found = await this.#backend.all(`${at}/issues/${number(one, "number")}/comments`);
        const page = one["pull_request"] === undefined ? "/issues/" : "/pull/";
        return found.map((comment) => ({
          ...comment,
          html_url: text(comment, "html_url").replace("/issues/", page),
        }));
      });
      return (await Promise.all(lists)).flat();
    });
    return paged(
      inOrder(chosen(all, url), url, "id"),
      url,
      `${this.#api}/repositories/${id}/issues/comments`,
    );
  }

  #isGone(at: string, issue: number): boolean {
    return this.#gone.has(`${at}#${issue}`);
  }

  /** One issue, or a pull request in an issue's shape. */
  async issue(part: Part, issue: string): Promise<Response> {
    if (this.#isGone(part.at, Number(issue))) {
      const now = this.#gone.get(`${part.at}#${issue}`);
      if (now === undefined) return failure(410, "This issue was deleted");
      return json({ message: "Moved Permanently" }, 301, { location: `${this.#api}${now}` });
    }
    const found = await this.#backend.get(`${part.at}/issues/${issue}`);
    if (found !== undefined) return json(found);
    const pull = await this.#backend.get(`${part.at}/pulls/${issue}`);
    return pull === undefined ? failure(404, "Not Found") : json(asIssue(await this.#counted(part.at, pull)));
  }

  /** A list of pull requests, without what GitHub tells only of a single one. */
  async pulls(part: Part): Promise<Response> {
    const response = await this.#pass(part.request, part.url, part);
    if (response.status !== 200) return response;
    const list = objects(await response.json()).map((pull) =>
      Object.fromEntries(Object.entries(pull).filter(([key]) => !ONLY_SINGLE.includes(key)))
    );
    const link = response.headers.get("link");
    return json(list, 200, link === null ? {} : { link });
  }

  /** One pull request, or its diff where that is what `accept` asks for. */
  async pull(part: Part, pull: string): Promise<Response> {
    if (!(part.request.headers.get("accept") ?? "").includes("application/vnd.github.diff")) {
      const response = await this.#pass(part.request, part.url, part);
      return response.status === 200 ? json(await this.#counted(part.at, await response.json())) : response;
    }
    const files = await this.#files(part, pull);
    if (files === undefined) return failure(404, "Not Found");
    return new Response(files.map(asDiff).join(""), {
      headers: { "content-type": "application/vnd.github.diff; charset=utf-8" },
    });
  }

  /** `pull` with the number of its comments, which the emulated service counts for its issue alone. */
  async #counted(at: string, pull: Json): Promise<Json> {
    const comments = await this.#backend.all(`${at}/issues/${number(pull, "number")}/comments`);
    return { ...pull, comments: comments.length };
  }

  /** The files that a pull request changes. */
  async files(part: Part, pull: string): Promise<Response> {
    const files = await this.#files(part, pull);
    if (files === undefined) return failure(404, "Not Found");
    return paged(files, part.url, `${this.#api}/repositories/${part.id}/pulls/${pull}/files`);
  }

  async #files(part: Part, pull: string): Promise<Json[] | undefined> {
    const found = await this.#backend.get(`${part.at}/pulls/${pull}`);
    if (found === undefined) return undefined;
    const base = text(object(found["base"]), "sha");
    const head = text(object(found["head"]), "sha");
    const compared = await this.#backend.get(`${part.at}/compare/${base}...${head}`);
    return objects(compared?.["files"] ?? []);
  }
}

const PARTS: readonly [RegExp, PartHandler][] = [
  [/^issues$/, (overlay, part) => overlay.issues(part)],
  [/^issues\/comments$/, (overlay, part) => overlay.comments(part)],
  [/^issues\/(\d+)$/, (overlay, part, match) => overlay.issue(part, match[1] ?? "")],
  [/^pulls$/, (overlay, part) => overlay.pulls(part)],
  [/^pulls\/(\d+)$/, (overlay, part, match) => overlay.pull(part, match[1] ?? "")],
  [/^pulls\/(\d+)\/files$/, (overlay, part, match) => overlay.files(part, match[1] ?? "")],
  [/^actions\/(.+)$/, (overlay, part, match) => overlay.actions.answer(part.id, match[1] ?? "", part.url)],
];

function byFullName(a: Json, b: Json): number {
  return text(a, "full_name").localeCompare(text(b, "full_name"));
}

/** A pull request in the shape in which GitHub lists it among the issues. */
function asIssue(pull: Json): Json {
  const url = text(pull, "url");
  const pick = (keys: readonly string[]) => Object.fromEntries(keys.map((key) => [key, pull[key] ?? null]));
  return {
    url: text(pull, "issue_url"),
    repository_url: url.replace(/\/pulls\/\d+$/, ""),
    comments_url: pull["comments_url"],
    html_url: pull["html_url"],
    // An issue's id is another than its pull request's on GitHub as well.
    id: number(pull, "id") + 1_000_000,
    ...pick(["number", "title", "user", "labels", "state", "locked", "assignee", "assignees", "milestone"]),
    ...pick(["comments", "created_at", "updated_at", "closed_at", "author_association", "draft", "body"]),
    pull_request: {
      url,
      html_url: pull["html_url"],
      diff_url: pull["diff_url"],
      patch_url: pull["patch_url"],
      merged_at: pull["merged_at"],
    },
  };
}

/** One changed file as `git diff` prints it. */
function asDiff(file: Json): string {
  const name = text(file, "filename");
  const before = typeof file["previous_filename"] === "string" ? file["previous_filename"] : name;
  const from = file["status"] === "added" ? "new file mode 100644\n--- /dev/null" : `--- a/${before}`;
  const to = file["status"] === "removed" ? "+++ /dev/null" : `+++ b/${name}`;
  const patch = typeof file["patch"] === "string" ? file["patch"] : "";
  return `diff --git a/${before} b/${name}\n${from}\n${to}\n${patch}${patch.endsWith("\n") ? "" : "\n"}`;
}
