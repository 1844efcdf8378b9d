/**
 * Linear on a real mount: what a person does with a shell, and what it costs upstream.
 *
 * @module
 */
import assert from "node:assert/strict";
import { run } from "../support/command.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { mountOmnifs } from "../support/mount.ts";
import { flagsFor, type LinearMount, mountLinear } from "./linear_mount.ts";

const ignore = !(await fuseIsThere());

/** A test with a mount of a small workspace; `project` is the slug of its one project. */
function onSmallWorkspace(name: string, test: (mount: LinearMount, project: string) => Promise<void>): void {
  Deno.test({
    name,
    ignore,
    fn: async () => {
      let project = "";
      await using mount = await mountLinear(async (linear) => {
        project = (await linear.createProject({ name: "Apollo", content: "To the moon." })).name;
        await linear.createCycle("ENG", "First");
        await linear.createIssue("ENG", {
          title: "Crash on long context",
          description: "It crashes.\n\nEvery time.",
          type: "started",
          priority: 2,
          assigned: true,
          labels: ["bug"],
          comments: ["Me too"],
          project,
          cycle: 1,
        });
        await linear.createIssue("ENG", { title: "Done", type: "completed" });
      });
      await test(mount, project);
    },
  });
}

onSmallWorkspace("every path of the tree reads as a file", async ({ text, top }, project) => {
  const team = `${top}/teams/ENG`;
  assert.equal(await text("ls", top), "README.md\nprojects\nteams\n");
  assert.equal(await text("ls", `${top}/teams`), "ENG\nOPS\n");
  assert.equal(await text("ls", team), "cycles\nissues\nname\nprojects\nteam.json\n");
  assert.equal(await text("ls", `${team}/issues`), "_all\n_backlog\n_closed\n_open\n_started\n");
  const issue = `${team}/issues/_open/ENG-1`;
  const wanted: Record<string, string> = {
    "title": "Crash on long context\n",
    "description.md": "It crashes.\n\nEvery time.\n",
    "state": "In Progress\n",
    "priority": "High\n",
    "assignee": "ada\n",
    "labels": "bug\n",
    "url": "https://linear.app/acme/issue/ENG-1\n",
  };
  for (const [name, value] of Object.entries(wanted)) {
    assert.equal(await text("cat", `${issue}/${name}`), value);
  }
  assert.equal(JSON.parse(await text("cat", `${issue}/issue.json`)).identifier, "ENG-1");
  const comment = `${issue}/comments/${(await text("ls", `${issue}/comments`)).trim()}`;
  assert.equal(await text("cat", `${comment}/body`), "Me too\n");
  assert.equal(await text("cat", `${comment}/user`), "ada\n");
  assert.match(await text("cat", `${comment}/created_at`), /^2026-01-01T/);
  assert.equal(await text("cat", `${team}/name`), "Engineering\n");
  assert.equal(JSON.parse(await text("cat", `${team}/team.json`)).key, "ENG");
  assert.equal(await text("ls", `${team}/issues/_started`), "ENG-1\n");
  assert.equal(await text("ls", `${team}/issues/_backlog`), "");
  assert.equal(await text("cat", `${team}/issues/_closed/ENG-2/title`), "Done\n");
  assert.equal(await text("cat", `${top}/projects/${project}/content.md`), "To the moon.\n");
  assert.equal(await text("cat", `${team}/projects/${project}/issues/ENG-1/state`), "In Progress\n");
  assert.equal(await text("cat", `${team}/cycles/1/name`), "First\n");
  assert.equal(await text("ls", `${team}/cycles/1/issues`), "ENG-1\n");
});

onSmallWorkspace(
  "an issue has one inode wherever it is listed, and after a remount",
  async (mount, project) => {
    const inodes = async (top: string) => {
      const places = ["teams/ENG/issues/_open", "teams/ENG/issues/_all", "teams/ENG/cycles/1/issues"];
      const files = [...places, `projects/${project}/issues`].map((place) => `${top}/${place}/ENG-1/title`);
      return (await mount.text("stat", "-c", "%i", ...files)).trim().split("\n");
    };
    const before = await inodes(mount.top);
    assert.equal(new Set(before).size, 1, String(before));
    await using again = await mountOmnifs(flagsFor(mount.linear), {
      env: { LINEAR_API_KEY: mount.linear.key },
    });
    assert.deepEqual(await inodes(`${again.dir}/linear`), before);
  },
);

