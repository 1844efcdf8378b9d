/**
 * The configuration: what the file, the environment and the flags say, which of them wins, and how a fault is told.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Command, command, UsageError } from "../../runtime/cli/command.ts";
import { GRANT_OPTIONS, MOUNT_OPTIONS, type MountValues } from "../../runtime/cli/grants.ts";
import { layered, type LayeredValues } from "../../runtime/cli/layers.ts";
import { parse } from "../../runtime/cli/parser.ts";
import { SETTINGS } from "../../runtime/cli/settings.ts";
import { positionsOf, type TomlPath } from "../../runtime/cli/toml_positions.ts";
import { type Ran, run } from "../support/command.ts";
import { tempDir } from "../support/temp.ts";
import { DEADLINE, omnifsCommand, type Place, place } from "./fixture.ts";

const probe: Command = command<MountValues>({
  name: "probe",
  summary: "",
  arguments: [],
  options: MOUNT_OPTIONS,
  configured: true,
  examples: [],
  run: () => Promise.resolve(),
});

interface Said {
  readonly file?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly argv?: readonly string[];
}

/** What all three say together; the file lies in `dir`. */
async function together({ file, env = {}, argv = [] }: Said, dir?: string): Promise<LayeredValues> {
  await using folder = await tempDir();
  const base = dir ?? folder.path;
  const path = `${base}/config.toml`;
  if (file !== undefined) await Deno.writeTextFile(path, file);
  const variables: Readonly<Record<string, string>> = {
    HOME: "/home/ada",
    ...(file === undefined ? { XDG_CONFIG_HOME: base } : { OMNIFS_CONFIG: path }),
    ...env,
  };
  return await layered(probe, parse(probe, argv), (name) => variables[name]);
}

async function valuesOf(said: Said, dir?: string): Promise<Record<string, unknown>> {
  return (await together(said, dir)).values;
}

/** What a wrong file says, without its folder, and how to mend it. */
async function faultOf(said: Said): Promise<string> {
  const error = await together(said).then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof UsageError, `${JSON.stringify(said)} is refused: ${String(error)}`);
  assert.ok(error.mend, error.message);
  return `${error.message.replace(/^\S*\/(config\.toml)/, "$1")} | ${error.mend.replace(/\/\S*\//, "")}`;
}

Deno.test("every setting is said by a line of the file, by a variable and by a flag, and all three mean the same", async () => {
  await using folder = await tempDir();
  const rows: Record<string, { readonly file: string; readonly variable: string; readonly argv: string[] }> =
    {
      "providers": {
        file: '["github", "dns,as=names"]',
        variable: "github\n dns,as=names\n",
        argv: ["--provider", "github", "--provider", "dns,as=names"],
      },
      "allow-net": {
        file: '["a.test", "b.test:1"]',
        variable: "a.test, b.test:1",
        argv: ["--allow-net=a.test,b.test:1"],
      },
      "deny-net": { file: '["a.test"]', variable: "a.test", argv: ["--deny-net=a.test"] },
      "allow-apply": { file: '["github"]', variable: "github", argv: ["--allow-apply", "github"] },
      "settings": {
        file: '{ github = { api_url = "http://a/?b=c", n = 3, on = true } }',
        variable: "github.api_url=http://a/?b=c\ngithub.n=3\ngithub.on=true",
        argv: ["--set", "github.api_url=http://a/?b=c", "--set", "github.n=3", "--set", "github.on=true"],
      },
      "credentials": {
        file: '["GITHUB_TOKEN=gh auth token"]',
        variable: "GITHUB_TOKEN=gh auth token",
        argv: ["--credential", "GITHUB_TOKEN=gh auth token"],
      },
      "workspaces": { file: '["/w/game"]', variable: "/w/game", argv: ["--workspace", "/w/game"] },
      "cache-size": { file: '"2MiB"', variable: "2MiB", argv: ["--cache-size", "2097152"] },
      "log-level": { file: '"warn"', variable: "warn", argv: ["--log-level", "warn"] },
      "log-size": { file: '"1MiB"', variable: "1MiB", argv: ["--log-size", "1048576"] },
      "webhook-listen": { file: '"[::1]:9"', variable: "[::1]:9", argv: ["--webhook-listen", "[::1]:9"] },
      "webhook-expose": { file: "true", variable: "yes", argv: ["--webhook-expose"] },
      "webhook-secret-files": { file: '["w=/s"]', variable: "w=/s", argv: ["--webhook-secret-file", "w=/s"] },
      "inotify": { file: '"never"', variable: "never", argv: ["--inotify", "never"] },
      "allow-other": { file: "true", variable: "1", argv: ["--allow-other"] },
      "no-prompt": { file: "true", variable: "true", argv: ["--no-prompt"] },
    };
  assert.deepEqual(SETTINGS.map(({ key }) => key).toSorted(), Object.keys(rows).toSorted());
  for (const { key, variable, option } of SETTINGS) {
    const row = rows[key];
    assert.ok(row, key);
    const said = [
      await valuesOf({ file: `${key} = ${row.file}\n` }, folder.path),
      await valuesOf({ env: { [variable]: row.variable } }),
      await valuesOf({ argv: row.argv }),
    ].map((values) => values[option]);
    assert.deepEqual(said[0], said[1], key);
    assert.deepEqual(said[1], said[2], key);
    assert.notDeepEqual(said[0], MOUNT_OPTIONS[option as keyof typeof MOUNT_OPTIONS].initial, key);
  }
});

