/**
 * Writes into the shadow tree: what a shell or an editor does becomes what a draft holds.
 *
 * @module
 */
import { type AttributeChange, ERRNO, type Errno, RENAME } from "../../../fuse/mod.ts";
import { OmnifsError } from "../../base/errors.ts";
import { nameFault } from "../../base/path.ts";
import {
  type Draft,
  type Drafts,
  isScratch,
  type MadeAt,
  type Mutation,
  type StagedCreate,
  type StagedWrite,
} from "../../drafts/mod.ts";
import { GUIDE_ID } from "../guided.ts";
import { Asides } from "./asides.ts";
import type { Ground, LiveShadow } from "./ground.ts";
import type { DraftShadow, Shadow } from "./nodes.ts";

/** A name in a directory of a draft. */
export interface ShadowTarget {
  /** The directory. */
  readonly parent: DraftShadow;
  /** The name. */
  readonly name: string;
}

/** Stages what is done to the shadow tree. Every method answers an errno, or rejects with an `OmnifsError`. */
export class Staging {
  readonly #drafts: Drafts;
  readonly #ground: Ground;
  /** What a truncation removed, until the write after it is accepted. */
  readonly #truncated = new WeakMap<Draft, Map<string, Uint8Array>>();
  readonly #asides = new Asides();

  /** Stages into `drafts`, over `ground`. */
  constructor(drafts: Drafts, ground: Ground) {
    this.#drafts = drafts;
    this.#ground = ground;
  }

  /** Sets a file's length. */
  async resize(shadow: DraftShadow, { size }: AttributeChange, signal?: AbortSignal): Promise<Errno> {
    // Owner, mode and times are the upstream's: a tool that sets them is told that it did.
    if (size === undefined) return 0;
    const file = await this.#file(shadow, signal);
    if (typeof file === "number") return file;
    const { draft, held } = file;
    if (size < held.content.length) this.#truncatedOf(draft).set(held.key, held.content);
    await draft.resize(held.key, size);
    return 0;
  }

  /** Writes into a file. What the provider rules out is refused, and what a truncation removed is put back. */
  async write(shadow: DraftShadow, offset: number, data: Uint8Array, signal?: AbortSignal): Promise<Errno> {
    const file = await this.#file(shadow, signal);
    if (typeof file === "number") return file;
    const { draft, held } = file;
    const truncated = this.#truncatedOf(draft);
    const earlier = truncated.get(held.key);
    const was = held.content;
    truncated.delete(held.key);
    await draft.put(held.key, offset, data);
    try {
      await this.#check(draft, shadow, signal);
    } catch (error) {
      await draft.replace(held.key, earlier ?? was);
      throw error;
    }
    return 0;
  }

  /** Makes a file, or a directory. */
  async make(target: ShadowTarget, directory: boolean, signal?: AbortSignal): Promise<DraftShadow | Errno> {
    const made = await this.#make(target, directory, signal);
    if (typeof made !== "number" && !directory) await this.#refilled(target);
    return made;
  }

