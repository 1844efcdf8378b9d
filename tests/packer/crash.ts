/**
 * The commit that the crash tests kill, and what there has to be before and after it.
 *
 * @module
 */
import { deepStrictEqual } from "node:assert/strict";
import type { PackerCommand } from "../../runtime/packer/mod.ts";
import { memoryDir } from "../support/temp.ts";
import { Scouting } from "./local_scout.ts";
import { MortalDisk } from "./mortal_disk.ts";
import { declaration, Workspace } from "./workspace.ts";

/** One of everything. */
export const COMMANDS: readonly PackerCommand[] = [
  { do: "relocate", asset: 1, root: "people/hero" },
  { do: "put", asset: 1, path: "a.txt", content: "written anew\n" },
  { do: "put", asset: 1, path: "deep/down/new.txt", content: "not there before\n" },
  { do: "remove", asset: 2, path: "a.txt" },
  { do: "set-included", asset: 2, included: false },
  { do: "unregister", asset: 3 },
  { do: "register", root: "fresh", declaration: declaration(9, "fresh") },
  { do: "put", asset: 4, path: "first.txt", content: "of the new asset\n" },
];

/** What that commit is called, so that it can be asked about later. */
export const CORRELATION = "the commit";

/** A workspace for {@linkcode COMMANDS}. */
export async function crashWorkspace(): Promise<Workspace> {
  const workspace = await Workspace.in(await memoryDir(), "hero", "villain", "extra");
  await workspace.write("hero/kept.txt", "nobody touches it\n");
  await Deno.chmod(workspace.at("hero/a.txt"), 0o640);
  return workspace;
}

/** Every file of the author and the registry, by path: text, mode, and time in milliseconds for those left alone. */
export async function contents(workspace: Workspace): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const visit = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(workspace.at(folder))) {
      const path = folder === "" ? name : `${folder}/${name}`;
      if (path === ".prometeu/staging") continue;
      if (isDirectory) await visit(path);
      else {
        const { mode, mtime } = await Deno.lstat(workspace.at(path));
        const time = path.endsWith("kept.txt") ? ` ${mtime?.getTime()}` : "";
        found.set(path, `${((mode ?? 0) & 0o777).toString(8)}${time} ${await workspace.read(path)}`);
      }
    }
  };
  await visit("");
  return new Map([...found].sort());
}

/** Fails unless `workspace` holds `before` or `after`; tells which. */
export async function eitherOf(
  workspace: Workspace,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  what: string,
): Promise<"before" | "after"> {
  const now = await contents(workspace);
  const isAfter = now.has("people/hero/a.txt");
  // The time of a file that was moved with its directory is the same; its path is not.
  deepStrictEqual([...now], [...(isAfter ? after : before)], what);
  return isAfter ? "after" : "before";
}

/** The calls of the file system of a commit of `commands` that nothing happens to. */
export async function callsOf(commands: readonly PackerCommand[]): Promise<readonly string[]> {
  await using workspace = await Workspace.with("hero");
  const disk = new MortalDisk();
  await using open = await workspace.open({ scout: (assets) => new Scouting(assets), disk });
  await open.packer.digested();
  disk.arm();
  await open.packer.commit(commands);
  return disk.calls;
}
