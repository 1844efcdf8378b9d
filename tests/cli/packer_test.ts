/**
 * `omnifs packer`: the transcript of `docs/packer.md` is true, line by line, and the commands say what scripts need.
 *
 * @module
 */
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { has, run, sh } from "../support/command.ts";
import { endMount, fuseIsThere } from "../support/kernel.ts";
import { ROOT } from "../support/mount.ts";
import { declaration, registry } from "../packer/workspace.ts";
import { type Step, stepsOf } from "../support/transcript.ts";
import { DEADLINE, omnifsCommand, type Place, place } from "./fixture.ts";
import { game } from "./game.ts";

/** Where the page's author lives. */
const HOME = "/home/ada";

async function runStep(here: Place, command: string): Promise<string> {
  const [program, words] = omnifsCommand([]);
  const omnifs = [program, ...words].map((word) => `'${word}'`).join(" ");
  const script = `cd ~/game; omnifs() { ${omnifs} "$@"; }; ${command}`;
  const { stdout, stderr } = await sh(script, { env: { ...here.env }, deadline: 60_000 });
  return (stdout + stderr).trimEnd().replaceAll(here.dir, HOME);
}

Deno.test("the transcript of docs/packer.md is what a person sees", async () => {
  const steps = stepsOf(await Deno.readTextFile(join(ROOT, "docs", "packer.md")), "transcript");
  await using here = await place();
  await game(here);
  const seen: Step[] = [];
  for (const { command } of steps) seen.push({ command, output: await runStep(here, command) });
  deepStrictEqual(seen, steps);
  strictEqual(steps.length >= 8, true);
});

Deno.test("every command of the packer has one JSON document for programs, and an exit code", async () => {
  await using here = await place();
  const workspace = await game(here);
  const ask = async (...words: string[]) => {
    const { code, stdout } = await here.omnifs(
      "packer",
      ...words,
      "--workspace",
      workspace.path,
      "--output",
      "json",
    );
    return { code, document: JSON.parse(stdout) };
  };
  strictEqual((await ask("status")).document.state, "clean");
  deepStrictEqual((await ask("reconcile", "--plan")).document, { divergences: [] });
  strictEqual((await ask("doctor", "--deep")).document.digested, 5);
  const built = await ask("build", "--to", `${here.dir}/out`);
  deepStrictEqual([built.code, built.document.manifest.assets.length], [0, 2]);
  await workspace.write("hero/asset.json", "{}");
  await Deno.rename(workspace.at("button"), workspace.at("moved"));
  strictEqual((await ask("doctor")).code, 1);
  const some = await ask("reconcile", "--all");
  deepStrictEqual([some.code, some.document.left.length], [5, 1], "partly done");
  await workspace.write("hero/asset.json", declaration(1, "hero"));
  deepStrictEqual(await ask("reconcile", "--plan"), { code: 0, document: { divergences: [] } });
  strictEqual(await workspace.read(".prometeu/index.json"), registry("hero", "moved"));
});

Deno.test("what cannot be done says why, and what to try", async () => {
  await using here = await place();
  const workspace = await game(here);
  const failing = async (code: number, said: RegExp, ...words: string[]) => {
    const ran = await here.omnifs("packer", ...words);
    strictEqual(ran.code, code, ran.stderr);
    match(ran.stderr, said);
  };
  await failing(
    1,
    /is no workspace: it has no directory assets\/\n {2}try: mkdir /,
    "status",
    "--workspace",
    here.dir,
  );
  const ofWorkspace = ["--workspace", workspace.path];
  await Deno.writeTextFile(`${here.dir}/file`, "");
  const noFolder = /cannot build into \S*\/file: it is no directory\n {2}try: choose another folder/;
  await failing(1, noFolder, "build", "--to", `${here.dir}/file`, ...ofWorkspace);
  await failing(
    1,
    /file\/below: it is no directory\n/,
    "build",
    "--to",
    `${here.dir}/file/below`,
    ...ofWorkspace,
  );
  await failing(1, /lies in no workspace\n {2}try: --workspace DIR/, "status");
  await failing(2, /--accept takes ID or ID=CHOICE, not "x"/, "reconcile", "--accept", "x");
  await failing(2, /three different things/, "reconcile", "--all", "--plan");
  await failing(1, /there is no divergence 7/, "reconcile", "--accept", "7", "--workspace", workspace.path);
  await using _held = await workspace.open({ program: "a studio" });
  await failing(1, /held by a studio \(pid \d+\)/, "status", "--workspace", workspace.path);
});

