/**
 * Changes of a workspace through drafts on a real mount: what a person does with a shell, and what becomes of the files.
 *
 * @module
 */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { run, sh } from "../support/command.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { type Mounted, mountOmnifs, ROOT } from "../support/mount.ts";
import { stepsOf } from "../support/transcript.ts";
import { following } from "./following.ts";
import { workspaceTest } from "./packer_scene.ts";
import { declaration, Workspace } from "../packer/workspace.ts";

const ignore = !(await fuseIsThere());

const onMount = (...args: Parameters<typeof workspaceTest>) => Deno.test(workspaceTest(...args));

/** What the author's disk says of every file below `assets/`, but for the packer's own. */
async function facts(workspace: Workspace): Promise<Map<string, string>> {
  const script = `cd ${
    workspace.at("")
  } && find . -path ./.prometeu -prune -o -type f -printf '%p %i %m %s %T@\\n'`;
  const lines = (await sh(script)).stdout.trim().split("\n");
  return new Map(lines.map((line) => {
    const space = line.indexOf(" ");
    return [line.slice(2, space), line.slice(space + 1)];
  }));
}

onMount(
  "a shell edits, moves, registers and takes out assets; one apply is one generation, and nothing else is touched",
  ["hero", "villain", "old", "quiet"],
  async (scene) => {
    const { workspace, live, shadow, shell, omnifs, cat } = scene;
    await Deno.chmod(workspace.at("quiet/a.txt"), 0o640);
    await Deno.utime(workspace.at("quiet/a.txt"), 1_000_000_000, 1_000_000_000);
    await scene.settled(
      "the times of quiet",
      async () => (await Deno.stat(`${live}/4/files/a.txt`)).mtime?.getTime() === 1_000_000_000_000,
    );
    const before = await facts(workspace);
    const generation = Number(await cat(`${live}/../../generation`));
    await shell(`
      sed -i 's/first/second/' 1/files/a.txt
      echo cast/hero > 1/root
      echo false > 2/included_in_build
      mkdir -p lamp/files/deep
      cp ${workspace.at("quiet/a.txt")} lamp/files/deep/glow.txt
      echo props/lamp > lamp/root
      grep -v asset_uuid ${workspace.at("quiet/asset.json")} > lamp/asset.json
      rm -r 3`);
    strictEqual(await cat(`${live}/1/files/a.txt`), "the first of hero\n", "the live tree is as before");
    deepStrictEqual(await facts(workspace), before, "and so is the disk");
    strictEqual(await cat(`${shadow}/1/files/a.txt`), "the second of hero\n");
    const diff = await omnifs(["draft", "diff", "d"]);
    match(diff, /-the first of hero\n\+the second of hero\n/);
    match(diff, /-hero\n\+cast\/hero\n/);
    match(diff, /b\/packer\/game\/_assets\/_all\/lamp\/files\/deep\/glow\.txt/);
    match(await omnifs(["draft", "apply", "--dry-run", "d"]), /1 step, none of them done/);
    deepStrictEqual(await facts(workspace), before);
    match(
      await omnifs(["draft", "apply", "d"]),
      /applied, 1 step:\n +commit to game: .*move hero to cast\/hero/,
    );

    strictEqual(Number(await cat(`${live}/../../generation`)), generation + 1, "one generation");
    strictEqual(await cat(`${live}/1/root`), "cast/hero\n");
    strictEqual(await cat(`${live}/1/files/a.txt`), "the second of hero\n");
    strictEqual((await sh(`ls ${live}`)).stdout, "1\n2\n4\n5\n");
    strictEqual((await sh(`ls ${live}/../_excluded`)).stdout, "2\n");
    strictEqual(await cat(`${live}/5/files/deep/glow.txt`), "the first of quiet\n");
    strictEqual(await workspace.read("cast/hero/a.txt"), "the second of hero\n");
    strictEqual(await workspace.read("props/lamp/deep/glow.txt"), "the first of quiet\n");
    strictEqual(await workspace.read("old/a.txt"), "the first of old\n", "the files of an asset stay");

    const after = await facts(workspace);
    const moved = (path: string) => path.replace(/^hero\//, "cast/hero/");
    for (const [path, fact] of before) {
      if (path === "hero/a.txt") continue;
      strictEqual(after.get(moved(path)), fact, `${path} keeps its inode, mode, size and time`);
    }
    const [, mode] = (after.get("cast/hero/a.txt") ?? "").split(" ");
    strictEqual(mode, before.get("hero/a.txt")?.split(" ")[1], "what is replaced keeps its mode");
    match(await omnifs(["draft", "ls"]), /no draft/);
  },
);

onMount(
  "files come, go and get other names; what is made inside a new directory is part of it",
  ["hero"],
  async (scene) => {
    const { workspace, live, shell, omnifs } = scene;
    await workspace.write("hero/b.txt", "b\n");
    await scene.settled("b.txt", async () => (await sh(`ls ${live}/1/files`)).stdout.includes("b.txt"));
    await shell(`cd 1/files
      mv a.txt renamed.txt
      rm b.txt
      mkdir -p new/deep
      printf 'bytes\\000\\377' > new/deep/c.bin`);
    strictEqual(
      await shell("cd 1/files; find . -type f | sort"),
      "./asset.json\n./new/deep/c.bin\n./renamed.txt\n",
    );
    await omnifs(["draft", "apply", "d"]);
    const { stdout } = await sh(`cd ${workspace.at("hero")} && find . -type f | sort`);
    strictEqual(stdout, "./asset.json\n./new/deep/c.bin\n./renamed.txt\n");
    deepStrictEqual(
      [...await Deno.readFile(`${live}/1/files/new/deep/c.bin`)],
      [...new TextEncoder().encode("bytes"), 0, 255],
    );
    strictEqual((await sh(`cat ${live}/1/files/renamed.txt`)).stdout, "the first of hero\n");
  },
);

onMount(
  "what the disk says otherwise by then is a conflict: exit 4, and nothing is changed",
  ["hero", "villain"],
  async (scene) => {
    const { workspace, live, shell, omnifs, cat } = scene;
    await shell("echo mine > 1/files/a.txt; echo false > 2/included_in_build");
    await workspace.write("hero/a.txt", "theirs\n");
    await scene.settled("the edit", async () => await cat(`${live}/1/files/a.txt`) === "theirs\n");
    const [before, index] = [await facts(workspace), await workspace.read(".prometeu/index.json")];
    const told = await omnifs(["draft", "apply", "d"], 4);
    match(told, /a\.txt is now "theirs", and was "the first of hero" when it was staged/);
    deepStrictEqual(await facts(workspace), before);
    strictEqual(await workspace.read(".prometeu/index.json"), index);
    match(await omnifs(["draft", "rebase", "d"]), /now staged on the upstream's new text: .*a\.txt/);
    await omnifs(["draft", "apply", "d"]);
    strictEqual(await workspace.read("hero/a.txt"), "mine\n");
    strictEqual(await cat(`${live}/../_excluded/2/root`), "villain\n");
  },
);

onMount(
  "what the packer's rules refuse is told at the apply, with path and line, and changes nothing",
  ["hero", "villain"],
  async (scene) => {
    const { workspace, shell, omnifs } = scene;
    const bad = await run("bash", ["-c", `echo perhaps > ${scene.shadow}/1/included_in_build`]);
    match(bad.stderr, /Invalid argument/);
    const wrong = await run("bash", ["-c", `echo x > ${scene.shadow}/1/uuid`]);
    match(wrong.stderr, /Operation not permitted/);
    await shell(`sed -i 's/"image",/"image"/' 1/asset.json; echo villain > 1/root`);
    const told = await omnifs(["draft", "apply", "d"], 4);
    match(told, /hero\/asset\.json:6: not JSON/);
    match(told, /villain meets the root of asset 2/);
    strictEqual(await workspace.read("hero/asset.json"), declaration(1, "hero"));
  },
);

onMount(
  "omnifs events tells what an edit, a draft and a decision brought about, in causal order, each under one correlation",
  ["hero", "villain"],
  async (scene) => {
    const { workspace, shell, omnifs, cat, live } = scene;
    // In one piece: whoever looks between two pieces of a slow edit sees two edits.
    await Deno.writeTextFile(`${workspace.path}/new.txt`, "edited\n");
    await Deno.rename(`${workspace.path}/new.txt`, workspace.at("hero/a.txt"));
    await scene.settled("the edit", async () => await cat(`${live}/1/files/a.txt`) === "edited\n");
    await shell("echo false > 1/included_in_build");
    await omnifs(["draft", "apply", "d"]);
    await Deno.rename(workspace.at("villain"), workspace.at("moved"));
    await scene.settled(
      "the move",
      async () => (await sh(`cat ${live}/../../_divergence/*/kind`)).stdout === "root-moved\n",
    );
    await omnifs(["packer", "reconcile", "--all", "--workspace", workspace.path]);
    const all = (await omnifs(["events", "--type", "packer", "--output", "jsonl"])).trim().split("\n")
      .map((line) => JSON.parse(line));
    const generations = all.filter(({ type }) => type === "packer.generation");
    deepStrictEqual(generations.map(({ data }) => [data.by, data.generation]), [
      ["intake", 2],
      ["commit", 3],
      ["reconcile", 4],
    ]);
    const states = (by: string) => {
      const { correlation } = generations.find(({ data }) => data.by === by).data;
      return all.filter(({ data }) => data.correlation === correlation)
        .map(({ type, data }) => type === "packer.state" ? data.state : type.slice("packer.".length));
    };
    // One that is old enough when it is looked at is taken in at once.
    ok(["generation", "stale generation clean"].includes(states("intake").join(" ")));
    deepStrictEqual(states("commit"), ["generation"]);
    deepStrictEqual(states("reconcile"), ["reconciling", "generation", "settled", "clean"]);
    ok(all.every(({ data }) => data.cause !== ""), "each says why");
    const [, second, third] = all;
    deepStrictEqual(
      (await omnifs(["events", "--type", "packer", "--output", "jsonl", "--since", `${second.sequence}`]))
        .split("\n")[0],
      JSON.stringify(third),
    );
  },
);

/** What an apply is heard as, file by file; `before` is done once somebody watches. */
function heard(name: string, before: (mounted: Mounted) => Promise<unknown>): void {
  onMount(name, ["hero", "villain", "quiet"], async ({ live, shell, omnifs, settled, mounted }) => {
    await sh(`ls -R ${live}; cat ${live}/*/files/a.txt ${live}/1/root`);
    await using watcher = following("sh", "-c", `exec inotifywait -m -r --format '%w%f %e' ${live} 2>&1`);
    const hears = (line: string) => settled(line, () => Promise.resolve(watcher.text().includes(line)));
    await hears("Watches established");
    await before(mounted);
    await shell("echo edited > 1/files/a.txt; echo new > 1/files/new.txt; echo cast/hero > 1/root; rm -r 2");
    await omnifs(["draft", "apply", "d"]);
    for (
      const line of ["1/files/a.txt MODIFY", "1/files/new.txt CREATE", "1/root MODIFY", "/2 DELETE,ISDIR"]
    ) {
      await hears(line);
    }
    const quiet = watcher.text().split("\n").filter((line) =>
      /\/3\/.* (MODIFY|CREATE|DELETE|MOVED)/.test(line)
    );
    deepStrictEqual(quiet, []);
  });
}

heard(
  "inotifywait hears file by file what an apply has changed, and nothing of an asset that it left alone",
  () => Promise.resolve(),
);

if (Deno.uid() === 0) {
  // A remount makes the kernel drop every name of it that nobody uses, as a lack of memory does (`shrink_dcache_sb`).
  heard("it does so when the kernel has forgotten all but what is watched", async ({ dir }) => {
    strictEqual((await sh(`mount -i -o remount ${dir}`)).code, 0);
  });
}

Deno.test({
  name: "without --allow-apply nothing of a workspace can be staged",
  ignore,
  fn: async () => {
    await using workspace = await Workspace.with("hero");
    await using mounted = await mountOmnifs(["--provider=packer", `--workspace=game=${workspace.path}`]);
    await mounted.omnifs(["draft", "new", "d"]);
    const file = `${mounted.dir}/_drafts/d/packer/game/_assets/_all/1/files/a.txt`;
    match((await run("bash", ["-c", `echo x > ${file}`])).stderr, /Operation not permitted/);
    strictEqual(await workspace.read("hero/a.txt"), "the first of hero\n");
  },
});

Deno.test({
  name: "the transcript of drafts in docs/packer.md is what a person sees",
  ignore,
  fn: async () => {
    const steps = stepsOf(await Deno.readTextFile(join(ROOT, "docs", "packer.md")), "drafts transcript");
    await using workspace = await Workspace.with("hero", "button");
    await using mounted = await mountOmnifs([
      "--provider=packer",
      "--allow-apply=packer",
      `--workspace=game=${workspace.path}`,
    ]);
    const home = mounted.env["HOME"] ?? "";
    await Deno.symlink(mounted.dir, `${home}/omnifs`);
    await Deno.symlink(workspace.path, `${home}/game`);
    const omnifs = `omnifs() { '${Deno.execPath()}' run -A '${join(ROOT, "main.ts")}' "$@"; }`;
    const said = steps.map(({ command }, step) => `echo '@@${step}'\n${command}`);
    const { stdout } = await sh(["exec 2>&1", omnifs, ...said].join("\n"), {
      env: { ...mounted.env },
      deadline: 120_000,
    });
    const shown = stdout.split(/^@@\d+\n/m).slice(1);
    const seen = steps.map(({ command }, step) => ({ command, output: shown[step]?.trimEnd() ?? "" }));
    deepStrictEqual(seen, steps);
    ok(steps.length >= 8);
  },
});
