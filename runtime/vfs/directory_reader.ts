/**
 * Reads of directories: lines at once as far as they are loaded, then page by page. A reader who stops early
 * (`ls | head`) loads no more than was asked for.
 *
 * @module
 */
import type { DirectoryLine, DirectorySink, Entry, Errno } from "../../fuse/mod.ts";
import { readCookie } from "../tree/cookies.ts";
import type { Inode, InodeTable } from "../tree/inodes.ts";
import type { Place } from "../tree/place.ts";
import { Directory } from "./directory.ts";
import type { Mounts } from "./mounts.ts";
import type { Found, Namespace } from "./namespace.ts";

/**
 * How many readers may be in the middle of a directory that is not kept, without loading it again; and how many bytes
 * these directories may take together, beside the one that was read last: they are outside of the bound of the cache.
 */
const MAX_READING = 16;
const MAX_READING_BYTES = 32 * 1024 * 1024;

/** `.` and `..` come before the lines of the listing. */
const DOTS = [".", ".."] as const;

/** What a reader needs of the tree. */
export interface ReaderParts {
  /** The providers. */
  readonly mounts: Mounts;
  /** Names and nodes. */
  readonly namespace: Namespace;
  /** What the kernel holds. */
  readonly inodes: InodeTable;
}

/** The entry that goes with a line, not counted yet; undefined where the kernel has to ask for it by itself. */
export type EntryMaker = (parent: Inode, found: Found) => { entry: Entry; inode: Inode } | undefined;

/** Answers reads of directories. */
export class DirectoryReader {
  readonly #parts: ReaderParts;
  readonly #entryFor: EntryMaker;
  readonly #root: Directory;
  /** Directories in the middle of which a reader was last seen, oldest first: it goes on there, kept or not. */
  readonly #reading = new Map<Directory, Inode>();

  /** A reader over `parts`, whose mounts do not change any more. */
  constructor(parts: ReaderParts, entryFor: EntryMaker) {
    this.#parts = parts;
    this.#entryFor = entryFor;
    this.#root = new Directory(undefined);
    const places = parts.mounts.all().map((point) => point.place);
    this.#root.append({ places, next: undefined, exhaustive: true }, 0);
  }

  /**
   * Puts lines after `cookie` into `sink`: at least one, unless the directory ends there.
   *
   * @returns 0, at once where the lines are at hand
   */
  read(inode: Inode, cookie: number, sink: DirectorySink, signal: () => AbortSignal): Errno | Promise<Errno> {
    const directory = this.#atHand(inode, cookie);
    if (directory !== undefined && hasMore(directory, cookie)) {
      return this.#fill(inode, directory, cookie, sink);
    }
    return inode.place === undefined ? 0 : this.#load(inode, inode.place, cookie, sink, signal());
  }

  /** The directory in whose listing a reader at `cookie` is, as far as it is in memory. */
  #atHand(inode: Inode, cookie: number): Directory | undefined {
    if (inode.place === undefined) return this.#root;
    const kept = this.#parts.namespace.peekDirectory(inode.place);
    if (cookie === 0) return kept;
    if (kept?.listing.indexAfter(cookie) !== undefined) return kept;
    for (const [directory, reader] of this.#reading) {
      if (reader === inode && directory.listing.indexAfter(cookie) !== undefined) return directory;
    }
    return undefined;
  }

  async #load(
    inode: Inode,
    place: Place,
    cookie: number,
    sink: DirectorySink,
    signal: AbortSignal,
  ): Promise<Errno> {
    let directory = this.#atHand(inode, cookie);
    if (directory === undefined && cookie !== 0) {
      directory = await this.#reload(place, signal);
      cookie = directory.listing.cookie(readCookie(cookie).next - 1);
    }
    while (directory === undefined || !hasMore(directory, cookie)) {
      directory = await this.#parts.namespace.nextPage(place, directory, signal);
    }
    return this.#fill(inode, directory, cookie, sink);
  }

  /**
   * The whole directory, for a reader whose listing is gone: it goes on at the same line. POSIX leaves open
   * whether such a reader sees what came or went meanwhile (`readdir(3p)`).
   */
  async #reload(place: Place, signal: AbortSignal): Promise<Directory> {
    let directory = this.#parts.namespace.peekDirectory(place);
    while (directory === undefined || !directory.listing.complete) {
      directory = await this.#parts.namespace.nextPage(place, directory, signal);
    }
    return directory;
  }

  #fill(inode: Inode, directory: Directory, cookie: number, sink: DirectorySink): Errno {
    const { listing } = directory;
    let index = listing.indexAfter(cookie) ?? 0;
    const end = listing.length + DOTS.length;
    while (index < end && this.#add(inode, directory, index, sink)) index++;
    // A read that finds nothing more is how a reader learns of the end; others may be on their way there.
    const ended = listing.complete && (listing.indexAfter(cookie) ?? 0) >= end;
    this.#reading.delete(directory);
    if (!ended || !this.#isKept(inode, directory)) this.#hold(directory, inode);
    return 0;
  }

  #isKept({ place }: Inode, directory: Directory): boolean {
    return place === undefined ||
      this.#parts.namespace.knowledge.store.peekDirectory(place.key) === directory;
  }

  #hold(directory: Directory, inode: Inode): void {
    this.#reading.set(directory, inode);
    let bytes = 0;
    for (const each of this.#reading.keys()) bytes += each.bytes;
    for (const oldest of this.#reading.keys()) {
      if (oldest === directory || this.#reading.size <= MAX_READING && bytes <= MAX_READING_BYTES) break;
      this.#reading.delete(oldest);
      bytes -= oldest.bytes;
    }
  }

  #add(inode: Inode, { listing }: Directory, index: number, sink: DirectorySink): boolean {
    const cookie = listing.cookie(index);
    const dots = DOTS[index];
    if (dots !== undefined) {
      const { ino } = dots === "." ? inode : inode.parent ?? inode;
      return sink.add({ name: dots, ino, directory: true, cookie });
    }
    const place = listing.at(index - DOTS.length);
    // A line that was taken away leaves a gap.
    return place === undefined || this.#addPlace(inode, place, cookie, sink);
  }

  #addPlace(parent: Inode, place: Place, cookie: number, sink: DirectorySink): boolean {
    const node = sink.plus ? this.#parts.namespace.peek(place) : undefined;
    const made = node === undefined ? undefined : this.#entryFor(parent, { place, node });
    if (made === undefined) {
      return sink.add(lineOf(place, this.#parts.inodes.numberOf(place.key), cookie));
    }
    const added = sink.add(lineOf(place, made.inode.ino, cookie), made.entry);
    if (added) {
      made.inode.lookups.increment();
      parent.absent?.delete(place.name);
    } else this.#parts.inodes.dropUnused(made.inode);
    return added;
  }
}

function lineOf(place: Place, ino: number, cookie: number): DirectoryLine {
  return { name: place.name, ino, directory: place.directory, cookie };
}

/** True where the listing has a line after `cookie`, or is known to end there. */
function hasMore({ listing }: Directory, cookie: number): boolean {
  if (listing.complete) return true;
  const index = listing.indexAfter(cookie) ?? 0;
  return listing.pages > 0 && (index < DOTS.length || listing.hasFrom(index - DOTS.length));
}
