/**
 * Who watches a mount by inotify: what `/proc/{pid}/fdinfo` tells of the processes that may be looked at, which are all
 * for root and one's own otherwise. There is no other way to learn of it: to set up a watch sends no message.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import { type Libc, libc } from "./libc.ts";

/** Milliseconds after which the event loop gets a turn. */
const TURN = 0.5;

/** Where `/proc/{pid}/fd/{fd}` leads for an inotify instance. */
const INOTIFY = "anon_inode:inotify";

/** `inotify wd:1 ino:5 sdev:34 mask:fce ignored_mask:0 …`, as `inotify_fdinfo` in `fs/notify/fdinfo.c` writes it. */
const MARK = /^inotify wd:\S+ ino:([0-9a-f]+) sdev:([0-9a-f]+) /gm;

/** Who watches. */
export interface Watched {
  /** The numbers of the inodes that somebody watches. */
  readonly inodes: ReadonlySet<number>;
  /** Milliseconds of this thread that it took to find out. */
  readonly milliseconds: number;
}

/**
 * The inodes that somebody watches on the mount of the connection `connection`. It reads all of `/proc` in pieces of
 * less than a millisecond.
 */
export async function watchedInodes(connection: number): Promise<Watched> {
  const c = libc();
  const inodes = new Set<number>();
  let [milliseconds, began] = [0, performance.now()];
  for (const pid of c.names("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    for (const fd of c.names(`/proc/${pid}/fd`)) {
      if (c.link(`/proc/${pid}/fd/${fd}`) === INOTIFY) {
        addMarks(c, `/proc/${pid}/fdinfo/${fd}`, connection, inodes);
      }
      if (performance.now() - began < TURN) continue;
      milliseconds += performance.now() - began;
      await new Promise((resume) => setImmediate(resume));
      began = performance.now();
    }
  }
  return { inodes, milliseconds: milliseconds + performance.now() - began };
}

function addMarks(c: Libc, path: string, connection: number, found: Set<number>): void {
  let text: string;
  try {
    text = c.readText(path);
  } catch {
    return; // It has gone meanwhile.
  }
  for (const ino of parseMarks(text, connection)) found.add(ino);
}

/** The inode numbers on one device in the `fdinfo` of an inotify instance. A FUSE mount's major number is 0. */
export function parseMarks(text: string, device: number): number[] {
  const marks = [...text.matchAll(MARK)].map(([, ino = "", sdev = ""]) => [ino, sdev] as const);
  return marks.flatMap(([ino, sdev]) => parseInt(sdev, 16) === device ? [parseInt(ino, 16)] : []);
}
