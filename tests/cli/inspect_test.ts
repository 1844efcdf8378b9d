/**
 * `omnifs inspect` as people and programs run it: on a real terminal, and without one.
 *
 * @module
 */
import assert from "node:assert/strict";
import { systemClock } from "../../runtime/base/clock.ts";
import { Log } from "../../runtime/base/log.ts";
import { type ControlServer, serveControl } from "../../runtime/control/server.ts";
import { type FakeBackend, fakeBackend } from "../control/fake_backend.ts";
import { until, withDeadline } from "../support/deadline.ts";
import { DEADLINE, omnifsCommand, type Place, place } from "./fixture.ts";
import { isTmuxThere, onTmux, type Screen } from "./tmux.ts";

interface Scene {
  readonly here: Place;
  readonly backend: FakeBackend;
  readonly server: ControlServer;
}

/** A daemon that is mounted on `/mnt/omnifs`, as far as it says. */
async function onDaemon(test: (scene: Scene) => Promise<void>): Promise<void> {
  await using here = await place();
  const backend = fakeBackend({ dir: "/mnt/omnifs" });
  const log = new Log(systemClock, () => {}, "error");
  const server = await serveControl(backend, {
    socketPath: `${here.runtimeDir}/fake.sock`,
    clock: systemClock,
    log,
  });
  try {
    await test({ here, backend, server });
  } finally {
    await server.close();
  }
}

function callout({ bus }: FakeBackend, url: string, outcome: number | string = 200): void {
  bus.publish("callout.done", { mount: "github", method: "get", url, outcome, milliseconds: 5 });
}

function onTerminal(
  name: string,
  test: (scene: Scene & { readonly screen: Screen }) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): void {
  Deno.test({
    name: isTmuxThere ? name : `${name} (skipped: there is no tmux)`,
    ignore: !isTmuxThere,
    fn: () =>
      onDaemon(async (scene) => {
        await using screen = await onTmux(scene.here, ["inspect"], { NO_COLOR: "", ...env });
        await screen.shows(/\/mnt\/omnifs {2}omnifs [\d.]+, pid \d+/);
        await test({ ...scene, screen });
      }),
  });
}

/** The shell's own screen is back, with its cursor and with echo, and nothing of the view is left. */
async function assertGivenBack(screen: Screen, code: number): Promise<string> {
  const text = await screen.shows(new RegExp(`^rc ${code}$`, "m"));
  assert.match(text, /^before\n/);
  assert.doesNotMatch(text, /PROVIDER/);
  assert.deepEqual([await screen.variable("alternate_on"), await screen.variable("cursor_flag")], ["0", "1"]);
  await screen.type(
    "stty -a | tr ' ;' '\\n\\n' | grep -xE -- '-?(echo|icanon|isig)' | tr '\\n' '+'",
    "Enter",
  );
  await screen.shows(/isig\+icanon\+echo\+/);
  return text;
}

onTerminal(
  "keys are obeyed on a real terminal: filter, pause, another size, quit",
  async ({ screen, backend }) => {
    assert.deepEqual([await screen.variable("alternate_on"), await screen.variable("cursor_flag")], [
      "1",
      "0",
    ]);
    callout(backend, "https://api.test/users/acme");
    callout(backend, "https://api.test/repos/acme", 404);
    await screen.shows(/404 github {3}GET https:\/\/api\.test\/repos\/acme/);
    await screen.type("/", "users", "Enter");
    const narrowed = await screen.shows(/filter: users \(escape: all\)/);
    assert.match(narrowed, /GET https:\/\/api\.test\/users\/acme/);
    assert.doesNotMatch(narrowed, /repos\/acme/);
    await screen.type("Space");
    await screen.shows(/PAUSED/);
    await screen.type("Escape");
    callout(backend, "https://api.test/later");
    assert.doesNotMatch(await screen.shows(/\/ filter {3}space go on/), /later/);
    await screen.type("Space");
    // A document that comes before the key would be lost.
    await screen.shows(/\/ filter {3}space pause/);
    callout(backend, "https://api.test/afterwards");
    await screen.shows(/GET https:\/\/api\.test\/afterwards/);
    await screen.resize(40, 9);
    await screen.shows(/^\/mnt\/omnifs {2}omnifs [\d.]+, pid \d+,.*…$/m);
    const small = await screen.lines();
    assert.equal(small.length, 9);
    assert.match(small.at(-1) ?? "", /^\/ filter {3}space pause {3}q quit$/);
    await screen.resize(100, 30);
    await screen.shows(/afterwards/);
    await screen.type("q");
    await assertGivenBack(screen, 0);
  },
);

