/**
 * Commands: each is one durable commit, and what is not named by it keeps its bytes, its mode and its time.
 *
 * @module
 */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { contents } from "./crash.ts";
import { declaration, uuid, Workspace } from "./workspace.ts";

Deno.test("each command does what it says, durably", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  await workspace.write("new/asset.json", declaration(7, "new"));
  {
    await using open = await workspace.open();
    const { packer } = open;
    const { registered } = await packer.commit([{ do: "register", root: "new" }]);
    deepStrictEqual(registered, [{ id: 3, uuid: uuid(7), root: "new" }]);
    await packer.commit([{ do: "set-included", asset: 1, included: false }]);
    await packer.commit([{ do: "relocate", asset: 2, root: "people/villain" }]);
    await packer.commit([{ do: "put", asset: 2, path: "sub/b.txt", content: new Uint8Array([104, 105]) }]);
    await packer.commit([{ do: "remove", asset: 1, path: "a.txt" }]);
    await packer.commit([{ do: "unregister", asset: 3 }]);
    strictEqual(packer.generation, 7);
    strictEqual(await open.text(2, "sub/b.txt"), "hi");
    using reader = packer.reader();
    deepStrictEqual(reader.assets().map(({ id, root, includedInBuild }) => [id, root, includedInBuild]), [
      [1, "hero", false],
      [2, "people/villain", true],
    ]);
  }
  strictEqual(await workspace.read("people/villain/sub/b.txt"), "hi");
  strictEqual(await workspace.has("hero/a.txt"), false);
  strictEqual(await workspace.has("new/asset.json"), true);
  await using again = await workspace.open();
  strictEqual(again.packer.generation, 7);
  strictEqual(again.packer.status().recovery.outcome, "none");
  strictEqual(again.packer.status().state, "clean");
});

Deno.test("several commands are one generation, and a later one sees what an earlier one plans", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open();
  const commands = [
    { do: "register", root: "fresh", declaration: declaration(4, "fresh") },
    { do: "put", asset: 2, path: "x.txt", content: "one" },
    { do: "put", asset: 2, path: "x.txt", content: "two" },
    { do: "relocate", asset: 1, root: "elsewhere/hero" },
    { do: "put", asset: 1, path: "b.txt", content: "b" },
  ] as const;
  const preview = await open.packer.preview(commands);
  strictEqual(preview.generation, 1);
  deepStrictEqual(preview.registered, [{ id: 2, uuid: uuid(4), root: "fresh" }]);
  ok(preview.steps.includes("move hero to elsewhere/hero"), preview.steps.join("\n"));
  strictEqual(await workspace.has("fresh"), false, "a preview changes nothing");
  const done = await open.packer.commit(commands);
  deepStrictEqual(done.steps, preview.steps);
  strictEqual(done.generation, 2);
  strictEqual(await workspace.read("fresh/x.txt"), "two");
  strictEqual(await workspace.read("elsewhere/hero/b.txt"), "b");
});

Deno.test("an asset_id is never used again, not even where the registry is edited", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  {
    await using open = await workspace.open();
    await open.packer.commit([{ do: "unregister", asset: 2 }]);
    const { registered } = await open.packer.commit([{ do: "register", root: "villain" }]);
    strictEqual(registered[0]?.id, 3);
    await open.packer.commit([{ do: "unregister", asset: 3 }]);
  }
  const text = await workspace.read(".prometeu/index.json");
  await workspace.write(".prometeu/index.json", text.replace('"next_asset_id": 4', '"next_asset_id": 2'));
  await using open = await workspace.open();
  const { registered } = await open.packer.commit([{ do: "register", root: "villain" }]);
  strictEqual(registered[0]?.id, 4);
});

