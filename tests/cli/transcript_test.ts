/**
 * What a person sees of omnifs where nothing is mounted.
 *
 * @module
 */
import assert from "node:assert/strict";
import manifest from "../../package.json" with { type: "json" };
import { sh } from "../support/command.ts";
import { omnifsCommand, place } from "./fixture.ts";

Deno.test("version tells which omnifs this is, for people and for programs", async () => {
  await using here = await place();
  const human = await here.omnifs("version");
  assert.deepEqual([human.code, human.stderr], [0, ""]);
  assert.match(human.stdout, new RegExp(`^omnifs ${manifest.version} \\(deno [\\d.]+, [\\w-]+\\)\n$`));
  for (const words of [["--version"], ["-V"], ["version"]]) {
    assert.equal((await here.omnifs(...words)).stdout, human.stdout);
  }
  const json = JSON.parse((await here.omnifs("version", "--output", "json")).stdout);
  assert.deepEqual([json.omnifs, json.deno], [manifest.version, Deno.version.deno]);
});

Deno.test("help tells every command; help of one is the same however it is asked for", async () => {
  await using here = await place();
  const { code, stdout } = await here.omnifs();
  assert.equal(code, 0);
  for (
    const name of ["mount", "unmount", "ls", "cat", "find", "status", "doctor", "demo", "version", "help"]
  ) {
    assert.match(stdout, new RegExp(`^  ${name}  `, "m"));
  }
  const mount = (await here.omnifs("help", "mount")).stdout;
  assert.match(mount, /Usage: omnifs mount \[options\] <dir>/);
  assert.match(mount, /--allow-net\[=scopes\]/);
  assert.match(mount, /Examples:\n {2}omnifs mount /);
  assert.equal((await here.omnifs("mount", "--help")).stdout, mount);
  assert.match((await here.omnifs("cache", "drop", "-h")).stdout, /Usage: omnifs cache drop/);
});

Deno.test("words that make no sense exit with 2, say what was meant, and print nothing else", async () => {
  await using here = await place();
  const rows: [string[], RegExp][] = [
    [["mout"], /^omnifs: there is no command "mout"; did you mean "mount"\?\n {2}try: .*omnifs mount\n$/],
    [["xyzzy"], /^omnifs: there is no command "xyzzy"\n {2}try: .*omnifs help\n$/],
    [
      ["cache"],
      /^omnifs: omnifs cache needs one more word\n {2}try: .*omnifs cache drop, .*omnifs cache stats\n$/,
    ],
    [["cache", "sweep"], /omnifs cache has no "sweep"/],
    [["mount"], /^omnifs: missing required argument 'dir'\n {2}try: .*omnifs mount --help\n$/],
    [["mount", "a", "b"], /too many arguments/],
    [["unmount", "--forse"], /unknown option '--forse' \(Did you mean --force\?\)/],
    [["mount", "/m", "--cache-size", "big"], /a size is a number and a unit such as 256MiB, not "big"/],
    [["mount", "/m", "--log-level", "loud"], /--log-level is one of debug, info, warn, error, not "loud"/],
    [["cat", "/x", "--output", "json"], /omnifs cat prints as human, not as "json"/],
    [["find", "--type", "x"], /--type is f or d, not "x"/],
  ];
  for (const [words, said] of rows) {
    const { code, stdout, stderr } = await here.omnifs(...words);
    assert.deepEqual([code, stdout], [2, ""], words.join(" "));
    assert.match(stderr, said);
    assert.ok(stderr.trimEnd().split("\n").length <= 3, stderr);
  }
});

Deno.test("without a daemon, what needs one exits with 3 and says how to get one", async () => {
  await using here = await place();
  for (
    const words of [["status"], ["unmount"], ["logs"], ["events"], ["cache", "stats"], ["cache", "drop"]]
  ) {
    const { code, stdout, stderr } = await here.omnifs(...words);
    assert.deepEqual([code, stdout], [3, ""], words.join(" "));
    assert.match(stderr, /^omnifs: no omnifs is running\n {2}try: .*omnifs mount DIR, or .*omnifs demo\n$/);
  }
  const named = await here.omnifs("status", `${here.dir}/nowhere`);
  assert.equal(named.code, 3);
  assert.match(named.stderr, /no omnifs serves .*nowhere/);
});

Deno.test("an error for a program is one JSON document on standard error", async () => {
  await using here = await place();
  const { code, stderr } = await here.omnifs("status", "--output", "json");
  assert.equal(code, 3);
  const { error } = JSON.parse(stderr);
  assert.deepEqual(error, {
    kind: "unavailable",
    message: "no omnifs is running",
    mend: "omnifs mount DIR, or omnifs demo",
  });
});

Deno.test("doctor tells each thing that a mount needs, and exits as healthy as it says", async () => {
  await using here = await place();
  const { code, stdout } = await here.omnifs("doctor", "--output", "json");
  const { healthy, checks } = JSON.parse(stdout);
  assert.equal(code, healthy ? 0 : 1);
  const names = checks.map(({ name }: { name: string }) => name);
  for (
    const name of ["kernel device", "right to mount", "runtime folder", "cache folder", "provider hello"]
  ) {
    assert.ok(names.includes(name), name);
  }
  for (const check of checks) assert.ok(check.ok || check.mend, `${check.name} is told with its mend`);
});

Deno.test("doctor exits with 1 where an essential thing is missing, and says what mends it", async () => {
  await using here = await place();
  await Deno.mkdir(here.runtimeDir);
  await Deno.chmod(here.runtimeDir, 0o777);
  const { code, stdout } = await here.omnifs("doctor");
  await Deno.chmod(here.runtimeDir, 0o700);
  assert.equal(code, 1);
  assert.match(stdout, /missing {2}runtime folder .*others may enter it\n\s+try: chmod 700 /);
});

