/**
 * What a test can put into the stand-in, or change in it, besides what a client could over the API.
 *
 * @module
 */
import type { RunSeed } from "./actions.ts";
import type { Backend } from "./backend.ts";
import { type Json, number, object, text } from "./json.ts";
import type { Overlay } from "./overlay.ts";

/** An issue as a test describes it. */
export interface IssueSeed {
  readonly title?: string;
  readonly body?: string | null;
  readonly labels?: readonly string[];
  readonly assignees?: readonly string[];
  /** `open` unless told otherwise. */
  readonly state?: "open" | "closed";
  /** The number of its milestone. */
  readonly milestone?: number | null;
}

/** What of a label or a milestone a test changes. */
export interface NamedSeed {
  readonly new_name?: string;
  readonly title?: string;
  readonly color?: string;
  readonly description?: string;
}

/** A pull request as a test describes it. */
export interface PullSeed {
  readonly title?: string;
  readonly body?: string | null;
  /** The head branch, made for it; unique unless told otherwise. */
  readonly branch?: string;
  /** Path and new text of each file that it adds or changes. */
  readonly files?: Readonly<Record<string, string>>;
  /** `open` unless told otherwise. */
  readonly state?: "open" | "closed" | "merged";
}

/** Puts data into the backend and the overlay. `repo` is always `owner/name`. */
export class Seeder {
  readonly #backend: Backend;
  readonly #overlay: Overlay;
  #branches = 0;

  /** Seeds these two. */
  constructor(backend: Backend, overlay: Overlay) {
    this.#backend = backend;
    this.#overlay = overlay;
  }

  /** The repository's numeric id. */
  async repositoryId(repo: string): Promise<number> {
    const found = await this.#backend.get(`/repos/${repo}`);
    if (found === undefined) throw new Error(`there is no repository ${repo}`);
    return number(found, "id");
  }

  /** Makes a repository of `acme`; answers its id. */
  async createRepository(name: string): Promise<number> {
    const made = await this.#change("POST", "/orgs/acme/repos", { name, auto_init: true });
    return number(made, "id");
  }

  /** Makes one issue; answers its number. */
  async createIssue(repo: string, seed: IssueSeed): Promise<number> {
    const { state, ...fields } = seed;
    const made = await this.#change("POST", `/repos/${repo}/issues`, { title: "An issue", ...fields });
    const issue = number(made, "number");
    if (state === "closed") await this.patchIssue(repo, issue, { state });
    return issue;
  }

  /** Makes `count` open issues, `Issue 1` and so on; answers their numbers. */
  async createIssues(repo: string, count: number): Promise<number[]> {
    const numbers: number[] = [];
    for (let index = 1; index <= count; index++) {
      const body = `The body of issue ${index}, with a line\nand another one.`;
      numbers.push(await this.createIssue(repo, { title: `Issue ${index}`, body, labels: ["bug"] }));
    }
    return numbers;
  }

  /** Changes fields of an issue. */
  async patchIssue(repo: string, issue: number, fields: IssueSeed): Promise<void> {
    await this.#change("PATCH", `/repos/${repo}/issues/${issue}`, fields);
  }

