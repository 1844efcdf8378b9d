/**
 * How a row of the toolbox matrix is run: on the mount, and on the same tree on a disk.
 *
 * @module
 */
import { deepStrictEqual, match, notStrictEqual, strictEqual } from "node:assert/strict";
import { dirname, join } from "node:path";
import { has, type Ran, run, sh } from "../support/command.ts";
import { ROOT } from "../support/mount.ts";
import { tempDir } from "../support/temp.ts";
import type { ToolRow } from "./tools.ts";

/** The folders that the rows are run with. */
export interface Stage {
  /** The tree on the mount. */
  readonly box: string;
  /** The same on a disk. */
  readonly mirror: string;
  /** A folder for what the tests write. */
  readonly scratch: string;
  /** A file of the tree that is not empty, from its top. */
  readonly file: string;
  /** A folder of the tree, likewise. */
  readonly folder: string;
}

/** Runs `fn` as a step; one whose tool is missing is skipped. */
export async function step(t: Deno.TestContext, row: ToolRow, fn: () => Promise<void>): Promise<void> {
  await t.step({ name: row.title, ignore: !await has(row.tool), fn });
}

/** Builds the program behind the mmap row below `scratch`; the row is skipped where there is no compiler. */
export async function buildMapped(scratch: string): Promise<void> {
  await Deno.mkdir(join(scratch, "bin"), { recursive: true });
  if (!await has("gcc")) return;
  const source = join(ROOT, "tests", "mounted", "mapped.c");
  const { code, stderr } = await run("gcc", ["-O1", "-o", join(scratch, "bin", "mapped"), source]);
  strictEqual(code, 0, stderr);
}

/** Runs a row's script in `tree`, with an empty `$OUT` that is gone afterwards. */
async function perform(row: ToolRow, tree: string, stage: Stage): Promise<Ran> {
  await using out = await tempDir();
  await Deno.writeTextFile(join(stage.scratch, "spare"), "spare\n");
  const ran = await sh(row.script, {
    cwd: tree,
    env: {
      OUT: out.path,
      MIRROR: stage.mirror,
      BIN: join(stage.scratch, "bin"),
      SPARE: join(stage.scratch, "spare"),
      FILE: stage.file,
      FOLDER: stage.folder,
      // git looks for a repository in each folder above, and would ask a name server for the domain HEAD.
      GIT_CEILING_DIRECTORIES: dirname(tree),
    },
  });
  // What came from a read-only tree must be made writable before it can be removed by anybody but root.
  await run("chmod", ["-R", "u+w", out.path]);
  return ran;
}

/** Checks that the row says the same of both. */
export async function reads(row: ToolRow, stage: Stage): Promise<void> {
  const seen = await perform(row, stage.box, stage);
  const said = `${row.script}\n${seen.stderr}`;
  strictEqual(seen.code, row.code ?? 0, said);
  if (row.prints !== undefined) return strictEqual(seen.stdout, row.prints, said);
  const expected = await perform(row, stage.mirror, stage);
  notStrictEqual(
    expected.stdout.length + expected.code,
    0,
    "the row prints nothing on a disk: it proves nothing",
  );
  deepStrictEqual({ out: seen.stdout, err: seen.stderr }, { out: expected.stdout, err: expected.stderr });
}

/** Checks that the row changes nothing on the mount, and why. */
export async function refuses(row: ToolRow, stage: Stage): Promise<void> {
  const { code, stdout, stderr } = await perform(row, stage.box, stage);
  notStrictEqual(code, 0, `${row.script} was allowed`);
  match(stdout + stderr, /Read-only file system/);
  strictEqual((await sh(`diff -r . ${stage.mirror}`, { cwd: stage.box })).stdout, "");
}

/**
 * Runs `script` with the mount as the lower layer of an overlay that is mounted on `merged`, in a mount namespace that
 * ends with the script. It is a step that only root can take.
 */
export async function overlaid(
  t: Deno.TestContext,
  stage: Stage,
  script: string,
  check: (ran: Ran) => void | Promise<void>,
): Promise<void> {
  const possible = Deno.uid() === 0 &&
    (await run("unshare", ["-m", "true"]).catch(() => ({ code: 1 }))).code === 0;
  const layers = join(stage.scratch, "layers");
  await Deno.mkdir(layers, { recursive: true });
  const begin = `
    set -e
    mount -t tmpfs none "$LAYERS" && cd "$LAYERS" && mkdir upper work merged
    mount -t overlay overlay -o "lowerdir=$BOX,upperdir=upper,workdir=work" merged
    diff -r merged "$MIRROR"
  `;
  await t.step({
    name: "overlayfs takes the mount as its lower layer, and writes go above it",
    ignore: !possible,
    async fn() {
      const { box: BOX, mirror: MIRROR, file: FILE } = stage;
      const env = { LAYERS: layers, BOX, MIRROR, FILE, LC_ALL: "C" };
      const ran = await run("unshare", ["-m", "sh", "-c", begin + script], { env });
      strictEqual(ran.code, 0, ran.stderr);
      await check(ran);
    },
  });
}
