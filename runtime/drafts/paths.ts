/**
 * Staging by path, for the command line: whole files, new ones, removals.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { Mutation } from "../provider/mod.ts";
import type { Draft } from "./draft.ts";
import { Lanes } from "./lanes.ts";
import { type LiveTree, missing } from "./live.ts";
import { mutationOf } from "./mutation.ts";
import { Rebase, type Rebased } from "./rebase.ts";
import { type Folder, type LiveEntry, pathOf, type StagedCreate } from "./staged.ts";

/** What staging by path stands on. */
export interface PathParts {
  /** The live tree. */
  readonly live: LiveTree;
  /** Rejects what the draft may not hold; see {@linkcode Drafts.check}. */
  readonly check: (mount: string, mutation: Mutation, signal?: AbortSignal) => Promise<void>;
  /** Hears what was staged. */
  readonly staged: (draft: Draft, path: string) => void;
}

/** Stages by path. Paths are those below the mount, with a leading slash; the mark of a view may be left out. */
export class PathStaging {
  readonly #parts: PathParts;
  /** Two new files may need the same new directory, which one of them makes. */
  readonly #lanes = new Lanes();

  /** Over the tree of `parts`. */
  constructor(parts: PathParts) {
    this.#parts = parts;
  }

  /**
   * Stages a whole file: other bytes for a live one, or a new one where its directory takes them. The directories of a
   * new one are made.
   *
   * @throws {OmnifsError} `denied`, `invalid`, `read-only` where the provider takes no such change
   */
  async write(
    draft: Draft,
    mount: string,
    given: string,
    content: Uint8Array,
    signal?: AbortSignal,
  ): Promise<void> {
    const path = await this.#parts.live.spelled(mount, given, signal).catch(missing) ?? given;
    const place = await this.#parts.live.at(mount, path, false, signal).catch(missing);
    const made = madeAt(draft, path, place?.entry);
    if (made?.directory ?? place?.entry?.directory) {
      throw new OmnifsError("is-a-directory", `/${mount}${path} is a directory`, { path });
    }
    if (made !== undefined) await this.#writeMade(draft, mount, made, content, signal);
    else if (place?.entry === undefined) await this.#writeNew(draft, mount, path, content, signal);
    else if (!place.writable) throw readOnly(mount, path);
    else await this.#writeLive(draft, mount, place.entry, place.bytes ?? new Uint8Array(), content, signal);
    this.#parts.staged(draft, `/${mount}${path}`);
  }

  /** Marks a live entry as one that is to go. @throws {OmnifsError} `not-found`, `invalid` */
  async remove(draft: Draft, mount: string, given: string, signal?: AbortSignal): Promise<void> {
    const { live, check, staged } = this.#parts;
    const path = await live.spelled(mount, given, signal);
    const { entry, bytes } = await live.at(mount, path, false, signal);
    if (entry === undefined) throw new OmnifsError("not-found", `there is no /${mount}${path}`, { path });
    const { parent, name, id, version } = entry;
    await check(mount, { tag: "remove", parent, name, node: id, baseVersion: version }, signal);
    const files = entry.directory ? await live.below(mount, path, signal) : [];
    await draft.remove(mount, entry, bytes, files);
    staged(draft, `/${mount}${path}`);
  }

  /** Takes what is staged at or below `path` out of a draft. @throws {OmnifsError} `not-found` */
  async unstage(draft: Draft, given: string): Promise<void> {
    // What the upstream does not tell is taken as it was said: to unstage takes no upstream.
    const path = await this.#parts.live.spelled(draft.mount ?? "", given).catch(() => given);
    const held = draft.overlay.all().filter((staged) =>
      pathOf(staged) === path || pathOf(staged).startsWith(`${path}/`)
    );
    if (held.length === 0) {
      throw new OmnifsError("not-found", `nothing is staged at /${draft.mount ?? ""}${path}`, {
        path,
        mend: `omnifs draft show ${draft.name}`,
      });
    }
    for (const { key } of held) await draft.unstage(key);
  }

  /** Takes the upstream's state of now as what everything is staged on, and keeps what is staged; see {@linkcode Rebase}. */
  async rebase(draft: Draft, signal?: AbortSignal): Promise<Rebased[]> {
    const { mount } = draft;
    if (mount === undefined) return [];
    const { live } = this.#parts;
    const rebase = new Rebase({
      draft,
      mount,
      live,
      over: (entry, bytes, content) => this.#writeLive(draft, mount, entry, bytes, content, signal),
      signal,
    });
    return await rebase.all();
  }

