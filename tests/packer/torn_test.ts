/**
 * A commit that was cut off and whose files somebody has changed since is neither n nor n+1: it is told as failed,
 * and ended as the user chooses.
 *
 * @module
 */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { COMMANDS, crashWorkspace } from "./crash.ts";
import { Scouting } from "./local_scout.ts";
import { MortalDisk } from "./mortal_disk.ts";
import { type OpenWorkspace, Workspace } from "./workspace.ts";

const scout = (assets: string) => new Scouting(assets);

/** A workspace in which {@linkcode COMMANDS} were decided and not carried out, and a file was edited since. */
async function torn(path: string): Promise<Workspace> {
  const workspace = await crashWorkspace();
  const disk = new MortalDisk(await decided(), "dies after");
  {
    await using open = await workspace.open({ disk, scout });
    await open.packer.digested();
    disk.arm();
    await rejects(open.packer.commit(COMMANDS));
  }
  await workspace.write(path, "the author was here\n");
  return workspace;
}

/** The number of the call that decides the commit. */
async function decided(): Promise<number> {
  await using workspace = await crashWorkspace();
  const disk = new MortalDisk();
  await using open = await workspace.open({ disk, scout });
  await open.packer.digested();
  disk.arm();
  await open.packer.commit(COMMANDS);
  return disk.calls.findIndex((call) => call.startsWith("rename") && call.endsWith("/commit.json")) + 1;
}

function about(open: OpenWorkspace) {
  const [divergence] = open.packer.divergences();
  strictEqual(divergence?.kind, "commit-torn");
  strictEqual(divergence.preferred, undefined);
  return divergence;
}

Deno.test("a torn commit is failed, with a diagnosis, and nothing is touched", async () => {
  await using workspace = await torn("villain/a.txt");
  await using open = await workspace.open({ scout });
  const { state, generation, recovery } = open.packer.status();
  strictEqual(state, "failed");
  strictEqual(generation, 1);
  strictEqual(recovery.outcome, "torn");
  const { detail, path, choices } = about(open);
  match(detail, /from generation 1 to 2 was cut off, and villain\/a.txt: it was changed by another program/);
  strictEqual(path, "villain/a.txt");
  deepStrictEqual(choices.map(({ name }) => name), ["finish", "abandon"]);
  strictEqual(await workspace.read("villain/a.txt"), "the author was here\n");
  strictEqual(await workspace.read("hero/a.txt"), "the first of hero\n");
  await rejects(open.packer.commit([{ do: "put", asset: 3, path: "x", content: "" }]), { kind: "conflict" });
  deepStrictEqual((await open.packer.reconcile("all")).settled, [], "nobody decides this but the user");
});

Deno.test("a torn commit is finished where the user says so, and the author's bytes are kept", async () => {
  await using workspace = await torn("villain/a.txt");
  await using open = await workspace.open({ scout });
  await open.packer.reconcile([{ id: about(open).id, choice: "finish" }]);
  strictEqual(open.packer.status().state, "clean");
  strictEqual(open.packer.generation, 2);
  strictEqual(await open.text(1, "a.txt"), "written anew\n");
  strictEqual(await workspace.has("villain/a.txt"), false);
  strictEqual(await workspace.read(".prometeu/rescued/2-villain_a.txt"), "the author was here\n");
  const { findings } = await open.packer.doctor();
  ok(findings.some(({ rule, path }) => rule === "rescued" && path === ".prometeu/rescued/2-villain_a.txt"));
});

Deno.test("a torn commit is abandoned where the user says so, but for what the author has changed", async () => {
  await using workspace = await torn("villain/a.txt");
  await using open = await workspace.open({ scout });
  await open.packer.reconcile([{ id: about(open).id, choice: "abandon" }]);
  strictEqual(open.packer.status().state, "clean");
  strictEqual(open.packer.generation, 2, "what stands now is no generation that was there before");
  strictEqual(await workspace.read("villain/a.txt"), "the author was here\n");
  strictEqual(await open.text(1, "a.txt"), "the first of hero\n");
  await open.packer.commit(COMMANDS);
});

Deno.test("a decision that is cut off does not turn into the other one", async () => {
  for (let at = 1, met = true; met; at++) {
    await using workspace = await torn("villain/a.txt");
    const disk = new MortalDisk(at, "dies before");
    {
      await using open = await workspace.open({ disk, scout });
      disk.arm();
      await open.packer.reconcile([{ id: about(open).id, choice: "abandon" }]).catch(() => {});
    }
    met = disk.met;
    await using again = await workspace.open({ scout });
    if (again.packer.status().state === "failed") {
      // It never began: the question stands as before.
      await again.packer.reconcile([{ id: about(again).id, choice: "abandon" }]);
    }
    strictEqual(await workspace.read("hero/a.txt"), "the first of hero\n", `cut off at call ${at}`);
    strictEqual(await workspace.has("people"), false, `cut off at call ${at}`);
    strictEqual(again.packer.status().state, "clean");
  }
});

Deno.test("a commit record that is none is told, and dropped only where the user says so", async () => {
  await using workspace = await Workspace.with("hero");
  await (await workspace.open({ scout }))[Symbol.asyncDispose]();
  const outside = JSON.stringify({
    record_version: 1,
    correlation: "",
    from: 1,
    to: 2,
    folders: ["../../outside"],
    moves: [],
    writes: [],
    removes: [],
  });
  for (
    const [text, why] of [["{", /not a commit record/], [outside, /it names "\.\.\/\.\.\/outside"/]] as const
  ) {
    await workspace.write(".prometeu/staging/commit.json", text);
    await workspace.write(".prometeu/staging/commit-2/new-0", "staged");
    await using open = await workspace.open({ scout });
    strictEqual(open.packer.status().state, "failed");
    match(about(open).detail, why);
    strictEqual(await workspace.has("../../outside"), false);
    await open.packer.reconcile([{ id: about(open).id, choice: "abandon" }]);
    strictEqual(open.packer.status().state, "clean");
    strictEqual(await workspace.has(".prometeu/staging/commit.json"), false);
  }
});
