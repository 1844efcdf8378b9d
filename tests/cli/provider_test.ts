/**
 * What a person learns of a provider before it is given anything.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ensureBuilt } from "../support/build.ts";
import { parse } from "../support/wat.ts";
import { place } from "./fixture.ts";

await ensureBuilt();

Deno.test("provider inspect tells needs, imports and limits, and what the flags would grant", async () => {
  await using here = await place();
  const bare = await here.omnifs("provider", "inspect", "github");
  assert.equal(bare.code, 0, bare.stderr);
  assert.match(bare.stdout, /^imports {3}.*http/m);
  assert.match(
    bare.stdout,
    /withheld {2}api\.github\.com, with GITHUB_TOKEN: .*\n.*--allow-net=api\.github\.com/,
  );
  assert.match(bare.stdout, /^limits {4}256 MiB of memory, 2 s without a callout/m);
  const words = ["provider", "inspect", "github", "--allow-net=api.github.com", "--output", "json"];
  const document = JSON.parse((await here.omnifs(...words)).stdout);
  const granted = (target: string) =>
    document.needs.find((need: { target: string }) => need.target === target)?.granted;
  assert.equal(granted("api.github.com"), true);
  assert.equal(granted("*.blob.core.windows.net"), false);
  assert(document.imports.includes("omnifs:provider/http@1.0.0"));
  const denied = await here.omnifs(...words, "--deny-net=api.github.com");
  assert.equal(JSON.parse(denied.stdout).needs[0].granted, false);
});

Deno.test("provider inspect refuses a component by its imports before it compiles anything", async () => {
  await using here = await place();
  const path = `${here.dir}/evil.wasm`;
  await Deno.writeFile(
    path,
    await parse(`(component (import "wasi:cli/run@0.2.0" (instance (export "f" (func)))))`),
  );
  const { code, stdout, stderr } = await here.omnifs("provider", "inspect", path);
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /imports wasi:cli\/run@0\.2\.0: no provider is given that/);
  await assert.rejects(Deno.stat(`${here.dir}/cache/omnifs/components`), Deno.errors.NotFound);
  const missing = await here.omnifs("provider", "inspect", `${here.dir}/none.wasm`);
  assert.match(missing.stderr, /none\.wasm cannot be read/);
  assert.match(
    (await here.omnifs("provider", "inspect", "githib")).stderr,
    /there is no bundled provider githib/,
  );
});

Deno.test("provider ls tells every bundled provider, for people and for programs", async () => {
  await using here = await place();
  const { stdout } = await here.omnifs("provider", "ls");
  assert.match(stdout, /^hello /m);
  assert.match(stdout, /^github /m);
  const { providers } = JSON.parse((await here.omnifs("provider", "ls", "--output", "json")).stdout);
  assert.deepEqual(providers.find(({ name }: { name: string }) => name === "hello")?.needs, []);
});