Deno.test("ls, cat and find show the tree without a daemon", async () => {
  await using here = await place();
  assert.match((await here.omnifs("ls")).stdout, /^hello$/m);
  const greeting = await here.omnifs("cat", "/hello/greeting");
  assert.deepEqual([greeting.code, greeting.stderr], [0, ""]);
  assert.ok(greeting.stdout.endsWith("\n"));
  const long = (await here.omnifs("ls", "-l", "hello")).stdout;
  assert.match(long, new RegExp(`^-r--r--r-- +${greeting.bytes.length} .* greeting$`, "m"));
  const found = (await here.omnifs("find", "/hello", "-type", "f", "-name", "gree*")).stdout;
  assert.equal(found, "/hello/greeting\n");
  assert.equal((await here.omnifs("find", "/hello", "-maxdepth", "0")).stdout, "/hello\n");
});

Deno.test("a listing for a program has every field of docs/output.md, in an array or one line an entry", async () => {
  await using here = await place();
  const words = ["/hello", "--output"];
  const [json, jsonl, tree] = await Promise.all([
    here.omnifs("ls", ...words, "json"),
    here.omnifs("ls", ...words, "jsonl"),
    here.omnifs("find", ...words, "jsonl"),
  ]);
  const listed: Record<string, unknown>[] = JSON.parse(json.stdout);
  const lines = jsonl.stdout.trimEnd().split("\n").map((line): Record<string, unknown> => JSON.parse(line));
  // The page of the mount says when its process wrote it.
  const timeless = (entries: typeof listed) =>
    entries.map((entry) => entry["name"] === "README.md" ? { ...entry, modified: 0 } : entry);
  assert.deepEqual(timeless(lines), timeless(listed));
  const page = await Deno.readTextFile(new URL("../../docs/output.md", import.meta.url));
  const fields = [...page.matchAll(/^\| `(\w+)` \| /gm)].map(([, name = ""]) => name);
  assert.ok(fields.length > 10);
  for (const entry of listed) assert.deepEqual([...Object.keys(entry), "shown"].sort(), fields.toSorted());
  const found = tree.stdout.trimEnd().split("\n").map((line): Record<string, unknown> => JSON.parse(line));
  for (const entry of found) assert.deepEqual(Object.keys(entry).sort(), fields.toSorted());
  assert.ok(found.some(({ shown }) => shown === "/hello/languages/English"));
});

Deno.test("a listing tells kind, size, identity, freshness, time and what takes changes as they are", async () => {
  await using here = await place();
  assert.equal((await here.omnifs("demo", "--headless")).code, 0);
  const entry = async (path: string) => {
    const [found] = JSON.parse((await here.omnifs("ls", path, "--output", "json")).stdout);
    const { kind, size, freshness, watch, writable, modified } = found;
    return { kind, size, freshness, watch, writable, timed: typeof modified === "number" };
  };
  const issue = "/github/acme/lighthouse/_issues/_open/1";
  assert.deepEqual(await entry(`${issue}/title`), {
    kind: "file",
    size: (await here.omnifs("cat", `${issue}/title`)).bytes.length,
    freshness: "watched",
    watch: "repo:4150001",
    writable: true,
    timed: true,
  });
  const mergeable = await entry("/github/acme/lighthouse/_prs/_open/6/mergeable");
  assert.deepEqual([mergeable.freshness, mergeable.watch, mergeable.writable], ["volatile", null, false]);
  const greeting = await entry("/hello/greeting");
  assert.deepEqual([greeting.freshness, greeting.watch, greeting.timed], ["immutable", null, false]);
  const page = await entry("/hello/README.md");
  assert.deepEqual([page.freshness, page.watch, page.writable, page.timed], [
    "watched",
    "omnifs:README.md",
    false,
    true,
  ]);
  const names = JSON.parse((await here.omnifs("ls", "/hello", "--output", "json")).stdout);
  assert.deepEqual(names.filter(({ kind }: { kind: string }) => kind === "directory").length, 3);
  assert.deepEqual(
    JSON.parse((await here.omnifs("find", "/hello", "-name", "none", "--output", "json")).stdout),
    [],
  );
});

Deno.test("what is missing among others exits with 5 and keeps nothing back; what is missing alone with 1", async () => {
  await using here = await place();
  const partial = await here.omnifs("cat", "/hello/nope", "/hello/greeting");
  assert.equal(partial.code, 5);
  assert.ok(partial.stdout.length > 0);
  assert.match(partial.stderr, /^omnifs: .*\/hello\/nope/);
  const alone = await here.omnifs("cat", "/hello/nope");
  assert.deepEqual([alone.code, alone.stdout], [1, ""]);
  const directory = await here.omnifs("cat", "/hello");
  assert.equal(directory.code, 1);
  assert.match(directory.stderr, /directory/);
});

Deno.test("a provider that was not granted is refused with the flag that grants it", async () => {
  await using here = await place();
  const { code, stderr } = await here.omnifs("ls", "/github/denoland");
  assert.equal(code, 1);
  assert.match(stderr, /not granted[^\n]*\n {2}try: --allow-net=api\.github\.com/);
});

Deno.test("whoever stops reading ends the command without a complaint", async () => {
  await using here = await place();
  const [program, words] = omnifsCommand(["find", "/hello"]);
  const line = [program, ...words].map((word) => `'${word}'`).join(" ");
  const { stdout, stderr } = await sh(`{ ${line}; echo "code $?" >&2; } | head -n 1`, {
    env: here.env,
    deadline: 60_000,
  });
  assert.deepEqual([stdout, stderr], ["/hello\n", "code 0\n"]);
});
