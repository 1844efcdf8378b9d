/**
 * What is staged, as a tree over the live one. Synchronous: a read of the shadow tree waits for nothing of this.
 *
 * @module
 */
import { decoded, type DraftRecord } from "./records.ts";
import {
  byPath,
  createKey,
  type Folder,
  folderKey,
  patched,
  pathOf,
  removeKey,
  resized,
  type Staged,
  type StagedCreate,
  type StagedRemove,
  type StagedWrite,
  writeKey,
} from "./staged.ts";

/** What one directory has beside its live children: keys by name, and how often that changed. */
interface Overlaid {
  readonly created: Map<string, string>;
  revision: number;
  changed: number | undefined;
}

const UNTOUCHED = { revision: 0, changed: undefined };

/** The staged pieces of one draft. */
export class Overlay {
  readonly #writes = new Map<string, StagedWrite>();
  readonly #creates = new Map<string, StagedCreate>();
  readonly #removes = new Map<string, StagedRemove>();
  readonly #folders = new Map<string, Overlaid>();
  #bytes = 0;
  #nextId = 1;

  /** How many pieces there are, scratch not counted. */
  get size(): number {
    const made = [...this.#creates.values()].filter(({ scratch }) => !scratch).length;
    return this.#writes.size + made + this.#removes.size;
  }

  /** How many pieces there are, scratch and directories too. */
  get pieces(): number {
    return this.#writes.size + this.#creates.size + this.#removes.size;
  }

  /** Bytes of what is staged, without the bases. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A number for something that the draft makes, and for nothing else ever. */
  takeId(): number {
    return this.#nextId++;
  }

  /** The staged bytes of the live file `id`. */
  write(id: string): StagedWrite | undefined {
    return this.#writes.get(writeKey(id));
  }

  /** What the draft made as `id`. */
  made(id: number): StagedCreate | undefined {
    return this.#creates.get(createKey(id));
  }

  /** What the draft made in `folder` as `name`. */
  child(folder: Folder, name: string): StagedCreate | undefined {
    const key = this.#folders.get(folderKey(folder))?.created.get(name);
    return key === undefined ? undefined : this.#creates.get(key);
  }

  /** Everything that the draft made in `folder`, by number: a rename changes no place. */
  children(folder: Folder): StagedCreate[] {
    const keys = this.#folders.get(folderKey(folder))?.created.values() ?? [];
    return [...keys].flatMap((key) => this.#creates.get(key) ?? []).sort((a, b) => a.id - b.id);
  }

  /**
   * How often what is staged changed which names `folder` has, and when it last did, in milliseconds since the Unix epoch
   * (undefined where it never did).
   */
  names(folder: Folder): { readonly revision: number; readonly changed: number | undefined } {
    return this.#folders.get(folderKey(folder)) ?? UNTOUCHED;
  }

  /** Everything that the draft made below its directory `id`, each directory before what is in it. */
  below(id: number): StagedCreate[] {
    return this.children({ made: true, id }).flatMap((child) => [child, ...this.below(child.id)]);
  }

  /** True where the live child `name` of the directory `parent` is to go. */
  isRemoved(parent: string, name: string): boolean {
    return this.#removes.has(removeKey(parent, name));
  }

  /** The removal of the live child `name` of the directory `parent`. */
  removal(parent: string, name: string): StagedRemove | undefined {
    return this.#removes.get(removeKey(parent, name));
  }

  /** What is known as `key`. */
  get(key: string): Staged | undefined {
    const write = this.#writes.get(key);
    if (write !== undefined) return { kind: "write", ...write };
    const create = this.#creates.get(key);
    if (create !== undefined) return { kind: "create", ...create };
    const remove = this.#removes.get(key);
    return remove === undefined ? undefined : { kind: "remove", ...remove };
  }

  /** Everything, ordered by path; scratch too. */
  all(): Staged[] {
    const staged: Staged[] = [
      ...[...this.#writes.values()].map((write) => ({ kind: "write" as const, ...write })),
      ...[...this.#creates.values()].map((create) => ({ kind: "create" as const, ...create })),
      ...[...this.#removes.values()].map((remove) => ({ kind: "remove" as const, ...remove })),
    ];
    return staged.sort((a, b) => byPath(pathOf(a), pathOf(b)));
  }

  /** Takes one record in; records that are not about what is staged change nothing. */
  apply(record: DraftRecord, time: number): void {
    switch (record.type) {
      case "write":
        return this.#write(record, time);
      case "create":
        return this.#create({ ...record, scratch: false }, time);
      case "remove":
        return this.#remove(record, time);
      case "bytes":
        return this.#put(
          record.key,
          time,
          (held) =>
            record.whole === true
              ? decoded(record.bytes)
              : patched(held, record.offset, decoded(record.bytes)),
        );
      case "resized":
        return this.#put(record.key, time, (held) => resized(held, record.size));
      case "moved":
        return this.#move(record, time);
      case "unstaged":
        return this.#unstage(record.key, time);
      case "rebased":
        return this.#rebase(record);
    }
  }

  /** Makes what an editor makes on its way: it is in the tree, and nowhere else. */
  scratch(options: Omit<DraftRecord & { type: "create" }, "type">, time: number): void {
    this.#create({ ...options, scratch: true }, time);
  }

  #write({ live, base }: DraftRecord & { type: "write" }, time: number): void {
    const key = writeKey(live.id);
    const bytes = decoded(base);
    // A file that was to go and is written again stays.
    this.#unstage(removeKey(live.parent, live.name), time);
    this.#unstage(key, time);
    this.#writes.set(key, { key, live, base: bytes, content: bytes, modified: time });
    this.#bytes += bytes.length;
  }

  #create(
    { id, folder, name, path, directory, scratch, content }:
      & Omit<DraftRecord & { type: "create" }, "type">
      & Pick<StagedCreate, "scratch">,
    time: number,
  ): void {
    const key = createKey(id);
    this.#nextId = Math.max(this.#nextId, id + 1);
    const there = this.child(folder, name)?.key;
    if (there !== undefined && there !== key) this.#unstage(there, time);
    const held = this.#creates.get(key);
    if (held !== undefined) {
      // What was scratch is part of the draft from now on, or still is not, with the bytes that it holds.
      held.scratch = scratch;
      return this.#move({ type: "moved", key, folder, name, path }, time);
    }
    const bytes = content === undefined ? new Uint8Array() : decoded(content);
    this.#creates.set(key, {
      key,
      id,
      folder,
      name,
      path,
      directory,
      scratch,
      content: bytes,
      modified: time,
    });
    this.#bytes += bytes.length;
    this.#renamed(folder, time).created.set(name, key);
  }

