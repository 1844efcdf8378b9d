/**
 * The top of the repository is fixed, and a file is one idea.
 *
 * @module
 */
import { deepStrictEqual } from "node:assert/strict";
import { join } from "node:path";
import { tooLong, unexpectedAtTop } from "./layout.ts";
import { LONGEST_FILE } from "./rules.ts";
import { isGenerated, PRODUCT, ROOT, sourcesBelow } from "./sources.ts";

Deno.test("nothing lies at the top of the repository that does not belong there", async () => {
  const names = await Array.fromAsync(Deno.readDir(ROOT), ({ name }) => name);
  const ignored = (await Deno.readTextFile(join(ROOT, ".gitignore"))).split("\n").filter((line) =>
    line !== ""
  );
  deepStrictEqual(unexpectedAtTop(names, ignored), []);
});

Deno.test(`no source file is longer than ${LONGEST_FILE} lines`, async () => {
  const sources = (await sourcesBelow([...PRODUCT, "tests"])).filter(({ path }) => !isGenerated(path));
  deepStrictEqual(tooLong(sources), []);
});

Deno.test("a test is registered in a file of tests, or the run would not know that the file was loaded", async () => {
  const others = (await sourcesBelow(["tests"])).filter(({ path }) => !path.endsWith("_test.ts"));
  deepStrictEqual(others.filter(({ text }) => /^\s*Deno\.test\(/m.test(text)).map(({ path }) => path), []);
});

Deno.test("a test that a helper describes is registered, and not described alone", async () => {
  const sources = await sourcesBelow(["tests"]);
  const helpers = sources.flatMap(({ text }) =>
    [...text.matchAll(/^export function (\w+)\([^{]*\): Deno\.TestDefinition \{/gm)].flatMap(([, name]) =>
      name ?? []
    )
  );
  deepStrictEqual(helpers.toSorted(), ["onPage", "onWorkspace", "workspaceTest"]);
  const alone = new RegExp(`^(${helpers.join("|")})\\(`, "m");
  deepStrictEqual(sources.filter(({ text }) => alone.test(text)).map(({ path }) => path), []);
});

Deno.test("a stray file or folder at the top is reported, an ignored one is not", () => {
  const names = ["fuse", "src", "notes.md", "node_modules", "a.tmp", ".git", ".vscode"];
  deepStrictEqual(unexpectedAtTop(names, ["node_modules/", "*.tmp"]), ["src", "notes.md", ".vscode"]);
});

Deno.test("a file is reported from the first line too many", () => {
  const fits = { path: "a.ts", text: "x\n".repeat(LONGEST_FILE) };
  const long = { path: "b.ts", text: "x\n".repeat(LONGEST_FILE + 1) };
  deepStrictEqual(tooLong([fits, long]), [`b.ts: ${LONGEST_FILE + 1} lines`]);
});
