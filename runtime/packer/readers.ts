/**
 * Reading: whoever began in generation n finishes in n, whatever is committed meanwhile.
 *
 * Names, attributes and declarations are answered from memory. Bytes are read from the author's file, and only as
 * long as it is the one that the generation says: files that a commit replaces are kept for as long as somebody
 * reads an older generation; bytes that another program has overwritten are gone, which is told as a conflict.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { AssetDocument, AssetSelection, EntryDocument } from "../base/packer.ts";
import { type Disk, isGone, type OpenFile } from "./disk.ts";
import { sameBytes } from "./facts.ts";
import { readFrom, removeFlatFolder } from "./files.ts";
import type { FileRecord } from "./folder.ts";
import { within } from "./paths.ts";
import type { CommitRecord } from "./record.ts";
import { folderOf, oldRemoved, oldWritten } from "./steps.ts";
import {
  assetDocument,
  assetDocuments,
  assetOf,
  entryDocuments,
  entryOf,
  type Snapshot,
} from "./snapshot.ts";
import { DENIED, troubleOf } from "./look.ts";
import { unreadError } from "./unread.ts";

/** Hands out readers, and keeps what they may still need. */
export class Readers {
  readonly #disk: Disk;
  readonly #assets: string;
  readonly #now: () => Snapshot;
  readonly #pins = new Map<number, number>();
  /** Commits whose replaced files are still there. */
  #kept: CommitRecord[] = [];
  /** Where those files are, relative to `assets/`, by inode number: as long as they are there, nobody else gets it. */
  readonly #replaced = new Map<number, string>();
  #underWay: CommitRecord | undefined;
  #changes = 0;
  #cleaning: Promise<void> = Promise.resolve();

  /** `now` is the latest snapshot of the workspace whose `assets/` is at an absolute path. */
  constructor(disk: Disk, assets: string, now: () => Snapshot) {
    this.#disk = disk;
    this.#assets = assets;
    this.#now = now;
  }

  /** A reader of the latest generation. */
  begin(): Reader {
    const snapshot = this.#now();
    const { generation } = snapshot;
    this.#pins.set(generation, (this.#pins.get(generation) ?? 0) + 1);
    return new Reader(snapshot, {
      disk: this.#disk,
      pathsOf: (id, path, record) => this.#pathsOf(snapshot, id, path, record),
      changes: () => this.#changes,
      end: () => this.#end(generation),
    });
  }

  /** The commit `record` begins to change names. */
  changing(record: CommitRecord): void {
    this.#underWay = record;
    this.#changes++;
  }

  /** The commit that was under way was taken back. */
  restored(): void {
    this.#underWay = undefined;
    this.#changes++;
  }

  /** The commit under way is published: keeps what it replaced where somebody may need it, or removes it. */
  async changed(record: CommitRecord): Promise<void> {
    this.#underWay = undefined;
    this.#changes++;
    this.#kept.push(record);
    for (const [ino, path] of replacedBy(record)) this.#replaced.set(ino, path);
    this.#clean();
    await this.settled();
  }

  /** Resolves once what nobody needs any more is removed. */
  async settled(): Promise<void> {
    await this.#cleaning;
  }

  /** Where the bytes of `record` may be, the likeliest first. */
  #pathsOf(snapshot: Snapshot, id: number, path: string, { ino }: FileRecord): string[] {
    // A directory that was moved since has the same files under its new name.
    const roots = new Set<string>();
    for (const { assets } of [this.#now(), snapshot]) {
      const root = assets.get(id)?.entry.root;
      if (root !== undefined) roots.add(root).add(movedBy(this.#underWay, root));
    }
    const places = [...roots].map((root) => `${root}/${path}`);
    const old = this.#replaced.get(ino) ?? new Map(replacedBy(this.#underWay)).get(ino);
    if (old !== undefined) places.push(old);
    return places.map((each) => `${this.#assets}/${each}`);
  }

  #end(generation: number): void {
    const count = (this.#pins.get(generation) ?? 0) - 1;
    if (count > 0) this.#pins.set(generation, count);
    else this.#pins.delete(generation);
    this.#clean();
  }

  /** Removes what only readers of generations needed that nobody reads any more. */
  #clean(): void {
    const oldest = this.#oldest();
    const free = this.#kept.filter(({ from }) => from < oldest);
    if (free.length === 0) return;
    this.#kept = this.#kept.filter(({ from }) => from >= oldest);
    for (const record of free) for (const [ino] of replacedBy(record)) this.#replaced.delete(ino);
    this.#cleaning = this.#cleaning.then(async () => {
      // What stays is removed at the next start.
      for (const record of free) {
        await removeFlatFolder(this.#disk, `${this.#assets}/${folderOf(record)}`).catch(() => {});
      }
    });
  }

  #oldest(): number {
    return Math.min(Infinity, ...this.#pins.keys());
  }
}

/** The files that the commit `record` replaced or removed: inode number, and where they are kept. */
function replacedBy(record: CommitRecord | undefined): [number, string][] {
  if (record === undefined) return [];
  const written = record.writes.map(({ before }, index): [number, string] | undefined =>
    before === null ? undefined : [before.ino, oldWritten(record, index)]
  );
  const removed = record.removes.map((
    { before },
    index,
  ): [number, string] => [before.ino, oldRemoved(record, index)]);
  return [...written, ...removed].filter((each) => each !== undefined);
}

