/**
 * Everything that can be done with drafts, for the command line and for the tree alike: who may, in which order, and
 * what comes of it.
 *
 * @module
 */
import type { Bus } from "../base/bus.ts";
import type { Clock } from "../base/clock.ts";
import { messageOf, OmnifsError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { Invalidation, Mutation, ProviderMutations } from "../provider/mod.ts";
import { diffOf, type FileDiff, pathOf } from "./diff.ts";
import type { Draft } from "./draft.ts";
import { Lanes } from "./lanes.ts";
import type { LivePlace, LiveTree } from "./live.ts";
import type { Folder, StagedCreate } from "./staged.ts";
import { sameBytes } from "./staged.ts";
import type { DraftStore } from "./store.ts";
import {
  applyDraft,
  type ApplyOutcome,
  planDraft,
  recoverDraft,
  resumeDraft,
  rollBackDraft,
  type TransactionParts,
} from "./transaction.ts";

/** What drafts stand on. */
export interface DraftsParts {
  /** Where they are kept. */
  readonly store: DraftStore;
  /** The time. */
  readonly clock: Clock;
  /** Where what went wrong is noted. */
  readonly log: Log;
  /** Where events are published. */
  readonly bus: Bus;
  /** A name that is unique for ever. */
  readonly unique: () => string;
  /** The live tree. */
  readonly live: LiveTree;
  /** The mutations of what is mounted under that name. */
  readonly mutations: (mount: string) => ProviderMutations | undefined;
  /** True where the user granted `--allow-apply` for that mount. */
  readonly granted: (mount: string) => boolean;
  /** Takes what changed upstream: first the cache, then the kernel. */
  readonly changed: (mount: string, invalidations: readonly Invalidation[], cause: string) => void;
}

/** What an apply is to do: all of it, only the plan, or what is left of one that stopped. */
export type ApplyMode = "apply" | "plan" | "resume" | "rollback";

/** How each mode works on a draft. */
const MODES: Readonly<
  Record<ApplyMode, (draft: Draft, by: string, parts: TransactionParts) => Promise<ApplyOutcome>>
> = {
  plan: (draft, _by, parts) => planDraft(draft, parts),
  apply: applyDraft,
  resume: resumeDraft,
  rollback: rollBackDraft,
};

/** What a rebase came to, by file. */
export interface Rebased {
  /** The path below the mount. */
  readonly path: string;
  /** `same`: the upstream holds what the draft was staged on; `gone`: it has no such file any more. */
  readonly result: "same" | "moved-on" | "gone";
}

/** The drafts of one mounted tree. */
export class Drafts {
  readonly #parts: DraftsParts;
  /** One apply at a time for each mount. */
  readonly #lanes = new Lanes();

  /** The drafts of `parts`. */
  constructor(parts: DraftsParts) {
    this.#parts = parts;
  }

  /** Every draft, by name. */
  all(): Draft[] {
    return this.#parts.store.all();
  }

  /** The draft called `name`, where there is one. */
  peek(name: string): Draft | undefined {
    return this.#parts.store.peek(name);
  }

  /** The draft called `name`. @throws {OmnifsError} `not-found` */
  get(name: string): Draft {
    return this.#parts.store.get(name);
  }

  /** The name of the draft of a terminal session. */
  static sessionName(session: number): string {
    return `session-${session}`;
  }

  /** The draft of a terminal session, which is made where there is none. */
  async ofSession(session: number): Promise<Draft> {
    const name = Drafts.sessionName(session);
    return this.peek(name) ?? await this.create(name, session);
  }

  /** Makes a draft. @throws {OmnifsError} see {@linkcode DraftStore.create} */
  async create(name: string, session?: number): Promise<Draft> {
    const draft = await this.#parts.store.create(name, session);
    this.#parts.bus.publish("draft.created", { draft: name });
    return draft;
  }

  /**
   * Says whether drafts of `mount` may hold anything at all: before the first byte is staged.
   *
   * @throws {OmnifsError} `denied` without `--allow-apply`; `unsupported` where the provider takes no changes
   */
  authorize(mount: string): ProviderMutations {
    const mutations = this.#parts.mutations(mount);
    if (mutations === undefined) {
      throw new OmnifsError("unsupported", `${mount} is not mounted, or takes no changes`, { op: "draft" });
    }
    if (this.#parts.granted(mount)) return mutations;
    throw new OmnifsError("denied", `nothing may be staged for ${mount}: it was not granted`, {
      op: "draft",
      path: `--allow-apply=${mount}`,
      mend: `mount again with --allow-apply=${mount}`,
    });
  }

  /**
   * Asks the provider whether a draft may hold `mutation`.
   *
   * @throws {OmnifsError} `invalid` for a value that it rules out
   */
  async check(mount: string, mutation: Mutation, signal?: AbortSignal): Promise<void> {
    await this.authorize(mount).check(mutation, signal);
  }

  /**
   * Stages a whole file at `path` of `mount`: other bytes for a live file, or a new one where its directory takes them.
   *
   * @throws {OmnifsError} `denied`, `invalid`, `read-only` where the provider takes no such change
   */
  async stage(
    draft: Draft,
    mount: string,
    path: string,
    content: Uint8Array,
    signal?: AbortSignal,
  ): Promise<void> {
    this.authorize(mount);
    const live = await this.#parts.live.at(mount, path, false, signal);
    const { entry, bytes = new Uint8Array(), parent, writable } = live;
    if (entry?.directory) {
      throw new OmnifsError("is-a-directory", `/${mount}${path} is a directory`, { path });
    }
    if (!writable) throw readOnly(mount, path);
    if (entry === undefined) return await this.#stageNew(draft, mount, path, parent, content, signal);
    const written = draft.overlay.write(entry.id);
    const { base = bytes, live: { version } = entry } = written ?? {};
    await this.check(mount, {
      tag: "write",
      file: entry.id,
      baseVersion: version,
      base,
      content,
    }, signal);
    await draft.write(mount, entry, bytes);
    const staged = draft.overlay.write(entry.id);
    if (staged !== undefined) await overwrite(draft, staged.key, content);
    this.#staged(draft, mount, path);
  }

  /** Marks a live entry as one that is to go. */
  async remove(draft: Draft, mount: string, path: string, signal?: AbortSignal): Promise<void> {
    this.authorize(mount);
    const { entry, bytes } = await this.#parts.live.at(mount, path, false, signal);
    if (entry === undefined) throw new OmnifsError("not-found", `there is no /${mount}${path}`, { path });
    const { parent, name, id, version } = entry;
    await this.check(mount, { tag: "remove", parent, name, node: id, baseVersion: version }, signal);
    await draft.remove(mount, entry, bytes);
    this.#staged(draft, mount, path);
  }

  /** Takes what is staged at `path` of the draft's mount out of it. @throws {OmnifsError} `not-found` */
  async unstage(draft: Draft, path: string): Promise<void> {
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

  /** What it would change, as diffs. */
  diff(draft: Draft): FileDiff[] {
    return diffOf(draft);
  }

  /**
   * Takes the upstream's state of now as the base of every write, and keeps what is staged.
   */
  async rebase(draft: Draft, signal?: AbortSignal): Promise<Rebased[]> {
    const mount = draft.mount;
    if (mount === undefined) return [];
    const results: Rebased[] = [];
    for (const staged of draft.overlay.all()) {
      if (staged.kind !== "write") continue;
      const { path } = staged.live;
      const place = await this.#parts.live.at(mount, path, true, signal).catch(absent);
      const { entry, bytes } = place;
      if (entry === undefined || bytes === undefined || entry.id !== staged.live.id) {
        results.push({ path, result: "gone" });
        continue;
      }
      const same = sameBytes(bytes, staged.base) && entry.version === staged.live.version;
      if (!same) {
        const base = bytes.toBase64();
        await draft.record({ type: "rebased", key: staged.key, live: entry, base });
      }
      results.push({ path, result: same ? "same" : "moved-on" });
    }
    return results;
  }

  /**
   * Applies a draft, or plans, resumes or rolls back; see {@linkcode ApplyMode}. One at a time for each mount.
   *
   * @throws {OmnifsError} `invalid` where it is empty, or in no state for that; `denied` without the grant
   */
  async apply(draft: Draft, mode: ApplyMode, by: string): Promise<ApplyOutcome> {
    const mount = draft.mount;
    if (mount === undefined) throw nothingIn(draft);
    return await this.#lanes.run(mount, async () => {
      const mutations = this.authorize(mount);
      checkState(draft, mode);
      this.#parts.bus.publish("draft.applying", { draft: draft.name, mount, mode, by });
      const outcome = await MODES[mode](draft, by, this.#transaction(mount, draft, mutations));
      if (mode !== "plan") await this.#ended(draft, mount, outcome);
      return outcome;
    });
  }

  /** Gives a draft up. @throws {OmnifsError} `busy` where some of its steps stand upstream */
  async discard(draft: Draft): Promise<void> {
    if (draft.state !== "open") {
      throw new OmnifsError("busy", `the draft ${draft.name} is ${draft.state}: it cannot be discarded`, {
        mend: `omnifs draft apply --rollback ${draft.name}`,
      });
    }
    await draft.record({ type: "discarded" });
    await this.#parts.store.forget(draft);
    this.#parts.bus.publish("draft.ended", { draft: draft.name, outcome: "discarded" });
  }

  /** Settles every draft whose apply was cut off; one whose provider is not there waits for it. */
  async recover(): Promise<void> {
    for (const draft of this.all()) {
      const mount = draft.mount;
      if (draft.state !== "partial" || mount === undefined) continue;
      // Somebody was told already, and is to decide.
      if (draft.attempt?.reason !== undefined) continue;
      const mutations = this.#parts.granted(mount) ? this.#parts.mutations(mount) : undefined;
      if (mutations === undefined) {
        this.#parts.log.warn(
          `the draft ${draft.name} was being applied, and ${mount} may not be changed now`,
          {
            mend: `mount with --allow-apply=${mount}`,
          },
        );
        continue;
      }
      const by = "the start after a crash";
      this.#parts.bus.publish("draft.applying", { draft: draft.name, mount, mode: "recover", by });
      const outcome = await recoverDraft(draft, this.#transaction(mount, draft, mutations));
      await this.#ended(draft, mount, outcome);
    }
  }

  /** Takes away the empty drafts of sessions that have ended; `lives` says which have not. */
  async sweep(lives: (session: number) => boolean): Promise<void> {
    for (const draft of this.all()) {
      if (draft.session === undefined || lives(draft.session)) continue;
      if (draft.overlay.size === 0 && draft.state === "open") await this.discard(draft);
    }
  }

  /** Lets go of every journal. */
  async close(): Promise<void> {
    await this.#parts.store.close();
  }

  async #stageNew(
    draft: Draft,
    mount: string,
    path: string,
    parent: string,
    content: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const folder: Folder = { made: false, id: parent };
    await this.check(mount, { tag: "create", parent, name, content }, signal);
    const held: StagedCreate = draft.overlay.child(folder, name) ??
      await draft.create(mount, { folder, name, path, directory: false, scratch: false });
    await overwrite(draft, held.key, content);
    this.#staged(draft, mount, path);
  }

  #staged(draft: Draft, mount: string, path: string): void {
    this.#parts.bus.publish("draft.staged", { draft: draft.name, path: `/${mount}${path}` });
  }

  #transaction(mount: string, draft: Draft, mutations: ProviderMutations): TransactionParts {
    const { clock, unique, changed, bus } = this.#parts;
    const cause = `the draft ${draft.name}`;
    return {
      mutations,
      clock,
      unique,
      next: (what, step) => bus.publish("draft.step", { draft: draft.name, mount, what, step }),
      changed: (invalidations) => changed(mount, invalidations, cause),
    };
  }

  async #ended(draft: Draft, mount: string, outcome: ApplyOutcome): Promise<void> {
    this.#parts.bus.publish("draft.ended", { draft: draft.name, outcome: outcome.outcome });
    if (outcome.outcome === "applied") await this.#parts.store.forget(draft);
    else {
      const told = "reason" in outcome ? outcome.reason : "it was refused";
      this.#parts.log.warn(`the draft ${draft.name} of ${mount} is ${outcome.outcome}: ${told}`);
    }
  }
}

