/**
 * Each dangerous call has one home, and the tables that answer a hit never wait.
 *
 * @module
 */
import { deepStrictEqual, ok } from "node:assert/strict";
import { strays, waits } from "./homes.ts";
import { GUEST_HOMES, HOMES, SYNCHRONOUS } from "./rules.ts";
import { isGenerated, PRODUCT, sourcesBelow } from "./sources.ts";

const at = (path: string, text: string) => ({ path, text });

Deno.test("each dangerous call stands in its one home", async () => {
  const sources = (await sourcesBelow(PRODUCT)).filter(({ path }) => !isGenerated(path));
  ok(sources.length > 20, `only ${sources.length} files were read`);
  deepStrictEqual(
    sources.flatMap((source) => strays(source, source.path.startsWith("providers/") ? GUEST_HOMES : HOMES)),
    [],
  );
});

Deno.test("the inode tables and the cache never wait", async () => {
  const sources = await sourcesBelow(SYNCHRONOUS);
  ok(sources.length > 2, `only ${sources.length} files were read`);
  deepStrictEqual(sources.flatMap(waits), []);
});

Deno.test("every way to write a dangerous call is found outside of its home", () => {
  for (
    const [code, what] of [
      [`Deno.dlopen("/x", {})`, "Deno.dlopen"],
      [`const open = globalThis.Deno.dlopen`, "Deno.dlopen"],
      [`await fetch("http://x")`, "fetch"],
      [`globalThis.fetch("http://x")`, "fetch"],
      [`call(fetch)`, "fetch"],
      [`Deno.exit(1)`, "Deno.exit"],
      [`const t = Date.now()`, "Date.now"],
      [`const t = [1].map(Date.now)`, "Date.now"],
      [`const d = new Date()`, "new Date() without a time"],
      [`setTimeout(() => {}, 1)`, "setTimeout"],
      [`globalThis.setTimeout(() => {}, 1)`, "setTimeout"],
      [`setInterval(() => {}, 1)`, "setInterval"],
      [`Deno.env.get("GITHUB_TOKEN")`, "the variable of a secret"],
      [`const h = "Bearer " + token`, "a bearer credential"],
      ["const h = `Bearer ${token}`", "a bearer credential"],
    ] as const
  ) {
    const found = strays(at("runtime/vfs/read.ts", `// a comment\n${code};\n`), HOMES);
    deepStrictEqual(found, [`runtime/vfs/read.ts:2: ${what}`], code);
  }
});

Deno.test("a dangerous call at home passes, and so does a word that is no call", () => {
  deepStrictEqual(strays(at("fuse/libc.ts", `Deno.dlopen("/x", {})`), HOMES), []);
  deepStrictEqual(strays(at("runtime/base/clock.ts", `Date.now(); setTimeout(f, 1)`), HOMES), []);
  const words =
    `// fetch("x")\nconst a = "Deno.exit(1)"; gate.fetch("x"); new Date(0); const b = "bearer of news";`;
  deepStrictEqual(strays(at("runtime/vfs/read.ts", words), HOMES), []);
});

Deno.test("a guest that reaches for Deno is found, and the tool that builds it is not", () => {
  const code = `await Deno.readTextFile("/etc/passwd")`;
  deepStrictEqual(strays(at("providers/github/mod.ts", code), GUEST_HOMES), [
    "providers/github/mod.ts:1: Deno",
  ]);
  deepStrictEqual(strays(at("providers/sdk/build.ts", code), GUEST_HOMES), []);
});

Deno.test("every way to wait is found", () => {
  for (
    const [code, what] of [
      ["async function f() {}", "an async function"],
      ["const f = async () => {}", "an async function"],
      ["class A { async f() {} }", "an async function"],
      ["await 1", "await"],
      ["p.then(f)", ".then(…)"],
    ] as const
  ) deepStrictEqual(waits(at("runtime/tree/a.ts", code)), [`runtime/tree/a.ts:1: ${what}`]);
  deepStrictEqual(waits(at("runtime/tree/a.ts", "function f() { return 1; } // await")), []);
});
