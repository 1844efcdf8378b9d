/**
 * What is on GitHub: an organisation that looks after a lighthouse.
 *
 * @module
 */

/** A remark under an issue or a pull request. */
export interface SampleComment {
  /** Who. */
  readonly user: string;
  /** ISO date. */
  readonly at: string;
  /** Markdown. */
  readonly body: string;
}

/** An issue, or the talk of a pull request. */
export interface SampleIssue {
  /** Its number in the repository. */
  readonly number: number;
  /** One line. */
  readonly title: string;
  /** Markdown. */
  readonly body: string;
  /** Who opened it. */
  readonly user: string;
  /** Names of labels. */
  readonly labels: readonly string[];
  /** Logins. */
  readonly assignees: readonly string[];
  /** ISO date. */
  readonly created: string;
  /** ISO date. */
  readonly updated: string;
  /** ISO date; open where it is missing. */
  readonly closed?: string;
  /** Remarks. */
  readonly comments: readonly SampleComment[];
}

/** A file that a pull request changes. */
export interface SampleFile {
  /** Its path. */
  readonly name: string;
  /** True where it is new. */
  readonly added: boolean;
  /** The hunks of its unified diff. */
  readonly patch: string;
}

/** A pull request. */
export interface SamplePull extends SampleIssue {
  /** The branch it comes from. */
  readonly head: string;
  /** ISO date of the merge. */
  readonly merged?: string;
  /** What it changes. */
  readonly files: readonly SampleFile[];
  /** What reviewers said. */
  readonly reviews: readonly (SampleComment & { readonly state: "APPROVED" | "CHANGES_REQUESTED" })[];
}

/** A job of a run. */
export interface SampleJob {
  /** Its name. */
  readonly name: string;
  /** Missing while it runs. */
  readonly conclusion?: "success" | "failure";
  /** What it printed. */
  readonly log: string;
}

/** A run of Actions. */
export interface SampleRun {
  /** Its id. */
  readonly id: number;
  /** The workflow. */
  readonly name: string;
  /** The branch. */
  readonly branch: string;
  /** What started it. */
  readonly event: string;
  /** ISO date. */
  readonly at: string;
  /** Missing while it runs. */
  readonly conclusion?: "success" | "failure";
  /** True while it waits for a machine. */
  readonly queued?: boolean;
  /** Its jobs. */
  readonly jobs: readonly SampleJob[];
}

/** A repository. */
export interface SampleRepository {
  /** Its id. */
  readonly id: number;
  /** Its name. */
  readonly name: string;
  /** One line. */
  readonly description: string;
  /** Topics. */
  readonly topics: readonly string[];
  /** ISO date. */
  readonly updated: string;
  /** Issues. */
  readonly issues: readonly SampleIssue[];
  /** Pull requests. */
  readonly pulls: readonly SamplePull[];
  /** Runs of Actions. */
  readonly runs: readonly SampleRun[];
}

/** The organisation that owns everything. */
export const OWNER = "acme";

const LAMP_PATCH = `@@ -1,5 +1,7 @@
 export function glow(lamp: Lamp, hour: number): number {
-  return lamp.brightness;
+  if (hour < 6 || hour > 18) return lamp.brightness;
+  // By day the light only has to be seen through fog.
+  return lamp.foggy ? lamp.brightness / 2 : 0;
 }
 
 export const RANGE_IN_MILES = 18;
`;

const TEST_PATCH = `@@ -0,0 +1,6 @@
+import { glow } from "../src/lamp.ts";
+import assert from "node:assert/strict";
+
+Deno.test("by day, without fog, the lamp is dark", () => {
+  assert.equal(glow({ brightness: 100, foggy: false }, 12), 0);
+});
`;

const HORN_PATCH = `@@ -3,7 +3,7 @@
 ## Fog horn
 
 - Compressor: check the oil every Monday.
-- Sound: one blast every 30 seconds.
+- Sound: two blasts every 60 seconds, as on the chart.
 - Range: 3 miles.
 
 ## Lamp
`;

const ISSUES: readonly SampleIssue[] = [
  {
    number: 1,
    title: "The lamp burns by day",
    body:
      "At noon the lamp is as bright as at midnight. That costs a fortune in oil.\n\nExpected: dark by day, unless there is fog.",
    user: "ada",
    labels: ["bug", "lamp"],
    assignees: ["grace"],
    created: "2026-02-03T09:12:00Z",
    updated: "2026-03-18T07:45:00Z",
    comments: [
      { user: "grace", at: "2026-02-03T10:30:00Z", body: "Confirmed. `glow` never looks at the hour." },
      { user: "keeper", at: "2026-03-18T07:45:00Z", body: "See #6." },
    ],
  },
  {
    number: 2,
    title: "Gulls nest in the horn",
    body: "Every spring. Could we have a mesh in front of it?",
    user: "keeper",
    labels: ["help wanted"],
    assignees: [],
    created: "2026-02-20T16:01:00Z",
    updated: "2026-02-20T16:01:00Z",
    comments: [],
  },
  {
    number: 3,
    title: "Stairs: one step is missing",
    body: "The 112th. Mind the gap in the dark.",
    user: "linus",
    labels: ["bug"],
    assignees: ["keeper"],
    created: "2026-01-11T20:15:00Z",
    updated: "2026-01-19T08:00:00Z",
    closed: "2026-01-19T08:00:00Z",
    comments: [{ user: "keeper", at: "2026-01-19T08:00:00Z", body: "Replaced with oak." }],
  },
  {
    number: 4,
    title: "Log the weather with each rotation",
    body: "Wind, sight and swell, once a rotation. Then we can tell afterwards why a ship was late.",
    user: "grace",
    labels: ["feature"],
    assignees: [],
    created: "2026-03-01T12:00:00Z",
    updated: "2026-03-02T09:20:00Z",
    comments: [{ user: "ada", at: "2026-03-02T09:20:00Z", body: "A line of JSON each would do." }],
  },
  {
    number: 5,
    title: "The chart says two blasts, the horn gives one",
    body: "Ships may take us for the harbour.",
    user: "ada",
    labels: ["bug", "horn"],
    assignees: ["linus"],
    created: "2026-03-05T06:40:00Z",
    updated: "2026-03-12T17:05:00Z",
    closed: "2026-03-12T17:05:00Z",
    comments: [],
  },
];

