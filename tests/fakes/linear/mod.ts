/**
 * A Linear on loopback for tests: Linear's own schema over a workspace in memory, in a process of its own.
 *
 * @module
 */
import { type StandIn, startStandIn } from "../../support/operations.ts";
import type { Addresses, Control } from "./server.ts";

export type { Fault } from "./faults.ts";
export type { Seen } from "./front.ts";
export type { Addresses } from "./server.ts";
export type { IssueSeed, ProjectSeed } from "../../../runtime/cli/demo/linear/seeds.ts";
export type { Made } from "../../../runtime/cli/demo/linear/workspace.ts";
export type { Delivery } from "../../../runtime/cli/demo/linear/webhooks.ts";

/**
 * A running stand-in. Besides the addresses and what is named here it has every operation of
 * {@linkcode Control}: seeds (`createIssues`, `addComments`, `createProject`, …), faults (`fault`, `refuse`,
 * `clearFaults`) and the list of `requests`, which `reset` empties.
 */
export type LinearStandIn = StandIn<Addresses, Control>;

/** Every operation of the control address, so that a stub of each can be made. */
const OPERATIONS: Readonly<Record<keyof Control, true>> = {
  requests: true,
  reset: true,
  fault: true,
  clearFaults: true,
  refuse: true,
  createTeam: true,
  createIssue: true,
  createIssues: true,
  patchIssue: true,
  live: true,
  deliveries: true,
  patchComment: true,
  deleteComment: true,
  patchProject: true,
  patchCycle: true,
  renameLabel: true,
  deleteLabel: true,
  renameState: true,
  renameTeam: true,
  addComments: true,
  addUser: true,
  addLabel: true,
  createProject: true,
  createCycle: true,
};

/** Starts a stand-in with the teams `ENG` and `OPS`, both of them without issues, projects and cycles. */
export function startLinear(): Promise<LinearStandIn> {
  return startStandIn<Addresses, Control>(new URL("./server.ts", import.meta.url), OPERATIONS);
}
