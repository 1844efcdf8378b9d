/**
 * Reads every file whose digest is not known yet, a few at a time and after everything else.
 *
 * Opening a workspace costs a look at each file, not its bytes: 100,000 small files are looked at in a second and
 * read in two, and a large workspace takes as long as its disk needs.
 *
 * @module
 */
import { sameFingerprint } from "./facts.ts";
import { type FileRecord, recordsOf } from "./folder.ts";
import type { Digested } from "./look.ts";
import type { Project } from "./project.ts";
import type { Scout } from "./scout.ts";

/** Files in one question to the scout. */
const BATCH = 64;

interface Wanted {
  readonly path: string;
  readonly record: FileRecord;
}

/** Fills in the digests of a project's files. */
export class Digests {
  readonly #project: Project;
  readonly #scout: Scout;
  readonly #changed: (paths: readonly string[]) => void;
  #running: Promise<void> | undefined;
  #again = false;
  #closed = false;

  /** `changed` hears of files (relative to `assets/`) that are no longer what the snapshot says. */
  constructor(project: Project, scout: Scout, changed: (paths: readonly string[]) => void) {
    this.#project = project;
    this.#scout = scout;
    this.#changed = changed;
  }

  /** Begins, where there is something to do. */
  kick(): void {
    this.#again = true;
    this.#running ??= this.#run().finally(() => this.#running = undefined);
  }

  /** Resolves once every file was read that could be. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Ends it after the files that are being read. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.settled();
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      const missing = this.#missing();
      for (let done = 0; done < missing.length && !this.#closed; done += BATCH) {
        await this.#read(missing.slice(done, done + BATCH));
      }
    }
  }

  #missing(): Wanted[] {
    const missing: Wanted[] = [];
    for (const { entry, folder } of this.#project.snapshot.assets.values()) {
      if (folder === undefined) continue;
      for (const [path, record] of recordsOf(folder)) {
        if (record.digest === undefined) missing.push({ path: `${entry.root}/${path}`, record });
      }
    }
    return missing;
  }

  async #read(batch: readonly Wanted[]): Promise<void> {
    let found: readonly Digested[];
    try {
      found = await this.#scout.digests(batch.map(({ path }) => path));
    } catch {
      // Whoever lost its thread is told of that elsewhere.
      this.#closed = true;
      return;
    }
    const changed: string[] = [];
    for (const [index, { path, record }] of batch.entries()) {
      const digested = found[index];
      if (digested !== undefined && "digest" in digested && sameFingerprint(digested.facts, record)) {
        record.digest = digested.digest;
      } else changed.push(path);
    }
    if (changed.length > 0) this.#changed(changed);
  }
}
