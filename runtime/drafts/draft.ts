/**
 * One draft: what its journal's records come to, and the only way to add another one.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import { OmnifsError } from "../base/errors.ts";
import { CHANGES_LIMIT, HOST_PREFIX, type Mutation } from "../provider/mod.ts";
import { Attempt } from "./attempt.ts";
import type { Journal } from "./journal.ts";
import { Overlay } from "./overlay.ts";
import { type DraftRecord, encoded, type TimedRecord } from "./records.ts";
import {
  DRAFT_LIMIT,
  FILE_LIMIT,
  type Folder,
  type GoneFile,
  JOURNAL_LIMIT,
  type LiveEntry,
  sameBytes,
  type Staged,
  type StagedCreate,
} from "./staged.ts";

/**
 * Where a draft stands: `open` for writing; `applying` while somebody works on it; `partial` where some steps of an
 * apply stand upstream, or may, and nobody works on it; `ended` when it was applied or discarded.
 */
export type DraftState = "open" | "applying" | "partial" | "ended";

/** A terminal session. */
export interface Session {
  /** Its id: the process id of its leader. */
  readonly id: number;
  /** What tells its leader from every later process of the same id; undefined where it had none any more. */
  readonly leader: string | undefined;
}

/** Records that have to be on the disk before the work goes on: those of an apply. */
const DURABLE: ReadonlySet<DraftRecord["type"]> = new Set<DraftRecord["type"]>([
  ...["applying", "resumed", "planned", "began", "performed", "failed", "uncertain"] as const,
  ...["undoing", "undone", "undo-failed", "reopened", "stopped", "applied", "discarded"] as const,
]);

/** One draft. */
export class Draft {
  /** What is staged. */
  readonly overlay = new Overlay();
  readonly #journal: Journal;
  readonly #clock: Clock;
  #name = "";
  #session: Session | undefined;
  #mount: string | undefined;
  #created = 0;
  #touched = 0;
  #state: DraftState = "open";
  #attempt: Attempt | undefined;
  #interrupted = false;

