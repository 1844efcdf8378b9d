/**
 * Makes the tree of an asset's files from the columns in which they crossed the threads.
 *
 * @module
 */
import { sameFingerprint } from "./facts.ts";
import { type Entry, type FileRecord, type Folder, folderOf } from "./folder.ts";
import { COLUMN_COUNT, type Columns } from "./look.ts";

/**
 * The folder that `columns` tell of. What is as in `before` is taken from there, digests and all: where nothing
 * differs, the answer is `before` itself. What could not be looked at stays as it was.
 */
export function folderFrom(columns: Columns, before?: Folder): Folder {
  return new Reader(columns).folder("", before);
}

/** Goes through columns once, from top to bottom: parents stand before their children. */
class Reader {
  readonly #columns: Columns;
  readonly #unread: ReadonlySet<string>;
  #row = 0;

  constructor(columns: Columns) {
    this.#columns = columns;
    this.#unread = new Set(columns.unread.map(({ path }) => path));
  }

  folder(prefix: string, before: Entry | undefined): Folder {
    const old = before?.kind === "folder" ? before : undefined;
    const entries = new Map<string, Entry>();
    let same = true;
    for (;;) {
      const path = this.#columns.paths[this.#row];
      if (path === undefined || !path.startsWith(prefix)) break;
      const isFolder = path.endsWith("/");
      const name = path.slice(prefix.length, isFolder ? -1 : undefined);
      const known = old?.entries.get(name);
      const entry = isFolder ? this.#inner(path, known) : this.#file(known);
      same &&= entry === known;
      entries.set(name, entry);
    }
    if (this.#unread.size > 0 && old !== undefined) this.#keep(prefix, old, entries);
    return old !== undefined && same && old.entries.size === entries.size ? old : folderOf(entries);
  }

  /** Adds what `old` has and nobody could look for. */
  #keep(prefix: string, old: Folder, entries: Map<string, Entry>): void {
    const isClosed = this.#unread.has(prefix.slice(0, -1));
    for (const [name, entry] of old.entries) {
      if (!entries.has(name) && (isClosed || this.#unread.has(prefix + name))) entries.set(name, entry);
    }
  }

  #inner(path: string, before: Entry | undefined): Folder {
    this.#row++;
    return this.folder(path, before);
  }

  #file(before: Entry | undefined): FileRecord {
    const [size = 0, mtime = 0, ctime = 0, ino = 0] = this.#columns.numbers.subarray(
      this.#row++ * COLUMN_COUNT,
    );
    const record: FileRecord = { kind: "file", size, mtime, ctime, ino, digest: undefined };
    return before?.kind === "file" && sameFingerprint(before, record) ? before : record;
  }
}
