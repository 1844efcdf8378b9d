/**
 * Readers beside commits: whoever began in generation n finishes in n, and nobody sees a torn state.
 *
 * @module
 */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import type { PackerCommand, Reader } from "../../runtime/packer/mod.ts";
import { run, sh } from "../support/command.ts";
import { memoryDir } from "../support/temp.ts";
import { Scouting } from "./local_scout.ts";
import { Workspace } from "./workspace.ts";

const COMMITS = 1_000;

/** Commit `number` writes its number into a file of each asset, and moves or includes one of them now and then. */
function commandsOf(number: number): PackerCommand[] {
  const content = `${number}\n`;
  const commands: PackerCommand[] = [
    { do: "put", asset: 1, path: "stamp.txt", content },
    { do: "put", asset: 2, path: "stamp.txt", content },
  ];
  if (number % 10 === 0) {
    commands.push({ do: "relocate", asset: 2, root: number % 20 === 0 ? "villain" : "far/villain" });
  }
  if (number % 7 === 0) commands.push({ do: "set-included", asset: 1, included: number % 14 === 0 });
  return commands;
}

/** Fails unless all that `reader` says is of one commit: number and generation go together. */
async function coherent(reader: Reader): Promise<void> {
  const number = reader.generation - 1;
  const stamps = await Promise.all(
    [1, 2].map(async (id) => new TextDecoder().decode(await reader.read(id, "stamp.txt"))),
  );
  deepStrictEqual(stamps, [`${number}\n`, `${number}\n`], `generation ${reader.generation}`);
  const sizes = [1, 2].map((id) => reader.files(id).find(({ path }) => path === "stamp.txt")?.size);
  deepStrictEqual(sizes, [`${number}\n`.length, `${number}\n`.length]);
  const isFar = Math.floor(number / 10) % 2 === 1;
  strictEqual(reader.asset(2).root, isFar ? "far/villain" : "villain");
  ok(reader.registry().includes(`"root": "${reader.asset(2).root}"`));
}

Deno.test(`readers that hammer during ${COMMITS} commits never see a torn state`, async () => {
  await using workspace = await Workspace.in(await memoryDir(), "hero", "villain");
  for (const root of ["hero", "villain"]) await workspace.write(`${root}/stamp.txt`, "0\n");
  await using open = await workspace.open({ scout: (assets) => new Scouting(assets) });
  const { packer } = open;
  let committed = 0;
  let looks = 0;
  const hammer = async () => {
    let last = 0;
    while (committed < COMMITS) {
      using reader = packer.reader();
      ok(reader.generation >= last, "a later reader is never behind an earlier one");
      last = reader.generation;
      await coherent(reader);
      looks++;
    }
  };
  // One reader stays in the first generation through all of them.
  using first = packer.reader();
  const readers = Array.from({ length: 4 }, hammer);
  for (let number = 1; number <= COMMITS; number++) {
    const { generation } = await packer.commit(commandsOf(number));
    strictEqual(generation, number + 1);
    committed = number;
  }
  await Promise.all(readers);
  ok(looks > COMMITS / 4, `${looks} looks`);
  await coherent(first);
  strictEqual(first.generation, 1);
});

Deno.test("what readers of older generations needed is removed when they are done", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open();
  const kept = async () =>
    (await Array.fromAsync(Deno.readDir(workspace.at(".prometeu/staging")), ({ name }) => name))
      .filter((name) => name.startsWith("commit-")).toSorted();
  const first = open.packer.reader();
  await open.packer.commit([{ do: "put", asset: 1, path: "a.txt", content: "two" }]);
  const second = open.packer.reader();
  await open.packer.commit([{ do: "put", asset: 1, path: "a.txt", content: "three" }]);
  await open.packer.commit([{ do: "remove", asset: 1, path: "a.txt" }]);
  const text = async (reader: Reader) => new TextDecoder().decode(await reader.read(1, "a.txt"));
  strictEqual(await text(first), "the first of hero\n");
  strictEqual(await text(second), "two");
  deepStrictEqual(await kept(), ["commit-2", "commit-3", "commit-4"]);
  first.close();
  first.close();
  strictEqual(await text(second), "two");
  second.close();
  await open.packer.commit([{ do: "put", asset: 1, path: "b.txt", content: "b" }]);
  deepStrictEqual(await kept(), []);
});

Deno.test("bytes that another program has overwritten are a conflict, never a mixture", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open();
  using reader = open.packer.reader();
  await workspace.write("hero/a.txt", "somebody else's");
  await rejects(reader.read(1, "a.txt"), { kind: "conflict" });
  await Deno.remove(workspace.at("hero/a.txt"));
  await rejects(reader.read(1, "a.txt"), { kind: "conflict" });
});

// Some containers have the program and not the right to trace.
const traces = (await sh("strace -qq true 2>/dev/null")).code === 0;
if (!traces) console.log("no test of system calls: strace cannot trace here");

async function touchesNothing() {
  await using workspace = await Workspace.with("hero", "villain");
  const script = new URL("reads_script.ts", import.meta.url).pathname;
  const command = [Deno.execPath(), "run", "-A", "--no-check", script, workspace.path];
  const { code, stderr, stdout } = await run("strace", ["-f", "-qq", "-e", "trace=%file,%desc", ...command], {
    deadline: 60_000,
  });
  strictEqual(code, 0, stderr);
  strictEqual(stdout, "3000\n");
  const calls = stderr.split("\n").filter((line) => line.includes(workspace.path));
  ok(calls.some((line) => line.includes("hero/asset.json")), "the opening was not seen");
  const begin = calls.findIndex((line) => line.includes("reads-begin"));
  const end = calls.findIndex((line) => line.includes("reads-end"));
  ok(begin > 0 && end > begin, "the marks were not seen");
  deepStrictEqual(calls.slice(begin + 1, end), []);
}

Deno.test({
  name: "a read from the snapshot touches the disk not once",
  ignore: !traces,
  fn: touchesNothing,
});
