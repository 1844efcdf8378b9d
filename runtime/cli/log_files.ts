/**
 * Reads a log that is put aside while it is read: from the oldest file that is left to the latest, each line once.
 *
 * @module
 */
import { type Clock, sleep } from "../base/clock.ts";
import { agedPath } from "../base/rotating_file.ts";

/** Milliseconds between two looks at the end of the log. */
const PAUSE = 200;

/** Files that are looked for beside the present one; more than any limit keeps. */
const MOST_KEPT = 20;

const PIECE = 64 * 1024;

/** The oldest file of the log at `path` that is left; undefined where there is none. Whoever opens it closes it. */
export async function oldest(path: string): Promise<Deno.FsFile | undefined> {
  for (const each of (await paths(path)).reverse()) {
    const file = await Deno.open(each).catch(() => undefined);
    if (file !== undefined) return file;
  }
  return undefined;
}

/**
 * What is in the log at `path`, from the beginning of `first` on, and where `until` is given what is still to come, until it is
 * aborted. Closes `first`.
 */
export async function* follow(
  path: string,
  first: Deno.FsFile,
  clock: Clock,
  until: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  let file = first;
  try {
    for (;;) {
      yield* rest(file);
      const next = await successor(path, file);
      if (next !== undefined) {
        // What was written between the last look and its being put aside.
        yield* rest(file);
        file.close();
        file = next;
        continue;
      }
      if (until === undefined || until.aborted) return;
      await sleep(clock, PAUSE, until).catch(() => {});
    }
  } finally {
    file.close();
  }
}

async function* rest(file: Deno.FsFile): AsyncGenerator<Uint8Array> {
  for (;;) {
    const piece = new Uint8Array(PIECE);
    const length = await file.read(piece);
    if (length === null) return;
    yield piece.subarray(0, length);
  }
}

/** The file that came after `file`: undefined where it is the latest. One that is gone is followed by the oldest left. */
async function successor(path: string, file: Deno.FsFile): Promise<Deno.FsFile | undefined> {
  for (;;) {
    const { ino } = await file.stat();
    const files = await paths(path);
    const inodes = await Promise.all(
      files.map((each) => Deno.stat(each).then((info) => info.ino, () => null)),
    );
    const place = inodes.indexOf(ino);
    if (place === 0 || files.length === 0) return undefined;
    const wanted = place === -1 ? inodes.length - 1 : place - 1;
    const next = await Deno.open(files[wanted] ?? path).catch(() => undefined);
    // It may have been put aside between the look and the opening; then the next look tells.
    if (next !== undefined && (await next.stat()).ino === inodes[wanted]) return next;
    next?.close();
  }
}

/** The files of the log that are there, the latest first. */
async function paths(path: string): Promise<string[]> {
  const found: string[] = [];
  for (let number = 0; number <= MOST_KEPT; number++) {
    const each = number === 0 ? path : agedPath(path, number);
    if (await Deno.stat(each).then(() => true, () => false)) found.push(each);
  }
  return found;
}
