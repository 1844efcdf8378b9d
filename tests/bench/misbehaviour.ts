/**
 * `deno run -A tests/bench/misbehaviour.ts`: how much slower files that the cache holds are opened and read while
 * another provider of the same mount misbehaves, in each of the ways of `tests/hostile`.
 *
 * Rounds alone and beside the offender alternate, so that a slow minute of the machine hits both.
 *
 * @module
 */
import { join } from "node:path";
import { buildProvider } from "../../providers/sdk/build.ts";
import { deviant } from "../hostile/component.ts";
import { CHATTERBOX, OFFENDERS } from "../hostile/offenders.ts";
import { run } from "../support/command.ts";
import { until } from "../support/deadline.ts";
import { mountOmnifs, ROOT } from "../support/mount.ts";
import { tempDir } from "../support/temp.ts";
import { buildClient } from "./peers.ts";
import { median } from "./table.ts";

/** As the table shows it. */
const TITLE = "operation on a cached node while another provider misbehaves";

/** Alone over beside, in files a second: at most this. */
const GOAL = 1.2;

/** How long one run of the client may take, in milliseconds. */
const CLIENT_DEADLINE = 60_000;

/** How much is measured. */
interface MisbehaviourVolume {
  /** Files opened in one pass. */
  readonly files: number;
  /** Passes, alone and beside each offender. */
  readonly rounds: number;
}

/** One offender's line. */
interface MisbehaviourResult {
  /** The row's title and the offender. */
  readonly title: string;
  /** Files a second, the median: while nobody misbehaves, and while it does. */
  readonly alone: number;
  /** See {@linkcode MisbehaviourResult.alone}. */
  readonly beside: number;
  /** `alone / beside`. */
  readonly ratio: number;
  /** True where the ratio is at most 1.2. */
  readonly met: boolean;
}

/** A component by its mount name, and the command that has it misbehave, at `$dir`. */
const SCENES: Readonly<Record<string, { readonly offender: string; readonly command: string }>> = {
  loop: { offender: "loops for ever", command: 'cat "$dir/$i"' },
  memory: { offender: "takes memory until there is none", command: 'cat "$dir/$i"' },
  listing: { offender: "tells new names for ever", command: 'ls -U "$dir"' },
  chatter: { offender: "floods the log", command: 'cat "$dir/$i"' },
};

/** Measures every offender; `say` gets a line about what is done. */
async function misbehaviour(
  { files, rounds }: MisbehaviourVolume,
  say: (line: string) => void,
): Promise<MisbehaviourResult[]> {
  await using stack = new AsyncDisposableStack();
  const home = stack.use(await tempDir());
  const client = await buildClient();
  const providers = await components(home.path);
  const mounted = stack.use(await mountOmnifs(providers, { home: home.path }));
  const folder = join(mounted.dir, "files", "bench", "many");
  const once = async () => {
    const args = ["open", folder, "file-", "0", String(files)];
    const { code, stdout, stderr } = await run(client, args, { deadline: CLIENT_DEADLINE });
    if (code !== 0) throw new Error(`${TITLE}: ${stderr}`);
    return Number(stdout.split(" ")[0]);
  };
  for (const _ of [1, 2, 3]) await once();
  const results: MisbehaviourResult[] = [];
  for (const [name, { offender, command }] of Object.entries(SCENES)) {
    say(`${TITLE}: one that ${offender}`);
    const [alone, beside]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      alone.push(await once());
      await using _ = await provoked(join(mounted.dir, name), command, `${home.path}/${name}-${round}`);
      beside.push(await once());
    }
    const ratio = median(alone) / median(beside);
    const title = `${TITLE}: one that ${offender}`;
    results.push({ title, alone: median(alone), beside: median(beside), ratio, met: ratio <= GOAL });
  }
  return results;
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

/** Runs `command` over and over on the offender at `dir`, from when this returns until it is disposed of. */
async function provoked(dir: string, command: string, begun: string): Promise<AsyncDisposable> {
  const script = `i=0; : > "$begun"; while [ -e "$begun" ]; do i=$((i + 1)); ${command}; done`;
  const child = new Deno.Command("sh", {
    args: ["-c", script],
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

if (import.meta.main) {
  const results = await misbehaviour(
    { files: 5_000, rounds: 8 },
    (line) => console.error(`bench: ${line} …`),
  );
  for (const { title, alone, beside, ratio, met } of results) {
    const figures = `${Math.round(alone)} files/s alone, ${Math.round(beside)} beside it`;
    console.log(`${title}: ${figures}, ${met ? "met" : "missed"} (${ratio.toFixed(2)} of at most ${GOAL})`);
  }
}
