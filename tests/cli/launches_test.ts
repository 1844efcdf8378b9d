/**
 * What is kept of how an omnifs was started.
 *
 * @module
 */
import assert from "node:assert/strict";
import { noteJoined, readLaunch, writeLaunch } from "../../runtime/cli/launches.ts";
import { tempDir } from "../support/temp.ts";

Deno.test("directories that are joined and left at once are all noted", async () => {
  await using home = await tempDir();
  const environment = (name: string) => name === "XDG_STATE_HOME" ? home.path : undefined;
  const launch = { dir: "/first", words: ["/first"], cwd: "/" };
  const mount = (number: number) => ({ dir: `/d${number}`, shows: null });
  await writeLaunch(environment, "first", { ...launch, joined: [mount(0)] });
  await Promise.all([
    noteJoined(environment, "first", { left: "/d0" }),
    ...[1, 2, 3, 4, 5, 6].map((number) => noteJoined(environment, "first", { joined: mount(number) })),
  ]);
  const { joined = [] } = await readLaunch(environment, "first") ?? {};
  assert.deepEqual(joined.map(({ dir }) => dir).sort(), [1, 2, 3, 4, 5, 6].map((number) => `/d${number}`));
  await noteJoined(environment, "nobody", { joined: mount(1) });
  assert.equal(await readLaunch(environment, "nobody"), undefined);
});
