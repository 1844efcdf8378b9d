/**
 * The benchmark table as data: what is measured, in which unit, and which ratio to whom is the goal.
 *
 * @module
 */
import { HUGE_BYTES, MANY, SMALL_BYTES } from "../mounted/files/tree.ts";

/** Those that are measured, ours first. */
export const CONTESTANTS = ["omnifs", "tmpfs", "passthrough_ll", "bindfs"] as const;

/** One of {@linkcode CONTESTANTS}. */
export type Contestant = (typeof CONTESTANTS)[number];

/** What one row asks of omnifs. */
export interface Goal {
  /** Whom it is compared with. */
  readonly peer: Contestant;
  /** Ours divided by theirs: at least this where more is better, at most this where less is. */
  readonly ratio: number;
}

/** How many of everything a run measures; a smoke test takes less. */
export interface Volume {
  /** Files opened in one pass. */
  readonly files: number;
  /** How often each contestant is measured; the median counts. */
  readonly rounds: number;
}

/** One line of the table. */
export interface Row {
  /** As the table shows it. */
  readonly title: string;
  /** Of every figure in it. */
  readonly unit: "files/s" | "ms" | "MB/s";
  /** Which way is better. */
  readonly better: "more" | "less";
  /** True where the kernel's cache is emptied before each measurement. */
  readonly cold: boolean;
  /** True where omnifs forgets it too, so that the bytes come from the component once more. */
  readonly fresh?: boolean;
  /** The client's arguments in the folder that is measured. */
  readonly client: (folder: string, volume: Volume) => readonly string[];
  /** The second number that the client must print: bytes or names, so that nobody is fast by doing less. */
  readonly amount: (volume: Volume) => number;
  /** What omnifs should reach. */
  readonly goals: readonly Goal[];
}

const open = (folder: string, { files }: Volume) => ["open", `${folder}/many`, "file-", "0", String(files)];
const list = (folder: string) => ["list", `${folder}/many`];

/** The table. */
export const ROWS: readonly Row[] = [
  {
    title: "warm open+read+close of small files",
    unit: "files/s",
    better: "more",
    cold: false,
    client: open,
    amount: ({ files }) => files * SMALL_BYTES,
    goals: [{ peer: "tmpfs", ratio: 0.8 }, { peer: "passthrough_ll", ratio: 5 }],
  },
  {
    title: "cold open+read+close of small files",
    unit: "files/s",
    better: "more",
    cold: true,
    client: open,
    amount: ({ files }) => files * SMALL_BYTES,
    goals: [{ peer: "passthrough_ll", ratio: 1.2 }],
  },
  {
    title: "ls of 10,000 entries, warm",
    unit: "ms",
    better: "less",
    cold: false,
    client: list,
    amount: () => MANY,
    goals: [{ peer: "tmpfs", ratio: 1 }],
  },
  {
    title: "ls of 10,000 entries, cold",
    unit: "ms",
    better: "less",
    cold: true,
    client: list,
    amount: () => MANY,
    goals: [{ peer: "passthrough_ll", ratio: 1 }],
  },
  {
    title: "sequential read of 256 MiB, first time",
    unit: "MB/s",
    better: "more",
    cold: true,
    fresh: true,
    client: (folder) => ["read", `${folder}/huge.bin`],
    amount: () => HUGE_BYTES,
    goals: [{ peer: "passthrough_ll", ratio: 1.5 }],
  },
];
