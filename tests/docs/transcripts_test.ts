/**
 * What the pages for newcomers show is what a person sees: every transcript in them is typed, and compared.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fuseIsThere } from "../support/kernel.ts";
import { ROOT } from "../support/mount.ts";
import { played, type Scene, sceneOf } from "./scenes.ts";
import type { Step } from "../support/transcript.ts";
import { agrees, type Transcript, transcriptsOf } from "./transcript.ts";

/** Transcripts that are not run: their page and first command, and why. */
const NOT_RUN: Readonly<Record<string, string>> = {};

async function pages(): Promise<string[]> {
  const tasks = await Array.fromAsync(
    Deno.readDir(join(ROOT, "docs", "tasks")),
    ({ name }) => `docs/tasks/${name}`,
  );
  return ["README.md", "docs/README.md", "docs/output.md", "docs/troubleshooting.md", ...tasks.toSorted()];
}

function nameOf(page: string, { steps: [first] }: Transcript): string {
  return `${page}: ${first?.command}`;
}

/** The steps of a page by scene; those of one scene go on where the ones before ended. */
async function play(
  page: string,
  transcripts: readonly Transcript[],
): Promise<{ shown: Step[]; seen: Step[] }> {
  const scenes = new Map<string, Scene>();
  await using cleanup = new AsyncDisposableStack();
  const all: { shown: Step[]; seen: Step[] } = { shown: [], seen: [] };
  for (const transcript of transcripts) {
    const { scene: name, steps } = transcript;
    assert.ok(
      name !== undefined,
      `${nameOf(page, transcript)}: it names no scene and is not in the list of what is not run`,
    );
    const scene = scenes.get(name) ?? cleanup.use(await sceneOf(name));
    scenes.set(name, scene);
    all.seen.push(...await played(scene, steps));
    all.shown.push(...steps);
  }
  return all;
}

const known = new Set<string>();
for (const page of await pages()) {
  const transcripts = transcriptsOf(await Deno.readTextFile(join(ROOT, page)).catch(() => ""));
  for (const transcript of transcripts) known.add(nameOf(page, transcript));
  const run = transcripts.filter((each) => NOT_RUN[nameOf(page, each)] === undefined);
  if (run.length === 0) continue;
  Deno.test(
    `the transcripts of ${page} are what a person sees`,
    { ignore: !(await fuseIsThere()) },
    async () => {
      const { shown, seen } = await play(page, run);
      const wrong = seen.map((step, index) => {
        const said = shown[index]?.output ?? "";
        return agrees(said, step.output) ? { ...step, output: said } : step;
      });
      assert.deepEqual(wrong, shown);
    },
  );
}

Deno.test("what is listed as not run is there, and says why", () => {
  for (const [name, why] of Object.entries(NOT_RUN)) {
    assert.ok(known.has(name), `there is no transcript ${name}`);
    assert.ok(why.length > 10);
  }
});

Deno.test("a transcript is compared line by line, with … for what differs", () => {
  const rows: [string, string, boolean][] = [
    ["", "anything", true],
    ["a\nb", "a\nb", true],
    ["a\nb", "a\nb\nc", false],
    ["a … c", "a 12 c", true],
    ["a … c", "a 12 d", false],
    ["a\n…\nz", "a\nb\nc\nz", true],
    ["a\n…", "a", false],
    ["(x) [1].*", "(x) [1].*", true],
    ["(x) [1].*", "(x) [1]..", false],
    ["a…", "a\nb", false],
  ];
  for (const [shown, seen, same] of rows) {
    assert.equal(agrees(shown, seen), same, JSON.stringify([shown, seen]));
  }
  const page =
    "text\n\n<!-- scene: demo -->\n    $ ls     # two\n    a\n\n    b\n    $ pwd\n\nmore\n\n    not one\n";
  assert.deepEqual(transcriptsOf(page), [{
    scene: "demo",
    steps: [{ command: "ls", output: "a\n\nb" }, { command: "pwd", output: "" }],
  }]);
});
