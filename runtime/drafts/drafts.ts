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
import { diffOf, type FileDiff } from "./diff.ts";
import type { Draft, Session } from "./draft.ts";
import { Lanes } from "./lanes.ts";
import { type LiveTree, PathStaging } from "./paths.ts";
import { SessionDrafts } from "./sessions.ts";
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
  /** What tells the leader of a terminal session from every other process; undefined where it has ended. */
  readonly leaderOf: (session: number) => string | undefined;
  /** Takes down what is about to be done to an upstream, and rejects where it cannot: then it is not done. */
  readonly witness: (work: Work) => Promise<void>;
  /** Takes what changed upstream: first the cache, then the kernel. */
  readonly changed: (mount: string, invalidations: readonly Invalidation[], cause: string) => void;
}

/** What is about to be done to an upstream, and on whose behalf. */
export interface Work {
  /** The provider. */
  readonly mount: string;
  /** The draft. */
  readonly draft: string;
  /** `apply`, `resume`, `rollback`, or `recover` after a crash. */
  readonly mode: string;
  /** Who asked for it. */
  readonly by: string;
  /** The step, and whether it is performed or taken back. */
  readonly step: string;
}

/** What an apply is to do: all of it, only the plan, or what is left of one that stopped. */
export type ApplyMode = "apply" | "plan" | "resume" | "rollback";

/** How each mode works on a draft. */
const MODES: Readonly<
  Record<
    Exclude<ApplyMode, "plan">,
    (draft: Draft, by: string, parts: TransactionParts) => Promise<ApplyOutcome>
  >
> = {
  apply: applyDraft,
  resume: resumeDraft,
  rollback: rollBackDraft,
};

/** The drafts of one mounted tree. */
export class Drafts {
  readonly #parts: DraftsParts;
  /** One apply at a time for each mount. */
  readonly #lanes = new Lanes();

  /** The drafts of terminal sessions. */
  readonly sessions: SessionDrafts;
  /** Staging by path, for those whom {@linkcode Drafts.authorize} lets. */
  readonly paths: PathStaging;

  /** The drafts of `parts`. */
  constructor(parts: DraftsParts) {
    this.#parts = parts;
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
   * @throws {OmnifsError} `invalid` where it is empty, or in no state for that; `denied` without the grant
   */
  async apply(draft: Draft, mode: ApplyMode, by: string): Promise<ApplyOutcome> {
    const mount = draft.mount;
    if (mount === undefined) throw nothingIn(draft);
    return await this.#lanes.run(mount, async () => {
      const mutations = this.authorize(mount);
      checkState(draft, mode);
      if (mode === "plan") return await planDraft(draft, mutations);
      return await this.#work(
        draft,
        mount,
        mode,
        by,
        () => MODES[mode](draft, by, this.#transaction(mount, draft, mode, by, mutations)),
      );
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
    const by = "the start after a crash";
    await this.#lanes.run(
      mount,
      () =>
        this.#work(
          draft,
          mount,
          "recover",
          by,
          () => recoverDraft(draft, this.#transaction(mount, draft, "recover", by, mutations)),
        ),
    ).catch((error) =>
      this.#parts.log.error(`the draft ${draft.name} could not be settled: ${messageOf(error)}`)
    );
  }

  /** Works on an apply. Where the journal takes nothing it stops, and is told by what the journal holds. */
  async #work(
    draft: Draft,
    mount: string,
    mode: string,
    by: string,
    work: () => Promise<ApplyOutcome>,
  ): Promise<ApplyOutcome> {
    this.#parts.bus.publish("draft.applying", { draft: draft.name, mount, mode, by });
    let outcome: ApplyOutcome;
    try {
      outcome = await work();
    } catch (error) {
      draft.abandon(messageOf(error));
      throw error;
    }
    await this.#ended(draft, mount, outcome);
    return outcome;
  }

  #transaction(
    mount: string,
    draft: Draft,
    mode: string,
    by: string,
    mutations: ProviderMutations,
  ): TransactionParts {
    const { clock, unique, changed, bus, witness } = this.#parts;
    const cause = `the draft ${draft.name}`;
    return {
      mutations,
      clock,
      unique,
      async next(what, step) {
        await witness({ mount, draft: draft.name, mode, by, step: `${what}: ${step}` });
        bus.publish("draft.step", { draft: draft.name, mount, what, step });
      },
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
