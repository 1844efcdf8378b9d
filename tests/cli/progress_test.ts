/**
 * The line of a command that takes long: on a terminal alone, after a while, and never left behind.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Output } from "../../runtime/cli/output.ts";
import { PATIENCE, Progress, withProgress } from "../../runtime/cli/progress.ts";
import { ManualClock } from "../base/manual_clock.ts";

function scene(terminal: boolean): { clock: ManualClock; err: Output; shown: () => Promise<string> } {
  let text = "";
  const err = new Output({
    isTerminal: () => terminal,
    write: (bytes) => {
      text += new TextDecoder().decode(bytes);
      return Promise.resolve(bytes.length);
    },
  }, false);
  return {
    clock: new ManualClock(),
    err,
    shown: async () => {
      await err.flush();
      return text;
    },
  };
}

/** What stands on the last line of a terminal that was sent `text`. */
function lastLine(text: string): string {
  return text.slice(text.lastIndexOf("\x1b[2K") + "\x1b[2K".length);
}

Deno.test("work that is quick says nothing", async () => {
  const { clock, err, shown } = scene(true);
  assert.equal(
    await withProgress({ clock, err }, "reading", () => {
      clock.pass(PATIENCE - 1);
      return Promise.resolve(7);
    }),
    7,
  );
  assert.equal(clock.waiting, 0, "no timer stays");
  assert.equal(await shown(), "");
});

Deno.test("after half a second there is a line with how far it came and how to stop, and none at the end", async () => {
  const { clock, err, shown } = scene(true);
  const progress = new Progress({ clock, err }, "reading /a");
  progress.tell("12 MiB");
  clock.pass(PATIENCE);
  assert.equal(lastLine(await shown()), "reading /a: 12 MiB, 0 s (Ctrl-C stops it)");
  progress.tell("99 MiB");
  clock.pass(3_000);
  assert.equal(lastLine(await shown()), "reading /a: 99 MiB, 3 s (Ctrl-C stops it)");
  progress.end();
  progress.end();
  clock.pass(10_000);
  assert.equal(lastLine(await shown()), "");
  assert.equal(clock.waiting, 0);
});

Deno.test("the line is away while something else is printed, and comes back after more silence", async () => {
  const { clock, err, shown } = scene(true);
  using progress = new Progress({ clock, err }, "walking");
  clock.pass(PATIENCE);
  await progress.yield(err);
  assert.equal(lastLine(await shown()), "");
  clock.pass(PATIENCE - 1);
  assert.equal(lastLine(await shown()), "");
  clock.pass(1);
  assert.match(lastLine(await shown()), /^walking/);
});

Deno.test("the line stays while something is printed to elsewhere", async () => {
  const { clock, err, shown } = scene(true);
  using progress = new Progress({ clock, err }, "walking");
  clock.pass(PATIENCE);
  await progress.yield(scene(false).err);
  assert.match(lastLine(await shown()), /^walking/);
});

Deno.test("a failure takes the line away too", async () => {
  const { clock, err, shown } = scene(true);
  const failing = withProgress({ clock, err }, "reading", () => {
    clock.pass(PATIENCE);
    return Promise.reject(new Error("interrupted"));
  });
  await assert.rejects(failing, /interrupted/);
  assert.equal(lastLine(await shown()), "");
  assert.equal(clock.waiting, 0);
});

Deno.test("where nobody looks nothing is said, however long it takes", async () => {
  const { clock, err, shown } = scene(false);
  using progress = new Progress({ clock, err }, "reading");
  progress.tell("1 MiB");
  clock.pass(60_000);
  await progress.yield(err);
  assert.equal(await shown(), "");
  assert.equal(clock.waiting, 0);
});

Deno.test("the line fits a terminal of eighty columns and cannot be forged by a name", async () => {
  const { clock, err, shown } = scene(true);
  using progress = new Progress({ clock, err }, `reading /${"x".repeat(200)}`);
  progress.tell("\x1b[2J");
  clock.pass(PATIENCE);
  const line = lastLine(await shown());
  assert.ok(line.length < 80, line);
  assert.match(line, /x…: \\x1b\[2J, 0 s \(Ctrl-C stops it\)$/);
});
