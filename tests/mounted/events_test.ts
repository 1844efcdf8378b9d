/**
 * From an event to the reader, on a real mount: the next read is new, nothing else is dropped, programs that are at work
 * go on, and whoever watches is told.
 *
 * @module
 */
import assert from "node:assert/strict";
import { run, sh } from "../support/command.ts";
import { until } from "../support/deadline.ts";
import { builtComponent } from "../support/build.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { mountOmnifs, ROOT } from "../support/mount.ts";
import { tempDir } from "../support/temp.ts";
import { Board } from "./board_upstream.ts";
import { following, watching } from "./following.ts";
import { mountScripted, type ScriptedTree, text, UNDERNEATH } from "./scripted/tree.ts";

const ignore = !(await fuseIsThere());

/** How long a change may take to be seen by a program that looks now and then, in milliseconds. */
const SEEN_WITHIN = 30_000;

/** Issues `1` to `count` in `open`, each read once. */
async function issues(tree: ScriptedTree, count: number): Promise<void> {
  await tree.directory("", "open", "open");
  await tree.directory("", "closed", "closed");
  for (let n = 1; n <= count; n++) await tree.file("open", `${n}`, `issue ${n}\n`, `i${n}`);
  await text(tree, `ls closed; cat open/*`);
  await tree.calls();
}

/** Messages that the kernel sent meanwhile, by name. */
async function messages(
  tree: ScriptedTree,
  meanwhile: () => Promise<unknown>,
): Promise<Record<string, number>> {
  const before = await tree.counters();
  await meanwhile();
  const after = await tree.counters();
  const sent = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
  return Object.fromEntries(sent.filter(([name, count]) => count > 0 && !name.startsWith("NOTIFY")));
}

Deno.test({
  name:
    "one of 1,000 issues changes: the next read is new for one call, and the others cost neither call nor message",
  ignore,
  async fn() {
    await using tree = await mountScripted("never");
    await issues(tree, 1_000);
    const lines = Array.from({ length: 1_000 }, (_, index) => `issue ${index + 1}\n`);
    // The kernel may drop what it keeps at any time. So one change out of some must cost nothing, not a certain one.
    const costs: number[] = [];
    while (costs.length < 5 && costs.at(-1) !== 0) {
      const n = 101 + costs.length;
      lines[n - 1] = "changed\n";
      await tree.file("open", `${n}`, "changed\n", `i${n}`);
      await tree.say({ tag: "node", id: `i${n}` });
      assert.equal(await text(tree, `cat open/${n}`), "changed\n");
      assert.deepEqual(await tree.calls(), [`lookup open ${n}`]);
      const { LOOKUP = 0, READ = 0, READDIRPLUS = 0 } = await messages(tree, async () => {
        const told = await text(tree, "cat $(seq -f 'open/%.0f' 1 1000); ls open | wc -l");
        assert.equal(told, `${lines.join("")}1000\n`);
      });
      assert.deepEqual(await tree.calls(), []);
      costs.push(LOOKUP + READ + READDIRPLUS);
    }
    assert.equal(costs.at(-1), 0, `messages after each change: ${costs}`);
    await tree.file("open", "8", "changed too\n", "i8");
    await tree.say({ tag: "placed", parent: "open", name: "8", id: "i8" });
    assert.equal(await text(tree, "cat open/8; stat -c %s open/8"), "changed too\n12\n");
    assert.deepEqual(await tree.calls(), []);
  },
});

Deno.test({
  name: "what comes, moves and goes upstream does so in ls, stat and by name at once, at no call",
  ignore,
  async fn() {
    await using tree = await mountScripted("never");
    await issues(tree, 3);
    assert.equal(
      await text(tree, "cat open/4 closed/2 2>/dev/null; ls open closed"),
      "closed:\n\nopen:\n1\n2\n3\n",
    );
    await tree.calls();
    await tree.file("open", "4", "issue 4\n", "i4");
    await tree.say({ tag: "placed", parent: "open", name: "4", id: "i4" });
    assert.equal(await text(tree, "cat open/4; ls open"), "issue 4\n1\n2\n3\n4\n");
    await tree.remove("open", "2");
    await tree.file("closed", "2", "closed now\n", "i2");
    await tree.say({ tag: "placed", parent: "closed", name: "2", id: "i2" }, {
      tag: "removed",
      parent: "open",
      id: "i2",
    });
    assert.equal(
      await text(tree, "cat closed/2; ls open closed; test ! -e open/2"),
      "closed now\nclosed:\n2\n\nopen:\n1\n3\n4\n",
    );
    assert.deepEqual(await tree.calls(), []);
  },
});

