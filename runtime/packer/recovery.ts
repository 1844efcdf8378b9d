/**
 * What the packer does before anything else: finds out whether a commit was cut off, and ends it.
 *
 * A commit is decided when its record has its name. Without a record generation n stands, with one n+1 does; where
 * somebody changed the files of a cut-off commit since, neither does, and nothing is touched until the user chooses.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { RecoveryDocument } from "../base/packer.ts";
import { writeError } from "../base/write_faults.ts";
import type { Disk } from "./disk.ts";
import { ensureFolder, readWhole, removeFile, removeFlatFolder, syncFolder, writeNew } from "./files.ts";
import { keepGeneration, type KeptGeneration, readGeneration } from "./generation.ts";
import { upTo, withCommit } from "./history.ts";
import { CONTROL, RESCUED, STAGING } from "./paths.ts";
import { type CommitRecord, countOf, readRecord } from "./record.ts";
import { COMMIT_PREFIX, folderOf, type InTheWay, oldRemoved, oldWritten, Steps } from "./steps.ts";

/** The commit record, relative to `assets/`. */
export const RECORD = `${STAGING}/commit.json`;

/** The record of a commit that is being taken back, relative to `assets/`. */
const ABANDONED = `${STAGING}/abandoned.json`;

/** Largest commit record that is read, in bytes. */
const RECORD_LIMIT = 64 * 1024 * 1024;

/** A commit that can be neither finished nor taken back without a decision. */
export interface Torn {
  /** The record; undefined where it cannot be read. */
  readonly record: CommitRecord | undefined;
  /** The path to blame, relative to `assets/`. */
  readonly path: string;
  /** What was found. */
  readonly detail: string;
}

/** What the start found. */
export interface Recovery extends RecoveryDocument {
  /** Where the outcome is `torn`. */
  readonly torn?: Torn;
  /** The generation that stands. */
  readonly kept: KeptGeneration;
}

/** Makes the packer's own folders where they are missing. */
export async function ensureControl(disk: Disk, assets: string): Promise<void> {
  try {
    await makeControl(disk, assets);
  } catch (error) {
    const path = `${assets}/${CONTROL}`;
    throw writeError(error, path, (why) => `the packer cannot write to ${path}: ${why}`);
  }
}

async function makeControl(disk: Disk, assets: string): Promise<void> {
  for (const folder of [CONTROL, STAGING]) await ensureFolder(disk, `${assets}/${folder}`);
  const ignore = `${assets}/${STAGING}/.gitignore`;
  if (await disk.look(ignore) === undefined) {
    await writeNew(disk, ignore, new TextEncoder().encode("# made by the packer, and nobody else's\n*\n"));
  }
}

/** Ends whatever was under way in the workspace, which must be held. */
export async function recover(disk: Disk, assets: string): Promise<Recovery> {
  const kept = await readGeneration(disk, assets);
  const abandoned = await recordAt(disk, assets, ABANDONED);
  if (abandoned instanceof OmnifsError) return tornRecord(ABANDONED, abandoned, kept);
  if (abandoned !== undefined) return await takenBack(disk, assets, abandoned);
  const record = await recordAt(disk, assets, RECORD);
  if (record === undefined) return await cleared(disk, assets, kept);
  if (record instanceof OmnifsError) return tornRecord(RECORD, record, kept);
  const steps = new Steps(disk, assets, record);
  const [first] = await steps.obstacles();
  if (first !== undefined) return tornBy(tornAt(record, first), await unmarked(disk, assets, record.from));
  await steps.perform();
  return await finished(disk, assets, record);
}

/** The record at `path`, an error where it is none; undefined where nothing is there. */
async function recordAt(
  disk: Disk,
  assets: string,
  path: string,
): Promise<CommitRecord | OmnifsError | undefined> {
  const bytes = await readWhole(disk, `${assets}/${path}`, RECORD_LIMIT);
  try {
    return bytes === undefined ? undefined : readRecord(new TextDecoder().decode(bytes));
  } catch (error) {
    if (error instanceof OmnifsError) return error;
    throw error;
  }
}

/**
 * Takes a decided commit back, in a way that a crash cannot turn forward again.
 *
 * @throws {OmnifsError} where the disk does not let it; the next start tries again
 */
export async function takeBack(disk: Disk, assets: string, record: CommitRecord): Promise<void> {
  await disk.rename(`${assets}/${RECORD}`, `${assets}/${ABANDONED}`);
  await syncFolder(disk, `${assets}/${STAGING}`);
  await takenBack(disk, assets, record);
}

async function takenBack(disk: Disk, assets: string, record: CommitRecord): Promise<Recovery> {
  await new Steps(disk, assets, record).undo();
  await rescueOld(disk, assets, record);
  const kept = await unmarked(disk, assets, record.from);
  await keepGeneration(disk, assets, kept);
  await removeFile(disk, `${assets}/${ABANDONED}`);
  await syncFolder(disk, `${assets}/${STAGING}`);
  await clearStaging(disk, assets);
  return { outcome: "back", detail: `a commit was taken back: generation ${record.from} stands`, kept };
}

async function cleared(disk: Disk, assets: string, kept: KeptGeneration): Promise<Recovery> {
  const { generation } = kept;
  const wasUnderWay = (await commitFolders(disk, assets)).includes(folderOf({ to: generation + 1 }));
  await clearStaging(disk, assets);
  return wasUnderWay
    ? {
      outcome: "back",
      detail: `a commit was cut off before it was decided: generation ${generation} stands`,
      kept,
    }
    : { outcome: "none", detail: "no commit was under way", kept };
}

