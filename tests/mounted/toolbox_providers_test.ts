/**
 * The toolbox matrix on every provider: the demo's tree, against a copy of it on a disk.
 *
 * @module
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { run, sh } from "../support/command.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { mountDemo, type Mounted } from "../support/mount.ts";
import { tempDir } from "../support/temp.ts";
import { buildMapped, overlaid, reads, refuses, type Stage, step } from "./matrix.ts";
import { ANYWHERE, WRITERS } from "./tools.ts";

/** A part of each provider's tree that stays as it is for as long as nothing happens upstream. */
const TREES: Readonly<Record<string, string>> = {
  hello: "hello",
  github: "github/acme/lighthouse",
  linear: "linear/teams/ENG",
  docker: "docker/images",
  arxiv: "arxiv/categories/physics.ao-ph",
  dns: "dns/lighthouse.example",
};

Deno.test({
  name: "on every provider, each tool of the toolbox does what it does on a disk",
  ignore: !(await fuseIsThere()),
  async fn(t) {
    await using home = await tempDir();
    const scratch = join(home.path, "scratch");
    await buildMapped(scratch);
    await using mounted = await mountDemo();
    deepStrictEqual(
      (await sh(`ls ${mounted.dir}`)).stdout.trim().split("\n"),
      Object.keys(TREES).toSorted(),
      "there is a tree for each provider",
    );
    for (const [provider, path] of Object.entries(TREES)) {
      await t.step(provider, async (t) => {
        await matrix(t, await stageOf(mounted, path, join(home.path, provider), scratch));
      });
    }
    await t.step("after all of that the mount still answers, and logged no failure", async () => {
      const { errors, providers } = await mounted.status();
      deepStrictEqual(errors, []);
      ok(providers.every(({ state }) => state === "ready"));
    });
  },
});

async function matrix(t: Deno.TestContext, stage: Stage): Promise<void> {
  for (const row of ANYWHERE) await step(t, row, () => reads(row, stage));
  for (const row of WRITERS) await step(t, row, () => refuses(row, stage));
  const script = `
    echo more >> "merged/$FILE"; mkdir merged/new
    tail -n 1 "merged/$FILE"; cmp "$BOX/$FILE" "$MIRROR/$FILE"; test ! -e "$BOX/new"
  `;
  await overlaid(t, stage, script, ({ stdout }) => strictEqual(stdout, "more\n"));
}

/** A copy of the tree at `path`, with its times, and what the rows ask about. */
async function stageOf(mounted: Mounted, path: string, mirror: string, scratch: string): Promise<Stage> {
  const box = join(mounted.dir, path);
  const { code, stderr } = await run("cp", ["-a", box, mirror]);
  strictEqual(code, 0, stderr);
  const first = async (what: string) => {
    const { stdout } = await sh(`find . -mindepth 1 ${what} | LC_ALL=C sort | head -n 1`, { cwd: mirror });
    return stdout.trimEnd();
  };
  const file = await first("-type f -size +0");
  ok(file !== "", `a file in ${path}`);
  // A domain has no folder in it, so it stands for itself.
  return { box, mirror, scratch, file, folder: await first("-type d") || box };
}
