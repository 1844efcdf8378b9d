/**
 * A neighbour while a provider misbehaves: how much slower files that the cache holds are opened and read while
 * another provider of the same mount does harm, in each of the ways of `tests/hostile`.
 *
 * Passes alone and beside the offender alternate, so that a slow minute of the machine hits both. The last line is a
 * program that computes at the lowest priority and has nothing to do with omnifs: what the machine itself costs.
 *
 * @module
 */
import { join } from "node:path";
import { buildProvider } from "../../providers/sdk/build.ts";
import { deviant } from "../hostile/component.ts";
import { CHATTERBOX, OFFENDERS } from "../hostile/offenders.ts";
import { SMALL_BYTES } from "../mounted/files/tree.ts";
import { run } from "../support/command.ts";
import { until } from "../support/deadline.ts";
import { mountOmnifs, ROOT } from "../support/mount.ts";
import { tempDir } from "../support/temp.ts";
import { buildClient } from "./peers.ts";
import type { Volume } from "./rows.ts";
import { aligned, figure, median, verdictText } from "./table.ts";

/** As the table shows it. */
const TITLE = "a neighbour while a provider misbehaves";

/** Alone over beside, in files a second: at most this. */
const GOAL = 1.2;

/** Passes of the client at a time, alone and beside: as many as take a tenth of a second or more. */
const PASSES = 8;

/** How long one run of the client may take, in milliseconds. */
const CLIENT_DEADLINE = 60_000;

/** One offender's line. */
export interface MisbehaviourResult {
  /** What the other one does. */
  readonly other: string;
  /** Files a second, every pass: while nobody misbehaves, and while it does. */
  readonly alone: readonly number[];
  /** See {@linkcode MisbehaviourResult.alone}. */
  readonly beside: readonly number[];
  /** The median alone divided by the median beside. */
  readonly ratio: number;
  /** True where the ratio is at most 1.2; null for the program that is no provider, which has no goal. */
  readonly met: boolean | null;
}

/** A component by its mount name, and the command that has it misbehave, at `$dir`. */
const SCENES: Readonly<Record<string, { readonly offender: string; readonly command: string }>> = {
  loop: { offender: "loops for ever", command: 'cat "$dir/$i"' },
  deep: { offender: "calls itself without end", command: 'cat "$dir/$i"' },
  memory: { offender: "takes memory until there is none", command: 'cat "$dir/$i"' },
  table: { offender: "grows its table until it cannot", command: 'cat "$dir/$i"' },
  listing: { offender: "tells new names for ever", command: 'ls -U "$dir"' },
  entries: { offender: "answers two million entries", command: 'ls -U "$dir"' },
  bytes: { offender: "answers a name a thousand times, each of 100 MiB", command: 'ls -U "$dir"' },
  chatter: { offender: "floods the log", command: 'cat "$dir/$i"' },
};

/** What the machine itself costs. */
const CONTROL = {
  other: "no provider: any program that computes",
  command: "for j in 1 2 3 4 5 6 7 8 9; do :; done",
};

/** Measures every offender; `say` gets a line about what is done. */
export async function misbehaviour(
  volume: Volume,
  say: (line: string) => void,
): Promise<MisbehaviourResult[]> {
  await using stack = new AsyncDisposableStack();
  const home = stack.use(await tempDir());
  const client = await buildClient();
  const mounted = stack.use(await mountOmnifs(await components(home.path), { home: home.path }));
  const folder = join(mounted.dir, "files", "bench", "many");
  const pass = () => passOf(client, folder, volume.files);
  for (const _ of [1, 2, 3]) await pass();
  const results: MisbehaviourResult[] = [];
  const measured = async (other: string, provoke: (round: number) => Promise<AsyncDisposable>) => {
    say(`${TITLE}: ${other}`);
    return resultOf(other, await measure(volume.rounds, pass, provoke));
  };
  for (const [name, { offender, command }] of Object.entries(SCENES)) {
    const dir = join(mounted.dir, name);
    results.push(
      await measured(`one that ${offender}`, (n) => provoked(dir, command, join(home.path, `${name}-${n}`))),
    );
  }
  const { other, command } = CONTROL;
  results.push({
    ...await measured(other, (n) => provoked("", command, join(home.path, `${n}`))),
    met: null,
  });
  return results;
}

