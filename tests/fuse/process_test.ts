/**
 * What the kernel tells of processes: their terminal sessions, and who leads those.
 *
 * @module
 */
import assert from "node:assert/strict";
import { leaderOf, sessionOf } from "../../fuse/process.ts";
import { sh } from "../support/command.ts";
import { until } from "../support/deadline.ts";

// The C library is opened once in a process, and stays open.
sessionOf(Deno.pid);

/** A process that leads a session of its own, and ends when its standard input does. */
function leader(): Deno.ChildProcess {
  return new Deno.Command("setsid", { args: ["cat"], stdin: "piped", stdout: "null" }).spawn();
}

Deno.test("a process belongs to its session, whose leader is told from every other process by its start", async () => {
  const [first, second] = [leader(), leader()];
  const [one, two] = [first.pid, second.pid];
  try {
    const led = () => Promise.resolve(sessionOf(one) === one && sessionOf(two) === two);
    await until(led, 10_000, "the sessions");
    assert.match(leaderOf(one) ?? "", /^[\da-f-]{36}\/\d+$/);
    assert.equal(leaderOf(one), leaderOf(one));
    await first.stdin.close();
    await first.status;
    assert.equal(leaderOf(one), undefined);
    assert.equal(sessionOf(one), undefined);
    assert.notEqual(leaderOf(two), undefined);
  } finally {
    await second.stdin.close();
    await second.status;
  }
});

Deno.test("nobody is no process", () => {
  for (const pid of [0, -1, 2 ** 31 - 1]) {
    assert.equal(sessionOf(pid), undefined);
    assert.equal(leaderOf(pid), undefined);
  }
});

if ((await sh("unshare --pid --fork --mount-proc true")).code === 0) {
  Deno.test("in a container that was begun without a session, it is that of the first process", async () => {
    const script = `import { sessionOf } from "${import.meta.resolve("../../fuse/process.ts")}";
      console.log(Deno.pid, sessionOf(Deno.pid));`;
    const { stdout } = await sh(`unshare --pid --fork --mount-proc sh -c '"$deno" eval "$script"; true'`, {
      env: { deno: Deno.execPath(), script },
    });
    assert.match(stdout, /^[2-9] 1\n$/);
  });
}