/** Where `root` is once `record` has moved it. */
function movedBy(record: CommitRecord | undefined, root: string): string {
  const move = record?.moves.find(({ from }) => within(from, root));
  return move === undefined ? root : move.to + root.slice(move.from.length);
}

/** What a reader gets from whoever hands it out. */
interface ReaderParts {
  readonly disk: Disk;
  /** Where the bytes of a file of the generation may be: absolute paths, the likeliest first. */
  pathsOf(id: number, path: string, record: FileRecord): readonly string[];
  /** Counts up whenever files begin or cease to be elsewhere. */
  changes(): number;
  end(): void;
}

/** Reads one generation: `using reader = packer.reader()`. */
export class Reader implements Disposable {
  readonly #snapshot: Snapshot;
  readonly #parts: ReaderParts;
  #closed = false;

  /** Made by {@linkcode Readers.begin}. */
  constructor(snapshot: Snapshot, parts: ReaderParts) {
    this.#snapshot = snapshot;
    this.#parts = parts;
  }

  /** The generation that it reads. */
  get generation(): number {
    return this.#snapshot.generation;
  }

  /** The text of `index.json`; the empty string where there is none yet. */
  registry(): string {
    return this.#snapshot.registry.text;
  }

  /** Registered assets by id. */
  assets(selection: AssetSelection = "all"): AssetDocument[] {
    return assetDocuments(this.#snapshot, selection);
  }

  /** One asset. @throws {OmnifsError} `not-found` */
  asset(id: number): AssetDocument {
    return assetDocument(assetOf(this.#snapshot, id));
  }

  /** What the directory `path` of an asset holds, by name. @throws {OmnifsError} `not-found`, `not-a-directory` */
  files(asset: number, path = ""): EntryDocument[] {
    return entryDocuments(this.#snapshot, asset, path);
  }

  /**
   * Up to `length` bytes of a file from `offset`; fewer at its end.
   *
   * @throws {OmnifsError} `not-found`, `is-a-directory`; `conflict` where another program has overwritten the bytes
   */
  async read(asset: number, path: string, offset = 0, length = Infinity): Promise<Uint8Array> {
    const record = this.#record(asset, path);
    for (;;) {
      const before = this.#parts.changes();
      const file = await this.#open(asset, path, record);
      try {
        const bytes = await readFrom(file, offset, Math.max(0, Math.min(length, record.size - offset)));
        if (sameBytes(record, await file.facts())) return bytes;
      } finally {
        await file.close();
      }
      if (this.#parts.changes() === before) throw this.#overwritten(asset, path);
    }
  }

  /** The bytes of a file, at most `size` at a time. @throws {OmnifsError} as {@linkcode read} does, also at the end */
  async *pieces(asset: number, path: string, size: number): AsyncGenerator<Uint8Array> {
    const record = this.#record(asset, path);
    const file = await this.#open(asset, path, record);
    try {
      for (let done = 0; done < record.size;) {
        const piece = await readFrom(file, done, Math.min(size, record.size - done));
        if (piece.length === 0) break;
        done += piece.length;
        yield piece;
      }
      if (!sameBytes(record, await file.facts())) throw this.#overwritten(asset, path);
    } finally {
      await file.close();
    }
  }

  /** The size in bytes of a file. @throws {OmnifsError} `not-found`, `is-a-directory` */
  size(asset: number, path: string): number {
    return this.#record(asset, path).size;
  }

  /** Lets go of the generation. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#parts.end();
  }

  /** See {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #record(asset: number, path: string): FileRecord {
    const entry = entryOf(this.#snapshot, asset, path);
    if (entry.kind === "file") return entry;
    throw new OmnifsError("is-a-directory", "it is a directory", { op: "read", path });
  }

  /** The file that `record` tells of, wherever it is by now. */
  async #open(asset: number, path: string, record: FileRecord): Promise<OpenFile> {
    for (;;) {
      const before = this.#parts.changes();
      for (const place of this.#parts.pathsOf(asset, path, record)) {
        const file = await this.#openAt(place, record).catch((error) => {
          const why = troubleOf(error);
          throw why === DENIED ? unreadError([{ path: this.#nameOf(asset, path), why }], "read") : error;
        });
        if (file !== undefined) return file;
      }
      // A commit may have moved it from one place to the other between two tries.
      if (this.#parts.changes() === before) throw this.#overwritten(asset, path);
    }
  }

  /** The file at `place`, where it is the one that `record` tells of. */
  async #openAt(place: string, record: FileRecord): Promise<OpenFile | undefined> {
    const { disk } = this.#parts;
    const facts = await disk.look(place);
    if (facts?.kind !== "file" || !sameBytes(record, facts)) return undefined;
    try {
      const file = await disk.open(place, "read");
      if (sameBytes(record, await file.facts())) return file;
      await file.close();
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    return undefined;
  }

  #overwritten(asset: number, path: string): OmnifsError {
    return new OmnifsError("conflict", `another program has changed it since generation ${this.generation}`, {
      op: "read",
      path: this.#nameOf(asset, path),
      mend: "read the latest generation",
    });
  }

  /** Relative to `assets/`. */
  #nameOf(asset: number, path: string): string {
    return `${assetOf(this.#snapshot, asset).entry.root}/${path}`;
  }
}
