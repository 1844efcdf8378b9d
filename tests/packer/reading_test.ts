/**
 * Opening a workspace and reading it: generations, coherence, and that a read costs no walk.
 *
 * @module
 */
import { deepStrictEqual, match, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { ScoutThread } from "../../runtime/packer/scout_thread.ts";
import { declaration, registry, uuid, Workspace } from "./workspace.ts";

Deno.test("a workspace is read as it lies on disk", async () => {
  await using workspace = await Workspace.with("hero", "ui/button");
  await workspace.write("ui/button/deep/b.bin", "12345");
  await using open = await workspace.open();
  const status = open.packer.status();
  strictEqual(status.state, "clean");
  strictEqual(status.generation, 1);
  deepStrictEqual(status.assets, { registered: 2, included: 2 });
  strictEqual(status.files.count, 5);
  using reader = open.packer.reader();
  deepStrictEqual(reader.assets().map(({ id, root, name, uuid }) => [id, root, name, uuid]), [
    [1, "hero", "hero", uuid(1)],
    [2, "ui/button", "ui/button", uuid(2)],
  ]);
  deepStrictEqual(reader.files(2).map(({ path, kind, size }) => [path, kind, size]), [
    ["a.txt", "file", 23],
    ["asset.json", "file", declaration(2, "ui/button").length],
    ["deep", "directory", 5],
  ]);
  deepStrictEqual(reader.files(2, "deep").map(({ path }) => path), ["deep/b.bin"]);
  strictEqual(reader.registry(), registry("hero", "ui/button"));
  strictEqual(new TextDecoder().decode(await reader.read(2, "deep/b.bin", 1, 3)), "234");
  throws(() => reader.files(1, "a.txt"), { kind: "not-a-directory" });
  throws(() => reader.files(9), { kind: "not-found" });
  await rejects(reader.read(1, "none"), { kind: "not-found" });
});

Deno.test("a directory with assets/ and nothing else is an empty workspace", async () => {
  await using workspace = await Workspace.of();
  await using open = await workspace.open();
  strictEqual(open.packer.status().state, "clean");
  deepStrictEqual(open.packer.status().assets, { registered: 0, included: 0 });
  strictEqual(await workspace.has(".prometeu/index.json"), false);
});

Deno.test("what is no workspace says so", async () => {
  await using workspace = await Workspace.of();
  await Deno.remove(workspace.at(""));
  await rejects(workspace.open(), { kind: "invalid", mend: `mkdir ${workspace.path}/assets` });
});

Deno.test("digests come after the opening, and are those of the bytes", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open();
  await open.packer.digested();
  using reader = open.packer.reader();
  const [file] = reader.files(1);
  const hash = new Uint8Array(
    await crypto.subtle.digest("SHA-256", await Deno.readFile(workspace.at("hero/a.txt"))),
  );
  strictEqual(file?.digest, hash.toHex());
});

Deno.test("links and special files are not followed", async () => {
  await using workspace = await Workspace.with("hero");
  await Deno.symlink("/etc", workspace.at("hero/etc"));
  await Deno.symlink("/etc/passwd", workspace.at("hero/passwd"));
  await using open = await workspace.open();
  using reader = open.packer.reader();
  deepStrictEqual(reader.files(1).map(({ path }) => path), ["a.txt", "asset.json"]);
  await rejects(reader.read(1, "passwd"), { kind: "not-found" });
  const { findings } = await open.packer.doctor();
  deepStrictEqual(findings.map(({ path, rule }) => [path, rule]), [
    ["hero/etc", "not-taken"],
    ["hero/passwd", "not-taken"],
  ]);
});

Deno.test("the same workspace has the same generation the next time, a changed one another", async () => {
  await using workspace = await Workspace.with("hero");
  await (await workspace.open())[Symbol.asyncDispose]();
  {
    await using again = await workspace.open();
    strictEqual(again.packer.generation, 1);
  }
  await workspace.write("hero/b.txt", "new");
  await using third = await workspace.open();
  strictEqual(third.packer.generation, 2);
  ok(third.told().includes("packer.opened"));
});

Deno.test("the thread that looks at a workspace may read its assets/, and nothing else", async () => {
  await using workspace = await Workspace.with("hero");
  await Deno.writeTextFile(`${workspace.path}/beside.txt`, "not an asset");
  const scout = new ScoutThread(`${workspace.path}/assets`);
  try {
    const inside = await scout.find("hero/a.txt");
    ok(inside.kind === "file" && "digest" in inside.file);
    for (const path of ["../beside.txt", "../../../../../../../../etc/passwd"]) {
      const outside = await scout.find(path).catch((error) => error.message);
      match(JSON.stringify(outside), /Requires read access/, path);
    }
  } finally {
    scout.close();
  }
});