Deno.test({
  name: "a rename upstream keeps the inode, an open file, and the directory that somebody stands in",
  ignore,
  async fn() {
    await using tree = await mountScripted("never");
    await issues(tree, 2);
    await tree.directory("open", "dir", "d");
    await tree.file("d", "f", "in it\n", "d/f");
    await tree.say({ tag: "placed", parent: "open", name: "dir", id: "d" }, {
      tag: "placed",
      parent: "d",
      name: "f",
      id: "d/f",
    });
    const before = await text(tree, "stat -c %i open/2 open/dir");
    const go = `${tree.top}/../../go`;
    // It holds a file open and stands in a directory while both are renamed.
    const inside = sh(
      `cd open/dir && exec 3<../2 && while [ ! -e "${go}" ]; do sleep 0.02; done; cat <&3; cat f; ls; basename "$(/bin/pwd)"`,
      { cwd: tree.top, deadline: 60_000 },
    );
    await tree.remove("open", "2");
    await tree.remove("open", "dir");
    await tree.file("open", "two", "issue 2\n", "i2");
    await tree.directory("open", "renamed", "d");
    await tree.say({ tag: "placed", parent: "open", name: "two", id: "i2" }, {
      tag: "placed",
      parent: "open",
      name: "renamed",
      id: "d",
    });
    assert.equal(await text(tree, "stat -c %i open/two open/renamed"), before);
    assert.equal(await text(tree, "ls open; test ! -e open/2; test ! -e open/dir"), "1\nrenamed\ntwo\n");
    await Deno.writeTextFile(go, "");
    const { stdout, stderr } = await inside;
    assert.equal(stdout, "issue 2\nin it\nf\nrenamed\n", stderr);
    await Deno.remove(go);
  },
});

Deno.test({
  name: "tail -f, less +F and an editor go on over a file that changes, and rsync over a tree that does",
  ignore,
  async fn() {
    await using tree = await mountScripted("never");
    await using out = await tempDir();
    await issues(tree, 200);
    await tree.file("", "log", "line 1\n", "log");
    const file = `${tree.top}/log`;
    await using tail = following("tail", "-n", "+1", "-s", "0.05", "-f", file);
    await using less = following("script", "-qfc", `env TERM=dumb less +F ${file}`, "/dev/null");
    await until(
      () => tail.text().includes("line 1") && less.text().includes("line 1"),
      SEEN_WITHIN,
      "the first line",
    );
    const vim = sh(
      `TERM=dumb vim -R -es -N -u NONE -i NONE '+sleep 300m' '+checktime' '+edit' '+%print' '+qall!' ${file}`,
      { deadline: 60_000 },
    );
    const rsync = run("rsync", ["-a", "--bwlimit=20", `${tree.top}/open/`, `${out.path}/r/`], {
      deadline: 60_000,
    });
    let log = "line 1\n";
    for (let n = 2; n <= 20; n++) {
      log += `line ${n}\n`;
      await tree.file("", "log", log, "log");
      await tree.file("open", "5", `issue 5, ${n}\n`, "i5");
      await tree.file("open", `new${n}`, `new ${n}\n`, `n${n}`);
      await tree.say(
        { tag: "placed", parent: "", name: "log", id: "log" },
        { tag: "placed", parent: "open", name: "5", id: "i5" },
        { tag: "placed", parent: "open", name: `new${n}`, id: `n${n}` },
      );
    }
    await until(() => tail.text() === log, SEEN_WITHIN, `tail -f: ${tail.text()}`);
    await until(() => less.text().includes("line 20"), SEEN_WITHIN, `less +F: ${less.text()}`);
    const edited = await vim;
    assert(
      edited.stdout.includes("line 1") && !edited.stderr.includes("rror"),
      `${edited.stdout}${edited.stderr}`,
    );
    assert.equal((await rsync).code, 0, (await rsync).stderr);
    assert.equal((await run("rsync", ["-a", `${tree.top}/open/`, `${out.path}/r/`])).code, 0);
    assert.equal((await run("diff", ["-r", `${tree.top}/open`, `${out.path}/r`])).stdout, "");
  },
});

