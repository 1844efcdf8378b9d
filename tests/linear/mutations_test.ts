/**
 * What drafts do to Linear: the component's mutations, behind the gate, over the stand-in.
 *
 * @module
 */
import { deepStrictEqual, equal, match, ok, rejects } from "node:assert/strict";
import { uuidOf } from "../../providers/linear/token.ts";
import { OmnifsError } from "../../runtime/base/errors.ts";
import type { Invalidation, Mutation, Provider } from "../../runtime/provider/mod.ts";
import { bytesOf, pages, walk } from "../support/projection.ts";
import { changes, Scene } from "./drafting.ts";
import { withComponent } from "./mounted.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

const tests = new Map<string, (scene: Scene) => Promise<void>>();

/** A step of the one test below: each has a team of its own. */
function onScene(name: string, test: (scene: Scene) => Promise<void>): void {
  tests.set(name, test);
}

onScene("every field of an issue is written by one request, and put back by another", async (scene) => {
  await scene.linear.addLabel("ops", "OPS");
  await scene.linear.addLabel("slow", scene.key);
  await scene.linear.addUser("Grace Hopper", "grace");
  const wanted = {
    "title": "Crash at dawn\n",
    "description.md": "It crashes.\n\nAlways.\n",
    "state": "Done\n",
    "priority": "High\n",
    "assignee": "grace\n",
    "labels": "bug\nslow\n",
  };
  const before = Object.fromEntries(
    await Promise.all(
      Object.keys(wanted).map(async (name) => [name, await scene.read(`${scene.issue}/${name}`)]),
    ),
  );
  const writes = await Promise.all(
    Object.entries(wanted).map(([name, text]) => scene.write(`${scene.issue}/${name}`, text)),
  );
  await scene.linear.reset();
  const { step, receipt } = await scene.perform(...writes);
  deepStrictEqual(await changes(scene.linear), ["UpdateIssue"]);
  equal(step.summary, `set title, description.md, state, priority, assignee, labels of ${scene.key}-1`);
  const closed = scene.issue.replace("_open", "_closed");
  for (const [name, text] of Object.entries(wanted)) {
    // Labels are listed the youngest first.
    const now = await scene.read(`${closed}/${name}`);
    equal(now?.split("\n").sort().join(), text.split("\n").sort().join(), name);
  }
  await holdsTrue(scene.provider, receipt.changed);
  equal((await scene.mutations.probe(step)).tag, "performed");
  ok(receipt.undo);
  await scene.mutations.undo(step, receipt.undo);
  await scene.mutations.undo(step, receipt.undo);
  for (const [name, text] of Object.entries(before)) {
    equal(await scene.read(`${scene.issue}/${name}`), text, name);
  }
  equal((await scene.mutations.probe(step)).tag, "not-performed");
});

/** Each node that a receipt places is the one that the tree serves; what is removed is not there. */
async function holdsTrue(provider: Provider, changed: readonly Invalidation[]): Promise<void> {
  ok(changed.length > 0);
  for (const each of changed) {
    if (each.tag === "removed") {
      const names = (await pages(provider, each.parent)).flatMap(({ entries }) => entries);
      ok(names.every(({ node }) => node.id !== each.id), `${each.parent} has ${each.id} still`);
    } else if (each.tag === "placed") {
      const { name, node } = each.entry;
      const now = await provider.lookupChild(each.parent, name);
      ok(now, `${each.parent} has no ${name}`);
      deepStrictEqual([now.id, now.version], [node.id, node.version]);
      if (!node.directory) {
        deepStrictEqual(
          await bytesOf(provider, node),
          await bytesOf(provider, now),
          `${each.parent}/${name}`,
        );
      }
    }
  }
}

