/**
 * Each thing that can be wrong, made wrong: the doctor finds it and says what mends it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { clockOf, helpers, inotifyOf, kernelOf, room } from "../../runtime/cli/machine_checks.ts";
import { isAlive } from "../../runtime/control/places.ts";
import { ManualClock } from "../base/manual_clock.ts";
import { run, sh } from "../support/command.ts";
import { until, withDeadline } from "../support/deadline.ts";
import { endMount, fuseIsThere, mountAt } from "../support/kernel.ts";
import { tempDir } from "../support/temp.ts";
import { DEADLINE, mountsOf, omnifsCommand, type Place, place } from "./fixture.ts";

const ignore = !(await fuseIsThere());

/** True where a test may have mounts that nobody else sees. */
const HAS_OWN_MOUNTS = (await sh("unshare -m mount -t tmpfs none /mnt")).code === 0;

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly essential: boolean;
  readonly found: string;
  readonly mend?: string;
}

/** What the doctor says, by name. */
async function doctor(
  here: Place,
  env: Record<string, string>,
  ...words: string[]
): Promise<{ code: number; checks: Map<string, Check> }> {
  const { code, stdout, stderr } = await here.omnifsWith({ env }, "doctor", ...words, "--output", "json");
  assert.equal(stderr, "");
  const { checks }: { checks: Check[] } = JSON.parse(stdout);
  return { code, checks: new Map(checks.map((check) => [check.name, check])) };
}

/** `name` is told to be wrong, as `found` says, with a mend like `mend`. */
function isWrong(checks: ReadonlyMap<string, Check>, name: string, found: RegExp, mend: RegExp): void {
  const check = checks.get(name);
  assert.ok(check !== undefined, `there is a check called ${name}`);
  assert.equal(check.ok, false, `${name}: ${check.found}`);
  assert.match(check.found, found, name);
  assert.match(check.mend ?? "", mend, name);
}

Deno.test("a kernel that is too old is told from one that is not", () => {
  for (const release of ["4.20.0", "5.4.0-150-generic", "6.18.44-x\n"]) {
    assert.ok(kernelOf(release).ok, release);
  }
  for (const release of ["4.19.300", "3.10.0-1160.el7"]) {
    assert.match(kernelOf(release).mend ?? "", /Linux 4\.20/, release);
  }
});

Deno.test("limits of inotify that are too small are told with the command that raises them", async () => {
  assert.ok((await inotifyOf(() => Promise.resolve(100_000))).ok);
  const small = await inotifyOf((name) => Promise.resolve(name === "max_user_watches" ? 100 : 1_024));
  assert.deepEqual(small, {
    ok: false,
    found: "max_user_watches 100, max_user_instances 1024",
    mend: "sysctl -w fs.inotify.max_user_watches=8192",
  });
});

Deno.test("a clock that is behind what was written before is wrong", async () => {
  await using folder = await tempDir();
  const { mtime } = await Deno.stat(folder.path);
  const written = mtime?.getTime() ?? 0;
  assert.ok((await clockOf(new ManualClock(written + 1), [folder.path, "/nowhere"])).ok);
  const behind = await clockOf(new ManualClock(written - 3_600_000), [folder.path]);
  assert.match(behind.mend ?? "", /timedatectl/);
});

Deno.test("a helper that is not there is named", async () => {
  assert.ok((await helpers([])).ok);
  assert.ok((await helpers(["sh -c 'echo x'", "$TOOL token"])).ok);
  const { found, mend } = await helpers(["sh", "no-such-helper get token"]);
  assert.equal(found, "not found: no-such-helper");
  assert.match(mend ?? "", /install no-such-helper/);
});

Deno.test({
  name: "a disk without room is told",
  ignore: !HAS_OWN_MOUNTS,
  fn: async () => {
    await using folder = await tempDir();
    assert.ok((await room(`${folder.path}/not/yet/there`)).found.includes("free"));
    const mount = await run("mount", ["-t", "tmpfs", "-o", "size=1m", "none", folder.path]);
    assert.equal(mount.code, 0, mount.stderr);
    try {
      assert.match((await room(`${folder.path}/a`)).mend ?? "", /make room: df -h/);
    } finally {
      await run("umount", [folder.path]);
    }
  },
});

