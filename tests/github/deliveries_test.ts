/**
 * What the GitHub component makes of webhooks: those of the stand-in, and every published example.
 *
 * @module
 */
import examples from "@octokit/webhooks-examples" with { type: "json" };
import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { Api } from "../../providers/github/api.ts";
import { settingsOf } from "../../providers/github/config.ts";
import { placeOf } from "../../providers/github/tree.ts";
import { HttpClient } from "../../providers/sdk/client.ts";
import type { Invalidation, Node } from "../../providers/sdk/contract.ts";
import { FakeGate, ok as answer } from "../provider/harness.ts";
import { GuestEvents, words } from "../support/guest_events.ts";
import { withHooked } from "./hooked.ts";
import type { Mounted } from "./mounted.ts";

/** One published payload, its fields unchecked. */
type Payload = Readonly<Record<string, unknown>>;

/** A table of objects, each without a promise of its fields. */
const field = (from: unknown, ...keys: string[]): unknown =>
  keys.reduce<unknown>(
    (value, key) => typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined,
    from,
  );

async function fill({ github }: Mounted): Promise<void> {
  await github.createIssues("acme/api", 3);
  await github.addComment("acme/api", 2, "a comment");
  await github.addPull("acme/api", { branch: "topic", files: { "a b.txt": "one\n" } });
}

/** What `mergeable` and `pr.json` cost each time that the tree is read: a look-up and a read, in two views. */
const FLEETING = 8;

Deno.test("webhooks alone tell of issues: no call is needed but for what no payload holds", () =>
  withHooked(fill, async ({ github, hear, agree, repo }) => {
    await github.patchIssue("acme/api", 2, { title: "other" });
    deepStrictEqual((await hear("issues edited")).filter((one) => !one.startsWith("placed issue")), [
      `heard repo:${repo}`,
      `removed issues/${repo}/closed issue/${repo}/2`,
    ]);
    equal(await agree(), FLEETING);
    await github.patchIssue("acme/api", 2, { state: "closed" });
    ok((await hear("issues closed")).includes(`removed issues/${repo}/open issue/${repo}/2`));
    // The repository has another number of open issues: its four files are looked up, and one of them is read.
    equal(await agree(), FLEETING + 5);
    await github.createIssue("acme/api", { title: "new", labels: ["bug"] });
    await hear("issues opened");
    await agree();
    await github.editLabel("acme/api", "bug", { new_name: "fault" });
    await hear("label edited");
    await agree();
  }));

Deno.test("webhooks alone tell of comments", () =>
  withHooked(fill, async ({ github, hear, agree, repo }) => {
    const made = await github.addComment("acme/api", 2, "again");
    ok((await hear("issue_comment created")).includes(
      `placed issue/${repo}/2/comments ${made}=comment/${repo}/${made}`,
    ));
    await agree();
    await github.editComment("acme/api", made, "edited");
    await hear("issue_comment edited");
    equal(await agree(), FLEETING);
    await github.deleteComment("acme/api", made);
    ok((await hear("issue_comment deleted")).includes(
      `removed issue/${repo}/2/comments comment/${repo}/${made}`,
    ));
    await agree();
  }));

Deno.test("webhooks alone tell of pull requests and of what is pushed", () =>
  withHooked(fill, async ({ github, hear, agree, repo }) => {
    await github.patchPull("acme/api", 4, { title: "other" });
    await hear("pull_request edited");
    await agree();
    await github.pushFile("acme/api", "main", "d.txt", "three\n");
    ok((await hear("push")).includes(`node pull/${repo}/4/diff`));
    await agree();
    await github.patchPull("acme/api", 4, { state: "closed" });
    ok((await hear("pull_request closed")).includes(`removed pulls/${repo}/open pull/${repo}/4`));
    await agree();
  }));

Deno.test("webhooks alone tell of the repository", () =>
  withHooked(fill, async ({ github, hear, agree, repo }) => {
    await github.patchRepository("acme/api", { description: "other" });
    ok((await hear("repository edited")).includes(
      `placed repo/${repo} description=repo/${repo}/description`,
    ));
    await agree();
    await github.deleteRepository("acme/api");
    deepStrictEqual((await hear("repository deleted")).filter((one) => !one.startsWith("heard")), [
      `removed org/acme repo/${repo}`,
      `watch repo:${repo}`,
    ]);
  }));

/** Runs `use` with the component's events, whose callouts are all answered with an empty list. */
async function withEvents(use: (events: GuestEvents) => Promise<void>): Promise<void> {
  const gate = new FakeGate();
  gate.answer = () => Promise.resolve(answer("[]", { "content-type": "application/json" }));
  using events = await GuestEvents.start("github", {}, gate);
  await use(events);
}

