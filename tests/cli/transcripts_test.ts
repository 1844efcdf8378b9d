/**
 * Every transcript in `transcripts/` is what a person sees, and every command has one.
 *
 * @module
 */
import assert from "node:assert/strict";
import { FORMATS } from "../../runtime/cli/command.ts";
import { COMMAND_NAMES, load } from "../../runtime/cli/registry.ts";
import { ensureBuilt } from "../support/build.ts";
import { place } from "./fixture.ts";
import { canMake, SCENES } from "./transcript_scenes.ts";
import {
  commandsOf,
  readTranscript,
  saidBy,
  shellIn,
  type Step,
  type Transcript,
  writeTranscript,
} from "./transcripts.ts";

await ensureBuilt();

const FOLDER = new URL("transcripts/", import.meta.url).pathname;
const WRITES = Deno.env.get("OMNIFS_TRANSCRIPTS") === "write";

const FILES = (await Array.fromAsync(Deno.readDir(FOLDER), ({ name }) => name)).toSorted();
const TRANSCRIPTS = new Map<string, Transcript>();
for (const file of FILES) TRANSCRIPTS.set(file, readTranscript(await Deno.readTextFile(FOLDER + file)));

/** The steps of `transcript` as they come out now. */
async function played({ scene, steps }: Transcript): Promise<Step[]> {
  await using here = await place();
  await using cleanup = new AsyncDisposableStack();
  const make = SCENES[scene];
  assert.ok(make, `there is a scene ${scene}`);
  const shell = await shellIn(here, await make(here, cleanup));
  const seen: Step[] = [];
  for (const { command } of steps) seen.push({ command, said: saidBy(await shell(command), here.dir) });
  return seen;
}

for (const [file, transcript] of TRANSCRIPTS) {
  const ignore = !await canMake(transcript.scene);
  Deno.test(`${file}: ${transcript.about.join(" ")}`, { ignore }, async () => {
    const steps = await played(transcript);
    if (WRITES) await Deno.writeTextFile(FOLDER + file, writeTranscript({ ...transcript, steps }));
    else assert.equal(writeTranscript({ ...transcript, steps }), writeTranscript(transcript));
  });
}

/** True where `words`, the first two after `omnifs`, run the command called `name`. */
function runs(words: string, name: string): boolean {
  return words === name || words.startsWith(`${name} `) && !COMMAND_NAMES.includes(words);
}

Deno.test("every command has a transcript in which it does what it is for", () => {
  const shown = [...TRANSCRIPTS.values()].flatMap((transcript) =>
    commandsOf({
      ...transcript,
      steps: transcript.steps.filter(({ said }) => !/^\[[1-4]\]$/.test(said.at(-1) ?? "")),
    })
  );
  const missing = COMMAND_NAMES.filter((name) => !shown.some((words) => runs(words, name)));
  assert.deepEqual(missing, []);
});

/** A command with the format in which it prints; what is long is not shown, but held to be right. */
const TOLD = /(?:^|[|;] |[A-Z]+=\S+ )omnifs ([a-z]+(?: [a-z]+)?)[^|;]* --output (jsonl?)(?: \| is-json)?$/;

Deno.test("every command that prints for programs has a transcript with one JSON document, or lines of them", async () => {
  const documents = new Map<string, string[]>();
  for (const { steps } of TRANSCRIPTS.values()) {
    for (const { command, said } of steps) {
      const [, words = "", format = ""] = TOLD.exec(command) ?? [];
      const name = COMMAND_NAMES.find((each) => runs(words, each));
      if (name === undefined) continue;
      if (command.endsWith("| is-json") && said.join() === "one JSON document") {
        documents.set(name, [...documents.get(name) ?? [], format]);
        continue;
      }
      const text = said.filter((line) => !/^(?:! |\[\d+\]$)/.test(line)).join("\n").replaceAll(
        /: N\b/g,
        ": 0",
      ).replaceAll(/\bTIME\b(?!")/g, "0");
      if (text === "") continue;
      for (const document of format === "json" ? [text] : text.split("\n")) JSON.parse(document);
      documents.set(name, [...documents.get(name) ?? [], format]);
    }
  }
  const missing: string[] = [];
  for (const name of COMMAND_NAMES) {
    const { formats = FORMATS } = await load(name);
    if (formats.includes("json") && !documents.has(name)) missing.push(name);
  }
  assert.deepEqual(missing, []);
});