Deno.test("whatever is wrong with a user's folders is found at once", async () => {
  await using here = await place();
  const state = `${here.dir}/state/omnifs`;
  const dir = `${here.dir}/mnt`;
  for (const each of [dir, here.runtimeDir, `${state}/logs`, `${here.dir}/cache/omnifs/components/broken`]) {
    await Deno.mkdir(each, { recursive: true, mode: 0o700 });
  }
  await Deno.writeTextFile(`${dir}/mine`, "");
  await Deno.writeTextFile(`${here.runtimeDir}/x.sock`, "");
  await Deno.chmod(`${state}/logs`, 0o777);
  await Deno.writeTextFile(`${here.dir}/cache/omnifs/components/broken/index.json`, "{");
  await Deno.writeTextFile(`${state}/grants.json`, "{", { mode: 0o600 });
  const { code, checks } = await doctor(
    here,
    { PATH: here.dir },
    dir,
    "--credential",
    "GITHUB_TOKEN=no-such-helper",
  );
  assert.equal(code, 1, "nothing can be mounted on that directory");
  isWrong(checks, "mount point", /holds mine/, /empty directory/);
  isWrong(checks, "control sockets", /x\.sock/, /^rm /);
  isWrong(checks, "private folders", /others may enter .*logs/, /^chmod 700 .*logs/);
  isWrong(checks, "provider cache", /broken/, /^rm -r .*components\/broken$/);
  isWrong(checks, "credential helpers", /no-such-helper/, /auth login/);
  isWrong(checks, "remembered grants", /grants\.json/, /^rm .*grants\.json$/);
  isWrong(checks, "keyring", /not encrypted/, /libsecret-tools/);
  assert.ok(checks.get("running")?.ok);

  await Deno.mkdir(`${here.dir}/config/omnifs`, { recursive: true });
  await Deno.writeTextFile(`${here.dir}/config/omnifs/config.toml`, 'cache-size = "5MiB"\nno-such-key = 1\n');
  const config = await doctor(here, { XDG_CONFIG_HOME: `${here.dir}/config` });
  assert.equal(config.code, 1);
  isWrong(config.checks, "configuration", /config\.toml:2:1: there is no setting/, /./);
  assert.ok(config.checks.get("provider hello")?.ok, "the rest is looked at all the same");

  const file = await doctor(here, {}, `${dir}/mine`);
  isWrong(file.checks, "mount point", /is not a directory/, /./);
  const nowhere = await doctor(here, { XDG_STATE_HOME: "/proc/nowhere" });
  assert.equal(nowhere.code, 1);
  isWrong(nowhere.checks, "state folder", /\/proc\/nowhere/, /XDG_STATE_HOME/);
});

Deno.test({
  name: "a machine without /dev/fuse is told what to do",
  ignore: !HAS_OWN_MOUNTS,
  fn: async () => {
    await using here = await place();
    const [program, words] = omnifsCommand(["doctor"]);
    const line = [program, ...words].map((word) => `'${word}'`).join(" ");
    const nodes =
      "mknod -m 666 /dev/null c 1 3; mknod -m 666 /dev/zero c 1 5; mknod -m 666 /dev/urandom c 1 9";
    const script = `mount -t tmpfs none /dev && { ${nodes}; ${line}; }`;
    const { code, stdout } = await run("unshare", ["-m", "sh", "-c", script], {
      env: here.env,
      deadline: DEADLINE,
    });
    assert.equal(code, 1);
    assert.match(stdout, /^missing {2}kernel device +\/dev\/fuse does not exist\n +try: modprobe fuse/m);
    assert.match(stdout, /Nothing can be mounted like this/);
  },
});

Deno.test("a mount that is dead, and an omnifs that hangs, are told and mended", { ignore }, async () => {
  await using here = await place();
  const [dead, hung] = [`${here.dir}/dead`, `${here.dir}/hung`];
  try {
    const pids: number[] = [];
    for (const dir of [dead, hung]) {
      assert.equal((await here.omnifs("mount", dir)).code, 0);
      const [daemon] = mountsOf((await here.omnifs("status", dir, "--output", "json")).stdout);
      pids.push(daemon?.pid ?? 0);
    }
    const [first = 0, second = 0] = pids;
    Deno.kill(first, "SIGKILL");
    await until(async () => !await isAlive(first), DEADLINE, "its end");
    Deno.kill(second, "SIGSTOP");
    const waiting = sh(`stat ${hung}/nobody-looked-at-this`, { deadline: DEADLINE });

    const { checks } = await doctor(here, {}, dead);
    isWrong(checks, "mount point", /a dead mount is on /, new RegExp(`mount ${dead}, which takes its place`));
    isWrong(checks, "dead mounts", new RegExp(dead), /unmount --force/);
    isWrong(checks, "running", new RegExp(`${hung} .* does not answer`), /unmount --force/);

    const status = await here.omnifs("status");
    assert.equal(status.code, 1);
    assert.match(
      status.stderr,
      new RegExp(`the omnifs on ${hung} .* does not answer\\n {2}try: .*--force ${hung}`),
    );

    const forced = await here.omnifs("unmount", "--force", hung);
    assert.equal(forced.code, 0, forced.stderr);
    assert.notEqual((await withDeadline(waiting, DEADLINE, "whoever waited for the one that hung")).code, 0);
    assert.ok(!await isAlive(second));
    assert.equal(await mountAt(hung), undefined);
    assert.equal((await here.omnifs("unmount", "--force", dead)).code, 0);
    const { checks: after } = await doctor(here, {}, dead);
    for (const name of ["mount point", "dead mounts", "running"]) assert.ok(after.get(name)?.ok, name);
  } finally {
    await endMount(dead);
    await endMount(hung);
  }
});
