/**
 * Completions in real shells: a person types into bash, zsh and fish on a terminal, and what the shell then runs is
 * what was completed. And what a shell is told, which needs none.
 *
 * @module
 */
import assert from "node:assert/strict";
import { SHELLS } from "../../runtime/cli/completion_scripts.ts";
import { COMMAND_NAMES } from "../../runtime/cli/registry.ts";
import { DaemonDrafts } from "../../runtime/daemon_drafts.ts";
import type { Backend, TreeEntry } from "../../runtime/control/protocol.ts";
import { fakeBackend } from "../control/fake_backend.ts";
import { openDesk } from "../drafts/desk.ts";
import { has, run } from "../support/command.ts";
import { DEADLINE, omnifsCommand, type Place, place } from "./fixture.ts";
import { served } from "./told.ts";

const DIR = "/mnt/omnifs";

/** The children of each directory. A name that ends in a slash is a directory. */
const TREE: Readonly<Record<string, readonly string[]>> = {
  "/": ["small", "space here", "img:latest", "img:lately", "deep/", ".hidden", "with$dollar"],
  "/deep": ["one", "two/"],
  "/deep/two": ["quo'te", "wörd"],
};

async function* listed(path: string): AsyncGenerator<TreeEntry> {
  await Promise.resolve();
  for (const name of TREE[path === "/" ? path : path.replace(/\/$/, "")] ?? []) {
    const kind = name.endsWith("/") ? "directory" : "file";
    yield {
      name: name.replace(/\/$/, ""),
      path: `${path}/${name}`,
      kind,
      ino: 1,
      size: null,
      modified: null,
      id: name,
      freshness: "immutable",
      watch: null,
      mount: "hello",
      writable: false,
    };
  }
}

/** A daemon at `/mnt/omnifs` with a tree and a draft, and a shell before it. */
async function onDaemon(work: (here: Place) => Promise<void>, changes: Partial<Backend> = {}): Promise<void> {
  await using here = await place();
  await using desk = await openDesk(`${here.dir}/drafts`);
  const drafts = new DaemonDrafts(() => desk.drafts);
  await drafts.create("my-fix");
  const backend = { ...fakeBackend({ dir: DIR }), list: listed, drafts, ...changes };
  await using _daemon = await served(here, backend);
  await work(here);
}

/** Milliseconds that a completion may take here: no slow machine must leave anything out. */
const PATIENCE = { OMNIFS_COMPLETION_TIMEOUT: "30000" };

/** What a shell is told for `words`, the last of which is being typed. */
async function told(here: Place, ...words: string[]): Promise<string[]> {
  return await toldWithin(PATIENCE, here, ...words);
}

async function toldWithin(
  patience: Record<string, string>,
  here: Place,
  ...words: string[]
): Promise<string[]> {
  const [program, args] = omnifsCommand(["__complete", "--", ...words]);
  const env = { ...here.env, ...patience };
  const { code, stdout, stderr } = await run(program, args, { env, deadline: DEADLINE });
  assert.deepEqual([code, stderr], [0, ""], words.join(" "));
  return stdout.trimEnd().split("\n").map((line) => line.split("\t")[0] ?? "");
}

Deno.test("commands, options and their words are completed where they may stand", async () => {
  await using here = await place();
  const rows: [string[], string[]][] = [
    [["mo"], ["words", "mount"]],
    [["cache", ""], ["words", "drop", "stats"]],
    [["cache", "d"], ["words", "drop"]],
    [["unmount", "--fo"], ["words", "--force"]],
    [["ls", "--output", "js"], ["words", "json", "jsonl"]],
    [["ls", "--output=js"], ["words", "--output=json", "--output=jsonl"]],
    [["cat", "--out"], ["words"]],
    [["mount", "--log-level", "d"], ["words", "debug"]],
    [["mount", "-f", "--config", ""], ["file"]],
    [["mount", "-f", "--workspace", ""], ["dir"]],
    [["mount", ""], ["dir"]],
    [["completions", ""], ["words", "bash", "zsh", "fish"]],
    [["find", "--type", ""], ["words", "f", "d"]],
    [["ls", "--provider", "hel"], ["words", "hello"]],
    [["provider", "inspect", "./"], ["file"]],
    // After --, a word is a word.
    [["ls", "--", "--out"], ["paths"]],
    // What no command takes is not completed, and what is no command is no reason to say anything.
    [["version", ""], ["words"]],
    [["xyzzy", ""], ["words"]],
    [["xyzzy", "a", ""], ["words"]],
  ];
  for (const [words, expected] of rows) {
    assert.deepEqual(await told(here, ...words), expected, words.join(" "));
  }
  const first = (await told(here, "")).slice(1);
  assert.deepEqual(first, [...new Set(COMMAND_NAMES.map((name) => name.split(" ")[0]))]);
});

Deno.test("paths of the tree are completed, from its root and below the mount point", () =>
  onDaemon(async (here) => {
    const rows: [string[], string[]][] = [
      [["ls", "/s"], ["paths", "/small", "/space here"]],
      [["ls", "s"], ["paths", "small", "space here"]],
      [["ls", "/deep/"], ["paths", "/deep/one", "/deep/two/"]],
      [["ls", "/."], ["paths", "/.hidden"]],
      [["ls", `${DIR}/deep/o`], ["paths", `${DIR}/deep/one`]],
      [["ls", "/mnt/om"], ["paths", `${DIR}/`]],
      [["cat", "/small", "/deep/two/w"], ["paths", "/deep/two/wörd"]],
      [["find", "--type", "f", "/deep/o"], ["paths", "/deep/one"]],
      [["cache", "drop", "/sm"], ["paths", "/small"]],
      [["draft", "write", "/sm"], ["paths", "/small"]],
      [["draft", "write", "/small", ""], ["words", "my-fix"]],
      [["draft", "show", "m"], ["words", "my-fix"]],
      [["ls", "--mount", "/"], ["words", DIR]],
      [["unmount", ""], ["words", DIR]],
      [["ls", "--mount", "/elsewhere", "/s"], ["paths"]],
      [["ls", "/nowhere/"], ["paths"]],
    ];
    for (const [words, expected] of rows) {
      assert.deepEqual(await told(here, ...words), expected, words.join(" "));
    }
    assert.deepEqual((await told(here, "ls", "")).slice(0, 3), ["paths", "/small", "/space here"]);
  }));

