/**
 * arXiv on a real mount: what a person does with a shell, and what arXiv sees of it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ArxivStandIn, pdfOf, sourceOf, type StandInOptions } from "../fakes/arxiv/mod.ts";
import { run } from "../support/command.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { type Mounted, mountOmnifs } from "../support/mount.ts";
import { tempDir } from "../support/temp.ts";

const ignore = !(await fuseIsThere());

/** arXiv's own pace, in milliseconds. */
const ARXIV_PACE = 3_000;

interface ArxivMount {
  readonly arxiv: ArxivStandIn;
  readonly mounted: Mounted;
  /** `arxiv` on the mount. */
  readonly dir: string;
}

/** A test with a mount of a small arXiv, which enforces its `pace`. */
function onArxiv(name: string, options: StandInOptions, test: (mount: ArxivMount) => Promise<void>): void {
  Deno.test({
    name,
    ignore,
    fn: async () => {
      await using arxiv = new ArxivStandIn(options);
      arxiv.add(
        { id: "2201.13452", versions: 2, title: "Attention to detail" },
        { id: "hep-ex/0307015", source: "gz", categories: ["hep-ex"] },
        { id: "2201.00002", source: "pdf" },
        { id: "2201.00003", comment: "This paper has been withdrawn", source: "none" },
        { id: "2201.00004" },
      );
      const settings = { ...arxiv.settings, pace_ms: options.pace ?? 0 };
      const flags = Object.entries(settings).map(([key, value]) => `--set=arxiv.${key}=${value}`);
      await using mounted = await mountOmnifs(["--provider=arxiv", `--allow-net=${arxiv.host}`, ...flags]);
      await test({ arxiv, mounted, dir: `${mounted.dir}/arxiv` });
    },
  });
}

