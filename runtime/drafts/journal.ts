/**
 * An append-only file of JSON lines. A line is in it wholly or not at all: one that was cut off by a crash is taken
 * away when the file is opened.
 *
 * @module
 */
import { messageOf, OmnifsError } from "../base/errors.ts";
import type { TimedRecord } from "./records.ts";

/** Where the records of one draft are kept. */
export interface Journal {
  /** Bytes that are in it. */
  readonly size: number;
  /**
   * Adds one record.
   *
   * @param durable true where it has to be on the disk, and not only with the system, before this resolves
   * @throws {OmnifsError} `unavailable` where the disk takes nothing
   */
  append(record: TimedRecord, durable: boolean): Promise<void>;
  /** Lets go of the file. */
  close(): Promise<void>;
  /** Lets go of the file, which goes, too. */
  remove(): Promise<void>;
}

/** A journal that was read. */
export interface OpenJournal {
  /** To go on with it. */
  readonly journal: Journal;
  /** What it holds. */
  readonly records: readonly TimedRecord[];
}

const encoder = new TextEncoder();

/**
 * Opens the journal at `path`, which is made where it is missing.
 *
 * @throws {OmnifsError} `internal` where a line in its middle makes no sense: the file is left as it is
 */
export async function openJournal(path: string): Promise<OpenJournal> {
  const file = await Deno.open(path, { read: true, append: true, create: true, mode: 0o600 });
  try {
    const { records, length } = parse(await Deno.readTextFile(path), path);
    await file.truncate(length);
    return { journal: new FileJournal(path, file, length), records };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** The records of `text`, and how many bytes of it they are. */
function parse(text: string, path: string): { records: TimedRecord[]; length: number } {
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const records = whole.split("\n").slice(0, -1).map((line, index) => {
    try {
      return JSON.parse(line) as TimedRecord;
    } catch (error) {
      throw new OmnifsError("internal", `${path}:${index + 1}: ${messageOf(error)}`, {
        mend: `look at the line; to give the draft up, remove ${path}`,
      });
    }
  });
  return { records, length: encoder.encode(whole).length };
}

/** One file, written to by one process. */
class FileJournal implements Journal {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  #last: Promise<void> = Promise.resolve();
  #open = true;
  #broken: string | undefined;
  #size: number;

  constructor(path: string, file: Deno.FsFile, size: number) {
    this.#path = path;
    this.#file = file;
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  append(record: TimedRecord, durable: boolean): Promise<void> {
    const written = this.#last.then(() => this.#write(record, durable));
    // The next one waits for its turn, whatever this one comes to.
    this.#last = written.catch(() => {});
    return written;
  }

  async close(): Promise<void> {
    await this.#last;
    if (this.#open) this.#file.close();
    this.#open = false;
  }

  async remove(): Promise<void> {
    await this.close();
    await Deno.remove(this.#path);
  }

  async #write(record: TimedRecord, durable: boolean): Promise<void> {
    const line = encoder.encode(`${JSON.stringify(record)}\n`);
    try {
      if (this.#broken !== undefined) throw new Error(this.#broken);
      await this.#all(line).catch(async (error) => {
        // A line cut off by a full disk must not be the beginning of the next one.
        await this.#file.truncate(this.#size).catch(() => this.#broken = "it ends in half a line");
        throw error;
      });
      this.#size += line.length;
      if (durable) await this.#sync();
    } catch (error) {
      throw new OmnifsError("unavailable", `${this.#path}: ${messageOf(error)}`, {
        op: "draft",
        mend: "make room on the disk",
        cause: error,
      });
    }
  }

  /** After a failure nobody knows what is on the disk, and another call may not tell (fsync(2), NOTES). */
  async #sync(): Promise<void> {
    await this.#file.syncData().catch((error) => {
      this.#broken = `the disk did not take it: ${messageOf(error)}`;
      throw error;
    });
  }

  async #all(line: Uint8Array): Promise<void> {
    for (let at = 0; at < line.length;) at += await this.#file.write(line.subarray(at));
  }
}
