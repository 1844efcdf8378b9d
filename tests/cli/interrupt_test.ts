/**
 * What takes long says so on a terminal, and Ctrl-C ends it: with 130, the terminal as it was, and nothing left.
 *
 * @module
 */
import assert from "node:assert/strict";
import { nameOfDir } from "../../runtime/control/places.ts";
import { startGitHub } from "../fakes/github/mod.ts";
import { flagsFor } from "../mounted/github_mount.ts";
import { has } from "../support/command.ts";
import { endMount, fuseIsThere, mountAt } from "../support/kernel.ts";
import { CTRL_C, openTerminal, type Terminal } from "../support/terminal.ts";
import { omnifsCommand, type Place, place } from "./fixture.ts";
import { game } from "./game.ts";
import { filesBelow, processesOf, untilNone } from "./traces.ts";

const HAS_SCRIPT = await has("script");

/** Runs `omnifs` in front of a terminal. */
function typed(here: Place, ...words: string[]): Terminal {
  const [program, all] = omnifsCommand(words);
  return openTerminal(program, all, here.env);
}

/** The progress line is shown, Ctrl-C is typed, and the command ends as it should. */
async function interrupted(terminal: Terminal, progress: RegExp): Promise<void> {
  await terminal.shows(progress);
  assert.match(terminal.text(), progress);
  await terminal.type(CTRL_C);
  const { code, echoes } = await terminal.ended();
  assert.deepEqual([code, echoes], [130, true], terminal.text());
  const after = terminal.text().split("\x1b[2K").at(-1) ?? "";
  assert.match(after, /omnifs:\S* interrupted\r?\n/, "the line is gone before the last word");
  assert.doesNotMatch(after, /Ctrl-C/);
}

Deno.test({
  name: "Ctrl-C ends a read, a listing and a walk that wait for an upstream",
  ignore: !HAS_SCRIPT || !(await fuseIsThere()),
  fn: async (t) => {
    await using cleanup = new AsyncDisposableStack();
    const github = await startGitHub();
    cleanup.defer(() => github.close());
    await github.createIssue("acme/api", { title: "One", body: "A body.\n" });
    await github.addComment("acme/api", 1, "Me too");
    const here = cleanup.use(await place());
    const dir = `${here.dir}/mnt`;
    cleanup.defer(() => endMount(dir));
    const env = { GITHUB_TOKEN: github.token };
    assert.equal((await here.omnifsWith({ env }, "mount", dir, ...flagsFor(github))).code, 0);
    const daemon = await processesOf(here.dir);
    await github.fault("/(issues/1|comments)", { stall: true });
    const issue = `${dir}/github/acme/api/_issues/_open/1`;
    const rows = [
      ["cat", `${issue}/title`, /reading .*, \d+ s \(Ctrl-C stops it\)/],
      ["ls", `${issue}/comments`, /listing .*, \d+ s \(Ctrl-C stops it\)/],
      ["find", `${issue}/comments`, /walking .*, \d+ s \(Ctrl-C stops it\)/],
    ] as const;
    for (const [command, path, progress] of rows) {
      await t.step(command, async () => {
        await using terminal = typed(here, command, path);
        await interrupted(terminal, progress);
        await untilNone(here.dir, daemon);
      });
    }
    await t.step("the mount goes on", async () => {
      await github.clearFaults();
      assert.equal((await here.omnifs("cat", `${issue}/title`)).stdout, "One\n");
    });
  },
});

/** What starts an omnifs in the background, and what it says meanwhile. */
const STARTS: readonly (readonly [words: readonly string[], progress: RegExp])[] = [
  [["mount", "--no-prompt"], /mounting on .*Ctrl-C stops it/],
  [["demo"], /starting the demo.*Ctrl-C stops it/],
];

for (const [words, progress] of STARTS) {
  Deno.test({
    name: `Ctrl-C while omnifs ${words[0]} starts ends what was started, and leaves nothing`,
    ignore: !HAS_SCRIPT || !(await fuseIsThere()),
    fn: async () => {
      await using here = await place();
      const dir = `${here.dir}/mnt`;
      // The daemon takes this lock before it listens, so it cannot be ready before we let go.
      await Deno.mkdir(here.runtimeDir, { mode: 0o700 });
      const name = await nameOfDir(dir);
      const lock = await Deno.open(`${here.runtimeDir}/${name}.sock.lock`, { create: true, write: true });
      await lock.lock(true);
      await using terminal = typed(here, ...words, dir);
      await terminal.shows(progress);
      await terminal.type(CTRL_C);
      lock.close();
      assert.deepEqual(await terminal.ended(), { code: 130, echoes: true });
      assert.equal(await mountAt(dir), undefined);
      await untilNone(here.dir);
      assert.deepEqual(await filesBelow(here.runtimeDir), [`${name}.sock.lock`]);
      assert.deepEqual(await filesBelow(dir).catch(() => []), []);
    },
  });
}

Deno.test({
  name: "Ctrl-C in a build leaves no half component",
  ignore: !HAS_SCRIPT,
  fn: async () => {
    await using here = await place();
    const folder = `${here.dir}/notes`;
    assert.equal((await here.omnifs("provider", "new", "notes", folder)).code, 0);
    const before = await filesBelow(folder);
    await using terminal = typed(here, "provider", "build", folder);
    await terminal.shows(/building .*\(Ctrl-C stops it\)/);
    await terminal.type(CTRL_C);
    const { code, echoes } = await terminal.ended();
    assert.ok(echoes);
    const after = await filesBelow(folder);
    // On a machine that builds faster than anybody types it is done, and whole.
    if (code === 0) assert.ok(after.includes("notes.wasm"));
    else assert.deepEqual([code, after], [130, before]);
    assert.deepEqual(after.filter((path) => path.endsWith(".tmp")), []);
    await untilNone(here.dir);
  },
});

Deno.test({
  name: "without a terminal no command says how far it is",
  ignore: !(await fuseIsThere()),
  fn: async () => {
    await using here = await place();
    const dir = `${here.dir}/mnt`;
    try {
      for (const words of [["mount", dir], ["restart", dir], ["find", dir], ["unmount", dir]]) {
        const { code, stderr } = await here.omnifs(...words);
        assert.deepEqual([code, stderr], [0, ""], words.join(" "));
      }
    } finally {
      await endMount(dir);
    }
  },
});

Deno.test({
  name: "Ctrl-C in a build of assets leaves nothing of it",
  ignore: !HAS_SCRIPT,
  fn: async () => {
    await using here = await place();
    const workspace = await game(here);
    const large = await Deno.create(workspace.at("hero/large.bin"));
    // A hole takes no room on the disk, and seconds to pack.
    await large.truncate(2 * 1024 ** 3);
    large.close();
    await using terminal = typed(here, "packer", "build", "--workspace", workspace.path);
    await interrupted(terminal, /packing .*\(Ctrl-C stops it\)/);
    assert.deepEqual(await filesBelow(`${workspace.path}/build`), []);
    await untilNone(here.dir);
  },
});
