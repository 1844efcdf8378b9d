/**
 * GitHub Actions of the stand-in: runs, their jobs, and logs that lie on another origin.
 *
 * @module
 */
import { failure, json, paged } from "./answer.ts";
import type { Json } from "./json.ts";

/** A job as a test describes it. */
export interface JobSeed {
  readonly name: string;
  /** `completed` unless told otherwise. */
  readonly status?: string;
  /** `success` unless told otherwise; null while it runs. */
  readonly conclusion?: string | null;
  /** What it printed; undefined: nothing is kept. */
  readonly log?: string;
}

/** A run as a test describes it. */
export interface RunSeed {
  readonly name?: string;
  readonly status?: string;
  readonly conclusion?: string | null;
  readonly event?: string;
  readonly branch?: string;
  readonly sha?: string;
  readonly jobs?: readonly JobSeed[];
}

interface Job {
  readonly attempt: number;
  readonly log: string | undefined;
  readonly shown: Json & { readonly id: number; readonly run_id: number };
}

interface Run {
  readonly repository: number;
  readonly shown: Json & { readonly id: number; readonly run_attempt: number; readonly status: string };
  readonly jobs: Job[];
}

/** Real run and job ids passed 2^32 long ago, so the stand-in's start above that as well. */
const FIRST_ID = 9_000_000_001;

/** The runs of every repository. */
export class Actions {
  readonly #api: string;
  readonly #logs: string;
  readonly #runs = new Map<number, Run>();
  #next = FIRST_ID;

  /** Answers name `api` as their own address and `logs` as the logs' host. */
  constructor(api: string, logs: string) {
    this.#api = api;
    this.#logs = logs;
  }

