/**
 * Everything that can be done with drafts, for the command line and for the tree alike: who may, in which order, and
 * what comes of it.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { Mutation, ProviderMutations } from "../provider/mod.ts";
import { Applies, type AppliesParts, type ApplyMode, type Asker, nothingIn } from "./applies.ts";
import { diffOf, type FileDiff } from "./diff.ts";
import type { Draft } from "./draft.ts";
import type { Session } from "./life.ts";
import { type ApplyOutcome, type Left, leftOf } from "./outcome.ts";
import type { LiveTree } from "./live.ts";
import { PathStaging } from "./paths.ts";
import { SessionDrafts } from "./sessions.ts";

/** What drafts stand on. */
export interface DraftsParts extends AppliesParts {
  /** The live tree. */
  readonly live: LiveTree;
  /** The mutations of what is mounted under that name. */
  readonly mutations: (mount: string) => ProviderMutations | undefined;
  /** True where the user granted `--allow-apply` for that mount. */
  readonly granted: (mount: string) => boolean;
  /** What tells the leader of a terminal session from every other process; undefined where it has ended. */
  readonly leaderOf: (session: number) => string | undefined;
}

/** The drafts of one mounted tree. */
export class Drafts {
  readonly #parts: DraftsParts;
  readonly #applies: Applies;

  /** The drafts of terminal sessions. */
  readonly sessions: SessionDrafts;
  /** Staging by path, for those whom {@linkcode Drafts.authorize} lets. */
  readonly paths: PathStaging;

  /** The drafts of `parts`. */
  constructor(parts: DraftsParts) {
    this.#parts = parts;
    this.#applies = new Applies(parts);
    const { store, leaderOf, live, bus } = parts;
    this.sessions = new SessionDrafts({
      store,
      leaderOf,
      create: (name, session) => this.create(name, session),
      discard: (draft) => this.discard(draft),
    });
    this.paths = new PathStaging({
      live,
      check: (mount, mutation, signal) => this.check(mount, mutation, signal),
      staged: (draft, path) => bus.publish("draft.staged", { draft: draft.name, path }),
    });
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

  /** Makes a draft. @throws {OmnifsError} see {@linkcode DraftStore.create} */
  async create(name: string, session?: Session): Promise<Draft> {
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

  /** What it would change, as diffs. */
  diff(draft: Draft): FileDiff[] {
    return diffOf(draft);
  }

  /**
   * Applies a draft, or plans, resumes or rolls back; see {@linkcode ApplyMode}. One at a time for each mount.
   *
   * @throws {OmnifsError} `invalid` where it is empty, or in no state for that; `denied` without the grant; `interrupted`
   * where it was called off before it began
   */
  async apply(draft: Draft, mode: ApplyMode, asker: Asker): Promise<ApplyOutcome> {
    if (draft.mount === undefined) throw nothingIn(draft);
    return await this.#applies.run(draft, draft.mount, mode, asker, (mount) => this.authorize(mount));
  }

  /** Calls an apply off; see {@linkcode Applies.interrupt}. */
  interrupt(draft: Draft, by: string): void {
    this.#applies.interrupt(draft, by);
  }

  /**
   * Gives a draft up; `force` also one that is `partial`, with all that stands of it upstream. Answers what that is.
   *
   * @throws {OmnifsError} `busy` where somebody works on it; without `force` also where it is `partial`
   */
  async discard(draft: Draft, force = false): Promise<Left> {
    const { name, state } = draft;
    if (state !== "open" && !(force && state === "partial")) throw notDiscarded(draft);
    const left = leftOf(draft);
    await draft.discard();
    if (state === "partial") {
      this.#parts.log.warn(`the draft ${name} was given up as it was`, {
        stands: summaries(left.stands),
        uncertain: summaries(left.uncertain),
      });
    }
    await this.#parts.store.forget(draft);
    this.#parts.bus.publish("draft.ended", { draft: name, outcome: "discarded" });
    return left;
  }

  /** Settles every draft whose apply was cut off; one whose provider is not there waits for it. */
  async recover(): Promise<void> {
    await Promise.all(
      this.all().filter(({ interrupted }) => interrupted).map((draft) => this.#recover(draft)),
    );
  }

  /** Lets go of every journal. */
  async close(): Promise<void> {
    await this.#parts.store.close();
  }

  async #recover(draft: Draft): Promise<void> {
    const { mount } = draft;
    const mutations = mount !== undefined && this.#parts.granted(mount)
      ? this.#parts.mutations(mount)
      : undefined;
    if (mount === undefined || mutations === undefined) {
      const told = `the draft ${draft.name} was being applied, and ${mount} may not be changed now`;
      return this.#parts.log.warn(told, { mend: `mount with --allow-apply=${mount}` });
    }
    await this.#applies.recover(draft, mount, mutations);
  }
}

function summaries(steps: Left["stands"]): string {
  return steps.map(({ summary }) => summary).join("; ");
}

function notDiscarded({ name, state }: Draft): OmnifsError {
  return new OmnifsError("busy", `the draft ${name} is ${state}: it cannot be discarded`, {
    mend: state === "partial"
      ? `omnifs draft apply --rollback ${name}; or omnifs draft discard --force ${name}, and what stands upstream stays`
      : `omnifs draft show ${name}`,
  });
}
