/**
 * Carries a commit record out, or takes it back. Every step looks first how far it is, so that either can begin
 * wherever an earlier attempt was cut off.
 *
 * @module
 */
import { messageOf, OmnifsError } from "../base/errors.ts";
import { type Disk, isGone } from "./disk.ts";
import { type Facts, sameBytes } from "./facts.ts";
import { ensureFolder, readWhole, syncFolder } from "./files.ts";
import { sha256 } from "./look.ts";
import { ancestors, parentOf, STAGING, within } from "./paths.ts";
import type { CommitRecord, FileState, MoveStep, RemoveStep, WriteStep } from "./record.ts";

/** The beginning of the names of folders with the staged and the replaced files of a commit. */
export const COMMIT_PREFIX = "commit-";

/** Where the files of `record` are staged and kept, relative to `assets/`. */
export function folderOf({ to }: Pick<CommitRecord, "to">): string {
  return `${STAGING}/${COMMIT_PREFIX}${to}`;
}

/** Largest file that is read to tell whether a copy of it is the same, in bytes. */
const COMPARE_LIMIT = 1024 * 1024 * 1024;

/** A path that holds neither what a commit found there nor what it puts there. */
export class InTheWay extends OmnifsError {
  /** The path, relative to `assets/`. */
  readonly at: string;

  /** `why` says what is there. */
  constructor(at: string, why: string) {
    super("conflict", `${at}: ${why}`, { op: "commit", path: at, mend: "omnifs packer status" });
    this.name = "InTheWay";
    this.at = at;
  }
}

/** How far one step is. */
type Progress = "to do" | "done";

/** The steps of one commit on one workspace. */
export class Steps {
  readonly #disk: Disk;
  readonly #assets: string;
  readonly #record: CommitRecord;

  /** Works on `assets`, an absolute path. */
  constructor(disk: Disk, assets: string, record: CommitRecord) {
    this.#disk = disk;
    this.#assets = assets;
    this.#record = record;
  }