  /** The draft that `records` come to; further ones go into `journal`. */
  constructor(journal: Journal, records: readonly TimedRecord[], clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
    for (const record of records) this.#take(record, record.time);
    // Whoever worked on it is gone.
    this.#interrupted = this.#state === "applying";
    if (this.#interrupted) this.#state = "partial";
  }

  /** Its name. */
  get name(): string {
    return this.#name;
  }

  /** The terminal session that it belongs to, where it does. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** True where its apply was cut off by the end of its process, and nobody has looked at it since. */
  get interrupted(): boolean {
    return this.#interrupted;
  }

  /** The provider that it belongs to; none until something is staged. */
  get mount(): string | undefined {
    return this.#mount;
  }

  /** Where it stands. */
  get state(): DraftState {
    return this.#state;
  }

  /** The apply that is under way or has stopped. */
  get attempt(): Attempt | undefined {
    return this.#attempt;
  }

  /** When it was made, in milliseconds since the Unix epoch. */
  get created(): number {
    return this.#created;
  }

  /** When something was last staged in it. */
  get touched(): number {
    return this.#touched;
  }

  /** What an apply would change, in the order of the paths; a file that is as it was is none. */
  get changes(): { readonly staged: Staged; readonly mutation: Mutation }[] {
    return this.overlay.all().flatMap((staged) => {
      const mutation = this.#mutation(staged);
      return mutation === undefined ? [] : [{ staged, mutation }];
    });
  }

  /** Adds a record: it is in the journal first, and then in here. */
  async record(record: DraftRecord): Promise<void> {
    const time = this.#clock.now();
    await this.#journal.append({ ...record, time }, DURABLE.has(record.type));
    this.#take(record, time);
  }

  /**
   * Begins to write to a live file, whose bytes are `base` now.
   *
   * @throws {OmnifsError} `unsupported` for a second provider; `busy` while it is applied; `too-large` past a limit
   */
  async write(mount: string, live: LiveEntry, base: Uint8Array): Promise<void> {
    const known = this.overlay.write(live.id) !== undefined;
    this.#mayStage(mount, known ? 0 : base.length, known ? 0 : 1);
    if (known) return;
    if (base.length > FILE_LIMIT) throw this.#tooLarge(FILE_LIMIT, "a staged file");
    await this.#bind(mount);
    await this.record({ type: "write", live, base: encoded(base) });
  }

  /** Makes an empty file or a directory; scratch is kept in memory alone. */
  async create(
    mount: string,
    made: Pick<StagedCreate, "folder" | "name" | "path" | "directory" | "scratch">,
  ): Promise<StagedCreate> {
    this.#mayStage(mount, 0, 1);
    await this.#bind(mount);
    const { scratch, ...where } = made;
    const id = this.overlay.nextId;
    if (scratch) this.overlay.scratch({ id, ...where }, this.#clock.now());
    else await this.record({ type: "create", id, ...where });
    const staged = this.overlay.made(id);
    if (staged === undefined) throw new OmnifsError("internal", `${made.path} was not staged`);
    return staged;
  }

  /**
   * Marks a live entry as one that is to go; `base` are a file's bytes, and `files` what a directory holds.
   *
   * @throws {OmnifsError} as {@linkcode Draft.write}; `denied` for a page of omnifs itself, of which no provider knows
   */
  async remove(
    mount: string,
    live: LiveEntry,
    base: Uint8Array | undefined,
    files: readonly GoneFile[] = [],
  ): Promise<void> {
    if (live.id.startsWith(HOST_PREFIX)) {
      throw new OmnifsError("denied", `${live.path} is a page of omnifs itself: it takes no changes`);
    }
    this.#mayStage(mount, 0, 1);
    await this.#bind(mount);
    await this.record({
      type: "remove",
      live,
      ...(base === undefined ? {} : { base: encoded(base) }),
      ...(files.length === 0
        ? {}
        : { files: files.map(({ path, bytes }) => ({ path, bytes: encoded(bytes) })) }),
    });
  }

  /** Takes the upstream's state of now, `live` with the bytes `base`, as what a write is staged on. */
  async rebase(key: string, live: LiveEntry, base: Uint8Array): Promise<void> {
    this.#mayChange();
    await this.record({ type: "rebased", key, live, base: encoded(base) });
  }

  /** Its session has ended, and it stays. */
  async keep(): Promise<void> {
    await this.record({ type: "kept" });
  }

  /**
   * Nobody works on its apply any more, because the journal took nothing: what stands upstream is to be found out when it
   * takes something again.
   */
  abandon(reason: string): void {
    if (this.#state !== "applying") return;
    this.#state = "partial";
    if (this.#attempt !== undefined) this.#attempt.reason = reason;
  }

  /** Puts `bytes` into a staged file at `offset`. */
  async put(key: string, offset: number, bytes: Uint8Array): Promise<void> {
    this.#mayHold(key, offset + bytes.length);
    await this.#change({ type: "bytes", key, offset, bytes: encoded(bytes) });
  }

  /** Cuts a staged file, or fills it with zeros, to `size` bytes. */
  async resize(key: string, size: number): Promise<void> {
    this.#mayHold(key, size);
    await this.#change({ type: "resized", key, size });
  }

  /** Gives what the draft made another name; `scratch` says whether it is part of the draft there. */
  async move(key: string, to: Pick<StagedCreate, "folder" | "name" | "path" | "scratch">): Promise<void> {
    const held = this.overlay.get(key);
    if (held?.kind !== "create") return;
    const { scratch, ...where } = to;
    if (held.scratch && !scratch) return await this.#promote(held, where);
    if (scratch && !held.scratch && !held.directory) return await this.#demote(held, where);
    if (held.scratch) return this.overlay.apply({ type: "moved", key, ...where }, this.#clock.now());
    await this.record({ type: "moved", key, ...where });
  }

  /** Takes what is known as `key` out of the draft. */
  async unstage(key: string): Promise<void> {
    this.#mayChange();
    const held = this.overlay.get(key);
    const unstaged = { type: "unstaged", key } as const;
    if (held?.kind === "create" && held.scratch) return this.overlay.apply(unstaged, this.#clock.now());
    if (held !== undefined) await this.record(unstaged);
  }

  /** Lets go of its file. */
  async close(): Promise<void> {
    await this.#journal.close();
  }

  /** Its file goes, too; for a draft that has ended. */
  async forget(): Promise<void> {
    await this.#journal.remove();
  }

  /**
   * Says whether `bytes` in `pieces` more may be staged for `mount`.
   *
   * @throws {OmnifsError} `unsupported` for a second provider; `busy` while it is applied; `too-large` past a limit
   */
  #mayStage(mount: string, bytes: number, pieces: number): void {
    this.#mayChange();
    if (this.#mount !== undefined && this.#mount !== mount) {
      throw new OmnifsError(
        "unsupported",
        `the draft ${this.#name} belongs to ${this.#mount}, not to ${mount}`,
        {
          mend: `one draft belongs to one provider: omnifs draft new another`,
        },
      );
    }
    if (this.overlay.pieces + pieces > CHANGES_LIMIT) {
      throw new OmnifsError(
        "too-large",
        `the draft ${this.#name} holds ${CHANGES_LIMIT} changes, the most it may`,
      );
    }
    if (this.overlay.bytes + bytes > DRAFT_LIMIT) throw this.#tooLarge(DRAFT_LIMIT, "a draft");
    this.#mayNote();
  }

  #mayNote(): void {
    if (this.#journal.size > JOURNAL_LIMIT) throw this.#tooLarge(JOURNAL_LIMIT, "the journal of a draft");
  }

  #mayChange(): void {
    if (this.#state === "open") return;
    const mend = this.#state === "partial"
      ? `omnifs draft apply --resume ${this.#name}, or omnifs draft apply --rollback ${this.#name}`
      : "wait until the apply has ended";
    throw new OmnifsError("busy", `the draft ${this.#name} is ${this.#state}: nothing can be staged`, {
      mend,
    });
  }

  #mayHold(key: string, size: number): void {
    this.#mayChange();
    const held = this.overlay.get(key);
    const now = held === undefined || held.kind === "remove" ? 0 : held.content.length;
    if (size > FILE_LIMIT) throw this.#tooLarge(FILE_LIMIT, "a staged file");
    if (this.overlay.bytes + size - now > DRAFT_LIMIT) throw this.#tooLarge(DRAFT_LIMIT, "a draft");
    this.#mayNote();
  }

  #tooLarge(limit: number, what: string): OmnifsError {
    return new OmnifsError("too-large", `${what} holds at most ${limit} bytes`, { op: "draft" });
  }

  async #bind(mount: string): Promise<void> {
    if (this.#mount === undefined) await this.record({ type: "bound", mount });
  }

  /** Scratch changes in memory alone. */
  async #change(record: DraftRecord & { readonly key: string }): Promise<void> {
    const held = this.overlay.get(record.key);
    if (held?.kind !== "create" || !held.scratch) return await this.record(record);
    this.overlay.apply(record, this.#clock.now());
  }

  /** What was scratch gets a name under which it is part of the draft: the journal learns of it only now. */
  async #promote(held: StagedCreate, where: Pick<StagedCreate, "folder" | "name" | "path">): Promise<void> {
    const { id, key, directory, content } = held;
    this.overlay.apply({ type: "unstaged", key }, this.#clock.now());
    await this.record({ type: "create", id, directory, ...where });
    if (content.length > 0) await this.record({ type: "bytes", key, offset: 0, bytes: encoded(content) });
  }

  /** What was part of the draft is moved out of the way, as a backup is: from then on it is in the tree alone. */
  async #demote(held: StagedCreate, where: Pick<StagedCreate, "folder" | "name" | "path">): Promise<void> {
    const { id, key, directory, content } = held;
    await this.record({ type: "unstaged", key });
    this.overlay.scratch({ id, directory, ...where }, this.#clock.now());
    this.overlay.apply({ type: "bytes", key, offset: 0, bytes: encoded(content) }, this.#clock.now());
  }

  #mutation(staged: Staged): Mutation | undefined {
    switch (staged.kind) {
      case "write": {
        const { live, base, content } = staged;
        if (sameBytes(base, content)) return undefined;
        return { tag: "write", file: live.id, baseVersion: live.version, base, content };
      }
      case "remove": {
        const { parent, name, id, version } = staged.live;
        return { tag: "remove", parent, name, node: id, baseVersion: version };
      }
      case "create": {
        const place = staged.scratch || staged.directory
          ? undefined
          : this.#placeOf(staged.folder, staged.name);
        return place && { tag: "create", ...place, content: staged.content };
      }
    }
  }

  /** The live directory above, and the path from there; undefined below something that is scratch. */
  #placeOf(folder: Folder, name: string): { parent: string; name: string } | undefined {
    if (!folder.made) return { parent: folder.id, name };
    const above = this.overlay.made(folder.id);
    if (above === undefined || above.scratch) return undefined;
    return this.#placeOf(above.folder, `${above.name}/${name}`);
  }

  #take(record: DraftRecord, time: number): void {
    this.overlay.apply(record, time);
    this.#attempt?.apply(record);
    switch (record.type) {
      case "created":
        this.#name = record.name;
        if (record.session !== undefined) this.#session = { id: record.session, leader: record.leader };
        this.#created = this.#touched = time;
        return;
      case "kept":
        this.#session = undefined;
        return;
      case "bound":
        this.#mount = record.mount;
        return;
      case "applying":
        this.#attempt = new Attempt(record.attempt, record.by);
        this.#state = "applying";
        return;
      case "resumed":
        this.#state = "applying";
        this.#interrupted = false;
        return;
      case "reopened":
        this.#attempt = undefined;
        this.#state = "open";
        return;
      case "stopped":
        this.#state = "partial";
        return;
      case "applied":
      case "discarded":
        this.#state = "ended";
        return;
      case "write":
      case "create":
      case "remove":
      case "bytes":
      case "resized":
        this.#touched = time;
    }
  }
}
