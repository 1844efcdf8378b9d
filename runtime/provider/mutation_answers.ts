/**
 * What a provider answers about mutations, checked on the way in, as `answers.ts` does for nodes.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import { checked, Fault, flag, index, list, optional, record, text, variant } from "./checking.ts";
import { invalidations } from "./event_answers.ts";
import { type Outcome, PlanRefused, type Receipt, type Refusal, type Step } from "./mutations.ts";

/** Most steps of one plan, and most changes of one draft. */
export const CHANGES_LIMIT = 1_000;

/** Longest id and longest summary of a step, in bytes of UTF-8. */
const STEP_ID_LIMIT = 256;
const SUMMARY_LIMIT = 1_024;

/**
 * Most bytes of the payloads of a plan, and of what an undo needs; both are kept in the journal. What a step writes is in
 * its payload: four staged files of the largest size.
 */
const NOTES_LIMIT = 16 * 1_048_576;

/** The answer of `plan`: unique ids, and what cannot be taken back comes last. */
export function checkedPlan(mount: string, answer: unknown): readonly Step[] {
  return checked(mount, "plan", () => {
    const steps = list(answer, "the steps", CHANGES_LIMIT).map(step);
    if (new Set(steps.map(({ id }) => id)).size < steps.length) throw new Fault("two steps have the same id");
    const bytes = steps.reduce((sum, { payload }) => sum + payload.length, 0);
    if (bytes > NOTES_LIMIT) throw new Fault(`the steps' payloads are longer than ${NOTES_LIMIT} bytes`);
    const first = steps.findIndex(({ reversible }) => !reversible);
    if (first >= 0 && steps.slice(first).some(({ reversible }) => reversible)) {
      throw new Fault("a step that can be taken back comes after one that cannot");
    }
    return steps;
  });
}

/** The failure of `plan`: every refusal. `reason` reads the error of one. */
export function checkedRefusals(
  mount: string,
  failure: unknown,
  reason: (error: unknown) => OmnifsError,
): PlanRefused {
  const refusals = checked(
    mount,
    "plan",
    () =>
      list(failure, "the refusals", CHANGES_LIMIT).map((item): Refusal => {
        const fields = record(item, "a refusal");
        const change = index(fields.change, "the number of a change", CHANGES_LIMIT - 1);
        return { change, error: reason(fields.error) };
      }),
  );
  if (refusals.length > 0) return new PlanRefused(mount, refusals);
  throw new OmnifsError("internal", `${mount} refused the plan without a reason`, { op: "plan" });
}

/** The answer of `perform`. */
export function checkedReceipt(mount: string, answer: unknown): Receipt {
  return checked(mount, "perform", () => receipt(answer));
}

/** The answer of `probe`. */
export function checkedOutcome(mount: string, answer: unknown): Outcome {
  return checked(mount, "probe", () => {
    const { tag, val } = variant(answer, "the outcome");
    if (tag === "performed") return { tag, receipt: receipt(val) };
    if (tag === "not-performed" || tag === "unknown") return { tag };
    throw new Fault(`the outcome is ${JSON.stringify(tag)}`);
  });
}

function step(answer: unknown): Step {
  const fields = record(answer, "a step");
  return {
    id: text(fields.id, "a step's id", STEP_ID_LIMIT),
    summary: text(fields.summary, "a step's summary", SUMMARY_LIMIT),
    payload: notes(fields.payload, "a step's payload"),
    reversible: flag(fields.reversible, "reversible"),
  };
}

function receipt(answer: unknown): Receipt {
  const fields = record(answer, "a receipt");
  return {
    undo: optional(fields.undo, (undo) => notes(undo, "what an undo needs")),
    changed: invalidations(fields.changed),
  };
}

function notes(answer: unknown, what: string): Uint8Array {
  // What two threads share could change after it was checked.
  if (!(answer instanceof Uint8Array) || !(answer.buffer instanceof ArrayBuffer)) {
    throw new Fault(`${what} is no list of bytes`);
  }
  if (answer.length > NOTES_LIMIT) throw new Fault(`${what} is longer than ${NOTES_LIMIT} bytes`);
  return answer;
}