  /** A new file of the draft gets other bytes, also where the upstream has one of that name by now. */
  async #writeMade(
    draft: Draft,
    mount: string,
    made: StagedCreate,
    content: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const part = { ...made, kind: "create", content, scratch: false } as const;
    const change = mutationOf(part, draft.overlay);
    if (change !== undefined) await this.#parts.check(mount, change, signal);
    await draft.replace(made.key, content);
    await adopt(draft, made);
  }

  async #writeLive(
    draft: Draft,
    mount: string,
    entry: LiveEntry,
    bytes: Uint8Array,
    content: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const known = draft.overlay.write(entry.id);
    const { base = bytes, live: { version } = entry } = known ?? {};
    const change = { tag: "write" as const, file: entry.id, baseVersion: version, base, content };
    await this.#parts.check(mount, change, signal);
    if (known === undefined) draft.checkRoom(mount, content.length);
    await draft.write(mount, entry, bytes);
    const staged = draft.overlay.write(entry.id);
    if (staged === undefined) return;
    await orTakenBack(draft, known ? [] : [staged.key], () => draft.replace(staged.key, content));
  }

  async #writeNew(
    draft: Draft,
    mount: string,
    path: string,
    content: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { id: parent, path: above } = await this.#liveAbove(mount, path, signal);
    const names = path.slice(above.length + 1).split("/");
    await this.#parts.check(mount, { tag: "create", parent, name: names.join("/"), content }, signal);
    const top = { folder: { made: false, id: parent } as const, path: above };
    await this.#lanes.run(draft.name, async () => {
      const made: string[] = [];
      await orTakenBack(draft, made, () => make(draft, mount, { ...top, made }, names, content));
    });
  }

  /** The live directory above `path` in which something new begins. @throws {OmnifsError} `read-only` */
  async #liveAbove(mount: string, path: string, signal: AbortSignal | undefined): Promise<LiveEntry> {
    for (let above = parentOf(path); above !== ""; above = parentOf(above)) {
      const place = await this.#parts.live.at(mount, above, false, signal).catch(missing);
      if (place?.entry === undefined) continue;
      if (place.entry.directory && place.writable) return place.entry;
      break;
    }
    throw readOnly(mount, path);
  }
}

/**
 * Does `work`; where that fails, what it has staged as `keys` is taken back, so that what is refused is not staged, no
 * part of it, and for no reason.
 */
async function orTakenBack(draft: Draft, keys: readonly string[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    // Where not even that is taken, the journal is the reason, and is told of.
    for (const key of keys.toReversed()) await draft.unstage(key).catch(() => {});
    throw error;
  }
}

/** Where files are made: in which directory, at which path, and the keys of what was made there. */
interface Site {
  readonly folder: Folder;
  readonly path: string;
  readonly made: string[];
}

/** Makes the file that `names` lead to below `site`, with the directories above it that are not there. */
async function make(
  draft: Draft,
  mount: string,
  site: Site,
  names: readonly string[],
  content: Uint8Array,
): Promise<void> {
  draft.checkRoom(mount, content.length);
  let { folder, path } = site;
  for (const [index, name] of names.entries()) {
    path = `${path}/${name}`;
    const directory = index < names.length - 1;
    const known = draft.overlay.child(folder, name);
    const bytes = directory ? undefined : content;
    const held: StagedCreate = known ??
      await draft.create(mount, { folder, name, path, directory, scratch: false }, bytes);
    if (known === undefined) site.made.push(held.key);
    if (held.directory !== directory) {
      const kind = directory ? "not-a-directory" : "is-a-directory";
      throw new OmnifsError(kind, `/${mount}${path} is ${directory ? "no" : "a"} directory`, { path });
    }
    if (held.scratch) await adopt(draft, held);
    if (!directory && known !== undefined) await draft.replace(held.key, content);
    folder = { made: true, id: held.id };
  }
}

/** What is staged by its path is meant, whatever its name and those of its directories look like. */
async function adopt(draft: Draft, made: StagedCreate): Promise<void> {
  const above = made.folder.made ? draft.overlay.made(made.folder.id) : undefined;
  if (above !== undefined) await adopt(draft, above);
  const { folder, name, path } = made;
  if (made.scratch) await draft.move(made.key, { folder, name, path, scratch: false });
}

/** What the draft makes at `path`, where the live tree has `entry` or nothing. */
function madeAt({ overlay }: Draft, path: string, entry: LiveEntry | undefined): StagedCreate | undefined {
  const beside = entry && overlay.child({ made: false, id: entry.parent }, entry.name);
  if (beside !== undefined) return beside;
  const found = overlay.all().find((staged) => staged.kind === "create" && staged.path === path);
  return found?.kind === "create" ? found : undefined;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function readOnly(mount: string, path: string): OmnifsError {
  return new OmnifsError("read-only", `/${mount}${path} takes no changes`, {
    path: `/${mount}${path}`,
    mend: "omnifs ls --output json tells what is writable",
  });
}
