/**
 * The apply of a draft as one transaction: every step is in the journal before its request goes out and after its
 * answer came, so that whoever comes after a crash knows what to ask.
 *
 * @module
 */
import { type Clock, sleep } from "../base/clock.ts";
import { asOmnifsError, type ErrorKind, messageOf } from "../base/errors.ts";
import {
  type Invalidation,
  type Outcome,
  type ProviderMutations,
  type Receipt,
  type Step,
} from "../provider/mod.ts";
import { type Attempt, stepRecord } from "./attempt.ts";
import type { Draft } from "./draft.ts";
import { type ApplyOutcome, attemptOf, partial, refused, told, type ToldStep } from "./outcome.ts";
import { encoded } from "./records.ts";

/** A step that is performed or taken back next. */
export interface NextStep {
  /** Which of both. */
  readonly what: "perform" | "undo";
  /** What the step does. */
  readonly step: string;
  /** Which step of the plan it is, counted from 1. */
  readonly number: number;
  /** How many steps the plan has. */
  readonly of: number;
}

/** What an apply stands on. */
export interface TransactionParts {
  /** The provider that the draft belongs to. */
  readonly mutations: ProviderMutations;
  /** The time. */
  readonly clock: Clock;
  /** A name that is unique for ever. */
  readonly unique: () => string;
  /** Takes down which step is performed or taken back next; where it rejects, the step is not sent. */
  readonly next: (step: NextStep) => Promise<void>;
  /** Aborted where no further step is to be begun, and what stands is to be taken back. */
  readonly signal: AbortSignal;
  /** The revision of the draft that somebody looked at; whatever it holds, where nobody did. */
  readonly revision?: string;
  /** Takes what changed upstream: first the cache, then the kernel. */
  readonly changed: (invalidations: readonly Invalidation[]) => void;
}

/** Failures after which it is certain that the upstream did nothing. */
const CERTAIN: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  ...["invalid", "unauthorized", "denied", "conflict", "not-found", "rate-limited"] as const,
  ...["too-large", "unsupported", "busy"] as const,
]);

/** Why an apply cannot go on by itself. */
const UNCERTAIN = "the upstream does not tell what became of a step";

/** Why an apply that was called off is taken back. */
const INTERRUPTED = "it was interrupted";

/** How often, and after how many milliseconds each time, a step is asked about that nobody knows of. */
const PROBES = [0, 500, 2_000];

/** The steps that `draft` would take; nothing is done. */
export async function planDraft(draft: Draft, mutations: ProviderMutations): Promise<ApplyOutcome> {
  const changes = draft.changes;
  try {
    const steps = await mutations.plan(changes.map(({ mutation }) => mutation));
    return { outcome: "planned", steps: steps.map(told) };
  } catch (error) {
    return refused(draft, error);
  }
}

/**
 * Applies an open draft.
 *
 * @throws {OmnifsError} `unavailable` where the journal takes nothing: the draft is then as the journal says
 */
export async function applyDraft(draft: Draft, by: string, parts: TransactionParts): Promise<ApplyOutcome> {
  await draft.begin({ type: "applying", attempt: parts.unique(), by }, parts.revision);
  let steps: readonly Step[];
  try {
    steps = await parts.mutations.plan(draft.changes.map(({ mutation }) => mutation));
  } catch (error) {
    const outcome = refused(draft, error);
    await draft.record({ type: "reopened", reason: messageOf(error) });
    return outcome;
  }
  await draft.record({ type: "planned", steps: steps.map(stepRecord) });
  return await proceed(draft, parts);
}

/** Goes on with an apply that stopped: the steps that do not stand are performed. */
export async function resumeDraft(draft: Draft, by: string, parts: TransactionParts): Promise<ApplyOutcome> {
  await draft.begin({ type: "resumed", by });
  const { open, undoing } = attemptOf(draft);
  if (!await settleAll(draft, [...open, ...undoing], parts)) return await stop(draft, UNCERTAIN);
  if (attemptOf(draft).steps.length === 0) return await reopen(draft, "it stopped before it was planned", []);
  return await proceed(draft, parts);
}

/** Takes back the steps that stand of an apply that stopped. */
export async function rollBackDraft(
  draft: Draft,
  by: string,
  parts: TransactionParts,
): Promise<ApplyOutcome> {
  await draft.begin({ type: "resumed", by });
  if (!await settleAll(draft, attemptOf(draft).open, parts)) return await stop(draft, UNCERTAIN);
  return await rollBack(draft, parts, "it was rolled back");
}

/**
 * Settles a draft whose apply was cut off by the end of its process: it is applied where every step stands, and
 * otherwise rolled back.
 */
export async function recoverDraft(draft: Draft, by: string, parts: TransactionParts): Promise<ApplyOutcome> {
  await draft.begin({ type: "resumed", by });
  const attempt = attemptOf(draft);
  if (!await settleAll(draft, attempt.open, parts)) return await stop(draft, UNCERTAIN);
  if (attempt.steps.length > 0 && attempt.complete && attempt.undoing.length === 0) {
    return await finish(draft);
  }
  return await rollBack(draft, parts, "the process that applied it ended");
}

async function proceed(draft: Draft, parts: TransactionParts): Promise<ApplyOutcome> {
  const attempt = attemptOf(draft);
  for (const step of attempt.steps.keys()) {
    if (attempt.standing[step]?.tag === "stands") continue;
    if (parts.signal.aborted) return await rollBack(draft, parts, INTERRUPTED);
    const failure = await performStep(draft, step, parts);
    if (failure === undefined) continue;
    if (attempt.standing[step]?.tag === "uncertain") return await stop(draft, failure);
    return await rollBack(draft, parts, failure);
  }
  return await finish(draft);
}

