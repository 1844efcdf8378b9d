/**
 * The journal: a line is in it wholly or not at all, whatever the disk does.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ERRNO } from "../../fuse/mod.ts";
import { OmnifsError } from "../../runtime/base/errors.ts";
import { openJournal } from "../../runtime/drafts/journal.ts";
import type { TimedRecord } from "../../runtime/drafts/records.ts";
import { errnoOfWrite } from "../../runtime/vfs/errno.ts";
import { run } from "../support/command.ts";
import { tempDir } from "../support/temp.ts";

const record = (reason: string): TimedRecord => ({ type: "reopened", reason, time: 1 });

/** Writes `reasons` into a journal, and reads it again. */
async function written(path: string, ...reasons: string[]): Promise<readonly TimedRecord[]> {
  const { journal } = await openJournal(path);
  for (const reason of reasons) await journal.append(record(reason), true);
  await journal.close();
  return await readAgain(path);
}

async function readAgain(path: string): Promise<readonly TimedRecord[]> {
  const { journal, records } = await openJournal(path);
  await journal.close();
  return records;
}

Deno.test("what was appended is there again, in order, for its owner alone", async () => {
  await using dir = await tempDir();
  const path = `${dir.path}/d.jsonl`;
  const reasons = ["one", "zwei – ü\u2028", 'thr"ee\n'];
  assert.deepEqual(await written(path, ...reasons), reasons.map(record));
  assert.equal((await Deno.stat(path)).mode ?? 0, 0o100600);
});

Deno.test("a tail that was cut off anywhere is taken away, and what comes next is whole", async () => {
  await using dir = await tempDir();
  const path = `${dir.path}/d.jsonl`;
  await written(path, "one", "zwei – ü");
  const whole = await Deno.readFile(path);
  const first = whole.indexOf(10) + 1;
  for (let length = 0; length < whole.length; length++) {
    await Deno.writeFile(path, whole.subarray(0, length));
    const kept = length < first ? [] : [record("one")];
    assert.deepEqual(await readAgain(path), kept, `cut at ${length}`);
    assert.deepEqual(await written(path, "next"), [...kept, record("next")], `cut at ${length}`);
  }
});

Deno.test("a bad line in the middle is an error that names it, and the file stays as it is", async () => {
  await using dir = await tempDir();
  const path = `${dir.path}/d.jsonl`;
  await written(path, "one", "two", "three");
  const lines = (await Deno.readTextFile(path)).split("\n");
  const broken = lines.with(1, lines[1]?.slice(0, -1) ?? "").join("\n");
  await Deno.writeTextFile(path, broken);
  await assert.rejects(readAgain(path), { kind: "internal", message: /d\.jsonl:2: / });
  assert.equal(await Deno.readTextFile(path), broken);
});

Deno.test("appends side by side come one after the other", async () => {
  await using dir = await tempDir();
  const path = `${dir.path}/d.jsonl`;
  const { journal } = await openJournal(path);
  const reasons = Array.from({ length: 50 }, (_, at) => `${at} ${"x".repeat(at * 200)}`);
  await Promise.all(reasons.map((reason, at) => journal.append(record(reason), at % 7 === 0)));
  assert.equal(journal.size, (await Deno.stat(path)).size);
  await journal.close();
  assert.deepEqual(await readAgain(path), reasons.map(record));
});

Deno.test({
  name: "a full disk refuses the line and keeps what was there, and takes the next once there is room",
  // A file system of its own takes root.
  ignore: Deno.uid() !== 0,
  fn: async () => {
    await using dir = await tempDir();
    const small = `${dir.path}/small`;
    await Deno.mkdir(small);
    const { code, stderr } = await run("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", small]);
    if (code !== 0) return console.log(`no test of a full disk: ${stderr.trim()}`);
    try {
      const { journal } = await openJournal(`${small}/d.jsonl`);
      try {
        await journal.append(record("one"), true);
        const refused = await journal.append(record("x".repeat(100_000)), true).catch((error) => error);
        assert(refused instanceof OmnifsError);
        assert.match(refused.message, /No space left/);
        assert.equal(refused.kind, "unavailable");
        assert.equal(errnoOfWrite(refused), ERRNO.ENOSPC);
        await journal.append(record("two"), true);
      } finally {
        await journal.close();
      }
      assert.deepEqual(await readAgain(`${small}/d.jsonl`), [record("one"), record("two")]);
    } finally {
      await run("umount", [small]);
    }
  },
});

Deno.test("a journal whose file is gone refuses every line from then on", async () => {
  await using dir = await tempDir();
  const { journal } = await openJournal(`${dir.path}/d.jsonl`);
  await journal.append(record("one"), true);
  await journal.remove();
  await assert.rejects(journal.append(record("two"), true), { kind: "unavailable" });
  assert.deepEqual(await Array.fromAsync(Deno.readDir(dir.path)), []);
});
