/**
 * The number of the latest generation, kept from run to run with a mark of what it was like.
 *
 * @module
 */
import type { Disk } from "./disk.ts";
import { readWhole, replaceWhole } from "./files.ts";
import { type History, historyFrom, newHistory } from "./history.ts";
import { STAGING } from "./paths.ts";

/** A generation as it is kept. */
export interface KeptGeneration {
  /** Its number. */
  readonly generation: number;
  /** See `mark.ts`; missing where nobody has looked since it was committed. */
  readonly mark?: number;
  /** The least `asset_id` that was never given out: no edit of the registry brings one back. */
  readonly next?: number;
  /** The commits that led to it. */
  readonly history: History;
}

const FILE = `${STAGING}/generation.json`;

/** Largest file that is read, in bytes. */
const LIMIT = 65_536;

/** The kept generation; generation 0 where none was kept. */
export async function readGeneration(disk: Disk, assets: string): Promise<KeptGeneration> {
  const bytes = await readWhole(disk, `${assets}/${FILE}`, LIMIT);
  try {
    return keptFrom(bytes === undefined ? undefined : JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    // Cut off by a crash of the system: the numbers begin anew.
    return { generation: 0, history: newHistory() };
  }
}

function keptFrom(value: unknown): KeptGeneration {
  const fields = new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
  const number = (key: string): number | undefined => {
    const found: unknown = fields.get(key);
    return typeof found === "number" && Number.isSafeInteger(found) && found >= 0 ? found : undefined;
  };
  const [mark, next] = [number("mark"), number("next")];
  return {
    generation: number("generation") ?? 0,
    history: historyFrom(fields.get("history")) ?? newHistory(),
    ...(mark === undefined ? {} : { mark }),
    ...(next === undefined ? {} : { next }),
  };
}

/** Keeps a generation; durable with the next sync of the staging folder. */
export async function keepGeneration(disk: Disk, assets: string, kept: KeptGeneration): Promise<void> {
  await replaceWhole(disk, `${assets}/${FILE}`, JSON.stringify(kept) + "\n");
}
