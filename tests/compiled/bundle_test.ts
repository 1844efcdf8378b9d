/**
 * The bundle holds whatever the program starts as a thread, and nothing of npm as files.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join, normalize } from "node:path";
import { ROOT } from "../support/mount.ts";
import { tempDir } from "../support/temp.ts";
import { ensureBuilt } from "../support/build.ts";
import { bundleProgram, OMNIFS } from "./bundle.ts";

/** The sources of the program, by their paths relative to the checkout. */
async function sources(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { name, isDirectory } of Deno.readDir(join(ROOT, folder))) {
    const path = `${folder}/${name}`;
    if (isDirectory) { for (const [below, text] of await sources(path)) found.set(below, text); }
    else if (name.endsWith(".ts")) found.set(path, await Deno.readTextFile(join(ROOT, path)));
  }
  return found;
}

Deno.test("every module that is started as a thread is in the table of workers, and no other", async () => {
  const started = [...await sources("runtime")].flatMap(([path, text]) =>
    [...text.matchAll(/new URL\(\s*"(\.[^"]+\.ts)",\s*import\.meta\.url/g)].map(([, file = ""]) =>
      normalize(join(path, "..", file))
    )
  );
  assert.deepEqual(new Set(started), new Set(OMNIFS.workers));
});

Deno.test("a bundle imports nothing but itself and what Deno brings", async () => {
  await ensureBuilt();
  await using folder = await tempDir();
  const { entry, included } = await bundleProgram(folder.path);
  const chunks = await Array.fromAsync(Deno.readDir(join(folder.path, "chunks")));
  const files = [
    entry,
    ...included.filter((path) => path.endsWith(".ts")),
    ...chunks.map(({ name }) => `chunks/${name}`),
  ];
  assert.ok(files.length > 10);
  for (const file of files) {
    const text = await Deno.readTextFile(join(folder.path, file));
    const imported = [
      ...text.matchAll(/^(?:import|export)\b[^"';]*?\bfrom\s*"([^"]+)"|^import\s*"([^"]+)"/gm),
    ];
    for (const [, from, alone] of imported) assert.match(from ?? alone ?? "", /^(\.|node:)/, file);
    assert.doesNotMatch(text, /__omnifs_address_of__/, file);
    assert.doesNotMatch(text, /\brequire\w*\(\s*["']\.{1,2}\//, file);
  }
  assert.ok(included.every((path) => !/\.(wasm|js)$/.test(path)), "none of them is taken for a module");
  assert.ok(included.some((path) => path === "providers/dist/github/index.json"));
});
