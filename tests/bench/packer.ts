/**
 * The packer at its full size: how long a workspace takes to open, how much memory that takes, how soon one edit is
 * noticed, how long one read takes. In a process of its own, on the disk of this machine.
 *
 * @module
 */
import { run } from "../support/command.ts";
import { tempDir } from "../support/temp.ts";
import type { Volume } from "./rows.ts";
import { figure, type FigureResult, figureResult, figureTable, median } from "./table.ts";

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
export async function packer(volume: Volume, say: (line: string) => void): Promise<FigureResult[]> {
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

function resultsOf({ assets, files, open, digested, peak, noticed, reads }: Measured): FigureResult[] {
  const size = `${figure(assets)} assets, ${figure(files)} files`;
  return [
    figureResult(`open ${size}`, "ms", open, 5_000),
    figureResult("  and every digest known", "ms", digested),
    figureResult("  at most resident", "MB", peak / 1e6, 400),
    figureResult("an edit is noticed", "ms", median(noticed), 200),
    figureResult("a read of the snapshot: an asset and its files", "ms", median(reads), 1),
  ];
}

/** The table: a line for each figure. */
export function packerTable(results: readonly FigureResult[]): string {
  return figureTable("the packer", results);
}