/** Performs one step; answers why it does not stand, or may not. */
async function performStep(draft: Draft, step: number, parts: TransactionParts): Promise<string | undefined> {
  const { summary } = attemptOf(draft).tokened(step);
  try {
    await parts.next(nextStep(attemptOf(draft), "perform", step));
  } catch (error) {
    const reason = `${summary}: ${messageOf(error)}`;
    await draft.record({ type: "failed", step, reason });
    return reason;
  }
  await draft.record({ type: "began", step });
  const planned = attemptOf(draft).tokened(step);
  let receipt: Receipt;
  try {
    receipt = await parts.mutations.perform(planned);
  } catch (thrown) {
    const error = asOmnifsError(thrown, "perform");
    const reason = `${planned.summary}: ${error.message}`;
    if (!CERTAIN.has(error.kind)) return await settle(draft, step, reason, parts) ? undefined : reason;
    await draft.record({ type: "failed", step, reason });
    return reason;
  }
  await performed(draft, step, receipt, parts);
  return undefined;
}

async function performed(
  draft: Draft,
  step: number,
  { undo, changed }: Receipt,
  parts: TransactionParts,
): Promise<void> {
  // The upstream has changed, whatever becomes of the journal.
  parts.changed(changed);
  await draft.record({
    type: "performed",
    step,
    reverts: reverted(changed),
    ...(undo === undefined ? {} : { undo: encoded(undo) }),
  });
}

/** Finds out what became of a step; true where it stands. */
async function settle(
  draft: Draft,
  step: number,
  reason: string,
  parts: TransactionParts,
): Promise<boolean> {
  const outcome = await probed(attemptOf(draft).tokened(step), parts);
  if (outcome.tag === "performed") {
    await performed(draft, step, outcome.receipt, parts);
    return true;
  }
  const type = outcome.tag === "unknown" ? "uncertain" : "failed";
  await draft.record({ type, step, reason });
  return false;
}

async function probed(step: Step, { mutations, clock }: TransactionParts): Promise<Outcome> {
  for (const pause of PROBES) {
    if (pause > 0) await sleep(clock, pause);
    const outcome = await mutations.probe(step).catch((): Outcome => ({ tag: "unknown" }));
    if (outcome.tag !== "unknown") return outcome;
  }
  return { tag: "unknown" };
}

/** Finds out what became of `steps`; false where that of one stays unknown. */
async function settleAll(draft: Draft, steps: readonly number[], parts: TransactionParts): Promise<boolean> {
  for (const step of steps) await settle(draft, step, "what became of it was lost", parts);
  return attemptOf(draft).open.length === 0;
}

/** Takes back what stands, the latest first. One that cannot be taken back leaves the draft `partial`. */
async function rollBack(draft: Draft, parts: TransactionParts, reason: string): Promise<ApplyOutcome> {
  const attempt = attemptOf(draft);
  const undone: ToldStep[] = [];
  const stuck: string[] = [];
  try {
    for (const number of attempt.stands.reverse()) {
      const step = attempt.steps[number];
      if (step === undefined) continue;
      const failure = await undoStep(draft, number, parts);
      if (failure === undefined) undone.push(told(step));
      else stuck.push(`${step.summary} could not be taken back: ${failure}`);
    }
  } finally {
    // Also where the journal takes nothing any more: what was taken back until then is not shown as it was applied.
    parts.changed(attempt.reverts);
  }
  if (stuck.length > 0) return await stop(draft, [reason, ...stuck].join("; "));
  return await reopen(draft, reason, undone);
}

/** Takes one step back; answers why it stands still. */
async function undoStep(draft: Draft, number: number, parts: TransactionParts): Promise<string | undefined> {
  const attempt = attemptOf(draft);
  const undo = attempt.undoOf(number);
  if (undo === undefined || attempt.steps[number]?.reversible !== true) {
    const reason = "nothing can take it back";
    await draft.record({ type: "undo-failed", step: number, reason });
    return reason;
  }
  await draft.record({ type: "undoing", step: number });
  const step = attempt.tokened(number);
  try {
    await parts.next(nextStep(attempt, "undo", number));
    await parts.mutations.undo(step, undo);
  } catch (error) {
    const reason = messageOf(error);
    await draft.record({ type: "undo-failed", step: number, reason });
    return reason;
  }
  await draft.record({ type: "undone", step: number });
  return undefined;
}

async function finish(draft: Draft): Promise<ApplyOutcome> {
  const steps = attemptOf(draft).steps.map(told);
  await draft.record({ type: "applied" });
  return { outcome: "applied", steps };
}

async function reopen(draft: Draft, reason: string, undone: readonly ToldStep[]): Promise<ApplyOutcome> {
  await draft.record({ type: "reopened", reason });
  return { outcome: "undone", reason, undone };
}

async function stop(draft: Draft, reason: string): Promise<ApplyOutcome> {
  await draft.record({ type: "stopped", reason });
  return partial(draft);
}

/** What holds no longer after everything in `changed` was taken back. */
function reverted(changed: readonly Invalidation[]): Invalidation[] {
  return changed.flatMap((each): Invalidation[] => {
    if (each.tag === "placed") {
      return [{ tag: "node", id: each.entry.node.id }, { tag: "children", id: each.parent }];
    }
    return each.tag === "removed" ? [{ tag: "children", id: each.parent }] : [each];
  });
}

function nextStep({ steps }: Attempt, what: NextStep["what"], index: number): NextStep {
  return { what, step: steps[index]?.summary ?? "", number: index + 1, of: steps.length };
}