  async #make(
    { parent, name }: ShadowTarget,
    directory: boolean,
    signal: AbortSignal | undefined,
  ): Promise<DraftShadow | Errno> {
    const mount = this.#ground.mountOf(parent);
    this.#drafts.authorize(mount);
    const draft = this.#ground.draft(parent.draft);
    if (isForeign(draft, mount)) return ERRNO.EXDEV;
    if (nameFault(name) !== undefined) return ERRNO.EINVAL;
    if (await this.#ground.child(parent, name, signal) !== undefined) return ERRNO.EEXIST;
    const again = await this.#again(draft, { parent, name }, directory);
    if (again !== undefined) return again;
    const scratch = await this.#scratch({ parent, name }, signal);
    if (scratch === undefined) return ERRNO.EPERM;
    const { id } = await draft.create(mount, { ...this.#at({ parent, name }), directory, scratch });
    return { kind: "made", draft: draft.name, id };
  }

  /** Takes a file away, or an empty directory. */
  async remove({ parent, name }: ShadowTarget, directory: boolean, signal?: AbortSignal): Promise<Errno> {
    const mount = this.#ground.mountOf(parent);
    this.#drafts.authorize(mount);
    const draft = this.#ground.draft(parent.draft);
    if (isForeign(draft, mount)) return ERRNO.EXDEV;
    const shadow = await this.#ground.child(parent, name, signal);
    if (shadow === undefined) return ERRNO.ENOENT;
    const state = await this.#ground.state(shadow, signal);
    if (state.directory !== directory) return directory ? ERRNO.ENOTDIR : ERRNO.EISDIR;
    if (directory && await this.#holdsSomething(shadow, signal)) return ERRNO.ENOTEMPTY;
    if (shadow.kind === "made") {
      await draft.unstage(this.#made(shadow).key);
      return 0;
    }
    return shadow.kind === "live" ? await this.#removeLive(draft, shadow, signal) : ERRNO.EPERM;
  }

  /** Gives a file another name, as editors do with what they have written. */
  async rename(from: ShadowTarget, to: ShadowTarget, flags: number, signal?: AbortSignal): Promise<Errno> {
    if (from.parent.draft !== to.parent.draft) return ERRNO.EXDEV;
    const mount = this.#ground.mountOf(from.parent);
    if (mount !== this.#ground.mountOf(to.parent)) return ERRNO.EXDEV;
    this.#drafts.authorize(mount);
    const draft = this.#ground.draft(from.parent.draft);
    if (isForeign(draft, mount)) return ERRNO.EXDEV;
    if ((flags & RENAME.EXCHANGE) !== 0 || nameFault(to.name) !== undefined) return ERRNO.EINVAL;
    const source = await this.#ground.child(from.parent, from.name, signal);
    if (source === undefined) return ERRNO.ENOENT;
    const target = await this.#ground.child(to.parent, to.name, signal);
    if (target !== undefined && (flags & RENAME.NOREPLACE) !== 0) return ERRNO.EEXIST;
    if (source.kind === "made") {
      const errno = await this.#renameMade(draft, this.#made(source), to, target, signal);
      if (errno === 0) await this.#refilled(to);
      return errno;
    }
    if (source.kind !== "live" || source.place.directory || source.place.id === GUIDE_ID) return ERRNO.EPERM;
    const takes = await this.#takes(to.parent, signal);
    const goes = await this.#takes(from.parent, signal);
    const both = takes && goes;
    if (isScratch(to.name, !takes) && !this.#isLiveName(draft, to, target)) {
      // What can go for good is not put where no draft keeps it; a backup is beside its file.
      if (goes && !takes) return ERRNO.EPERM;
      return await this.#backUp(draft, source, to, target, both, signal);
    }
    const { writable } = await this.#ground.live(source, signal);
    if (!both || !writable) return ERRNO.EPERM;
    return await this.#renameLive(draft, source, to, target, signal);
  }

  #truncatedOf(draft: Draft): Map<string, Uint8Array> {
    const known = this.#truncated.get(draft) ?? new Map<string, Uint8Array>();
    this.#truncated.set(draft, known);
    return known;
  }

  /** What a file's bytes are staged in: begun where nothing was. */
  async #file(
    shadow: DraftShadow,
    signal: AbortSignal | undefined,
  ): Promise<{ draft: Draft; held: StagedWrite | StagedCreate } | Errno> {
    const mount = this.#ground.mountOf(shadow);
    this.#drafts.authorize(mount);
    const draft = this.#ground.draft(shadow.draft);
    if (isForeign(draft, mount)) return ERRNO.EXDEV;
    if (shadow.kind === "made") {
      const held = this.#made(shadow);
      return held.directory ? ERRNO.EISDIR : { draft, held };
    }
    if (shadow.kind !== "live") return ERRNO.EISDIR;
    const entry = await this.#ground.entry(shadow, signal);
    if (entry.directory) return ERRNO.EISDIR;
    const known = draft.overlay.write(entry.id);
    if (known !== undefined) return { draft, held: known };
    const { writable } = await this.#ground.live(shadow, signal);
    if (!writable) return ERRNO.EPERM;
    await draft.write(mount, entry, await this.#ground.whole(shadow, signal));
    const held = draft.overlay.write(entry.id);
    return held === undefined ? ERRNO.EIO : { draft, held };
  }

  /** Asks the provider about the file as it is now; scratch is nobody's business. */
  async #check(draft: Draft, shadow: DraftShadow, signal: AbortSignal | undefined): Promise<void> {
    const mutation = this.#mutation(draft, shadow);
    if (mutation !== undefined) await this.#drafts.check(this.#ground.mountOf(shadow), mutation, signal);
  }

  #mutation(draft: Draft, shadow: DraftShadow): Mutation | undefined {
    const key = shadow.kind === "made"
      ? this.#made(shadow).key
      : shadow.kind === "live"
      ? draft.overlay.write(shadow.place.id)?.key
      : undefined;
    return draft.changes.find(({ staged }) => staged.key === key)?.mutation;
  }

  /** A live file that was to go and is made again: it is written. Tools replace files in that way. */
  async #again(
    draft: Draft,
    { parent, name }: ShadowTarget,
    directory: boolean,
  ): Promise<DraftShadow | Errno | undefined> {
    if (parent.kind !== "live") return undefined;
    const removal = draft.overlay.removal(parent.place.id, name);
    if (removal?.base === undefined) return undefined;
    if (directory) return ERRNO.EPERM;
    await draft.write(parent.place.mount, removal.live, removal.base);
    const { id } = removal.live;
    await draft.resize(draft.overlay.write(id)?.key ?? "", 0);
    return this.#ground.over(parent, name, id, false);
  }

  /** Whether what is made there is scratch; undefined where nothing can be made. */
  async #scratch(
    { parent, name }: ShadowTarget,
    signal: AbortSignal | undefined,
  ): Promise<boolean | undefined> {
    if (isScratch(name, false)) return true;
    if (parent.kind === "made") return this.#made(parent).scratch;
    if (parent.kind !== "live") return undefined;
    if ((await this.#ground.live(parent, signal)).writable) return false;
    return isScratch(name, true) ? true : undefined;
  }

  async #removeLive(draft: Draft, shadow: LiveShadow, signal: AbortSignal | undefined): Promise<Errno> {
    const { mount, directory } = shadow.place;
    if (directory) {
      await this.#drafts.paths.remove(draft, mount, shadow.path, signal);
      return 0;
    }
    const entry = await this.#ground.entry(shadow, signal);
    const { writable } = await this.#ground.live(shadow, signal);
    // A tool that replaces a file may make it again, but nobody can make what nobody can write.
    await draft.remove(mount, entry, writable ? await this.#ground.whole(shadow, signal) : undefined);
    return 0;
  }

  async #holdsSomething(shadow: DraftShadow, signal: AbortSignal | undefined): Promise<boolean> {
    const below = await this.#ground.below(shadow, 0, signal);
    return this.#ground.lines(shadow, below, 0).next().done === false;
  }

  async #renameMade(
    draft: Draft,
    made: StagedCreate,
    to: ShadowTarget,
    target: Shadow | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Errno> {
    const over = target?.kind === "live" ? target : undefined;
    const gone = over === undefined ? await this.#again(draft, to, made.directory) : undefined;
    if (typeof gone === "number") return gone;
    const file = over ?? gone;
    if (file !== undefined) {
      if (made.directory) return ERRNO.EPERM;
      return await this.#overwrite(draft, file, made.content, signal, () => draft.unstage(made.key));
    }
    const scratch = await this.#scratch(to, signal);
    if (scratch === undefined) return ERRNO.EPERM;
    if (target?.kind === "made") {
      const replaced = this.#made(target);
      if (replaced.directory !== made.directory) return made.directory ? ERRNO.ENOTDIR : ERRNO.EISDIR;
      if (await this.#holdsSomething(target, signal)) return ERRNO.ENOTEMPTY;
      await draft.unstage(replaced.key);
    }
    // A name of an editor's takes nothing out of the draft as long as nothing else is under the old one.
    const stays = scratch && !made.scratch && !made.directory && await this.#takes(to.parent, signal);
    const from = { folder: made.folder, name: made.name };
    await draft.move(made.key, { ...this.#at(to), scratch: scratch && !stays });
    this.#asides.forget(draft, made.key);
    if (stays) this.#asides.set(draft, from, made.key);
    return 0;
  }

  /** Where `target` is, for what is staged there. */
  #at({ parent, name }: ShadowTarget): MadeAt {
    return { folder: this.#ground.folder(parent), name, path: this.#ground.pathIn(parent, name) };
  }

  /** Something is at `target` again: what was moved away from there under a name of an editor's was a backup. */
  async #refilled({ parent, name }: ShadowTarget): Promise<void> {
    const draft = this.#ground.draft(parent.draft);
    const key = this.#asides.take(draft, { folder: this.#ground.folder(parent), name });
    const aside = key === undefined ? undefined : draft.overlay.get(key);
    if (aside?.kind !== "create" || aside.scratch) return;
    await draft.move(aside.key, { folder: aside.folder, name: aside.name, path: aside.path, scratch: true });
  }

  /** True for a name that the upstream has: it is no editor's. */
  #isLiveName(draft: Draft, { parent, name }: ShadowTarget, target: Shadow | undefined): boolean {
    if (target !== undefined) return target.kind === "live";
    return parent.kind === "live" && draft.overlay.removal(parent.place.id, name)?.base !== undefined;
  }

  /** True where the provider lets a draft make something in a directory. */
  async #takes(parent: DraftShadow, signal: AbortSignal | undefined): Promise<boolean> {
    if (parent.kind === "made") return !this.#made(parent).scratch;
    return parent.kind === "live" && (await this.#ground.live(parent, signal)).writable;
  }

  /** A live file gets another name where files come and go: it is made there, and is to go here. */
  async #renameLive(
    draft: Draft,
    source: LiveShadow,
    to: ShadowTarget,
    target: Shadow | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Errno> {
    const { size } = await this.#ground.state(source, signal);
    const content = await this.#ground.read(source, 0, size, signal);
    let over = target;
    if (over === undefined) {
      const made = await this.#make(to, false, signal);
      if (typeof made === "number") return made;
      over = made;
    }
    if (over.kind !== "live" && over.kind !== "made") return ERRNO.EPERM;
    const made = target === undefined && over.kind === "made" ? this.#made(over).key : undefined;
    try {
      const errno = await this.#overwrite(draft, over, content, signal, () => Promise.resolve());
      return errno === 0 ? await this.#removeLive(draft, source, signal) : errno;
    } catch (error) {
      if (made !== undefined) await draft.unstage(made);
      throw error;
    }
  }

  /**
   * A live file moved away under a name of an editor's: the file itself is to go. Where files come and go (`both`) that is
   * a rename until something is under the old name again: what moved would be lost if it were in no draft.
   */
  async #backUp(
    draft: Draft,
    source: LiveShadow,
    to: ShadowTarget,
    target: Shadow | undefined,
    both: boolean,
    signal: AbortSignal | undefined,
  ): Promise<Errno> {
    const { size } = await this.#ground.state(source, signal);
    const content = await this.#ground.read(source, 0, size, signal);
    if (target?.kind === "made") await draft.unstage(this.#made(target).key);
    const where = { ...this.#at(to), directory: false, scratch: !both };
    const { key } = await draft.create(source.place.mount, where, content);
    const { parent, name } = source.place;
    if (both) this.#asides.set(draft, { folder: { made: false, id: parent?.id ?? "" }, name }, key);
    return await this.#removeLive(draft, source, signal);
  }

  /** Replaces a file's bytes by `content`, then does `after`. What the provider rules out changes nothing. */
  async #overwrite(
    draft: Draft,
    shadow: DraftShadow,
    content: Uint8Array,
    signal: AbortSignal | undefined,
    after: () => Promise<void>,
  ): Promise<Errno> {
    const file = await this.#file(shadow, signal);
    if (typeof file === "number") return file;
    const { key, content: was } = file.held;
    await draft.replace(key, content);
    try {
      await this.#check(draft, shadow, signal);
    } catch (error) {
      await draft.replace(key, was);
      throw error;
    }
    await after();
    return 0;
  }

  #made({ draft, id }: Shadow & { readonly kind: "made" }): StagedCreate {
    const made = this.#ground.draft(draft).overlay.made(id);
    if (made !== undefined) return made;
    throw new OmnifsError("not-found", `the draft ${draft} no longer holds it`);
  }
}

/** One draft belongs to one provider. */
function isForeign(draft: Draft, mount: string): boolean {
  return draft.mount !== undefined && draft.mount !== mount;
}
