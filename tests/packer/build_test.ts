/**
 * Builds and the doctor: the same generation gives the same bytes, and every inconsistency is told with its mend.
 *
 * @module
 */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { type Disk, type Opening, systemDisk } from "../../runtime/packer/disk.ts";
import { run } from "../support/command.ts";
import { tempDir } from "../support/temp.ts";
import { declaration, type OpenWorkspace, registry, uuid, Workspace } from "./workspace.ts";

const archiveOf = async (open: OpenWorkspace) => {
  await using folder = await tempDir();
  const { manifest } = await open.packer.build(folder.path);
  const names = (await run("tar", ["-tf", `${folder.path}/assets.tar`])).stdout.trim().split("\n");
  const text = await Deno.readTextFile(`${folder.path}/manifest.json`);
  return { manifest, names, text, bytes: await Deno.readFile(`${folder.path}/assets.tar`) };
};

Deno.test("a build holds what is included, in order, and a manifest of digests", async () => {
  await using workspace = await Workspace.with("hero", "villain", "ui");
  await workspace.write("hero/z/deep.txt", "deep");
  await workspace.write("hero/Z.txt", "capital");
  await using open = await workspace.open();
  await open.packer.commit([{ do: "set-included", asset: 2, included: false }]);
  const { manifest, names, text } = await archiveOf(open);
  deepStrictEqual(names, [
    "hero/Z.txt",
    "hero/a.txt",
    "hero/asset.json",
    "hero/z/deep.txt",
    "ui/a.txt",
    "ui/asset.json",
  ]);
  deepStrictEqual(JSON.parse(text), manifest);
  deepStrictEqual(manifest.assets.map(({ asset_id, asset_uuid, root }) => [asset_id, asset_uuid, root]), [
    [1, uuid(1), "hero"],
    [3, uuid(3), "ui"],
  ]);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode("deep")))
    .toHex();
  deepStrictEqual(manifest.assets[0]?.files.at(-1), { path: "hero/z/deep.txt", size: 4, sha256: hash });
  strictEqual(manifest.generation, 2);
});

Deno.test("the same generation gives the same bytes: again, later, and in another place", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  await workspace.write(
    `hero/${"long-".repeat(30)}/${"name-".repeat(20)}.txt`,
    "a path that ustar has no room for",
  );
  await workspace.write("hero/ünïcödé.txt", "é");
  await using open = await workspace.open();
  const first = await archiveOf(open);
  await Deno.utime(workspace.at("hero/a.txt"), 1, 1);
  await Deno.chmod(workspace.at("hero/a.txt"), 0o700);
  await open.packer.look();
  const again = await archiveOf(open);
  deepStrictEqual(again.bytes, first.bytes);
  await using copy = await Workspace.of();
  await run("cp", ["-r", `${workspace.path}/assets`, copy.path]);
  await Deno.remove(copy.at(".prometeu/staging"), { recursive: true });
  await using elsewhere = await copy.open();
  deepStrictEqual((await archiveOf(elsewhere)).bytes, first.bytes);
  const { assets, archive } = first.manifest;
  deepStrictEqual((await archiveOf(elsewhere)).manifest.assets, assets);
  strictEqual(archive.sha256, new Uint8Array(await crypto.subtle.digest("SHA-256", first.bytes)).toHex());
});

Deno.test("a build that began in a generation ends in it, whatever is committed meanwhile", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  await workspace.write("hero/large.bin", "0123456789".repeat(1_000_000));
  await using open = await workspace.open();
  const before = await archiveOf(open);
  await using folder = await tempDir();
  const built = open.packer.build(folder.path);
  await open.packer.commit([
    { do: "put", asset: 1, path: "large.bin", content: "small" },
    { do: "remove", asset: 2, path: "a.txt" },
    { do: "relocate", asset: 2, root: "moved" },
  ]);
  const { manifest } = await built;
  strictEqual(manifest.generation, 1);
  deepStrictEqual(await Deno.readFile(`${folder.path}/assets.tar`), before.bytes);
  ok((await archiveOf(open)).names.includes("moved/asset.json"));
});

Deno.test("a build of what waits for a decision, or into the workspace itself, is refused", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open();
  await rejects(open.packer.build(workspace.at("hero")), { kind: "invalid" });
  await rejects(open.packer.build("relative"), { kind: "invalid" });
  await rejects(open.packer.build(`${workspace.path}/none`), { kind: "invalid" });
  await workspace.write("hero/asset.json", "{}");
  await open.packer.look();
  await rejects(open.packer.build(workspace.path), { kind: "conflict" });
  deepStrictEqual(await Array.fromAsync(Deno.readDir(workspace.path), ({ name }) => name), ["assets"]);
});

Deno.test("a file that is edited while it is packed ends the build, and leaves nothing", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open();
  await workspace.write("hero/a.txt", "edited, and not taken in yet");
  await using folder = await tempDir();
  await rejects(open.packer.build(folder.path), { kind: "conflict" });
  deepStrictEqual(await Array.fromAsync(Deno.readDir(folder.path)), []);
});