  /** Every path that keeps the commit from being carried out. Changes nothing. */
  async obstacles(): Promise<InTheWay[]> {
    const record = this.#record;
    const found: InTheWay[] = [];
    const ask = async (progress: () => Promise<unknown>) => {
      try {
        await progress();
      } catch (error) {
        if (!(error instanceof InTheWay)) throw error;
        found.push(error);
      }
    };
    for (const folder of record.folders) await ask(() => this.#refuseLinks(`${folder}/`));
    for (const move of record.moves) await ask(() => this.#moved(move));
    const origin = beforeMoves(await this.#pending(record.moves));
    for (const [index, write] of record.writes.entries()) {
      await ask(() => this.#written({ ...write, path: origin(write.path) }, index));
    }
    for (const remove of record.removes) {
      await ask(() => this.#removed({ ...remove, path: origin(remove.path) }));
    }
    return found;
  }

  /** Carries the commit out from wherever it is. @throws {InTheWay} where a path holds something else */
  async perform(): Promise<void> {
    const record = this.#record;
    const touched = new Set<string>();
    const [early, late] = this.#folders();
    await this.#make(early, touched);
    for (const move of record.moves) {
      if (await this.#moved(move) === "to do") {
        await this.#disk.rename(this.#at(move.from), this.#at(move.to));
      }
      // Where it went before where it was: a file system without a journal must not lose it in between.
      touched.add(parentOf(move.to)).add(parentOf(move.from));
    }
    // The other steps name files by where they are after the moves.
    await this.#sync(touched);
    await this.#make(late, touched);
    for (const [index, remove] of record.removes.entries()) {
      if (await this.#removed(remove) === "to do") {
        await this.#remove(remove, oldRemoved(this.#record, index));
      }
      touched.add(parentOf(remove.path));
    }
    for (const [index, write] of record.writes.entries()) {
      if (await this.#written(write, index) === "to do") await this.#write(write, index);
      touched.add(parentOf(write.path));
    }
    await this.#sync(touched);
  }

  /** Takes back whatever is done. What somebody else put there meanwhile stays. */
  async undo(): Promise<void> {
    const record = this.#record;
    const touched = new Set<string>();
    for (const [index, write] of [...record.writes.entries()].reverse()) {
      if (await this.#reachable(write.path) && await this.#unwrite(write, index)) {
        touched.add(parentOf(write.path));
      }
    }
    for (const [index, { path }] of [...record.removes.entries()].reverse()) {
      const old = oldRemoved(this.#record, index);
      if (await this.#reachable(path) && await this.#putBack(path, old)) touched.add(parentOf(path));
    }
    const [early, late] = this.#folders();
    await this.#unmake(late, touched);
    for (const { from, to, ino } of record.moves.toReversed()) {
      if (!await this.#reachable(to) || !await this.#reachable(from)) continue;
      const isMoved = (await this.#look(to))?.ino === ino && await this.#look(from) === undefined;
      if (isMoved) await this.#disk.rename(this.#at(to), this.#at(from));
      touched.add(parentOf(from)).add(parentOf(to));
    }
    await this.#unmake(early, touched);
    await this.#sync(touched);
  }

  /** The directories that are made before the moves, and those that are made in what was moved. */
  #folders(): [early: string[], late: string[]] {
    const { folders, moves } = this.#record;
    const isLate = (folder: string) => moves.some(({ to }) => within(to, folder));
    return [folders.filter((folder) => !isLate(folder)), folders.filter(isLate)];
  }

  async #make(folders: readonly string[], touched: Set<string>): Promise<void> {
    for (const folder of folders) {
      await this.#refuseLinks(folder);
      if (await ensureFolder(this.#disk, this.#at(folder))) touched.add(parentOf(folder));
    }
  }

  async #unmake(folders: readonly string[], touched: Set<string>): Promise<void> {
    for (const folder of folders.toReversed()) {
      if (await this.#reachable(folder)) await this.#removeEmpty(folder);
      touched.add(parentOf(folder));
    }
  }

  async #write({ path, before }: WriteStep, index: number): Promise<void> {
    const old = this.#at(oldWritten(this.#record, index));
    if (before !== null && await this.#look(oldWritten(this.#record, index)) === undefined) {
      await this.#keep(this.#at(path), old);
      await this.#refuseOthers(path, before, old);
    }
    await this.#disk.rename(this.#at(staged(this.#record, index)), this.#at(path));
  }

  async #remove({ path, before }: RemoveStep, old: string): Promise<void> {
    await this.#disk.rename(this.#at(path), this.#at(old));
    await this.#refuseOthers(path, before, this.#at(old));
  }

  /** Somebody may have written since the last look: what is kept at `old` is what goes. */
  async #refuseOthers(path: string, before: FileState, old: string): Promise<void> {
    const kept = await this.#disk.look(old);
    if (kept !== undefined && await this.#is(kept, before, old)) return;
    throw new InTheWay(path, "it was changed while it was being replaced");
  }

  /** Gives a file a second name; where the file system has no links, its only one. */
  async #keep(path: string, old: string): Promise<void> {
    try {
      await this.#disk.link(path, old);
    } catch (error) {
      if (isGone(error)) throw error;
      await this.#disk.rename(path, old);
    }
  }

  async #unwrite({ path, after }: WriteStep, index: number): Promise<boolean> {
    const there = await this.#look(path);
    const isOurs = there !== undefined && await this.#is(there, after, this.#at(path));
    if (isOurs) await this.#disk.rename(this.#at(path), this.#at(staged(this.#record, index)));
    const isBack = await this.#putBack(path, oldWritten(this.#record, index));
    return isOurs || isBack;
  }

  /** Gives the file at `old` its name `path` again, unless somebody else has it now. */
  async #putBack(path: string, old: string): Promise<boolean> {
    const [kept, there] = [await this.#look(old), await this.#look(path)];
    if (kept === undefined) return false;
    // Where nothing was replaced yet, the old bytes have merely got a second name.
    if (kept.ino === there?.ino) await this.#disk.remove(this.#at(old));
    if (there !== undefined) return false;
    await this.#disk.rename(this.#at(old), this.#at(path));
    return true;
  }

  async #removeEmpty(folder: string): Promise<void> {
    if ((await this.#look(folder))?.kind !== "folder") return;
    if ((await this.#disk.list(this.#at(folder))).length === 0) await this.#disk.remove(this.#at(folder));
  }

  async #moved({ from, to, ino }: MoveStep): Promise<Progress> {
    const [source, target] = [await this.#look(from), await this.#look(to)];
    if (target?.kind === "folder" && (target.ino === ino || source === undefined)) return "done";
    if (source?.kind === "folder" && target === undefined) return "to do";
    throw new InTheWay(
      source === undefined ? from : to,
      source === undefined ? "it is gone" : "something is there",
    );
  }

  async #pending(moves: readonly MoveStep[]): Promise<MoveStep[]> {
    const pending: MoveStep[] = [];
    for (const move of moves) if (await this.#look(move.to) === undefined) pending.push(move);
    return pending;
  }

  async #written({ path, before, after }: WriteStep, index: number): Promise<Progress> {
    const there = await this.#look(path);
    if (there !== undefined && await this.#is(there, after, this.#at(path))) return "done";
    const next = await this.#look(staged(this.#record, index));
    if (next === undefined) throw new InTheWay(path, "what was staged for it is gone");
    const isKept = there === undefined && await this.#look(oldWritten(this.#record, index)) !== undefined;
    if (there === undefined && (before === null || isKept)) return "to do";
    if (there !== undefined && before !== null && await this.#is(there, before, this.#at(path))) {
      return "to do";
    }
    throw new InTheWay(path, there === undefined ? "it is gone" : "it was changed by another program");
  }

  async #removed({ path, before }: RemoveStep): Promise<Progress> {
    const there = await this.#look(path);
    if (there === undefined) return "done";
    if (await this.#is(there, before, this.#at(path))) return "to do";
    throw new InTheWay(path, "it was changed by another program");
  }

  /** True where the file with these facts has the bytes of `state`. */
  async #is(facts: Facts, state: FileState, path: string): Promise<boolean> {
    if (facts.kind !== "file" || facts.size !== state.size) return false;
    if (sameBytes(facts, { ...state, ctime: 0 })) return true;
    if (state.digest === undefined) return false;
    const bytes = await readWhole(this.#disk, path, COMPARE_LIMIT);
    return bytes !== undefined && sha256(bytes) === state.digest;
  }

  async #look(path: string): Promise<Facts | undefined> {
    await this.#refuseLinks(path);
    return await this.#disk.look(this.#at(path));
  }

  /** @throws {InTheWay} where a directory that leads to `path` is a link: nothing outside of `assets/` is touched */
  async #refuseLinks(path: string): Promise<void> {
    for (const folder of ancestors(path)) {
      const kind = (await this.#disk.look(this.#at(folder)))?.kind;
      if (kind !== undefined && kind !== "folder") {
        throw new InTheWay(folder, `it is a ${kind}, not a directory`);
      }
    }
  }

  /** False where a link is in the way, so that nothing can have been done there. */
  async #reachable(path: string): Promise<boolean> {
    try {
      await this.#refuseLinks(path);
      return true;
    } catch (error) {
      if (error instanceof InTheWay) return false;
      throw error;
    }
  }

  async #sync(folders: Set<string>): Promise<void> {
    for (const folder of folders) {
      try {
        await syncFolder(this.#disk, folder === "" ? this.#assets : this.#at(folder));
      } catch (error) {
        if (!isGone(error)) {
          throw new OmnifsError("unavailable", `${folder}: ${messageOf(error)}`, { cause: error });
        }
      }
    }
    folders.clear();
  }

  #at(path: string): string {
    return `${this.#assets}/${path}`;
  }
}

/** Where the bytes of the write with this index are staged. */
export function staged(record: Pick<CommitRecord, "to">, index: number): string {
  return `${folderOf(record)}/new-${index}`;
}

/** Where the bytes are kept that the write with this index replaces. */
export function oldWritten(record: CommitRecord, index: number): string {
  return `${folderOf(record)}/old-${index}`;
}

/** Where the file is kept that the removal with this index takes away. */
export function oldRemoved(record: CommitRecord, index: number): string {
  return `${folderOf(record)}/removed-${index}`;
}

/** Where a path is as long as the moves in `pending` are still to be made. */
function beforeMoves(pending: readonly MoveStep[]): (path: string) => string {
  return (path) => {
    const move = pending.find(({ to }) => path.startsWith(`${to}/`));
    return move === undefined ? path : move.from + path.slice(move.to.length);
  };
}
