/**
 * What drafts do to GitHub: the component's mutations, behind the gate, over the stand-in.
 *
 * @module
 */
import { deepStrictEqual, equal, match, ok, rejects } from "node:assert/strict";
import { OmnifsError } from "../../runtime/base/errors.ts";
import { type Mutation, PlanRefused, type Provider, type Step } from "../../runtime/provider/mod.ts";
import type { GitHubStandIn } from "../fakes/github/mod.ts";
import { bytesOf, pages, textAt, walk } from "../support/projection.ts";
import { withComponent } from "./mounted.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const OPEN = "acme/api/_issues/_open";

/** A repository with issues that its steps make. */
class Scene {
  readonly github: GitHubStandIn;
  readonly provider: Provider;
  #attempts = 0;

  constructor(github: GitHubStandIn, provider: Provider) {
    this.github = github;
    this.provider = provider;
  }

  async write(path: string, content: string): Promise<Mutation> {
    const node = await walk(this.provider, path);
    ok(node, path);
    const base = await bytesOf(this.provider, node);
    return { tag: "write", file: node.id, baseVersion: node.version, base, content: bytes(content) };
  }

  async create(directory: string, name: string, content: string): Promise<Mutation> {
    const parent = await walk(this.provider, directory);
    return { tag: "create", parent: parent?.id ?? "", name, content: bytes(content) };
  }

  async remove(directory: string, name: string): Promise<Mutation> {
    const [parent, node] = [
      await walk(this.provider, directory),
      await walk(this.provider, `${directory}/${name}`),
    ];
    return { tag: "remove", parent: parent?.id ?? "", name, node: node?.id ?? "", baseVersion: undefined };
  }

  async plan(...changes: Mutation[]): Promise<Step[]> {
    const attempt = `attempt-${this.#attempts++}`;
    return (await this.provider.mutations.plan(changes)).map((step) => ({
      ...step,
      id: `${attempt}/${step.id}`,
    }));
  }

  /** The one step of a plan. */
  async step(...changes: Mutation[]): Promise<Step> {
    const [step, ...more] = await this.plan(...changes);
    ok(step);
    deepStrictEqual(more, []);
    return step;
  }

  async refusals(...changes: Mutation[]): Promise<string[]> {
    let told: string[] = [];
    await rejects(this.plan(...changes), (error) => {
      ok(error instanceof PlanRefused, String(error));
      told = error.refusals.map(({ change, error }) =>
        `${change} ${error.kind}: ${error.message.replace("github: ", "")}`
      );
      return true;
    });
    return told.sort();
  }

  read(path: string): Promise<string | undefined> {
    return textAt(this.provider, path);
  }

  async probe(step: Step): Promise<string> {
    return (await this.provider.mutations.probe(step)).tag;
  }

  /** A new issue; its directory. */
  async issue(title: string, body = "Said."): Promise<string> {
    return `${OPEN}/${await this.github.createIssue("acme/api", { title, body, labels: ["bug"] })}`;
  }
}

type Test = (scene: Scene) => Promise<void>;

const fields: Test = async (scene) => {
  const issue = await scene.issue("Crash");
  const { mutations } = scene.provider;
  const step = await scene.step(
    await scene.write(`${issue}/title`, "Other\n"),
    await scene.write(`${issue}/body`, ""),
    await scene.write(`${issue}/labels`, "slow\nbug\n"),
    await scene.write(`${issue}/state`, "closed\n"),
  );
  equal(await scene.probe(step), "not-performed");
  const receipt = await mutations.perform(step);
  equal(await scene.probe(step), "performed");
  const closed = issue.replace("_open", "_closed");
  equal(await scene.read(`${closed}/title`), "Other\n");
  equal(await scene.read(`${closed}/body`), "");
  deepStrictEqual((await scene.read(`${closed}/labels`))?.trim().split("\n").sort(), ["bug", "slow"]);
  for (let times = 0; times < 2; times++) await mutations.undo(step, receipt.undo ?? new Uint8Array());
  equal(await scene.read(`${issue}/title`), "Crash\n");
  equal(await scene.read(`${issue}/body`), "Said.\n");
  equal(await scene.read(`${issue}/labels`), "bug\n");
  equal(await scene.probe(step), "not-performed");
  await scene.github.patchIssue("acme/api", Number(issue.split("/").at(-1)), { title: "Theirs" });
  equal(await scene.probe(step), "unknown");
};

