/**
 * What differs with a terminal: colours, and questions. Without one there are neither, and each question has an option
 * with which it is not asked.
 *
 * @module
 */
import assert from "node:assert/strict";
import { longFlag } from "../../runtime/cli/command.ts";
import { COMMAND_NAMES, load } from "../../runtime/cli/registry.ts";
import { has, run } from "../support/command.ts";
import { DEADLINE, omnifsCommand, type Place, place } from "./fixture.ts";
import { told } from "./told.ts";

const ignore = !await has("script");

/** Runs omnifs on a terminal on which `input` is typed; what the terminal shows. */
async function onTerminal(
  here: Place,
  args: readonly string[],
  { env = {}, input = "" }: { readonly env?: Record<string, string>; readonly input?: string } = {},
): Promise<{ readonly code: number; readonly shown: string }> {
  const [program, words] = omnifsCommand(args);
  const line = [program, ...words].map((word) => `'${word}'`).join(" ");
  const { code, stdout } = await run("script", ["-qec", line, "/dev/null"], {
    env: { ...here.env, TERM: "xterm", NO_COLOR: "", SHELL: "/bin/sh", OMNIFS_KEYRING: "none", ...env },
    cwd: here.dir,
    input,
    deadline: DEADLINE,
  });
  return { code, shown: stdout.replaceAll("\r\n", "\n") };
}

const COLOUR = "\x1b[";

Deno.test(
  "colours are for a terminal, and not where NO_COLOR or TERM=dumb forbids them",
  { ignore },
  () =>
    told(async (here) => {
      const shown = async (env: Record<string, string>) =>
        (await onTerminal(here, ["status"], { env })).shown;
      assert.ok((await shown({})).includes(COLOUR));
      assert.ok(!(await shown({ NO_COLOR: "1" })).includes(COLOUR));
      assert.ok(!(await shown({ TERM: "dumb" })).includes(COLOUR));
      const piped = await here.omnifs("status");
      assert.ok(!(piped.stdout + piped.stderr).includes(COLOUR));
      assert.ok(!(await onTerminal(here, ["status", "--output", "json"])).shown.includes(COLOUR));
      assert.ok((await onTerminal(here, ["nope"])).shown.includes(COLOUR), "an error is red");
    }),
);

/** Where standard input is read in `runtime`, and which command does it. `tests/architecture/rules.ts` knows the places. */
const ASKING = ["auth login", "draft write", "mount", "service install", "service unit"];

Deno.test("every command that may ask says so in its help, with an option of its own that keeps it from asking", async () => {
  const asking: string[] = [];
  await using here = await place();
  for (const name of COMMAND_NAMES) {
    const { prompts = [], options } = await load(name);
    if (prompts.length === 0) continue;
    asking.push(name);
    const flags = Object.values(options).map((option) => longFlag(option.flags));
    const { stdout } = await here.omnifs("help", ...name.split(" "));
    for (const { asks, without } of prompts) {
      assert.ok(flags.includes(without), `${name} has ${without}`);
      assert.ok(stdout.includes(asks) && stdout.includes(`not asked with ${without}`), name);
    }
  }
  assert.deepEqual(asking.toSorted(), ASKING);
});

const TOKEN = /Token for github \(it is not shown\): /;
const CONTENT = /type the new content; Ctrl-D ends it/;
const HOSTS = /asks to reach api\.github\.com\n[^]*allow it\? once \(o\), always \(a\), no \(n\)/;

Deno.test("auth login asks on a terminal, and with --no-prompt does not", { ignore }, async () => {
  await using here = await place();
  const login = ["auth", "login", "--unchecked"];
  const asked = await onTerminal(here, login, { input: "tok_0123456789abcdef\r" });
  assert.match(asked.shown, TOKEN);
  assert.equal(asked.code, 0, asked.shown);
  const silent = await onTerminal(here, [...login, "--no-prompt"]);
  assert.doesNotMatch(silent.shown, TOKEN);
  assert.match(silent.shown, /there is no token on standard input\n {2}try: .*< FILE/);
  assert.equal(silent.code, 1);
});

Deno.test("draft write asks on a terminal, and with --from does not", { ignore }, () =>
  told(async (here) => {
    await Deno.writeTextFile(`${here.dir}/content`, "x");
    const write = ["draft", "write", "/x", "d"];
    assert.match((await onTerminal(here, write, { input: "x\r\x04" })).shown, CONTENT);
    assert.doesNotMatch((await onTerminal(here, [...write, "--from", "content"])).shown, CONTENT);
    assert.doesNotMatch((await onTerminal(here, [...write, "--remove"])).shown, CONTENT);
  }));

Deno.test("mount asks on a terminal, and with --no-prompt does not", { ignore }, async () => {
  await using here = await place();
  // Whether it can be mounted is another matter: it is asked before.
  const mount = ["mount", `${here.dir}/mnt`, "--provider", "github"];
  assert.match((await onTerminal(here, mount, { input: "n\r".repeat(20) })).shown, HOSTS);
  await here.omnifs("unmount", `${here.dir}/mnt`);
  assert.doesNotMatch((await onTerminal(here, [...mount, "--no-prompt"])).shown, HOSTS);
});

Deno.test("without a terminal nothing is asked", () =>
  told(async (here) => {
    const rows: [string[], RegExp][] = [
      [["auth", "login", "--unchecked"], TOKEN],
      [["draft", "write", "/x", "d"], CONTENT],
      [["mount", `${here.dir}/mnt`, "--provider", "github"], HOSTS],
    ];
    for (const [args, question] of rows) {
      const { stdout, stderr } = await here.omnifs(...args);
      assert.doesNotMatch(stdout + stderr, question);
    }
    await here.omnifs("unmount", `${here.dir}/mnt`);
  }));
