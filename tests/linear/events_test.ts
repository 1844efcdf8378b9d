/**
 * What the Linear component's events say of changes at the stand-in: by webhooks alone, and by looks alone.
 *
 * @module
 */
import { deepStrictEqual, equal, ok } from "node:assert/strict";
import type { LinearStandIn } from "../fakes/linear/mod.ts";
import type { Mounted } from "./mounted.ts";
import { withWatched } from "./watched.ts";

let project = "";
let comment = "";

/** A little of everything. */
async function fill({ linear }: Mounted): Promise<void> {
  project = (await linear.createProject({ name: "Apollo", teams: ["ENG"] })).name;
  await linear.createCycle("ENG", "First");
  await linear.createIssue("ENG", { title: "One", labels: ["bug"], assigned: true, project, cycle: 1 });
  await linear.createIssue("ENG", { title: "Two", comments: ["first", "second"] });
  await linear.createIssue("OPS", { title: "Three", labels: ["bug"] });
  [comment = ""] = await linear.addComments("ENG-2", ["third"]);
}

/** One change, and whether Linear has a webhook for it. */
interface Change {
  readonly name: string;
  readonly make: (linear: LinearStandIn) => Promise<unknown>;
  readonly hooked?: false;
  readonly swept?: true;
}

/** In order: each goes on from the one before. */
const CHANGES: readonly Change[] = [
  { name: "an issue's title", make: (linear) => linear.patchIssue("ENG-1", { title: "Other" }) },
  { name: "an issue is started", make: (linear) => linear.patchIssue("ENG-1", { type: "started" }) },
  { name: "an issue is done", make: (linear) => linear.patchIssue("ENG-1", { type: "completed" }) },
  { name: "an issue is archived", make: (linear) => linear.patchIssue("ENG-1", { archived: true }) },
  {
    name: "an issue is back",
    make: (linear) => linear.patchIssue("ENG-1", { archived: false, type: "backlog" }),
  },
  {
    name: "an issue leaves its project",
    make: (linear) => linear.patchIssue("ENG-1", { project: null, cycle: null }),
  },
  { name: "an issue gets a project", make: (linear) => linear.patchIssue("ENG-2", { project, cycle: 1 }) },
  { name: "an issue moves to another team", make: (linear) => linear.patchIssue("ENG-1", { team: "OPS" }) },
  {
    name: "an issue is made",
    make: (linear) => linear.createIssue("ENG", { title: "Made", labels: ["new"] }),
  },
  { name: "an issue is deleted", make: (linear) => linear.patchIssue("ENG-3", { trashed: true }) },
  { name: "a comment is made", make: (linear) => linear.addComments("ENG-2", ["fourth"]) },
  { name: "a comment is edited", make: (linear) => linear.patchComment(comment, "edited") },
  { name: "a project is renamed", make: (linear) => linear.patchProject(project, { name: "Gemini" }) },
  { name: "a project gets other teams", make: (linear) => linear.patchProject(project, { teams: ["OPS"] }) },
  { name: "a cycle is renamed", make: (linear) => linear.patchCycle("ENG", 1, "Last") },
  { name: "a label is renamed", make: (linear) => linear.renameLabel("bug", "fault") },
  {
    name: "a state is renamed",
    make: (linear) => linear.renameState("ENG", "unstarted", "Next"),
    hooked: false,
  },
  { name: "a team is renamed", make: (linear) => linear.renameTeam("ENG", "Engineers"), hooked: false },
  { name: "a project is deleted", make: (linear) => linear.patchProject(project, { trashed: true }) },
];

Deno.test("each change is seen by webhooks alone", (t) =>
  withWatched(fill, async ({ linear, hear, agree }) => {
    for (const { name, make, hooked = true } of CHANGES) {
      if (!hooked) continue;
      await t.step(name, async () => {
        await make(linear);
        ok((await hear()).some((one) => !one.startsWith("heard")));
        await agree();
      });
    }
    await t.step("a comment is deleted", async () => {
      await linear.deleteComment(comment);
      ok((await hear()).some((one) => one.startsWith("removed issue/")));
      await agree();
    });
    await t.step("a label is deleted", async () => {
      await linear.deleteLabel("fault");
      ok((await hear()).some((one) => one.startsWith("watch team:")));
      await agree();
    });
  }));

