/**
 * The packer at its full size: how long a workspace takes to open, how much memory that takes, how soon one edit is
 * noticed, how long one read takes. In a process of its own, on the disk of this machine.
 *
 * @module
 */
import { run } from "../support/command.ts";
import { tempDir } from "../support/temp.ts";
import type { Volume } from "./rows.ts";
import { aligned, figure, median } from "./table.ts";

/** One line of the packer's table. */
export interface PackerResult {
  /** What was measured. */
  readonly title: string;
  /** Of the figure and the goal. */
  readonly unit: "ms" | "MB";
  /** The median, or the only figure that there is. */
  readonly figure: number;
  /** At most this. */
  readonly goal: number;
  /** Whether it was reached. */
  readonly met: boolean;
}

/** What `packer_script.ts` prints. */
interface Measured {
  readonly assets: number;
  readonly files: number;
  readonly open: number;
  readonly digested: number;
  readonly peak: number;
  readonly noticed: readonly number[];
  readonly reads: readonly number[];
}

/** Files of each asset, its `asset.json` among them. */
const FILES = 10;

/** Bytes of each. */
const FILE_BYTES = 1_024;

/** How long the script may take, in milliseconds. */
const DEADLINE = 300_000;

/** Measures the packer on twice as many assets as a pass opens files: 10,000 in a whole run. */
export async function packer(volume: Volume, say: (line: string) => void): Promise<PackerResult[]> {
  const assets = volume.files * 2;
  say(`a workspace of ${assets} assets with ${assets * FILES} files`);
  await using folder = await tempDir();
  await makeWorkspace(folder.path, assets);
  const script = new URL("packer_script.ts", import.meta.url).pathname;
  const args = ["run", "-A", "--no-check", script, folder.path, `${volume.rounds}`];
  const { code, stdout, stderr } = await run(Deno.execPath(), args, { deadline: DEADLINE });
  if (code !== 0) throw new Error(`the packer: ${stderr}`);
  return resultsOf(JSON.parse(stdout));
}

async function makeWorkspace(folder: string, assets: number): Promise<void> {
  const bytes = crypto.getRandomValues(new Uint8Array(FILE_BYTES));
  const registered = [];
  for (let number = 1; number <= assets; number++) {
    const root = `group-${number % 100}/asset-${number}`;
    const asset_uuid = crypto.randomUUID();
    registered.push({ asset_id: number, asset_uuid, root, included_in_build: number % 2 === 0 });
    const path = `${folder}/assets/${root}`;
    await Deno.mkdir(path, { recursive: true });
    const declaration = {
      schema_version: 1,
      asset_uuid,
      name: root,
      type: "image",
      inputs: {},
      output: { format: "f", codec: "c" },
    };
    await Deno.writeTextFile(`${path}/asset.json`, JSON.stringify(declaration, null, 2));
    for (let file = 1; file < FILES; file++) await Deno.writeFile(`${path}/file-${file}`, bytes);
  }
  await Deno.mkdir(`${folder}/assets/.prometeu`);
  const registry = { schema_version: 1, next_asset_id: assets + 1, assets: registered };
  await Deno.writeTextFile(`${folder}/assets/.prometeu/index.json`, JSON.stringify(registry, null, 2));
}

function resultsOf({ assets, files, open, digested, peak, noticed, reads }: Measured): PackerResult[] {
  const size = `${figure(assets)} assets, ${figure(files)} files`;
  const row = (title: string, unit: PackerResult["unit"], value: number, goal: number) => ({
    title,
    unit,
    figure: value,
    goal,
    met: value <= goal,
  });
  return [
    row(`open ${size}`, "ms", open, 5_000),
    row("  and every digest known", "ms", digested, Infinity),
    row("  at most resident", "MB", peak / 1e6, 400),
    row("an edit is noticed", "ms", median(noticed), 200),
    row("a read of the snapshot: an asset and its files", "ms", median(reads), 1),
  ];
}

/** The table: a line for each figure. */
export function packerTable(results: readonly PackerResult[]): string {
  const lines = results.map(({ title, unit, figure: value, goal, met }) => [
    `${title} (${unit})`,
    value < 1 ? value.toPrecision(2) : figure(value),
    goal === Infinity ? "" : `≤ ${figure(goal)}`,
    goal === Infinity ? "" : met ? "met" : "missed",
  ]);
  return aligned([["the packer", "figure", "goal", "verdict"], ...lines], [1]);
}
