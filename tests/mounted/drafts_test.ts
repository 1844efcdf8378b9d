/**
 * Drafts on a real mount, over the GitHub stand-in: what a person does with a shell, and what becomes of it upstream.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fuseIsThere } from "../support/kernel.ts";
import { sh } from "../support/command.ts";
import { type GitHubMount, mountGitHub } from "./github_mount.ts";

const ignore = !(await fuseIsThere());

/** A mount of one repository with two issues, the first with a comment. */
interface Scene {
  readonly mount: GitHubMount;
  /** The first issue, and its number. */
  readonly issue: string;
  readonly number: number;
  /** The second one's number. */
  readonly other: number;
  /** The draft `d` in its shadow tree. */
  readonly shadow: string;
  /** What `omnifs` says, which must succeed. */
  omnifs(args: readonly string[], stdin?: string): Promise<string>;
}

function onGitHub(
  name: string,
  test: (scene: Scene) => Promise<void>,
  args = ["--allow-apply=github"],
): void {
  Deno.test({
    name,
    ignore,
    fn: async () => {
      const numbers: number[] = [];
      await using mount = await mountGitHub(async (github) => {
        numbers.push(
          await github.createIssue("acme/api", { title: "Crash", body: "It crashes.", labels: ["bug"] }),
        );
        numbers.push(await github.createIssue("acme/api", { title: "Slow", body: "It is slow." }));
        await github.addComment("acme/api", numbers[0] ?? 0, "Me too");
      }, { args });
      const [number = 0, other = 0] = numbers;
      const omnifs = async (args: readonly string[], stdin = "") => {
        const { code, stdout, stderr } = await mount.mounted.omnifs(args, { input: stdin });
        assert.equal(code, 0, `omnifs ${args.join(" ")}: ${stderr}`);
        return stdout;
      };
      const issue = `${mount.repo}/_issues/_open/${number}`;
      const shadow = `${mount.mounted.dir}/_drafts/d`;
      await test({ mount, issue, number, other, shadow, omnifs });
    },
  });
}

onGitHub("a draft closes an issue, adds a comment and changes labels in one go", async (scene) => {
  const { mount, omnifs, number, other, issue } = scene;
  const path = `/github/acme/api/_issues/_open`;
  await omnifs(["draft", "new", "my-fix"]);
  await omnifs(["draft", "write", `${path}/${number}/state`, "my-fix"], "closed\n");
  await omnifs(["draft", "write", `${path}/${number}/comments/new`, "my-fix"], "Fixed in 1.2\n");
  await omnifs(["draft", "write", `${path}/${other}/labels`, "my-fix"], "bug\nslow\n");
  const diff = await omnifs(["draft", "diff", "my-fix"]);
  assert.match(diff, new RegExp(`--- a${path}/${number}/state\n\\+\\+\\+ b${path}/${number}/state\n`));
  assert.match(diff, /-open\n\+closed\n/);
  assert.match(await omnifs(["draft", "apply", "--dry-run", "my-fix"]), /3 steps, none of them done/);
  assert.equal(await mount.text("cat", `${issue}/state`), "open\n");
  assert.match(await omnifs(["draft", "apply", "my-fix"]), /applied, 3 steps/);
  assert.match(await omnifs(["draft", "ls"]), /no draft/);
  const before = await mount.callouts();
  const closed = `${mount.repo}/_issues/_all/${number}`;
  assert.equal(await mount.text("cat", `${closed}/state`), "closed\n");
  assert.equal(await mount.text("cat", `${mount.repo}/_issues/_all/${other}/labels`), "bug\nslow\n");
  const comments = (await mount.text("sh", "-c", `cat ${closed}/comments/*/body`)).split("\n");
  assert(comments.includes("Fixed in 1.2"), comments.join());
  console.error("callouts after", await mount.callouts() - before);
});

/** Lines of a shell that leave `state` of the first issue as `closed` in the shadow tree. */
const EDITS: Readonly<Record<string, (file: string) => string>> = {
  "a redirect": (file) => `echo closed > ${file}`,
  "an append after a truncation": (file) => `: > ${file}; echo closed >> ${file}`,
  "sed -i": (file) => `sed -i s/open/closed/ ${file}`,
  "perl -i": (file) => `perl -i -pe s/open/closed/ ${file}`,
  "vim": (file) => `vim -es -u NONE -c '%s/open/closed/' -c wq ${file}`,
  "vim with backups by rename": (file) =>
    `vim -es -u NONE -c 'set backup backupcopy=no' -c '%s/open/closed/' -c wq ${file}`,
  "cp": (file) =>
    `echo closed > /tmp/omnifs-draft-$$; cp /tmp/omnifs-draft-$$ ${file}; rm /tmp/omnifs-draft-$$`,
  "mv of a new file": (file) => `echo closed > ${file}.tmp; mv ${file}.tmp ${file}`,
  "tee": (file) => `echo closed | tee ${file} > /dev/null`,
  "dd": (file) => `echo closed | dd of=${file} status=none`,
  "rm and a new file": (file) => `rm ${file}; echo closed > ${file}`,
};

onGitHub("shells and editors write in the shadow tree, and the live tree stays as it is", async (scene) => {
  const { mount, omnifs, number, issue, shadow } = scene;
  const path = `/github/acme/api/_issues/_open/${number}/state`;
  for (const [name, edit] of Object.entries(EDITS)) {
    await omnifs(["draft", "new", "d"]);
    const { code, stderr } = await sh(edit(`${shadow}${path}`), { env: { TMPDIR: "/tmp" } });
    assert.equal(code, 0, `${name}: ${stderr}`);
    assert.equal(await mount.text("cat", `${shadow}${path}`), "closed\n", name);
    assert.equal(await mount.text("cat", `${issue}/state`), "open\n", name);
    const draft = JSON.parse(await omnifs(["draft", "show", "d", "--output", "json"]));
    const [change, ...more] = draft.changes;
    assert.deepEqual(
      [change?.path, change?.change, more.length],
      [path, "write", 0],
      `${name}: ${JSON.stringify(draft)}`,
    );
    await omnifs(["draft", "discard", "d"]);
  }
});
