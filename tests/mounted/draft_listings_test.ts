/**
 * Listings of shadow directories on a real mount: the kernel keeps their lines, and shows none that are no longer true.
 *
 * @module
 */
import { match, ok, strictEqual } from "node:assert/strict";
import { run, sh } from "../support/command.ts";
import { until } from "../support/deadline.ts";
import { endMount, fuseIsThere } from "../support/kernel.ts";
import { mountOmnifs } from "../support/mount.ts";
import { tempDir } from "../support/temp.ts";
import { NOTICED, Workspace } from "../packer/workspace.ts";

const ignore = !(await fuseIsThere());

const ASSETS = "packer/game/_assets/_all";
const FILES = `${ASSETS}/1/files`;

Deno.test({
  name:
    "ls, diff -r and rsync of a draft see each change, whoever made it and in whichever directory of omnifs",
  ignore,
  fn: async () => {
    await using workspace = await Workspace.with("hero");
    const flags = ["--provider=packer", "--allow-apply=packer", `--workspace=game=${workspace.path}`];
    await using mounted = await mountOmnifs(flags);
    await using folder = await tempDir();
    const second = `${folder.path}/second`;
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(() => endMount(second));
    const omnifs = async (args: readonly string[], input?: string) => {
      const { code, stdout, stderr } = await mounted.omnifs(args, input === undefined ? {} : { input });
      strictEqual(code, 0, `omnifs ${args.join(" ")}: ${stderr}`);
      return stdout;
    };
    const dirs = [mounted.dir, second];
    /** What is in a directory of both mounts, by two looks: the second one is what the kernel has kept of the first. */
    const lists = async (path: string, ...names: string[]) => {
      for (const dir of [...dirs, ...dirs]) {
        strictEqual(
          (await run("ls", [`${dir}/_drafts/${path}`])).stdout,
          names.map((name) => `${name}\n`).join(""),
        );
      }
    };

    await omnifs(["mount", second, "--join", mounted.dir]);
    await lists("", "@session");
    await omnifs(["draft", "new", "d"]);
    await lists("", "@session", "d");
    await lists(`d/${FILES}`, "a.txt", "asset.json");

    await omnifs(["draft", "write", `${mounted.dir}/${FILES}/new.txt`, "d"], "new\n");
    await lists(`d/${FILES}`, "a.txt", "asset.json", "new.txt");
    const time = async () => (await run("stat", ["-c", "%.9Y", `${mounted.dir}/_drafts/d/${FILES}`])).stdout;
    const before = await time();
    await omnifs(["draft", "write", `${mounted.dir}/${FILES}/new.txt`, "d"], "newer\n");
    strictEqual(await time(), before, "other bytes are no other names");
    await omnifs(["draft", "write", "--remove", `${mounted.dir}/${FILES}/a.txt`, "d"]);
    await lists(`d/${FILES}`, "asset.json", "new.txt");
    ok(Number(await time()) > Number(before));

    // The same, read as a whole: what omnifs says, and what the tools see.
    const said = await omnifs(["draft", "diff", "d"]);
    const seen = await run("diff", ["-ruN", FILES, `_drafts/d/${FILES}`], { cwd: mounted.dir });
    const changes = (diff: string) =>
      diff.split("\n").filter((line) => /^[-+](?![-+]{2} )/.test(line)).sort();
    strictEqual(changes(seen.stdout).join("\n"), changes(said).join("\n"));
    match(seen.stdout, /^\+newer$/m);
    const copies = `rsync -r ${second}/_drafts/d/${FILES}/ ${folder.path}/copy && ls ${folder.path}/copy`;
    strictEqual((await sh(copies)).stdout, "asset.json\nnew.txt\n");

    await omnifs(["draft", "unstage", `${mounted.dir}/${FILES}/a.txt`, "d"]);
    await lists(`d/${FILES}`, "a.txt", "asset.json", "new.txt");
    await sh(`mkdir ${second}/_drafts/d/${FILES}/deep && touch ${second}/_drafts/d/${FILES}/deep/er`);
    await lists(`d/${FILES}/deep`, "er");
    await lists(`d/${FILES}`, "a.txt", "asset.json", "deep", "new.txt");

    await omnifs(["draft", "discard", "d"]);
    await lists("", "@session");
    await omnifs(["draft", "new", "d"]);
    await lists(`d/${FILES}`, "a.txt", "asset.json");

    await workspace.write("hero/live.txt", "live\n");
    for (const dir of dirs) {
      const shows = async () => (await run("ls", [`${dir}/_drafts/d/${FILES}`])).stdout.includes("live.txt");
      await until(shows, NOTICED, "a file that came in the live directory below");
    }
  },
});
