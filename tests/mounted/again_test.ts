/**
 * On a real mount: what goes and comes back, names that are taken by something else, and whoever looks in between.
 *
 * @module
 */
import assert from "node:assert/strict";
import { until } from "../support/deadline.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { type Following, following, watching } from "./following.ts";
import { mountScripted, text } from "./scripted/tree.ts";

const ignore = !(await fuseIsThere());

/** How long a program may take to see or hear something, in milliseconds. */
const SEEN_WITHIN = 30_000;

async function hears(program: Following, line: string): Promise<void> {
  await until(() => program.text().includes(line), SEEN_WITHIN, line);
}

const CHANGES = "-e modify,create,delete,move";

for (const mode of ["never", "auto"] as const) {
  Deno.test({
    name:
      `a directory that goes and comes back has all that is in it, also where somebody stands in the old one: ${mode}`,
    ignore,
    async fn() {
      await using tree = await mountScripted(mode);
      await tree.directory("", "open", "open");
      await tree.directory("open", "42", "i42");
      await tree.file("i42", "title", "t\n", "title");
      assert.equal(await text(tree, "ls open; cat open/42/title"), "42\nt\n");
      await using inside = following(
        "sh",
        "-c",
        `cd ${tree.top}/open/42 && echo there && exec tail -f /dev/null`,
      );
      await hears(inside, "there");
      await using _watcher = mode === "auto" ? await watching(CHANGES, `${tree.top}/open`) : undefined;
      await tree.remove("open", "42");
      await tree.say({ tag: "removed", parent: "open", id: "i42" });
      assert.equal(await text(tree, "ls open"), "");
      await tree.directory("open", "42", "i42");
      await tree.say({ tag: "placed", parent: "open", name: "42", id: "i42" });
      assert.equal(
        await text(tree, "ls open open/42; cat open/42/title"),
        "open:\n42\n\nopen/42:\ntitle\nt\n",
      );
      await tree.remove("open", "42");
      await tree.directory("open", "43", "i42");
      await tree.say({ tag: "removed", parent: "open", id: "i42" }, {
        tag: "placed",
        parent: "open",
        name: "43",
        id: "i42",
      });
      assert.equal(
        await text(tree, "ls open open/43; cat open/43/title"),
        "open:\n43\n\nopen/43:\ntitle\nt\n",
      );
    },
  });
}

Deno.test({
  name: "a file under a new name has its own bytes, although somebody reads what has its old name meanwhile",
  ignore,
  async fn() {
    await using tree = await mountScripted("auto");
    await tree.directory("", "open", "open");
    await tree.file("open", "x", "A\n", "a");
    await text(tree, "cat open/*");
    await using watcher = await watching(CHANGES, `${tree.top}/open`);
    await using _reader = following("sh", "-c", `cd ${tree.top}/open && while :; do cat x; done`);
    await tree.remove("open", "x");
    await tree.file("open", "y", "A\n", "a");
    await tree.file("open", "x", "B\n", "b");
    await tree.say({ tag: "placed", parent: "open", name: "y", id: "a" }, {
      tag: "placed",
      parent: "open",
      name: "x",
      id: "b",
    });
    await hears(watcher, "MOVED_TO y");
    assert.equal(await text(tree, "cat open/x open/y; ls open"), "B\nA\nx\ny\n");
  },
});

for (const [what, line] of [["deleted", "DELETE x"], ["moved", "MOVED_FROM x"]] as const) {
  Deno.test({
    name: `that a name is ${what} is heard, although somebody has asked for it before`,
    ignore,
    async fn() {
      await using tree = await mountScripted("auto");
      await tree.directory("", "open", "open");
      await tree.file("open", "x", "A\n", "a");
      await text(tree, "cat open/*; ls open");
      await using watcher = await watching(CHANGES, `${tree.top}/open`);
      await using _asker = following("sh", "-c", `cd ${tree.top}/open && while :; do test -e x; done`);
      await tree.remove("open", "x");
      if (what === "moved") await tree.file("open", "y", "A\n", "a");
      await tree.say(
        what === "moved"
          ? { tag: "placed", parent: "open", name: "y", id: "a" }
          : { tag: "removed", parent: "open", id: "a" },
      );
      await hears(watcher, line);
    },
  });
}
