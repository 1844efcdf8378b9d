/**
 * What a running omnifs and its command line tell each other about drafts.
 *
 * @module
 */
import type { ErrorKind } from "../base/errors.ts";

/** Which draft is meant: one by its name, or the one of a terminal session. */
export type DraftTarget = { readonly name: string } | { readonly session: number };

/** One change that is staged. */
export interface ChangeDocument {
  /** From the root of the tree, with a leading slash. */
  readonly path: string;
  /** What becomes of it. */
  readonly change: "write" | "create" | "remove";
  /** Bytes that are staged. */
  readonly bytes: number;
}

/** An apply that stopped, or is under way. */
export interface AttemptDocument {
  /** Who asked for it. */
  readonly by: string;
  /** Why it stopped; null where it has not. */
  readonly reason: string | null;
  /** Each step, and what is known of it. */
  readonly steps: readonly { readonly summary: string; readonly standing: string }[];
}

/** One draft. */
export interface DraftDocument {
  /** Its name. */
  readonly name: string;
  /** The provider that it belongs to; null until something is staged. */
  readonly mount: string | null;
  /** `open`, `applying` or `partial`. */
  readonly state: string;
  /** The terminal session that it belongs to; null for a named one. */
  readonly session: number | null;
  /** When it was made, in milliseconds since the Unix epoch. */
  readonly created: number;
  /** When something was last staged. */
  readonly touched: number;
  /** Another one where it may hold anything else; an apply can ask for what was looked at. */
  readonly revision: string;
  /** What is staged, ordered by path. */
  readonly changes: readonly ChangeDocument[];
  /** Files that an editor left, which are no part of it. */
  readonly scratch: readonly string[];
  /** Those of them that an apply tells of: a directory ends in a slash, and stands for all that is in it. */
  readonly leftOut: readonly string[];
  /** The apply that stopped; null where there is none. */
  readonly attempt: AttemptDocument | null;
}

/** One changed file. */
export interface FileDiffDocument {
  /** From the root of the tree, without a leading slash. */
  readonly path: string;
  /** What becomes of it. */
  readonly change: "write" | "create" | "remove";
  /** Unified, as `git apply` reads it. */
  readonly diff: string;
  /** Lines that are added. */
  readonly added: number;
  /** Lines that go. */
  readonly removed: number;
}

/** A step as it is told to people. */
export interface StepDocument {
  /** What it does. */
  readonly summary: string;
  /** False where nothing can take it back. */
  readonly reversible: boolean;
}

/** A step that is performed or taken back next. */
export interface ProgressDocument {
  /** Which of both. */
  readonly what: "perform" | "undo";
  /** What the step does. */
  readonly step: string;
  /** Which step it is, counted from 1, and how many there are. */
  readonly number: number;
  /** See {@linkcode ProgressDocument.number}. */
  readonly of: number;
}

/** What a draft leaves upstream. */
export interface LeftDocument {
  /** The steps that stand. */
  readonly stands: readonly StepDocument[];
  /** The steps of which nobody knows. */
  readonly uncertain: readonly StepDocument[];
}

/** What an apply came to. */
export type ApplyDocument =
  /** These would be the steps, or these stand. */
  | {
    readonly outcome: "planned" | "applied";
    readonly steps: readonly StepDocument[];
    /** What is no part of it, by its name an editor's; a directory ends in a slash. */
    readonly leftOut: readonly string[];
  }
  /** Nothing was sent. */
  | {
    readonly outcome: "conflict" | "refused";
    readonly refusals: readonly {
      readonly path: string;
      readonly kind: ErrorKind;
      readonly message: string;
    }[];
  }
  /** The upstream is as before. */
  | { readonly outcome: "undone"; readonly reason: string; readonly undone: readonly StepDocument[] }
  /** Some steps stand, and of others nobody knows. */
  | { readonly outcome: "partial"; readonly reason: string } & LeftDocument;

/** What a rebase came to for one change. */
export interface RebasedDocument {
  /** From the root of the tree, with a leading slash. */
  readonly path: string;
  /** `same` where the upstream holds what it was staged on; `gone` and `taken` where it was left as it was. */
  readonly result: "same" | "moved-on" | "dropped" | "written-over" | "gone" | "taken";
  /** What takes it out of the draft, where it was left as it was. */
  readonly mend?: string;
}

/** What is done about an apply: the whole of it, only the plan, or what is left of one that stopped. */
export const APPLY_MODES = ["apply", "plan", "resume", "rollback"] as const;

/** One of {@linkcode APPLY_MODES}. */
export type ApplyMode = (typeof APPLY_MODES)[number];

/** Which apply is wanted. */
export interface ApplyAsked {
  /** Of which draft. */
  readonly target: DraftTarget;
  /** How much of it. */
  readonly mode: ApplyMode;
  /** Who asks. */
  readonly by: string;
  /** The revision that was looked at: another one is not applied. Whatever the draft holds where it is missing. */
  readonly revision?: string;
}

/** What the daemon does with drafts. Every method throws or rejects with an `OmnifsError`. */
export interface DraftBackend {
  /** Every draft, by name. */
  all(): readonly DraftDocument[];
  /** Makes one. */
  create(name: string): Promise<DraftDocument>;
  /** One of them; `not-found` where there is none. */
  show(target: DraftTarget): DraftDocument;
  /** Stages `content` at `path`, or the removal of what is there where it is undefined. A session's draft is made. */
  stage(
    target: DraftTarget,
    path: string,
    content: Uint8Array | undefined,
    signal: AbortSignal,
  ): Promise<DraftDocument>;
  /** Takes what is staged at or below `path` out of it. */
  unstage(target: DraftTarget, path: string): Promise<DraftDocument>;
  /** What it would change. */
  diff(target: DraftTarget): readonly FileDiffDocument[];
  /** Applies it; `told` hears of each step. It goes on when the asker goes away. */
  apply(asked: ApplyAsked, told: (step: ProgressDocument) => void): Promise<ApplyDocument>;
  /** Calls off what `by` asked for: the step under way ends, and what stands is taken back. */
  interrupt(target: DraftTarget, by: string): void;
  /** Takes the upstream's state of now as what everything is staged on. */
  rebase(target: DraftTarget, signal: AbortSignal): Promise<readonly RebasedDocument[]>;
  /** Gives it up; `force` also one that is `partial`. Answers what it leaves upstream. */
  discard(target: DraftTarget, force: boolean): Promise<LeftDocument>;
}
