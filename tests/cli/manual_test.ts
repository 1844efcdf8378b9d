/**
 * The manual: pages that man(1) reads without a complaint, and that say the same as the help and as the repository.
 *
 * @module
 */
import assert from "node:assert/strict";
import { EXIT } from "../../runtime/cli/command.ts";
import { COMMAND_NAMES } from "../../runtime/cli/registry.ts";
import { SETTINGS } from "../../runtime/cli/settings.ts";
import { has, run } from "../support/command.ts";
import { place } from "./fixture.ts";

const COMMITTED = new URL("../../docs/commands/", import.meta.url).pathname;

/** The text of every file below `dir`, by its path there. */
async function filesBelow(dir: string, under = ""): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (const { name, isDirectory } of Deno.readDir(`${dir}/${under}`)) {
    const path = `${under}${name}`;
    if (!isDirectory) files.set(path, await Deno.readTextFile(`${dir}/${path}`));
    else for (const [below, text] of await filesBelow(dir, `${path}/`)) files.set(below, text);
  }
  return files;
}

/** What `program` says of each page of the manual. */
async function complaints(program: string, ...args: string[]): Promise<string[]> {
  await using here = await place();
  const dir = `${here.dir}/man`;
  await here.omnifs("man", "--to", dir);
  const paths = [...(await filesBelow(dir)).keys()].map((path) => `${dir}/${path}`);
  assert.ok(paths.length > COMMAND_NAMES.length);
  const { stdout, stderr } = await run(program, [...args, ...paths], { deadline: 60_000 });
  // A page has no date of its own: the version says how old it is.
  return (stdout + stderr).split("\n").filter((line) => line !== "" && !line.includes("missing date"));
}

Deno.test(
  "mandoc finds nothing wrong with any page of the manual",
  { ignore: !await has("mandoc") },
  async () => {
    assert.deepEqual(await complaints("mandoc", "-Tlint", "-W", "warning"), []);
  },
);

Deno.test(
  "groff finds nothing wrong with any page of the manual",
  { ignore: !await has("groff") },
  async () => {
    assert.deepEqual(await complaints("groff", "-man", "-ww", "-z", "-Tutf8"), []);
  },
);

Deno.test(
  "man shows what the help shows, with dashes that can be pasted",
  { ignore: !await has("man") },
  async () => {
    await using here = await place();
    await here.omnifs("man", "--to", `${here.dir}/man`);
    const env = { ...here.env, MANWIDTH: "1000", LC_ALL: "C.UTF-8", MANPATH: `${here.dir}/man` };
    const page = async (...args: string[]) => {
      const { stdout } = await run("man", ["-P", "cat", ...args], { env, deadline: 60_000 });
      // Some print bold as a letter over itself.
      // deno-lint-ignore no-control-regex -- the backspace is what is looked for
      return stdout.replace(/.\x08|\x1b\[[\d;]*m/g, "");
    };
    const mount = await page("-l", `${here.dir}/man/man1/omnifs-mount.1`);
    const { stdout: help } = await here.omnifs("help", "mount");
    const words = (text: string) => new Set(text.match(/--[a-z][a-z-]+|OMNIFS_\w+/g));
    assert.deepEqual([...words(help)].filter((word) => !words(mount).has(word)), []);
    assert.match(mount, /omnifs mount -f \/mnt\/omnifs --log-level debug/);
    assert.match(mount, /^ +130 +interrupted/m);
    // Found by its name, as it is once installed.
    assert.match(await page("omnifs-cache-drop"), /Forget what is cached/);
    assert.match(await page("5", "omnifs-config"), /OMNIFS_ALLOW_NET/);
  },
);

Deno.test("the pages in docs/commands are those of today: deno task docs", async () => {
  await using here = await place();
  const { code, stderr } = await here.omnifs("man", "--markdown", "--to", `${here.dir}/pages`);
  assert.deepEqual([code, stderr], [0, ""]);
  const [made, committed] = [await filesBelow(`${here.dir}/pages`), await filesBelow(COMMITTED)];
  assert.deepEqual([...committed.keys()].toSorted(), [...made.keys()].toSorted());
  for (const [path, text] of made) {
    assert.equal(committed.get(path), text, `${path} is stale: deno task docs`);
  }
});

Deno.test("every exit code, every setting and every variable is in the manual", async () => {
  await using here = await place();
  const overview = (await here.omnifs("man", "--markdown")).stdout;
  for (const code of Object.values(EXIT)) assert.match(overview, new RegExp(`^\\| \`${code}\` \\| `, "m"));
  for (const name of COMMAND_NAMES) {
    assert.ok(overview.includes(`[\`${name}\`](${name.replace(" ", "-")}.md)`), name);
  }
  const config = (await here.omnifs("man", "config", "--markdown")).stdout;
  for (const { key, variable } of SETTINGS) {
    assert.match(config, new RegExp(`^\\| \`${key}\` \\| `, "m"));
    assert.match(config, new RegExp(`^\\| \`${variable}\` \\| `, "m"));
  }
});

Deno.test("a page that is not there is told with the one that was meant", async () => {
  await using here = await place();
  const { code, stderr } = await here.omnifs("man", "mout");
  assert.equal(code, 2);
  assert.match(stderr, /there is no command "mout"; did you mean "mount"\?/);
  assert.equal((await here.omnifs("man", "mount", "--to", here.dir)).code, 2);
});
