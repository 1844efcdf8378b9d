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
import { type Noted, type NotedState, Notes } from "./notes.ts";
import { sameContent, sameState } from "./node_rules.ts";
import type { Witness } from "./witness.ts";

/** When to announce: where `/proc` tells that somebody watches, wherever somebody might, or never. */
export type InotifyMode = "auto" | "always" | "never";

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

/** Announces what changes. */
export class Announcements implements Witness {
  readonly #parts: AnnouncementParts;
  readonly #abort = new AbortController();
  readonly #notes = new Notes();
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
    if (this.#isHeld(noted)) this.#notes.hold(noted);
    else if (noted.tag !== "state" || !this.#notes.leave(noted)) return;
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    try {
      // After the change that is noted is done, and the kernel was told.
      await this.#pause(0);
      while (this.#notes.size > 0 && !this.#abort.signal.aborted) {
        await this.#announceNoted(this.#notes.take());
      }
    } finally {
      // In the turn of the last look at the notes: whoever notes something after it begins anew.
      this.#running = undefined;
    }
  }

  async #announceNoted(noted: readonly Noted[]): Promise<void> {
    const stage = this.#parts.stage();
    if (stage === undefined) return;
    // Those who were seen to watch hear of it at once; whether there are others takes a while to find out.
    let others = await this.#announceAll(stage, noted);
    const { clock, mode } = this.#parts;
    // Of files that nobody holds there is no end, and few of them are watched.
    const isDue = clock.monotonic() >= this.#lookAgain || others.some((each) => this.#isHeld(each));
    if (mode !== "always" && isDue) {
      await this.#look(stage);
      others = await this.#announceAll(stage, others);
    }
    this.#notes.again(others.filter((each) => each.tag === "state").filter((each) => !this.#isHeld(each)));
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
    if (noted.tag === "state" && this.#linesOf(noted.key).length > 0) return true;
    return this.#parts.inodes.identities(noted.key).some((inode) =>
      this.#isSeen(inode.ino) ||
      noted.tag === "state" && namesOf(inode).some(([parent]) => this.#isSeen(parent.ino))
    );
  }

  /** Where watched directories show the file `key`. */
  #linesOf(key: string): (readonly [Inode, Place])[] {
    const { store } = this.#parts.namespace.knowledge;
    return this.#folders.flatMap((folder) => {
      if (folder.place === undefined || !this.#parts.inodes.finds(folder)) return [];
      const line = store.peekDirectory(folder.place.key)?.holding(key);
      return line === undefined ? [] : [[folder, line] as const];
    });
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
      const names = this.#seenNames(inode, noted.key);
      if (names.length === 0 && this.#isSeen(inode.ino)) names.push(...namesOf(inode).slice(0, 1));
      await this.#announceFile(stage, inode, names, noted);
    }
    if (held.length > 0) return;
    for (const [parent, place] of this.#linesOf(noted.key)) {
      if (!inodes.finds(parent)) continue;
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

  /** The watched directories that show `inode`, or under which the kernel holds it, and by which name. */
  #seenNames(inode: Inode, key: string): (readonly [Inode, string])[] {
    const { inodes } = this.#parts;
    const names = namesOf(inode).filter(([parent]) => inodes.finds(parent) && this.#isSeen(parent.ino));
    for (const [parent, { name }] of this.#linesOf(key)) {
      if (!names.some(([other, known]) => other === parent && known === name)) names.push([parent, name]);
    }
    return names;
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
    // What is created is there for whoever looks at it on being told.
    if (after !== undefined && await this.#current(after) === undefined) {
      if (before !== undefined && await this.#isGone(after)) await this.#announceGone(stage, parent, before);
    } else if (before === undefined && after !== undefined) {
      const at = { parent: parent.nodeid, name: after.name };
      const { directory } = after;
      await this.#perform(stage, parent, after, () => ({ tag: "created", at, directory }));
    } else if (before !== undefined && after !== undefined) {
      await this.#announceMoved(stage, parent, before, after);
    } else if (before !== undefined) {
      await this.#announceGone(stage, parent, before);
    }
  }

  async #announceMoved(stage: Stage, parent: Inode, before: Place, after: Place): Promise<void> {
    const { filesystem, inodes } = this.#parts;
    const at = { parent: parent.nodeid, name: before.name };
    const to = { parent: parent.nodeid, name: after.name };
    const old = () => filesystem.former(parent, before);
    const moved = await this.#perform(stage, parent, after, () => ({ tag: "moved", at, to, old }));
    if (moved) inodes.dropUnused(inodes.enter(parent, after));
    inodes.unname(parent, before.name);
  }

  async #announceGone(stage: Stage, parent: Inode, before: Place): Promise<void> {
    const { filesystem, inodes } = this.#parts;
    const { name, directory } = before;
    const at = { parent: parent.nodeid, name };
    // The kernel finds nothing any more in the directory that it takes away.
    const old = () => directory ? filesystem.departed(parent, before) : filesystem.former(parent, before);
    await this.#perform(stage, parent, undefined, () => ({ tag: "deleted", at, directory, old }));
    if (!directory) inodes.unname(parent, name);
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
    for (const [old, fresh] of differences(before, now)) await this.#announceLine(stage, parent, old, fresh);
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

  /** True where the upstream says that `place` is not there. */
  async #isGone({ parent, name, key }: Place): Promise<boolean> {
    if (parent === undefined) return false;
    const found = await this.#parts.namespace.find(parent, name, this.#abort.signal);
    return found?.place.key !== key;
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

/** Lines that are gone, have another name, or are new, in an order in which the name that one takes is free. */
function differences(
  before: Directory,
  now: Directory,
): (readonly [Place | undefined, Place | undefined])[] {
  const moves = [...before.listing.places()].map((old) => [old, now.holding(old.key)] as const)
    .filter(([old, kept]) => kept?.name !== old.name);
  const fresh = [...now.listing.places()].filter(({ key }) => before.holding(key) === undefined);
  return [...inOrder(moves), ...fresh.map((place) => [undefined, place] as const)];
}

/** Each of `moves` after the one that takes away what has its new name; of a circle, as they come. */
function inOrder<Move extends readonly [Place, Place | undefined]>(moves: readonly Move[]): Move[] {
  const byName = new Map(moves.map((move) => [move[0].name, move]));
  const ordered = new Set<Move>();
  for (const move of moves) {
    const chain = new Set<Move>();
    for (let at: Move | undefined = move; at !== undefined && !chain.has(at) && !ordered.has(at);) {
      chain.add(at);
      at = at[1] && byName.get(at[1].name);
    }
    for (const each of [...chain].toReversed()) ordered.add(each);
  }
  return [...ordered];
}

/** The directories and names by which the kernel may hold `inode`. */
function namesOf({ parent, place, aliases }: Inode): (readonly [Inode, string])[] {
  const others = [...aliases?.values() ?? []].map((alias) => [alias.parent, alias.place.name] as const);
  return parent === undefined || place === undefined ? others : [[parent, place.name], ...others];
}
