/**
 * Links from page to page.
 *
 * @module
 */
import assert from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import { ROOT } from "../support/mount.ts";

async function pagesBelow(folder: string): Promise<string[]> {
  const found = await Promise.all(
    (await Array.fromAsync(Deno.readDir(join(ROOT, folder)))).map(({ name, isDirectory }) =>
      isDirectory ? pagesBelow(join(folder, name)) : [join(folder, name)]
    ),
  );
  return found.flat().filter((file) => file.endsWith(".md"));
}

Deno.test("every link from a page to a file leads somewhere, and every page is reached from the index", async () => {
  const broken: string[] = [];
  const reached = new Set(["README.md", "docs/README.md"]);
  const pages = ["README.md", ...await pagesBelow("docs")];
  for (const page of pages) {
    const text = await Deno.readTextFile(join(ROOT, page));
    for (const [, link = ""] of text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)) {
      const target = join(dirname(page), link);
      const there = await Deno.stat(join(ROOT, target)).catch(() => undefined);
      if (there === undefined) broken.push(`${page}: ${link}`);
      reached.add(target);
    }
  }
  assert.deepEqual(broken, []);
  assert.deepEqual(pages.filter((page) => !reached.has(page)), []);
});

Deno.test("the page of a provider names the world that it is built for", async () => {
  for (const page of await pagesBelow("docs/providers")) {
    const text = await Deno.readTextFile(join(ROOT, page));
    const built = join(ROOT, "providers", basename(page, ".md"), "provider.json");
    const { world } = JSON.parse(await Deno.readTextFile(built));
    assert.equal(/^Source: .*World: `([^`]+)`/m.exec(text)?.[1], world, page);
  }
});
