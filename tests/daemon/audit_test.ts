/**
 * The audit log: who did what to which upstream, by which draft and step, when, and what the upstream answered.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Bus } from "../../runtime/base/bus.ts";
import { Log } from "../../runtime/base/log.ts";
import { Audit } from "../../runtime/daemon_audit.ts";
import { ManualClock } from "../base/manual_clock.ts";
import { tempDir } from "../support/temp.ts";

const START = Date.UTC(2026, 0, 1, 12);
const WORK = {
  mount: "github",
  draft: "my-fix",
  mode: "apply",
  by: "ada, process 7",
  step: "perform: close a#1",
};

async function scene() {
  const dir = await tempDir();
  const clock = new ManualClock(START);
  const bus = new Bus(clock);
  const lines: string[] = [];
  const path = `${dir.path}/audit.log`;
  const audit = new Audit({ path, clock, bus, log: new Log(clock, (line) => void lines.push(line)) });
  const read = async () => (await Deno.readTextFile(path)).trim().split("\n").map((line) => JSON.parse(line));
  return { clock, bus, lines, path, audit, read, [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose]() };
}

const sent = (mount: string, outcome: number | string) => ({
  mount,
  method: "patch" as const,
  url: "https://api.github.com/repos/a/issues/1",
  outcome,
});

Deno.test("a step is on the disk before it is sent, and each request of it with its answer after", async () => {
  await using scenery = await scene();
  const { audit, bus, clock, path, read } = scenery;
  await audit.begin(WORK);
  assert.deepEqual(await read(), [{ time: "2026-01-01T12:00:00.000Z", event: "step", ...WORK }]);
  clock.pass(1_500);
  bus.publish("mutation.sent", sent("github", 200));
  bus.publish("mutation.sent", sent("linear", 200));
  bus.publish("callout.done", { ...sent("github", 200), milliseconds: 3 });
  await audit.begin({ ...WORK, step: "undo: close a#1", mode: "rollback" });
  bus.publish("mutation.sent", sent("github", "timeout"));
  await audit.close();
  const request = { event: "request", ...sent("github", 200) };
  assert.deepEqual((await read()).slice(1), [
    { time: "2026-01-01T12:00:01.500Z", ...request, ...WORK },
    { time: "2026-01-01T12:00:01.500Z", ...request, mount: "linear" },
    { time: "2026-01-01T12:00:01.500Z", event: "step", ...WORK, step: "undo: close a#1", mode: "rollback" },
    {
      time: "2026-01-01T12:00:01.500Z",
      ...request,
      outcome: "timeout",
      ...WORK,
      step: "undo: close a#1",
      mode: "rollback",
    },
  ]);
  assert.equal((await Deno.stat(path)).mode, 0o100600);
});

Deno.test("what is sent after a draft has ended is on nobody's behalf, and what is denied then fills no disk", async () => {
  await using scenery = await scene();
  const { audit, bus, read } = scenery;
  await audit.begin(WORK);
  bus.publish("mutation.sent", sent("github", "denied"));
  bus.publish("draft.ended", { draft: "another", outcome: "applied" });
  bus.publish("mutation.sent", sent("github", 200));
  bus.publish("draft.ended", { draft: "my-fix", outcome: "applied" });
  bus.publish("mutation.sent", sent("github", "denied"));
  bus.publish("mutation.sent", sent("github", 201));
  await audit.close();
  bus.publish("mutation.sent", sent("github", 202));
  assert.deepEqual((await read()).map(({ draft, outcome }) => [draft, outcome]), [
    ["my-fix", undefined],
    ["my-fix", "denied"],
    ["my-fix", 200],
    [undefined, 201],
  ]);
});

Deno.test("a log that takes nothing refuses the step, and says so of a request", async () => {
  await using scenery = await scene();
  const { audit, bus, lines, path } = scenery;
  await Deno.mkdir(path);
  await assert.rejects(audit.begin(WORK), { kind: "unavailable", message: /the audit log takes nothing/ });
  bus.publish("mutation.sent", sent("github", 200));
  await audit.close();
  assert(lines.some((line) => line.includes("the audit log takes nothing")), lines.join());
});
