/**
 * A draft's diff is one that `git apply` and `patch` read: what they make of the live files is what is staged.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { diffOf } from "../../runtime/drafts/diff.ts";
import type { Draft } from "../../runtime/drafts/draft.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import { Draft as StagedDraft } from "../../runtime/drafts/draft.ts";
import { writeKey } from "../../runtime/drafts/staged.ts";
import { run } from "../support/command.ts";
import { checkProperty } from "../support/property.ts";
import { tempDir } from "../support/temp.ts";
import { Disk } from "./scene.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const ROOT = { made: false, id: "root" } as const;

/** What a file held, and what it is to hold; undefined is no file. */
type Change = readonly [before: string | undefined, after: string | undefined];

/** A draft with these changes, by the names of files. */
async function draftOf(changes: Readonly<Record<string, Change>>): Promise<Draft> {
  const draft = new StagedDraft(new Disk(), [], systemClock);
  await draft.record({ type: "created", name: "d" });
  for (const [name, [before, after]] of Object.entries(changes)) {
    const path = `/${name}`;
    const live = { parent: "root", name, path, id: name, version: undefined, directory: false };
    if (before === undefined) {
      const { key } = await draft.create("m", { folder: ROOT, name, path, directory: false, scratch: false });
      await draft.put(key, 0, bytes(after ?? ""));
    } else if (after === undefined) await draft.remove("m", live, bytes(before));
    else {
      await draft.write("m", live, bytes(before));
      await draft.resize(writeKey(name), 0);
      await draft.put(writeKey(name), 0, bytes(after));
    }
  }
  return draft;
}

const diffText = (draft: Draft) => diffOf(draft).map(({ diff }) => diff).join("");

/** The files of a fresh folder after `program` has taken the diff of `changes`; undefined where one is not there. */
async function patched(
  program: readonly string[],
  changes: Readonly<Record<string, Change>>,
): Promise<Readonly<Record<string, string | undefined>>> {
  await using dir = await tempDir();
  await Deno.mkdir(`${dir.path}/m`);
  for (const [name, [before]] of Object.entries(changes)) {
    if (before !== undefined) await Deno.writeTextFile(`${dir.path}/m/${name}`, before);
  }
  const input = diffText(await draftOf(changes));
  const [name = "", ...args] = program;
  const { code, stdout, stderr } = await run(name, args, { cwd: dir.path, input });
  assert.equal(code, 0, `${program.join(" ")}: ${stdout}${stderr}\n${input}`);
  const read = async (name: string) => {
    const text = await Deno.readTextFile(`${dir.path}/m/${name}`).catch(() => undefined);
    return [name, text] as const;
  };
  return Object.fromEntries(await Promise.all(Object.keys(changes).map(read)));
}

const GIT = ["git", "apply", "--whitespace=nowarn", "-"];
const PATCH = ["patch", "-p1", "-s", "--binary", "-E"];

/** Lines that look like something else to whoever reads a diff. */
const LINES = [
  "",
  "a",
  "b",
  "grün – ✓",
  " x",
  "-x",
  "+x",
  "--- a/m/x",
  "+++ b/m/x",
  "@@ -1 +1 @@",
  "\\ No newline",
  "\r",
];
LINES.push("a\r@@ -1,1 +1,1 @@", "a\u2028@@ -2,2 +2,2 @@", "diff --git a/x b/x", "Only in m: x");

const anyText = fc.tuple(
  fc.array(fc.tuple(fc.constantFrom(...LINES), fc.constantFrom("\n", "\n", "\n", "\r\n")), { maxLength: 12 }),
  fc.constantFrom("", "", "tail"),
).map(([lines, tail]) => lines.map(([line, end]) => line + end).join("") + tail);

/** An edit of a text, which is what diffs are about: some of its lines go, others come. */
const anyWrite: fc.Arbitrary<Change> = fc.tuple(anyText, anyText, fc.nat(12), fc.nat(4)).map(
  ([text, other, at, gone]): Change => {
    const lines = text.split(/(?<=\n)/);
    lines.splice(at, gone, ...other.split(/(?<=\n)/).slice(0, 3));
    return [text, lines.join("")];
  },
);

// What git and patch make of a file without a byte is their own affair: an absent one and an empty one are alike.
const anyChange: fc.Arbitrary<Change> = fc.oneof(
  { weight: 6, arbitrary: anyWrite.filter(([before, after]) => before !== "" && after !== "") },
  { weight: 1, arbitrary: anyText.filter((text) => text !== "").map((text): Change => [undefined, text]) },
  { weight: 1, arbitrary: anyText.filter((text) => text !== "").map((text): Change => [text, undefined]) },
);

/** True where the program is not there. */
const isMissing = async (program: string) => (await run("sh", ["-c", `command -v ${program}`])).code !== 0;

