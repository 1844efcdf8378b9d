/**
 * `deno task bench`: measures omnifs beside its peers in one run, prints a table, and leaves the figures as JSON.
 *
 * Everybody serves the same 10,000 small files and the same 256 MiB: the peers from a tmpfs, omnifs from the component
 * of `tests/mounted/files`, through `omnifs mount` as a user runs it. Rounds are interleaved, so that a slow minute
 * of the machine hits all alike, and the median counts.
 *
 * Cold means for everybody: the server has read it all before, the kernel knows nothing any more. So each is walked
 * once, and `/proc/sys/vm/drop_caches` is told to drop dentries, inodes and pages before each measurement. (A tmpfs
 * keeps its pages, which are all it has.) For the large file omnifs forgets what it holds as well: its bytes come out of the
 * component each time.
 *
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildProvider } from "../../providers/sdk/build.ts";
import { whyNoExecutable } from "../compiled/executable.ts";
import { LANES } from "../lanes.ts";
import { ensureTools } from "../packages.ts";
import { has, run } from "../support/command.ts";
import { withDeadline } from "../support/deadline.ts";
import { mountOmnifs, ROOT } from "../support/mount.ts";
import { tempDir } from "../support/temp.ts";
import { misbehaviour, type MisbehaviourResult, misbehaviourTable } from "./misbehaviour.ts";
import { executable, executableTable } from "./executable.ts";
import { packer, packerTable } from "./packer.ts";
import { bindfs, buildClient, buildPassthrough, type Contender, passthrough, tmpfs } from "./peers.ts";
import { benchEvents, eventLines, type EventResult, type EventVolume } from "./events.ts";
import { type Contestant, type Row, ROWS, type Volume } from "./rows.ts";
import { type FigureResult, type Result, resultOf, tableOf } from "./table.ts";

/** A whole run. */
const FULL: Volume = { files: 5_000, rounds: 8 };

/** The events of a whole run. */
const EVENTS: EventVolume = { notes: 1_000, changes: 1_000 };

/** How long one run of the client may take, in milliseconds. */
const CLIENT_DEADLINE = 60_000;

/** What a run came to: the JSON document. */
export interface Report {
  /** The machine. */
  readonly machine: { readonly kernel: string; readonly cpus: number; readonly deno: string };
  /** The rows in order. */
  readonly results: readonly Result[];
  /** What a neighbour of a provider that misbehaves notices of it. */
  readonly misbehaviour: readonly MisbehaviourResult[];
  /** The packer at its full size. */
  readonly packer: readonly FigureResult[];
  /** The compiled executable; none where it could not be made. */
  readonly executable: readonly FigureResult[];
  /** How long changes upstream took to be seen. */
  readonly events: readonly EventResult[];
  /** Who was not measured, and why. */
  readonly notes: readonly string[];
}

/** Measures every row; `say` gets a line about what is done. */
export async function bench(
  volume: Volume,
  eventVolume: EventVolume,
  say: (line: string) => void,
): Promise<Report> {
  say("event to visible change");
  const events = await benchEvents(eventVolume);
  const { results, notes } = await compare(volume, say);
  const machine = { kernel: Deno.osRelease(), cpus: navigator.hardwareConcurrency, deno: Deno.version.deno };
  const beside = await misbehaviour(volume, say);
  const why = await whyNoExecutable();
  return {
    machine,
    results,
    misbehaviour: beside,
    packer: await packer(volume, say),
    executable: why === undefined ? await executable(volume, volume.rounds > 1, say) : [],
    events,
    notes: why === undefined ? notes : [...notes, `the executable: ${why}`],
  };
}

/** The rows in which omnifs stands beside its peers; nobody is mounted any more when it returns. */
async function compare(
  volume: Volume,
  say: (line: string) => void,
): Promise<Pick<Report, "results" | "notes">> {
  await using stack = new AsyncDisposableStack();
  const client = await buildClient();
  const { contenders, notes } = await assemble(stack, say);
  const canDrop = Deno.uid() === 0;
  if (!canDrop) notes.push("cold rows: emptying the kernel's cache takes root");
  const results: Result[] = [];
  for (const row of ROWS) {
    say(row.title);
    const figures = row.cold && !canDrop ? new Map() : await measure(client, row, contenders, volume);
    results.push(resultOf(row, figures));
  }
  return { results, notes };
}

type Contenders = ReadonlyMap<Contestant, Contender>;