const comments: Test = async (scene) => {
  const issue = await scene.issue("Talk");
  const number = Number(issue.split("/").at(-1));
  await scene.github.addComment("acme/api", number, "Fixed");
  const { mutations } = scene.provider;
  const step = await scene.step(await scene.create(`${issue}/comments`, "new", "Fixed\n"));
  equal(
    await scene.probe(step),
    "not-performed",
    "the same words that were there before are another comment's",
  );
  const receipt = await mutations.perform(step);
  equal(await scene.probe(step), "performed");
  for (let times = 0; times < 2; times++) await mutations.undo(step, receipt.undo ?? new Uint8Array());
  const left = await walk(scene.provider, `${issue}/comments`);
  const [page] = await pages(scene.provider, left?.id ?? "");
  equal(page?.entries.length, 1);
  const [mine = ""] = page?.entries.map(({ name }) => name) ?? [];
  const gone = await scene.step(await scene.remove(`${issue}/comments`, mine));
  equal(gone.reversible, false);
  equal(await scene.probe(gone), "not-performed");
  await mutations.perform(gone);
  equal(await scene.probe(gone), "performed");
};

const issues: Test = async (scene) => {
  const step = await scene.step(
    await scene.create(OPEN, "wish/title", "Be faster\n"),
    await scene.create(OPEN, "wish/labels", "speed\n"),
  );
  deepStrictEqual([step.summary, step.reversible], ['open an issue: "Be faster"', false]);
  equal(await scene.probe(step), "not-performed");
  const { changed } = await scene.provider.mutations.perform(step);
  equal(await scene.probe(step), "performed");
  ok(changed.some((each) => each.tag === "placed" && each.parent.endsWith("/open")));
};

const refused: Test = async (scene) => {
  const issue = await scene.issue("Refused", "ä".repeat(40_000));
  const number = Number(issue.split("/").at(-1));
  const title = await scene.write(`${issue}/title`, "Ours\n");
  // Longer than what travels with its issue: it is asked for, and compared all the same.
  const body = await scene.write(`${issue}/body`, "Ours\n");
  await scene.github.patchIssue("acme/api", number, { title: "Theirs", body: `${"ä".repeat(40_000)}!` });
  const told = await scene.refusals(title, body, await scene.create(OPEN, "wish/body", "x\n"));
  equal(told[0], '0 conflict: title is now "Theirs", and was "Refused" when it was staged');
  ok(told[1]?.startsWith('1 conflict: body is now "ää'), told[1]);
  equal(told[2], "2 invalid: a new issue needs a title");
};

const pulls: Test = async (scene) => {
  const number = await scene.github.addPull("acme/api", { title: "A branch", body: "Said." });
  const open = `acme/api/_prs/_open/${number}`;
  const wanted = {
    title: "Another\n",
    body: "Other words.\n",
    state: "closed\n",
    labels: "slow\n",
  };
  const writes: Mutation[] = [];
  const before: Record<string, string | undefined> = {};
  for (const [name, text] of Object.entries(wanted)) {
    before[name] = await scene.read(`${open}/${name}`);
    writes.push(await scene.write(`${open}/${name}`, text));
  }
  const step = await scene.step(...writes);
  const { undo = new Uint8Array() } = await scene.provider.mutations.perform(step);
  equal(await scene.probe(step), "performed");
  for (const [name, text] of Object.entries(wanted)) {
    equal(await scene.read(`${open.replace("_open", "_closed")}/${name}`), text, name);
  }
  await scene.provider.mutations.undo(step, undo);
  for (const [name, text] of Object.entries(before)) equal(await scene.read(`${open}/${name}`), text, name);
  const comment = await scene.step(await scene.create(`${open}/comments`, "new", "Fine\n"));
  await scene.provider.mutations.perform(comment);
  equal(await scene.probe(comment), "performed");
};