  /** Adds a run to the repository with this id; answers the run's and its jobs' ids. */
  add(repository: number, seed: RunSeed): { run: number; jobs: number[] } {
    const id = this.#next++;
    const now = new Date().toISOString();
    const status = seed.status ?? "completed";
    const shown = {
      id,
      name: seed.name ?? "CI",
      run_number: id - FIRST_ID + 1,
      run_attempt: 1,
      event: seed.event ?? "push",
      status,
      conclusion: seed.conclusion === undefined
        ? (status === "completed" ? "success" : null)
        : seed.conclusion,
      head_branch: seed.branch ?? "main",
      head_sha: seed.sha ?? "0123456789abcdef0123456789abcdef01234567",
      url: `${this.#api}/repositories/${repository}/actions/runs/${id}`,
      created_at: now,
      updated_at: now,
      run_started_at: now,
    };
    const run: Run = { repository, shown, jobs: [] };
    this.#runs.set(id, run);
    return { run: id, jobs: (seed.jobs ?? []).map((job) => this.#addJob(run, job)) };
  }

  /** Runs it again: a new attempt with new jobs under the same run id. */
  rerun(id: number, jobs: readonly JobSeed[]): number[] {
    const run = this.#runs.get(id);
    if (run === undefined) throw new Error(`there is no run ${id}`);
    const updated_at = new Date().toISOString();
    const shown = { ...run.shown, run_attempt: run.shown.run_attempt + 1, updated_at };
    const next: Run = { ...run, shown };
    this.#runs.set(id, next);
    return jobs.map((job) => this.#addJob(next, job));
  }

  /** It is over now. */
  finish(id: number, conclusion: string): void {
    const run = this.#runs.get(id);
    if (run === undefined) throw new Error(`there is no run ${id}`);
    const updated_at = new Date().toISOString();
    this.#runs.set(id, { ...run, shown: { ...run.shown, status: "completed", conclusion, updated_at } });
  }

  /** It is no longer there. */
  remove(id: number): void {
    this.#runs.delete(id);
  }

  #addJob(run: Run, seed: JobSeed): number {
    const id = this.#next++;
    const now = new Date().toISOString();
    const status = seed.status ?? "completed";
    const shown = {
      id,
      run_id: run.shown.id,
      run_attempt: run.shown.run_attempt,
      name: seed.name,
      status,
      conclusion: seed.conclusion === undefined
        ? (status === "completed" ? "success" : null)
        : seed.conclusion,
      head_branch: run.shown["head_branch"],
      head_sha: run.shown["head_sha"],
      started_at: now,
      completed_at: status === "completed" ? now : null,
      steps: [],
    };
    run.jobs.push({ attempt: run.shown.run_attempt, log: seed.log, shown });
    return id;
  }

  /** Answers `actions/…` of one repository. */
  answer(repository: number, path: string, url: URL): Response {
    for (const [pattern, handler] of this.#routes) {
      const match = pattern.exec(path);
      if (match === null) continue;
      const [first, second] = match.slice(1).map(Number);
      return handler(repository, first ?? 0, second ?? 0, url) ?? failure(404, "Not Found");
    }
    return failure(404, "Not Found");
  }

  readonly #routes: [
    RegExp,
    (repository: number, id: number, attempt: number, url: URL) => Response | undefined,
  ][] = [
    [/^runs$/, (repository, _id, _attempt, url) => this.#list(repository, url)],
    [/^runs\/(\d+)$/, (repository, id) => {
      const run = this.#run(repository, id);
      return run && json(run.shown);
    }],
    [/^runs\/(\d+)\/jobs$/, (repository, id, _attempt, url) => {
      const run = this.#run(repository, id);
      return run && this.#jobs(run, run.shown.run_attempt, url, `runs/${id}/jobs`);
    }],
    [/^runs\/(\d+)\/attempts\/(\d+)\/jobs$/, (repository, id, attempt, url) => {
      const run = this.#run(repository, id);
      return run && this.#jobs(run, attempt, url, `runs/${id}/attempts/${attempt}/jobs`);
    }],
    [/^jobs\/(\d+)$/, (repository, id) => {
      const job = this.#job(repository, id);
      return job && json(job.shown);
    }],
    [/^jobs\/(\d+)\/logs$/, (repository, id) => {
      if (this.#job(repository, id)?.log === undefined) return undefined;
      return new Response(null, {
        status: 302,
        headers: { location: `${this.#logs}/actions/${id}.txt?sig=signed` },
      });
    }],
  ];

  /** What the logs' host answers: nothing to whoever brings a credential, ranges to whoever asks for one. */
  answerLog(request: Request, url: URL): Response {
    if (request.headers.has("authorization")) return new Response("AuthenticationFailed", { status: 403 });
    const id = Number(/^\/actions\/(\d+)\.txt$/.exec(url.pathname)?.[1]);
    const job = [...this.#runs.values()].flatMap((run) => run.jobs).find((one) => one.shown.id === id);
    if (job?.log === undefined || url.searchParams.get("sig") !== "signed") {
      return new Response("BlobNotFound", { status: 404 });
    }
    return ranged(new TextEncoder().encode(job.log), request.headers.get("range"));
  }

  #run(repository: number, id: number): Run | undefined {
    const run = this.#runs.get(id);
    return run?.repository === repository ? run : undefined;
  }

  #job(repository: number, id: number): Job | undefined {
    const runs = [...this.#runs.values()].filter((run) => run.repository === repository);
    return runs.flatMap((run) => run.jobs).find((job) => job.shown.id === id);
  }

  #list(repository: number, url: URL): Response {
    const status = url.searchParams.get("status");
    const runs = [...this.#runs.values()].filter((run) => run.repository === repository).reverse();
    const shown = runs.map((run) => run.shown).filter((run) => status === null || run.status === status);
    const base = `${this.#api}/repositories/${repository}/actions/runs`;
    return paged(shown, url, base, (page, total) => ({ total_count: total, workflow_runs: page }));
  }

  #jobs(run: Run, attempt: number, url: URL, path: string): Response {
    const jobs = run.jobs.filter((job) => job.attempt === attempt).map((job) => job.shown);
    const base = `${this.#api}/repositories/${run.repository}/actions/${path}`;
    return paged(jobs, url, base, (page, total) => ({ total_count: total, jobs: page }));
  }
}

function ranged(bytes: Uint8Array<ArrayBuffer>, range: string | null): Response {
  const headers = { "content-type": "text/plain; charset=utf-8", "accept-ranges": "bytes" };
  const match = /^bytes=(\d+)-(\d*)$/.exec(range ?? "");
  if (match === null) return new Response(bytes, { headers });
  const first = Number(match[1]);
  const last = match[2] === "" ? bytes.length - 1 : Math.min(Number(match[2]), bytes.length - 1);
  if (first > last) return new Response(null, { status: 416, headers });
  return new Response(bytes.slice(first, last + 1), {
    status: 206,
    headers: { ...headers, "content-range": `bytes ${first}-${last}/${bytes.length}` },
  });
}