/** Replaces all bytes of what is staged as `key`. */
async function overwrite(draft: Draft, key: string, content: Uint8Array): Promise<void> {
  await draft.resize(key, content.length);
  if (content.length > 0) await draft.put(key, 0, content);
}

/** @throws {OmnifsError} where `draft` is in no state for `mode` */
function checkState(draft: Draft, mode: ApplyMode): void {
  const stopped = mode === "resume" || mode === "rollback";
  const wanted = stopped ? "partial" : "open";
  if (draft.state === wanted) {
    if (stopped || draft.changes.length > 0) return;
    throw nothingIn(draft);
  }
  if (draft.state === "ended") throw new OmnifsError("not-found", `the draft ${draft.name} has ended`);
  throw new OmnifsError("busy", `the draft ${draft.name} is ${draft.state}`, {
    mend: draft.state === "partial"
      ? `omnifs draft apply --resume ${draft.name}, or --rollback`
      : `omnifs draft show ${draft.name}`,
  });
}

function nothingIn(draft: Draft): OmnifsError {
  return new OmnifsError("invalid", `the draft ${draft.name} changes nothing`, {
    mend: `omnifs draft write PATH ${draft.name} < FILE`,
  });
}

function readOnly(mount: string, path: string): OmnifsError {
  return new OmnifsError("read-only", `/${mount}${path} takes no changes`, {
    path: `/${mount}${path}`,
    mend: "omnifs ls --output json tells what is writable",
  });
}

/** A place whose directory is gone is one where nothing is. */
function absent(error: unknown): LivePlace {
  if (error instanceof OmnifsError && error.kind === "not-found") {
    return { entry: undefined, bytes: undefined, parent: "", writable: false };
  }
  throw new OmnifsError("unavailable", `the upstream does not answer: ${messageOf(error)}`, { cause: error });
}
