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
  const closed = `${mount.repo}/_issues/_all/${number}`;
  await mount.text("grep", "-r", ".", `${mount.repo}/_issues`);
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
  await mount.github.reset();
  assert.equal(await mount.text("cat", `${closed}/state`), "closed\n");
  assert.equal(await mount.text("ls", `${mount.repo}/_issues/_open`), `${other}\n`);
  assert.equal(await mount.text("cat", `${mount.repo}/_issues/_closed/${number}/title`), "Crash\n");
  assert.equal(await mount.text("cat", `${mount.repo}/_issues/_all/${other}/labels`), "bug\nslow\n");
  const comments = (await mount.text("sh", "-c", `cat ${closed}/comments/*/body`)).split("\n");
  assert(comments.includes("Fixed in 1.2"), comments.join());
  assert.deepEqual(await mount.asked() ?? [], [], "what the receipts told is asked for again");
});

onGitHub(
  "the audit log tells who did what, when and with what answer, and holds no token and no text",
  async (scene) => {
    const { mount, omnifs, number } = scene;
    const path = `/github/acme/api/_issues/_open/${number}`;
    await omnifs(["draft", "new", "d"]);
    await omnifs(["draft", "write", `${path}/title`, "d"], "Quiet please\n");
    await omnifs(["draft", "write", `${path}/comments/new`, "d"], "Hush hush\n");
    await mount.github.fault("^POST .*comments", { status: 422, times: 1 });
    assert.equal((await mount.mounted.omnifs(["draft", "apply", "d"])).code, 1);
    await omnifs(["draft", "apply", "d"]);
    const file = await mount.text("sh", "-c", `echo ${mount.mounted.dir}/../state/omnifs/drafts/*/audit.log`);
    const text = await mount.text("cat", file.trim());
    assert.equal(await mount.text("stat", "-c", "%a", file.trim()), "600\n");
    for (const secret of [mount.github.token, "Quiet", "Hush"]) assert(!text.includes(secret), secret);
    const lines = text.trim().split("\n").map((line) => JSON.parse(line));
    const name = `acme/api#${number}`;
    assert.deepEqual(
      lines.map(({ event, step, method, outcome }) => event === "step" ? step : `${method} ${outcome}`),
      [
        `perform: set title of ${name}`,
        "patch 200",
        `perform: comment on ${name}`,
        "post 422",
        `undo: set title of ${name}`,
        "patch 200",
        `perform: set title of ${name}`,
        "patch 200",
        `perform: comment on ${name}`,
        "post 201",
      ],
    );
    for (const { time, mount: of, draft, mode, by } of lines) {
      assert.match(time, /^20\d\d-\d\d-\d\dT/);
      assert.deepEqual([of, draft, mode], ["github", "d", "apply"]);
      assert.match(by, /process \d+$/);
    }
  },
);

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
  "cp within the mount": (file) => `echo closed > ${file}.tmp; cp ${file}.tmp ${file}; rm ${file}.tmp`,
  "cp -a": (file) => `echo closed > ${file}.tmp; cp -a ${file}.tmp ${file}; rm ${file}.tmp`,
  "touch and chmod": (file) => `echo closed > ${file}; touch -d 2020-01-01 ${file}; chmod 600 ${file}`,
  "tee": (file) => `echo closed | tee ${file} > /dev/null`,
  "dd": (file) => `echo closed | dd of=${file} status=none`,
  "rm and a new file": (file) => `rm ${file}; echo closed > ${file}`,
};

onGitHub("shells and editors write in the shadow tree, and the live tree stays as it is", async (scene) => {
  const { mount, omnifs, number, issue, shadow } = scene;
  const path = `/github/acme/api/_issues/_open/${number}/state`;
  for (const [name, edit] of Object.entries(EDITS)) {
    const [program = ""] = /^(?:vim|perl)\b/.exec(edit("")) ?? [];
    if (program !== "" && (await sh(`command -v ${program}`)).code !== 0) {
      console.log(`no test of ${name}: there is no ${program}`);
      continue;
    }
    await omnifs(["draft", "new", "d"]);
    const { code, stderr } = await sh(edit(`${shadow}${path}`), { env: { TMPDIR: "/tmp" } });
    assert.deepEqual([code, stderr], [0, ""], name);
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
    const refused = await sh(edit(`${issue}/state`), { env: { TMPDIR: "/tmp" } });
    // Vim in this mode says nothing of what went wrong.
    if (program !== "vim") assert.match(refused.stderr, /Read-only file system/, name);
    assert.equal(await mount.text("cat", `${issue}/state`), "open\n", name);
  }
  assert.deepEqual((await mount.text("ls", "-A", issue)).includes(".tmp"), false);
});

