/**
 * What cannot be read is not gone: it stays listed, it is told, and no build is made without it.
 *
 * @module
 */
import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { sh } from "../support/command.ts";
import { until } from "../support/deadline.ts";
import { Scouting } from "./local_scout.ts";
import { strictDisk, strictLook } from "./strict_disk.ts";
import { NOTICED, type OpenWorkspace, Workspace } from "./workspace.ts";

/** Opened as by somebody who is not root. */
const openStrictly = (workspace: Workspace) =>
  workspace.open({ disk: strictDisk, scout: (assets) => new Scouting(assets, strictLook) });

const namesOf = (open: OpenWorkspace, asset: number, path = "") => {
  using reader = open.packer.reader();
  return reader.files(asset, path).map(({ path, size }) => `${path} ${size}`);
};

/** A build is refused with `said`, and nothing is there that was not. */
async function refused(open: OpenWorkspace, workspace: Workspace, said: RegExp, kind = "unauthorized") {
  await rejects(open.packer.build(workspace.path), (error: Error & { kind?: string; mend?: string }) => {
    match(error.message, said);
    deepStrictEqual([error.kind, typeof error.mend], [kind, "string"]);
    return true;
  });
  deepStrictEqual(await Array.fromAsync(Deno.readDir(workspace.path), ({ name }) => name), ["assets"]);
}

const unreadable = async (open: OpenWorkspace, deep = false) =>
  (await open.packer.doctor(deep)).findings.filter(({ rule }) => rule === "unreadable")
    .map(({ path, severity }) => `${severity} ${path}`);

Deno.test("a file that may no longer be read stays listed, is told, and is in the way of a build until it may", async () => {
  await using workspace = await Workspace.with("hero", "button");
  await workspace.write("hero/sec.txt", "secret\n");
  await using open = await openStrictly(workspace);
  await open.packer.digested();
  await Deno.chmod(workspace.at("hero/sec.txt"), 0);
  await open.packer.look();
  deepStrictEqual(namesOf(open, 1), ["a.txt 18", "asset.json 237", "sec.txt 7"]);
  const { state, detail, files } = open.packer.status();
  deepStrictEqual([state, detail, files.count], [
    "stale",
    "hero/sec.txt is part of an asset, and cannot be read: permission denied",
    5,
  ]);
  deepStrictEqual(await unreadable(open), ["error hero/sec.txt"]);
  deepStrictEqual(await unreadable(open, true), ["error hero/sec.txt"], "and once only");
  await rejects(open.text(1, "sec.txt"), { kind: "unauthorized", path: "hero/sec.txt" });
  await refused(
    open,
    workspace,
    /^hero\/sec\.txt is part of an asset, and cannot be read: permission denied$/,
  );
  await Deno.chmod(workspace.at("hero/sec.txt"), 0o644);
  await open.packer.look();
  strictEqual(open.packer.status().state, "clean");
  deepStrictEqual(await unreadable(open), []);
  strictEqual(await open.text(1, "sec.txt"), "secret\n");
  strictEqual(open.packer.generation, 1, "its bytes are what they were");
});

Deno.test("a file that was never to be read is told from the start, and one that comes later when it comes", async () => {
  await using workspace = await Workspace.with("hero");
  await workspace.write("hero/sec.txt", "secret\n");
  await Deno.chmod(workspace.at("hero/sec.txt"), 0);
  await using open = await openStrictly(workspace);
  strictEqual(open.packer.status().state, "stale");
  await refused(open, workspace, /hero\/sec\.txt/);
  await workspace.write("hero/more.txt", "more\n");
  await Deno.chmod(workspace.at("hero/more.txt"), 0);
  await Deno.utime(workspace.at("hero/more.txt"), 1, 1);
  await open.packer.look();
  deepStrictEqual(namesOf(open, 1), ["a.txt 18", "asset.json 237", "more.txt 5", "sec.txt 7"]);
  match(open.packer.status().detail, /hero\/more\.txt .*: permission denied \(and 1 more\)/);
  await refused(open, workspace, /hero\/more\.txt .*: permission denied \(and 1 more\)/);
});

