/**
 * A mount at login: the unit, what systemd thinks of it, and that what it starts really mounts and ends.
 *
 * @module
 */
import assert from "node:assert/strict";
import { unitName, unitText } from "../../runtime/cli/systemd.ts";
import { has, run, sh } from "../support/command.ts";
import { until, withDeadline } from "../support/deadline.ts";
import { endMount, fuseIsThere, mountAt } from "../support/kernel.ts";
import { DEADLINE, type Place, place } from "./fixture.ts";
import { fakeSystemctl } from "./systemctl.ts";

const HAS_ANALYZE = await has("systemd-analyze");

Deno.test("a unit is called as systemd-escape calls the path", async () => {
  const rows: readonly (readonly [string, string])[] = [
    ["/mnt/omnifs", "omnifs-mnt-omnifs.service"],
    ["/home/ada/my files", "omnifs-home-ada-my\\x20files.service"],
    ["/.hidden/a-b", "omnifs-\\x2ehidden-a\\x2db.service"],
  ];
  for (const [dir, name] of rows) {
    assert.equal(unitName(dir), name);
    if (!await has("systemd-escape")) continue;
    const escaped = await run("systemd-escape", ["--path", dir]);
    assert.equal(`omnifs-${escaped.stdout.trim()}.service`, name);
  }
});

Deno.test("words are quoted as systemd reads them", () => {
  const text = unitText({
    dir: "/mnt/100%",
    command: ["/bin/x", "a b", 'say "hi"', "back\\slash", "$HOME", "50%", "--credential", "T=echo 'a'\n"],
    cwd: "/a%b",
  });
  assert.match(text, /^Description=omnifs on \/mnt\/100%%$/m);
  assert.match(text, /^WorkingDirectory=\/a%%b$/m);
  const line = /^ExecStart=(.*)$/m.exec(text)?.[1];
  assert.equal(
    line,
    String.raw`/bin/x "a b" "say \"hi\"" "back\\slash" $$HOME 50%% --credential "T=echo 'a'\x0a"`,
  );
});

