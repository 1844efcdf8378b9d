/**
 * What the kernel is told without having asked: drop what you keep of a node or a name.
 *
 * The kernel takes a lock of the directory or of a page before it drops something, and a request that
 * waits for our answer may hold that lock. So a notification is written on another thread, where it may
 * wait, and never keeps the thread that answers.
 *
 * @module
 */
import { EXPIRE_ONLY, NOTIFY, OUT_HEADER } from "./constants.ts";
import { putInteger } from "./wire.ts";

/** A frame that goes to the kernel unasked. */
export type NotificationFrame = Uint8Array<ArrayBuffer>;

function frame(code: number, size: number): { bytes: NotificationFrame; view: DataView } {
  const bytes = new Uint8Array(OUT_HEADER + size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setInt32(4, code, true);
  return { bytes, view };
}

/** `FUSE_NOTIFY_INVAL_INODE`: drop the attributes, and the pages of `length` bytes from `offset`. */
export function invalidateInodeFrame(nodeid: number, offset: number, length: number): NotificationFrame {
  const { bytes, view } = frame(NOTIFY.INVAL_INODE, 24);
  putInteger(view, 16, nodeid);
  putInteger(view, 24, offset);
  putInteger(view, 32, length);
  return bytes;
}

/** `FUSE_NOTIFY_INVAL_ENTRY`: look `name` in `parent` up again. */
export function invalidateEntryFrame(parent: number, name: string, flags = 0): NotificationFrame {
  const text = new TextEncoder().encode(name);
  const { bytes, view } = frame(NOTIFY.INVAL_ENTRY, 16 + text.length + 1);
  putInteger(view, 16, parent);
  view.setUint32(24, text.length, true);
  view.setUint32(28, flags, true);
  bytes.set(text, 32);
  return bytes;
}

/** `FUSE_NOTIFY_DELETE`: `name` in `parent`, if it still leads to `child`, is gone. */
export function deleteFrame(parent: number, child: number, name: string): NotificationFrame {
  const text = new TextEncoder().encode(name);
  const { bytes, view } = frame(NOTIFY.DELETE, 24 + text.length + 1);
  putInteger(view, 16, parent);
  putInteger(view, 24, child);
  view.setUint32(32, text.length, true);
  bytes.set(text, 40);
  return bytes;
}

/** Writes a frame on another thread; false where the kernel did not take it. */
export type NotificationWriter = (frame: NotificationFrame) => Promise<boolean>;

/** Resolves when no request that is under way now holds a lock of a node any more; undefined where none does. */
export type Quiet = (nodeid: number) => Promise<unknown> | undefined;

/** A notification that waits for its turn at one node. */
interface Waiting {
  readonly what: string;
  readonly nodeids: readonly number[];
  readonly send: () => Promise<boolean>;
  readonly told: PromiseWithResolvers<boolean>;
}

/**
 * Tells the kernel. Each call resolves when the kernel has done it: to true, or to false where it kept
 * nothing of the kind (or the mount is over). Nothing rejects.
 *
 * Notifications about one node go one after the other, and none goes while a request holds a lock that it needs:
 * the kernel would then let whoever else wants that lock wait behind it, for as long as the request takes.
 */
export class Notifier {
  readonly #write: NotificationWriter;
  readonly #quiet: Quiet;
  readonly #turns: (() => void)[] = [];
  readonly #lanes = new Map<number, Waiting[]>();
  readonly #counts = new Map<string, number>();
  readonly #flights = new Set<Promise<boolean>>();

  /** Threads that may wait in the kernel at once; the rest of Deno's blocking work keeps its own. */
  static readonly CONCURRENCY = 32;

  /** Notifications go out through `write`; `quiet` tells when locks are free. */
  constructor(write: NotificationWriter, quiet: Quiet = () => undefined) {
    this.#write = write;
    this.#quiet = quiet;
  }

  /**
   * The attributes of `nodeid` and its cached bytes from `offset` (all by default; of a directory, the
   * cached listing) are out of date. `length` 0 is up to the end.
   */
  invalidateInode(nodeid: number, offset = 0, length = 0): Promise<boolean> {
    // The pages of a read that is under way are locked, but nobody has to wait for its attributes.
    if (this.#quiet(nodeid) !== undefined) void this.invalidateAttributes(nodeid);
    const frame = invalidateInodeFrame(nodeid, offset, length);
    return this.#wait(nodeid, `inode ${offset} ${length}`, "NOTIFY_INVAL_INODE", frame);
  }

  /** Only the attributes of `nodeid` are out of date; its cached bytes are good. Takes no lock. */
  invalidateAttributes(nodeid: number): Promise<boolean> {
    return this.#send("NOTIFY_INVAL_INODE", invalidateInodeFrame(nodeid, -1, 0));
  }

  /** `name` in `parent` may lead elsewhere now, or nowhere; a cached absence is dropped as well. */
  invalidateEntry(parent: number, name: string): Promise<boolean> {
    return this.#wait(parent, `entry ${name}`, "NOTIFY_INVAL_ENTRY", invalidateEntryFrame(parent, name));
  }

  /** As {@linkcode invalidateEntry}, but only looks again: whoever stands in that directory stays there. */
  expireEntry(parent: number, name: string): Promise<boolean> {
    const frame = invalidateEntryFrame(parent, name, EXPIRE_ONLY);
    return this.#wait(parent, `expire ${name}`, "NOTIFY_INVAL_ENTRY", frame);
  }

  /**
   * `name`, which led from `parent` to `child`, was removed: whoever has it open sees that it has no name any more.
   * Whoever watches the directory by inotify is not told; an {@linkcode Announcer} does that.
   */
  delete(parent: number, child: number, name: string): Promise<boolean> {
    return this.#wait(parent, `delete ${child} ${name}`, "NOTIFY_DELETE", deleteFrame(parent, child, name), [
      child,
    ]);
  }

  /** How many notifications went out, by name. */
  counters(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  /** Resolves when none is on its way any more. */
  async settled(): Promise<void> {
    while (this.#flights.size > 0 || this.#lanes.size > 0) {
      await Promise.allSettled([
        ...this.#flights,
        ...[...this.#lanes.values()].map(([first]) => first?.told.promise),
      ]);
    }
  }

  /** Sends after whatever waits for its turn at `nodeid`. One that waits there already says the same. */
  #wait(
    nodeid: number,
    what: string,
    name: string,
    frame: NotificationFrame,
    others: readonly number[] = [],
  ): Promise<boolean> {
    const lane = this.#lanes.get(nodeid);
    const same = lane?.find((each, index) => index > 0 && each.what === what);
    if (same !== undefined) return same.told.promise;
    const send = () => this.#send(name, frame);
    const waiting = { what, nodeids: [nodeid, ...others], send, told: Promise.withResolvers<boolean>() };
    if (lane !== undefined) lane.push(waiting);
    else {
      const begun = [waiting];
      this.#lanes.set(nodeid, begun);
      void this.#run(nodeid, begun);
    }
    return waiting.told.promise;
  }

  /** Sends what waits at `nodeid`, the first one first; it stays in the lane while it is on its way. */
  async #run(nodeid: number, lane: Waiting[]): Promise<void> {
    for (let next = lane[0]; next !== undefined; next = lane[0]) {
      await Promise.all(next.nodeids.map((each) => this.#quiet(each)));
      next.told.resolve(await next.send());
      lane.shift();
    }
    this.#lanes.delete(nodeid);
  }

  async #send(name: string, bytes: NotificationFrame): Promise<boolean> {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    while (this.#flights.size >= Notifier.CONCURRENCY) {
      await new Promise<void>((go) => this.#turns.push(go));
    }
    const flight = this.#write(bytes);
    this.#flights.add(flight);
    try {
      return await flight;
    } finally {
      this.#flights.delete(flight);
      this.#turns.shift()?.();
    }
  }
}
