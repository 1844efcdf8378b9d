/**
 * The questions of `omnifs mount`: what its providers ask for and no flag grants, one question for each target.
 *
 * @module
 */
import type { WantedNeed, WantedNeeds } from "../control/options.ts";
import type { Context } from "./command.ts";
import { daemonOptions, type MountValues } from "./grants.ts";
import { READY_VARIABLE } from "./handshake.ts";
import { printable } from "./output.ts";
import { covers, readRemembered, remember, type Want } from "./remembered.ts";

/** Asks a person, and answers what was typed without its newline; undefined where there is nobody any more. */
export type Ask = (question: string) => Promise<string | undefined>;

/** What a person may answer. */
type Answer = "once" | "always" | "no";

const ANSWERS: Readonly<Record<string, Answer>> = {
  "o": "once",
  "once": "once",
  "a": "always",
  "always": "always",
  "n": "no",
  "no": "no",
  "": "no",
};

/** How often a question is put before it counts as a no. What was pasted behind a command must not say yes. */
const TRIES = 3;

/**
 * The targets that the user grants on the terminal; none where no person is there to ask, `--no-prompt` was given,
 * or `--allow-net` has said it all. What was answered with "always" before stands for the answer to the same question.
 */
export async function consent(context: Context, values: MountValues): Promise<readonly string[]> {
  if (values.allowNet !== "none" || values.noPrompt || !await isAttended(context)) return [];
  const { wantedNeeds }: { wantedNeeds: WantedNeeds } = await import("../daemon.ts");
  const wanted = await wantedNeeds(daemonOptions(values, context));
  return await settle(context, wanted, askOn(context));
}

/** See {@linkcode consent}, for needs that are known and a way to ask. */
export async function settle(
  context: Pick<Context, "environment" | "clock">,
  wanted: readonly WantedNeed[],
  ask: Ask,
): Promise<readonly string[]> {
  const known = await readRemembered(context.environment);
  const granted: string[] = [];
  for (const [target, needs] of byTarget(wanted)) {
    const wants = needs.map(wantOf);
    if (known.some((answer) => covers(answer, target, wants))) {
      granted.push(target);
      continue;
    }
    const answer = await answerTo(questionOf(target, needs), ask);
    if (answer === "no") continue;
    granted.push(target);
    // At once, so that an interrupted round keeps what was answered.
    if (answer === "always") {
      await remember(context.environment, [{ target, wants, since: context.clock.now() }]);
    }
  }
  return granted;
}

/** A person sits in front of this very process: not of a daemon that it starts in the background. */
async function isAttended({ err, environment }: Context): Promise<boolean> {
  if (environment(READY_VARIABLE) !== undefined || !err.isTerminal || !Deno.stdin.isTerminal()) return false;
  // A job in the background must not stop on a question that nobody sees.
  return await inForeground();
}

/** Whether the terminal belongs to this process's group: fields 5 and 8 of `proc_pid_stat(5)`. */
async function inForeground(): Promise<boolean> {
  const text = await Deno.readTextFile("/proc/self/stat");
  // The name of the program, in parentheses, may hold anything.
  const [, , group, , , foreground] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return group !== undefined && group === foreground;
}

function askOn({ err }: Context): Ask {
  return async (question) => {
    err.text(question);
    await err.flush();
    return await readLine();
  };
}

/** One line of the terminal, which hands out at most one line a read. */
async function readLine(): Promise<string | undefined> {
  const bytes = new Uint8Array(4096);
  const count = await Deno.stdin.read(bytes);
  return count === null ? undefined : new TextDecoder().decode(bytes.subarray(0, count)).trim();
}

function byTarget(wanted: readonly WantedNeed[]): ReadonlyMap<string, readonly WantedNeed[]> {
  // A comma separates the entries of --allow-net, so a target that holds one would be read as two.
  return Map.groupBy(wanted.filter(({ target }) => !target.includes(",")), ({ target }) => target);
}

function wantOf({ provider, source, credential }: WantedNeed): Want {
  return { provider, source, credential: credential ?? null };
}

async function answerTo(question: string, ask: Ask): Promise<Answer> {
  for (let left = TRIES; left > 0; left--) {
    const said = await ask(question);
    if (said === undefined) return "no";
    const answer = ANSWERS[said.toLowerCase()];
    if (answer !== undefined) return answer;
  }
  return "no";
}

/** The whole question. All of its words but our own come from components, so none can move the cursor. */
function questionOf(target: string, needs: readonly WantedNeed[]): string {
  const lines = needs.flatMap(({ provider, mount, source, why, write, credential }) => [
    `${named(provider, mount)}${source === "bundled" ? "" : " (not bundled)"} asks to reach ${
      printable(target)
    }`,
    `  why:   ${printable(why)}`,
    `  sends: ${credential === undefined ? "no credential" : printable(credential)}`,
    ...(write ? ["  may:   change things there, with --allow-apply"] : []),
  ]);
  return `${lines.join("\n")}\n  allow it? once (o), always (a), no (n) [n]: `;
}

function named(provider: string, mount: string): string {
  return printable(provider === mount ? provider : `${mount} (${provider})`);
}