/** What `diff` says of the live tree and the draft's at a path; with `-N` a file that is nowhere is an empty one. */
async function bothTrees({ mount }: Scene, path: string, options = "-ru"): Promise<string> {
  const { code, stdout, stderr } = await sh(
    `cd ${mount.mounted.dir} && LC_ALL=C diff ${options} ${path} _drafts/d/${path}`,
  );
  assert.equal(code, 1, stderr);
  return stdout;
}

/** What each file of a diff changes, by its path: the lines that name it are worded otherwise by every program. */
function filesOf(diff: string): [path: string, hunks: string][] {
  return diff.split(/^diff .*\n/m).slice(1).map((file) => {
    const named = /^(?:\+\+\+ (?:b\/|_drafts\/d\/)|--- (?:a\/)?)([^\t\n]+)/gm;
    const paths = [...file.matchAll(named)].flatMap(([, path = ""]) => path === "/dev/null" ? [] : [path]);
    return [paths.at(-1) ?? "", file.slice(Math.max(0, file.search(/^@@/m)))];
  });
}

onGitHub(
  "what is made and removed by hand is in the draft, and diff -ruN says what omnifs says",
  async (scene) => {
    const { mount, omnifs, number, issue, shadow } = scene;
    const issues = `/github/acme/api/_issues/_open`;
    await omnifs(["draft", "new", "d"]);
    const script = [
      `cd ${shadow}${issues}`,
      `echo closed > ${number}/state`,
      `printf 'It crashes.\\n\\nNo more.\\n' > ${number}/body`,
      `echo Thanks > ${number}/comments/mine`,
      `rm -r ${number}/comments/[0-9]*`,
      "mkdir wish && echo 'Be faster' > wish/title && printf 'Please.\\n' > wish/body",
      "echo bug > wish/labels && mv wish/labels wish/l && mv wish/l wish/labels",
    ];
    const { code, stderr } = await sh(`set -e; ${script.join("; ")}`);
    assert.equal(code, 0, stderr);
    assert.equal(await mount.text("ls", `${shadow}${issues}/${number}/comments`), "mine\n");
    assert.equal(
      await mount.text("ls", `${shadow}${issues}/wish`),
      "title\nbody\nlabels\n".split("\n").sort().join("\n").trim() + "\n",
    );
    assert.notEqual(await mount.text("ls", `${issue}/comments`), "mine\n", "the live tree stays");
    const files = JSON.parse(await omnifs(["draft", "diff", "d", "--json"])) as {
      path: string;
      change: string;
    }[];
    assert.deepEqual(
      files.map(({ path, change }) => `${change} ${path.replace(/comments\/\d+/, "comments/N")}`),
      [
        `write ${issues.slice(1)}/${number}/body`,
        `remove ${issues.slice(1)}/${number}/comments/N/body`,
        `remove ${issues.slice(1)}/${number}/comments/N/created_at`,
        `remove ${issues.slice(1)}/${number}/comments/N/user`,
        `create ${issues.slice(1)}/${number}/comments/mine`,
        `write ${issues.slice(1)}/${number}/state`,
        `create ${issues.slice(1)}/wish/body`,
        `create ${issues.slice(1)}/wish/labels`,
        `create ${issues.slice(1)}/wish/title`,
      ],
    );
    const mine = await omnifs(["draft", "diff", "d"]);
    assert.deepEqual(filesOf(mine), filesOf(await bothTrees(scene, issues.slice(1), "-ruN")));
    const checked = await sh(`cd ${mount.mounted.dir} && git apply --check --unsafe-paths -`, {
      input: mine,
    });
    assert.equal(checked.code, 0, checked.stderr);
    const steps = await omnifs(["draft", "apply", "--dry-run", "d"]);
    assert.match(steps, /4 steps/);
    assert.match(steps, /open an issue: "Be faster" \(cannot be taken back\)/);
    await omnifs(["draft", "apply", "d"]);
    assert.equal(
      await mount.text("cat", `${mount.repo}/_issues/_all/${number}/body`),
      "It crashes.\n\nNo more.\n",
    );
    assert.equal(
      await mount.text("sh", "-c", `cat ${mount.repo}/_issues/_all/${number}/comments/*/body`),
      "Thanks\n",
    );
    assert.match(await mount.text("sh", "-c", `cat ${mount.repo}/_issues/_open/*/title`), /Be faster/);
  },
);

