/**
 * A GitHub on loopback for tests: `emulate` and what it lacks, in a process of its own.
 *
 * @module
 */
import { type StandIn, startStandIn } from "../../support/operations.ts";
import type { Addresses, Control } from "./server.ts";

export type { JobSeed, RunSeed } from "./actions.ts";
export type { Fault } from "./faults.ts";
export type { Seen } from "./front.ts";
export type { IssueSeed, PullSeed } from "./seed.ts";
export type { Addresses } from "./server.ts";

/**
 * A running stand-in. Besides the addresses and what is named here it has every operation of
 * {@linkcode Control}: seeds (`createIssues`, `addPull`, `addRun`, …), faults (`fault`, `refuse`,
 * `clearFaults`) and the list of `requests`, which `reset` empties.
 */
export type GitHubStandIn = StandIn<Addresses, Control>;

/** Every operation of the control address, so that a stub of each can be made. */
const OPERATIONS: Readonly<Record<keyof Control, true>> = {
  requests: true,
  reset: true,
  fault: true,
  clearFaults: true,
  refuse: true,
  repositoryId: true,
  createRepository: true,
  createIssue: true,
  createIssues: true,
  patchIssue: true,
  addComment: true,
  addPull: true,
  addReview: true,
  addRun: true,
  rerun: true,
  editComment: true,
  deleteComment: true,
  deleteIssue: true,
  transferIssue: true,
  editLabel: true,
  deleteLabel: true,
  createMilestone: true,
  editMilestone: true,
  patchPull: true,
  mergePull: true,
  pushFile: true,
  patchRepository: true,
  deleteRepository: true,
  addHook: true,
  finishRun: true,
  deleteRun: true,
  moveRepository: true,
};

/**
 * Starts a stand-in with `acme/api`, `acme/widgets` and `octocat/hello-world`, all of them without issues,
 * pull requests and runs.
 */
export function startGitHub(): Promise<GitHubStandIn> {
  return startStandIn<Addresses, Control>(new URL("./server.ts", import.meta.url), OPERATIONS);
}
