/**
 * What the kernel is told of a change: exactly of what it may hold, and after the cache has changed.
 *
 * Notes are taken in the middle of a change; the kernel hears of them when the change is done, in pieces, so that
 * requests are answered in between.
 *
 * @module
 */
import type { Notifier } from "../../fuse/mod.ts";
import type { Clock } from "../base/clock.ts";
import type { Inode, InodeTable } from "../tree/inodes.ts";
import type { Place } from "../tree/place.ts";
import { moveOn } from "./attributes.ts";
import type { Hearer } from "./knowledge.ts";

/** What the kernel can be told. It is not waited for in a request: the kernel may need an answer of ours first. */
export type KernelNotifier = Pick<Notifier, "invalidateInode" | "invalidateEntry" | "expireEntry" | "delete">;

/** Notifications that are on their way at once; requests are answered between two such pieces. */
const PIECE = 32;

/** What is to be told of names in one directory inode: whether each leads nowhere any more. */
type Names = Map<string, boolean>;

/** Collects what changed, and tells the kernel. */
export class Notices implements Hearer {
  readonly #inodes: InodeTable;
  readonly #clock: Clock;
  readonly #kernel: () => KernelNotifier | undefined;
  #states = new Set<Inode>();
  #names = new Map<Inode, Names>();
  #told: PromiseWithResolvers<number> | undefined;

  /** Of what `inodes` holds; there is a kernel once `kernel` answers one. */
  constructor(inodes: InodeTable, clock: Clock, kernel: () => KernelNotifier | undefined) {
    this.#inodes = inodes;
    this.#clock = clock;
    this.#kernel = kernel;
  }

