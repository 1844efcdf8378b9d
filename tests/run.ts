/**
 * Runs the tests, lane by lane, and ends with one line of totals.
 *
 * `deno run -A tests/run.ts [--lane NAME]… [--filter TEXT]`; exit code 1 where a test failed.
 *
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { filesOfLanes, type Lane, LANES } from "./lanes.ts";
import { ensureTools } from "./packages.ts";
import { filesOf, NOTHING, plus, type Tally, tallyOf, totals } from "./report.ts";
import { DeadlineError, withDeadline } from "./support/deadline.ts";
import { fuseIsThere } from "./support/kernel.ts";

const TESTS = import.meta.dirname ?? "tests";

/** How long one lane may take, in milliseconds. */
const LANE_DEADLINE = 15 * 60_000;

/** What a lane came to, and how. */
interface Result {
  readonly lane: string;
  readonly tally: Tally;
  readonly seconds: number;
  /** Why tests were skipped, in words. */
  readonly notes: readonly string[];
}

const { values } = parseArgs({
  options: { lane: { type: "string", multiple: true }, filter: { type: "string" } },
});
Deno.exit(await main(values.lane ?? LANES.map(({ name }) => name), values.filter));

async function main(names: readonly string[], filter: string | undefined): Promise<number> {
  const unknown = names.filter((name) => !LANES.some((lane) => lane.name === name));
  if (unknown.length > 0) {
    console.error(
      `tests: no lane ${unknown.join(", ")}; there are ${LANES.map(({ name }) => name).join(", ")}`,
    );
    return 2;
  }
  const results: Result[] = [];
  for (const [lane, files] of filesOfLanes(await testFiles())) {
    if (names.includes(lane.name) && files.length > 0) results.push(await runLane(lane, files, filter));
  }
  return conclude(results);
}

/** Every test file, relative to `tests/`. */
async function testFiles(folder = ""): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(join(TESTS, folder)));
  const found = await Promise.all(entries.map(({ name, isDirectory }) => {
    const path = folder === "" ? name : `${folder}/${name}`;
    return isDirectory ? testFiles(path) : name.endsWith("_test.ts") ? [path] : [];
  }));
  return found.flat().toSorted();
}

async function runLane(lane: Lane, files: readonly string[], filter: string | undefined): Promise<Result> {
  console.log(`\n── ${lane.name}: ${files.length} files`);
  const begin = performance.now();
  const notes: string[] = [];
  const missing = await ensureTools(lane.tools);
  if (missing.length > 0) notes.push(`without ${missing.map(({ program }) => program).join(", ")}`);
  if (lane.mounts && !await fuseIsThere()) {
    notes.push("no mount can be made: /dev/fuse is missing or cannot be opened (`omnifs doctor` says more)");
  }
  const obstacle = await lane.obstacle?.();
  if (obstacle !== undefined) notes.push(obstacle);
  const tally = await testRun(lane, files, filter);
  return { lane: lane.name, tally, seconds: (performance.now() - begin) / 1_000, notes };
}

async function testRun(lane: Lane, files: readonly string[], filter: string | undefined): Promise<Tally> {
  const junit = await Deno.makeTempFile({ prefix: "omnifs-junit-", suffix: ".xml" });
  try {
    const code = await denoTest([
      ...(lane.parallel ? ["--parallel"] : []),
      ...(filter === undefined ? [] : [`--filter=${filter}`]),
      `--junit-path=${junit}`,
      ...files.map((file) => join(TESTS, file)),
    ]);
    const report = await Deno.readTextFile(junit);
    const tally = plus(tallyOf(report), {
      ...NOTHING,
      failed: filter === undefined ? silent(files, report) : [],
    });
    // A run that was killed shows in the exit code alone.
    if (code === 0 || tally.failed.length > 0) return tally;
    return plus(tally, { ...NOTHING, failed: [`the run of lane ${lane.name} (see its output)`] });
  } finally {
    await Deno.remove(junit);
  }
}

/** One line for each of `files` that `report` says nothing of: an error at the top of a file leaves no other trace. */
function silent(files: readonly string[], report: string): string[] {
  const told = new Set(filesOf(report));
  return files.filter((file) => !told.has(`tests/${file}`)).map((file) => `tests/${file} did not load`);
}

/** Runs `deno test`, whose output goes where ours goes; its exit code. `deno task check` checks the types. */
async function denoTest(args: readonly string[]): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    // Where nobody watches, each dot would be a line of its own.
    args: ["test", "-A", "--no-check", `--reporter=${Deno.stdout.isTerminal() ? "dot" : "pretty"}`, ...args],
    cwd: join(TESTS, ".."),
    stdin: "null",
  }).spawn();
  try {
    return (await withDeadline(child.status, LANE_DEADLINE, "the end of a lane")).code;
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    console.error(`tests: the lane did not end within ${LANE_DEADLINE / 60_000} minutes`);
    child.kill("SIGKILL");
    return 1;
  }
}

function conclude(results: readonly Result[]): number {
  console.log("");
  for (const { lane, tally, seconds, notes } of results) {
    console.log(`${lane.padEnd(10)} ${totals(tally)}, ${seconds.toFixed(1)} s`);
    for (const note of notes) console.log(`           ${note}`);
  }
  const tally = results.map((result) => result.tally).reduce(plus, NOTHING);
  for (const name of tally.failed) console.log(`FAILED     ${name}`);
  console.log(totals(tally));
  return tally.failed.length === 0 ? 0 : 1;
}