onGitHub("diff -ru of both trees equals omnifs draft diff, and git apply takes it", async (scene) => {
  const { mount, omnifs, number, shadow } = scene;
  const below = `github/acme/api/_issues/_open/${number}`;
  await omnifs(["draft", "new", "d"]);
  await mount.text("sh", "-c", `cd ${shadow}/${below} && printf 'Other\\n' > title && printf 'a\\nb' > body`);
  const mine = await omnifs(["draft", "diff", "d"]);
  assert.deepEqual(filesOf(mine), filesOf(await bothTrees(scene, below)));
  assert.deepEqual(filesOf(mine).map(([path]) => path), [`${below}/body`, `${below}/title`]);
  const checked = await sh(`cd ${mount.mounted.dir} && git apply --check --unsafe-paths -`, { input: mine });
  assert.equal(checked.code, 0, checked.stderr);
  const copied = await sh(
    `set -e; d=$(mktemp -d); mkdir -p $d/${below}; cp ${mount.mounted.dir}/${below}/title ${mount.mounted.dir}/${below}/body $d/${below}; ` +
      `chmod u+w $d/${below}/*; cd $d; git apply -; cat ${below}/title ${below}/body; rm -r $d`,
    { input: mine },
  );
  assert.equal(copied.stdout, "Other\na\nb", copied.stderr);
  assert.match(await omnifs(["draft", "diff", "d", "--stat"]), /2 files changed, \+3 -2/);
});

onGitHub(
  "a value that GitHub rules out is Invalid argument, and what was there comes back",
  async (scene) => {
    const { mount, omnifs, number, shadow } = scene;
    await omnifs(["draft", "new", "d"]);
    const file = `${shadow}/github/acme/api/_issues/_open/${number}/state`;
    const bogus = await mount.fails("bash", "-c", `echo bogus > ${file}`);
    assert.match(bogus.stderr, /Invalid argument/);
    assert.equal(await mount.text("cat", file), "open\n");
    const path = `/github/acme/api/_issues/_open/${number}/state`;
    const refused = await mount.mounted.omnifs(["draft", "write", path, "d"], { input: "bogus\n" });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /a state is open or closed, not "bogus"/);
  },
);

onGitHub(
  "an issue that was edited in between is a conflict that names both texts, until it is rebased",
  async (scene) => {
    const { mount, omnifs, number } = scene;
    const path = `/github/acme/api/_issues/_open/${number}/title`;
    await omnifs(["draft", "new", "d"]);
    await omnifs(["draft", "write", path, "d"], "Ours\n");
    await mount.github.patchIssue("acme/api", number, { title: "Theirs" });
    const { code, stderr } = await mount.mounted.omnifs(["draft", "apply", "d"]);
    assert.equal(code, 4, stderr);
    assert.match(stderr, /title is now "Theirs", and was "Crash" when it was staged/);
    await omnifs(["draft", "write", path.replace("title", "body"), "d"], "Kept\n");
    assert.equal(
      await omnifs(["draft", "rebase", "d"]),
      `as it was staged on: ${
        path.replace("title", "body")
      }\nnow staged on the upstream's new text: ${path}\n`,
    );
    assert.match(await omnifs(["draft", "diff", "d"]), /-Theirs\n\+Ours\n/);
    await omnifs(["draft", "apply", "d"]);
    assert.equal(await mount.text("cat", `${mount.mounted.dir}${path}`), "Ours\n");
  },
);

onGitHub("without --allow-apply nothing can be staged, by hand or by command", async (scene) => {
  const { mount, omnifs, number, issue, shadow } = scene;
  await omnifs(["draft", "new", "d"]);
  const path = `/github/acme/api/_issues/_open/${number}/state`;
  const refused = await mount.mounted.omnifs(["draft", "write", path, "d"], { input: "closed\n" });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /--allow-apply=github/);
  const byHand = await mount.fails("bash", "-c", `echo closed > ${shadow}${path}`);
  assert.match(byHand.stderr, /Operation not permitted/);
  assert.match(
    (await mount.fails("sh", "-c", `echo closed > ${issue}/state`)).stderr,
    /Read-only file system/,
  );
}, []);

onGitHub("the session's draft is made by the first write, and the link leads to it", async (scene) => {
  const { mount, number } = scene;
  const link = `${mount.mounted.dir}/_drafts/@session`;
  const path = `github/acme/api/_issues/_open/${number}/title`;
  const made = await mount.text("sh", "-c", `echo Named > ${link}/${path} && readlink ${link}`);
  assert.match(made, /^session-\d+\n$/);
  const shown = await mount.mounted.omnifs(["draft", "show"]);
  assert.match(shown.stdout, /1 change of github/, shown.stderr);
  assert.match((await mount.mounted.omnifs(["draft", "apply"])).stdout, /applied, 1 step/);
  assert.equal(await mount.text("cat", `${mount.mounted.dir}/${path}`), "Named\n");
});
