/**
 * No export is there for nobody.
 *
 * @module
 */
import { deepStrictEqual } from "node:assert/strict";
import { deadExports } from "./exports.ts";
import { KEPT_EXPORTS } from "./rules.ts";
import { PRODUCT, sourcesBelow } from "./sources.ts";

const dead = (files: Record<string, string>, kept: { path: string; why: string }[] = []) =>
  deadExports(Object.entries(files).map(([path, text]) => ({ path, text })), kept);

Deno.test("every export has an importer", async () => {
  deepStrictEqual(deadExports(await sourcesBelow([...PRODUCT, "tests"]), KEPT_EXPORTS), []);
});

Deno.test("every reason to keep an export still has its file", async () => {
  const paths = (await sourcesBelow(PRODUCT)).map(({ path }) => path);
  const gone = KEPT_EXPORTS.filter((kept) => !paths.some((path) => path.startsWith(kept.path)));
  deepStrictEqual(gone, []);
});

Deno.test("an export that nobody imports is dead, whatever it is", () => {
  for (
    const code of [
      "export const name = 1;",
      "export function name() {}",
      "export class name {}",
      "export interface name { a: 1 }",
      "export type name = 1;",
      "const name = 1; export { name };",
    ]
  ) deepStrictEqual(dead({ "runtime/a.ts": code }), ["runtime/a.ts: name"], code);
});

Deno.test("an export lives by each way to take it", () => {
  for (
    const code of [
      `import { name } from "../a.ts";`,
      `import { name as other } from "../a.ts";`,
      `import type { name } from "../a.ts";`,
      `import * as all from "../a.ts";`,
      `export { name } from "../a.ts";`,
      `export * from "../a.ts";`,
      `const { name } = await import("../a.ts");`,
      `type T = import("../a.ts").name;`,
    ]
  ) {
    const files = { "runtime/a.ts": "export const name = 1;", "runtime/vfs/b.ts": code };
    deepStrictEqual(dead(files), [], code);
  }
});

Deno.test("the same name in another file keeps nothing alive", () => {
  const files = {
    "a.ts": "export const name = 1;",
    "b.ts": "export const name = 2;",
    "c.ts": `import { name } from "./b.ts";`,
  };
  deepStrictEqual(dead(files), ["a.ts: name"]);
});

Deno.test("a test alone keeps an export alive only where its own file uses it", () => {
  const test = { "tests/a_test.ts": `import { name } from "../a.ts";` };
  deepStrictEqual(dead({ ...test, "a.ts": "export const name = 1;" }), ["a.ts: name"]);
  deepStrictEqual(dead({ ...test, "a.ts": "export const name = 1; run(name);" }), []);
  deepStrictEqual(dead({ "a.ts": "export const name = 1; run(name);" }), ["a.ts: name"]);
});

Deno.test("a type in a signature of its own file lives, and so does what is kept for a reason", () => {
  deepStrictEqual(dead({ "a.ts": "export type name = 1; function f(a: name) {}" }), []);
  deepStrictEqual(dead({ "sdk/a.ts": "export const name = 1;" }, [{ path: "sdk/", why: "public" }]), []);
  deepStrictEqual(dead({ "b.ts": "export const name = 1;" }, [{ path: "a.ts", why: "public" }]), [
    "b.ts: name",
  ]);
});