Deno.test("no published payload is a fault, and each that names a repository is heard", () =>
  withEvents(async (events) => {
    let payloads = 0;
    for (const { name, examples: each } of examples) {
      for (const payload of each) {
        const said = await events.deliver({ "X-GitHub-Event": name }, payload);
        const repo = field(payload, "repository", "id");
        const expected = repo === undefined ? [] : [`heard repo:${repo}`];
        deepStrictEqual(words(said).filter((one) => one.startsWith("heard")), expected, name);
        for (const id of said.flatMap(idsOf)) {
          ok(id === "" || /^(?:user|org)\//.test(id) || repositoryOf(id, payload), `${name}: ${id}`);
        }
        payloads++;
      }
    }
    ok(payloads > 250, `${payloads} payloads`);
  }));

/** Every identity that an invalidation names; none for those of watches. */
function idsOf(one: Invalidation): string[] {
  if (one.tag === "placed") return [one.val[0], one.val[1].node.id];
  if (one.tag === "removed") return one.val;
  return one.tag === "node" || one.tag === "children" ? [one.val] : [];
}

function repositoryOf(id: string, payload: unknown): boolean {
  const at = id.split("/")[1];
  const known = [["repository"], ["changes", "new_repository"]].map((keys) =>
    String(field(payload, ...keys, "id"))
  );
  return at !== undefined && known.includes(at);
}

/** Objects of payloads, and the directory whose listing tells of the same object. */
const LISTED: readonly {
  readonly event: string;
  readonly key: string;
  readonly directory: (repo: unknown, payload: Payload) => string;
  readonly answer: (item: Payload) => unknown;
}[] = [
  {
    event: "issues",
    key: "issue",
    directory: (repo) => `issues/${repo}/all`,
    answer: (issue) => [issue],
  },
  {
    event: "issue_comment",
    key: "comment",
    directory: (repo, payload) => `issue/${repo}/${field(payload, "issue", "number")}/comments`,
    answer: (comment) => [comment],
  },
  {
    event: "pull_request",
    key: "pull_request",
    directory: (repo) => `pulls/${repo}/all`,
    answer: (pull) => [pull],
  },
  {
    event: "pull_request_review",
    key: "review",
    directory: (repo, payload) => `pull/${repo}/${field(payload, "pull_request", "number")}/reviews`,
    answer: (review) => [{ ...review, state: String(review["state"]).toUpperCase() }],
  },
  {
    event: "workflow_run",
    key: "workflow_run",
    directory: (repo) => `runs/${repo}/all`,
    answer: (run) => ({ total_count: 1, workflow_runs: [run] }),
  },
  {
    event: "workflow_job",
    key: "workflow_job",
    directory: (repo, payload) => `run/${repo}/${field(payload, "workflow_job", "run_id")}/jobs`,
    answer: (job) => ({ total_count: 1, jobs: [job] }),
  },
];

/** What a listing of `directory` yields where the API answers `body`: nodes by the directory and name that hold them. */
function nodesListed(directory: string, body: unknown): Map<string, Node> {
  const transport = () => ({
    status: 200,
    headers: [],
    body: { tag: "text" as const, val: JSON.stringify(body) },
  });
  const { entries, also = [] } = placeOf(new Api(new HttpClient(transport), settingsOf({})), directory).list(
    undefined,
  );
  const nodes = new Map(entries.map(({ name, node }) => [`${directory} ${name}`, node]));
  for (const { parent, entry: { name, node } } of also) nodes.set(`${parent} ${name}`, node);
  return nodes;
}

Deno.test("what a payload places is what a listing of the same object yields", () =>
  withEvents(async (events) => {
    for (const { event, key, directory, answer } of LISTED) {
      let placed = 0;
      for (const payload of examples.find(({ name }) => name === event)?.examples ?? []) {
        const item = field(payload, key);
        const action = String(field(payload, "action"));
        if (typeof item !== "object" || item === null || ["deleted", "transferred"].includes(action)) {
          continue;
        }
        const told = directory(field(payload, "repository", "id"), { ...payload });
        const nodes = nodesListed(told, answer({ ...item }));
        const said = await events.deliver({ "x-github-event": event }, payload);
        for (const one of said) {
          if (one.tag !== "placed") continue;
          const [parent, { name, node }] = one.val;
          const listed = nodes.get(`${parent} ${name}`);
          if (listed === undefined) continue;
          deepStrictEqual(known(node), known(listed), `${event} ${action}: ${parent} ${name}`);
          placed++;
        }
      }
      ok(placed > 0, `${event}: nothing was placed that a listing yields`);
    }
  }));

/** A node without the fields that are not told: the way through the host makes them `undefined`. */
function known(node: Node): unknown {
  return JSON.parse(JSON.stringify(node));
}