onScene("nobody, no label and no description are written as empty files", async (scene) => {
  const [first] = await changedTo(scene, { assignee: "ada\n", "description.md": "", labels: "" });
  equal(await scene.read(`${scene.issue}/assignee`), "ada\n");
  equal(await scene.read(`${scene.issue}/description.md`), "");
  equal(await scene.read(`${scene.issue}/labels`), "");
  ok(first);
  await changedTo(scene, { assignee: "\n" });
  equal(await scene.read(`${scene.issue}/assignee`), "");
});

/** Performs writes to fields of the issue. */
async function changedTo(scene: Scene, fields: Readonly<Record<string, string>>): Promise<Invalidation[]> {
  const writes = await Promise.all(
    Object.entries(fields).map(([name, text]) => scene.write(`${scene.issue}/${name}`, text)),
  );
  return [...(await scene.perform(...writes)).receipt.changed];
}

onScene("a comment is made under an id that tells whether it was, edited, and taken back", async (scene) => {
  const made = await scene.perform(await scene.create(`${scene.issue}/comments`, "new", "Fixed\n"));
  await holdsTrue(scene.provider, made.receipt.changed);
  const path = `${scene.issue}/comments/${uuidOf(made.step.id)}`;
  equal(await scene.read(`${path}/body`), "Fixed\n");
  equal((await scene.mutations.probe(made.step)).tag, "performed");
  const edited = await scene.perform(await scene.write(`${path}/body`, "Fixed in 1.2\n"));
  await holdsTrue(scene.provider, edited.receipt.changed);
  equal(await scene.read(`${path}/body`), "Fixed in 1.2\n");
  await scene.mutations.undo(edited.step, edited.receipt.undo ?? new Uint8Array());
  equal(await scene.read(`${path}/body`), "Fixed\n");
  await scene.mutations.undo(made.step, made.receipt.undo ?? new Uint8Array());
  await scene.mutations.undo(made.step, made.receipt.undo ?? new Uint8Array());
  equal(
    (await pages(scene.provider, (await scene.node(`${scene.issue}/comments`)).id))[0]?.entries.length,
    1,
  );
  equal((await scene.mutations.probe(made.step)).tag, "not-performed");
});

onScene("an issue is made with all of its fields, and an undo puts it into the trash", async (scene) => {
  const fields = { "title": "Be faster\n", "state": "In Progress\n", "priority": "2\n", "labels": "bug\n" };
  const { step, receipt } = await scene.perform(
    ...await Promise.all(
      Object.entries(fields).map(([name, text]) => scene.create(scene.open, `wish/${name}`, text)),
    ),
  );
  equal(step.summary, 'make an issue: "Be faster"');
  equal(step.reversible, true);
  const made = `teams/${scene.key}/issues/_started/${scene.key}-2`;
  equal(await scene.read(`${made}/title`), "Be faster\n");
  equal(await scene.read(`${made}/priority`), "High\n");
  equal((await scene.node(made)).id, `issue/${uuidOf(step.id)}`);
  await holdsTrue(scene.provider, receipt.changed);
  await scene.mutations.undo(step, receipt.undo ?? new Uint8Array());
  equal(await walk(scene.provider, made), undefined);
  equal((await scene.mutations.probe(step)).tag, "not-performed");
});

onScene("a comment of one's own goes for good, last of all, and nobody else's does", async (scene) => {
  const [mine = ""] = await scene.linear.addComments(`${scene.key}-1`, ["Mine"]);
  const [bots = ""] = await scene.linear.addComments(`${scene.key}-1`, ["A bot's"], true);
  const parent = (await scene.node(`${scene.issue}/comments`)).id;
  const remove = (id: string): Mutation => ({
    tag: "remove",
    parent,
    name: id,
    node: `comment/${id}`,
    baseVersion: undefined,
  });
  deepStrictEqual(await scene.refusals(remove(bots)), [
    [0, "unauthorized", "the comment is of somebody else, and only one's own can be removed"],
  ]);
  const steps = await scene.plan(remove(mine), await scene.write(`${scene.issue}/title`, "Other\n"));
  deepStrictEqual(steps.map(({ summary, reversible }) => [summary, reversible]), [
    [`set title of ${scene.key}-1`, true],
    [`delete a comment on ${scene.key}-1`, false],
  ]);
  const [, step] = steps;
  ok(step);
  equal((await scene.mutations.probe(step)).tag, "not-performed");
  const receipt = await scene.mutations.perform(step);
  equal(receipt.undo, undefined);
  await holdsTrue(scene.provider, receipt.changed);
  equal((await scene.mutations.probe(step)).tag, "performed");
});

