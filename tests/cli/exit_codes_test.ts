/**
 * Each exit code, from a command that ends so. The table is part of what scripts rely on: `docs/commands/README.md`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { EXIT, EXIT_MEANINGS } from "../../runtime/cli/command.ts";
import type { Backend } from "../../runtime/control/protocol.ts";
import { withDeadline } from "../support/deadline.ts";
import { fakeBackend } from "../control/fake_backend.ts";
import { DEADLINE, omnifsCommand, type Place, place } from "./fixture.ts";
import { told } from "./told.ts";

Deno.test("the exit codes are those that scripts were promised", () => {
  assert.deepEqual(EXIT, {
    done: 0,
    failed: 1,
    usage: 2,
    noDaemon: 3,
    conflict: 4,
    partial: 5,
    interrupted: 130,
  });
  assert.deepEqual(Object.keys(EXIT_MEANINGS), Object.keys(EXIT));
});

/** A tree with the file `/small` and nothing else. */
const TREE: Partial<Backend> = {
  async *read(path) {
    await Promise.resolve();
    if (path !== "/small") throw new Deno.errors.NotFound(path);
    yield new Uint8Array([97, 10]);
  },
};

/** Every path is a directory. */
const ENDLESS: Partial<Backend> = { stat: () => fakeBackend().stat("/", new AbortController().signal) };

const coded = (code: number, ...args: string[]) => async (here: Place) => {
  const ran = await here.omnifs(...args);
  assert.equal(ran.code, code, `${args.join(" ")}: ${ran.stdout}${ran.stderr}`);
};

Deno.test("0: done", () => told(coded(0, "cat", "/small"), TREE));

Deno.test("1: nothing of it was done", () => told(coded(1, "cat", "/nope"), TREE));

Deno.test("2: the words make no sense", () => told(coded(2, "cat", "--nope"), TREE));

Deno.test("3: nobody is there to be asked", async () => {
  await using here = await place();
  await coded(3, "status")(here);
});

Deno.test("4: it conflicts with what is there", async () => {
  await using here = await place();
  await Deno.mkdir(`${here.dir}/notes`);
  await Deno.writeTextFile(`${here.dir}/notes/mine`, "");
  await coded(4, "provider", "new", "notes", `${here.dir}/notes`)(here);
});

Deno.test("5: some of it was done", () => told(coded(5, "cat", "/nope", "/small"), TREE));

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`130: ended by ${signal}, and the daemon is let go`, () =>
    told(async (here, { givenUp }) => {
      const [program, args] = omnifsCommand(["ls", "/endless"]);
      const child = new Deno.Command(program, {
        args,
        env: { ...here.env },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      })
        .spawn();
      const stderr = new Response(child.stderr).text();
      const reader = child.stdout.getReader();
      // It is in the middle of it once it has printed something.
      await withDeadline(reader.read(), DEADLINE, "the first line");
      child.kill(signal);
      const { code } = await withDeadline(child.status, DEADLINE, "its end");
      assert.equal(code, EXIT.interrupted);
      assert.match(await stderr, /^omnifs: (?:interrupted|the question was given up)\n$/);
      await withDeadline(givenUp, DEADLINE, "the daemon's end of it");
      await reader.cancel();
    }, ENDLESS));
}

Deno.test("what goes on until Ctrl-C is done with it", () =>
  told(async (here, { bus }) => {
    bus.publish("mount.ready", { dir: "/mnt/omnifs", milliseconds: 5 });
    const [program, args] = omnifsCommand(["events", "-f", "--output", "jsonl"]);
    const child = new Deno.Command(program, {
      args,
      env: { ...here.env },
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = child.stdout.getReader();
    await withDeadline(reader.read(), DEADLINE, "the first event");
    child.kill("SIGINT");
    assert.equal((await withDeadline(child.status, DEADLINE, "its end")).code, EXIT.done);
    await reader.cancel();
  }));
