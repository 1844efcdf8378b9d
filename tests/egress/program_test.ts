/**
 * A program that is asked for a secret does not outlive the omnifs that asked, even where that one is killed.
 *
 * @module
 */
import assert from "node:assert/strict";
import { systemClock } from "../../runtime/base/clock.ts";
import { isAlive } from "../../runtime/control/places.ts";
import { runProgram } from "../../runtime/egress/program.ts";
import { has } from "../support/command.ts";
import { until } from "../support/deadline.ts";
import { tempDir } from "../support/temp.ts";

const HELPER = new URL("../../runtime/egress/credential_helper.ts", import.meta.url).href;
const CLOCK = new URL("../../runtime/base/clock.ts", import.meta.url).href;

const host = { environment: (name: string) => Deno.env.get(name), clock: systemClock };

/** Milliseconds until something that should happen at once has not. */
const DEADLINE = 30_000;

Deno.test({
  name: "a helper that hangs ends with the process that asked it, when that is killed",
  ignore: !await has("setpriv"),
  fn: async () => {
    await using folder = await tempDir();
    const file = `${folder.path}/pid`;
    const script = `
      import { askHelper } from ${JSON.stringify(HELPER)};
      import { systemClock as clock } from ${JSON.stringify(CLOCK)};
      const environment = (name) => Deno.env.get(name);
      await askHelper({ environment, clock }, "echo $$ > ${file}; exec sleep 1000", "a.test");`;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--ext=ts", script],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const pid = await until(
      () => Deno.readTextFile(file).then((text) => text.endsWith("\n") && text.trim(), () => false),
      DEADLINE,
      "the helper",
    );
    child.kill("SIGKILL");
    await child.status;
    await until(async () => !await isAlive(Number(pid)), DEADLINE, "the helper's end");
  },
});

Deno.test("a program that is not there is told from one that fails", async () => {
  assert.equal(await runProgram(host, "docker-credential-none-of-that-name", ["get"]), undefined);
  assert.equal(await runProgram(host, "/nowhere/helper", []), undefined);
  assert.equal((await runProgram(host, "false", []))?.code, 1);
  assert.deepEqual(await runProgram(host, "/bin/sh", ["-c", "cat"], "words"), { code: 0, text: "words" });
});
