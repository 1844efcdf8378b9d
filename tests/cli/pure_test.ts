/**
 * The parts of the command line that need no process: words, sizes, patterns, output.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Command, command, list, text, UsageError } from "../../runtime/cli/command.ts";
import { globPattern } from "../../runtime/cli/glob.ts";
import {
  GRANT_OPTIONS,
  type GrantValues,
  joined,
  parseProvider,
  parseSetting,
  parseWorkspace,
} from "../../runtime/cli/grants.ts";
import { Output, printable } from "../../runtime/cli/output.ts";
import { parse } from "../../runtime/cli/parser.ts";
import { nearest } from "../../runtime/base/nearest.ts";
import { COMMAND_NAMES, load } from "../../runtime/cli/registry.ts";
import { formatDuration, formatMilliseconds, formatSize, parseSize } from "../../runtime/cli/units.ts";
import { parseListen, parseSecretFile, webhookOptions } from "../../runtime/cli/webhook_options.ts";

const probe: Command = command<GrantValues>({
  name: "probe",
  summary: "",
  arguments: [{ form: "<dir>", summary: "" }],
  options: GRANT_OPTIONS,
  examples: [],
  run: () => Promise.resolve(),
});

Deno.test("--allow-net without a value grants all and leaves the next word alone", () => {
  const { values, words } = parse(probe, ["--allow-net", "/mnt"]);
  assert.equal(values["allowNet"], "all");
  assert.deepEqual(words, ["/mnt"]);
});

Deno.test("scopes of --allow-net and --deny-net add up; the bare flag wins over a list", () => {
  const some = parse(probe, [
    "--allow-net=a.test,b.test:1",
    "/m",
    "--allow-net=unix:/s",
    "--deny-net",
    "c.test",
  ]);
  assert.deepEqual(some.values["allowNet"], ["a.test", "b.test:1", "unix:/s"]);
  assert.deepEqual(some.values["denyNet"], ["c.test"]);
  assert.equal(parse(probe, ["--allow-net=a.test", "--allow-net", "/m"]).values["allowNet"], "all");
});

Deno.test("after -- a word is a word", () => {
  assert.deepEqual(parse(probe, ["--", "--allow-net"]).words, ["--allow-net"]);
});

Deno.test("a wrong word is a usage error that names the help", () => {
  for (
    const argv of [[], ["a", "b"], ["--nope", "a"], ["a", "--set"], ["a", "--output", "xml"], [
      "a",
      "--set",
      "x",
    ]]
  ) {
    assert.throws(() => parse(probe, argv), (error) => {
      assert.ok(error instanceof UsageError, String(error));
      assert.equal(error.mend, "omnifs probe --help");
      return true;
    }, argv.join(" "));
  }
});

Deno.test("an unknown option is told with the one that was probably meant", () => {
  assert.throws(() => parse(probe, ["/m", "--alow-net"]), /Did you mean --allow-net/);
});

Deno.test("options that may be repeated collect, others keep the last", () => {
  const spec = command<{ one: string | undefined; many: readonly string[] }>({
    ...probe,
    arguments: [],
    options: { one: text("--one <word>", ""), many: list("--many <word>", "", (word) => word) },
    run: () => Promise.resolve(),
  });
  const { values } = parse(spec, ["--one", "a", "--one", "b", "--many", "c", "--many", "d"]);
  assert.deepEqual(values, { one: "b", many: ["c", "d"] });
});

Deno.test("--provider reads a name, a file and a mount name", () => {
  assert.deepEqual(parseProvider("github"), { name: "github", mount: "github" });
  assert.deepEqual(parseProvider("github,as=work"), { name: "github", mount: "work" });
  assert.deepEqual(parseProvider("x=./a,b=c.wasm,as=y"), { name: "x", source: "./a,b=c.wasm", mount: "y" });
  for (const word of ["", "=a", "a,as=", "a,as=b/c", "A b"]) {
    assert.throws(() => parseProvider(word), UsageError, word);
  }
});

Deno.test("--set reads a mount, a key and whatever follows the first equals sign", () => {
  assert.deepEqual(parseSetting("github.api_url=http://a/?b=c"), {
    mount: "github",
    key: "api_url",
    value: "http://a/?b=c",
  });
  assert.deepEqual(parseSetting("a.b=").value, "");
  for (const word of ["", "a=b", ".a=b", "a.=b", "a.b"]) {
    assert.throws(() => parseSetting(word), UsageError, word);
  }
});

Deno.test("sizes are read with binary and decimal units", () => {
  const rows: [string, number][] = [
    ["0", 0],
    ["1k", 1024],
    ["256MiB", 268_435_456],
    ["1.5GiB", 1_610_612_736],
    ["2 gb", 2_000_000_000],
  ];
  for (const [word, bytes] of rows) assert.equal(parseSize(word), bytes, word);
  for (const word of ["", "MiB", "-1", "1x", "1e9"]) assert.throws(() => parseSize(word), UsageError, word);
});

Deno.test("sizes and durations are told in the unit that fits", () => {
  assert.deepEqual([0, 1023, 1024, 1_500_000, 3 * 1024 ** 3].map(formatSize), [
    "0 B",
    "1023 B",
    "1.0 KiB",
    "1.4 MiB",
    "3.0 GiB",
  ]);
  assert.deepEqual([999, 61_000, 3_660_000, 90_000_000].map(formatDuration), [
    "0 s",
    "1 min 1 s",
    "1 h 1 min",
    "1 d 1 h",
  ]);
});

Deno.test("patterns match whole names as find does", () => {
  const rows: [string, string, boolean][] = [
    ["*", "", true],
    ["*.json", "repo.json", true],
    ["*.json", "repo.jsonx", false],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["[a-c]*", "banana", true],
    ["[!a-c]*", "banana", false],
    ["[]]", "]", true],
    ["a.b", "axb", false],
    ["\\*", "*", true],
    ["\\*", "x", false],
    ["[", "[", true],
    ["*", "two\nlines", true],
  ];
  for (const [glob, name, matches] of rows) {
    assert.equal(globPattern(glob).test(name), matches, `${glob} ${name}`);
  }
});

Deno.test("flags that grant hosts are told as one, quoted where the shell would read them otherwise", () => {
  assert.equal(joined(["--allow-net=a", "--allow-net=b", "--allow-net=a", "--x=1"]), "--allow-net=a,b --x=1");
  assert.equal(joined(["--allow-net=*.a"]), "'--allow-net=*.a'");
});

Deno.test("a slip of one or two letters finds the command that was meant", () => {
  const rows: [string, string | undefined][] = [
    ["mout", "mount"],
    ["mnuot", "mount"],
    ["stauts", "status"],
    ["sl", "ls"],
    ["dmeo", "demo"],
    ["xyzzy", undefined],
    ["q", undefined],
  ];
  for (const [word, name] of rows) assert.equal(nearest(word, COMMAND_NAMES), name, word);
});

Deno.test("--workspace takes a directory, with a name of its own or the last one of its path", () => {
  assert.deepEqual(parseWorkspace("/home/ada/game"), { name: "game", path: "/home/ada/game" });
  assert.deepEqual(parseWorkspace("mine=/home/ada/game/"), { name: "mine", path: "/home/ada/game" });
  assert.deepEqual(parseWorkspace("a/b=c"), { name: "b=c", path: `${Deno.cwd()}/a/b=c` });
  for (const word of ["", "/", "x=", "..=/home"]) assert.throws(() => parseWorkspace(word), UsageError, word);
});

Deno.test("every command has a summary, an example that is its own, and a name that finds it", async () => {
  for (const name of COMMAND_NAMES) {
    const found = await load(name);
    assert.equal(found.name, name);
    assert.ok(found.summary.length > 0 && !found.summary.endsWith("."), name);
    assert.ok(found.examples.length > 0, name);
    for (const { line } of found.examples) {
      assert.ok(line.startsWith(name), line);
      if (line.startsWith("help")) continue;
      const words = line.slice(name.length).replace(/ [<>|].*$/, "").trim().split(/\s+/);
      parse(found, words.filter((word) => word !== ""));
    }
  }
});

/** A stream in memory that takes three bytes at a time. */
function slowStream(
  terminal: boolean,
): { stream: ConstructorParameters<typeof Output>[0]; text: () => string } {
  const taken: number[] = [];
  return {
    stream: {
      isTerminal: () => terminal,
      write: (bytes) => {
        taken.push(...bytes.subarray(0, 3));
        return Promise.resolve(Math.min(3, bytes.length));
      },
    },
    text: () => new TextDecoder().decode(Uint8Array.from(taken)),
  };
}