const assignees: Test = async (scene) => {
  const issue = await scene.issue("Whose");
  const step = await scene.step(await scene.write(`${issue}/assignees`, "octocat\nadmin\n"));
  const { undo = new Uint8Array() } = await scene.provider.mutations.perform(step);
  deepStrictEqual((await scene.read(`${issue}/assignees`))?.trim().split("\n").sort(), ["admin", "octocat"]);
  equal(await scene.probe(step), "performed");
  await scene.provider.mutations.undo(step, undo);
  equal(await scene.read(`${issue}/assignees`), "");
  equal(await scene.probe(step), "not-performed");
};

const commentBodies: Test = async (scene) => {
  const issue = await scene.issue("Edited");
  const number = Number(issue.split("/").at(-1));
  const comment = await scene.github.addComment("acme/api", number, "Me too");
  const path = `${issue}/comments/${comment}/body`;
  const step = await scene.step(await scene.write(path, "Me neither\n"));
  equal(await scene.probe(step), "not-performed");
  const { undo = new Uint8Array() } = await scene.provider.mutations.perform(step);
  equal(await scene.read(path), "Me neither\n");
  equal(await scene.probe(step), "performed");
  await scene.provider.mutations.undo(step, undo);
  equal(await scene.read(path), "Me too\n");
  const late = await scene.write(path, "Ours\n");
  await scene.github.editComment("acme/api", comment, "Theirs");
  deepStrictEqual(await scene.refusals(late), [
    '0 conflict: body is now "Theirs", and was "Me too" when it was staged',
  ]);
};

const validated: Test = async (scene) => {
  const issue = await scene.issue("Valid");
  const number = Number(issue.split("/").at(-1));
  const comment = await scene.github.addComment("acme/api", number, "Somebody else's");
  // The stand-in would take any state, and lets whoever asks delete a comment.
  const bogus = await scene.write(`${issue}/state`, "bogus\n");
  const remove = await scene.remove(`${issue}/comments`, String(comment));
  const headers = { authorization: `Bearer ${scene.github.token}` };
  const url = `${scene.github.url}/repos/acme/api/issues/comments/${comment}`;
  const body = JSON.stringify({
    ...await (await fetch(url, { headers })).json(),
    user: { login: "octocat" },
  });
  await scene.github.reset();
  await scene.github.fault(`^GET .*/issues/comments/${comment}$`, { status: 200, body });
  deepStrictEqual(await scene.refusals(bogus, remove), [
    '0 invalid: a state is open or closed, not "bogus"',
    "1 unauthorized: the comment is of octocat, and only one's own can be removed",
  ]);
  await scene.github.clearFaults();
  deepStrictEqual((await scene.github.requests()).filter(({ method }) => method !== "GET"), []);
};

