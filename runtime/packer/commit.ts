/**
 * One durable commit: everything is staged and synced, then a record decides it, then names are changed.
 *
 *     stage files · sync · write the record · sync      a crash until here: generation n
 *     rename into place · sync · keep the number · drop the record · sync        from here on: generation n+1
 *
 * @module
 */
import { asOmnifsError, OmnifsError } from "../base/errors.ts";
import type { Disk } from "./disk.ts";
import type { Draft, DraftMove, ExpectedFile } from "./draft.ts";
import { type Facts, sameFingerprint } from "./facts.ts";
import {
  ensureFolder,
  opened,
  readWhole,
  removeFlatFolder,
  replaceWhole,
  syncFolder,
  writeNew,
} from "./files.ts";
import { keepGeneration } from "./generation.ts";
import type { History } from "./history.ts";
import { sha256 } from "./look.ts";
import { CONTROL, INDEX, REGISTRY_LIMIT, STAGING } from "./paths.ts";
import type { CommitRecord, FileState, MoveStep, RemoveStep, WriteStep } from "./record.ts";
import { dropRecord, RECORD, takeBack, type Torn } from "./recovery.ts";
import { folderOf, InTheWay, staged, Steps } from "./steps.ts";

/** What a commit is made of. */
export interface CommitRequest {
  /** What to change. */
  readonly draft: Draft;
  /** Goes with its events. */
  readonly correlation: string;
  /** The generation before. */
  readonly from: number;
  /** The text that `index.json` has to have; the empty string where it must not be there. */
  readonly registryText: string;
  /** The least `asset_id` that was never given out, after it. */
  readonly nextId: number;
  /** The commits of this workspace, this one among them. */
  readonly history: History;
}

/** What somebody else has to do while a commit is carried out. */
export interface During {
  /** Names begin to change. */
  begins(record: CommitRecord): void;
  /** All names are changed, and it can still be taken back; the mark of the new generation. */
  completes(record: CommitRecord): Promise<number>;
}

/** A commit failed, and could not be taken back: only a repair helps. */
export class TornCommit extends OmnifsError {
  /** What is left of it. */
  readonly torn: Torn;

  /** `cause` is what kept it from being taken back. */
  constructor(torn: Torn, cause: unknown) {
    super("unavailable", torn.detail, {
      op: "commit",
      path: torn.path,
      mend: "omnifs packer reconcile --plan",
      cause,
    });
    this.torn = torn;
  }
}

/** Permission bits of a file that was not there before. */
const NEW_FILE_MODE = 0o644;

/** Carries commits out on the workspace whose `assets/` is at an absolute path. One at a time. */
export class Committer {
  readonly #disk: Disk;
  readonly #assets: string;

  /** Works on `assets`, which must be held. */
  constructor(disk: Disk, assets: string) {
    this.#disk = disk;
    this.#assets = assets;
  }

