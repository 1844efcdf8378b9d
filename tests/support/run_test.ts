/**
 * The test run itself: a failure that is not counted is a failure that nobody sees.
 *
 * @module
 */
import { deepStrictEqual, match, notStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { filesOfLanes, LANES } from "../lanes.ts";
import { filesOf, NOTHING, plus, tallyOf, totals } from "../report.ts";
import { run } from "./command.ts";
import { ROOT } from "./mount.ts";
import { tempDir } from "./temp.ts";

/** Runs `source` as a test file under the project's own settings. */
async function testOf(source: string) {
  await using folder = await tempDir();
  const file = join(folder.path, "a_test.ts");
  const report = join(folder.path, "junit.xml");
  await Deno.writeTextFile(file, source);
  const args = [
    "test",
    "-A",
    "--no-check",
    "--config",
    join(ROOT, "deno.json"),
    `--junit-path=${report}`,
    file,
  ];
  const ran = await run(Deno.execPath(), args, { cwd: folder.path, env: { NO_COLOR: "1" } });
  const text = await Deno.readTextFile(report).catch(() => "");
  return { ...ran, report: text, tally: tallyOf(text) };
}

Deno.test("a test that leaves a timer, a file or a process open fails: the sanitizers are on", async () => {
  const { code, stdout, tally } = await testOf(`
    Deno.test("timer", () => { setInterval(() => {}, 1_000); });
    Deno.test("file", async () => { await Deno.open("/etc/hostname"); });
    Deno.test("exit", () => { Deno.exit(0); });
    Deno.test("clean", () => {});
  `);
  notStrictEqual(code, 0);
  match(stdout, /An interval was started in this test, but never completed/);
  match(stdout, /A file was opened during the test, but not closed/);
  deepStrictEqual(tally.failed.map((name) => name.split(" ")[0]), ["timer", "file", "exit"]);
  strictEqual(tally.passed, 1);
});

Deno.test("passed, failed and skipped tests and steps are counted", async () => {
  const { tally } = await testOf(`
    Deno.test("good", () => {});
    Deno.test('bad "<&>"', () => { throw new Error("<skipped/> </testcase>"); });
    Deno.test({ name: "left out", ignore: true, fn() {} });
    Deno.test("steps", async (t) => {
      await t.step("one", () => {});
      await t.step({ name: "two", ignore: true, fn() {} });
    });
  `);
  strictEqual(tally.passed, 3);
  strictEqual(tally.skipped, 2);
  strictEqual(tally.failed.length, 1);
  match(tally.failed[0] ?? "", /^bad "<&>" \(.*a_test\.ts:3\)$/);
});

Deno.test("a file that does not load shows in the exit code", async () => {
  const { code, tally } = await testOf(`import "./nowhere.ts"; Deno.test("never", () => {});`);
  notStrictEqual(code, 0);
  deepStrictEqual(tally, NOTHING);
});

Deno.test("a file that fails at its top leaves no trace in the report, so it can be told from the others", async () => {
  const good = await testOf(`Deno.test("good", () => {});`);
  deepStrictEqual(filesOf(good.report), ["a_test.ts"]);
  const bad = await testOf(`Deno.test("never", () => {}); throw new Error("at the top");`);
  notStrictEqual(bad.code, 0);
  deepStrictEqual(filesOf(bad.report), []);
});

Deno.test("totals add up to one line", () => {
  const one = { passed: 2, failed: ["a"], skipped: 1 };
  strictEqual(totals(plus(one, plus(NOTHING, one))), "4 passed, 2 failed, 2 skipped");
});

Deno.test("each test file belongs to exactly one lane", () => {
  const files = [
    "a_test.ts",
    "tree/a_test.ts",
    "fuse/mount_test.ts",
    "fuse/wire_test.ts",
    "mounted/a_test.ts",
    "cli/x/a_test.ts",
    "bench/a_test.ts",
  ];
  const lanes = filesOfLanes(files);
  deepStrictEqual([...lanes.values()].flat().toSorted(), files.toSorted());
  deepStrictEqual([...lanes.keys()], [...LANES]);
  const named = new Map([...lanes].map(([lane, files]) => [lane.name, files]));
  deepStrictEqual(named.get("unit"), ["a_test.ts", "tree/a_test.ts", "fuse/wire_test.ts"]);
  deepStrictEqual(named.get("mounted"), ["fuse/mount_test.ts", "mounted/a_test.ts"]);
});