const leftOut: Test = async (scene) => {
  const { github, provider: { mutations } } = scene;
  const issue = await scene.issue("Without the right");
  const number = issue.split("/").at(-1);
  const step = await scene.step(
    await scene.write(`${issue}/title`, "Taken\n"),
    await scene.write(`${issue}/labels`, "slow\n"),
  );
  const headers = { authorization: `Bearer ${github.token}` };
  const told = async (path: string) => await (await fetch(`${github.url}${path}`, { headers })).json();
  const body = JSON.stringify({ ...await told(`/repos/acme/api/issues/${number}`), title: "Taken" });
  await github.reset();
  await github.fault(`^PATCH .*/issues/${number}$`, { status: 200, body, times: 1 });
  await rejects(mutations.perform(step), {
    kind: "unauthorized",
    message: /left out labels: .*right to push/,
  });
  const changes = (await github.requests()).filter(({ method }) => method !== "GET");
  deepStrictEqual(changes.map(({ method }) => method), ["PATCH", "PATCH"], "and back again");
  equal(await scene.probe(step), "not-performed");
  // Where it is not put back as it was, some of it stands, or may.
  const bare = JSON.stringify({ ...JSON.parse(body), labels: [] });
  await github.fault(`^PATCH .*/issues/${number}$`, { status: 200, body: bare, times: 2 });
  await rejects(mutations.perform(step), { kind: "unavailable", message: /could not be put back/ });
  await github.clearFaults();
  const cased = await scene.step(await scene.write(`${issue}/labels`, "BUG\nSlow\n"));
  await github.patchIssue("acme/api", Number(number), { labels: ["slow", "bug"] });
  equal(await scene.probe(cased), "performed");

  const repo = await github.repositoryId("acme/api");
  const rights = async (permissions: object) => {
    const body = JSON.stringify({ ...await told("/repos/acme/api"), permissions });
    await github.fault(`^GET /repositories/${repo}$`, { status: 200, body });
  };
  const wish = [
    await scene.create(OPEN, "wish/title", "A wish\n"),
    await scene.create(OPEN, "wish/labels", "speed\n"),
  ];
  await rights({ pull: true, push: false });
  match((await scene.refusals(...wish)).join(), /unauthorized: a new issue would be without its labels/);
  await github.clearFaults();
  await rights({ pull: true, push: false, triage: true });
  equal((await scene.plan(...wish)).length, 1);
  await github.clearFaults();
};

const checked: Test = async (scene) => {
  const issue = await scene.issue("Checked");
  await scene.github.addComment("acme/api", Number(issue.split("/").at(-1)), "A comment");
  const cases: [Mutation, RegExp][] = [
    [await scene.write(`${issue}/state`, "bogus\n"), /a state is open or closed, not "bogus"/],
    [await scene.write(`${issue}/title`, "\n"), /a title cannot be empty/],
    [await scene.write(`${issue}/title`, "x".repeat(257)), /at most 256 characters/],
    [await scene.write(`${issue}/body`, "x".repeat(65_537)), /at most 65536 characters/],
    [await scene.write(`${issue}/user`, "me\n"), /user cannot be written/],
    [await scene.write("acme/api/description", "x\n"), /it cannot be changed/],
    [await scene.create(`${issue}/comments`, "new", " \n"), /a comment cannot be empty/],
    [await scene.create(OPEN, "title", "x\n"), /a new issue is a directory with a title in it/],
    [await scene.create("acme/api/_issues/_closed", "x/title", "x\n"), /nothing new can be made there/],
    [await scene.remove(OPEN, issue.split("/").at(-1) ?? ""), /only comments can be removed/],
  ];
  await scene.github.reset();
  for (const [change, why] of cases) {
    await rejects(scene.provider.mutations.check(change), (error) => {
      ok(error instanceof OmnifsError);
      deepStrictEqual([error.kind, why.test(error.message)], ["invalid", true], error.message);
      return true;
    });
  }
  await scene.provider.mutations.check(await scene.create(OPEN, "x/title", "x\n"));
};

Deno.test("a draft's changes of GitHub", (context) =>
  withComponent(async ({ provider, github }) => {
    const scene = new Scene(github, provider);
    const tests: Readonly<Record<string, Test>> = {
      "every field of an issue is written by one request, and put back by another": fields,
      "a comment is told from another one of the same words, taken back, and removed for good": comments,
      "an issue is opened with its labels, and for good": issues,
      "a plan names every text that is another one now, however long": refused,
      "a pull request is written by one request, put back by another, and commented on": pulls,
      "people are assigned, and taken off again": assignees,
      "a comment's text is written, put back, and held against what it is by now": commentBodies,
      "a plan refuses what the upstream would take, and sends nothing": validated,
      "what GitHub leaves out without a word is told, and not half done": leftOut,
      "what a value's own look rules out is refused": checked,
    };
    for (const [name, test] of Object.entries(tests)) await context.step(name, () => test(scene));
  }));