Deno.test("unknown keys, order and formatting of index.json and asset.json survive every rewrite", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  const index = [
    "{",
    '\t"$comment": "ours",  "schema_version": 1,',
    '\t"next_asset_id":3,',
    '\t"assets": [',
    `\t\t{ "asset_id": 1, "asset_uuid":"${
      uuid(1)
    }", "root":"hero" , "included_in_build": true, "colour": [1,2 ,3] },`,
    `\t\t{ "asset_id": 2, "asset_uuid":"${uuid(2)}", "root":"villain", "included_in_build" : true }`,
    '\t], "tail": {}',
    "}",
    "",
  ].join("\r\n");
  await workspace.write(".prometeu/index.json", index);
  const own =
    `{ "schema_version":1,\n "name":"own", "type":"t","inputs":{},   "mine": [ 1 ],\n "output":{"format":"f","codec":"c"}}`;
  await workspace.write("own/asset.json", own);
  await using open = await workspace.open();
  await open.packer.commit([{ do: "set-included", asset: 2, included: false }]);
  const expected = index.replace('"included_in_build" : true', '"included_in_build" : false');
  strictEqual(await workspace.read(".prometeu/index.json"), expected);
  await open.packer.commit([{ do: "relocate", asset: 1, root: "moved" }]);
  strictEqual(
    await workspace.read(".prometeu/index.json"),
    expected.replace('"root":"hero" ,', '"root":"moved" ,'),
  );
  const { registered } = await open.packer.commit([{ do: "register", root: "own" }]);
  const [added] = registered;
  strictEqual(
    await workspace.read("own/asset.json"),
    own.replace('"schema_version":1,', `"schema_version":1, "asset_uuid": "${added?.uuid}",`),
  );
  const text = await workspace.read(".prometeu/index.json");
  match(text, /"colour": \[1,2 ,3\] \},\r\n/);
  match(text, /"included_in_build" : false \},\r\n\t\t\{ "asset_id": 3, /);
  match(text, /\r\n\t\], "tail": \{\}\r\n\}\r\n$/);
});

Deno.test("nothing that the registry knows is ever written to an asset.json", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open();
  for (const key of ["asset_id", "included_in_build", "root", "generation"]) {
    const text = declaration(1, "hero", { [key]: 1 });
    await rejects(open.packer.commit([{ do: "put", asset: 1, path: "asset.json", content: text }]), {
      kind: "invalid",
      mend: `take ${key} out: it belongs in index.json`,
    });
  }
  await open.packer.commit([
    { do: "set-included", asset: 1, included: false },
    { do: "relocate", asset: 1, root: "moved" },
  ]);
  strictEqual(await workspace.read("moved/asset.json"), declaration(1, "hero"));
});

Deno.test("the author's files keep bytes, modes and times through everything that does not name them", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  await workspace.write("hero/deep/kept.txt", "kept");
  await Deno.chmod(workspace.at("hero/deep/kept.txt"), 0o751);
  await Deno.utime(workspace.at("hero/deep/kept.txt"), 1_000_000_000, 1_000_000_000);
  await Deno.chmod(workspace.at("hero/a.txt"), 0o600);
  const facts = async (path: string) => {
    const { mtime, mode, ino, size } = await Deno.lstat(workspace.at(path));
    return { mtime: mtime?.getTime(), mode, ino, size };
  };
  const before = [await facts("hero/deep/kept.txt"), await facts("hero/asset.json")];
  {
    await using open = await workspace.open();
    await open.packer.commit([{ do: "put", asset: 1, path: "a.txt", content: "new" }, {
      do: "remove",
      asset: 2,
      path: "a.txt",
    }]);
    await open.packer.commit([{ do: "relocate", asset: 1, root: "moved" }]);
    await open.packer.doctor(true);
    await rejects(
      open.packer.commit([{ do: "put", asset: 1, path: "deep/kept.txt", content: "x", expectedDigest: "0" }]),
    );
  }
  deepStrictEqual([await facts("moved/deep/kept.txt"), await facts("moved/asset.json")], before);
  strictEqual(
    ((await facts("moved/a.txt")).mode ?? 0) & 0o777,
    0o600,
    "a file that is replaced keeps its mode",
  );
});