onScene("a plan names every text that is another one now, and every name that nobody has", async (scene) => {
  const title = await scene.write(`${scene.issue}/title`, "Ours\n");
  const state = await scene.write(`${scene.issue}/state`, "Shipped\n");
  const labels = await scene.write(`${scene.issue}/labels`, "bug\nnever\n");
  const assignee = await scene.write(`${scene.issue}/assignee`, "bob\n");
  const untitled = await scene.create(scene.open, "wish/priority", "Low\n");
  await scene.linear.patchIssue(`${scene.key}-1`, { title: "Theirs" });
  await scene.linear.addLabel("never", "OPS");
  await scene.linear.reset();
  deepStrictEqual((await scene.refusals(title, state, labels, assignee, untitled)).sort(), [
    [0, "conflict", 'title is now "Theirs", and was "Crash" when it was staged'],
    [
      1,
      "invalid",
      `${scene.key} has no state "Shipped": it has Canceled, Done, In Progress, Todo, Backlog, Triage`,
    ],
    [2, "invalid", 'there is no label "never" for this team'],
    [3, "invalid", 'nobody is called "bob"'],
    [4, "invalid", "a new issue needs a title"],
  ]);
  deepStrictEqual(await changes(scene.linear), []);
});

onScene("a group of labels, two people of one name, and somebody who left are refused", async (scene) => {
  await scene.linear.addLabel("kind", scene.key, true);
  await scene.linear.addUser("Alan", "alan");
  await scene.linear.addUser("Alan", "turing");
  await scene.linear.addUser("Kurt", "kurt", false);
  const refusal = async (field: string, text: string) =>
    (await scene.refusals(await scene.write(`${scene.issue}/${field}`, text)))[0]?.[2];
  equal(await refusal("labels", "kind\n"), '"kind" is a group of labels, and no label');
  equal(await refusal("assignee", "Alan\n"), '"Alan" are several people: take the display name');
  equal(await refusal("assignee", "kurt\n"), '"kurt" is no longer in the workspace');
  await changedTo(scene, { assignee: "alan\n" });
  equal(await scene.read(`${scene.issue}/assignee`), "alan\n");
});

onScene("what a value's own look rules out is refused without a callout", async (scene) => {
  const open = (await scene.node(scene.open)).id;
  const closed = (await scene.node(scene.open.replace("_open", "_closed"))).id;
  const comments = (await scene.node(`${scene.issue}/comments`)).id;
  const make = (parent: string, name: string, content = "x\n"): Mutation => ({
    tag: "create",
    parent,
    name,
    content: bytes(content),
  });
  const cases: [Mutation, RegExp][] = [
    [await scene.write(`${scene.issue}/title`, "\n"), /a title cannot be empty/],
    [await scene.write(`${scene.issue}/title`, "a\nb\n"), /a title is one line/],
    [await scene.write(`${scene.issue}/priority`, "soon\n"), /a priority is one of "No priority", "Urgent"/],
    [await scene.write(`${scene.issue}/state`, "\n"), /a state cannot be empty/],
    [await scene.write(`${scene.issue}/url`, "x\n"), /url cannot be written/],
    [await scene.write(`teams/${scene.key}/name`, "x\n"), /it cannot be changed/],
    [make(comments, "new", " \n"), /a comment cannot be empty/],
    [make(comments, "new/body"), /nothing new can be made there/],
    [make(closed, "x/title"), /nothing new can be made there/],
    [make(open, "title"), /a new issue is a directory with a title in it/],
    [make(open, "x/y/title"), /a new issue is a directory with a title in it/],
    [make(open, "x/url"), /url cannot be written/],
    [
      { tag: "remove", parent: open, name: `${scene.key}-1`, node: "issue/1", baseVersion: undefined },
      /only comments/,
    ],
  ];
  await scene.linear.reset();
  for (const [change, why] of cases) {
    await rejects(scene.mutations.check(change), (error) => {
      ok(error instanceof OmnifsError);
      deepStrictEqual([error.kind, why.test(error.message)], ["invalid", true], error.message);
      return true;
    });
  }
  await scene.mutations.check(make(open, "x/title"));
  await scene.mutations.check(make(comments, "new"));
  deepStrictEqual(await scene.linear.requests(), []);
});

