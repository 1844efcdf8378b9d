/**
 * A workspace on a real mount: what an author and a person with a shell see of it, while the packer keeps an eye on it.
 *
 * @module
 */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { run } from "../support/command.ts";
import { until } from "../support/deadline.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { type Mounted, mountOmnifs } from "../support/mount.ts";
import { declaration, NOTICED, Workspace } from "../packer/workspace.ts";

const obstacle = await fuseIsThere() ? undefined : "no mount can be made";
if (obstacle !== undefined) console.log(`no test of the packer on a mount: ${obstacle}`);

/** A mount of a workspace. */
interface PackerMount {
  readonly workspace: Workspace;
  readonly mounted: Mounted;
  /** What `cat` prints of a path of the project. */
  readonly cat: (path: string) => Promise<string>;
  /** What `ls` prints of a path of the project, sorted. */
  readonly ls: (path: string) => Promise<string[]>;
}

function onMount(name: string, roots: readonly string[], test: (mount: PackerMount) => Promise<void>): void {
  Deno.test({
    name,
    ignore: obstacle !== undefined,
    fn: async () => {
      await using workspace = await Workspace.with(...roots);
      await using mounted = await mountOmnifs(["--provider=packer", `--workspace=game=${workspace.path}`]);
      const top = `${mounted.dir}/packer/game`;
      const text = async (program: string, path: string) => {
        const { code, stdout, stderr } = await run(program, [`${top}/${path}`]);
        if (code !== 0) throw new Error(`${program} ${path}: ${stderr}`);
        return stdout;
      };
      await test({
        workspace,
        mounted,
        cat: (path) => text("cat", path),
        ls: async (path) =>
          (await text("ls", path)).trim().split("\n").filter((each) => each !== "").toSorted(),
      });
    },
  });
}

onMount("a workspace reads as a tree, and takes no writes", ["hero", "ui/button"], async (mount) => {
  const { mounted, workspace, cat, ls } = mount;
  deepStrictEqual(await ls(""), [
    "_assets",
    "_builds",
    "_divergence",
    "events.jsonl",
    "generation",
    "index.json",
    "status",
  ]);
  strictEqual(await cat("generation"), "1\n");
  strictEqual(await cat("index.json"), await workspace.read(".prometeu/index.json"));
  deepStrictEqual(await ls("_assets/_all"), ["1", "2"]);
  strictEqual(await cat("_assets/_all/2/root"), "ui/button\n");
  strictEqual(await cat("_assets/_included/1/asset.json"), declaration(1, "hero"));
  const copy = await run("diff", [
    "-r",
    workspace.at("hero"),
    `${mounted.dir}/packer/game/_assets/_all/1/files`,
  ]);
  strictEqual(copy.stdout + copy.stderr, "");
  const write = await run("sh", ["-c", `echo x > ${mounted.dir}/packer/game/_assets/_all/1/files/a.txt`]);
  match(write.stderr, /Read-only file system/);
});

onMount("an edit on disk is what the next cat prints, and drops nothing of another asset", [
  "hero",
  "villain",
], async (mount) => {
  const { mounted, workspace, cat, ls } = mount;
  const [mine, other] = ["_assets/_all/1/files", "_assets/_all/2/files"];
  await ls(mine);
  await ls(other);
  strictEqual(await cat(`${mine}/a.txt`), "the first of hero\n");
  strictEqual(await cat(`${other}/a.txt`), "the first of villain\n");
  await workspace.write("hero/a.txt", "edited\n");
  await until(async () => await cat(`${mine}/a.txt`) === "edited\n", NOTICED, "the edit");
  await workspace.write("hero/sub/new.txt", "new\n");
  await until(
    async () => (await ls(mine)).includes("sub") && (await ls(`${mine}/sub`)).length > 0,
    NOTICED,
    "the new file",
  );
  strictEqual(await cat(`${mine}/sub/new.txt`), "new\n");
  await Deno.remove(workspace.at("hero/sub"), { recursive: true });
  await until(async () => !(await ls(mine)).includes("sub"), NOTICED, "the removal");
  const dropped: string[] = [];
  for await (const { type, data } of mounted.client.events(0, false)) {
    if (type === "cache.invalidated" && "what" in data) dropped.push(data.what);
  }
  ok(dropped.includes("node file/game/1/a.txt"), dropped.join("\n"));
  deepStrictEqual(dropped.filter((what) => / \S+\/game\/2(\/|$)|^watch /.test(what)), []);
});

