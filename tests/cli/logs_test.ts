/**
 * The log of a background mount: how large it gets, and how it is read.
 *
 * @module
 */
import assert from "node:assert/strict";
import { nameOfDir } from "../../runtime/control/places.ts";
import { run } from "../support/command.ts";
import { until, withDeadline } from "../support/deadline.ts";
import { endMount, fuseIsThere } from "../support/kernel.ts";
import { DEADLINE, omnifsCommand, place } from "./fixture.ts";

const ignore = !(await fuseIsThere());

const LIMIT = 2_000;

Deno.test("a log stays within its bound, and is read and followed across the files", { ignore }, async () => {
  await using here = await place();
  const dir = `${here.dir}/mnt`;
  const logs = `${here.dir}/state/omnifs/logs`;
  const path = `${logs}/${await nameOfDir(dir)}.log`;
  const fileAt = (suffix: string) => Deno.readTextFile(path + suffix).catch(() => undefined);
  /** Something to say: a provider that is withheld is asked for, and the log says that it is. */
  const say = () => run("ls", [`${dir}/github`]);
  try {
    assert.equal((await here.omnifs("mount", dir, "--log-size", String(LIMIT))).code, 0);
    await until(
      async () => {
        await say();
        return await fileAt(".3") !== undefined;
      },
      DEADLINE,
      "the third old file",
    );
    for (const suffix of ["", ".1", ".2", ".3"]) {
      assert.ok(((await fileAt(suffix))?.length ?? 0) <= LIMIT, `the size of ${suffix}`);
    }
    assert.equal(await fileAt(".4"), undefined);
    const whole = (await Promise.all([".3", ".2", ".1", ""].map(fileAt))).join("");
    assert.equal((await here.omnifs("logs", dir)).stdout, whole);

    const [program, words] = omnifsCommand(["logs", "-f", dir]);
    const child = new Deno.Command(program, {
      args: words,
      env: { ...here.env },
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    let followed = "";
    const reading = (async () => {
      for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) followed += text;
    })();
    await until(() => followed.startsWith(whole), DEADLINE, "what was there before");
    // From one file into the next: the latest line of the present file is followed by one of another file.
    const present = (await Deno.stat(path)).ino;
    await until(
      async () => {
        await say();
        return (await Deno.stat(path)).ino !== present;
      },
      DEADLINE,
      "another file",
    );
    await until(async () => followed.endsWith((await fileAt("")) ?? "none"), DEADLINE, "the latest line");
    const times = followed.trimEnd().split("\n").map((each) => each.slice(0, 24));
    assert.deepEqual(times, times.toSorted(), "in the order in which it was written");
    child.kill("SIGINT");
    assert.equal((await withDeadline(child.status, DEADLINE, "the end of logs -f")).code, 0);
    await reading;
  } finally {
    await endMount(dir);
  }
});