  #remove({ live, base, files = [] }: DraftRecord & { type: "remove" }, time: number): void {
    this.#unstage(writeKey(live.id), time);
    const key = removeKey(live.parent, live.name);
    const bytes = base === undefined ? undefined : decoded(base);
    const gone = files.map(({ path, bytes }) => ({ path, bytes: decoded(bytes) }));
    this.#removes.set(key, { key, live, base: bytes, files: gone, modified: time });
    this.#renamed({ made: false, id: live.parent }, time);
    if (live.directory) this.#forgetBelow(live.id, time);
  }

  /** A directory that goes takes with it whatever was staged for its children. */
  #forgetBelow(directory: string, time: number): void {
    for (const each of this.all()) {
      const parent = each.kind === "create" ? liveParent(each.folder) : each.live.parent;
      if (parent === directory) this.#unstage(each.key, time);
    }
  }

  #put(key: string, time: number, change: (held: Uint8Array) => Uint8Array): void {
    const held = this.#writes.get(key) ?? this.#creates.get(key);
    if (held === undefined) return;
    const content = change(held.content);
    this.#bytes += content.length - held.content.length;
    held.content = content;
    held.modified = time;
  }

  #move({ key, folder, name, path }: DraftRecord & { type: "moved" }, time: number): void {
    const held = this.#creates.get(key);
    if (held === undefined) return;
    this.#renamed(held.folder, time).created.delete(held.name);
    Object.assign(held, { folder, name, path });
    this.#renamed(folder, time).created.set(name, key);
    this.#renameBelow(held.id, path);
  }

  /** What is in a directory that moved is found elsewhere. */
  #renameBelow(directory: number, path: string): void {
    for (const child of this.children({ made: true, id: directory })) {
      child.path = `${path}/${child.name}`;
      this.#renameBelow(child.id, child.path);
    }
  }

  #rebase({ key, live, base }: DraftRecord & { type: "rebased" }): void {
    const held = this.#writes.get(key);
    if (held !== undefined) this.#writes.set(key, { ...held, live, base: decoded(base) });
  }

  #unstage(key: string, time: number): void {
    const write = this.#writes.get(key);
    const create = this.#creates.get(key);
    this.#bytes -= (write ?? create)?.content.length ?? 0;
    if (create !== undefined) {
      const { created } = this.#renamed(create.folder, time);
      if (created.get(create.name) === key) created.delete(create.name);
      for (const child of this.children({ made: true, id: create.id })) this.#unstage(child.key, time);
    }
    const remove = this.#removes.get(key);
    if (remove !== undefined) this.#renamed({ made: false, id: remove.live.parent }, time);
    for (const map of [this.#writes, this.#creates, this.#removes]) map.delete(key);
  }

  /** What `folder` has, whose names change now. */
  #renamed(folder: Folder, time: number): Overlaid {
    const key = folderKey(folder);
    const overlaid = this.#folders.get(key) ?? { created: new Map(), revision: 0, changed: undefined };
    this.#folders.set(key, overlaid);
    overlaid.revision++;
    overlaid.changed = time;
    return overlaid;
  }
}

function liveParent(folder: Folder): string | undefined {
  return folder.made ? undefined : folder.id;
}
