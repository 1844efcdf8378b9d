/**
 * Changes upstream, told to those who watch the mount by inotify: only where somebody watches, never inside a request,
 * and after the cache and the kernel's own caches have changed.
 *
 * What was said to have changed is noted as it is said, with what was known before. Then it is found out who watches
 * (`watchedInodes` of the binding), what became of it, where the event did not tell, and each difference is announced.
 *
 * @module
 */
import type { Change, Mount } from "../../fuse/mod.ts";
import { type Clock, sleep } from "../base/clock.ts";
import type { Node } from "../provider/node.ts";
import type { Inode, InodeTable } from "../tree/inodes.ts";
import type { Place } from "../tree/place.ts";
import type { Bodies } from "./bodies.ts";
import type { Directory } from "./directory.ts";
import { type OmnifsFileSystem, pathOfInode } from "./filesystem.ts";
import type { Namespace } from "./namespace.ts";
import { sameContent, sameState } from "./node_rules.ts";
import type { Witness } from "./witness.ts";

/** When to announce: where `/proc` tells that somebody watches, wherever somebody might, or never. */
export type InotifyMode = "auto" | "always" | "never";

/** What may be announced at once; the oldest beyond that is not. */
const MOST_NOTED = 4_096;

/** Changed files that nobody holds, of which it is found out whether their directory is watched. */
const MOST_UNHELD = 1_024;

/** Lines up to which a directory is listed for those who watch it, to find out which of them changed. */
const MOST_LINES = 10_000;

/** How often one is tried: the way there may change again before the kernel has walked it. */
const TRIES = 3;

/** A look through `/proc` takes at most one part in so many of the time. */
const IDLE_SHARE = 20;

/** After so many milliseconds those who were seen to watch have to be seen again. */
const LOOK_AGAIN = 5_000;

/** What announcing needs of a mount. */
export interface Stage {
  /** Makes who watches see a change. */
  readonly announcer: Pick<Mount["announcer"], "announce">;
  /** Finds out who watches. */
  readonly watched: Mount["watched"];
}

/** What announcing needs. */
export interface AnnouncementParts {
  /** The time. */
  readonly clock: Clock;
  /** Names and nodes. */
  readonly namespace: Namespace;
  /** Lengths. */
  readonly bodies: Bodies;
  /** What the kernel holds: a watch keeps its inode there. */
  readonly inodes: InodeTable;
  /** Who answers the kernel. */
  readonly filesystem: OmnifsFileSystem;
  /** The mount, once there is one. */
  readonly stage: () => Stage | undefined;
  /** When to announce. */
  readonly mode: InotifyMode;
}

/** A node that changed. */
interface NotedState {
  readonly tag: "state";
  readonly key: string;
  readonly before: Node | undefined;
  readonly sure: boolean;
}

/** What was noted. */
type Noted =
  | NotedState
  | {
    readonly tag: "line";
    readonly key: string;
    readonly before: Place | undefined;
    readonly after: Place | undefined;
  }
  | { readonly tag: "lines"; readonly key: string; readonly before: Directory | undefined };

/** Announces what changes. */
export class Announcements implements Witness {
  readonly #parts: AnnouncementParts;
  readonly #abort = new AbortController();
  #noted: Noted[] = [];
  /** Files that nobody holds, by key: they are many, and most of them in directories that nobody watches. */
  #unheld = new Map<string, NotedState>();
  #running: Promise<void> | undefined;
  #notBefore = -Infinity;
  #lookAgain = -Infinity;
  #watched: ReadonlySet<number> = new Set();
  /** The directories among them. */
  #folders: readonly Inode[] = [];

  /** Nothing has changed yet. */
  constructor(parts: AnnouncementParts) {
    this.#parts = parts;
  }

  /** See {@linkcode Witness}. */
  state(key: string, before: Node | undefined, sure: boolean): void {
    this.#note({ tag: "state", key, before, sure });
  }