  /** Adds a comment to an issue or a pull request; answers its id. */
  async addComment(repo: string, issue: number, body: string): Promise<number> {
    return number(await this.#change("POST", `/repos/${repo}/issues/${issue}/comments`, { body }), "id");
  }

  /** Changes the text of a comment. */
  async editComment(repo: string, comment: number, body: string): Promise<void> {
    await this.#change("PATCH", `/repos/${repo}/issues/comments/${comment}`, { body });
  }

  /** Deletes a comment. */
  async deleteComment(repo: string, comment: number): Promise<void> {
    await this.#delete(`/repos/${repo}/issues/comments/${comment}`);
  }

  /** Deletes an issue: nothing but the list tells that it is gone. */
  deleteIssue(repo: string, issue: number): Promise<void> {
    return Promise.resolve(this.#overlay.remove(repo, issue));
  }

  /**
   * Moves an issue into another repository, under a number of its own, which is answered: the old place leads there.
   * Comments stay behind, which GitHub would move as well.
   */
  async transferIssue(repo: string, issue: number, to: string): Promise<number> {
    const { title, body, state } = await this.#backend.get(`/repos/${repo}/issues/${issue}`) ?? {};
    const moved = await this.createIssue(to, {
      title: String(title),
      body: String(body ?? ""),
      state: state === "closed" ? "closed" : "open",
    });
    const id = await this.repositoryId(to);
    this.#overlay.remove(repo, issue, `/repositories/${id}/issues/${moved}`);
    return moved;
  }

  /** Changes a label. */
  async editLabel(repo: string, label: string, fields: NamedSeed): Promise<void> {
    await this.#change("PATCH", `/repos/${repo}/labels/${encodeURIComponent(label)}`, fields);
  }

  /** Deletes a label. */
  async deleteLabel(repo: string, label: string): Promise<void> {
    await this.#delete(`/repos/${repo}/labels/${encodeURIComponent(label)}`);
  }

  /** Makes a milestone; answers its number. */
  async createMilestone(repo: string, title: string): Promise<number> {
    return number(await this.#change("POST", `/repos/${repo}/milestones`, { title }), "number");
  }

  /** Changes a milestone. */
  async editMilestone(repo: string, milestone: number, fields: NamedSeed): Promise<void> {
    await this.#change("PATCH", `/repos/${repo}/milestones/${milestone}`, fields);
  }

  /** Changes fields of a pull request. */
  async patchPull(repo: string, pull: number, fields: IssueSeed): Promise<void> {
    await this.#change("PATCH", `/repos/${repo}/pulls/${pull}`, fields);
  }

  /** Merges a pull request. */
  async mergePull(repo: string, pull: number): Promise<void> {
    await this.#change("PUT", `/repos/${repo}/pulls/${pull}/merge`, {});
  }

  /** Commits a file to a branch. */
  async pushFile(repo: string, branch: string, path: string, content: string): Promise<void> {
    await this.#putFile(repo, branch, path, content);
  }

  /** Changes fields of a repository. */
  async patchRepository(repo: string, fields: { readonly description: string }): Promise<void> {
    await this.#change("PATCH", `/repos/${repo}`, fields);
  }

  /** Delivers every event of a repository to `url`, signed with `secret`. */
  async addHook(repo: string, url: string, secret: string): Promise<void> {
    const config = { url, secret, content_type: "json" };
    await this.#change("POST", `/repos/${repo}/hooks`, { config, events: ["*"], active: true });
  }

  /** Deletes a repository. */
  async deleteRepository(repo: string): Promise<void> {
    await this.#delete(`/repos/${repo}`);
  }

  /** Makes a pull request with a branch and files of its own; answers its number. */
  async addPull(repo: string, seed: PullSeed): Promise<number> {
    const branch = seed.branch ?? `topic-${++this.#branches}`;
    const main = await this.#backend.get(`/repos/${repo}/git/ref/heads/main`);
    const sha = text(object(main?.["object"]), "sha");
    await this.#change("POST", `/repos/${repo}/git/refs`, { ref: `refs/heads/${branch}`, sha });
    for (const [path, content] of Object.entries(seed.files ?? { "topic.txt": "a topic\n" })) {
      await this.#putFile(repo, branch, path, content);
    }
    const fields = {
      title: seed.title ?? "A pull request",
      body: seed.body ?? null,
      head: branch,
      base: "main",
    };
    const pull = number(await this.#change("POST", `/repos/${repo}/pulls`, fields), "number");
    if (seed.state === "closed") {
      await this.#change("PATCH", `/repos/${repo}/pulls/${pull}`, { state: "closed" });
    }
    if (seed.state === "merged") await this.#change("PUT", `/repos/${repo}/pulls/${pull}/merge`, {});
    return pull;
  }

  async #putFile(repo: string, branch: string, path: string, content: string): Promise<void> {
    const at = `/repos/${repo}/contents/${path}`;
    const old = await this.#backend.get(`${at}?ref=${branch}`);
    const bytes = new TextEncoder().encode(content).toBase64();
    const body = { message: `Write ${path}`, content: bytes, branch };
    await this.#change("PUT", at, old === undefined ? body : { ...body, sha: text(old, "sha") });
  }

  /** Reviews a pull request; answers the review's id. `event` is `APPROVE`, `REQUEST_CHANGES` or `COMMENT`. */
  async addReview(repo: string, pull: number, body: string, event: string): Promise<number> {
    const review = number(
      await this.#change("POST", `/repos/${repo}/pulls/${pull}/reviews`, { body, event }),
      "id",
    );
    // A review is a change of its pull request on GitHub, and none to the backend.
    const { title } = await this.#backend.get(`/repos/${repo}/pulls/${pull}`) ?? {};
    await this.#change("PATCH", `/repos/${repo}/pulls/${pull}`, { title });
    return review;
  }

  /** Adds a run of Actions; answers its id and those of its jobs. */
  async addRun(repo: string, seed: RunSeed): Promise<{ run: number; jobs: number[] }> {
    return this.#overlay.actions.add(await this.repositoryId(repo), seed);
  }

  /** Runs a run again with these jobs; answers their ids. */
  rerun(run: number, jobs: NonNullable<RunSeed["jobs"]>): Promise<number[]> {
    return Promise.resolve(this.#overlay.actions.rerun(run, jobs));
  }

  /** Ends a run. */
  finishRun(run: number, conclusion: string): Promise<void> {
    return Promise.resolve(this.#overlay.actions.finish(run, conclusion));
  }

  /** Deletes a run. */
  deleteRun(run: number): Promise<void> {
    return Promise.resolve(this.#overlay.actions.remove(run));
  }

  /** Renames a repository within its owner: the old name then answers 301. */
  async moveRepository(repo: string, name: string): Promise<void> {
    const id = await this.repositoryId(repo);
    await this.#change("PATCH", `/repos/${repo}`, { name });
    this.#overlay.move(repo, id);
  }

  async #delete(path: string): Promise<void> {
    const response = await this.#backend.fetch(path, { method: "DELETE" });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`DELETE ${path} answered ${response.status}`);
    this.#overlay.changed();
  }

  async #change(method: "POST" | "PUT" | "PATCH", path: string, body: unknown): Promise<Json> {
    const made = await this.#backend.change(method, path, body);
    this.#overlay.changed();
    return made;
  }
}