for (const mode of [0, 0o400]) {
  Deno.test(`a directory of mode ${mode.toString(8)} keeps what was known of it, and is in the way of a build`, async () => {
    await using workspace = await Workspace.with("hero");
    await workspace.write("hero/deep/er/b.txt", "b");
    await using open = await openStrictly(workspace);
    await Deno.chmod(workspace.at("hero/deep"), mode);
    await open.packer.look();
    deepStrictEqual(namesOf(open, 1, "deep/er"), ["deep/er/b.txt 1"]);
    strictEqual(open.packer.status().state, "stale");
    await refused(open, workspace, /^hero\/deep/);
    await Deno.chmod(workspace.at("hero/deep"), 0o755);
    await open.packer.look();
    strictEqual(open.packer.status().state, "clean");
  });
}

Deno.test("a root that may not be read keeps what was known of it, and is in the way of a build", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await openStrictly(workspace);
  await Deno.chmod(workspace.at("hero"), 0);
  await open.packer.look();
  deepStrictEqual(namesOf(open, 1), ["a.txt 18", "asset.json 237"]);
  strictEqual(open.packer.status().state, "diverged");
  await refused(open, workspace, /^hero is part of an asset, and cannot be read/);
  await Deno.chmod(workspace.at("hero"), 0o755);
  await open.packer.look();
  strictEqual(open.packer.status().state, "clean");
});

Deno.test("what cannot be read of an asset that is left out of builds is told, and in nobody's way", async () => {
  await using workspace = await Workspace.with("hero", "button");
  await Deno.chmod(workspace.at("button/a.txt"), 0);
  await using open = await openStrictly(workspace);
  await open.packer.commit([{ do: "set-included", asset: 2, included: false }]);
  strictEqual(open.packer.status().state, "stale");
  await open.packer.build(workspace.path);
  await open.packer.commit([{ do: "unregister", asset: 2 }]);
  strictEqual(open.packer.status().state, "clean");
});

Deno.test("bytes that the disk cannot give are told until it can, whatever a walk says", async () => {
  await using workspace = await Workspace.with("hero");
  let isBroken = true;
  const give = (path: string) => {
    if (isBroken && path.endsWith("a.txt")) throw new Error("Input/output error (os error 5)");
    return strictLook.read(path);
  };
  await using open = await workspace.open({
    scout: (assets) => new Scouting(assets, { ...strictLook, read: give }),
  });
  await open.packer.digested();
  await open.packer.look();
  match(open.packer.status().detail, /^hero\/a\.txt .*: Input\/output error/);
  await Deno.chmod(workspace.at("hero"), 0o700);
  await open.packer.look();
  strictEqual(open.packer.status().state, "stale");
  isBroken = false;
  await open.packer.look();
  strictEqual(open.packer.status().state, "clean");
});

/** Makes the file `bad\xff` in the directory `folder`, or removes it: no name that JavaScript could say. */
const badName = async (folder: string, command: string) =>
  strictEqual((await sh(`cd '${folder}' && ${command} "$(printf 'bad\\377')"`)).code, 0);

Deno.test("a name that is not UTF-8 is told with its directory, and is in the way of a build until it is another", async () => {
  await using workspace = await Workspace.with("hero");
  await workspace.write("hero/deep/b.txt", "b");
  await using open = await workspace.open({ watch: true });
  await badName(workspace.at("hero/deep"), "touch");
  await open.becomes("stale");
  const told = /^hero\/deep\/bad\ufffd is part of an asset, and cannot be read: its name is not UTF-8$/;
  await until(() => told.test(open.packer.status().detail), NOTICED, "the name");
  deepStrictEqual(await unreadable(open), ["error hero/deep/bad\ufffd"]);
  deepStrictEqual(await unreadable(open, true), ["error hero/deep/bad\ufffd"]);
  await refused(open, workspace, told, "invalid");
  await badName(workspace.at("hero/deep"), "rm");
  await open.packer.look();
  await open.becomes("clean");
  await workspace.write("hero/deep/good\ufffd", "a name like any other");
  await open.packer.look();
  await open.becomes("clean");
  deepStrictEqual(namesOf(open, 1, "deep"), ["deep/b.txt 1", "deep/good\ufffd 21"]);
  await open.packer.build(workspace.path);
});

Deno.test("a name that is not UTF-8 is told from the start", async () => {
  await using workspace = await Workspace.with("hero");
  await badName(workspace.at("hero"), "mkdir");
  await using open = await workspace.open();
  strictEqual(open.packer.status().state, "stale");
  await refused(open, workspace, /hero\/bad\ufffd/, "invalid");
});
