/**
 * What an apply came to, as it is told.
 *
 * @module
 */
import { asOmnifsError, type ErrorKind, OmnifsError } from "../base/errors.ts";
import { PlanRefused, type Step } from "../provider/mod.ts";
import type { Attempt } from "./attempt.ts";
import type { Draft } from "./draft.ts";
import { pathOf } from "./staged.ts";

/** A change that was refused before anything was sent. */
export interface RefusedChange {
  /** The path below the mount. */
  readonly path: string;
  /** The kind of refusal; `conflict` where the upstream no longer holds what the draft was staged on. */
  readonly kind: ErrorKind;
  /** Why. */
  readonly message: string;
}

/** A step as it is told to people. */
export interface ToldStep {
  /** What it does. */
  readonly summary: string;
  /** False where nothing can take it back. */
  readonly reversible: boolean;
}

/** What a draft that nobody works on any more leaves upstream. */
export interface Left {
  /** The steps that stand. */
  readonly stands: readonly ToldStep[];
  /** The steps of which nobody knows. */
  readonly uncertain: readonly ToldStep[];
}

/** What an apply came to. */
export type ApplyOutcome =
  /** Nothing was done: these would be the steps. */
  | { readonly outcome: "planned"; readonly steps: readonly ToldStep[] }
  /** Every step stands. */
  | { readonly outcome: "applied"; readonly steps: readonly ToldStep[] }
  /** Nothing was sent, for these reasons. */
  | { readonly outcome: "conflict" | "refused"; readonly refusals: readonly RefusedChange[] }
  /** A step failed, and those before it were taken back: the upstream is as before. */
  | { readonly outcome: "undone"; readonly reason: string; readonly undone: readonly ToldStep[] }
  /** Some steps stand, and of others nobody knows. */
  | { readonly outcome: "partial"; readonly reason: string } & Left;

/** What is known of a draft that is `partial`. */
export function partial(draft: Draft): ApplyOutcome & { readonly outcome: "partial" } {
  const { reason = "the process that applied it ended" } = attemptOf(draft);
  return { outcome: "partial", reason, ...leftOf(draft) };
}

/** What `draft` leaves upstream where it is given up as it is; nothing where no apply of it has stopped. */
export function leftOf({ attempt }: Draft): Left {
  const steps = (numbers: readonly number[] = []) =>
    numbers.flatMap((number) => attempt?.steps[number] ?? []).map(told);
  return { stands: steps(attempt?.stands), uncertain: steps(attempt?.open) };
}

/** What a plan that failed with `thrown` comes to: every reason, by the change that it is about. */
export function refused(draft: Draft, thrown: unknown): ApplyOutcome {
  const changes = draft.changes;
  const refusals = thrown instanceof PlanRefused
    ? thrown.refusals
    : changes.map((_, change) => ({ change, error: asOmnifsError(thrown, "plan") }));
  const all = refusals.map(({ change, error }) => {
    const staged = changes[change]?.staged;
    const path = staged === undefined ? "" : pathOf(staged);
    return { path, kind: error.kind, message: error.message };
  });
  const conflict = all.some(({ kind }) => kind === "conflict");
  return { outcome: conflict ? "conflict" : "refused", refusals: all };
}

/** The apply of `draft`, which somebody works on or has worked on. */
export function attemptOf(draft: Draft): Attempt {
  if (draft.attempt !== undefined) return draft.attempt;
  throw new OmnifsError("internal", `${draft.name} is not being applied`, { op: "apply" });
}

/** `step` as people are told of it. */
export function told({ summary, reversible }: Step): ToldStep {
  return { summary, reversible };
}
