/**
 * The toolbox matrix on a real mount: each tool says the same of the mount as of the same tree on a disk.
 *
 * @module
 */
import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { buildProvider } from "../../providers/sdk/build.ts";
import { has, type Ran, run, sh } from "../support/command.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { type Mounted, mountOmnifs, ROOT } from "../support/mount.ts";
import { tempDir } from "../support/temp.ts";
import { mirror } from "./mirror.ts";
import { READERS, type ToolRow, WRITERS } from "./tools.ts";

const HERE = join(ROOT, "tests", "mounted");

/** The folders that the rows are run with. */
interface Stage {
  readonly mounted: Mounted;
  /** The tree on the mount. */
  readonly box: string;
  /** The same on a disk. */
  readonly mirror: string;
  /** A folder for what the tests write. */
  readonly scratch: string;
}

const canMount = await fuseIsThere();

Deno.test({
  name: "on a mount, each tool of the toolbox does what it does on a disk",
  ignore: !canMount,
  async fn(t) {
    await using home = await tempDir();
    const stage = {
      mirror: join(home.path, "mirror"),
      scratch: join(home.path, "scratch"),
    };
    await mirror("box", stage.mirror);
    await Deno.mkdir(join(stage.scratch, "bin"), { recursive: true });
    await buildMapped(stage.scratch);
    const component = join(home.path, "files.wasm");
    await buildProvider(join(HERE, "files"), component);

    await using mounted = await mountOmnifs(["--provider", `files=${component}`], {
      home: await subfolder(home.path, "home"),
    });
    const whole = { ...stage, mounted, box: join(mounted.dir, "files", "box") };
    for (const row of READERS) await step(t, row, () => reads(row, whole));
    for (const row of WRITERS) await step(t, row, () => refuses(row, whole));
    await t.step("ls -i shows one number for each object, and stat the same", () => inodes(whole));
    await t.step("reading it all a second time costs no message of the kernel", () => secondRead(whole));
    await overlay(t, whole);
    await t.step("after all of that the mount still answers, and logged no failure", () => unharmed(whole));
  },
});

async function step(t: Deno.TestContext, row: ToolRow, fn: () => Promise<void>): Promise<void> {
  await t.step({ name: row.title, ignore: !await has(row.tool), fn });
}

async function subfolder(parent: string, name: string): Promise<string> {
  await Deno.mkdir(join(parent, name));
  return join(parent, name);
}

/** The program behind the mmap row; the row is skipped where there is no compiler. */
async function buildMapped(scratch: string): Promise<void> {
  if (!await has("gcc")) return;
  const { code, stderr } = await run("gcc", [
    "-O1",
    "-o",
    join(scratch, "bin", "mapped"),
    join(HERE, "mapped.c"),
  ]);
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
    },
  });
  // What came from a read-only tree must be made writable before it can be removed by anybody but root.
  await run("chmod", ["-R", "u+w", out.path]);
  return ran;
}

async function reads(row: ToolRow, stage: Stage): Promise<void> {
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

async function refuses(row: ToolRow, stage: Stage): Promise<void> {
  const { code, stdout, stderr } = await perform(row, stage.box, stage);
  notStrictEqual(code, 0, `${row.script} was allowed`);
  match(stdout + stderr, /Read-only file system/);
  strictEqual((await sh(`diff -r . ${stage.mirror}`, { cwd: stage.box })).stdout, "");
}

async function inodes({ box }: Stage): Promise<void> {
  const listed = await sh("cd docs/section-01 && ls -i | sort -k2 | awk '{print $1, $2}'", { cwd: box });
  const told = await sh("cd docs/section-01 && stat -c '%i %n' * | sort -k2", { cwd: box });
  strictEqual(listed.stdout, told.stdout);
  const numbers = (await sh("find . -printf '%i\\n'", { cwd: box })).stdout.trim().split("\n");
  ok(numbers.length > 2_500);
  strictEqual(new Set(numbers).size, numbers.length, "two objects share an inode number");
}

async function secondRead({ box, mounted }: Stage): Promise<void> {
  // By path, not from within: to enter a directory is a question of its own (ACCESS).
  const all = () => sh(`cat ${box}/README.md ${box}/docs/*/page-*.txt ${box}/awkward/* | sha256sum`);
  const messages = async () => {
    const { FORGET: _, BATCH_FORGET: __, ...asked } = (await mounted.status()).fuse.messages;
    return Object.values(asked).reduce((sum, count) => sum + count, 0);
  };
  const first = await all();
  ok(await messages() > 0, "no message was counted at all");
  // The first read of a file ages its access time, after which the kernel asks for its attributes once more; and it
  // may drop what it keeps at any time. So one pass out of some must be free, not a certain one.
  const costs: number[] = [];
  while (costs.length < 6 && costs.at(-1) !== 0) {
    const before = await messages();
    strictEqual((await all()).stdout, first.stdout);
    costs.push(await messages() - before);
  }
  strictEqual(costs.at(-1), 0, `messages of each pass: ${costs}`);
}

/** The mount as the lower layer of an overlay, in a mount namespace that ends with the script. */
async function overlay(t: Deno.TestContext, { box, mirror, scratch }: Stage): Promise<void> {
  const layers = await subfolder(scratch, "layers");
  const script = `
    set -e
    mount -t tmpfs none "$LAYERS" && cd "$LAYERS" && mkdir upper work merged
    mount -t overlay overlay -o "lowerdir=$BOX,upperdir=upper,workdir=work" merged
    diff -r merged "$MIRROR"
    echo more >> merged/README.md; sed -i s/alpha/ALPHA/ merged/docs/section-00/page-00.txt
    rm merged/empty; mv merged/numbers.json merged/moved.json; mkdir merged/new
    tail -n 1 merged/README.md; head -n 1 merged/docs/section-00/page-00.txt | grep -o ALPHA
    ls merged; cat merged/moved.json "$BOX/numbers.json" | sort -u | wc -l
    tail -n 1 "$BOX/README.md"
  `;
  const possible = Deno.uid() === 0 &&
    (await run("unshare", ["-m", "true"]).catch(() => ({ code: 1 }))).code === 0;
  await t.step({
    name: "overlayfs takes the mount as its lower layer, and writes go above it",
    ignore: !possible,
    async fn() {
      const { code, stdout, stderr } = await run("unshare", ["-m", "sh", "-c", script], {
        env: { LAYERS: layers, BOX: box, MIRROR: mirror, LC_ALL: "C" },
      });
      strictEqual(code, 0, stderr);
      deepStrictEqual(stdout.trim().split("\n").map((line) => line.trim()), [
        "more",
        "ALPHA",
        ...["README.md", "awkward", "blob.bin", "deep", "docs", "large", "moved.json", "new", "no-newline"],
        String((await Deno.readTextFile(join(mirror, "numbers.json"))).trim().split("\n").length),
        "The last line is the omega.",
      ]);
    },
  });
}

async function unharmed({ box, mirror, mounted }: Stage): Promise<void> {
  strictEqual((await sh(`diff -r . ${mirror}`, { cwd: box })).stdout, "");
  const { errors, providers } = await mounted.status();
  deepStrictEqual(errors, []);
  deepStrictEqual(providers.map(({ mount, state }) => [mount, state]), [["files", "ready"]]);
}
