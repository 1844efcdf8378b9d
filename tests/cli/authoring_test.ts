/**
 * What the author of a provider sees: the scaffold, the build, the suite.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { RULE_NAMES } from "../../runtime/provider/conformance/rules.ts";
import { ensureBuilt } from "../support/build.ts";
import { run } from "../support/command.ts";
import { until, withDeadline } from "../support/deadline.ts";
import { ROOT } from "../support/mount.ts";
import { omnifsCommand, type Place, place } from "./fixture.ts";

await ensureBuilt();

/** Writes the sources of a provider; their folder. */
async function scaffolded(here: Place): Promise<string> {
  const folder = join(here.dir, "notes");
  const { code, stderr } = await here.omnifs("provider", "new", "notes", folder);
  assert.equal(code, 0, stderr);
  return folder;
}

/** Replaces `before` in a file, where it must be. */
async function edit(file: string, before: string, after: string): Promise<void> {
  const text = await Deno.readTextFile(file);
  assert(text.includes(before), `${file} does not hold ${before}`);
  await Deno.writeTextFile(file, text.replace(before, after));
}

Deno.test("a new provider is checked, tested, built and conforming as it is written", async (t) => {
  await using here = await place();
  const folder = join(here.dir, "notes");
  await t.step("provider new says what it wrote, and what to try", async () => {
    const { code, stdout, stderr } = await here.omnifs("provider", "new", "notes", folder);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(
      stdout,
      /^wrote .*\/notes: .*README\.md .*mod\.ts provider\.json .*tree\.ts tree_test\.ts\n/,
    );
    assert.match(stdout, new RegExp(`omnifs provider test ${folder}\n.*omnifs provider build ${folder}\n`));
    const sources = await Deno.readTextFile(join(folder, "mod.ts"));
    assert.match(
      sources,
      /name: "notes",[^]*from "@omnifs\/sdk\/http\.ts"|from "@omnifs\/sdk\/http\.ts"[^]*name: "notes",/,
    );
    assert.doesNotMatch(sources, /__name__|"\.\.\//);
  });
  await t.step("its own tests pass", async () => {
    const { code, stdout, stderr } = await run(Deno.execPath(), ["test", "-A"], {
      cwd: folder,
      deadline: 60_000,
    });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /4 passed/);
  });
  await t.step("provider test tells each rule, over the sample data and without a network", async () => {
    const { code, stdout, stderr } = await here.omnifs("provider", "test", folder);
    assert.equal(code, 0, stdout);
    assert.match(stderr, /^built .*\/notes, 1\.\d MiB\n$/);
    assert.match(stdout, /^notes 0\.1\.0, over its sample data\nlooked at 4 directories, 6 files /);
    for (const rule of RULE_NAMES) assert.match(stdout, new RegExp(`^(ok {4}| {0}-     )  ${rule} `, "m"));
    assert.match(stdout, /\n\nevery rule holds\n$/);
  });
  await t.step("for a program it is one document", async () => {
    const { stdout, stderr } = await here.omnifs("provider", "test", "hello", "--output", "json");
    const document = JSON.parse(stdout);
    assert.equal(stderr, "");
    assert.deepEqual([document.name, document.upstream, document.unreached], ["hello", "real", []]);
    assert.deepEqual(document.rules.map(({ rule }: { rule: string }) => rule), RULE_NAMES);
  });
  await t.step("provider build tells where the component is, and its size", async () => {
    const { code, stdout, stderr } = await here.omnifs("provider", "build", folder);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^built .*\/notes\/notes\.wasm, 1\.\d MiB\n.*omnifs mount DIR --provider notes=/);
    const out = join(here.dir, "elsewhere.wasm");
    const words = ["provider", "build", folder, "--out", out, "--no-check", "--output", "json"];
    assert.deepEqual(JSON.parse((await here.omnifs(...words)).stdout), {
      file: out,
      bytes: (await Deno.stat(out)).size,
    });
    const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    assert(!names.some((name) => name.endsWith(".tmp") || name.endsWith(".stamp")), names.join());
  });
  await t.step("the component is inspected and tested as a file too", async () => {
    const inspected = await here.omnifs("provider", "inspect", join(folder, "notes.wasm"));
    assert.match(inspected.stdout, /withheld {2}api\.example\.com: Read the notes/);
    const tested = await here.omnifs("provider", "test", join(folder, "notes.wasm"));
    assert.equal(tested.code, 5, "nothing of it can be reached");
    assert.match(
      tested.stdout,
      /out of reach[^]*\/notes: .*api\.example\.com was not granted[^]*try: --allow-net=api\.example\.com/,
    );
  });
});

