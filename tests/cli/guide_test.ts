/**
 * `README.md` at the root of a mount, through the kernel.
 *
 * @module
 */
import assert from "node:assert/strict";
import { run, sh } from "../support/command.ts";
import { until } from "../support/deadline.ts";
import { endMount, fuseIsThere } from "../support/kernel.ts";
import { type Echoing, startEchoing } from "./echoing.ts";
import { DEADLINE, omnifsCommand, type Place, place } from "./fixture.ts";

const ignore = !(await fuseIsThere());

/** Accepted by the stand-in. */
const TOKEN = "tok_Guided-5f1c9e0b7a3d2468";

async function omnifs(here: Place, args: string[], input = "") {
  const [program, words] = omnifsCommand(args);
  return await run(program, words, {
    env: { ...here.env, OMNIFS_KEYRING: "none" },
    input,
    deadline: DEADLINE,
  });
}

/** GitHub in front of the stand-in, with drafts. */
async function mounted(work: (here: Place, dir: string, stand: Echoing) => Promise<void>): Promise<void> {
  await using here = await place();
  await using stand = startEchoing();
  const dir = `${here.dir}/mnt`;
  const settings = ["--set", `github.api_url=${stand.url}`, "--set", `github.log_hosts=${stand.hosts[1]}`];
  const flags = [`--allow-net=${stand.hosts[0]}`, "--allow-apply=github", ...settings];
  try {
    const { code, stderr } = await omnifs(here, ["mount", dir, "--provider", "github", ...flags]);
    assert.equal(code, 0, stderr);
    await work(here, dir, stand);
  } finally {
    await endMount(dir);
  }
}

Deno.test(
  "the page is read without a request, and tells of a login, of a refusal and of a logout as they happen",
  { ignore },
  () =>
    mounted(async (here, dir, stand) => {
      const file = `${dir}/github/README.md`;
      const page = () => Deno.readTextFile(file);
      const first = await page();
      const before = await Deno.stat(file);
      assert.equal(before.size, new TextEncoder().encode(first).length);
      assert.match(first, /no credential is in use \(not set\)\. Try: `omnifs auth login github`/);
      assert.match(first, new RegExp(`^- \`${stand.hosts[0]}\`: .* Granted\\.$`, "m"));
      assert.match(first, new RegExp(`Not granted: .*\`--allow-net=${stand.hosts[1]}\``));
      assert.match(first, new RegExp(`^- \`github\\.api_url\` = \`${stand.url}\` \\(set\\)`, "m"));
      assert.match(first, /^ {6}omnifs draft write \/github\/PATH NAME < FILE$/m);
      assert.match(first, /^ {4}\{owner\}\/ /m);
      assert.deepEqual(stand.seen, []);

      stand.tokens.add(TOKEN);
      assert.equal((await omnifs(here, ["auth", "login", "--url", stand.url], TOKEN)).code, 0);
      await until(
        async () => /in use, from the store/.test(await page()),
        DEADLINE,
        "a page that tells of it",
      );
      const after = await Deno.stat(file);
      assert.deepEqual([after.ino, after.size], [before.ino, (await Deno.readFile(file)).length]);
      assert.doesNotMatch(await page(), new RegExp(TOKEN));

      stand.tokens.clear();
      await sh(`ls ${dir}/github/acme`, { deadline: DEADLINE });
      await until(
        async () => /in use, from the store .*; refused by 127\.0\.0\.1/.test(await page()),
        DEADLINE,
        "a page that tells of the refusal",
      );
      assert.equal((await omnifs(here, ["auth", "logout", "github"])).code, 0);
      await until(async () => /no credential is in use/.test(await page()), DEADLINE, "a page without it");
    }),
);

Deno.test(
  "the page takes no write, in a draft or beside it, and a draft shows the same",
  { ignore },
  () =>
    mounted(async (here, dir) => {
      const live = `${dir}/github/README.md`;
      assert.equal((await omnifs(here, ["draft", "new", "d", "--mount", dir])).code, 0);
      const staged = `${dir}/_drafts/d/github/README.md`;
      const refused = async (script: string) => (await sh(script, { env: { LC_ALL: "C" } })).stderr;
      assert.match(await refused(`echo x > ${live}`), /Read-only file system/);
      const attempts = [`echo x | tee -a ${staged}`, `rm -f ${staged}`, `mv ${staged} ${staged}~`];
      for (const script of attempts) assert.match(await refused(script), /Operation not permitted/, script);
      const removal = await omnifs(here, [
        "draft",
        "write",
        "--remove",
        "/github/README.md",
        "d",
        "--mount",
        dir,
      ]);
      assert.deepEqual([removal.code, removal.stdout], [1, ""]);
      const same = await sh(`diff -ru ${dir}/github ${dir}/_drafts/d/github`, { deadline: DEADLINE });
      assert.deepEqual([same.code, same.stdout, same.stderr], [0, "", ""]);
      const { stdout } = await omnifs(
        here,
        ["draft", "write", "/github/README.md", "d", "--mount", dir],
        "x\n",
      );
      assert.equal(stdout, "");
      assert.equal(await Deno.readTextFile(staged), await Deno.readTextFile(live));
    }),
);
