/**
 * The folder of drafts.
 *
 * @module
 */
import { deepStrictEqual, rejects } from "node:assert/strict";
import { systemClock } from "../../runtime/base/clock.ts";
import { Log } from "../../runtime/base/log.ts";
import { DraftStore } from "../../runtime/drafts/mod.ts";
import { tempDir } from "../support/temp.ts";

Deno.test("a name is another draft's only when the journal of the one before it is gone", async () => {
  await using dir = await tempDir();
  const log = new Log(systemClock, () => {});
  const store = await DraftStore.open(dir.path, systemClock, log);
  const first = await store.create("fix");
  const going = store.forget(first);
  await rejects(store.create("fix"), /there is a draft called fix already/);
  await going;
  await store.create("fix");
  await store.close();
  const again = await DraftStore.open(dir.path, systemClock, log);
  deepStrictEqual(again.all().map(({ name }) => name), ["fix"]);
  await again.close();
});
