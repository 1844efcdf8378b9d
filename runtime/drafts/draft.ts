/**
 * One draft: what its journal's records come to, and the only way to add another one.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import { OmnifsError } from "../base/errors.ts";
import { HOST_PREFIX, type Mutation } from "../provider/mod.ts";
import type { Attempt } from "./attempt.ts";
import { mayChange, mayHold, mayStage } from "./bounds.ts";
import type { Journal } from "./journal.ts";
import { type DraftState, Life, type Session } from "./life.ts";
import { mutationOf } from "./mutation.ts";
import { Overlay } from "./overlay.ts";
import { type DraftRecord, encoded, type TimedRecord } from "./records.ts";
import { isScratch } from "./scratch.ts";
import type { Folder, GoneFile, LiveEntry, MadeAt, Staged, StagedCreate } from "./staged.ts";

/** Records that have to be on the disk before the work goes on: those of an apply. */
const DURABLE: ReadonlySet<DraftRecord["type"]> = new Set<DraftRecord["type"]>([
  ...["applying", "resumed", "planned", "began", "performed", "failed", "uncertain"] as const,
  ...["undoing", "undone", "undo-failed", "reopened", "stopped", "applied", "discarded"] as const,
]);

/** How many drafts this process has opened. */
let serial = 0;

/** One draft. */
export class Draft {
  /** What is staged. */
  readonly overlay = new Overlay();
  readonly #life = new Life();
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #serial = ++serial;
  #records = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** The draft that `records` come to; further ones go into `journal`. */
  constructor(journal: Journal, records: readonly TimedRecord[], clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
    for (const record of records) this.#take(record, record.time);
    this.#life.orphan();
  }

  /** Its name. */
  get name(): string {
    return this.#life.name;
  }

  /** Another one where it may hold anything else, or is another draft of that name. */
  get revision(): string {
    return `${this.created}.${this.#serial}.${this.#records}`;
  }

  /** Another one where it may give `folder` other names, or is another draft of that name. */
  namesRevision(folder: Folder): string {
    return `${this.#serial}.${this.overlay.names(folder).revision}`;
  }

  /** The terminal session that it belongs to, where it does. */
  get session(): Session | undefined {
    return this.#life.session;
  }

  /** True where its apply was cut off by the end of its process, and nobody has looked at it since. */
  get interrupted(): boolean {
    return this.#life.interrupted;
  }

  /** The provider that it belongs to; none until something is staged. */
  get mount(): string | undefined {
    return this.#life.mount;
  }

  /** Where it stands. */
  get state(): DraftState {
    return this.#life.state;
  }

  /** The apply that is under way or has stopped. */
  get attempt(): Attempt | undefined {
    return this.#life.attempt;
  }

  /** When it was made, in milliseconds since the Unix epoch. */
  get created(): number {
    return this.#life.created;
  }

  /** When something was last staged in it. */
  get touched(): number {
    return this.#life.touched;
  }

  /** What an apply would change, in the order of the paths; a file that is as it was is none. */
  get changes(): { readonly staged: Staged; readonly mutation: Mutation }[] {
    return this.overlay.all().flatMap((staged) => {
      const mutation = mutationOf(staged, this.overlay);
      return mutation === undefined ? [] : [{ staged, mutation }];
    });
  }

  /** Adds a record: it is in the journal first, and then in here. */
  async record(record: DraftRecord): Promise<void> {
    await this.#append(record, (time) => this.#take(record, time));
  }

  /**
   * Somebody works on it from now on: `record` begins an apply, or goes on with one. What was to be staged before is, and
   * nothing after: the plan is of all that was accepted.
   *
   * @throws {OmnifsError} `conflict` where that is not at the `revision` that somebody looked at
   */
  async begin(
    record: DraftRecord & { readonly type: "applying" | "resumed" },
    revision?: string,
  ): Promise<void> {
    await this.#enter("applying", record, revision);
  }