onScene(
  "an issue that moved to another team is hit by its identity; one in the trash is not",
  async (scene) => {
    const title = await scene.write(`${scene.issue}/title`, "Moved\n");
    const state = await scene.write(`${scene.issue}/state`, "Done\n");
    const { name } = await scene.linear.patchIssue(`${scene.key}-1`, { team: "OPS" });
    await scene.perform(title, state);
    equal(await scene.read(`teams/OPS/issues/_closed/${name}/title`), "Moved\n");
    const again = await scene.write(`teams/OPS/issues/_closed/${name}/title`, "Gone\n");
    await scene.linear.patchIssue(name, { trashed: true });
    deepStrictEqual((await scene.refusals(again)).map(([change, kind]) => [change, kind]), [[
      0,
      "not-found",
    ]]);
  },
);

onScene("an answer that is lost is no failure, and the probe finds what was done", async (scene) => {
  const [step] = await scene.plan(await scene.create(`${scene.issue}/comments`, "new", "Fixed\n"));
  ok(step);
  await scene.linear.fault("CreateComment", { lose: true, times: 1 });
  await rejects(scene.mutations.perform(step), { kind: "unavailable" });
  const outcome = await scene.mutations.probe(step);
  ok(outcome.tag === "performed");
  await holdsTrue(scene.provider, outcome.receipt.changed);
  // The same step cannot make a second one.
  await rejects(scene.mutations.perform(step), /exists already/);
  await scene.linear.fault("UpdateIssue", { code: "FORBIDDEN", times: 1 });
  const [edit] = await scene.plan(await scene.write(`${scene.issue}/title`, "Other\n"));
  ok(edit);
  await rejects(scene.mutations.perform(edit), { kind: "unauthorized" });
  equal((await scene.mutations.probe(edit)).tag, "not-performed");
  await scene.linear.patchIssue(`${scene.key}-1`, { title: "Theirs" });
  equal((await scene.mutations.probe(edit)).tag, "unknown");
});

Deno.test("a draft's changes of Linear", (context) =>
  withComponent(async ({ provider, linear }) => {
    let teams = 0;
    for (const [name, test] of tests) {
      const key = `T${++teams}`;
      await linear.createTeam(key, name);
      await linear.createIssue(key, {
        title: "Crash",
        description: "It crashes.",
        labels: ["bug"],
        comments: ["Me too"],
      });
      await context.step(name, () => test(new Scene(linear, provider, key)));
      await linear.clearFaults();
    }
  }));

Deno.test("an id follows from its token alone, and has the form that Linear asks for", () => {
  const ids = Array.from({ length: 2_000 }, (_, at) => uuidOf(`attempt/${at}`));
  equal(new Set(ids).size, ids.length);
  for (const id of ids) match(id, /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  equal(uuidOf("attempt/7"), ids[7]);
  // The hash of nothing is the offset basis itself.
  equal(uuidOf(""), "6c62272e-07bb-4142-a2b8-21756295c58d");
});