Deno.test("every example of the manual is right", async () => {
  for (const { setting: { example }, option } of SETTINGS) {
    const values = await valuesOf({ file: example });
    assert.notDeepEqual(values[option], MOUNT_OPTIONS[option as keyof typeof MOUNT_OPTIONS].initial, example);
  }
});

Deno.test("a flag wins over a variable, and a variable over the file", async () => {
  const file = 'log-level = "debug"\nallow-net = ["file.test"]\n';
  const env = { OMNIFS_LOG_LEVEL: "warn", OMNIFS_ALLOW_NET: "env.test" };
  const argv = ["--log-level", "error", "--allow-net=flag.test"];
  const told = async (said: Said) => {
    const { values: { logLevel, allowNet }, origins } = await together(said);
    return [logLevel, allowNet, origins.map(({ key, from }) => `${key} ${from.replace(/^.*\//, "")}`)];
  };
  assert.deepEqual(await told({ file }), ["debug", ["file.test"], [
    "allow-net config.toml:2:1",
    "log-level config.toml:1:1",
  ]]);
  assert.deepEqual(await told({ file, env }), ["warn", ["env.test"], [
    "allow-net OMNIFS_ALLOW_NET",
    "log-level OMNIFS_LOG_LEVEL",
  ]]);
  assert.deepEqual(await told({ file, env, argv }), ["error", ["flag.test"], []]);
  // An empty variable is none, as elsewhere.
  assert.deepEqual((await told({ file, env: { OMNIFS_LOG_LEVEL: "" } }))[0], "debug");
});

Deno.test("all that is asked for can be granted, and taken back by the nearer place", async () => {
  assert.equal((await valuesOf({ file: "allow-net = true" }))["allowNet"], "all");
  assert.equal((await valuesOf({ file: "allow-net = false" }))["allowNet"], "none");
  assert.equal(
    (await valuesOf({ file: "allow-net = true", env: { OMNIFS_ALLOW_NET: "false" } }))["allowNet"],
    "none",
  );
  assert.deepEqual((await valuesOf({ file: "allow-net = []" }))["allowNet"], "none");
});

Deno.test("what is denied anywhere stays denied, and settings of several places count together", async () => {
  const { values } = await together({
    file: 'deny-net = ["a"]\n[settings.github]\napi_url = "file"\nlog_hosts = "x"\n',
    env: { OMNIFS_DENY_NET: "b", OMNIFS_SETTINGS: "github.api_url=env" },
    argv: ["--deny-net=c", "--set", "github.api_url=flag"],
  });
  assert.deepEqual(values["denyNet"], ["a", "b", "c"]);
  assert.deepEqual(values["set"], [
    { mount: "github", key: "api_url", value: "file" },
    { mount: "github", key: "log_hosts", value: "x" },
    { mount: "github", key: "api_url", value: "env" },
    { mount: "github", key: "api_url", value: "flag" },
  ]);
});

Deno.test("a relative path of the file begins at the file, and a tilde is the user's folder", async () => {
  await using folder = await tempDir();
  const file = [
    'workspaces = ["game", "other=~/b"]',
    'webhook-secret-files = ["secret", "github=~/s"]',
    'providers = ["mine=../mine.wasm"]',
  ].join("\n");
  const values = await valuesOf({ file }, folder.path);
  assert.deepEqual(values["workspace"], [
    { name: "game", path: `${folder.path}/game` },
    { name: "other", path: "/home/ada/b" },
  ]);
  assert.deepEqual(values["webhookSecretFile"], [
    { path: `${folder.path}/secret` },
    { mount: "github", path: "/home/ada/s" },
  ]);
  const above = folder.path.slice(0, folder.path.lastIndexOf("/"));
  assert.deepEqual(values["provider"], [{ name: "mine", source: `${above}/mine.wasm`, mount: "mine" }]);
});