/** The unit that `omnifs service unit` prints for `dir`. */
async function unitFor(here: Place, dir: string): Promise<{ name: string; text: string }> {
  const args = ["service", "unit", dir, "--provider", "hello", "--log-level", "warn", "--output", "json"];
  const { code, stdout, stderr } = await here.omnifs(...args);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

Deno.test({
  name: "systemd finds nothing wrong with the unit",
  ignore: !HAS_ANALYZE,
  fn: async () => {
    await using here = await place();
    const { name, text } = await unitFor(here, `${here.dir}/mnt`);
    await Deno.writeTextFile(`${here.dir}/${name}`, text);
    const { code, stdout, stderr } = await run(
      "systemd-analyze",
      ["verify", "--user", `${here.dir}/${name}`],
      {
        env: { XDG_RUNTIME_DIR: here.dir },
        deadline: DEADLINE,
      },
    );
    const about = `${stdout}${stderr}`.split("\n").filter((line) =>
      line.includes(name) || line.includes("omnifs")
    );
    assert.deepEqual([code, about], [0, []], stderr);
  },
});

Deno.test({
  name: "what the unit starts mounts, knows its unit, and ends cleanly when systemd ends it",
  ignore: !(await fuseIsThere()),
  fn: async () => {
    await using here = await place();
    const dir = `${here.dir}/mnt`;
    const { name, text } = await unitFor(here, dir);
    const line = /^ExecStart=(.*)$/m.exec(text)?.[1] ?? "";
    try {
      // Nothing in it needs another quoting in a shell than in a unit.
      const child = new Deno.Command("sh", {
        args: ["-c", `exec ${line}`],
        env: { ...here.env, OMNIFS_UNIT: name },
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn();
      await until(
        async () => (await here.omnifs("status", dir)).code === 0 && await mountAt(dir),
        DEADLINE,
        "it",
      );
      assert.equal((await sh(`cat ${dir}/hello/greeting`)).code, 0);
      const restarted = await here.omnifs("restart", dir);
      assert.equal(restarted.code, 1);
      assert.match(restarted.stderr, /try: systemctl --user restart 'omnifs-.*\.service'\n$/);
      child.kill("SIGTERM");
      assert.equal((await withDeadline(child.status, DEADLINE, "its end")).code, 0);
      assert.equal(await mountAt(dir), undefined);
    } finally {
      await endMount(dir);
    }
  },
});

const ignore = !(await fuseIsThere());

Deno.test("a service is installed, told of, and uninstalled", { ignore }, async () => {
  await using here = await place();
  const { path, asked } = await fakeSystemctl(here);
  const env = { PATH: path, XDG_CONFIG_HOME: `${here.dir}/config` };
  // A mount point may be reached by a link.
  await Deno.mkdir(`${here.dir}/real`);
  const dir = `${here.dir}/mnt`;
  await Deno.symlink(`${here.dir}/real`, dir);
  const name = unitName(dir);
  const file = `${here.dir}/config/systemd/user/${name}`;

  const none = await here.omnifsWith({ env }, "service", "status");
  assert.match(none.stdout, /^nothing is mounted at login/);
  const installed = await here.omnifsWith({ env }, "service", "install", dir, "--provider", "hello");
  assert.deepEqual([installed.code, installed.stderr], [0, ""]);
  assert.match(await Deno.readTextFile(file), /^ExecStart=.* mount --foreground .*--provider hello$/m);
  assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
  assert.deepEqual((await asked()).slice(0, 3), [
    "--user daemon-reload",
    `--user enable ${name}`,
    `--user restart ${name}`,
  ]);
  assert.equal((await sh(`cat ${dir}/hello/greeting`)).code, 0);
  // Once more, with other options: its own mount is no stranger's.
  const words = ["--provider", "hello", "--log-level", "warn"];
  const other = await here.omnifsWith({ env }, "service", "install", dir, ...words);
  assert.deepEqual([other.code, other.stderr], [0, ""]);
  const status = await here.omnifsWith({ env }, "service", "status", "--output", "json");
  assert.deepEqual(JSON.parse(status.stdout), {
    units: [{ name, description: "a test", state: "active (running)", enabled: true }],
  });

  assert.equal((await here.omnifsWith({ env }, "service", "uninstall", dir)).code, 0);
  await assert.rejects(Deno.stat(file), Deno.errors.NotFound);
  await until(async () => await mountAt(`${here.dir}/real`) === undefined, DEADLINE, "the end of the mount");
  assert.ok((await asked()).includes(`--user disable --now ${name}`));
  const again = await here.omnifsWith({ env }, "service", "uninstall", dir);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /nothing is installed for .*\n {2}try: .*service status/);
});

Deno.test("a service that does not mount is no success, and what is mounted there already is told", {
  ignore,
}, async () => {
  await using here = await place();
  const { path } = await fakeSystemctl(here, { broken: true });
  const env = { PATH: path, XDG_CONFIG_HOME: `${here.dir}/config` };
  const dir = `${here.dir}/mnt`;
  const install = () => here.omnifsWith({ env }, "service", "install", dir, "--provider", "hello");
  const failed = await install();
  assert.equal(failed.code, 1);
  assert.match(
    failed.stderr,
    /omnifs-.*\.service is installed, and does not mount: it is failed \(failed\)\n {2}try: journalctl --user -u/,
  );
  assert.equal((await here.omnifs("mount", dir, "--provider", "hello")).code, 0);
  const taken = await install();
  assert.equal(taken.code, 4);
  assert.match(
    taken.stderr,
    /mounted on .*mnt that the service did not start\n {2}try: .*unmount .*mnt, then/,
  );
});

Deno.test("where there is no systemd, a service says so and what to do", async () => {
  await using here = await place();
  const env = { PATH: here.dir, XDG_CONFIG_HOME: `${here.dir}/config` };
  const { code, stderr } = await here.omnifsWith({ env }, "service", "install", `${here.dir}/mnt`);
  assert.equal(code, 1);
  assert.match(stderr, /there is no systemctl: .*\n {2}try: .*mount DIR/);
});