  /** See {@linkcode Witness}. */
  line(key: string, before: Place | undefined, after: Place | undefined): void {
    this.#note({ tag: "line", key, before, after });
  }

  /** See {@linkcode Witness}. */
  lines(key: string, before: Directory | undefined): void {
    this.#note({ tag: "lines", key, before: before?.listing.complete ? before : undefined });
  }

  /** Announces nothing any more; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  #note(noted: Noted): void {
    const { mode } = this.#parts;
    if (mode === "never" || this.#abort.signal.aborted) return;
    if (this.#isHeld(noted)) this.#noteHeld(noted);
    else if (noted.tag !== "state" || !this.#noteUnheld(noted)) return;
    this.#running ??= this.#run().finally(() => this.#running = undefined);
  }

  #noteHeld(noted: Noted): void {
    // What was known before the first of several changes is what those who watch know.
    const known = noted.tag !== "line" &&
      this.#noted.some(({ tag, key }) => tag === noted.tag && key === noted.key);
    if (!known) this.#noted.push(noted);
    if (this.#noted.length > MOST_NOTED) this.#noted.shift();
  }

  /** A watch holds a directory and not the files in it. That one is there is known where its state was. */
  #noteUnheld(noted: NotedState): boolean {
    const { key, before, sure } = noted;
    if (!sure || before === undefined || before.directory) return false;
    if (this.#unheld.size < MOST_UNHELD && !this.#unheld.has(key)) this.#unheld.set(key, noted);
    return true;
  }

  async #run(): Promise<void> {
    // After the change that is noted is done, and the kernel was told.
    await this.#pause(0);
    while (this.#noted.length + this.#unheld.size > 0 && !this.#abort.signal.aborted) {
      const stage = this.#parts.stage();
      // Where a file is that nobody holds is told by lines, which are loaded where they changed: so it comes last.
      const noted = [...this.#noted.splice(0), ...this.#unheld.values()];
      this.#unheld.clear();
      if (stage === undefined) continue;
      // Those who were seen to watch hear of it at once; whether there are others takes a while to find out.
      const others = await this.#announceAll(stage, noted);
      const { clock, mode } = this.#parts;
      // Of files that nobody holds there is no end, and few of them are watched.
      const isDue = clock.monotonic() >= this.#lookAgain || others.some((each) => this.#isHeld(each));
      let rest = others;
      if (mode !== "always" && isDue) {
        await this.#look(stage);
        rest = await this.#announceAll(stage, others);
      }
      this.#keepUnheld(rest);
    }
  }

  /** Where lines changed again meanwhile, it is found out with them where the files are that nobody holds. */
  #keepUnheld(rest: readonly Noted[]): void {
    if (!this.#noted.some(({ tag }) => tag === "lines")) return;
    for (const each of rest) {
      // What was known before the first of several changes is what those who watch know.
      if (each.tag === "state" && !this.#isHeld(each)) this.#unheld.set(each.key, each);
    }
  }

  #isHeld({ key }: Noted): boolean {
    return this.#parts.inodes.identities(key).length > 0;
  }