/** What a program prints, which must succeed. */
async function text(program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, { deadline: 60_000 });
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}: ${stderr}`);
  return stdout;
}

/** How a program fails. */
async function fault(program: string, ...args: string[]): Promise<string> {
  const { code, stderr } = await run(program, args, { deadline: 60_000 });
  assert.notEqual(code, 0, `${program} ${args.join(" ")}`);
  return stderr;
}

for (const format of ["before", "after"] as const) {
  onArxiv(`every path of the tree reads as a file over the format ${format}`, { format }, async ({ dir }) => {
    const paper = `${dir}/papers/2201.13452`;
    assert.equal(await text("ls", dir), "README.md\n_search\ncategories\npapers\n");
    const listed = "abstract\nauthors\nmetadata.json\npaper.pdf\nsource.tar.gz\ntitle\n";
    assert.equal(await text("ls", paper), `${listed}versions\n`);
    assert.equal(await text("ls", `${paper}/versions/v1`), listed);
    assert.equal(await text("cat", `${paper}/title`), "Attention to detail\n");
    assert.match(await text("cat", `${paper}/abstract`), /^We study 2201\.13452 at length.*\n$/);
    assert.equal(await text("cat", `${paper}/authors`), "Ada Lovelace\nČeněk Šťastný\n");
    assert.equal(JSON.parse(await text("cat", `${paper}/metadata.json`)).version, 2);
    assert.equal(await text("cat", `${paper}/paper.pdf`), new TextDecoder().decode(pdfOf("2201.13452", 2)));
    assert.equal(
      await text("stat", "-c", "%s", `${paper}/versions/v1/paper.pdf`),
      `${pdfOf("2201.13452", 1).length}\n`,
    );
    assert.equal(await text("tar", "-tzf", `${paper}/source.tar.gz`), "main.tex\n");
    assert.equal(await text("ls", `${dir}/categories/hep-ex/_recent`), "hep-ex%2F0307015\n");
    assert.match(await text("ls", `${dir}/categories`), /^astro-ph.CO\n.*\ncs.CL\n.*\nstat.TH\n$/s);
    assert.equal(await text("cat", `${dir}/_search/Attention/2201.13452/title`), "Attention to detail\n");
    assert.match(await fault("ls", `${dir}/papers/2201.99999`), /No such file or directory/);
    assert.match(await fault("ls", `${dir}/_search/((`), /Invalid argument/);
    assert.match(await fault("touch", `${paper}/new`), /Read-only file system/);
  });
}

onArxiv("a source and an old identifier keep their names and their bytes", {}, async ({ dir }) => {
  const old = `${dir}/papers/hep-ex%2F0307015`;
  const { bytes } = await sourceOf("hep-ex/0307015", 1, "gz");
  assert.equal(await text("stat", "-c", "%s", `${old}/source.gz`), `${bytes.length}\n`);
  assert.match(await text("sh", "-c", `gzip -dc < '${old}/source.gz'`), /hep-ex\/0307015v1/);
  assert.equal(
    await text("stat", "-c", "%i", old),
    await text("stat", "-c", "%i", `${dir}/categories/hep-ex/_recent/hep-ex%2F0307015`),
  );
  assert.match(await text("ls", `${dir}/papers/2201.00002`), /\nsource\.pdf\n/);
  assert.doesNotMatch(await text("ls", `${dir}/papers/2201.00003`), /pdf|source/);
  assert.match(await fault("cat", `${dir}/papers/2201.00002/source.tar.gz`), /No such file or directory/);
});

onArxiv(
  "every title and abstract of a category is one request, and tools copy a paper whole",
  {},
  async (mount) => {
    const recent = `${mount.dir}/categories/cs.CL/_recent`;
    assert.equal(
      (await text("sh", "-c", `cat ${recent}/*/title ${recent}/*/abstract`)).split("\n").length,
      9,
    );
    assert.equal(mount.arxiv.requests.length, 1);
    await using temp = await tempDir();
    await text("cp", "-r", `${recent}/2201.13452`, `${temp.path}/paper`);
    assert.equal(await text("diff", "-r", `${recent}/2201.13452`, `${temp.path}/paper`), "");
    assert.match(await text("grep", "-rl", "Attention", recent), /2201\.13452\/title/);
    const before = mount.arxiv.requests.length;
    await text("grep", "-rlc", "Attention", recent);
    assert.equal(mount.arxiv.requests.length, before, "the second time costs nothing");
  },
);

/** Runs every command at once; all of them have to succeed. */
async function atOnce(commands: readonly (readonly [string, ...string[]])[]): Promise<string[]> {
  return await Promise.all(commands.map(([program, ...args]) => text(program, ...args)));
}

onArxiv(
  "five processes that read at once never ask arXiv twice within 3 seconds",
  { pace: ARXIV_PACE },
  async (mount) => {
    const recent = `${mount.dir}/categories/cs.CL/_recent`;
    const said = await atOnce([
      ["cat", `${recent}/2201.13452/title`],
      ["cat", `${recent}/2201.00002/abstract`],
      ["cat", `${recent}/2201.00003/authors`],
      ["cat", `${recent}/2201.00004/metadata.json`],
      ["head", "-c", "8", `${recent}/2201.13452/paper.pdf`],
    ]);
    assert.deepEqual([said[0], said[4]], ["Attention to detail\n", "%PDF-1.5"]);
    assert.deepEqual(mount.arxiv.asked().map((path) => path.split("?")[0]), [
      "GET /api/query",
      "HEAD /pdf/2201.13452v2",
      "GET /pdf/2201.13452v2",
    ]);
    const times = mount.arxiv.requests.map(({ at }) => at);
    for (const [index, time] of times.entries()) {
      if (index > 0) assert(time - (times[index - 1] ?? 0) >= ARXIV_PACE, times.join());
    }
  },
);

onArxiv("five processes that need ten requests and more wait their turns", { pace: 250 }, async (mount) => {
  const ids = ["2201.13452", "hep-ex%2F0307015", "2201.00002", "2201.00003", "2201.00004"];
  const titles = await atOnce(ids.map((id) => ["cat", `${mount.dir}/papers/${id}/title`]));
  assert.equal(titles[0], "Attention to detail\n");
  assert.deepEqual([mount.arxiv.requests.length, mount.arxiv.violations], [10, 0]);
});