for (const [name, command] of Object.entries({ "git apply": GIT, "patch": PATCH })) {
  Deno.test({
    name: `whatever the texts are, ${name} makes the staged ones of the live ones`,
    ignore: await isMissing(command[0] ?? ""),
    fn: async () => {
      const files = fc.array(anyChange, { minLength: 20, maxLength: 20 });
      await checkProperty(
        fc.asyncProperty(files, async (all) => {
          const changes = Object.fromEntries(all.map((change, at) => [`f${at}`, change]));
          const wanted = Object.fromEntries(
            Object.entries(changes).map(([name, [, after]]) => [name, after]),
          );
          assert.deepEqual(await patched(command, changes), wanted);
        }),
        25,
      );
    },
  });
}

Deno.test({
  name: "an empty file that comes, one that goes, and names with blanks, quotes and letters of any kind",
  ignore: await isMissing("git"),
  fn: async () => {
    const changes: Record<string, Change> = {
      "empty": [undefined, ""],
      "gone": ["x\n", undefined],
      "filled": ["", "x\n"],
      "emptied": ["x\n", ""],
      "with a blank": ["a\n", "b\n"],
      'a "quote" and \\': ["a\n", "b\n"],
      "grün": ["a\n", "b\n"],
      "tab\tbed": ["a\n", "b\n"],
      "new one": [undefined, "x"],
    };
    const wanted = Object.fromEntries(Object.entries(changes).map(([name, [, after]]) => [name, after]));
    assert.deepEqual(await patched(GIT, changes), wanted);
  },
});

Deno.test("a diff is what diff -u and git write, to the byte", async () => {
  const lines = Array.from({ length: 12 }, (_, at) => `line ${at}\n`);
  const draft = await draftOf({
    "title": ["old\n", "new\n"],
    "body": [lines.join(""), lines.with(5, "other\n").join("")],
    "added": [undefined, "one\ntwo"],
    "gone": ["one\n", undefined],
  });
  assert.deepEqual(diffOf(draft), [
    {
      path: "m/added",
      change: "create",
      diff: "diff --git a/m/added b/m/added\nnew file mode 100644\n--- /dev/null\n+++ b/m/added\n" +
        "@@ -0,0 +1,2 @@\n+one\n+two\n\\ No newline at end of file\n",
      added: 2,
      removed: 0,
    },
    {
      path: "m/body",
      change: "write",
      diff:
        "diff --git a/m/body b/m/body\n--- a/m/body\n+++ b/m/body\n@@ -3,7 +3,7 @@\n line 2\n line 3\n line 4\n-line 5\n+other\n" +
        " line 6\n line 7\n line 8\n",
      added: 1,
      removed: 1,
    },
    {
      path: "m/gone",
      change: "remove",
      diff: "diff --git a/m/gone b/m/gone\ndeleted file mode 100644\n--- a/m/gone\n+++ /dev/null\n" +
        "@@ -1 +0,0 @@\n-one\n",
      added: 0,
      removed: 1,
    },
    {
      path: "m/title",
      change: "write",
      diff: "diff --git a/m/title b/m/title\n--- a/m/title\n+++ b/m/title\n@@ -1 +1 @@\n-old\n+new\n",
      added: 1,
      removed: 1,
    },
  ]);
});

Deno.test("bytes that are no text are named, and not shown", async () => {
  const draft = await draftOf({ "image": ["x\n", "a\0b"] });
  const [diff] = diffOf(draft);
  assert.equal(diff?.diff, "diff --git a/m/image b/m/image\nBinary files a/m/image and b/m/image differ\n");
  const raw = new StagedDraft(new Disk(), [], systemClock);
  await raw.record({ type: "created", name: "d" });
  const live = { parent: "", name: "l1", path: "/l1", id: "l1", version: undefined, directory: false };
  await raw.write("m", live, bytes("x\n"));
  await raw.put(writeKey("l1"), 0, new Uint8Array([0xff, 0xfe]));
  assert.match(diffOf(raw)[0]?.diff ?? "", /^Binary files /m);
});

Deno.test("a directory that goes is each file in it, or its name where nothing can be shown", async () => {
  const draft = new StagedDraft(new Disk(), [], systemClock);
  await draft.record({ type: "created", name: "d" });
  const directory = (name: string) => ({
    parent: "root",
    name,
    path: `/${name}`,
    id: name,
    version: undefined,
    directory: true,
  });
  const files = [{ path: "/7/user", bytes: bytes("me\n") }, { path: "/7/body", bytes: bytes("said\n") }];
  await draft.remove("m", directory("7"), undefined, files);
  await draft.remove("m", directory("8"), undefined);
  assert.deepEqual(diffOf(draft).map(({ path, change }) => [path, change]), [
    ["m/7/body", "remove"],
    ["m/7/user", "remove"],
    ["m/8", "remove"],
  ]);
  assert.equal(diffOf(draft).at(-1)?.diff, "Only in m: 8\n");
});