const PULLS: readonly SamplePull[] = [
  {
    number: 6,
    title: "Let the lamp rest by day",
    body: "Closes #1.\n\nThe lamp is dark from six to six, unless there is fog.",
    user: "keeper",
    labels: ["lamp"],
    assignees: ["keeper"],
    created: "2026-03-17T21:10:00Z",
    updated: "2026-03-18T08:02:00Z",
    head: "rest-by-day",
    comments: [{ user: "ada", at: "2026-03-18T07:59:00Z", body: "And at dusk?" }],
    files: [
      { name: "src/lamp.ts", added: false, patch: LAMP_PATCH },
      { name: "tests/lamp_test.ts", added: true, patch: TEST_PATCH },
    ],
    reviews: [
      {
        user: "grace",
        at: "2026-03-18T08:02:00Z",
        state: "CHANGES_REQUESTED",
        body: "Dusk needs a row in the test.",
      },
    ],
  },
  {
    number: 7,
    title: "Write down what the horn does",
    body: "Closes #5.",
    user: "linus",
    labels: ["horn"],
    assignees: [],
    created: "2026-03-10T11:00:00Z",
    updated: "2026-03-12T17:04:00Z",
    closed: "2026-03-12T17:04:00Z",
    merged: "2026-03-12T17:04:00Z",
    head: "two-blasts",
    comments: [],
    files: [{ name: "docs/upkeep.md", added: false, patch: HORN_PATCH }],
    reviews: [{ user: "ada", at: "2026-03-12T16:50:00Z", state: "APPROVED", body: "As on the chart." }],
  },
];

const TEST_LOG = `2026-03-18T08:03:11Z $ deno test
2026-03-18T08:03:12Z running 2 tests from ./tests/lamp_test.ts
2026-03-18T08:03:12Z by day, without fog, the lamp is dark ... ok (1ms)
2026-03-18T08:03:12Z at dusk the lamp burns ... FAILED (2ms)
2026-03-18T08:03:12Z error: AssertionError: Expected values to be strictly equal: 0 !== 100
2026-03-18T08:03:12Z FAILED | 1 passed | 1 failed (14ms)
`;

const LINT_LOG = `2026-03-18T08:03:02Z $ deno lint
2026-03-18T08:03:02Z Checked 14 files
`;

const RELEASE_LOG = `2026-03-12T17:06:40Z $ deno task release
2026-03-12T17:06:58Z wrote lighthouse-1.4.0.tar.gz (81,204 bytes)
2026-03-12T17:07:01Z done
`;

const RUNS: readonly SampleRun[] = [
  {
    id: 90_210_004,
    name: "release",
    branch: "main",
    event: "workflow_dispatch",
    at: "2026-03-19T07:30:00Z",
    queued: true,
    jobs: [],
  },
  {
    id: 90_210_003,
    name: "nightly",
    branch: "main",
    event: "schedule",
    at: "2026-03-19T02:00:00Z",
    jobs: [{ name: "soak", log: "" }],
  },
  {
    id: 90_210_002,
    name: "test",
    branch: "rest-by-day",
    event: "pull_request",
    at: "2026-03-18T08:03:00Z",
    conclusion: "failure",
    jobs: [
      { name: "lint", conclusion: "success", log: LINT_LOG },
      { name: "test", conclusion: "failure", log: TEST_LOG },
    ],
  },
  {
    id: 90_210_001,
    name: "release",
    branch: "main",
    event: "push",
    at: "2026-03-12T17:06:00Z",
    conclusion: "success",
    jobs: [{ name: "release", conclusion: "success", log: RELEASE_LOG }],
  },
];

/** Every repository. */
export const REPOSITORIES: readonly SampleRepository[] = [
  {
    id: 4_150_001,
    name: "lighthouse",
    description: "A lamp that tells ships where the rocks are",
    topics: ["lamp", "safety", "sea"],
    updated: "2026-03-18T08:03:00Z",
    issues: ISSUES,
    pulls: PULLS,
    runs: RUNS,
  },
  {
    id: 4_150_002,
    name: "charts",
    description: "Rocks, depths and lights",
    topics: ["sea"],
    updated: "2025-11-30T10:00:00Z",
    issues: [],
    pulls: [],
    runs: [],
  },
];
