/**
 * The provider to start with keeps every rule.
 *
 * @module
 */
import { ok } from "node:assert/strict";
import { providerFolders } from "../../providers/sdk/build.ts";
import { withBundled } from "../support/component.ts";
import { conforms } from "./conforms.ts";

/** The folder of every test. */
const TESTS = `${import.meta.dirname}/..`;

Deno.test("hello conforms", () =>
  withBundled({ name: "hello", settings: {}, allow: [] }, async ({ provider, again }) => {
    const seen = await conforms(provider, again, { paths: ["to/Ada"], atLeast: 25 });
    ok(seen.has("/to/Ada"));
  }));

Deno.test("every bundled provider is held to the suite by a test", async () => {
  for (const folder of await providerFolders()) {
    const name = folder.slice(folder.lastIndexOf("/") + 1);
    const places = [`${TESTS}/${name}`, import.meta.dirname ?? ""];
    const files = await Promise.all(places.map(testsIn));
    const texts = files.flat().filter((text) => text.includes("conforms(provider") && text.includes(name));
    ok(texts.length > 0, `no test calls conforms() for ${name}`);
  }
});

/** The text of every test in a folder; none where there is no such folder. */
async function testsIn(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  const tests = entries.filter(({ name }) => name.endsWith("_test.ts"));
  return await Promise.all(tests.map(({ name }) => Deno.readTextFile(`${folder}/${name}`)));
}