  /**
   * Commits `request`. Resolves with the record once generation n+1 is durable; the files that were replaced are
   * still in its folder.
   *
   * @throws {OmnifsError} generation n stands, all of it; a {@linkcode TornCommit} where it does not
   */
  async run(request: CommitRequest, during: During): Promise<CommitRecord> {
    const record = await this.#staged(request);
    try {
      await this.#decide(record);
      during.begins(record);
      await new Steps(this.#disk, this.#assets, record).perform();
      const mark = await during.completes(record);
      const { nextId: next, history } = request;
      await keepGeneration(this.#disk, this.#assets, { generation: record.to, mark, next, history });
    } catch (error) {
      await this.#back(record, error);
      throw asOmnifsError(error, "commit");
    }
    try {
      await dropRecord(this.#disk, this.#assets);
    } catch (error) {
      throw this.#torn(record, "it is done, and its record cannot be dropped", error);
    }
    return record;
  }

  /** Stages everything and tells what is to be done. On a failure nothing is left. */
  async #staged(request: CommitRequest): Promise<CommitRecord> {
    const folder = this.#at(folderOf({ to: request.from + 1 }));
    try {
      await removeFlatFolder(this.#disk, folder);
      await ensureFolder(this.#disk, folder);
      const record = await this.#stage(request);
      for (const path of [folder, `${this.#assets}/${STAGING}`, `${this.#assets}/${CONTROL}`, this.#assets]) {
        await syncFolder(this.#disk, path);
      }
      return record;
    } catch (error) {
      await removeFlatFolder(this.#disk, folder).catch(() => {});
      throw asOmnifsError(error, "commit");
    }
  }

  async #stage({ draft, correlation, from, registryText }: CommitRequest): Promise<CommitRecord> {
    const to = from + 1;
    const moves: MoveStep[] = [];
    for (const move of draft.moves) moves.push(await this.#move(move));
    const removes: RemoveStep[] = [];
    for (const { path, origin, expected } of draft.removes) {
      removes.push({ path, before: stateOf(await this.#found(origin, expected), expected.digest) });
    }
    const writes: WriteStep[] = [];
    for (const { path, origin, bytes, expected } of draft.writes) {
      const there = expected === null ? await this.#nothing(origin) : await this.#found(origin, expected);
      const after = await this.#new(staged({ to }, writes.length), bytes, there?.mode);
      writes.push({ path, after, before: there === null ? null : stateOf(there, expected?.digest) });
    }
    if (draft.registry !== undefined) {
      writes.push(await this.#registry(staged({ to }, writes.length), draft.registry.text, registryText));
    }
    return {
      record_version: 1,
      correlation,
      from,
      to: from + 1,
      folders: draft.folders,
      moves,
      writes,
      removes,
    };
  }

  async #move({ from, to }: DraftMove): Promise<MoveStep> {
    const facts = await this.#look(from);
    if (facts?.kind === "folder") return { from, to, ino: facts.ino };
    throw new InTheWay(from, "it is gone");
  }

  async #registry(next: string, text: string, expected: string): Promise<WriteStep> {
    const before = await this.#look(INDEX);
    const bytes = before === undefined
      ? undefined
      : await readWhole(this.#disk, this.#at(INDEX), REGISTRY_LIMIT);
    const there = bytes === undefined ? "" : new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    if (there !== expected) throw new InTheWay(INDEX, "it was changed by another program");
    const after = await this.#new(next, new TextEncoder().encode(text), before?.mode);
    const digest = bytes === undefined ? undefined : sha256(bytes);
    return { path: INDEX, after, before: before === undefined ? null : stateOf(before, digest) };
  }

  /** The facts of the file at `path`. @throws {InTheWay} where it is not the one expected */
  async #found(path: string, expected: ExpectedFile): Promise<Facts> {
    const facts = await this.#look(path);
    if (facts?.kind !== "file") throw new InTheWay(path, "it is gone");
    if (!sameFingerprint(facts, expected)) throw new InTheWay(path, "it was changed by another program");
    if (!expected.unread || expected.digest === undefined || await this.#has(path, expected.digest)) {
      return facts;
    }
    throw new InTheWay(path, "it is no longer what was expected");
  }

  async #has(path: string, digest: string): Promise<boolean> {
    const bytes = await readWhole(this.#disk, this.#at(path), Number.MAX_SAFE_INTEGER);
    return bytes !== undefined && sha256(bytes) === digest;
  }

  async #nothing(path: string): Promise<null> {
    if (await this.#look(path) === undefined) return null;
    throw new InTheWay(path, "another program has put something there");
  }

  async #new(next: string, bytes: Uint8Array, mode = NEW_FILE_MODE): Promise<FileState> {
    await writeNew(this.#disk, this.#at(next), bytes, mode);
    const facts = await opened(this.#disk, this.#at(next), (file) => file.facts());
    return stateOf(facts, sha256(bytes));
  }

  async #decide(record: CommitRecord): Promise<void> {
    await replaceWhole(this.#disk, this.#at(RECORD), JSON.stringify(record) + "\n");
    await syncFolder(this.#disk, this.#at(STAGING));
  }

  /** Takes a commit back that failed with `error`. @throws {TornCommit} where that fails, too */
  async #back(record: CommitRecord, error: unknown): Promise<void> {
    try {
      if (await this.#look(RECORD) === undefined) {
        await removeFlatFolder(this.#disk, this.#at(folderOf(record)));
      } else await takeBack(this.#disk, this.#assets, record);
    } catch (second) {
      throw this.#torn(
        record,
        `it failed (${asOmnifsError(error).message}) and cannot be taken back`,
        second,
      );
    }
  }

  #torn(record: CommitRecord, why: string, cause: unknown): TornCommit {
    const detail = `the commit from generation ${record.from} to ${record.to}: ${why}: ${
      asOmnifsError(cause).message
    }`;
    return new TornCommit({ record, path: RECORD, detail }, cause);
  }

  #look(path: string): Promise<Facts | undefined> {
    return this.#disk.look(this.#at(path));
  }

  #at(path: string): string {
    return `${this.#assets}/${path}`;
  }
}

function stateOf({ size, mtime, ino }: Facts, digest: string | undefined): FileState {
  return { size, mtime, ino, ...(digest === undefined ? {} : { digest }) };
}
