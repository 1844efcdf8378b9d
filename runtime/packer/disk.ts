/**
 * The few calls with which the packer changes a workspace: one method is one call of the system, so that a test can
 * let the power fail at each of them.
 *
 * @module
 */
import { type Facts, factsOf } from "./facts.ts";

/** An open file or directory. */
export interface OpenFile {
  /** Writes some of `bytes`; how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Fills some of `into` from `offset` of the file; how many bytes, 0 at its end. */
  read(into: Uint8Array, offset: number): Promise<number>;
  /** What it is now, whatever its name leads to. */
  facts(): Promise<Facts>;
  /** Resolves once it would outlive a power cut. */
  sync(): Promise<void>;
  /** Lets go of it. */
  close(): Promise<void>;
}

/** How a path is opened: a new file that must not be there, or what is there to read or to sync. */
export type Opening = "new" | "read";

/** Changes and reads a file system. Paths are absolute; each method throws what Deno throws. */
export interface Disk {
  /** What is there, links not followed; undefined where nothing is. */
  look(path: string): Promise<Facts | undefined>;
  /** The names in a directory. */
  list(path: string): Promise<string[]>;
  /** Opens a file or a directory. A new file has the permission bits `mode`. */
  open(path: string, opening: Opening, mode?: number): Promise<OpenFile>;
  /** Makes one directory. */
  mkdir(path: string): Promise<void>;
  /** Gives what is at `from` the name `to`, in place of what is there. */
  rename(from: string, to: string): Promise<void>;
  /** Gives a file a second name. */
  link(from: string, to: string): Promise<void>;
  /** Removes a file, or an empty directory. */
  remove(path: string): Promise<void>;
  /** Sets permission bits. */
  chmod(path: string, mode: number): Promise<void>;
}

/** The system's own. */
export const systemDisk: Disk = {
  async look(path) {
    try {
      return factsOf(await Deno.lstat(path));
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  },
  list: (path) => Array.fromAsync(Deno.readDir(path), ({ name }) => name),
  async open(path, opening, mode = 0o600) {
    const options = opening === "read" ? { read: true } : { write: true, createNew: true, mode };
    return new SystemFile(await Deno.open(path, options));
  },
  mkdir: (path) => Deno.mkdir(path),
  rename: (from, to) => Deno.rename(from, to),
  link: (from, to) => Deno.link(from, to),
  remove: (path) => Deno.remove(path),
  chmod: (path, mode) => Deno.chmod(path, mode),
};

class SystemFile implements OpenFile {
  readonly #file: Deno.FsFile;

  constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#file.write(bytes);
  }

  async read(into: Uint8Array, offset: number): Promise<number> {
    await this.#file.seek(offset, Deno.SeekMode.Start);
    return await this.#file.read(into) ?? 0;
  }

  async facts(): Promise<Facts> {
    return factsOf(await this.#file.stat());
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  close(): Promise<void> {
    this.#file.close();
    return Promise.resolve();
  }
}

/** True where an error says that nothing is at the path. */
export function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}
