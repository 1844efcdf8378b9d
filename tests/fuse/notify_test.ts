/**
 * The order and the patience of notifications.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Notifier } from "../../fuse/mod.ts";
import { Locks } from "../../fuse/locks.ts";
import { Loads, settle } from "../support/loads.ts";

/** A notifier whose writes a test ends, and the locks that it heeds. */
function notifying() {
  const locks = new Locks();
  const writes = new Loads<boolean>();
  const frames: string[] = [];
  const notifier = new Notifier((frame) => {
    const view = new DataView(frame.buffer);
    frames.push(`${view.getInt32(4, true)} ${view.getBigUint64(16, true)}`);
    return writes.load(new AbortController().signal);
  }, (nodeid) => locks.quiet(nodeid));
  return { locks, writes, frames, notifier };
}

Deno.test("notifications about one directory go one after the other, those about others beside them", async () => {
  const { notifier, writes, frames } = notifying();
  const told = [notifier.expireEntry(1, "a"), notifier.expireEntry(1, "b"), notifier.invalidateEntry(2, "c")];
  await settle();
  assert.deepEqual(frames, ["3 1", "3 2"]);
  writes.at(0).resolve(true);
  await settle();
  assert.deepEqual(frames, ["3 1", "3 2", "3 1"]);
  writes.at(1).resolve(false);
  writes.at(2).resolve(true);
  assert.deepEqual(await Promise.all(told), [true, true, false]);
  await notifier.settled();
});

Deno.test("one that waits for its turn already is not sent twice; one that is on its way is", async () => {
  const { notifier, writes, frames } = notifying();
  const told = Array.from({ length: 50 }, () => notifier.expireEntry(1, "a"));
  await settle();
  writes.at(0).resolve(true);
  await settle();
  writes.at(1).resolve(true);
  assert.equal((await Promise.all(told)).length, 50);
  assert.deepEqual(frames, ["3 1", "3 1"]);
});

Deno.test("nothing goes that needs a lock which a request holds, and nothing else waits for it", async () => {
  const { notifier, locks, writes, frames } = notifying();
  locks.take(1, 7n);
  locks.take(1, 8n);
  locks.take(5, 9n);
  const told = [notifier.delete(1, 4, "a"), notifier.delete(2, 5, "b"), notifier.expireEntry(3, "c")];
  await settle();
  assert.deepEqual(frames, ["3 3"]);
  locks.free(7n);
  locks.free(9n);
  await settle();
  assert.deepEqual(
    frames,
    ["3 3", "6 2"],
    "a directory waits for all who hold it, a deletion for its child too",
  );
  // Whoever takes the lock later is not waited for.
  locks.take(1, 10n);
  locks.free(8n);
  await settle();
  assert.deepEqual(frames, ["3 3", "6 2", "6 1"]);
  for (const index of [0, 1, 2]) writes.at(index).resolve(true);
  await Promise.all(told);
  locks.freeAll();
  assert.deepEqual([1, 2, 3, 4, 5].map((nodeid) => locks.quiet(nodeid)), Array(5).fill(undefined));
});

Deno.test("attributes are out of date at once, though pages of the file are locked", async () => {
  const { notifier, locks, writes, frames } = notifying();
  locks.take(4, 1n);
  const told = notifier.invalidateInode(4);
  await settle();
  assert.deepEqual([frames, notifier.counters()], [["2 4"], { NOTIFY_INVAL_INODE: 1 }]);
  locks.free(1n);
  await settle();
  writes.at(0).resolve(true);
  writes.at(1).resolve(true);
  assert.equal(await told, true);
});
