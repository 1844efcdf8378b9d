/**
 * The applies of drafts: in which order they run, who hears of them, how one is called off, and what is left to do after
 * a crash.
 *
 * @module
 */
import type { Bus } from "../base/bus.ts";
import type { Clock } from "../base/clock.ts";
import { messageOf, OmnifsError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { Invalidation, ProviderMutations } from "../provider/mod.ts";
import type { Draft } from "./draft.ts";
import { Lanes } from "./lanes.ts";
import { checkNothingLost } from "./left_out.ts";
import { type ApplyOutcome, partial } from "./outcome.ts";
import type { DraftStore } from "./store.ts";
import {
  applyDraft,
  type NextStep,
  planDraft,
  recoverDraft,
  resumeDraft,
  rollBackDraft,
  type TransactionParts,
} from "./transaction.ts";

/** What applies stand on. */
export interface AppliesParts {
  /** Where drafts are kept. */
  readonly store: DraftStore;
  /** The time. */
  readonly clock: Clock;
  /** Where what went wrong is noted. */
  readonly log: Log;
  /** Where events are published. */
  readonly bus: Bus;
  /** A name that is unique for ever. */
  readonly unique: () => string;
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

/** Hears of each step before it is sent. */
export type Watcher = (step: NextStep) => void;

/** Who asks, and who is told. */
export interface Asker {
  /** For the record; the same words call it off. */
  readonly by: string;
  /** Hears of each step. */
  readonly told?: Watcher;
  /** The revision of the draft that was looked at; whatever it holds then, where nobody looked. */
  readonly revision?: string;
}

/** How each mode works on a draft. */
const MODES: Readonly<
  Record<
    Exclude<ApplyMode, "plan"> | "recover",
    (draft: Draft, by: string, parts: TransactionParts) => Promise<ApplyOutcome>
  >
> = {
  apply: applyDraft,
  resume: resumeDraft,
  rollback: rollBackDraft,
  recover: recoverDraft,
};

/** Who settles what a crash cut off, for the record. */
const AFTER_CRASH = "the start after a crash";

/** What is done about one draft. */
interface Errand extends Asker {
  readonly draft: Draft;
  readonly mount: string;
  readonly mode: keyof typeof MODES;
  readonly mutations: ProviderMutations;
  readonly signal: AbortSignal;
}

/** Runs applies, one at a time for each mount. */
export class Applies {
  readonly #parts: AppliesParts;
  readonly #lanes = new Lanes();
  /** What calls off the errands that were asked for and have not ended. */
  readonly #stops = new Map<string, AbortController>();

  /** The applies of `parts`. */
  constructor(parts: AppliesParts) {
    this.#parts = parts;
  }

  /**
   * Applies a draft of `mount`, or plans, resumes or rolls back, when its turn has come; `authorize` is asked then.
   *
   * @throws {OmnifsError} `invalid` where it is empty, `busy` where it is in no state for that, `conflict` where it is at
   * another revision than the asker's; `invalid` where bytes would be lost; `interrupted` where it was called off before it began
   */
  async run(
    draft: Draft,
    mount: string,
    mode: ApplyMode,
    asker: Asker,
    authorize: (mount: string) => ProviderMutations,
  ): Promise<ApplyOutcome> {
    const stop = new AbortController();
    const key = keyOf(draft, asker.by);
    this.#stops.set(key, stop);
    try {
      return await this.#lanes.run(mount, async () => {
        const mutations = authorize(mount);
        checkState(draft, mode);
        draft.checkRevision(asker.revision);
        if (draft.state === "open") checkNothingLost(draft);
        if (mode === "plan") return await planDraft(draft, mutations);
        stop.signal.throwIfAborted();
        return await this.#work({ draft, mount, mode, ...asker, mutations, signal: stop.signal });
      });
    } finally {
      if (this.#stops.get(key) === stop) this.#stops.delete(key);
    }
  }

  /**
   * Calls off what was asked for as `by`: the step under way ends, no other one is begun, and what stands is taken back.
   * A rollback goes on. Nothing happens where nothing is under way.
   */
  interrupt(draft: Draft, by: string): void {
    this.#stops.get(keyOf(draft, by))?.abort(
      new OmnifsError("interrupted", "it was interrupted before it began; nothing was sent", { op: "apply" }),
    );
  }

  /** Settles a draft whose apply was cut off by the end of its process; the log says where that fails. */
  async recover(draft: Draft, mount: string, mutations: ProviderMutations): Promise<void> {
    const { signal } = new AbortController();
    const errand: Errand = { draft, mount, mode: "recover", by: AFTER_CRASH, mutations, signal };
    // Whoever asked before its turn came may have settled it.
    const work = async () => void (draft.interrupted && await this.#work(errand));
    await this.#lanes.run(mount, work).catch((error) =>
      this.#parts.log.error(`the draft ${draft.name} could not be settled: ${messageOf(error)}`)
    );
  }

  /** Works on an apply. Where the journal takes nothing it stops, and is told by what the journal holds. */
  async #work(errand: Errand): Promise<ApplyOutcome> {
    const { draft, mount, mode, by } = errand;
    this.#parts.bus.publish("draft.applying", { draft: draft.name, mount, mode, by });
    let outcome: ApplyOutcome;
    try {
      outcome = await MODES[mode](draft, by, this.#transaction(errand));
    } catch (error) {
      draft.abandon(messageOf(error));
      if (draft.state !== "partial") throw error;
      outcome = partial(draft);
    }
    await this.#ended(draft, mount, outcome);
    return outcome;
  }

  #transaction(
    { draft: { name: draft }, mount, mode, by, told, revision, mutations, signal }: Errand,
  ): TransactionParts {
    const { clock, unique, changed, bus, witness } = this.#parts;
    return {
      mutations,
      clock,
      unique,
      signal,
      ...(revision === undefined ? {} : { revision }),
      async next(step) {
        await witness({ mount, draft, mode, by, step: `${step.what}: ${step.step}` });
        bus.publish("draft.step", { draft, mount, ...step });
        told?.(step);
      },
      changed: (invalidations) => changed(mount, invalidations, `the draft ${draft}`),
    };
  }

  async #ended(draft: Draft, mount: string, outcome: ApplyOutcome): Promise<void> {
    this.#parts.bus.publish("draft.ended", { draft: draft.name, outcome: outcome.outcome });
    if (outcome.outcome === "applied") return await this.#parts.store.forget(draft);
    const told = "reason" in outcome ? outcome.reason : "it was refused";
    this.#parts.log.warn(`the draft ${draft.name} of ${mount} is ${outcome.outcome}: ${told}`);
  }
}

function keyOf({ name }: Draft, by: string): string {
  return `${name} ${by}`;
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

/** A draft that changes nothing is not applied. */
export function nothingIn(draft: Draft): OmnifsError {
  return new OmnifsError("invalid", `the draft ${draft.name} changes nothing`, {
    mend: draft.overlay.pieces > draft.overlay.size
      ? `omnifs draft show ${draft.name} tells what it leaves out`
      : `omnifs draft write PATH ${draft.name} < FILE`,
  });
}