Deno.test("a fault is told with line and column, the key, what was probably meant, and how to mend it", async () => {
  const rows: [string, string][] = [
    [
      "\nalow-net = true",
      'config.toml:2:1: there is no setting "alow-net"; did you mean "allow-net"? | edit line 2 of config.toml',
    ],
    [
      "provider = []",
      'config.toml:1:1: there is no setting "provider"; did you mean "providers"? | edit line 1 of config.toml',
    ],
    ["# x\n[github]\napi_url = 1", 'config.toml:2:2: there is no setting "github" | one of '],
    [
      "allow-net = 3",
      'config.toml:1:13: allow-net: it is a number, and takes a list of strings, or true for all that is asked for | such as allow-net = ["api.github.com"]',
    ],
    [
      'deny-net = ["a",\n  4]',
      "config.toml:2:3: deny-net.1: a number is in the list, which takes strings | such as deny-net",
    ],
    ['deny-net = ["a", ""]', "config.toml:1:18: deny-net.1: an empty string is in the list"],
    [
      "  no-prompt = 1",
      "config.toml:1:15: no-prompt: it is a number, and takes true or false | such as no-prompt = true",
    ],
    [
      'cache-size = "big"',
      'config.toml:1:14: cache-size: a size is a number and a unit such as 256MiB, not "big" | such as cache-size',
    ],
    [
      'log-level = "wran"',
      'config.toml:1:13: log-level: is one of debug, info, warn, error, not "wran"; did you mean "warn"? | such as',
    ],
    ["settings = 1", "config.toml:1:12: settings: it is a number, and takes a table for each mount"],
    ["[settings.github]\nx = [1]", "config.toml:2:5: settings.github.x: it is a list, and takes a string"],
    [
      "settings.github = 1",
      "config.toml:1:19: settings.github: it is a number, and takes a table of settings",
    ],
    ['workspaces = [\n"/a/b",\n"/"\n]', 'config.toml:3:1: workspaces.1: takes [NAME=]DIR, not "/"'],
    ["a = = 1", "config.toml:1:5: invalid value | TOML"],
    ["log-level = 'a'\nlog-level = 'b'", "config.toml:2:1: "],
  ];
  for (const [file, start] of rows) {
    const fault = await faultOf({ file });
    assert.ok(fault.startsWith(start), `${fault}\nis not\n${start}`);
  }
  assert.equal(
    await faultOf({ env: { OMNIFS_NO_PROMPT: "maybe" } }),
    'OMNIFS_NO_PROMPT: it takes true or false, not "maybe" | unset OMNIFS_NO_PROMPT',
  );
  assert.match(
    await faultOf({ env: { OMNIFS_CACHE_SIZE: "x" } }),
    /^OMNIFS_CACHE_SIZE: cache-size: a size is/,
  );
});

Deno.test("a part of the file that the command has no use for is held to be right, too", async () => {
  const ls = { ...probe, options: { ...GRANT_OPTIONS } };
  await using folder = await tempDir();
  const config = `${folder.path}/c.toml`;
  const read = () => layered(ls, { ...parse(ls, []), config }, () => undefined);
  await Deno.writeTextFile(config, 'webhook-listen = "nowhere"');
  await assert.rejects(read(), /c\.toml:1:18: webhook-listen: takes ADDRESS:PORT/);
  await Deno.writeTextFile(config, 'webhook-listen = "127.0.0.1:1"\n');
  assert.deepEqual((await read()).origins, []);
});

