/**
 * A daemon that is killed while it is read from, again and again: the next mount takes the place of the dead one, and
 * nothing is lost or left.
 *
 * @module
 */
import assert from "node:assert/strict";
import { isAlive, nameOfDir } from "../../runtime/control/places.ts";
import { startGitHub } from "../fakes/github/mod.ts";
import { flagsFor } from "../mounted/github_mount.ts";
import { until, withDeadline } from "../support/deadline.ts";
import { endMount, fuseIsThere, mountAt } from "../support/kernel.ts";
import { DEADLINE, mountsOf, type Place, place } from "./fixture.ts";
import { filesBelow, untilNone } from "./traces.ts";

const ignore = !(await fuseIsThere());

/** How often the daemon is killed; `OMNIFS_CRASHES=50` is what is promised, and what `deno task soak` does. */
const CRASHES = Number(Deno.env.get("OMNIFS_CRASHES") ?? 5);

/** Programs that read without a pause; what the kernel keeps it hands out even when nobody serves the mount any more. */
const READERS = [
  (dir: string) => `cat ${dir}/github/acme/api/_issues/_open/1/title`,
  (dir: string) => `ls -lR ${dir}/github/acme/api/_issues`,
  (dir: string) => `dd if=${dir}/github/acme/api/_issues/_open/1/body bs=1`,
  (dir: string) => `stat ${dir}/github/acme/api/$RANDOM$$ ${dir}`,
];

/** A program that has read something. */
interface Reader {
  /** Resolves when it has ended. */
  readonly ended: Promise<unknown>;
}

/** Reads by `line` again and again, whatever comes of it, until there is a file `stop`. */
async function startReader(line: string, stop: string): Promise<Reader> {
  const child = new Deno.Command("sh", {
    args: ["-c", `until [ -e ${stop} ]; do ${line}; done`],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  })
    .spawn();
  const reader = child.stdout.getReader();
  const first = await withDeadline(reader.read(), DEADLINE, `the first bytes of: ${line}`);
  assert.ok(!first.done, `nothing was read by: ${line}`);
  const drained = (async () => {
    while (!(await reader.read()).done);
  })();
  return { ended: Promise.all([child.status, drained]) };
}

/** A daemon at `dir`, its process and the number of its connection with the kernel. */
async function daemonAt(here: Place, dir: string): Promise<{ pid: number; connection: number }> {
  const [daemon] = mountsOf((await here.omnifs("status", "--output", "json")).stdout);
  const mount = await mountAt(dir);
  assert.ok(daemon !== undefined && mount !== undefined);
  return { pid: daemon.pid, connection: mount.minor };
}

/** True where the kernel still holds the connection `number`, and nothing that is mounted is behind it. */
async function hangs(number: number): Promise<boolean> {
  const isThere = await Deno.lstat(`/sys/fs/fuse/connections/${number}`).then(() => true, () => false);
  return isThere && !(await Deno.readTextFile("/proc/self/mountinfo")).includes(` 0:${number} `);
}

Deno.test({
  name:
    `killed ${CRASHES} times while it is read from, omnifs leaves no mount, draft, process or file behind`,
  ignore,
  fn: async () => {
    await using cleanup = new AsyncDisposableStack();
    const github = await startGitHub();
    cleanup.defer(() => github.close());
    await github.createIssue("acme/api", { title: "Crash", body: "It crashes.\n".repeat(500) });
    const here = cleanup.use(await place());
    const dir = `${here.dir}/mnt`;
    cleanup.defer(() => endMount(dir));
    const args = ["mount", dir, ...flagsFor(github), "--allow-apply=github"];
    const token = { GITHUB_TOKEN: github.token };
    const ok = async (words: readonly string[], input = "") => {
      const { code, stdout, stderr } = await here.omnifsWith({ env: token, input }, ...words);
      assert.equal(code, 0, `omnifs ${words.join(" ")}: ${stderr}`);
      return stdout;
    };
    const names = async () =>
      JSON.parse(await ok(["draft", "ls", "--output", "json"])).map(({ name }: { name: string }) => name);

    const staged: string[] = [];
    const connections: number[] = [];
    for (let crash = 0; crash < CRASHES; crash++) {
      await ok(args);
      assert.deepEqual(await names(), staged.toSorted(), "no draft is lost");
      const draft = `d${crash}`;
      await ok(["draft", "new", draft]);
      await ok(["draft", "write", "/github/acme/api/_issues/_open/1/title", draft], `${draft}\n`);
      staged.push(draft);

      const stop = `${here.dir}/stop-${crash}`;
      const readers = await Promise.all(READERS.map((line) => startReader(line(dir), stop)));
      const { pid, connection } = await daemonAt(here, dir);
      connections.push(connection);
      Deno.kill(pid, "SIGKILL");
      await Deno.writeTextFile(stop, "");
      await withDeadline(Promise.all(readers.map(({ ended }) => ended)), DEADLINE, "the end of every reader");
      await until(async () => !await isAlive(pid), DEADLINE, "its end");
      await untilNone(here.dir);
      const stands = await mountAt(dir);
      assert.equal(stands?.minor, connection, "until the next mount the dead one stands");
    }

    await ok(args);
    connections.push((await daemonAt(here, dir)).connection);
    assert.deepEqual(await names(), staged.toSorted());
    const lines = (await Deno.readTextFile("/proc/self/mountinfo")).split("\n");
    assert.equal(lines.filter((line) => line.includes(` ${dir} `)).length, 1, "one mount, and none below it");
    const name = await nameOfDir(dir);
    assert.deepEqual(await filesBelow(here.runtimeDir), [
      `${name}.json`,
      `${name}.sock`,
      `${name}.sock.lock`,
    ]);
    await ok(["unmount", dir]);
    assert.equal(await mountAt(dir), undefined);
    for (const each of connections) assert.ok(!await hangs(each), `the kernel holds connection ${each}`);
    await untilNone(here.dir);
    assert.deepEqual(await filesBelow(here.runtimeDir), [`${name}.sock.lock`]);
    const strays = (await filesBelow(here.dir)).filter((path) =>
      /\.(tmp|new)$|(^|\/)(\.|omnifs-)/.test(path)
    );
    assert.deepEqual(strays, [], "no temporary file is left");
  },
});