Deno.test("text and bytes leave in the order in which they were written", async () => {
  const { stream, text } = slowStream(false);
  const out = new Output(stream, true);
  out.line("first");
  out.bytes(new TextEncoder().encode("second\n"));
  out.text("thi");
  await out.flush();
  out.line("rd");
  await out.flush();
  assert.equal(text(), "first\nsecond\nthird\n");
});

Deno.test("a line that is written while the last one is going out is not left behind", async () => {
  const { stream, text } = slowStream(false);
  const out = new Output(stream, false);
  let expected = "";
  for (let line = 0; line < 50; line++) {
    out.line(String(line));
    expected += `${line}\n`;
    // A different number of turns each time, so that one of them meets the end of a write.
    for (let turn = 0; turn < line; turn++) await Promise.resolve();
  }
  await out.flush();
  assert.equal(text(), expected);
});

Deno.test("looks are for terminals alone, and not where they are forbidden", () => {
  assert.equal(new Output(slowStream(true).stream, true).styled("red", "x"), "\x1b[31mx\x1b[0m");
  assert.equal(new Output(slowStream(true).stream, false).styled("red", "x"), "x");
  assert.equal(new Output(slowStream(false).stream, true).styled("red", "x"), "x");
});

Deno.test("whoever writes after the reader went away is told", async () => {
  const broken = () => Promise.reject(new Deno.errors.BrokenPipe("gone"));
  const out = new Output({ isTerminal: () => false, write: broken }, false);
  out.line("x");
  await assert.rejects(out.flush(), Deno.errors.BrokenPipe);
  await assert.rejects(out.ready(), Deno.errors.BrokenPipe);
});

