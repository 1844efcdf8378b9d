/**
 * The drafts of terminal sessions: one each, and gone with its session unless it holds something.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Log } from "../../runtime/base/log.ts";
import { SWEEP_EVERY, sweepOften } from "../../runtime/daemon_drafts.ts";
import { ManualClock } from "../base/manual_clock.ts";
import { tempDir } from "../support/temp.ts";
import { openDesk } from "./desk.ts";

/** Sessions that a test begins and ends. */
class Sessions {
  readonly leaders = new Map<number, string>();
  readonly leaderOf = (session: number) => this.leaders.get(session);
}

Deno.test("a session has one draft, however many of its writes come at once", async () => {
  await using dir = await tempDir();
  const sessions = new Sessions();
  sessions.leaders.set(7, "boot/100");
  await using desk = await openDesk(dir.path, sessions);
  assert.equal(desk.drafts.sessions.peek(7), undefined);
  const all = await Promise.all(Array.from({ length: 5 }, () => desk.drafts.sessions.of(7)));
  assert.equal(new Set(all).size, 1);
  assert.equal(all[0]?.name, "session-7");
  assert.equal(desk.drafts.sessions.peek(7), all[0]);
});

Deno.test("a session's empty draft goes with it; one that holds something stays, and is no later session's", async () => {
  await using dir = await tempDir();
  const sessions = new Sessions();
  sessions.leaders.set(7, "boot/100").set(8, "boot/200");
  {
    await using desk = await openDesk(dir.path, sessions);
    await desk.drafts.sessions.of(7);
    await desk.write(await desk.drafts.sessions.of(8), "/state", "closed");
    await desk.drafts.create("named");
    await desk.drafts.sessions.sweep();
    assert.equal(desk.drafts.all().length, 3, "both sessions live");
    sessions.leaders.clear();
    // Another process has the id now, and it leads a session as well.
    sessions.leaders.set(8, "boot/300");
    await desk.drafts.sessions.sweep();
    assert.deepEqual(desk.drafts.all().map(({ name, session }) => [name, session]), [
      ["named", undefined],
      ["session-8", undefined],
    ]);
    assert.equal((await desk.drafts.sessions.of(8)).name, "session-8-2");
  }
  await using again = await openDesk(dir.path, sessions);
  assert.equal(again.drafts.sessions.peek(8)?.name, "session-8-2");
});

Deno.test("a session without a leader keeps its draft for as long as this process lives", async () => {
  await using dir = await tempDir();
  {
    await using desk = await openDesk(dir.path);
    const draft = await desk.drafts.sessions.of(9);
    await desk.write(draft, "/state", "closed");
    await desk.drafts.sessions.sweep();
    assert.equal(desk.drafts.sessions.peek(9), draft);
  }
  await using again = await openDesk(dir.path);
  await again.drafts.sessions.sweep(true);
  assert.equal(again.drafts.sessions.peek(9), undefined);
  assert.equal(again.drafts.get("session-9").changes.length, 1);
});

Deno.test("which sessions have ended is looked at again and again, until that is called off", async () => {
  const clock = new ManualClock();
  const lines: string[] = [];
  let looks = 0;
  const sessions = {
    sweep: () => ++looks === 2 ? Promise.reject(new Error("the disk is full")) : Promise.resolve(),
  };
  const end = sweepOften(sessions, clock, new Log(clock, (line) => void lines.push(line)));
  for (let pass = 1; pass <= 3; pass++) {
    clock.pass(SWEEP_EVERY - 1);
    assert.equal(looks, pass - 1);
    clock.pass(1);
    assert.equal(looks, pass);
    await Promise.resolve().then(() => {}).then(() => {});
    assert.equal(clock.waiting, 1);
  }
  assert(lines.some((line) => line.includes("the disk is full")), lines.join());
  end();
  assert.equal(clock.waiting, 0);
});
