/**
 * The sample data in the shapes of GitHub's REST API (docs.github.com/en/rest, version 2022-11-28).
 *
 * @module
 */
import { digits } from "../digits.ts";
import {
  OWNER,
  type SampleIssue,
  type SampleJob,
  type SamplePull,
  type SampleRepository,
  type SampleRun,
} from "./data.ts";

/** A JSON object of an answer. */
export type Answer = Readonly<Record<string, unknown>>;

/** The parts of a URL that every object repeats. */
const WEB = "https://github.com";

/** Logins that own or wrote something get ids in the order of this list. */
const PEOPLE = [OWNER, "ada", "grace", "keeper", "linus"];

/** A user or the organisation; undefined where nobody has that login. */
export function account(login: string): Answer | undefined {
  const index = PEOPLE.indexOf(login);
  if (index === -1) return undefined;
  return {
    login,
    id: 500 + index,
    type: login === OWNER ? "Organization" : "User",
    html_url: `${WEB}/${login}`,
    created_at: "2020-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
  };
}

/** A repository. */
export function repository(repo: SampleRepository): Answer {
  return {
    id: repo.id,
    name: repo.name,
    full_name: `${OWNER}/${repo.name}`,
    private: false,
    owner: account(OWNER),
    html_url: `${WEB}/${OWNER}/${repo.name}`,
    description: repo.description,
    topics: repo.topics,
    default_branch: "main",
    has_issues: true,
    open_issues_count: [...repo.issues, ...repo.pulls].filter(({ closed }) => closed === undefined).length,
    created_at: "2024-05-01T08:00:00Z",
    updated_at: repo.updated,
    pushed_at: repo.updated,
  };
}

/** An issue, as the list of issues has it: a pull request is one too, told apart by `pull_request`. */
export function issue(repo: SampleRepository, item: SampleIssue | SamplePull): Answer {
  const web = `${WEB}/${OWNER}/${repo.name}`;
  const pull = "head" in item
    ? { pull_request: { html_url: `${web}/pull/${item.number}`, merged_at: item.merged ?? null } }
    : {};
  return {
    ...talk(repo, item),
    html_url: `${web}/issues/${item.number}`,
    comments: item.comments.length,
    ...pull,
  };
}

/** A pull request, as the list has it. */
export function pull(repo: SampleRepository, item: SamplePull): Answer {
  const html_url = `${WEB}/${OWNER}/${repo.name}/pull/${item.number}`;
  return {
    ...talk(repo, item),
    html_url,
    diff_url: `${html_url}.diff`,
    draft: false,
    merged_at: item.merged ?? null,
    head: { ref: item.head, label: `${OWNER}:${item.head}`, sha: sha(repo.id * 100 + item.number) },
    base: { ref: "main", label: `${OWNER}:main`, sha: sha(repo.id) },
  };
}

/** A pull request, as it is told alone. */
export function wholePull(repo: SampleRepository, item: SamplePull): Answer {
  const lines = item.files.flatMap(({ patch }) => patch.split("\n"));
  return {
    ...pull(repo, item),
    merged: item.merged !== undefined,
    mergeable: item.closed === undefined ? true : null,
    comments: item.comments.length,
    commits: 1,
    additions: lines.filter((line) => line.startsWith("+")).length,
    deletions: lines.filter((line) => line.startsWith("-")).length,
    changed_files: item.files.length,
  };
}

/** The unified diff of a pull request. */
export function diff(item: SamplePull): string {
  return item.files.map(({ name, added, patch }) => {
    const mode = added ? "new file mode 100644\n" : "";
    return `diff --git a/${name} b/${name}\n${mode}--- ${
      added ? "/dev/null" : `a/${name}`
    }\n+++ b/${name}\n${patch}`;
  }).join("");
}

/** The files of a pull request. */
export function files(item: SamplePull): Answer[] {
  return item.files.map(({ name, added, patch }) => ({
    filename: name,
    status: added ? "added" : "modified",
    patch: patch.trimEnd(),
  }));
}

/** The labels that some issues have. */
export function labels(items: readonly SampleIssue[]): Answer[] {
  return [...new Set(items.flatMap((item) => item.labels))].map(label);
}

function label(name: string): Answer {
  const id = [...name].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) >>> 0, 7);
  return { id, name, color: "ededed" };
}

/** The remarks under an issue or a pull request; their ids follow from its number. */
export function comments(repo: SampleRepository, item: SampleIssue): Answer[] {
  return item.comments.map(({ user, at, body }, index) => ({
    id: repo.id * 1000 + item.number * 10 + index,
    issue_url: `${WEB}/repos/${OWNER}/${repo.name}/issues/${item.number}`,
    user: account(user),
    created_at: at,
    updated_at: at,
    body,
  }));
}

/** The reviews of a pull request. */
export function reviews(repo: SampleRepository, item: SamplePull): Answer[] {
  return item.reviews.map(({ user, at, body, state }, index) => ({
    id: repo.id * 1000 + 500 + item.number * 10 + index,
    user: account(user),
    state,
    body,
    submitted_at: at,
  }));
}

/** A run of Actions. */
export function run(repo: SampleRepository, item: SampleRun): Answer {
  return {
    id: item.id,
    name: item.name,
    head_branch: item.branch,
    head_sha: sha(item.id),
    run_number: item.id % 1000,
    run_attempt: 1,
    event: item.event,
    ...state(item),
    html_url: `${WEB}/${OWNER}/${repo.name}/actions/runs/${item.id}`,
    created_at: item.at,
    updated_at: item.at,
  };
}

/** A job of a run. */
export function job(repo: SampleRepository, item: SampleRun, part: SampleJob): Answer {
  return {
    id: jobId(item, part),
    run_id: item.id,
    run_attempt: 1,
    name: part.name,
    head_sha: sha(item.id),
    ...state(part),
    html_url: `${WEB}/${OWNER}/${repo.name}/actions/runs/${item.id}/job/${jobId(item, part)}`,
    started_at: item.at,
    completed_at: part.conclusion === undefined ? null : item.at,
  };
}

/** The id of a job. */
export function jobId(item: SampleRun, part: SampleJob): number {
  return item.id * 10 + item.jobs.indexOf(part);
}

function state({ conclusion, queued }: { readonly conclusion?: string; readonly queued?: boolean }): Answer {
  const status = queued === true ? "queued" : conclusion === undefined ? "in_progress" : "completed";
  return { status, conclusion: conclusion ?? null };
}

function talk(repo: SampleRepository, item: SampleIssue): Answer {
  return {
    id: repo.id * 100 + item.number,
    number: item.number,
    title: item.title,
    body: item.body,
    user: account(item.user),
    labels: item.labels.map(label),
    state: item.closed === undefined ? "open" : "closed",
    assignees: item.assignees.map(account),
    created_at: item.created,
    updated_at: item.updated,
    closed_at: item.closed ?? null,
  };
}

/** The SHA-1 of a commit. */
function sha(seed: number): string {
  return digits(seed, 40);
}
