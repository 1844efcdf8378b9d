/**
 * Runs the rows of the toolbox matrix: on a mount, and on the same tree on a disk.
 *
 * @module
 */
import { deepStrictEqual, match, notStrictEqual, strictEqual } from "node:assert/strict";
import { dirname, join } from "node:path";
import { has, type Ran, run, sh } from "../support/command.ts";
import { ROOT } from "../support/mount.ts";
import { tempDir } from "../support/temp.ts";
import { type ToolRow, WRITERS } from "./tools.ts";

/** The folders that the rows are run with. */
export interface Stage {
  /** The tree on the mount. */
  readonly box: string;
  /** The same on a disk. */
  readonly mirror: string;
  /** A folder for what the tests write. */
  readonly scratch: string;
  /** A file of text, relative to the tree. */
  readonly file: string;
  /** A directory, relative to the tree or absolute. */
  readonly directory: string;
}

/** How long one row may take, in milliseconds. */
const DEADLINE = 60_000;

/** Runs `fn` as a step for `row`, where its tool is there. */
export async function step(t: Deno.TestContext, row: ToolRow, fn: () => Promise<void>): Promise<void> {
  await t.step({ name: row.title, ignore: !await has(row.tool), fn });
}

/** The programs that rows need, built into the new folder `scratch`. The rows are skipped where there is no compiler. */
export async function prepare(scratch: string): Promise<void> {
  await Deno.mkdir(join(scratch, "bin"), { recursive: true });
  if (!await has("gcc")) return;
  const source = join(ROOT, "tests", "mounted", "mapped.c");
  const { code, stderr } = await run("gcc", ["-O1", "-o", join(scratch, "bin", "mapped"), source]);
  strictEqual(code, 0, stderr);
}

/** A tool that reads says the same of the mount as of the disk. */
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

/** Every way to change the tree is refused with EROFS, and the tree is as it was. */
export async function refusals(t: Deno.TestContext, stage: Stage): Promise<void> {
  for (const row of WRITERS) await step(t, row, () => refuses(row, stage));
}

/** Runs a row's script in `tree`, with an empty `$OUT` that is gone afterwards. */
async function perform(row: ToolRow, tree: string, stage: Stage): Promise<Ran> {
  await using out = await tempDir();
  await Deno.writeTextFile(join(stage.scratch, "spare"), "spare\n");
  const ran = await sh(row.script, {
    cwd: tree,
    deadline: DEADLINE,
    env: {
      OUT: out.path,
      MIRROR: stage.mirror,
      BIN: join(stage.scratch, "bin"),
      SPARE: join(stage.scratch, "spare"),
      F: stage.file,
      D: stage.directory,
      // git looks for a repository in every directory above: `HEAD` is a domain like any other.
      GIT_CEILING_DIRECTORIES: dirname(tree),
    },
  });
  // What came from a read-only tree must be made writable before it can be removed by anybody but root.
  await run("chmod", ["-R", "u+w", out.path]);
  return ran;
}

async function refuses(row: ToolRow, stage: Stage): Promise<void> {
  const { code, stdout, stderr } = await perform(row, stage.box, stage);
  notStrictEqual(code, 0, `${row.script} was allowed`);
  match(stdout + stderr, /Read-only file system/);
  strictEqual((await sh(`diff -r . ${stage.mirror}`, { cwd: stage.box, deadline: DEADLINE })).stdout, "");
}
