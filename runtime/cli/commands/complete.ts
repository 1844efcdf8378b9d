/**
 * `omnifs __complete`, which the scripts of `omnifs completions` ask: one line that says what follows, `words`,
 * `paths`, `file` or `dir`, and a line for each candidate, with what it is behind a tab.
 *
 * @module
 */
import { sleep } from "../../base/clock.ts";
import { type Command, command, type Context } from "../command.ts";
import { type Candidate, complete, type Offer } from "../completion.ts";
import { sourceOf } from "../completion_sources.ts";
import { TIMEOUT_VARIABLE } from "../completion_scripts.ts";
import { printable } from "../output.ts";

/** Milliseconds after which what has come is offered, unless `TIMEOUT_VARIABLE` says otherwise: somebody waits. */
const ASK_TIMEOUT = 1_500;

/** Milliseconds after that when nothing is offered any more. */
const GRACE = 500;

const NOTHING: Offer = { candidates: [] };

/** Answers a shell. It never fails: a fault is no candidate. */
export const completeCommand: Command = command({
  name: "__complete",
  summary: "What could stand where the cursor is",
  arguments: [{
    form: "[word...]",
    summary: "the words after omnifs; the last is the one that is being typed",
  }],
  options: {},
  formats: ["human"],
  examples: [],
  async run(context) {
    const over = new AbortController();
    const asking = AbortSignal.any([context.signal, over.signal]);
    const timeout = Number(context.environment(TIMEOUT_VARIABLE)) || ASK_TIMEOUT;
    const late = sleep(context.clock, timeout, over.signal).then(() => over.abort(), () => {});
    const givenUp = sleep(context.clock, timeout + GRACE, context.signal).then(() => NOTHING, () => NOTHING);
    const offered = offer({ ...context, signal: asking }).catch(() => NOTHING);
    print(context, await Promise.race([offered, givenUp]));
    over.abort();
    await late;
  },
});

async function offer(context: Context): Promise<Offer> {
  return await complete(context.words, sourceOf(context));
}

function print({ out, words }: Context, { candidates, paths = false, shell }: Offer): void {
  const word = words.at(-1) ?? "";
  out.line(shell ?? (paths ? "paths" : "words"));
  for (const each of candidates) {
    if (each.word.startsWith(word) && isPlain(each)) out.line(lineOf(each));
  }
}

/** No shell could take a line with a control character for what it is. */
function isPlain({ word }: Candidate): boolean {
  return printable(word) === word;
}

function lineOf({ word, about }: Candidate): string {
  return about === undefined || about === "" ? word : `${word}\t${printable(about)}`;
}
