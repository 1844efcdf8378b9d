/**
 * One process holds a workspace, and whoever comes second is told which.
 *
 * @module
 */
import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { holderOf } from "../../runtime/packer/mod.ts";
import { until } from "../support/deadline.ts";
import { NOTICED, Workspace } from "./workspace.ts";

Deno.test("a workspace that is held is refused to others, by the name of its holder", async () => {
  await using workspace = await Workspace.with("hero");
  strictEqual(await holderOf(workspace.path), undefined);
  {
    await using _first = await workspace.open({ program: "omnifs mount /mnt/x" });
    await rejects(workspace.open(), {
      kind: "busy",
      message: `the workspace is held by omnifs mount /mnt/x (pid ${Deno.pid})`,
    });
    const holder = await holderOf(workspace.path);
    deepStrictEqual([holder?.pid, holder?.program], [Deno.pid, "omnifs mount /mnt/x"]);
  }
  strictEqual(await holderOf(workspace.path), undefined);
  await using second = await workspace.open();
  strictEqual(second.packer.status().state, "clean");
});

Deno.test("the lock of another process is seen, and is free once that is dead", async () => {
  await using workspace = await Workspace.with("hero");
  const script = new URL("holds_script.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", script, workspace.path],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  try {
    const reader = child.stdout.getReader();
    match(new TextDecoder().decode((await reader.read()).value), /held/);
    await reader.cancel();
    await rejects(workspace.open(), {
      kind: "busy",
      message: `the workspace is held by a stranger (pid ${child.pid})`,
    });
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
  await using open = await until(
    () => workspace.open().catch(() => undefined),
    NOTICED,
    "the lock of the dead",
  );
  strictEqual(open.packer.status().recovery.outcome, "none");
});