onMount(
  "what waits for a decision is shown, decided on through the daemon, and gone",
  ["hero"],
  async (mount) => {
    const { mounted, workspace, cat, ls } = mount;
    const before = await Deno.stat(`${mounted.dir}/packer/game/_assets/_all/1/files/a.txt`);
    await Deno.rename(workspace.at("hero"), workspace.at("moved"));
    await until(async () => (await ls("_divergence")).length > 0, NOTICED, "the divergence");
    match(await cat("status"), /^diverged\nhero: asset 1 lies in moved\n$/);
    strictEqual(await cat("_divergence/1/kind"), "root-moved\n");
    const status = await mounted.omnifs([
      "packer",
      "status",
      "--workspace",
      workspace.path,
      "--output",
      "json",
    ]);
    strictEqual(JSON.parse(status.stdout).noticing, "watch", "the daemon answers, not the command");
    const plan = await mounted.omnifs(["packer", "reconcile", "--workspace", workspace.path]);
    match(plan.stdout, /--accept 1=relocate\s+register moved as its directory/);
    const { code, stdout } = await mounted.omnifs([
      "packer",
      "reconcile",
      "--all",
      "--workspace",
      workspace.path,
    ]);
    deepStrictEqual([code, stdout], [0, "settled  hero: relocate\ngeneration 2\n"]);
    await until(async () => (await cat("status")).startsWith("clean"), NOTICED, "clean");
    deepStrictEqual(await ls("_divergence"), []);
    strictEqual(await cat("_assets/_all/1/root"), "moved\n");
    const after = await Deno.stat(`${mounted.dir}/packer/game/_assets/_all/1/files/a.txt`);
    strictEqual(after.ino, before.ino, "the file is the same file");
  },
);

onMount(
  "a build is made through the daemon and read from the mount",
  ["hero"],
  async ({ mounted, workspace, cat, ls }) => {
    deepStrictEqual(await ls("_builds"), []);
    const built = await mounted.omnifs(["packer", "build", "--workspace", workspace.path]);
    strictEqual(built.code, 0, built.stderr);
    await until(async () => (await ls("_builds")).length > 0, NOTICED, "the build");
    strictEqual(JSON.parse(await cat("_builds/latest/manifest.json")).generation, 1);
    const archive = await run("tar", ["-tf", `${mounted.dir}/packer/game/_builds/latest/assets.tar`]);
    strictEqual(archive.stdout, "hero/a.txt\nhero/asset.json\n");
  },
);

Deno.test({
  name: "two workspaces are mounted under their names; a workspace that is held elsewhere is refused by name",
  ignore: obstacle !== undefined,
  fn: async () => {
    await using first = await Workspace.with("hero");
    await using second = await Workspace.with("villain");
    await using mounted = await mountOmnifs([
      "--provider=packer",
      `--workspace=one=${first.path}`,
      `--workspace=two=${second.path}`,
    ]);
    const { stdout } = await run("ls", [`${mounted.dir}/packer`]);
    strictEqual(stdout, "README.md\none\ntwo\n");
    const refused = await mounted.omnifs(["ls", "/packer", "--workspace", first.path]);
    strictEqual(refused.code, 1);
    match(refused.stderr, /the workspace is held by omnifs mount .*\/mnt \(pid \d+\)/);
  },
});