/** Runs what follows without the capabilities by which root may read everything. */
const STRICTLY = [
  "--bounding-set=-dac_override,-dac_read_search",
  "--inh-caps=-dac_override,-dac_read_search",
];

Deno.test({
  name: "a file that may not be read is told by status and doctor, and keeps a build from being made",
  ignore: !await has("setpriv"),
  fn: async () => {
    await using here = await place();
    const workspace = await game(here);
    await Deno.chmod(workspace.at("hero/run.png"), 0);
    const strictly = async (command: string) => {
      const [program, words] = omnifsCommand(["packer", command, "--workspace", workspace.path]);
      const become = Deno.uid() === 0 ? STRICTLY : ["--no-new-privs"];
      return await run("setpriv", [...become, program, ...words], { env: here.env, deadline: DEADLINE });
    };
    const status = await strictly("status");
    match(
      status.stdout,
      /stale\n[^]*because {3}hero\/run\.png is part of an asset, and cannot be read: permission/,
    );
    const doctor = await strictly("doctor");
    deepStrictEqual([doctor.code, /error {4}hero\/run\.png: .*\(unreadable\)/.test(doctor.stdout)], [
      1,
      true,
    ]);
    const build = await strictly("build");
    strictEqual(build.code, 1);
    match(
      build.stderr,
      /hero\/run\.png is part of .*: permission denied\n {2}try: let whoever runs omnifs read it/,
    );
    strictEqual(await Deno.lstat(`${workspace.path}/build/assets.tar`).catch(() => undefined), undefined);
    await Deno.remove(workspace.at(".prometeu/staging"), { recursive: true });
    await Deno.chmod(workspace.at(".prometeu"), 0o555);
    const closed = await strictly("status");
    await Deno.chmod(workspace.at(".prometeu"), 0o755);
    match(
      closed.stderr,
      /cannot write to \S*\/assets\/\.prometeu: permission denied\n {2}try: let whoever runs omnifs write/,
    );
  },
});

Deno.test({
  name:
    "a file that may not be read stays in the tree, and its reader hears that it is a matter of permissions",
  ignore: !await has("setpriv") || !await fuseIsThere(),
  fn: async () => {
    await using here = await place();
    const workspace = await game(here);
    const [dir, become] = [`${here.dir}/mnt`, Deno.uid() === 0 ? STRICTLY : ["--no-new-privs"]];
    const [program, words] = omnifsCommand(["mount", dir, "--no-prompt", "--workspace", workspace.path]);
    try {
      await Deno.chmod(workspace.at("hero/run.png"), 0);
      const mounted = await run("setpriv", [...become, program, ...words], {
        env: here.env,
        deadline: DEADLINE,
      });
      strictEqual(mounted.code, 0, mounted.stderr);
      const files = `${dir}/packer/game/_assets/_all/1/files`;
      match((await sh(`ls -l ${files}; cat ${files}/run.png`)).stdout, / 21 .* run\.png\n$/);
      match((await sh(`cat ${files}/run.png`)).stderr, /Permission denied/);
      await Deno.chmod(workspace.at("hero/run.png"), 0o644);
      strictEqual((await sh(`cat ${files}/run.png`)).stdout, "not really a picture\n");
    } finally {
      await endMount(dir);
    }
  },
});