  /** Sees that it is at the `revision` that somebody looked at. @throws {OmnifsError} `conflict` where it is not */
  checkRevision(revision: string = this.revision): void {
    if (revision === this.revision) return;
    const { name } = this;
    throw new OmnifsError(
      "conflict",
      `the draft ${name} was changed since it was looked at; nothing was sent`,
      {
        mend: `omnifs draft diff ${name}`,
      },
    );
  }

  /** It is given up; nobody begins to work on it from now on. */
  async discard(): Promise<void> {
    await this.#enter("ended", { type: "discarded" });
  }

  /**
   * Begins to write to a live file, whose bytes are `base` now.
   *
   * @throws {OmnifsError} `unsupported` for a second provider; `busy` while it is applied; `too-large` past a limit
   */
  async write(mount: string, live: LiveEntry, base: Uint8Array): Promise<void> {
    const known = this.overlay.write(live.id) !== undefined;
    mayStage(this.#bounded, mount, known ? 0 : base.length, known ? 0 : 1);
    if (known) return;
    await this.#bind(mount);
    await this.record({ type: "write", live, base: encoded(base) });
  }

  /** Says whether one more piece with `bytes` may be staged, before it is. @throws as {@linkcode Draft.write} */
  checkRoom(mount: string, bytes: number): void {
    mayStage(this.#bounded, mount, bytes, 1);
  }

  /** Makes a file that holds `bytes`, or a directory; scratch is kept in memory alone. */
  async create(
    mount: string,
    made: MadeAt & Pick<StagedCreate, "directory" | "scratch">,
    bytes: Uint8Array = new Uint8Array(),
  ): Promise<StagedCreate> {
    mayStage(this.#bounded, mount, bytes.length, 1);
    await this.#bind(mount);
    const { scratch, ...where } = made;
    const id = this.overlay.takeId();
    const record = { id, ...where, ...(bytes.length === 0 ? {} : { content: encoded(bytes) }) };
    if (scratch) this.overlay.scratch(record, this.#clock.now());
    else await this.record({ type: "create", ...record });
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
    mayStage(this.#bounded, mount, 0, 1);
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
    mayChange(this.#life);
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
    this.#life.abandon(reason);
  }

  /** Puts `bytes` into a staged file at `offset`. */
  async put(key: string, offset: number, bytes: Uint8Array): Promise<void> {
    mayHold(this.#bounded, key, offset + bytes.length);
    await this.#change({ type: "bytes", key, offset, bytes: encoded(bytes) });
  }

  /** Puts `bytes` in place of all that is in a staged file. */
  async replace(key: string, bytes: Uint8Array): Promise<void> {
    mayHold(this.#bounded, key, bytes.length);
    await this.#change({ type: "bytes", key, offset: 0, bytes: encoded(bytes), whole: true });
  }

  /** Cuts a staged file, or fills it with zeros, to `size` bytes. */
  async resize(key: string, size: number): Promise<void> {
    mayHold(this.#bounded, key, size);
    await this.#change({ type: "resized", key, size });
  }

  /** Gives what the draft made another name; `scratch` says whether it is part of the draft there. */
  async move(key: string, to: MadeAt & Pick<StagedCreate, "scratch">): Promise<void> {
    mayChange(this.#life);
    const held = this.overlay.get(key);
    if (held?.kind !== "create") return;
    const { scratch, ...where } = to;
    if (held.scratch !== scratch) return await this.#remake(held, to);
    await this.#change({ type: "moved", key, ...where });
  }

  /** Takes what is known as `key` out of the draft. */
  async unstage(key: string): Promise<void> {
    mayChange(this.#life);
    if (this.overlay.get(key) !== undefined) await this.#change({ type: "unstaged", key });
  }

  /** Lets go of its file. */
  async close(): Promise<void> {
    await this.#journal.close();
  }

  /** Its file goes, too; for a draft that has ended. */
  async forget(): Promise<void> {
    await this.#journal.remove();
  }

  get #bounded() {
    return { life: this.#life, overlay: this.overlay, journal: this.#journal };
  }

  /** It is in `state` at once, and in the journal when this resolves; where that takes nothing, it is as it was. */
  async #enter(state: DraftState, record: DraftRecord, revision?: string): Promise<void> {
    const { state: before } = this.#life;
    this.#life.state = state;
    try {
      if (revision !== undefined) {
        await this.#settled();
        this.checkRevision(revision);
      }
      await this.record(record);
    } catch (error) {
      this.#life.state = before;
      throw error;
    }
  }

  async #bind(mount: string): Promise<void> {
    if (this.#life.mount === undefined) await this.record({ type: "bound", mount });
  }

  /** Scratch changes in memory alone. */
  async #change(record: DraftRecord & { readonly key: string }): Promise<void> {
    const held = this.overlay.get(record.key);
    if (held?.kind !== "create" || !held.scratch) return await this.record(record);
    this.overlay.apply(record, this.#clock.now());
  }

  /**
   * What was scratch gets a name under which it is part of the draft, so the journal learns of it only now; or what was
   * part of it is moved out of the way, as a backup is, and is in the tree alone from then on. A directory takes along what
   * is in it.
   */
  async #remake(
    held: StagedCreate,
    to: MadeAt & Pick<StagedCreate, "scratch">,
  ): Promise<void> {
    if (to.scratch) return await this.#setAside(held, to);
    await this.#adopt(held, to);
    for (let next = this.#unadopted(held.id); next !== undefined; next = this.#unadopted(held.id)) {
      await this.#adopt(next, next);
    }
  }

  /** What is scratch below the directory `id`, in a directory and under a name that are part of the draft. */
  #unadopted(id: number): StagedCreate | undefined {
    return this.overlay.below(id).find(({ scratch, folder, name }) =>
      scratch && folder.made && this.overlay.made(folder.id)?.scratch === false && !isScratch(name, false)
    );
  }

  /** Makes scratch part of the draft: what is written from now on follows in the journal, and is lost with nothing. */
  async #adopt(
    { id, directory }: StagedCreate,
    { folder, name, path }: MadeAt,
  ): Promise<void> {
    const own = this.overlay.made(id);
    if (own === undefined) return;
    own.scratch = false;
    const content = own.content.length === 0 ? {} : { content: encoded(own.content) };
    try {
      await this.record({ type: "create", id, directory, folder, name, path, ...content });
    } catch (error) {
      own.scratch = true;
      throw error;
    }
  }

  /** Takes what was part of the draft out of it: what is written from now on is in the tree alone. */
  async #setAside(
    { id, key }: StagedCreate,
    { folder, name, path }: MadeAt,
  ): Promise<void> {
    const own = this.overlay.made(id);
    if (own === undefined) return;
    own.scratch = true;
    const take = (time: number) => {
      const below = this.overlay.below(id);
      this.#take({ type: "unstaged", key }, time);
      this.#keepScratch(own, { folder, name, path }, time);
      for (const each of below) {
        const above = each.folder.made ? this.overlay.made(each.folder.id) : undefined;
        this.#keepScratch(each, { ...each, path: `${above?.path}/${each.name}` }, time);
      }
    };
    try {
      await this.#append({ type: "unstaged", key }, take);
    } catch (error) {
      own.scratch = false;
      throw error;
    }
  }

  #keepScratch(
    { id, directory, content }: StagedCreate,
    { folder, name, path }: MadeAt,
    time: number,
  ): void {
    this.overlay.scratch({ id, directory, folder, name, path, content: encoded(content) }, time);
  }

  /** Appends `record`, and hands the time on to `take` as soon as it is in the journal. */
  #append(record: DraftRecord, take: (time: number) => void): Promise<void> {
    const time = this.#clock.now();
    const appended = this.#journal.append({ ...record, time }, DURABLE.has(record.type)).then(() =>
      take(time)
    );
    this.#last = appended.catch(() => {});
    return appended;
  }

  /** Resolves when all that was accepted until then is in the journal, or is refused by it. */
  async #settled(): Promise<void> {
    let last: Promise<unknown> | undefined;
    while (last !== this.#last) {
      last = this.#last;
      await last;
    }
  }

  #take(record: DraftRecord, time: number): void {
    this.#records++;
    this.overlay.apply(record, time);
    this.#life.apply(record, time);
  }
}
