/**
 * What a person learns of a provider before it is given anything.
 *
 * @module
 */
import assert from "node:assert/strict";
import { DIST } from "../../providers/sdk/build.ts";
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
    /withheld {2}api\.github\.com, with GITHUB_TOKEN, also to change it: .*\n.*--allow-net=api\.github\.com/,
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

Deno.test("a component is installed, listed, inspected, tested, mounted and removed by its name", async () => {
  await using here = await place();
  const hello = `${DIST}/hello.wasm`;
  const added = await here.omnifs("provider", "add", hello, "--as", "greeter");
  assert.deepEqual([added.code, added.stderr], [0, ""]);
  assert.match(
    added.stdout,
    /^installed greeter: .*\/providers\/greeter\.wasm\n.*omnifs mount DIR --provider greeter\n$/,
  );
  const { mode } = await Deno.stat(`${here.dir}/state/omnifs/providers/greeter.wasm`);
  assert.equal((mode ?? 0) & 0o777, 0o600);
  assert.match(
    (await here.omnifs("provider", "ls")).stdout,
    /^greeter 1\.0\.0 {2}A few files .*greeter\.wasm\)$/m,
  );
  assert.match(
    (await here.omnifs("provider", "inspect", "greeter")).stdout,
    /^hello 1\.0\.0 .*greeter\.wasm\)/,
  );
  assert.equal((await here.omnifs("provider", "test", "greeter")).code, 0);
  const read = await here.omnifs("cat", "/greeter/greeting", "--provider", "greeter");
  assert.match(read.stdout, /^Hello from a WebAssembly component/);
  const moved = await here.omnifs("cat", "/hi/greeting", "--provider", "greeter,as=hi");
  assert.equal(moved.stdout, read.stdout);
  assert.equal((await here.omnifs("provider", "rm", "greeter")).code, 0);
  const gone = await here.omnifs("provider", "rm", "greeter");
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /no provider greeter is installed\n {2}try: .*provider add/);
  assert.equal((await here.omnifs("cat", "/greeter/greeting", "--provider", "greeter")).code, 1);
});

Deno.test("what is no provider, or has the name of a bundled one, is not installed", async () => {
  await using here = await place();
  const hello = `${DIST}/hello.wasm`;
  const text = `${here.dir}/text.wasm`;
  await Deno.writeTextFile(text, "no component");
  const rows: [number, string[], RegExp][] = [
    [4, [hello], /hello is the name of a bundled provider\n {2}try: --as ANOTHER-NAME/],
    [4, [hello, "--as", "github"], /github is the name of a bundled provider/],
    [2, [hello, "--as", "Greeter"], /small letters, digits and dashes, not "Greeter"/],
    [1, [text, "--as", "text"], /not a provider: it is not a WebAssembly component/],
    [1, ["nothing"], /"nothing" is neither a \.wasm file nor a folder of sources/],
    [1, [`${here.dir}/none.wasm`], /none\.wasm cannot be read: there is no such file/],
  ];
  for (const [exit, words, said] of rows) {
    const { code, stdout, stderr } = await here.omnifs("provider", "add", ...words);
    assert.deepEqual([code, stdout], [exit, ""], words.join(" "));
    assert.match(stderr, said);
  }
  await assert.rejects(Deno.stat(`${here.dir}/state/omnifs/providers`), Deno.errors.NotFound);
});