onSmallWorkspace("each error of Linear has its errno, and the mount lives on", async (mount) => {
  const { linear, fails, text, top } = mount;
  const issue = `${top}/teams/ENG/issues/_all/ENG-1`;
  await text("ls", `${top}/teams/ENG`);
  const failing = async (fault: Parameters<typeof linear.fault>[1], says: RegExp) => {
    await linear.fault("Issue", { ...fault });
    assert.match(await fails("cat", `${issue}/title`), says, JSON.stringify(fault));
    await linear.clearFaults();
  };
  await failing({ code: "AUTHENTICATION_ERROR" }, /Permission denied/);
  await failing({ code: "FORBIDDEN" }, /Permission denied/);
  await failing({ code: "INPUT_ERROR", message: "Entity not found: Issue" }, /No such file or directory/);
  await failing({ code: "INPUT_ERROR" }, /Invalid argument/);
  await failing({ code: "INTERNAL_SERVER_ERROR" }, /Input\/output error/);
  await failing({ status: 502 }, /Input\/output error/);
  await failing({ code: "RATELIMITED" }, /Resource temporarily unavailable/);
  await linear.refuse(true);
  assert.match(await fails("cat", `${issue}/title`), /Input\/output error/);
  assert.match(await text("ls", `${top}/teams/ENG`), /^issues$/m, "what is cached stays served");
  await linear.refuse(false);
  assert.match(await fails("cat", `${top}/teams/ENG/issues/_all/ENG-99/title`), /No such file or directory/);
  assert.equal(await text("cat", `${issue}/title`), "Crash on long context\n");
});

onSmallWorkspace("a bad key is EACCES, and status does not hold it", async (mount) => {
  const env = { LINEAR_API_KEY: "lin_api_wrong" };
  await using mounted = await mountOmnifs(flagsFor(mount.linear), { env });
  assert.match((await run("ls", [`${mounted.dir}/linear/teams`])).stderr, /Permission denied/);
  const status = await mounted.status();
  assert(status.errors.some((error) => error.kind === "unauthorized"), JSON.stringify(status.errors));
  assert(!JSON.stringify(status).includes("lin_api_wrong"));
});

Deno.test({
  name: "grep -r over 500 issues with comments takes at most 12 callouts, and a second one none",
  ignore,
  fn: async () => {
    const seed = { description: "The auth token expires.", comments: ["auth again", "and again"] };
    await using mount = await mountLinear((linear) => linear.createIssues("ENG", 500, seed));
    const open = `${mount.top}/teams/ENG/issues/_open`;
    const grep = () => mount.text("grep", "-r", "-l", "auth", open);
    const found = (await grep()).trim().split("\n");
    assert.equal(found.filter((file) => file.endsWith("/description.md")).length, 500);
    assert.equal(found.filter((file) => file.endsWith("/body")).length, 500);
    const callouts = await mount.callouts();
    assert(callouts <= 12, `${callouts}: ${(await mount.linear.requests()).map((one) => one.operation)}`);
    assert.equal((await grep()).trim().split("\n").length, found.length);
    assert.equal(await mount.callouts(), callouts);
  },
});

Deno.test({
  name: "a draft of Linear, written in a shell, is applied as one and read back",
  ignore,
  fn: async () => {
    const seed = { title: "Crash", type: "started", comments: ["Me too"] };
    await using mount = await mountLinear(
      (linear) => linear.createIssue("ENG", seed),
      ["--allow-apply=linear"],
    );
    const issues = "linear/teams/ENG/issues";
    const tree = mount.mounted.dir;
    const omnifs = async (...args: string[]) => {
      const { code, stdout, stderr } = await mount.mounted.omnifs(args);
      assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
      return stdout;
    };
    const all = `${tree}/${issues}/_all`;
    await mount.text("grep", "-r", ".", all, `${tree}/${issues}/_closed`, `${tree}/${issues}/_open`);
    await omnifs("draft", "new", "d");
    const shadow = `${tree}/_drafts/d/${issues}/_open`;
    await mount.text(
      "sh",
      "-ec",
      `echo Done > ${shadow}/ENG-1/state; echo Fixed > ${shadow}/ENG-1/comments/new; ` +
        `mkdir ${shadow}/wish; echo Faster > ${shadow}/wish/title; echo Urgent > ${shadow}/wish/priority`,
    );
    assert.match(
      await mount.fails("bash", "-c", `echo soon > ${shadow}/ENG-1/priority`),
      /Invalid argument/,
    );
    assert.match(await omnifs("draft", "apply", "--dry-run", "d"), /3 steps, none of them done/);
    const before = await mount.callouts();
    assert.match(await omnifs("draft", "apply", "d"), /applied, 3 steps/);
    const changed = (await mount.linear.requests()).slice(before).map(({ operation }) => operation);
    assert.deepEqual(changed.slice(-3).sort(), ["CreateComment", "CreateIssue", "UpdateIssue"]);
    assert.equal(await mount.text("cat", `${tree}/${issues}/_closed/ENG-1/state`), "Done\n");
    assert.equal(await mount.text("ls", `${tree}/${issues}/_open`), "ENG-2\n");
    assert.equal(await mount.text("cat", `${all}/ENG-2/title`), "Faster\n");
    assert.equal(await mount.text("cat", `${all}/ENG-2/priority`), "Urgent\n");
    assert.match(await mount.text("sh", "-c", `cat ${all}/ENG-1/comments/*/body`), /Fixed\n/);
  },
});