  /** Announces what somebody is known to watch; answers the rest. */
  async #announceAll(stage: Stage, noted: readonly Noted[]): Promise<Noted[]> {
    const others: Noted[] = [];
    if (this.#parts.mode === "always") this.#folders = this.#seenFolders();
    for (const each of noted) {
      if (this.#abort.signal.aborted) return [];
      if (this.#isWatched(each)) await this.#announce(stage, each).catch(() => {});
      else others.push(each);
    }
    return others;
  }

  /** Finds out who watches. */
  async #look(stage: Stage): Promise<void> {
    const { clock } = this.#parts;
    await this.#pause(this.#notBefore - clock.monotonic());
    if (this.#abort.signal.aborted) return;
    const { inodes, milliseconds } = await stage.watched();
    this.#watched = inodes;
    this.#folders = this.#seenFolders();
    this.#notBefore = clock.monotonic() + milliseconds * IDLE_SHARE;
    this.#lookAgain = clock.monotonic() + LOOK_AGAIN;
  }

  #isSeen(ino: number): boolean {
    return this.#parts.mode === "always" || this.#watched.has(ino);
  }

  #seenFolders(): Inode[] {
    return [...this.#parts.inodes.all()].filter(({ ino, place }) => place?.directory && this.#isSeen(ino));
  }

  #isWatched(noted: Noted): boolean {
    if (!this.#isHeld(noted)) return this.#linesOf(noted.key).length > 0;
    return this.#parts.inodes.identities(noted.key).some((inode) =>
      this.#isSeen(inode.ino) ||
      noted.tag === "state" && namesOf(inode).some(([parent]) => this.#isSeen(parent.ino))
    );
  }

  /** Where watched directories show the file `key`. */
  #linesOf(key: string): (readonly [Inode, Place])[] {
    const { store } = this.#parts.namespace.knowledge;
    return this.#folders.flatMap((folder) => {
      if (folder.place === undefined || !this.#isThere(folder)) return [];
      const line = store.peekDirectory(folder.place.key)?.holding(key);
      return line === undefined ? [] : [[folder, line] as const];
    });
  }

  #isThere(inode: Inode): boolean {
    return this.#parts.inodes.get(inode.nodeid) === inode;
  }

  async #announce(stage: Stage, noted: Noted): Promise<void> {
    if (noted.tag === "state") return await this.#announceState(stage, noted);
    for (const parent of this.#parts.inodes.identities(noted.key)) {
      if (!this.#isSeen(parent.ino)) continue;
      if (noted.tag === "line") await this.#announceLine(stage, parent, noted.before, noted.after);
      else await this.#announceLines(stage, parent, noted.before);
    }
  }

  async #announceState(stage: Stage, noted: NotedState): Promise<void> {
    const { inodes } = this.#parts;
    const held = inodes.identities(noted.key);
    for (const inode of held) {
      const names = namesOf(inode).filter(([parent]) => this.#isSeen(parent.ino));
      if (names.length === 0 && this.#isSeen(inode.ino)) names.push(...namesOf(inode).slice(0, 1));
      await this.#announceFile(stage, inode, names, noted);
    }
    if (held.length > 0) return;
    for (const [parent, place] of this.#linesOf(noted.key)) {
      if (!this.#isThere(parent)) continue;
      const inode = inodes.enter(parent, place);
      // Whoever looks it up meanwhile, and forgets it again, leaves it to us.
      inode.lookups.increment();
      try {
        await this.#announceFile(stage, inode, [[parent, place.name]], noted);
      } finally {
        inodes.forget(inode.nodeid, 1);
      }
    }
  }

  /** Announces under each of `names` that the file `inode` is another one now, where it is. */
  async #announceFile(
    stage: Stage,
    inode: Inode,
    names: readonly (readonly [Inode, string])[],
    { before, sure }: NotedState,
  ): Promise<void> {
    if (names.length === 0 || inode.place === undefined || inode.place.directory) return;
    const node = await this.#current(inode.place);
    if (node === undefined || !isChange(before, node, sure)) return;
    for (const [parent, name] of names) {
      const at = { parent: parent.nodeid, name };
      const { nodeid, place } = inode;
      await this.#perform(stage, parent, place, (size) => ({ tag: "modified", nodeid, at, size }));
    }
  }

  async #announceLine(
    stage: Stage,
    parent: Inode,
    before: Place | undefined,
    after: Place | undefined,
  ): Promise<void> {
    const { filesystem, inodes } = this.#parts;
    // What is created is there for whoever looks at it on being told.
    if (after !== undefined && await this.#current(after) === undefined) return;
    if (before === undefined && after !== undefined) {
      const at = { parent: parent.nodeid, name: after.name };
      const { directory } = after;
      await this.#perform(stage, parent, after, () => ({ tag: "created", at, directory }));
    }
    if (before === undefined) return;
    const at = { parent: parent.nodeid, name: before.name };
    const old = () => filesystem.former(parent, before);
    if (after === undefined) {
      const { directory } = before;
      await this.#perform(stage, parent, undefined, () => ({ tag: "deleted", at, directory, old }));
    } else {
      const to = { parent: parent.nodeid, name: after.name };
      const moved = await this.#perform(stage, parent, after, () => ({ tag: "moved", at, to, old }));
      if (moved) inodes.dropUnused(inodes.enter(parent, after));
    }
    inodes.unname(parent, before.name);
  }

  /** Finds out which lines changed, and announces each. */
  async #announceLines(stage: Stage, parent: Inode, before: Directory | undefined): Promise<void> {
    const { place } = parent;
    const { namespace } = this.#parts;
    if (place === undefined) return;
    let now = namespace.knowledge.store.peekDirectory(place.key);
    while (!now?.listing.complete && (now?.listing.length ?? 0) < MOST_LINES) {
      now = await namespace.nextPage(place, now, this.#abort.signal);
    }
    // Where nothing was known before, it is known from now on.
    if (before === undefined || now === before || !now?.listing.complete) return;
    for (const old of before.listing.places()) {
      const kept = now.holding(old.key);
      if (kept?.name !== old.name) await this.#announceLine(stage, parent, old, kept);
    }
    for (const fresh of now.listing.places()) {
      if (before.holding(fresh.key) === undefined) await this.#announceLine(stage, parent, undefined, fresh);
    }
  }

  /** The node at `place` as it is now, with its length; undefined where it is not there any more. */
  async #current(place: Place): Promise<Node | undefined> {
    const { namespace, bodies } = this.#parts;
    try {
      const { value } = await namespace.steady(place.mount, async (look) => {
        const node = await namespace.resolve(place, this.#abort.signal);
        look.state(place, node);
        return node.directory ? node : await bodies.sized(place, node, this.#abort.signal);
      }, this.#abort.signal);
      return value;
    } catch {
      return undefined;
    }
  }

  /** Plays the change in `parent`, which the kernel sees by its way there and by what `shown` is now, of `size` bytes. */
  async #perform(
    stage: Stage,
    parent: Inode,
    shown: Place | undefined,
    change: (size: number) => Change,
  ): Promise<boolean> {
    for (let tries = 0; tries < TRIES && await this.#isAtHand(parent); tries++) {
      const node = shown && await this.#current(shown);
      if (node === undefined && shown !== undefined) return false;
      const directory = pathOfInode(parent).slice(1);
      if (await stage.announcer.announce(change(node?.size ?? 0), { directory })) return true;
    }
    return false;
  }

  /** Has every name on the way to `inode` at hand: who announces waits for nobody. */
  async #isAtHand({ parent, place }: Inode): Promise<boolean> {
    if (parent === undefined || place?.parent === undefined) return true;
    if (!await this.#isAtHand(parent)) return false;
    const found = await this.#parts.namespace.find(place.parent, place.name, this.#abort.signal);
    return found?.place.key === place.key;
  }

  /** Resolves after so many milliseconds, or at the end. */
  #pause(milliseconds: number): Promise<void> {
    return sleep(this.#parts.clock, Math.max(0, milliseconds), this.#abort.signal).catch(() => {});
  }
}

/** True where those who watch have to hear that `before` is `now`: the bytes, not a time or a mark, are what they watch. */
function isChange(before: Node | undefined, now: Node, sure: boolean): boolean {
  if (before === undefined) return sure;
  return !(!sure && sameState(before, now)) && !sameContent(before, now);
}

/** The directories and names by which the kernel may hold `inode`. */
function namesOf({ parent, place, aliases }: Inode): (readonly [Inode, string])[] {
  const others = [...aliases?.values() ?? []].map((alias) => [alias.parent, alias.place.name] as const);
  return parent === undefined || place === undefined ? others : [[parent, place.name], ...others];
}