  /** See {@linkcode Hearer}. */
  state(key: string): void {
    for (const inode of this.#inodes.identities(key)) this.#state(inode);
  }

  /** See {@linkcode Hearer}. */
  lines(key: string): void {
    for (const inode of this.#inodes.identities(key)) this.#lines(inode);
  }

  /** See {@linkcode Hearer}. */
  names(key: string): void {
    for (const inode of this.#inodes.identities(key)) this.#allNames(inode);
  }

  /** See {@linkcode Hearer}. */
  name(key: string, name: string, gone: boolean): void {
    for (const inode of this.#inodes.identities(key)) this.#name(inode, name, gone);
  }

  /** See {@linkcode Hearer}. */
  child(key: string, child: string, name: string | undefined): void {
    if (name !== undefined) this.#newName(key, child, name);
    for (const inode of this.#inodes.identities(child)) {
      for (const [parent, at] of namesOf(inode)) {
        if (parent.place?.key !== key || at.name === name) continue;
        this.#name(parent, at.name, name === undefined);
        // Whoever asks for it again does so by the name that it has now.
        if (name !== undefined && at === inode.place) inode.place = { ...at, name };
      }
    }
  }

  /** See {@linkcode Hearer}. */
  all(key: string): void {
    for (const inode of this.#inodes.identities(key)) this.inode(inode);
  }

  /** Everything that the kernel keeps under `watch`, although the cache may keep nothing of it. */
  guarded(watch: string): void {
    for (const inode of this.#inodes.guardedBy(watch)) this.inode(inode);
  }

  /** Everything that the kernel keeps of `inode`. */
  inode(inode: Inode): void {
    this.#inodes.guard(inode, undefined);
    this.#state(inode);
    if (inode.place?.directory) this.#lines(inode);
    this.#allNames(inode);
    // The root of a provider's tree does not move: its name is the mount's.
    if (inode.parent === undefined || inode.place?.parent === undefined) return;
    for (const [parent, { name }] of namesOf(inode)) this.#name(parent, name, false);
  }

  /** Tells the kernel now what was noted so far. Resolves, to how many notifications that were; never rejects. */
  flush(): Promise<number> {
    const [states, names] = [this.#states, this.#names];
    this.#states = new Set();
    this.#names = new Map();
    const told = this.#told;
    this.#told = undefined;
    const telling = this.#tell(states, names);
    telling.then((count) => told?.resolve(count));
    return telling;
  }

  /** What the kernel holds under the new name of a child: that there is none, or another one. */
  #newName(key: string, child: string, name: string): void {
    for (const parent of this.#inodes.identities(key)) {
      if (parent.children?.get(name)?.place?.key !== child) this.#name(parent, name, false);
    }
  }

  #state(inode: Inode): void {
    this.#states.add(inode);
    this.#soon();
  }

  #lines(inode: Inode): void {
    // Those that arrive late are then dropped.
    moveOn(inode, this.#clock.now());
    this.#state(inode);
  }

  #allNames(inode: Inode): void {
    for (const name of [...inode.children?.keys() ?? [], ...inode.absent ?? []]) {
      this.#name(inode, name, false);
    }
  }

  #name(parent: Inode, name: string, gone: boolean): void {
    if (!parent.children?.has(name) && !parent.absent?.has(name)) return;
    const names = this.#names.get(parent) ?? new Map<string, boolean>();
    names.set(name, names.get(name) || gone);
    this.#names.set(parent, names);
    this.#soon();
  }

  #soon(): void {
    if (this.#told !== undefined) return;
    this.#told = Promise.withResolvers();
    queueMicrotask(() => {
      if (this.#told !== undefined) this.flush();
    });
  }

  async #tell(states: ReadonlySet<Inode>, names: ReadonlyMap<Inode, Names>): Promise<number> {
    const kernel = this.#kernel();
    if (kernel === undefined) return 0;
    const calls = [
      ...this.#nameCalls(kernel, names),
      ...[...states].map((inode) => () => this.#tellState(kernel, inode)),
    ];
    for (let from = 0; from < calls.length; from += PIECE) {
      await Promise.all(calls.slice(from, from + PIECE).map((call) => call()));
    }
    return calls.length;
  }

  /** What is told of names; from here on the table no longer holds that the kernel knows them. */
  *#nameCalls(kernel: KernelNotifier, names: ReadonlyMap<Inode, Names>): Generator<() => Promise<boolean>> {
    for (const [parent, each] of names) {
      for (const [name, gone] of each) {
        const child = parent.children?.get(name);
        parent.absent?.delete(name);
        if (child === undefined) yield () => kernel.invalidateEntry(parent.nodeid, name);
        else yield this.#nameCall(kernel, parent, child, name, gone);
      }
    }
  }

  #nameCall(
    kernel: KernelNotifier,
    parent: Inode,
    child: Inode,
    name: string,
    gone: boolean,
  ): () => Promise<boolean> {
    // Expired rather than dropped: whoever stands in that directory stays there, and it is looked up again.
    if (!gone) return () => kernel.expireEntry(parent.nodeid, name);
    const only = (child.aliases?.size ?? 0) === 0;
    this.#inodes.unname(parent, name);
    if (child.place?.directory) this.#inodes.bury(child);
    // A file that has other names is not deleted.
    if (only) return () => kernel.delete(parent.nodeid, child.nodeid, name);
    return () => kernel.invalidateEntry(parent.nodeid, name);
  }

  /**
   * The kernel may not know `inode` yet, although it was given it: the answer is on its way to whoever asked. A
   * notification about the name waits for them, so the one about the inode is sent again after it.
   */
  async #tellState(kernel: KernelNotifier, inode: Inode): Promise<boolean> {
    if (await kernel.invalidateInode(inode.nodeid)) return true;
    const { parent, place } = inode;
    if (inode.lookups.value === 0 || parent === undefined || place === undefined) return false;
    await kernel.expireEntry(parent.nodeid, place.name);
    return await kernel.invalidateInode(inode.nodeid);
  }
}

/** The directories and places by which the kernel may hold `inode`. */
function namesOf({ parent, place, aliases }: Inode): (readonly [Inode, Place])[] {
  const others = [...aliases?.values() ?? []].map((alias) => [alias.parent, alias.place] as const);
  return parent === undefined || place === undefined ? others : [[parent, place], ...others];
}
