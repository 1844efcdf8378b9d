/**
 * A file of lines that stays small: once it is full it is put aside, and of those that were put aside the oldest goes.
 *
 * @module
 */

/** How large a {@linkcode RotatingFile} gets. */
export interface RotationLimits {
  /** Bytes above which the file is put aside before the next line. */
  readonly bytes: number;
  /** Files that are kept beside the present one, as `PATH.1`, the latest, and so on. */
  readonly kept: number;
}

/** What a log may take: 4 files of 5 MiB. */
export const LOG_LIMITS: RotationLimits = { bytes: 5 * 1024 * 1024, kept: 3 };

/** See the module. One process writes it, line by line, so that a line is in it when {@linkcode write} returns. */
export class RotatingFile implements Disposable {
  readonly #path: string;
  readonly #limits: RotationLimits;
  #file: Deno.FsFile | undefined;
  #size = 0;

  /** Adds to the file at `path`, which is made with the first line, for this user only. Its folder has to be there. */
  constructor(path: string, limits: RotationLimits = LOG_LIMITS) {
    this.#path = path;
    this.#limits = limits;
  }

  /** Adds one line. A disk that takes nothing is no reason to fail: then the line is lost. */
  write(line: string): void {
    const bytes = new TextEncoder().encode(`${line}\n`);
    try {
      const file = this.#ready(bytes.length);
      for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
      this.#size += bytes.length;
    } catch {
      this.#close();
    }
  }

  /** Lets go of the file; another line opens it again. */
  [Symbol.dispose](): void {
    this.#close();
  }

  #ready(more: number): Deno.FsFile {
    if (this.#file === undefined) this.#open();
    if (this.#size > 0 && this.#size + more > this.#limits.bytes) {
      this.#close();
      this.#putAside();
      this.#open();
    }
    if (this.#file === undefined) throw new Error("there is no file");
    return this.#file;
  }

  #open(): void {
    this.#file = Deno.openSync(this.#path, { append: true, create: true, mode: 0o600 });
    this.#size = this.#file.statSync().size;
  }

  #close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  /** Each file takes the place of the one before it; whoever reads one of them goes on reading the same. */
  #putAside(): void {
    const { kept } = this.#limits;
    for (let number = kept; number >= 1; number--) {
      const from = number === 1 ? this.#path : agedPath(this.#path, number - 1);
      try {
        Deno.renameSync(from, agedPath(this.#path, number));
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    if (kept === 0) Deno.removeSync(this.#path);
  }
}

/** Where the file at `path` is that was put aside as the `number`th last, from 1. */
export function agedPath(path: string, number: number): string {
  return `${path}.${number}`;
}