Deno.test("a listing that does not end is offered as far as it came, and no name forges a line", () =>
  onDaemon(async (here) => {
    const patience = { OMNIFS_COMPLETION_TIMEOUT: "5000" };
    assert.deepEqual(await toldWithin(patience, here, "ls", "/"), ["paths", "/first", `${DIR}/`]);
  }, {
    async *list(_path, signal) {
      for await (const entry of listed("/")) {
        yield { ...entry, name: "first", kind: "file" };
        yield { ...entry, name: "forged\n/line\x1b[2J", kind: "file" };
        break;
      }
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  }));

/** How each shell is started with nothing of the user's own, and reads a script. */
const STARTS: Readonly<Record<typeof SHELLS[number], (script: string) => string>> = {
  bash: (script) => `bash --noprofile --rcfile ${script} -i`,
  zsh: (script) => `ZDOTDIR=${script}.d zsh -i`,
  fish: (script) => `fish --no-config -i -C 'source ${script}'`,
};

/**
 * What the shell runs as omnifs when `lines` are typed into it, one list of words a line. A terminal of its own is
 * between, so that the tabulator is a key.
 */
async function typed(
  here: Place,
  shell: typeof SHELLS[number],
  lines: readonly string[],
): Promise<string[][]> {
  const script = `${here.dir}/completions.${shell}`;
  const ran = `${here.dir}/ran.${shell}`;
  await Deno.mkdir(`${here.dir}/bin`, { recursive: true });
  await Deno.mkdir(`${script}.d`);
  const [program, words] = omnifsCommand([]);
  const omnifs = [program, ...words].map((word) => `'${word}'`).join(" ");
  // What a shell asks is answered by the real one, and what a person runs is written down.
  await Deno.writeTextFile(
    `${here.dir}/bin/omnifs`,
    `#!/bin/sh\n[ "$1" = __complete ] && exec ${omnifs} "$@"\nfor word; do printf '%s\\t' "$word"; done >> '${ran}'\necho >> '${ran}'\n`,
    { mode: 0o755 },
  );
  await Deno.writeTextFile(script, (await here.omnifs("completions", shell)).stdout);
  await Deno.writeTextFile(
    `${script}.d/.zshrc`,
    `autoload -Uz compinit\ncompinit -u -d ${here.dir}/dump\nsource ${script}\n`,
  );
  await Deno.writeTextFile(ran, "");
  await run("script", ["-qec", STARTS[shell](script), "/dev/null"], {
    env: {
      ...here.env,
      PATH: `${here.dir}/bin:${Deno.env.get("PATH") ?? ""}`,
      TERM: "xterm",
      SHELL: "/bin/sh",
    },
    input: [...lines, "exit", ""].join("\r"),
    cwd: here.dir,
    deadline: DEADLINE,
  });
  const text = await Deno.readTextFile(ran);
  return text.split("\n").slice(0, -1).map((line) => line.split("\t").slice(0, -1));
}

const ROWS: readonly [string, string[]][] = [
  ["omnifs unm\t x", ["unmount", "x"]],
  ["omnifs cache dr\t/x", ["cache", "drop", "/x"]],
  ["omnifs ls --lon\t /x", ["ls", "--long", "/x"]],
  ["omnifs ls --output=hum\t", ["ls", "--output=human"]],
  ["omnifs ls --output jsonl\t", ["ls", "--output", "jsonl"]],
  ["omnifs cat /sm\t", ["cat", "/small"]],
  // A directory goes on where it is.
  ["omnifs cat /de\to\t", ["cat", "/deep/one"]],
  // What the shell would read otherwise is quoted.
  ["omnifs cat /sp\t /x", ["cat", "/space here", "/x"]],
  ["omnifs cat /with\t", ["cat", "/with$dollar"]],
  ["omnifs cat '/sp\t", ["cat", "/space here"]],
  ["omnifs cat /deep/two/q\t", ["cat", "/deep/two/quo'te"]],
  ["omnifs cat /img:lates\t", ["cat", "/img:latest"]],
  ["omnifs cat /mnt/om\tde\tt\tw\t", ["cat", "/mnt/omnifs/deep/two/wörd"]],
  ["omnifs draft show m\t", ["draft", "show", "my-fix"]],
  ["omnifs ls --config own-c\t /x", ["ls", "--config", "own-config.toml", "/x"]],
  ["omnifs ls --config=own-c\t /x", ["ls", "--config=own-config.toml", "/x"]],
];

for (const shell of SHELLS) {
  const ignore = !await has(shell) || !await has("script");
  Deno.test(`what is typed into ${shell} is completed`, { ignore }, () =>
    onDaemon(async (here) => {
      await Deno.writeTextFile(`${here.dir}/own-config.toml`, "");
      const ran = await typed(here, shell, ROWS.map(([line]) => line));
      for (const [index, [line, words]] of ROWS.entries()) {
        assert.deepEqual(ran[index], words, `${JSON.stringify(line)} in ${JSON.stringify(ran)}`);
      }
    }));
}
