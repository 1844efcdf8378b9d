/**
 * The real executable, compiled as a release is: commands, mounts, drafts, a daemon that is killed.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ASSETS } from "../../runtime/cli/inspect/assets.ts";
import { flagsFor } from "../mounted/github_mount.ts";
import { startGitHub } from "../fakes/github/mod.ts";
import { deviant } from "../hostile/component.ts";
import { OFFENDERS } from "../hostile/offenders.ts";
import { run, sh } from "../support/command.ts";
import { until, withDeadline } from "../support/deadline.ts";
import { mountAt } from "../support/kernel.ts";
import { mountDemo, type Mounted, mountOmnifs } from "../support/mount.ts";
import { tempDir } from "../support/temp.ts";
import { compiled, whyNoMountOfExecutable } from "./executable.ts";

const ignore = await whyNoMountOfExecutable() !== undefined;

/** What `omnifs ARGS…` prints, which must succeed. */
async function said(mounted: Mounted, args: readonly string[], input = ""): Promise<string> {
  const { code, stdout, stderr } = await mounted.omnifs(args, { input, deadline: 60_000 });
  assert.equal(code, 0, `omnifs ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** What `cat` prints of a file on a mount. */
async function cat(path: string): Promise<string> {
  const { code, stdout, stderr } = await run("cat", [path]);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Runs it with folders of its own and nothing of Deno's; the folder is the working directory too. */
async function alone(executable: string, args: readonly string[], home: string) {
  const env = { HOME: home, OMNIFS_RUNTIME_DIR: `${home}/run`, PATH: "/usr/bin:/bin:/usr/sbin" };
  const words = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return await run("env", ["-i", "-C", home, ...words, executable, ...args], { deadline: 60_000 });
}

async function tells(executable: string): Promise<void> {
  await using home = await tempDir();
  const version = await alone(executable, ["version"], home.path);
  assert.match(version.stdout, /^omnifs \d+\.\d+\.\d+ \(deno 2\.7\.11, x86_64-unknown-linux-gnu\)\n$/);
  const help = await alone(executable, ["help"], home.path);
  assert.match(help.stdout, /omnifs mount/);
  const completions = await alone(executable, ["completions", "bash"], home.path);
  assert.match(completions.stdout, /complete .*omnifs/);
  const manual = await alone(executable, ["man", "--to", `${home.path}/man`], home.path);
  assert.equal(manual.code, 0, manual.stderr);
  assert.match(await cat(`${home.path}/man/man1/omnifs-mount.1`), /^\.TH /m);
  const mistyped = await alone(executable, ["mout"], home.path);
  assert.equal(mistyped.code, 2);
  const greeting = await alone(executable, ["cat", "/hello/greeting"], home.path);
  assert.match(greeting.stdout, /^Hello from a WebAssembly component/);
  const doctor = await alone(executable, ["doctor"], home.path);
  assert.equal(doctor.code, 0, doctor.stdout);
  for (const name of ["arxiv", "dns", "docker", "github", "linear"]) {
    assert.match(doctor.stdout, new RegExp(`ok +provider ${name} +1\\.\\d+\\.\\d+, withheld`));
  }
  assert.match(doctor.stdout, /ok +provider hello +1\.\d+\.\d+, ready/);
}

async function mountsInTheBackground(executable: string): Promise<void> {
  await using home = await tempDir();
  const dir = `${home.path}/mnt`;
  const mounted = await alone(executable, ["mount", dir], home.path);
  assert.equal(mounted.code, 0, mounted.stderr);
  assert.match(mounted.stdout, new RegExp(`^mounted on ${dir}: hello\n`));
  assert.match(await cat(`${dir}/hello/greeting`), /^Hello/);
  const restarted = await alone(executable, ["restart", dir], home.path);
  assert.equal(restarted.code, 0, restarted.stderr);
  assert.match(await cat(`${dir}/hello/greeting`), /^Hello/);
  const unmounted = await alone(executable, ["unmount", dir], home.path);
  assert.equal(unmounted.code, 0, unmounted.stderr);
  assert.equal(await mountAt(dir), undefined);
}

async function demonstrates(executable: string): Promise<void> {
  await using demo = await mountDemo({ executable });
  const { stdout } = await run("ls", [demo.dir]);
  assert.deepEqual(stdout.split("\n").slice(0, -1), ["arxiv", "dns", "docker", "github", "hello", "linear"]);
  const { stdout: found } = await sh(`grep -rl fog ${demo.dir}/github/acme/lighthouse/_issues/_open`);
  assert.match(found, /_issues\/_open\/1\/body/);
  assert.match(await cat(`${demo.dir}/github/README.md`), /^# github\n/);
  assert.match(await cat(`${demo.dir}/docker/containers/_running/web/ports`), /tcp/);
}

async function showsAWorkspace(executable: string): Promise<void> {
  await using home = await tempDir();
  const folder = `${home.path}/studio`;
  await Deno.mkdir(`${folder}/assets/.prometeu`, { recursive: true });
  const registry = { schema_version: 1, next_asset_id: 1, assets: [] };
  await Deno.writeTextFile(`${folder}/assets/.prometeu/index.json`, JSON.stringify(registry));
  await using mounted = await mountOmnifs([`--workspace=${folder}`], { executable, home: home.path });
  const { stdout, stderr } = await run("ls", [`${mounted.dir}/packer`]);
  assert.match(stdout, /^studio$/m, stderr);
  assert.match(await said(mounted, ["packer", "status", `--workspace=${folder}`]), /studio/);
  assert.match(await said(mounted, ["metrics"]), /^omnifs_/m);
}

/** Runs `omnifs inspect --web` beside `mounted` while `work` is done. */
async function onPage(
  executable: string,
  mounted: Mounted,
  work: (origin: string, token: string) => Promise<void>,
): Promise<void> {
  const args = ["inspect", "--web", "--output", "json"];
  const page = new Deno.Command(executable, { args, env: mounted.env, stdout: "piped", stderr: "null" })
    .spawn();
  const reader = page.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    let said = "";
    while (!said.includes("\n")) {
      const { value, done } = await withDeadline(reader.read(), 30_000, "the address of the page");
      assert.equal(done, false, said);
      said += value;
    }
    const [, origin = "", token = ""] = /^(.+)\/#token=(.+)$/.exec(JSON.parse(said).url) ?? [];
    await work(origin, token);
  } finally {
    page.kill("SIGINT");
    await page.status;
    await reader.cancel();
  }
}

async function servesItsPage(executable: string): Promise<void> {
  await using mounted = await mountOmnifs(["--provider", "hello"], { executable });
  await onPage(executable, mounted, async (origin, token) => {
    for (const path of Object.keys(ASSETS)) {
      const answer = await fetch(`${origin}${path}`);
      assert.deepEqual([path, answer.status, (await answer.bytes()).length > 100], [path, 200, true]);
    }
    const drafts = await fetch(`${origin}/api/drafts`, { headers: { "x-omnifs-token": token } });
    assert.deepEqual(await drafts.json(), []);
  });
}

async function drafts(executable: string): Promise<void> {
  await using github = await closing(startGitHub());
  const number = await github.createIssue("acme/api", { title: "Crash", body: "It crashes." });
  const args = [...flagsFor(github), "--allow-apply=github"];
  await using mounted = await mountOmnifs(args, { executable, env: { GITHUB_TOKEN: github.token } });
  const issue = `/github/acme/api/_issues/_open/${number}`;
  assert.equal(await cat(`${mounted.dir}${issue}/title`), "Crash\n");
  await said(mounted, ["draft", "new", "d"]);
  await said(mounted, ["draft", "write", `${issue}/state`, "d"], "closed\n");
  const shadow = await sh(`echo 'The crash' > ${mounted.dir}/_drafts/d${issue}/title`);
  assert.equal(shadow.code, 0, shadow.stderr);
  assert.match(await said(mounted, ["draft", "diff", "d"]), /-Crash\n\+The crash\n/);
  assert.match(await said(mounted, ["draft", "apply", "d"]), /^applied, /);
  assert.equal(await cat(`${mounted.dir}/github/acme/api/_issues/_closed/${number}/title`), "The crash\n");
  const changes = (await github.requests()).filter(({ method }) => method !== "GET");
  assert.deepEqual(changes.map(({ method, path }) => `${method} ${path}`), [
    `PATCH /repos/acme/api/issues/${number}`,
  ]);
}

async function standsBesideAHostile(executable: string): Promise<void> {
  await using home = await tempDir();
  const component = `${home.path}/loop.wasm`;
  await Deno.writeFile(component, await deviant(OFFENDERS["loops for ever"]?.deviation ?? {}));
  const args = ["--provider", "hello", "--provider", `loop=${component}`];
  await using mounted = await mountOmnifs(args, { executable, home: home.path });
  const offence = run("cat", [`${mounted.dir}/loop/x`], { deadline: 60_000 });
  assert.match(await cat(`${mounted.dir}/hello/greeting`), /^Hello/);
  const { code, stderr } = await offence;
  assert.deepEqual([code, /Input\/output error/.test(stderr)], [1, true], stderr);
  assert.match(await cat(`${mounted.dir}/hello/README.md`), /./);
  const { mounts } = JSON.parse(await said(mounted, ["status", "--output", "json"]));
  // Its thread is behind all others: on a machine that is busy the call is given up before the guest has had its 2 s.
  assert.match(JSON.stringify(mounts[0].errors), /computed for too long|no answer after 30 s/);
}

async function comesBackAfterAKill(executable: string): Promise<void> {
  await using home = await tempDir();
  await using github = await closing(startGitHub());
  const number = await github.createIssue("acme/api", { title: "Crash" });
  const dir = `${home.path}/mnt`;
  const issue = `/github/acme/api/_issues/_open/${number}`;
  const args = [...flagsFor(github), "--allow-apply=github"];
  const options = { executable, home: home.path, env: { GITHUB_TOKEN: github.token } };
  {
    await using mounted = await mountOmnifs(args, options);
    await said(mounted, ["draft", "new", "d"]);
    await said(mounted, ["draft", "write", `${issue}/title`, "d"], "Kept\n");
    mounted.signal("SIGKILL");
    await mounted.ended;
    await until(async () => /not connected/.test((await run("ls", [dir])).stderr), 10_000, "a dead mount");
    await said(mounted, ["unmount", "--force", dir]);
    assert.equal(await mountAt(dir), undefined);
  }
  await using again = await mountOmnifs(args, options);
  assert.equal(await cat(`${dir}${issue}/title`), "Crash\n");
  assert.match(await said(again, ["draft", "diff", "d"]), /\+Kept\n/);
}

Deno.test({
  name: "the compiled executable does what the checkout does",
  ignore,
  fn: async (t) => {
    await using executable = await compiled();
    const step = (name: string, fn: (executable: string) => Promise<void>) =>
      t.step(name, () => fn(executable.path));
    await step("it tells its version, helps, reads the tree and finds what a mount needs", tells);
    await step(
      "mount goes to the background, restart puts it in its own place, unmount ends it",
      mountsInTheBackground,
    );
    await step("the demo shows every provider on sample data", demonstrates);
    await step("a workspace is looked at by a thread of its own", showsAWorkspace);
    await step(
      "inspect --web serves every file of its page, and the figures to whoever has its address",
      servesItsPage,
    );
    await step("a draft is written, shown and applied", drafts);
    await step("a component that loops for ever fails alone", standsBesideAHostile);
    await step(
      "a daemon that was killed leaves its draft, and is mounted again in place",
      comesBackAfterAKill,
    );
  },
});

/** A stand-in that is closed in the end. */
async function closing<StandIn extends { close(): Promise<void> }>(
  starting: Promise<StandIn>,
): Promise<StandIn & AsyncDisposable> {
  const standIn = await starting;
  return Object.assign(standIn, { [Symbol.asyncDispose]: () => standIn.close() });
}