Deno.test({
  name: "a slow look-up in a directory keeps nobody else waiting when something in it changes",
  ignore,
  async fn() {
    await using tree = await mountScripted("never");
    await tree.directory("", "open", "open");
    for (const n of [1, 2, 3]) await tree.file("open", `${n}`, `issue ${n}\n`, `i${n}`);
    await text(tree, "cat open/1");
    await tree.hold("lookup");
    const slow = sh("cat open/2", { cwd: tree.top, deadline: 60_000 });
    await tree.arrived();
    await tree.remove("open", "1");
    const said = tree.say({ tag: "removed", parent: "open", id: "i1" });
    // A name that the kernel does not know: it takes the lock of the directory that the slow one holds.
    assert.equal(await text(tree, "cat open/3"), "issue 3\n");
    await tree.release();
    assert.equal((await slow).stdout, "issue 2\n");
    await said;
    assert.equal(await text(tree, "test ! -e open/1 && echo gone"), "gone\n");
  },
});

Deno.test({
  name: "inotifywait sees each kind of change upstream, and a user's own write is refused as ever meanwhile",
  ignore,
  async fn() {
    await using tree = await mountScripted();
    await issues(tree, 4);
    await using watcher = await watching("-e modify,create,delete,move", `${tree.top}/open`);
    const seen = async (line: string) => {
      await until(() => watcher.text().includes(`${line}\n`), SEEN_WITHIN, `${line}: ${watcher.text()}`);
    };
    const writing = sh(
      "for i in $(seq 300); do : > open/1; rm -f open/1; mkdir open/x; mv open/1 open/y; done 2>&1 | grep -vc 'Read-only file system'",
      { cwd: tree.top, deadline: 60_000 },
    );
    await tree.file("open", "1", "changed\n", "i1");
    await tree.say({ tag: "placed", parent: "open", name: "1", id: "i1" });
    await seen("MODIFY 1");
    await tree.file("open", "new", "new\n", "new");
    await tree.directory("open", "dir", "dir");
    await tree.say({ tag: "placed", parent: "open", name: "new", id: "new" }, {
      tag: "placed",
      parent: "open",
      name: "dir",
      id: "dir",
    });
    await seen("CREATE new");
    await seen("CREATE,ISDIR dir");
    await tree.remove("open", "2");
    await tree.say({ tag: "removed", parent: "open", id: "i2" });
    await seen("DELETE 2");
    await tree.remove("open", "3");
    await tree.file("open", "three", "issue 3\n", "i3");
    await tree.say({ tag: "placed", parent: "open", name: "three", id: "i3" });
    await seen("MOVED_FROM 3");
    await seen("MOVED_TO three");
    await tree.remove("open", "dir");
    await tree.say({ tag: "removed", parent: "open", id: "dir" });
    await seen("DELETE,ISDIR dir");
    assert.equal((await writing).stdout, "0\n", "a user's write was not refused");
    assert.equal(
      await text(tree, "ls open; cat open/*"),
      "1\n4\nnew\nthree\nchanged\nissue 4\nnew\nissue 3\n",
    );
    assert.equal(watcher.text().split("\n").filter((line) => line.startsWith("MODIFY")).length, 1);
  },
});

Deno.test({
  name: "where an event says only that a directory changed, inotifywait sees what changed in it",
  ignore,
  async fn() {
    await using tree = await mountScripted();
    await issues(tree, 3);
    await using watcher = await watching(
      "-e modify,create,delete,move,delete_self",
      `${tree.top}/open`,
      `${tree.top}/open/1`,
    );
    await tree.remove("open", "2");
    await tree.remove("open", "3");
    await tree.file("open", "three", "issue 3\n", "i3");
    await tree.file("open", "4", "issue 4\n", "i4");
    await tree.file("open", "1", "changed\n", "i1");
    await tree.say({ tag: "children", id: "open" }, { tag: "node", id: "i1" });
    for (const line of ["MODIFY", "DELETE 2", "MOVED_FROM 3", "MOVED_TO three", "CREATE 4"]) {
      await until(() => watcher.text().includes(line), SEEN_WITHIN, `${line}: ${watcher.text()}`);
    }
    await tree.remove("open", "1");
    await tree.say({ tag: "removed", parent: "open", id: "i1" });
    await until(() => watcher.text().includes("DELETE_SELF"), SEEN_WITHIN, watcher.text());
  },
});