Deno.test("a commit is refused where the disk no longer holds what was expected, and nothing is changed", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  await using open = await workspace.open();
  await open.packer.digested();
  const refused = async (commands: Parameters<typeof open.packer.commit>[0], kind = "conflict") => {
    const before = await contents(workspace);
    await rejects(open.packer.commit(commands), { kind });
    deepStrictEqual(await contents(workspace), before);
  };
  await workspace.write("hero/a.txt", "edited by the author meanwhile");
  await refused([{ do: "put", asset: 2, path: "a.txt", content: "x" }, {
    do: "put",
    asset: 1,
    path: "a.txt",
    content: "x",
  }]);
  // Having seen it, the packer takes the edit in, and the same command is fine.
  await open.reaches(2);
  await open.packer.commit([{ do: "put", asset: 1, path: "a.txt", content: "x" }]);
  await workspace.write("hero/surprise.txt", "from nowhere");
  await refused([{ do: "put", asset: 1, path: "surprise.txt", content: "x" }]);
  await Deno.remove(workspace.at("villain/a.txt"));
  await refused([{ do: "remove", asset: 2, path: "a.txt" }]);
  await refused([{ do: "put", asset: 1, path: "a.txt", content: "y", expectedDigest: "00" }]);
  await workspace.write("taken/x", "");
  await refused([{ do: "relocate", asset: 1, root: "taken" }]);
  await workspace.write(".prometeu/index.json", (await workspace.read(".prometeu/index.json")) + " ");
  await refused([{ do: "set-included", asset: 1, included: false }]);
});

Deno.test("a command that makes no sense is refused before anything is written", async () => {
  await using workspace = await Workspace.with("hero", "ui/button");
  await workspace.write("copy/asset.json", declaration(1, "copy"));
  await workspace.write("broken/asset.json", "{");
  await using open = await workspace.open({});
  // The copy is a divergence of its own, which says nothing about asset 1.
  for (
    const [command, kind] of [
      [{ do: "register", root: "../out", declaration: declaration(8, "x") }, "invalid"],
      [{ do: "register", root: ".prometeu/x", declaration: declaration(8, "x") }, "invalid"],
      [{ do: "register", root: "hero/inner", declaration: declaration(8, "x") }, "conflict"],
      [{ do: "register", root: "ui", declaration: declaration(8, "x") }, "conflict"],
      [{ do: "register", root: "empty" }, "invalid"],
      [{ do: "register", root: "broken" }, "invalid"],
      [{ do: "register", root: "copy" }, "conflict"],
      [{ do: "relocate", asset: 1, root: "hero/inner" }, "conflict"],
      [{ do: "relocate", asset: 1, root: "ui/button/x" }, "conflict"],
      [{ do: "relocate", asset: 9, root: "x" }, "not-found"],
      [{ do: "put", asset: 1, path: "../x", content: "" }, "invalid"],
      [{ do: "put", asset: 1, path: "/x", content: "" }, "invalid"],
      [{ do: "put", asset: 1, path: "asset.json", content: "{}" }, "invalid"],
      [{ do: "put", asset: 1, path: "asset.json", content: declaration(5, "other") }, "invalid"],
      [{ do: "remove", asset: 1, path: "asset.json" }, "invalid"],
      [{ do: "remove", asset: 1, path: "none" }, "not-found"],
      [{ do: "unregister", asset: 9 }, "not-found"],
    ] as const
  ) await rejects(open.packer.commit([command]), { kind });
  strictEqual(open.packer.generation, 1);
});

Deno.test("nothing is written through a link that leads out of assets/", async () => {
  await using workspace = await Workspace.with("hero");
  await using outside = await Workspace.of();
  await Deno.symlink(outside.path, workspace.at("hero/out"));
  await Deno.symlink(outside.path, workspace.at("away"));
  await using open = await workspace.open();
  for (
    const command of [
      { do: "put", asset: 1, path: "out/x.txt", content: "x" },
      { do: "put", asset: 1, path: "out", content: "x" },
      { do: "relocate", asset: 1, root: "away/hero" },
      { do: "register", root: "away/new", declaration: declaration(5, "new") },
    ] as const
  ) await rejects(open.packer.commit([command]), { kind: "conflict" });
  deepStrictEqual(await Array.fromAsync(Deno.readDir(outside.path), ({ name }) => name), ["assets"]);
  strictEqual(open.packer.status().state, "clean");
});

Deno.test("a commit of commands that change nothing is no new generation", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open();
  strictEqual((await open.packer.commit([{ do: "set-included", asset: 1, included: true }])).generation, 1);
  strictEqual((await open.packer.commit([{ do: "relocate", asset: 1, root: "hero" }])).generation, 1);
});