Deno.test("the doctor tells every inconsistency with path, rule and mend, and changes nothing", async () => {
  await using workspace = await Workspace.with("hero", "villain", "third");
  await workspace.write(
    "third/asset.json",
    declaration(3, "third", { inputs: { sprites: ["a.txt", "gone.png"], one: "no.wav" } }),
  );
  await workspace.write("loose/asset.json", declaration(9, "loose"));
  await workspace.write("wrong/asset.json", declaration(8, "wrong", { output: {} }));
  await Deno.symlink("nowhere", workspace.at("hero/link"));
  await Deno.remove(workspace.at("villain"), { recursive: true });
  await using open = await workspace.open();
  const { findings, healthy } = await open.packer.doctor();
  strictEqual(healthy, false);
  deepStrictEqual(findings.map(({ path, line, rule, severity }) => [path, line, rule, severity]), [
    ["hero/link", undefined, "not-taken", "warning"],
    ["loose", undefined, "unregistered", "note"],
    ["third/asset.json", undefined, "input-missing", "warning"],
    ["third/asset.json", undefined, "input-missing", "warning"],
    ["villain", undefined, "root-missing", "error"],
    ["wrong", undefined, "unregistered", "note"],
    ["wrong/asset.json", 7, "declaration-invalid", "warning"],
    ["wrong/asset.json", 7, "declaration-invalid", "warning"],
  ]);
  for (const { mend } of findings) ok(mend.length > 0);
  match(findings.find(({ rule }) => rule === "root-missing")?.mend ?? "", /reconcile --accept 1=unregister/);
  strictEqual(await workspace.read(".prometeu/index.json"), registry("hero", "villain", "third"));
});

/** A disk on which nothing has room any more once `left` bytes of an archive are written. */
function fullDisk(left: number): Disk {
  const full = () => Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
  return {
    ...systemDisk,
    async open(path, opening, mode) {
      const file = await systemDisk.open(path, opening, mode);
      if (!path.includes("/assets.tar")) return file;
      return {
        read: (into, offset) => file.read(into, offset),
        facts: () => file.facts(),
        sync: () => file.sync(),
        close: () => file.close(),
        async write(bytes) {
          left -= bytes.length;
          if (left < 0) throw full();
          return await file.write(bytes);
        },
      };
    },
  };
}

Deno.test("a disk that is full is named as the reason, and nothing is left on it", async () => {
  await using workspace = await Workspace.with("hero");
  await workspace.write("hero/large.bin", "0123456789".repeat(600_000));
  await using folder = await tempDir();
  await using open = await workspace.open({ disk: fullDisk(3_000_000) });
  const error = {
    kind: "unavailable",
    message: `cannot build into ${folder.path}: no space is left on the device`,
    mend: "make room on that disk",
  };
  await rejects(open.packer.build(folder.path), error);
  deepStrictEqual(await Array.fromAsync(Deno.readDir(folder.path)), []);
});

Deno.test("a folder that takes no file ends a build at once, however much there is to pack", async () => {
  await using workspace = await Workspace.with("hero");
  await workspace.write("hero/large.bin", "0123456789".repeat(600_000));
  await using folder = await tempDir();
  const open = (path: string, opening: Opening, mode?: number) =>
    opening === "new" && path.includes("/assets.tar")
      ? Promise.reject(Object.assign(new Deno.errors.PermissionDenied("open"), { code: "EACCES" }))
      : systemDisk.open(path, opening, mode);
  await using opened = await workspace.open({ disk: { ...systemDisk, open } });
  await rejects(opened.packer.build(folder.path), {
    kind: "unauthorized",
    message: `cannot build into ${folder.path}: permission denied`,
  });
});

Deno.test("who lets go of a workspace ends the build that is under way, and leaves nothing of it", async () => {
  await using workspace = await Workspace.with("hero");
  await workspace.write("hero/large.bin", "0123456789".repeat(600_000));
  await using folder = await tempDir();
  const begun = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const open: Disk["open"] = async (path, opening, mode) => {
    const file = await systemDisk.open(path, opening, mode);
    if (path.endsWith("/assets.tar.new")) {
      begun.resolve();
      await goOn.promise;
    }
    return file;
  };
  const opened = await workspace.open({ disk: { ...systemDisk, open } });
  const built = opened.packer.build(folder.path).then(() => undefined, ({ kind }) => kind);
  await begun.promise;
  const closed = opened.packer.close();
  goOn.resolve();
  await closed;
  deepStrictEqual(await Array.fromAsync(Deno.readDir(folder.path)), [], "by the time that it is let go of");
  strictEqual(await built, "interrupted");
});

Deno.test("both files of a build may be read by whom the umask lets", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open();
  await using folder = await tempDir();
  await open.packer.build(folder.path);
  const modes = ["assets.tar", "manifest.json"].map((name) => Deno.statSync(`${folder.path}/${name}`).mode);
  const expected = 0o666 & ~Deno.umask();
  deepStrictEqual(modes.map((mode) => (mode ?? 0) & 0o777), [expected, expected]);
});
