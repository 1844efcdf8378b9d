/**
 * The tools of the other tests: a deadline that does not bite makes every test that leans on it worthless.
 *
 * @module
 */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { has, run, sh } from "./command.ts";
import { DeadlineError, until, withDeadline } from "./deadline.ts";
import { mountAt } from "./kernel.ts";
import { tempDir } from "./temp.ts";

Deno.test("a promise that never settles fails at its deadline, and says what was waited for", async () => {
  await rejects(withDeadline(new Promise(() => {}), 5, "a miracle"), /a miracle: not within 5 ms/);
  strictEqual(await withDeadline(Promise.resolve(7), 1_000, "seven"), 7);
});

Deno.test("until returns what it sees first, and gives up at its deadline", async () => {
  let looks = 0;
  strictEqual(await until(() => ++looks === 3 ? "there" : undefined, 5_000, "the third look"), "there");
  await rejects(until(() => false, 5, "never"), DeadlineError);
});

Deno.test("a program's output, errors, exit code and input are told apart", async () => {
  const { code, stdout, stderr } = await sh("cat; echo bad >&2; exit 3", { input: "héllo" });
  deepStrictEqual({ code, stdout, stderr }, { code: 3, stdout: "héllo", stderr: "bad\n" });
});

Deno.test("a program that does not end is killed at its deadline", async () => {
  await using folder = await tempDir();
  await rejects(
    run("sh", ["-c", "echo $$ > pid; exec sleep 60"], { cwd: folder.path, deadline: 300 }),
    DeadlineError,
  );
  const pid = (await Deno.readTextFile(`${folder.path}/pid`)).trim();
  await rejects(Deno.stat(`/proc/${pid}`), Deno.errors.NotFound);
});

Deno.test("a program is found or not", async () => {
  deepStrictEqual([await has("sh"), await has("no-such-program-anywhere")], [true, false]);
});

Deno.test("a folder of a test is there, then gone", async () => {
  let path: string;
  {
    await using folder = await tempDir();
    path = folder.path;
    await Deno.writeTextFile(`${path}/a`, "x");
    ok((await Deno.stat(path)).isDirectory);
  }
  await rejects(Deno.stat(path), Deno.errors.NotFound);
});

Deno.test("the kernel's list of mounts is read", async () => {
  strictEqual((await mountAt("/proc"))?.type, "proc");
  strictEqual(await mountAt("/no/mount/here"), undefined);
});
