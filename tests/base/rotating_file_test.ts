/**
 * A log that stays small, and whoever reads it meanwhile.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { systemClock } from "../../runtime/base/clock.ts";
import { agedPath, RotatingFile } from "../../runtime/base/rotating_file.ts";
import { follow, oldest } from "../../runtime/cli/log_files.ts";
import { withDeadline } from "../support/deadline.ts";
import { tempDir } from "../support/temp.ts";

/** Lines of ten bytes each: `line 00012`, without the newline nine. */
const line = (number: number) => `line ${String(number).padStart(4, "0")}`;

async function linesOf(path: string): Promise<string[]> {
  return (await Deno.readTextFile(path)).split("\n").slice(0, -1);
}

Deno.test("a file is put aside when it is full, and the oldest goes", async () => {
  await using folder = await tempDir();
  const path = join(folder.path, "a.log");
  using file = new RotatingFile(path, { bytes: 30, kept: 2 });
  for (let number = 0; number < 11; number++) file.write(line(number));
  assert.deepEqual(await linesOf(path), [9, 10].map(line));
  assert.deepEqual(await linesOf(agedPath(path, 1)), [6, 7, 8].map(line));
  assert.deepEqual(await linesOf(agedPath(path, 2)), [3, 4, 5].map(line));
  const names = await Array.fromAsync(Deno.readDir(folder.path), ({ name }) => name);
  assert.deepEqual(names.sort(), ["a.log", "a.log.1", "a.log.2"]);
  assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
});

Deno.test("what is there is added to, and a line that is longer than the limit is not lost", async () => {
  await using folder = await tempDir();
  const path = join(folder.path, "a.log");
  {
    using before = new RotatingFile(path, { bytes: 30, kept: 1 });
    before.write(line(0));
  }
  using file = new RotatingFile(path, { bytes: 30, kept: 1 });
  file.write(line(1));
  file.write("x".repeat(100));
  file.write(line(2));
  assert.deepEqual(await linesOf(agedPath(path, 1)), ["x".repeat(100)]);
  assert.deepEqual(await linesOf(path), [line(2)]);
});

Deno.test("where nothing can be written, a line is lost and nothing else", async () => {
  await using folder = await tempDir();
  const path = join(folder.path, "missing", "a.log");
  using file = new RotatingFile(path);
  file.write("lost");
  await Deno.mkdir(join(folder.path, "missing"));
  file.write("kept");
  assert.deepEqual(await linesOf(path), ["kept"]);
});

Deno.test("a log is read from the oldest file on", async () => {
  await using folder = await tempDir();
  const path = join(folder.path, "a.log");
  assert.equal(await oldest(path), undefined);
  using file = new RotatingFile(path, { bytes: 30, kept: 2 });
  for (let number = 0; number < 11; number++) file.write(line(number));
  const first = await oldest(path);
  assert.ok(first);
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of follow(path, first, systemClock, undefined)) text += decoder.decode(piece);
  assert.deepEqual(text.split("\n").slice(0, -1), [3, 4, 5, 6, 7, 8, 9, 10].map(line));
});

Deno.test("whoever follows it gets each line once, however often it is put aside", async () => {
  await using folder = await tempDir();
  const path = join(folder.path, "a.log");
  using file = new RotatingFile(path, { bytes: 200, kept: 3 });
  file.write(line(0));
  const first = await oldest(path);
  assert.ok(first);
  const stop = new AbortController();
  const seen = Promise.withResolvers<void>();
  const all = 150;
  let read = 0;
  let text = "";
  const following = (async () => {
    for await (const piece of follow(path, first, systemClock, stop.signal)) {
      text += new TextDecoder().decode(piece);
      read = text.split("\n").length - 1;
      if (read === all) seen.resolve();
    }
  })();
  // The writer is never more than the kept files ahead.
  for (let number = 1; number < all; number++) {
    file.write(line(number));
    while (number - read > 50) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await withDeadline(seen.promise, 30_000, "the last line");
  stop.abort();
  await following;
  assert.deepEqual(text.split("\n").slice(0, -1), Array.from({ length: all }, (_, number) => line(number)));
});