/** The passes of one offender: half the rounds of the other rows, of several passes each. */
async function measure(
  rounds: number,
  pass: () => Promise<number>,
  provoke: (round: number) => Promise<AsyncDisposable>,
): Promise<{ readonly alone: number[]; readonly beside: number[] }> {
  const [alone, beside]: [number[], number[]] = [[], []];
  for (let round = 0; round < Math.ceil(rounds / 2); round++) {
    for (let i = 0; i < PASSES; i++) alone.push(await pass());
    await using _ = await provoke(round);
    for (let i = 0; i < PASSES; i++) beside.push(await pass());
  }
  return { alone, beside };
}

/** Files a second of one pass over `files` small files in `folder`. */
async function passOf(client: string, folder: string, files: number): Promise<number> {
  const { code, stdout, stderr } = await run(client, ["open", folder, "file-", "0", `${files}`], {
    deadline: CLIENT_DEADLINE,
  });
  const [perSecond = NaN, bytes = NaN] = stdout.trim().split(" ").map(Number);
  if (code === 0 && bytes === files * SMALL_BYTES) return perSecond;
  throw new Error(`${TITLE}: ${stderr || `${bytes} bytes instead of ${files * SMALL_BYTES}`}`);
}

/** What the passes beside `other` come to. */
export function resultOf(
  other: string,
  { alone, beside }: { readonly alone: readonly number[]; readonly beside: readonly number[] },
): MisbehaviourResult {
  const ratio = median(alone) / median(beside);
  return { other, alone, beside, ratio, met: ratio <= GOAL };
}

/** The table: a line for each offender. */
export function misbehaviourTable(results: readonly MisbehaviourResult[]): string {
  const head = [`${TITLE} (files/s)`, "alone", "beside it", "goal", "verdict"];
  const lines = results.map(({ other, alone, beside, ratio, met }) => [
    other,
    figure(median(alone)),
    figure(median(beside)),
    met === null ? "" : `≤ ${GOAL} × alone`,
    met === null ? `(${ratio.toFixed(2)})` : verdictText(ratio, GOAL, met),
  ]);
  return aligned([head, ...lines], [1, 2]);
}

/** Builds the components, and says how they are mounted. */
async function components(folder: string): Promise<string[]> {
  const files = join(folder, "files.wasm");
  await buildProvider(join(ROOT, "tests", "mounted", "files"), files);
  const words = ["--provider", `files=${files}`];
  for (const [name, { offender }] of Object.entries(SCENES)) {
    const path = join(folder, `${name}.wasm`);
    await Deno.writeFile(path, await deviant(OFFENDERS[offender]?.deviation ?? CHATTERBOX));
    words.push("--provider", `${name}=${path}`);
  }
  return words;
}

/**
 * Runs `command` over and over on the offender at `dir`, from when this returns until it is disposed of. The shell
 * and its programs give way to everybody: what they cost is not the provider's doing.
 */
async function provoked(dir: string, command: string, begun: string): Promise<AsyncDisposable> {
  const script = `i=0; : > "$begun"; while [ -e "$begun" ]; do i=$((i + 1)); ${command}; done`;
  const child = new Deno.Command("nice", {
    args: ["-n", "19", "sh", "-c", script],
    env: { dir, begun },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await until(() => Deno.stat(begun).then(() => true, () => false), 10_000, "the first offence");
  return {
    async [Symbol.asyncDispose]() {
      await Deno.remove(begun);
      await child.status;
    },
  };
}