Deno.test("each change is seen by looks alone", (t) =>
  withWatched(fill, async ({ linear, look, agree }) => {
    for (const { name, make } of CHANGES) {
      await t.step(name, async () => {
        await make(linear);
        ok((await look()).length > 0);
        await agree();
        deepStrictEqual(await look(), []);
      });
    }
  }));

Deno.test("a look at a team or the workspace in which nothing happened is one query of few points", () =>
  withWatched(fill, async ({ look, asked, agree }) => {
    deepStrictEqual(await look(), []);
    const queries = await asked();
    deepStrictEqual(queries.map(([operation]) => operation), [
      "WorkspaceChanges",
      "TeamChanges",
      "TeamChanges",
    ]);
    ok(queries.every(([, points]) => points <= 500), JSON.stringify(queries));
    equal(await agree(), 0);
  }));

/** What is said of an issue of ENG in every view that does not hold it. */
const gone = (team: string, issue: string, ...views: string[]) =>
  views.map((view) => `removed issues/${team}/${view} issue/${issue}`);

Deno.test("a webhook or a look names the issue that changed, and nothing else", () =>
  withWatched(fill, async ({ linear, hear, look, teams, agree }) => {
    const { id, name } = await linear.patchIssue("ENG-2", { title: "Other" });
    const team = teams["ENG"] ?? "";
    const file = (file: string) => `placed issue/${id} ${file}=issue/${id}/${file}`;
    const places = [
      ...["all", "open"].map((view) => `placed issues/${team}/${view} ${name}=issue/${id}`),
      ...gone(team, id, "backlog", "closed", "started"),
    ];
    const told = ["description.md", "priority", "state", "title", "url"];
    deepStrictEqual(
      await hear(),
      [
        ...places,
        ...["comments", ...told].map(file),
        ...["assignee", "issue.json", "labels"].map((one) => `node issue/${id}/${one}`),
        `heard team:${team}`,
      ].sort(),
    );
    // Who it is assigned to, its labels and the whole are asked for.
    equal(await agree(), 3);
    const said = (await look()).filter((one) => !one.includes("comment/") && !one.includes("/comments "));
    deepStrictEqual(
      said,
      [...places, ...["assignee", "comments", "issue.json", "labels", ...told].map(file)].sort(),
    );
    equal(await agree(), 0);
  }));

Deno.test("what no date tells of is found by a sweep every quarter of an hour", () =>
  withWatched(fill, async ({ linear, look, age, asked, agree, teams }) => {
    await linear.deleteComment(comment);
    deepStrictEqual(await look(), []);
    age();
    ok((await look()).includes(`watch team:${teams["ENG"]}`));
    ok((await asked()).every(([, points]) => points <= 500));
    await agree();
    await linear.addComments("ENG-2", ["more"]);
    await look();
    age();
    deepStrictEqual(await look(), []);
    await linear.deleteLabel("bug");
    age();
    deepStrictEqual(await look(), Object.values(teams).map((team) => `watch team:${team}`).sort());
    await agree();
  }));

Deno.test("where too much changed, or a cursor is none, everything is dropped", () =>
  withWatched(fill, async ({ linear, look, agree, events, teams }) => {
    await linear.createIssues("ENG", 30);
    ok((await look()).every((one) => !one.startsWith("watch")));
    await linear.createIssues("ENG", 60);
    deepStrictEqual((await look()).filter((one) => one.startsWith("watch")), [`watch team:${teams["ENG"]}`]);
    await agree();
    deepStrictEqual(await look(), []);
    const watch = `team:${teams["ENG"]}`;
    const dropped = async (cursor: string | undefined, since: number) =>
      (await events.poll(watch, cursor, since)).invalidations.some(({ tag, val }) =>
        tag === "watch" && val === watch
      );
    ok(await dropped("nonsense", Date.now()));
    ok(await dropped(undefined, Date.now() - 60_000));
  }));
