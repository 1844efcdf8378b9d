/**
 * The toolbox matrix on a real mount: each tool says the same of the mount as of the same tree on a disk.
 *
 * @module
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { buildProvider } from "../../providers/sdk/build.ts";
import { run, sh } from "../support/command.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { type Mounted, mountOmnifs, ROOT } from "../support/mount.ts";
import { tempDir } from "../support/temp.ts";
import { mirror } from "./mirror.ts";
import { prepare, reads, refusals, type Stage, step } from "./toolbox.ts";
import { READERS } from "./tools.ts";

const HERE = join(ROOT, "tests", "mounted");

/** The rich tree, mounted. */
interface RichStage extends Stage {
  readonly mounted: Mounted;
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
      file: "README.md",
      directory: "docs",
    };
    await mirror("box", stage.mirror);
    await prepare(stage.scratch);
    const component = join(home.path, "files.wasm");
    await buildProvider(join(HERE, "files"), component);

    await using mounted = await mountOmnifs(["--provider", `files=${component}`], {
      home: await subfolder(home.path, "home"),
    });
    const whole = { ...stage, mounted, box: join(mounted.dir, "files", "box") };
    for (const row of READERS) await step(t, row, () => reads(row, whole));
    await refusals(t, whole);
    await t.step("ls -i shows one number for each object, and stat the same", () => inodes(whole));
    await t.step("reading it all a second time costs no message of the kernel", () => secondRead(whole));
    await overlay(t, whole);
    await t.step("after all of that the mount still answers, and logged no failure", () => unharmed(whole));
  },
});

async function subfolder(parent: string, name: string): Promise<string> {
  await Deno.mkdir(join(parent, name));
  return join(parent, name);
}

async function inodes({ box }: RichStage): Promise<void> {
  const listed = await sh("cd docs/section-01 && ls -i | sort -k2 | awk '{print $1, $2}'", { cwd: box });
  const told = await sh("cd docs/section-01 && stat -c '%i %n' * | sort -k2", { cwd: box });
  strictEqual(listed.stdout, told.stdout);
  const numbers = (await sh("find . -printf '%i\\n'", { cwd: box })).stdout.trim().split("\n");
  ok(numbers.length > 2_500);
  strictEqual(new Set(numbers).size, numbers.length, "two objects share an inode number");
}

async function secondRead({ box, mounted }: RichStage): Promise<void> {
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
async function overlay(t: Deno.TestContext, { box, mirror, scratch }: RichStage): Promise<void> {
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

async function unharmed({ box, mirror, mounted }: RichStage): Promise<void> {
  strictEqual((await sh(`diff -r . ${mirror}`, { cwd: box })).stdout, "");
  const { errors, providers } = await mounted.status();
  deepStrictEqual(errors, []);
  deepStrictEqual(providers.map(({ mount, state }) => [mount, state]), [["files", "ready"]]);
}