/** Mounts everybody; `stack` takes them down in reverse. */
async function assemble(stack: AsyncDisposableStack, say: (line: string) => void) {
  const notes: string[] = [];
  const contenders = new Map<Contestant, Contender>();
  const source = stack.use(await tmpfs());
  say("mounting omnifs");
  contenders.set("omnifs", await omnifs(stack));
  contenders.set("tmpfs", source);
  const built = await buildPassthrough();
  if ("why" in built) notes.push(`passthrough_ll: ${built.why}`);
  else contenders.set("passthrough_ll", stack.use(await passthrough(built.program, source.folder)));
  if (!await has("bindfs")) notes.push("bindfs: not installed");
  else contenders.set("bindfs", stack.use(await bindfs(source.folder)));
  return { contenders: contenders as Contenders, notes };
}

async function omnifs(stack: AsyncDisposableStack): Promise<Contender> {
  const home = stack.use(await tempDir());
  const component = join(home.path, "files.wasm");
  await buildProvider(join(ROOT, "tests", "mounted", "files"), component);
  const mounted = stack.use(await mountOmnifs(["--provider", `files=${component}`], { home: home.path }));
  return {
    folder: join(mounted.dir, "files", "bench"),
    forget: () => mounted.drop(),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Rounds of everybody in turn; each is walked once before, so that its own cache is warm. */
async function measure(client: string, row: Row, contenders: Contenders, volume: Volume) {
  const figures = new Map([...contenders.keys()].map((who): [Contestant, number[]] => [who, []]));
  const once = (folder: string) => figureOf(client, row, folder, volume);
  // Twice: the first read of a file ages its access time, after which the kernel asks for its attributes once more.
  for (const { folder } of contenders.values()) for (const _ of [1, 2]) await once(folder);
  for (let round = 0; round < volume.rounds; round++) {
    // Another one first each time: what a server still does after its turn must not always hit the same neighbour.
    const order = rotated([...contenders], round);
    for (const [who, { folder, forget }] of order) {
      if (row.fresh) await forget?.();
      if (row.cold) await dropCaches(contenders);
      figures.get(who)?.push(await once(folder));
    }
  }
  return figures;
}

function rotated<Item>(items: readonly Item[], by: number): Item[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

/** How long the kernel may take to empty its cache, in milliseconds. */
const DROP_DEADLINE = 30_000;

/** Empties the kernel's cache, then touches every mount, so that code which was dropped too is back. */
async function dropCaches(contenders: Contenders): Promise<void> {
  await withDeadline(Deno.writeTextFile("/proc/sys/vm/drop_caches", "3"), DROP_DEADLINE, "drop_caches");
  for (const { folder } of contenders.values()) await Deno.lstat(folder);
}

async function figureOf(client: string, row: Row, folder: string, volume: Volume): Promise<number> {
  const args = row.client(folder, volume);
  const { code, stdout, stderr } = await run(client, args, { deadline: CLIENT_DEADLINE });
  const [figure = NaN, amount = NaN] = stdout.trim().split(" ").map(Number);
  const wanted = row.amount(volume);
  if (code === 0 && amount === wanted) return figure;
  throw new Error(`${row.title}: ${folder}: ${stderr || `${amount} bytes or names instead of ${wanted}`}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { output: { type: "string", default: "table" } } });
  await ensureTools(LANES.find(({ name }) => name === "bench")?.tools ?? []);
  const report = await bench(FULL, EVENTS, (line) => console.error(`bench: ${line} …`));
  const json = JSON.stringify(report, null, 2) + "\n";
  const file = join(ROOT, ".bench", "results.json");
  await Deno.writeTextFile(file, json);
  if (values.output === "json") return void await Deno.stdout.write(new TextEncoder().encode(json));
  const { kernel, cpus, deno } = report.machine;
  console.log(`\nLinux ${kernel}, ${cpus} CPUs, Deno ${deno}; medians of ${FULL.rounds}\n`);
  console.log(tableOf(report.results));
  console.log(`\n${misbehaviourTable(report.misbehaviour)}\n`);
  console.log(`${packerTable(report.packer)}\n`);
  console.log(`${executableTable(report.executable)}\n`);
  console.log(`\n${eventLines(report.events)}`);
  for (const note of report.notes) console.log(`not measured: ${note}`);
  console.log(`\nas JSON: ${file}`);
}

if (import.meta.main) await main();