Deno.test("a broken rule exits with 1, and tells the rule, the path, what was and what mends it", async () => {
  await using here = await place();
  const folder = await scaffolded(here);
  await edit(join(folder, "tree.ts"), ".test(name)) return undefined;", ".test(name)) throw notFound();");
  const { code, stdout } = await here.omnifs("provider", "test", folder);
  assert.equal(code, 1);
  assert.match(
    stdout,
    /^FAILED {2}absent .* a name that is not there is none, and no failure\n {10}\/notes\/no such name: expected none, got not-found: .*\n[^]*? {10}mend: answer undefined from lookupChild/m,
  );
  assert.match(stdout, /\n1 rule broken\n$/);
});

Deno.test("a build that fails names the author's own file and line", async () => {
  await using here = await place();
  const folder = await scaffolded(here);
  const tree = join(folder, "tree.ts");
  const rows: [string, string, string[], string][] = [
    ["mod.ts", 'version: "0.1.0",', ["build"], String.raw`/notes/mod\.ts:\d+:\d+: Type `],
    [
      "tree.ts",
      "  slice,",
      ["build"],
      String.raw`/notes/tree\.ts:\d+:\d+: Cannot find name 'slice'\.`,
    ],
    [
      "tree.ts",
      "  slice,",
      ["test"],
      String.raw`/notes/tree\.ts:\d+:\d+: Cannot find name 'slice'\.`,
    ],
    ["tree.ts", "return {", ["build", "--no-check"], String.raw`/notes/tree\.ts:\d+:\d+: `],
    [
      "mod.ts",
      "provider, ",
      ["build", "--no-check"],
      String.raw`/notes/mod\.ts: it does not export provider`,
    ],
    ["provider.json", "http-provider", ["build", "--no-check"], String.raw`/notes/provider\.json: .*world`],
  ];
  for (const [file, text, [verb = "", ...flags], said] of rows) {
    const before = await Deno.readTextFile(join(folder, file));
    await edit(join(folder, file), text, "");
    const { code, stdout, stderr } = await here.omnifs("provider", verb, folder, ...flags);
    await Deno.writeTextFile(join(folder, file), before);
    assert.deepEqual([code, stdout], [1, ""], `${file} without ${text}`);
    assert.match(stderr, new RegExp(`^omnifs: ${folder} does not build: .*${said}`));
    assert(stderr.trimEnd().split("\n").length <= 3, stderr);
  }
  const guide = join(folder, "guide.md");
  const words = await Deno.readTextFile(guide);
  await Deno.writeTextFile(guide, "x".repeat(16_385));
  const long = await here.omnifs("provider", "build", folder);
  assert.match(long.stderr, /does not build: guide\.md has 16385 bytes, more than 16384/);
  await Deno.writeTextFile(guide, words);
  await Deno.writeTextFile(
    tree,
    `${await Deno.readTextFile(tree)}\nnothing();\ndeclare const nothing: () => void;\n`,
  );
  const { stderr } = await here.omnifs("provider", "build", folder);
  const line = (await Deno.readTextFile(tree)).split("\n").indexOf("nothing();") + 1;
  assert.match(
    stderr,
    new RegExp(`nothing is not defined.*/notes/tree\\.ts:${line}:1`),
    "what fails when it first runs",
  );
});

