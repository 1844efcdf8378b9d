/**
 * What tools do to the names of files in a draft of a workspace on a real mount, and what is staged on a disk that goes on.
 *
 * @module
 */
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { sh } from "../support/command.ts";
import { workspaceTest } from "./packer_scene.ts";

const onMount = (...args: Parameters<typeof workspaceTest>) => Deno.test(workspaceTest(...args));

onMount(
  "a file that gets a name of an editor's, or one that looks like it, is there under that name after the apply",
  ["hero", "villain"],
  async ({ workspace, shell, omnifs }) => {
    await shell(`
      mv 1/files/a.txt 1/files/textures
      mv 2/files/a.txt 2/files/a.txt.orig
      echo new > 2/files/README.bak`);
    match(await omnifs(["draft", "diff", "d"]), /textures[^]*a\.txt\.orig[^]*left out, .*README\.bak\n$/);
    match(
      await omnifs(["draft", "apply", "d"]),
      /left out, by its name an editor's: .*\/2\/files\/README\.bak\n$/,
    );
    const { stdout } = await sh(
      `cd ${workspace.at("")} && cat hero/textures villain/a.txt.orig; ls hero villain`,
    );
    strictEqual(
      stdout,
      "the first of hero\nthe first of villain\nhero:\nasset.json\ntextures\n\n" +
        "villain:\na.txt.orig\nasset.json\n",
    );
  },
);

onMount(
  "editors write in files/ as they are used to, with every kind of backup, and only the text is in the draft",
  ["hero"],
  async ({ shell, omnifs, cat, shadow }) => {
    const edits = [
      "sed -i s/first/second/ a.txt",
      "sed -i.bak s/first/second/ a.txt",
      "perl -i -pe s/first/second/ a.txt",
      "perl -i.bak -pe s/first/second/ a.txt",
      "vim -es -u NONE -c 'set backup backupcopy=no' -c '%s/first/second/' -c wq a.txt",
      "vim -es -u NONE -c 'set nobackup writebackup backupcopy=no' -c '%s/first/second/' -c wq a.txt",
      "sed s/first/second/ a.txt > .a.txt.AbC123; mv .a.txt.AbC123 a.txt",
      "mv a.txt a.txt~; sed s/first/second/ a.txt~ > a.txt",
    ];
    for (const edit of edits) {
      if ((await sh(`command -v ${edit.split(" ")[0]}`)).code !== 0) continue;
      await shell(`cd 1/files; ${edit}`);
      strictEqual(await cat(`${shadow}/1/files/a.txt`), "the second of hero\n", edit);
      const { changes } = JSON.parse(await omnifs(["draft", "show", "d", "--output", "json"]));
      deepStrictEqual(
        changes.map(({ path, change }: Record<string, string>) => `${change} ${path}`),
        ["write /packer/game/_assets/_all/1/files/a.txt"],
        edit,
      );
      await omnifs(["draft", "discard", "d"]);
      await omnifs(["draft", "new", "d"]);
    }
  },
);

onMount(
  "a conflict of what goes and of what is new is over after a rebase, and a new file is staged once",
  ["hero", "villain"],
  async ({ workspace, shell, omnifs, settled, live }) => {
    await workspace.write("hero/deep/one.txt", "one\n");
    const shows = (path: string) => settled(path, async () => (await sh(`cat ${live}/${path}`)).code === 0);
    await shows("1/files/deep/one.txt");
    await shell("rm -r 1/files/deep; rm 2/files/a.txt; echo ours > 1/files/new.txt");
    await workspace.write("hero/deep/two.txt", "two\n");
    await workspace.write("hero/new.txt", "theirs\n");
    await workspace.write("villain/a.txt", "theirs\n");
    for (const path of ["1/files/deep/two.txt", "1/files/new.txt"]) await shows(path);
    await settled("a.txt", async () => (await sh(`cat ${live}/2/files/a.txt`)).stdout === "theirs\n");
    const path = "/packer/game/_assets/_all/1/files/new.txt";
    await omnifs(["draft", "write", path, "d"], 0, "again\n");
    match(await omnifs(["draft", "show", "d"]), /A [^\n]*new\.txt {2}6 bytes\n/);
    match(await omnifs(["draft", "apply", "d"], 4), /^conflict/);
    await Deno.remove(workspace.at("villain/a.txt"));
    await settled("no a.txt", async () => (await sh(`cat ${live}/2/files/a.txt`)).code !== 0);
    match(await omnifs(["draft", "apply", "d"], 4), /rebase d\n$/);
    const told = await omnifs(["draft", "rebase", "d"]);
    match(told, /new text: [^\n]*\/1\/files\/deep\n/);
    match(told, /as a write over it: [^\n]*new\.txt\n/);
    match(told, /out of the draft: [^\n]*\/2\/files\/a\.txt\n/);
    await omnifs(["draft", "apply", "d"]);
    const { stdout } = await sh(`cd ${workspace.at("")} && cat hero/new.txt; ls hero/deep; ls villain`);
    strictEqual(stdout, "again\nasset.json\n");
  },
);