onTerminal("Ctrl-C quits, and gives the terminal back", async ({ screen }) => {
  await screen.type("C-c");
  await assertGivenBack(screen, 0);
});

onTerminal("a daemon that ends gives the terminal back, and is told", async ({ screen, server }) => {
  await server.close();
  assert.match(await assertGivenBack(screen, 1), /^omnifs: .*(ended|ending|went away)/m);
});

onTerminal("SIGTERM gives the terminal back", async ({ screen }) => {
  // The shell is the pane's own process; omnifs is its only child.
  const shell = await screen.variable("pane_pid");
  const child = await until(
    async () => (await Deno.readTextFile(`/proc/${shell}/task/${shell}/children`)).trim(),
    DEADLINE,
    "the process of omnifs",
  );
  Deno.kill(Number(child), "SIGTERM");
  await assertGivenBack(screen, 0);
});

onTerminal("what is shown has looks on a terminal", async ({ screen }) => {
  // deno-lint-ignore no-control-regex -- bold, as tmux tells it
  assert.match((await screen.lines(true)).join("\n"), /\x1b\[1m/);
});

onTerminal("with NO_COLOR it has none", async ({ screen }) => {
  const text = (await screen.lines(true)).join("\n");
  assert.match(text, /PROVIDER/);
  assert.ok(!text.includes("\x1b["), JSON.stringify(text));
}, { NO_COLOR: "1" });

Deno.test("without a terminal it exits with 2 and names what a program asks instead", async () => {
  await using here = await place();
  const { code, stdout, stderr } = await here.omnifs("inspect");
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /^omnifs: omnifs inspect needs a terminal to draw on\n {2}try: /);
  for (const instead of ["omnifs metrics", "omnifs events --output jsonl", "omnifs inspect --output jsonl"]) {
    assert.ok(stderr.includes(instead), instead);
  }
});

Deno.test("without a daemon it exits with 3, as a page and as a stream", async () => {
  await using here = await place();
  for (const words of [["--web"], ["--output", "jsonl"]]) {
    assert.equal((await here.omnifs("inspect", ...words)).code, 3, words.join(" "));
  }
});

Deno.test("for programs it tells one second as a document, or one line a second until Ctrl-C", () =>
  onDaemon(async ({ here }) => {
    const { code, stdout } = await here.omnifs("inspect", "--output", "json");
    assert.equal(code, 0);
    const document = JSON.parse(stdout);
    assert.ok(document.seconds > 0);
    assert.equal(document.dir, "/mnt/omnifs");
    const [program, args] = omnifsCommand(["inspect", "--output", "jsonl"]);
    const child = new Deno.Command(program, { args, env: here.env, stdout: "piped", stderr: "null" }).spawn();
    let text = "";
    const reading = (async () => {
      for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) text += piece;
    })();
    await until(() => text.split("\n").length > 2, DEADLINE, "two lines");
    child.kill("SIGINT");
    assert.equal((await withDeadline(child.status, DEADLINE, "the end after Ctrl-C")).code, 0);
    await reading;
    const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.equal(lines[0].seconds, 0);
    assert.ok(lines[1].seconds > 0);
  }));