Deno.test("what makes no sense is told in three lines, with what would", async () => {
  await using here = await place();
  const folder = await scaffolded(here);
  const text = join(here.dir, "text.wasm");
  await Deno.writeTextFile(text, "no component");
  const rows: [number, string[], RegExp][] = [
    [
      2,
      ["new", "Notes"],
      /^omnifs: a provider's name has small letters.*"Notes"\n {2}try: .*provider new notes\n$/,
    ],
    [4, ["new", "notes", folder], /^omnifs: .*\/notes is there already\n {2}try: name a folder/],
    [
      1,
      ["build", here.dir],
      /holds no provider: there is no provider\.json in it\n {2}try: .*provider new NAME/,
    ],
    [1, ["test", here.dir], /holds no provider: there is no provider\.json in it/],
    [
      1,
      ["test", join(here.dir, "none.wasm")],
      /none\.wasm cannot be read: there is no such file\n {2}try: .*provider ls/,
    ],
    [1, ["test", text], /not a provider: it is not a WebAssembly component\n {2}try: .*provider build/],
    [
      1,
      ["test", "helo"],
      /there is no bundled provider helo; did you mean "hello"\?\n {2}try: there are: .*hello/,
    ],
    [2, ["test", "hello", "--depth", "deep"], /--depth is a number from 0, not "deep"/],
    [2, ["test", "hello", "--set", "x"], /--set takes KEY=VALUE, not "x"/],
    [1, ["test", "hello", "--set", "x=1"], /--set hello\.x: there is no such setting/],
  ];
  for (const [exit, words, said] of rows) {
    const { code, stdout, stderr } = await here.omnifs("provider", ...words);
    assert.deepEqual([code, stdout], [exit, ""], words.join(" "));
    assert.match(stderr, said);
    assert(stderr.trimEnd().split("\n").length <= 3, stderr);
  }
});

Deno.test("a provider of which nothing can be seen does not pass", async () => {
  await using here = await place();
  const empty = await here.omnifs("provider", "test", "github");
  assert.equal(empty.code, 5);
  assert.match(empty.stdout, /there was nothing to look at: .*--path\n$/);
  const astray = await here.omnifs(
    "provider",
    "test",
    "hello",
    "--path",
    "/greeting/below",
    "--path",
    "to/Ada",
  );
  assert.equal(astray.code, 5);
  assert.match(astray.stdout, /\/greeting\/below: it lies below a file\n/);
});

Deno.test("Ctrl-C in the middle of a test exits with 130 and leaves nothing behind", async () => {
  await using here = await place();
  const folder = await scaffolded(here);
  const asked = Promise.withResolvers<void>();
  const over = Promise.withResolvers<Response>();
  await using upstream = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    asked.resolve();
    return over.promise;
  });
  const { port } = upstream.addr;
  const [program, args] = omnifsCommand([
    "provider",
    "test",
    folder,
    `--allow-net=127.0.0.1:${port}`,
    "--set",
    `notes.api=http://127.0.0.1:${port}`,
  ]);
  const child = new Deno.Command(program, {
    args,
    env: here.env,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await withDeadline(asked.promise, 60_000, "a request of the provider");
  const mine = async () =>
    (await Array.fromAsync(Deno.readDir(here.dir))).filter(({ name }) => name.startsWith("omnifs-provider-"));
  assert.equal((await mine()).length, 1, "its component lies outside of the sources");
  child.kill("SIGINT");
  const { code } = await withDeadline(child.status, 20_000, "the end of omnifs after Ctrl-C");
  over.resolve(new Response());
  assert.equal(code, 130);
  assert.deepEqual(await mine(), []);
});

Deno.test("without the toolchain, new and build say what is missing and where it is", async () => {
  await using here = await place();
  const copy = join(here.dir, "omnifs");
  await Deno.mkdir(copy);
  for (const name of ["main.ts", "runtime", "fuse", "wit", "deno.json", "package.json"]) {
    assert.equal((await run("cp", ["-r", join(ROOT, name), copy])).code, 0);
  }
  await Deno.symlink(join(ROOT, "node_modules"), join(copy, "node_modules"));
  for (const words of [["new", "notes", join(here.dir, "x")], ["build", here.dir]]) {
    const args = ["run", "-A", join(copy, "main.ts"), "provider", ...words];
    const { code, stderr } = await run(Deno.execPath(), args, { env: here.env, deadline: 60_000 });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^omnifs: .*\(componentize-qjs, rolldown, the SDK\) is not part of this omnifs.*\n {2}try: use a checkout/,
    );
  }
  await until(
    async () => !await Deno.stat(join(here.dir, "x")).then(() => true, () => false),
    1_000,
    "no folder",
  );
});