Deno.test({
  name: "where nobody watches, or nobody is to be told, no call is made on the mount",
  ignore,
  async fn() {
    for (const mode of ["auto", "never"] as const) {
      await using tree = await mountScripted(mode);
      await issues(tree, 2);
      await using watcher = mode === "never" ? await watching(`${tree.top}/open`) : undefined;
      const before = await tree.counters();
      await tree.file("open", "1", "changed\n", "i1");
      await tree.file("open", "3", "new\n", "i3");
      await tree.say({ tag: "placed", parent: "open", name: "1", id: "i1" }, {
        tag: "placed",
        parent: "open",
        name: "3",
        id: "i3",
      });
      assert.equal(await text(tree, "cat open/1 open/3"), "changed\nnew\n");
      const after = await tree.counters();
      for (const name of ["SETATTR", "MKNOD"]) {
        assert.equal(after[name] ?? 0, before[name] ?? 0, `${mode}: ${name}`);
      }
      assert(!watcher?.text().includes("MODIFY"));
    }
  },
});

Deno.test({
  name: "a mount that is watched ends when it is asked to, and nothing underneath it is touched",
  ignore,
  async fn() {
    await using tree = await mountScripted("always");
    await issues(tree, 50);
    const said: Promise<number>[] = [];
    for (let n = 50; n > 0; n--) {
      if (n % 2 === 0) await tree.remove("open", `${n}`);
      else await tree.file("open", `${n}`, `changed ${n}\n`, `i${n}`);
      const saying = n % 2 === 0
        ? { tag: "removed", parent: "open", id: `i${n}` } as const
        : { tag: "placed", parent: "open", name: `${n}`, id: `i${n}` } as const;
      said.push(tree.say(saying));
    }
    assert.equal(await tree.unmount(), "unmounted");
    await Promise.all(said);
    for (const name of ["1", "2"]) {
      assert.equal(await Deno.readTextFile(`${tree.top}/open/${name}`), UNDERNEATH);
    }
  },
});

Deno.test({
  name: "a whole omnifs tells inotifywait what a provider's stream said, and a file that is followed grows",
  ignore,
  async fn() {
    await using board = new Board();
    for (const name of ["a", "b", "c"]) board.write(name, "old");
    const component = await builtComponent(`${ROOT}/tests/mounted/board`);
    await using mounted = await mountOmnifs([
      `--provider=board=${component}`,
      `--allow-net=${new URL(board.url).host}`,
      `--set=board.url=${board.url}`,
      "--set=board.sources=stream",
    ]);
    const notes = `${mounted.dir}/board/notes`;
    assert.equal((await sh("ls; cat *", { cwd: notes })).stdout, "a\nb\nc\nold\nold\nold\n");
    await until(() => board.streams > 0, SEEN_WITHIN, "an open stream");
    await using tail = following("tail", "-n", "+1", "-s", "0.05", "-f", `${notes}/b`);
    await using watcher = await watching("-e modify,create,delete,move", notes);
    const seen = async (line: string) => {
      await until(() => watcher.text().includes(`${line}\n`), SEEN_WITHIN, `${line}: ${watcher.text()}`);
    };
    board.write("a", "new");
    await seen("MODIFY a");
    board.write("d", "fourth");
    await seen("CREATE d");
    board.write("c", "old", "renamed");
    await seen("MOVED_TO renamed");
    board.remove("a");
    await seen("DELETE a");
    board.write("b", "old\nand more");
    await until(() => tail.text() === "old\nand more\n", SEEN_WITHIN, `tail -f: ${tail.text()}`);
    assert.equal(
      (await sh("ls; cat *", { cwd: notes })).stdout,
      "b\nd\nrenamed\nold\nand more\nfourth\nold\n",
    );
  },
});
