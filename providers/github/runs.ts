/**
 * Runs of GitHub Actions, and their jobs.
 *
 * @module
 */
import { orAbsent } from "../sdk/mod.ts";
import { id, type Json, object, objects, text } from "./json.ts";
import type { Kind } from "./kinds.ts";
import { asked, fetched, field, type Reading, whole } from "./leaves.ts";
import { within } from "./repositories.ts";

/** A run. */
export const RUN: Kind = {
  name: "run",
  path: ([repo = 0, run = 0]) => within([repo], `/actions/runs/${run}`),
  leaves: {
    "status": field((run) => text(run, "status")),
    "conclusion": field((run) => text(run, "conclusion")),
    "name": field((run) => text(run, "name")),
    "event": field((run) => text(run, "event")),
    "branch": field((run) => text(run, "head_branch")),
    "sha": field((run) => text(run, "head_sha")),
    // A run that is started again keeps its id; each attempt has a log of its own that stays as it is.
    "log": asked(runLog, {
      final: isCompleted,
      lasts: isCompleted,
      mark: (run) => id(run, "run_attempt"),
    }),
    "run.json": whole(),
  },
  // No list tells which jobs of a run went on, nor which ones were added.
  folders: [{ name: "jobs", lasts: isCompleted }],
  modified: (run) => text(run, "updated_at"),
  listFirst: true,
};

/** A job. A new attempt of its run has new jobs, so the log of one that is over never changes. */
export const JOB: Kind = {
  name: "job",
  path: ([repo = 0, job = 0]) => within([repo], `/actions/jobs/${job}`),
  leaves: {
    "name": field((job) => text(job, "name")),
    "status": field((job) => text(job, "status")),
    "conclusion": field((job) => text(job, "conclusion")),
    "log": fetched(jobLogPath, { present: hasLog, final: () => true }),
  },
  folders: [],
  modified: (job) => text(job, "completed_at") ?? text(job, "started_at"),
  lasts: isCompleted,
  listFirst: true,
};

/** The list of runs or jobs inside of GitHub's answer. */
export function listed(key: "workflow_runs" | "jobs"): (value: unknown) => Json[] {
  return (value) => objects(object(value)[key]);
}

/** True for a run or a job that is over. */
export function isCompleted(item: Json): boolean {
  return text(item, "status") === "completed";
}

/** GitHub gives a job's log out once it is over; a job that was skipped never has one. */
function hasLog(job: Json): boolean {
  return isCompleted(job) && text(job, "conclusion") !== "skipped";
}

function jobLogPath([repo = 0, job = 0]: readonly number[]): string {
  return within([repo], `/actions/jobs/${job}/logs`);
}

/** The logs of the jobs of one attempt, each under a line with its name, as `tail` prints several files. */
function runLog({ api, at: [repo = 0], path, mark }: Reading): string {
  const jobs = api.all(`${path}/attempts/${mark}/jobs`, listed("jobs")).filter(hasLog);
  return jobs.map((job) => {
    const log = orAbsent(() => api.text(jobLogPath([repo, id(job, "id")]))) ?? "";
    return `==> ${text(job, "name") ?? ""} <==\n${log}${log === "" || log.endsWith("\n") ? "" : "\n"}`;
  }).join("\n");
}
