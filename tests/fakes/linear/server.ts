/**
 * The stand-in as a program: serves Linear's API on a free loopback port, prints one line of JSON
 * (`{ url, control, key, token }`) and serves until its standard input ends.
 *
 *     deno run -A tests/fakes/linear/server.ts
 *
 * Tests reach its seeding, faults and counts through the control address: `POST` of `{ op, args }`.
 *
 * @module
 */
import { type Controlled, serveStandIn } from "../../support/operations.ts";
import { createYoga } from "graphql-yoga";
import type { Fault } from "./faults.ts";
import { Front, KEY, OAUTH_TOKEN, type Seen } from "./front.ts";
import { schemaOf } from "./mocked.ts";
import { linearSchema } from "./schema.ts";
import type { IssueChange, IssueSeed, ProjectSeed } from "../../../runtime/cli/demo/linear/seeds.ts";
import { type Made, Workspace } from "../../../runtime/cli/demo/linear/workspace.ts";
import type { Delivery } from "../../../runtime/cli/demo/linear/webhooks.ts";

/** Where a running stand-in is. */
export interface Addresses extends Controlled {
  /** The API: what `endpoint` has to be. */
  readonly url: string;
  /** The one API key that it takes. */
  readonly key: string;
  /** The one OAuth token that it takes. */
  readonly token: string;
}

/** What the control address can be told to do, with the arguments of each. */
export interface Control {
  requests(): Seen[];
  reset(): void;
  fault(match: string, fault: Fault): void;
  clearFaults(): void;
  refuse(on: boolean): Promise<void>;
  createTeam(key: string, name: string): string;
  createIssue(team: string, seed?: IssueSeed): Made;
  createIssues(team: string, count: number, seed?: IssueSeed): Made[];
  patchIssue(identifier: string, fields: IssueChange): Made;
  live(): void;
  deliveries(): Delivery[];
  patchComment(id: string, body: string): void;
  deleteComment(id: string): void;
  patchProject(slug: string, fields: { name?: string; teams?: readonly string[]; trashed?: boolean }): void;
  patchCycle(team: string, number: number, name: string): void;
  renameLabel(name: string, to: string): void;
  deleteLabel(name: string): void;
  renameState(team: string, type: string, to: string): void;
  renameTeam(key: string, to: string): void;
  addComments(identifier: string, bodies: readonly string[], bot?: boolean): string[];
  addUser(name: string, displayName: string, active?: boolean): string;
  addLabel(name: string, team?: string, isGroup?: boolean): string;
  createProject(seed?: ProjectSeed): Made;
  createCycle(team: string, name?: string | null): Made;
}

function control(front: Front, workspace: Workspace): Control {
  return {
    requests: () => front.seen,
    reset: () => void (front.seen = []),
    fault: (match, fault) => front.faults.arm(match, fault),
    clearFaults: () => front.faults.clear(),
    refuse: (on) => front.refuse(on),
    createTeam: (key, name) => workspace.createTeam(key, name),
    createIssue: (team, seed) => workspace.createIssue(team, seed),
    createIssues: (team, count, seed) => workspace.createIssues(team, count, seed),
    patchIssue: (identifier, fields) => workspace.patchIssue(identifier, fields),
    live: () => workspace.live(),
    deliveries: () => workspace.deliveries(),
    patchComment: (id, body) => workspace.patchComment(id, body),
    deleteComment: (id) => workspace.deleteComment(id),
    patchProject: (slug, fields) => workspace.patchProject(slug, fields),
    patchCycle: (team, number, name) => workspace.patchCycle(team, number, name),
    renameLabel: (name, to) => workspace.renameLabel(name, to),
    deleteLabel: (name) => workspace.deleteLabel(name),
    renameState: (team, type, to) => workspace.renameState(team, type, to),
    renameTeam: (key, to) => workspace.renameTeam(key, to),
    addComments: (identifier, bodies, bot) => workspace.addComments(identifier, bodies, bot),
    addUser: (name, displayName, active) => workspace.addUser(name, displayName, active).id,
    addLabel: (name, team, isGroup) => workspace.addLabel(name, team, isGroup),
    createProject: (seed) => workspace.createProject(seed),
    createCycle: (team, name) => workspace.createCycle(team, name),
  };
}

async function main(): Promise<void> {
  const workspace = new Workspace();
  const schema = schemaOf(await linearSchema(), workspace);
  const yoga = createYoga({
    schema,
    graphiql: false,
    landingPage: false,
    maskedErrors: false,
    logging: false,
  });
  const headers = { "accept": "application/json", "content-type": "application/json" };
  const front = new Front((body) => yoga.fetch("http://linear/graphql", { method: "POST", headers, body }));
  const operations = control(front, workspace);
  await serveStandIn(operations, { url: front.url, key: KEY, token: OAUTH_TOKEN });
}

if (import.meta.main) await main();
