/**
 * A real mount: what it listens on, and what a refusal says.
 *
 * @module
 */
import assert from "node:assert/strict";
import { run } from "../support/command.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { mountGitHub } from "../mounted/github_mount.ts";
import { openPorts } from "../support/ports.ts";

const ignore = !(await fuseIsThere());

Deno.test("the daemon of a mount listens on no port of TCP or UDP", { ignore }, async () => {
  // What makes an empty answer mean something: this very process, while it listens.
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = listener.addr.port.toString(16).toUpperCase().padStart(4, "0");
  assert.deepEqual(await openPorts(Deno.pid), [`tcp 0100007F:${port}`]);
  listener.close();
  await using mount = await mountGitHub((github) => github.createIssue("acme/api", { title: "One" }));
  assert.equal(await mount.text("cat", `${mount.repo}/_issues/_open/1/title`), "One\n");
  assert.deepEqual(await openPorts(mount.mounted.pid), []);
});

Deno.test(
  "a mount that was told to listen for webhooks listens there and nowhere else",
  { ignore },
  async () => {
    const args = ["--webhook-listen", "127.0.0.1:0"];
    await using mount = await mountGitHub((github) => github.createIssue("acme/api", { title: "One" }), {
      args,
    });
    const [port, ...others] = await openPorts(mount.mounted.pid);
    assert.match(port ?? "", /^tcp 0100007F:[0-9A-F]{4}$/);
    assert.deepEqual(others, []);
    const address = `127.0.0.1:${parseInt(port?.split(":")[1] ?? "", 16)}`;
    const { stdout } = await mount.mounted.omnifs(["status", "--output", "json"]);
    assert.equal(JSON.parse(stdout).mounts[0].webhook.address, address);
  },
);

/** A mount whose grants come last, so that they differ from what the stand-in needs. */
async function refused(grants: (api: string, logs: string) => string[]): Promise<Refusal> {
  let seeded = 0;
  const seed = async (github: Parameters<Parameters<typeof mountGitHub>[0]>[0]) => {
    seeded = (await github.addRun("acme/api", { name: "CI", jobs: [{ name: "build", log: "built\n" }] })).run;
  };
  await using mount = await mountGitHub(seed, {
    flags: (github) => grants(new URL(github.url).host, new URL(github.logsUrl).host),
  });
  const path = `${mount.repo}/_actions/runs/${seeded}/log`;
  const { code, stderr } = await mount.fails("cat", path);
  const status = await mount.mounted.omnifs(["status"]);
  return {
    code,
    stderr,
    logs: new URL(mount.github.logsUrl).host,
    status: status.stdout,
    log: mount.mounted.output(),
  };
}

interface Refusal {
  readonly code: number;
  readonly stderr: string;
  readonly logs: string;
  readonly status: string;
  readonly log: string;
}

Deno.test("a refusal is EPERM, and the one flag that would have allowed it is in status and in the log", {
  ignore,
}, async () => {
  const { code, stderr, logs, status, log } = await refused((api) => [`--allow-net=${api}`]);
  assert.equal(code, 1);
  assert.match(stderr, /Operation not permitted/);
  const errors = status.slice(status.indexOf("  errors "));
  assert.match(
    errors,
    new RegExp(`/_actions/runs/\\d+/log: .*not granted.*\\n +try: --allow-net=${logs}\\n`),
  );
  assert.match(log, new RegExp(`a callout was denied .*flag="?--allow-net=${logs}"?`));
});

Deno.test(
  "--deny-net wins over --allow-net, and the refusal says which entry has to go",
  { ignore },
  async () => {
    const { stderr, logs, status, log } = await refused((api, logs) => [
      `--allow-net=${api},${logs}`,
      `--deny-net=${logs}`,
      "--allow-apply=github",
    ]);
    assert.match(stderr, /Operation not permitted/);
    assert.match(status, new RegExp(`granted   .*${logs}, never ${logs}\\n +to apply drafts: github\\n`));
    assert.match(status.slice(status.indexOf("  errors ")), new RegExp(`--deny-net=${logs} forbids it`));
    assert.match(log, new RegExp(`a callout was denied .*--deny-net=${logs} forbids it`));
  },
);

Deno.test("--allow-apply of a mount that there is not is a mistake that is told", async () => {
  const words = [
    "run",
    "-A",
    new URL("../../main.ts", import.meta.url).pathname,
    "ls",
    "/",
    "--allow-apply=nosuch",
  ];
  const { code, stderr } = await run(Deno.execPath(), words, { deadline: 60_000 });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /--allow-apply=nosuch: nothing is mounted as nosuch\n {2}try: there are: .*\bgithub, hello\b/,
  );
});
