/**
 * Components on their way in: what is refused unread, and what is kept.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ArtifactStore } from "../../runtime/provider/mod.ts";
import { checkSections, readSections } from "../../runtime/provider/sections.ts";
import { builtComponent } from "../support/build.ts";
import { tempDir } from "../support/temp.ts";
import { parse } from "../support/wat.ts";
import { fails, mountProbe, PROBE } from "./harness.ts";

/** A component with these imports, and nothing in it. */
function importing(...names: string[]): Promise<Uint8Array> {
  const imports = names.map((name) => `(import "${name}" (instance (export "f" (func))))`);
  return parse(`(component ${imports.join(" ")})`);
}

Deno.test("an import outside the contract is refused by name, whatever it is", async () => {
  const wasi = ["wasi:sockets/tcp@0.2.0", "wasi:filesystem/preopens@0.2.0"];
  const sections = readSections(await importing("omnifs:provider/http@1.0.0", ...wasi));
  assert.throws(() => checkSections(sections, "evil.wasm"), fails("denied", wasi.join(", ")));
  const disguises = [
    "omnifs:provider/http@1.0.1",
    "omnifs:provider/http@2.0.0",
    "omnifs:provider/http",
    "omnifs:provider/shell@1.0.0",
    "omnifs:providers/http@1.0.0",
  ];
  for (const name of disguises) {
    assert.throws(() => checkSections({ imports: [name], exports: [] }, "evil.wasm"), fails("denied", name));
  }
  const kinds = await parse(`(component
    (import "a" (func)) (import "b" (type (sub resource))) (import "c" (component)) (import "d" (core module))
    (type $t (func)) (import "e" (type (eq $t))) (import "f" (instance)))`);
  assert.deepEqual(readSections(kinds).imports, ["a", "b", "c", "d", "e", "f"]);
});

/** A component with nothing in it but the custom section `name`, which holds `bytes`. */
async function withSection(name: string, bytes: Uint8Array): Promise<Uint8Array> {
  const leb = (value: number): number[] =>
    value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
  const head = [...leb(name.length), ...new TextEncoder().encode(name)];
  return new Uint8Array([
    ...await parse("(component)"),
    0,
    ...leb(head.length + bytes.length),
    ...head,
    ...bytes,
  ]);
}

Deno.test("a guide is read as text whatever its bytes are, and cut after 16 KiB", async () => {
  const guide = async (name: string, bytes: Uint8Array) => readSections(await withSection(name, bytes)).guide;
  const utf8 = (text: string) => new TextEncoder().encode(text);
  assert.equal(await guide("omnifs:guide", utf8("## Tree — ✓\n")), "## Tree — ✓\n");
  assert.equal(await guide("name", utf8("## Tree\n")), undefined);
  assert.equal(await guide("omnifs:guide", new Uint8Array([0x41, 0xff, 0x42])), "A\ufffdB");
  assert.equal(await guide("omnifs:guide", utf8("x".repeat(20_000))), "x".repeat(16_384));
  assert.equal(await guide("omnifs:guide", new Uint8Array()), "");
});

Deno.test("an ungranted import is refused before anything is transpiled", async () => {
  await using folder = await tempDir();
  const path = `${folder.path}/evil.wasm`;
  await Deno.writeFile(path, await importing("wasi:cli/run@0.2.0"));
  await assert.rejects(
    mountProbe({ source: { kind: "file", path }, cacheDir: `${folder.path}/cache` }),
    fails("denied", "wasi:cli/run@0.2.0"),
  );
  await assert.rejects(Deno.stat(`${folder.path}/cache`), Deno.errors.NotFound);
});

Deno.test("what is no component, or only part of one, is refused at every length", async () => {
  const whole = await Deno.readFile(await builtComponent(PROBE));
  const { imports, exports } = readSections(whole);
  assert(imports.includes("omnifs:provider/http@1.0.0"));
  assert(exports.includes("omnifs:provider/provider@1.0.0"));
  const core = await parse("(module)");
  for (const bytes of [new Uint8Array(), new TextEncoder().encode("#!/bin/sh"), core]) {
    assert.throws(() => readSections(bytes), fails("invalid", "not a WebAssembly component"));
  }
  const small = await importing("omnifs:provider/http@1.0.0", "omnifs:provider/log@1.0.0");
  for (let length = 0; length < small.length; length++) {
    // Cut between two sections, what is left is a component with fewer of them.
    try {
      assert(readSections(small.subarray(0, length)).imports.length <= 2);
    } catch (error) {
      fails("invalid", "not a provider")(error);
    }
  }
});

Deno.test("a component that exports no provider is refused", async () => {
  const sections = readSections(await parse("(component)"));
  assert.throws(
    () => checkSections(sections, "empty.wasm"),
    fails("invalid", "omnifs:provider/provider@1.0.0"),
  );
});

Deno.test("a missing file says so", async () => {
  const source = { kind: "file", path: "/nowhere/at/all.wasm" } as const;
  await assert.rejects(mountProbe({ source }), fails("not-found", "/nowhere/at/all.wasm cannot be read"));
});

Deno.test("an unknown bundled provider says which there are", async () => {
  const source = { kind: "bundled", name: "nothing" } as const;
  await assert.rejects(
    mountProbe({ source }),
    (error: { mend?: string }) => error.mend?.includes("hello") === true,
  );
});

Deno.test("a component is transpiled once, again when its kept files were changed, and apart for each limit", async () => {
  await using folder = await tempDir();
  const component = await Deno.readFile(await builtComponent(PROBE));
  const store = new ArtifactStore(folder.path);
  const first = await store.of(component, "probe", 4_096);
  assert.deepEqual(store.counts, { hits: 0, built: 1 });
  const second = await store.of(component, "probe", 4_096);
  assert.deepEqual(store.counts, { hits: 1, built: 1 });
  assert.equal(second.script, first.script);
  for (const [name, module] of Object.entries(first.modules)) {
    assert.equal(second.modules[name], module, "compiled once");
  }

  const kept = await onlyEntry(folder.path);
  for (const damage of [cutShort, scribble, remove]) {
    await damage(`${folder.path}/${kept}`);
    const { built } = store.counts;
    assert.equal((await store.of(component, "probe", 4_096)).script, first.script);
    assert.equal(store.counts.built, built + 1, damage.name);
  }
  await store.of(component, "probe", 1_024);
  assert.equal(store.counts.built, 5);
  assert.deepEqual((await names(folder.path)).filter((name) => name.endsWith(".tmp")), []);
});

Deno.test("whoever wants a component that is transpiled just now gets it, whole", async () => {
  const component = await Deno.readFile(await builtComponent(PROBE));
  for (let round = 0; round < 3; round++) {
    await using folder = await tempDir();
    // Each has a store of its own, as each mount and each process does.
    const all = await Promise.all(
      [1, 2, 3].map(() => new ArtifactStore(folder.path).of(component, "probe", 4_096)),
    );
    assert.equal(new Set(all.map(({ script }) => script)).size, 1);
    assert.equal((await names(folder.path)).length, 1);
  }
});

async function cutShort(folder: string): Promise<void> {
  await Deno.truncate(`${folder}/glue.js`, 100);
}

async function scribble(folder: string): Promise<void> {
  await Deno.writeTextFile(`${folder}/index.json`, "{");
}

async function remove(folder: string): Promise<void> {
  await Deno.remove(`${folder}/component.core.wasm`);
}

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
}

async function onlyEntry(folder: string): Promise<string> {
  const [name, ...others] = await names(folder);
  assert.deepEqual(others, []);
  return name ?? assert.fail("nothing was kept");
}