Deno.test("where each key and value stands is known in every form that TOML has for them", () => {
  const text = [
    "a = 1 # [x]", // 1
    '\'b c\'.d = """', // 2
    "not = a key", // 3
    '"""', // 4
    "[t.u] # e = 1", // 5
    "e = { f = [1, { g = \"]}\" }], h = '#' }", // 6
    "[[l]]", // 7
    "k = 1", // 8
    "[[l]]", // 9
    "k = [ # ]", // 10
    "  1,", // 11
    "  '''", // 12
    "x''',", // 13
    "]", // 14
    '"\\u0071" = 2020-01-01T00:00:00Z', // 15
  ].join("\n");
  const { key, value } = positionsOf(text);
  const at = (path: TomlPath) =>
    [key(path), value(path)].map(({ line, column }) => `${line}:${column}`).join(" ");
  const rows: [TomlPath, string][] = [
    [["a"], "1:1 1:5"],
    [["b c"], "2:1 2:1"],
    [["b c", "d"], "2:7 2:11"],
    [["t", "u"], "5:4 5:4"],
    [["t", "u", "e"], "6:1 6:5"],
    [["t", "u", "e", "f", 1, "g"], "6:17 6:21"],
    [["t", "u", "e", "h"], "6:30 6:34"],
    [["l", 0, "k"], "8:1 8:5"],
    [["l", 1, "k"], "10:1 10:5"],
    [["l", 1, "k", 1], "12:3 12:3"],
    [["l", 1, "q"], "15:1 15:12"],
    // What is not there is told where it would be.
    [["a", "z"], "1:1 1:5"],
    [["z"], "1:1 1:1"],
  ];
  for (const [path, expected] of rows) assert.equal(at(path), expected, path.join("."));
});

async function configured(here: Place, env: Record<string, string>, ...args: string[]): Promise<Ran> {
  const [program, words] = omnifsCommand(args);
  return await run(program, words, { env: { ...here.env, ...env }, deadline: DEADLINE });
}

Deno.test("the file in the user's folder is read; --config and OMNIFS_CONFIG name another, or none", async () => {
  await using here = await place();
  await Deno.mkdir(`${here.dir}/config/omnifs`, { recursive: true });
  await Deno.writeTextFile(`${here.dir}/config/omnifs/config.toml`, 'providers = ["hello,as=mine"]\n');
  await Deno.writeTextFile(`${here.dir}/other.toml`, 'providers = ["hello,as=other"]\n');
  assert.equal((await here.omnifs("ls")).stdout, "mine\n");
  const other = `${here.dir}/other.toml`;
  assert.equal((await here.omnifs("ls", "--config", other)).stdout, "other\n");
  assert.equal((await configured(here, { OMNIFS_CONFIG: other }, "ls")).stdout, "other\n");
  assert.equal(
    (await configured(here, { OMNIFS_CONFIG: other }, "ls", "--provider", "hello")).stdout,
    "hello\n",
  );
  assert.match((await here.omnifs("ls", "--config", "/dev/null")).stdout, /^github\nhello$|^hello$/m);
  const missing = await here.omnifs("ls", "--config", `${here.dir}/nowhere.toml`);
  assert.equal(missing.code, 1);
  assert.match(
    missing.stderr,
    /^omnifs: there is no configuration file .*nowhere\.toml\n {2}try: --config FILE/,
  );
});

Deno.test("a wrong file exits with 2; one that everybody may change is not heeded", async () => {
  await using here = await place();
  const file = `${here.dir}/c.toml`;
  await Deno.writeTextFile(file, "allow-nt = true\n");
  const wrong = await here.omnifs("ls", "--config", file);
  assert.deepEqual([wrong.code, wrong.stdout], [2, ""]);
  assert.match(
    wrong.stderr,
    /^omnifs: \S+c\.toml:1:1: there is no setting "allow-nt"; did you mean "allow-net"\?\n {2}try: edit line 1 of /,
  );
  await Deno.writeTextFile(file, "");
  await Deno.chmod(file, 0o666);
  const open = await here.omnifs("ls", "--config", file);
  assert.equal(open.code, 1);
  assert.match(
    open.stderr,
    /will not heed the configuration file .*: everybody may change it\n {2}try: chmod go-w /,
  );
});

Deno.test("what the file grants is granted, and status and provider inspect say where it is from", async () => {
  await using here = await place();
  const file = `${here.dir}/c.toml`;
  await Deno.writeTextFile(file, 'allow-net = [\n  "api.github.com",\n]\n');
  const inspected = await here.omnifs("provider", "inspect", "github", "--config", file);
  assert.match(inspected.stdout, /granted {3}api\.github\.com/);
  assert.match(inspected.stdout, /^config {4}allow-net is from \/.*\/c\.toml:1:1$/m);
  const flags = await here.omnifs(
    "provider",
    "inspect",
    "github",
    "--allow-net=api.github.com",
    "--config",
    file,
  );
  assert.ok(!flags.stdout.includes("c.toml"), "a flag wins, so nothing is from the file");
});
