/**
 * What killed processes leave is swept up, and what somebody still needs is not.
 *
 * @module
 */
import assert from "node:assert/strict";
import { systemClock } from "../../runtime/base/clock.ts";
import { sweep } from "../../runtime/cli/leftovers.ts";
import { tempDir } from "../support/temp.ts";
import { filesBelow } from "./traces.ts";

/** A process id that nobody has: above the highest that Linux hands out (`PID_MAX_LIMIT`, proc_sys_kernel(5)). */
const NOBODY = 4_194_305;

/** A moment in which everything was given up long ago. */
const LONG_AGO = new Date(2020, 0, 1);

Deno.test("what is over is swept up, and what may still be needed stays", async () => {
  await using temp = await tempDir();
  const home = temp.path;
  const folders: Record<string, string> = {
    OMNIFS_RUNTIME_DIR: `${home}/run`,
    XDG_STATE_HOME: `${home}/state`,
    XDG_CACHE_HOME: `${home}/cache`,
    TMPDIR: `${home}/tmp`,
  };
  const write = async (path: string, old: boolean) => {
    await Deno.mkdir(`${home}/${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
    await Deno.writeTextFile(`${home}/${path}`, "");
    if (old) await Deno.utime(`${home}/${path}`, LONG_AGO, LONG_AGO);
  };
  const age = (path: string) => Deno.utime(`${home}/${path}`, LONG_AGO, LONG_AGO);

  const over = [
    `run/start-${NOBODY}`,
    "run/ab.json.new",
    "run/cd.sock",
    "state/omnifs/.grants-x",
    "state/omnifs/.doctor-x",
    "cache/omnifs/components/aa.uuid.tmp/index.json",
    `tmp/omnifs-demo-${NOBODY}-x/docker.sock`,
  ];
  for (const path of over) await write(path, true);
  await age("cache/omnifs/components/aa.uuid.tmp");
  await age(`tmp/omnifs-demo-${NOBODY}-x`);
  const needed = [
    `run/start-${Deno.pid}`,
    "run/ef.json.new",
    "run/gh.sock",
    "run/gh.json",
    "state/omnifs/.grants-y",
    "cache/omnifs/components/bb.uuid.tmp/index.json",
    "cache/omnifs/components/cc/index.json",
    `tmp/omnifs-demo-${Deno.pid}-y/docker.sock`,
    `tmp/omnifs-demo-${NOBODY}-young/docker.sock`,
    "tmp/somebody-elses",
  ];
  for (const path of needed) await write(path, false);
  await age(`tmp/omnifs-demo-${Deno.pid}-y`);
  // Whoever binds this one has not written its record yet.
  using _listener = Deno.listen({ transport: "unix", path: `${home}/run/ij.sock` });

  const removed = await sweep((name) => folders[name], systemClock);
  assert.deepEqual(
    removed.map((path) => path.slice(home.length + 1)).sort(),
    over.map((path) => path.replace(/\/(index\.json|docker\.sock)$/, "")).sort(),
  );
  const left = (await filesBelow(home)).filter((path) => !path.endsWith(".lock"));
  assert.deepEqual(left, [...needed, "run/ij.sock"].sort());
  assert.deepEqual(await sweep((name) => folders[name], systemClock), [], "there is nothing more");
});
