/**
 * Changes of the upstream, in the shape in which the rest of the runtime holds them: the interface `mutations` of the
 * contract (`wit/mutations.wit`), every limit already checked. Only drafts call it.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { Invalidation } from "./events.ts";

/** What was staged at one place. */
export type Mutation =
  /** A file is to hold `content` in place of `base`. */
  | {
    readonly tag: "write";
    readonly file: string;
    readonly baseVersion: string | undefined;
    readonly base: Uint8Array;
    readonly content: Uint8Array;
  }
  /** A file is to be made; `name` is its path below `parent`, which exists upstream. */
  | { readonly tag: "create"; readonly parent: string; readonly name: string; readonly content: Uint8Array }
  /** A file or a directory is to go. */
  | {
    readonly tag: "remove";
    readonly parent: string;
    readonly name: string;
    readonly node: string;
    readonly baseVersion: string | undefined;
  };

/** One upstream operation. */
export interface Step {
  /** Unique within the plan; what the host performs is unique for ever, see {@linkcode ProviderMutations.perform}. */
  readonly id: string;
  /** What a reviewer reads. */
  readonly summary: string;
  /** The provider's own notes. */
  readonly payload: Uint8Array;
  /** False where nothing can take it back. */
  readonly reversible: boolean;
}

/** What a performed step left. */
export interface Receipt {
  /** What `undo` needs. */
  readonly undo: Uint8Array | undefined;
  /** What the step changed, as far as the upstream's answer tells. */
  readonly changed: readonly Invalidation[];
}

/** Whether a step took place that the host lost sight of. */
export type Outcome =
  | { readonly tag: "performed"; readonly receipt: Receipt }
  | { readonly tag: "not-performed" }
  | { readonly tag: "unknown" };

/** Why one of the changes cannot be applied. */
export interface Refusal {
  /** Which of the changes. */
  readonly change: number;
  /** Why; a `conflict` where the upstream no longer holds its base. */
  readonly error: OmnifsError;
}

/** A plan that was refused, with every reason. */
export class PlanRefused extends OmnifsError {
  /** At least one. */
  readonly refusals: readonly Refusal[];

  /** The plan of the provider `mount` was refused for `refusals`. */
  constructor(mount: string, refusals: readonly Refusal[]) {
    const conflict = refusals.some(({ error }) => error.kind === "conflict");
    const kind = conflict ? "conflict" : refusals[0]?.error.kind ?? "internal";
    super(kind, `${mount} refused ${refusals.length} of the changes`, { op: "plan" });
    this.refusals = refusals;
  }
}

/** The mutations of one mounted provider. Every method rejects with an `OmnifsError`. */
export interface ProviderMutations {
  /** Rejects where a draft may not hold `change`, by the provider's own look alone; nothing is sent. */
  check(change: Mutation, signal?: AbortSignal): Promise<void>;
  /**
   * The steps that `changes` take; nothing is changed.
   *
   * @throws {PlanRefused} where some of them cannot be applied
   */
  plan(changes: readonly Mutation[], signal?: AbortSignal): Promise<readonly Step[]>;
  /** Performs a step; its `id` is to be an idempotency token: the same for the same attempt, never used again. */
  perform(step: Step): Promise<Receipt>;
  /** Takes a performed step back; one that was taken back already is no error. */
  undo(step: Step, undo: Uint8Array): Promise<void>;
  /** Whether a step took place. */
  probe(step: Step): Promise<Outcome>;
}