async function finished(disk: Disk, assets: string, record: CommitRecord): Promise<Recovery> {
  const before = await unmarked(disk, assets, record.from);
  const history = withCommit(before.history, { correlation: record.correlation, generation: record.to });
  const kept = { ...before, generation: record.to, history };
  await keepGeneration(disk, assets, kept);
  await dropRecord(disk, assets);
  await clearStaging(disk, assets);
  const detail =
    `a commit was cut off after it was decided, and was finished: generation ${record.to} stands`;
  return { outcome: "forward", detail, kept };
}

/** Generation `generation`, of which nobody has looked at all files yet. */
async function unmarked(disk: Disk, assets: string, generation: number): Promise<KeptGeneration> {
  const { next, history } = await readGeneration(disk, assets);
  return { generation, history: upTo(history, generation), ...(next === undefined ? {} : { next }) };
}

function tornAt(record: CommitRecord, { at, message }: InTheWay): Torn {
  const detail = `the commit from generation ${record.from} to ${record.to} was cut off, and ${message}`;
  return { record, path: at, detail };
}

function tornRecord(path: string, error: OmnifsError, kept: KeptGeneration): Recovery {
  return tornBy(
    { record: undefined, path, detail: `the commit record cannot be used: ${error.message}` },
    kept,
  );
}

function tornBy(torn: Torn, kept: KeptGeneration): Recovery {
  return { outcome: "torn", detail: torn.detail, torn, kept };
}

/** What can be done about a torn commit. */
export type Repair = "finish" | "abandon";

/** The ways out of `torn`, in words. */
export function repairsOf({ record }: Torn): { name: Repair; does: string }[] {
  const abandon = { name: "abandon" as const, does: abandonText(record) };
  if (record === undefined) return [abandon];
  const does = `carry out all ${countOf(record)} steps; bytes that are in the way go to ${RESCUED}`;
  return [{ name: "finish", does }, abandon];
}

function abandonText(record: CommitRecord | undefined): string {
  return record === undefined
    ? "drop the record and what is staged; the files stay as they are"
    : `go back to generation ${record.from}, but for what another program has changed since`;
}

/** Ends a torn commit as the user chose. */
export async function repair(
  disk: Disk,
  assets: string,
  torn: Torn,
  choice: Repair,
): Promise<KeptGeneration> {
  const { record } = torn;
  if (record === undefined) {
    if (choice === "finish") {
      throw new OmnifsError("invalid", "there is no record to finish by", { op: "reconcile" });
    }
    await rescueRest(disk, assets);
    await removeFile(disk, `${assets}/${ABANDONED}`);
    await dropRecord(disk, assets);
    return await readGeneration(disk, assets);
  }
  if (choice === "finish") {
    const steps = new Steps(disk, assets, record);
    for (const { at } of await steps.obstacles()) {
      await rescue(disk, assets, at, `${record.to}-${flat(at)}`);
    }
    await steps.perform();
    return (await finished(disk, assets, record)).kept;
  }
  await takeBack(disk, assets, record);
  return await unmarked(disk, assets, record.from);
}

/** Old bytes that could not go back to their place are the author's: they are kept. */
async function rescueOld(disk: Disk, assets: string, record: CommitRecord): Promise<void> {
  const olds = [
    ...record.writes.map(({ path }, index) => [oldWritten(record, index), path] as const),
    ...record.removes.map(({ path }, index) => [oldRemoved(record, index), path] as const),
  ];
  for (const [old, path] of olds) await rescue(disk, assets, old, `${record.from}-${flat(path)}`);
}

async function rescueRest(disk: Disk, assets: string): Promise<void> {
  for (const folder of await commitFolders(disk, assets)) {
    for (const name of await disk.list(`${assets}/${folder}`)) {
      await rescue(disk, assets, `${folder}/${name}`, name);
    }
    await disk.remove(`${assets}/${folder}`);
  }
}

async function commitFolders(disk: Disk, assets: string): Promise<string[]> {
  const names = await disk.list(`${assets}/${STAGING}`);
  return names.filter((name) => name.startsWith(COMMIT_PREFIX) && !name.includes(".")).map((name) =>
    `${STAGING}/${name}`
  );
}

/** Moves what is at `path` to the folder of rescued files, under a name that is free there. */
async function rescue(disk: Disk, assets: string, path: string, name: string): Promise<void> {
  if (await disk.look(`${assets}/${path}`) === undefined) return;
  await ensureFolder(disk, `${assets}/${RESCUED}`);
  let free = `${assets}/${RESCUED}/${name}`;
  for (let count = 2; await disk.look(free) !== undefined; count++) {
    free = `${assets}/${RESCUED}/${name}.${count}`;
  }
  await disk.rename(`${assets}/${path}`, free);
  await syncFolder(disk, `${assets}/${RESCUED}`);
}

function flat(path: string): string {
  return path.replaceAll("/", "_");
}

/** The commit is over: nobody has to finish it any more. */
export async function dropRecord(disk: Disk, assets: string): Promise<void> {
  await removeFile(disk, `${assets}/${RECORD}`);
  await syncFolder(disk, `${assets}/${STAGING}`);
}

/** Removes what earlier commits left in the staging folder. */
async function clearStaging(disk: Disk, assets: string): Promise<void> {
  for (const folder of await commitFolders(disk, assets)) await removeFlatFolder(disk, `${assets}/${folder}`);
  for (const name of await disk.list(`${assets}/${STAGING}`)) {
    if (name.endsWith(".new")) await removeFile(disk, `${assets}/${STAGING}/${name}`);
  }
}