Deno.test("a name from upstream cannot move the cursor or forge a line", () => {
  assert.equal(printable("a\x1b[2Jb\nc\x9bd"), "a\\x1b[2Jb\\x0ac\\x9bd");
  assert.equal(printable("Größe 大"), "Größe 大");
});

Deno.test("where webhooks are listened for is an address of this machine and a port", () => {
  const rows: readonly (readonly [string, string, number])[] = [
    ["127.0.0.1:9911", "127.0.0.1", 9911],
    ["localhost:0", "127.0.0.1", 0],
    ["[::1]:9911", "::1", 9911],
    ["0.0.0.0:65535", "0.0.0.0", 65_535],
  ];
  for (const [word, hostname, port] of rows) assert.deepEqual(parseListen(word), { hostname, port });
  for (
    const word of [
      "",
      "9911",
      ":9911",
      "127.0.0.1",
      "127.0.0.1:65536",
      "::1:9911",
      "host:1",
      "[x]:1",
      "1.2.3:1",
    ]
  ) {
    assert.throws(() => parseListen(word), UsageError, word);
  }
});

Deno.test("a secret file may be a mount's own; its path may hold a sign of equality", () => {
  assert.deepEqual(parseSecretFile("/a/b=c"), { path: "/a/b=c" });
  assert.deepEqual(parseSecretFile("work=/a/b=c"), { mount: "work", path: "/a/b=c" });
  assert.deepEqual(parseSecretFile("x"), { path: `${Deno.cwd()}/x` });
  assert.throws(() => parseSecretFile(""), UsageError);
});

Deno.test("only loopback is listened on without another word", () => {
  const values = { webhookExpose: false, webhookSecretFile: [] };
  for (const hostname of ["127.0.0.1", "127.8.9.1", "::1", "0:0:0:0:0:0:0:1"]) {
    assert.equal(webhookOptions({ ...values, webhookListen: { hostname, port: 1 } })?.hostname, hostname);
  }
  for (const hostname of ["0.0.0.0", "::", "10.0.0.1", "::1:1", "::ffff:127.0.0.1", "1::1"]) {
    const webhookListen = { hostname, port: 1 };
    assert.throws(() => webhookOptions({ ...values, webhookListen }), UsageError, hostname);
    assert.equal(webhookOptions({ ...values, webhookListen, webhookExpose: true })?.hostname, hostname);
  }
  assert.equal(webhookOptions({ ...values, webhookListen: undefined }), undefined);
});

Deno.test("a short time is told in milliseconds, with a decimal below ten", () => {
  const rows: readonly (readonly [number, string])[] = [[0.04, "0 ms"], [3.25, "3.3 ms"], [10.4, "10 ms"], [
    1_250,
    "1.3 s",
  ]];
  for (const [milliseconds, text] of rows) assert.equal(formatMilliseconds(milliseconds), text);
});
