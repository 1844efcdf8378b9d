/**
 * The stand-in as a program: starts everything on free loopback ports, prints one line of JSON
 * (`{ url, logsUrl, control, token }`) and serves until its standard input ends.
 *
 *     deno run -A tests/fakes/github/server.ts
 *
 * Tests reach its seeding, faults and counts through the control address: `POST` of `{ op, args }`.
 *
 * @module
 */
import { type Controlled, serveStandIn } from "../../support/operations.ts";
import type { JobSeed, RunSeed } from "./actions.ts";
import { Backend } from "./backend.ts";
import type { Fault } from "./faults.ts";
import { Front, type Seen, TOKEN } from "./front.ts";
import { Overlay } from "./overlay.ts";
import { type IssueSeed, type NamedSeed, type PullSeed, Seeder } from "./seed.ts";

/** Where a running stand-in is. */
export interface Addresses extends Controlled {
  /** The API: what `api_url` has to be. */
  readonly url: string;
  /** The host that keeps the logs. */
  readonly logsUrl: string;
  /** The one token that it takes. */
  readonly token: string;
}

/** What the control address can be told to do, with the arguments of each. */
export interface Control {
  requests(): Seen[];
  reset(): void;
  fault(match: string, fault: Fault): void;
  clearFaults(): void;
  refuse(on: boolean): Promise<void>;
  repositoryId(repo: string): Promise<number>;
  createRepository(name: string): Promise<number>;
  createIssue(repo: string, seed: IssueSeed): Promise<number>;
  createIssues(repo: string, count: number): Promise<number[]>;
  patchIssue(repo: string, issue: number, fields: IssueSeed): Promise<void>;
  addComment(repo: string, issue: number, body: string): Promise<number>;
  addPull(repo: string, seed: PullSeed): Promise<number>;
  addReview(repo: string, pull: number, body: string, event: string): Promise<number>;
  addRun(repo: string, seed: RunSeed): Promise<{ run: number; jobs: number[] }>;
  rerun(run: number, jobs: readonly JobSeed[]): Promise<number[]>;
  editComment(repo: string, comment: number, body: string): Promise<void>;
  deleteComment(repo: string, comment: number): Promise<void>;
  deleteIssue(repo: string, issue: number): Promise<void>;
  transferIssue(repo: string, issue: number, to: string): Promise<number>;
  editLabel(repo: string, label: string, fields: NamedSeed): Promise<void>;
  deleteLabel(repo: string, label: string): Promise<void>;
  createMilestone(repo: string, title: string): Promise<number>;
  editMilestone(repo: string, milestone: number, fields: NamedSeed): Promise<void>;
  patchPull(repo: string, pull: number, fields: IssueSeed): Promise<void>;
  mergePull(repo: string, pull: number): Promise<void>;
  pushFile(repo: string, branch: string, path: string, content: string): Promise<void>;
  patchRepository(repo: string, fields: { readonly description: string }): Promise<void>;
  deleteRepository(repo: string): Promise<void>;
  addHook(repo: string, url: string, secret: string): Promise<void>;
  finishRun(run: number, conclusion: string): Promise<void>;
  deleteRun(run: number): Promise<void>;
  moveRepository(repo: string, name: string): Promise<void>;
}

/** The control's operations over `front` and `seed`. */
function control(front: Front, seed: Seeder): Control {
  return {
    requests: () => front.seen,
    reset: () => void (front.seen = []),
    fault: (match, fault) => front.faults.arm(match, fault),
    clearFaults: () => front.faults.clear(),
    refuse: (on) => front.refuse(on),
    repositoryId: (repo) => seed.repositoryId(repo),
    createRepository: (name) => seed.createRepository(name),
    createIssue: (repo, issue) => seed.createIssue(repo, issue),
    createIssues: (repo, count) => seed.createIssues(repo, count),
    patchIssue: (repo, issue, fields) => seed.patchIssue(repo, issue, fields),
    addComment: (repo, issue, body) => seed.addComment(repo, issue, body),
    addPull: (repo, pull) => seed.addPull(repo, pull),
    addReview: (repo, pull, body, event) => seed.addReview(repo, pull, body, event),
    addRun: (repo, run) => seed.addRun(repo, run),
    rerun: (run, jobs) => seed.rerun(run, jobs),
    editComment: (repo, comment, body) => seed.editComment(repo, comment, body),
    deleteComment: (repo, comment) => seed.deleteComment(repo, comment),
    deleteIssue: (repo, issue) => seed.deleteIssue(repo, issue),
    transferIssue: (repo, issue, to) => seed.transferIssue(repo, issue, to),
    editLabel: (repo, label, fields) => seed.editLabel(repo, label, fields),
    deleteLabel: (repo, label) => seed.deleteLabel(repo, label),
    createMilestone: (repo, title) => seed.createMilestone(repo, title),
    editMilestone: (repo, milestone, fields) => seed.editMilestone(repo, milestone, fields),
    patchPull: (repo, pull, fields) => seed.patchPull(repo, pull, fields),
    mergePull: (repo, pull) => seed.mergePull(repo, pull),
    pushFile: (repo, branch, path, content) => seed.pushFile(repo, branch, path, content),
    patchRepository: (repo, fields) => seed.patchRepository(repo, fields),
    deleteRepository: (repo) => seed.deleteRepository(repo),
    addHook: (repo, url, secret) => seed.addHook(repo, url, secret),
    finishRun: (run, conclusion) => seed.finishRun(run, conclusion),
    deleteRun: (run) => seed.deleteRun(run),
    moveRepository: (repo, name) => seed.moveRepository(repo, name),
  };
}

async function main(): Promise<void> {
  const front = new Front();
  const backend = await Backend.start(front.url);
  const overlay = new Overlay(front.url, front.logsUrl, backend);
  front.use(overlay);
  const operations = control(front, new Seeder(backend, overlay));
  await serveStandIn(operations, { url: front.url, logsUrl: front.logsUrl, token: TOKEN });
}

if (import.meta.main) await main();
